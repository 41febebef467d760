namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Claims
open VerifyEnergy.Kernel
open NaiveNumber
open NaiveArray

/// The source tree read as a schoolbook would, at one point.
module internal NaiveReading =
    [<RequireQualifiedAccess>]
    type Bound =
        /// A value, with the domain it was declared in ("" for indices and parameters).
        | Given of Value * Domain: string
        /// A random object: its domain, read where it was declared.
        | Chance of SurfaceDomain
        | Abbreviation of Definition * Map<string, Bound>

    type Names = Map<string, Bound>

    /// Letters of chance in use, each with its moments.
    type private Draws() =
        let moments = Dictionary<int, int -> Rational>()

        member _.Fresh(moment: int -> Rational) : Real =
            let id = moments.Count
            moments[id] <- moment
            letter id

        /// E[x]: independent letters, so products of their moments.
        member _.Expect(x: Real) : Real =
            (nothing, terms x)
            ||> Map.fold (fun sum key coefficient ->
                let chance, rest = key |> List.partition (fun id -> id >= 0)

                let weight =
                    (Rational.One, List.countBy id chance) ||> List.fold (fun product (letter, power) -> product * moments[letter] power)

                add sum (multiply (rational weight) (ofTerms (Map.ofList [ rest, coefficient ]))))

    /// Moments of a normal letter with this variance: (m−1)!!·variance^(m/2), 0 for odd m.
    let private normalMoment (variance: Rational) power =
        if power % 2 = 1 then
            Rational.Zero
        else
            (Rational.One, [ 1 .. power / 2 ]) ||> List.fold (fun product i -> product * Rational.OfInt(2 * i - 1) * variance)

    let private enumerationCap = 1 <<< 14

    let rec private definition names name =
        match Map.tryFind name names with
        | Some(Bound.Abbreviation(definition, inside)) -> Some(definition, inside)
        | _ -> None

    let rec eval (names: Names) (term: Term) : Value =
        match term.Node with
        | Node.Number r -> ofReal (rational r)
        | Node.Name name -> byName names name
        | Node.Call(callee, arguments) -> call names callee arguments
        | Node.Negate x -> map minus (eval names x)
        | Node.Binary(operator, x, y) -> binary operator (eval names x) (eval names y)
        | Node.Adjoint x -> adjoint (eval names x)
        | Node.Index({ Node = Node.Name statistic }, arguments) when not (Map.containsKey statistic names) ->
            chance
                names
                statistic
                [ for a in arguments do
                      match a with
                      | SurfaceSubscript.At t -> t
                      | _ -> raise (Beyond "a slice of chance") ]
        | Node.Index(array, subscripts) -> select names (eval names array) subscripts
        | Node.Literal rows -> literal (rows |> List.map (List.map (eval names)))
        | Node.Comprehension(body, binders) -> table names body binders
        | Node.Fold(fold, binders, body) ->
            let terms = [ for inner in assignments names binders -> eval inner body ]

            match fold, terms with
            | Fold.Sum, [] -> ofReal (integer 0)
            | Fold.Product, [] -> ofReal (integer 1)
            | Fold.Sum, terms -> List.reduce (zip plus) terms
            | Fold.Product, terms -> List.reduce product terms
        | Node.If(condition, yes, no) ->
            match truth names condition with
            | Some true -> eval names yes
            | Some false -> eval names no
            | None -> raise (Beyond "a condition that is not decided")
        | Node.Data _ -> raise (Beyond "data")
        | Node.Compare _
        | Node.Approximately _
        | Node.Connect _
        | Node.Not _
        | Node.Quantify _ -> raise (Beyond "a proposition where a value is meant")

    and private byName names name =
        match Map.tryFind name names with
        | Some(Bound.Given(value, _)) -> value
        | Some(Bound.Abbreviation(definition, inside)) -> eval inside definition.Body
        | Some(Bound.Chance _) -> raise (Beyond "chance outside an expectation")
        | None ->
            match name with
            | "i" -> scalar { Re = nothing; Im = integer 1 }
            | "pi" -> ofReal (pi ())
            | _ -> raise (Beyond $"the name {name}")

    and private binary operator x y =
        match operator with
        | "+" -> zip plus x y
        | "-" -> zip (fun a b -> plus a (minus b)) x y
        | "*" -> product x y
        | "/" ->
            let divisor = single y
            map (fun a -> over a divisor) x
        | ".*" -> zip times x y
        | "^" -> power x y
        | _ -> raise (Beyond $"the operator {operator}")

    and private power x y =
        let exponent =
            match constant (number y) with
            | Scalar.Exact r -> r
            | Scalar.Near _ -> raise (Beyond "an irrational exponent")

        match exponent.TryInt, x with
        | ValueSome n, Value.Grid(Form.Matrix, g) ->
            let b = if n < 0 then inverse x else x
            List.replicate (System.Math.Abs n) b |> List.fold product (identity (Array2D.length1 g))
        | ValueSome n, _ ->
            let p = List.replicate (System.Math.Abs n) (single x) |> List.fold times one
            scalar (if n < 0 then over one p else p)
        | ValueNone, _ ->
            let b = number x

            if exponent = Rational.Create(1I, 2I) then
                ofReal (sqrt b)
            else
                match sign b with
                | ValueSome 0 when exponent.Sign > 0 -> ofReal nothing
                | _ -> ofReal (exp (multiply (rational exponent) (log b)))

    and private select names array subscripts =
        let extent =
            match array with
            | Value.Grid(_, g) -> [ Array2D.length1 g; Array2D.length2 g ]
            | Value.Mapping _ -> raise (Beyond "an index of a map")

        let indices bound subscript =
            let within n = if n < 1 || n > bound then raise (NoValue $"index {n} outside 1..{bound}") else n - 1

            match subscript with
            | SurfaceSubscript.Whole -> [ 0 .. bound - 1 ], false
            | SurfaceSubscript.At t -> [ within (whole (eval names t)) ], true
            | SurfaceSubscript.Slice(a, b) -> [ within (whole (eval names a)) .. within (whole (eval names b)) ], false

        match array, subscripts with
        | Value.Grid(form, g), [ s ] ->
            let along, isRow = (if form = Form.Row then extent[1], true else extent[0], false)
            let chosen, one = indices along s
            let item i = if isRow then g[0, i] else g[i, 0]

            if one then scalar (item chosen[0])
            elif isRow then shaped Form.Row 1 chosen.Length (fun _ j -> item chosen[j])
            else column (List.map item chosen)
        | Value.Grid(_, g), [ r; c ] ->
            let (rows, oneRow), (columns, oneColumn) = indices extent[0] r, indices extent[1] c

            match oneRow, oneColumn with
            | true, true -> scalar g[rows[0], columns[0]]
            | true, false -> column [ for j in columns -> g[rows[0], j] ]
            | false, true -> column [ for i in rows -> g[i, columns[0]] ]
            | false, false -> shaped Form.Matrix rows.Length columns.Length (fun i j -> g[rows[i], columns[j]])
        | _ -> raise (Beyond "these indices")

    and private literal rows =
        let height value = Array2D.length1 (grid value)
        let width value = Array2D.length2 (grid value)

        let line blocks i =
            [ for b in blocks do
                  for j in 0 .. width b - 1 -> (grid b)[i, j] ]

        let lines =
            [ for blocks in rows do
                  for i in 0 .. height (List.head blocks) - 1 -> line blocks i ]

        let isForm form value =
            match value with
            | Value.Grid(f, _) -> f = form || f = Form.Scalar
            | Value.Mapping _ -> false

        let all = List.concat rows
        let columns = lines.Head.Length

        let form =
            if rows |> List.forall (fun r -> r.Length = 1) && List.forall (isForm Form.Column) all then
                Form.Column
            elif rows.Length = 1 && columns > 1 && List.forall (isForm Form.Row) all then
                Form.Row
            else
                Form.Matrix

        shaped form lines.Length columns (fun i j -> lines[i].[j])

    and private table names body binders =
        match binders with
        | [ one ] -> column [ for inner in assignments names [ one ] -> single (eval inner body) ]
        | [ outer; inner ] ->
            let lines = [ for o in assignments names [ outer ] -> [ for i in assignments o [ inner ] -> single (eval i body) ] ]
            shaped Form.Matrix lines.Length lines.Head.Length (fun i j -> lines[i].[j])
        | _ -> raise (Beyond "this comprehension")

    /// The names with the binders in all their finite values.
    and private assignments (names: Names) (binders: SurfaceBinder list) : Names list =
        match binders with
        | [] -> [ names ]
        | binder :: rest ->
            let values =
                match binder.Range with
                | SurfaceRange.Between(low, high) -> [ for n in whole (eval names low) .. whole (eval names high) -> ofReal (integer n) ]
                | SurfaceRange.Among terms -> List.map (eval names) terms
                | SurfaceRange.Fibre(_, f, y) ->
                    match eval names f with
                    | Value.Mapping(images, _) ->
                        let target = whole (eval names y)

                        [ for x in 1 .. images.Length do
                              if images[x - 1] = target then
                                  ofReal (integer x) ]
                    | Value.Grid _ -> raise (Beyond "fibre of an array")
                | SurfaceRange.Within domain -> finite names domain

            [ for value in values do
                  yield! assignments (Map.add binder.Name (Bound.Given(value, "")) names) rest ]

    and private finite names (domain: SurfaceDomain) : Value list =
        let choices =
            match domain.Name, domain.Bounds with
            | ("bit" | "bits"), _ -> [ 0; 1 ]
            | ("spin" | "spins"), _ -> [ -1; 1 ]
            | "int", Some(low, high) -> [ whole (eval names low) .. whole (eval names high) ]
            | "map", _ -> []
            | other, _ -> raise (Beyond $"all of {other}")

        let sizes = domain.Sizes |> List.map (fun t -> whole (eval names t))

        let rec tuples length (choices: int list) =
            if length = 0 then
                [ [] ]
            else
                [ for first in choices do
                      for rest in tuples (length - 1) choices -> first :: rest ]

        let guarded length count =
            if float count ** float length > float enumerationCap then
                raise (Beyond "a large enumeration")

        match domain.Name, sizes with
        | "map", [ n; m ] ->
            guarded n m
            [ for images in tuples n [ 1..m ] -> Value.Mapping(List.toArray images, m) ]
        | _, [] -> [ for c in choices -> ofReal (integer c) ]
        | _, [ n ] ->
            guarded n choices.Length
            [ for t in tuples n choices -> column (t |> List.map (fun c -> real (integer c))) ]
        | _, [ n; m ] ->
            guarded (n * m) choices.Length
            [ for t in tuples (n * m) choices -> shaped Form.Matrix n m (fun i j -> real (integer t[i * m + j])) ]
        | _ -> raise (Beyond "this domain")

    and private call names callee arguments : Value =
        match Map.tryFind callee names, arguments with
        | Some(Bound.Abbreviation(definition, inside)), _ ->
            let bound =
                (inside, List.zip definition.Parameters arguments)
                ||> List.fold (fun bound (parameter, argument) -> Map.add parameter (Bound.Given(eval names argument, "")) bound)

            eval bound definition.Body
        | Some(Bound.Given(Value.Mapping(images, _), _)), [ x ] -> ofReal (integer images[whole (eval names x) - 1])
        | Some _, _ -> raise (Beyond $"{callee} applied")
        | None, [ body; { Node = Node.Name variable } ] when callee = "grad" || callee = "hessian" || callee = "jacobian" ->
            derivative names callee body variable
        | None, _ -> apply callee (arguments |> List.map (eval names))

    and private apply callee (values: Value list) : Value =
        let fromReal f x = ofReal (f (number x))
        let half = rational (Rational.Create(1I, 2I))
        let cosh x = multiply half (add (exp x) (exp (negate x)))
        let sinh x = multiply half (subtract (exp x) (exp (negate x)))
        let total = List.fold plus zero
        let reals value = entries value |> List.map (scalar >> number)
        let vectorOrScalars values = values |> List.collect reals

        // 0·log 0 = 0.
        let timesLog (p: Real) argument = if isZero p then p else multiply p (log (argument ()))

        match callee, values with
        | "tr", [ x ] -> let g = grid x in scalar (total [ for i in 0 .. Array2D.length1 g - 1 -> g[i, i] ])
        | "det", [ x ] -> scalar (determinant (grid x))
        | "rank", [ x ] -> ofReal (integer (rank x))
        | "inv", [ Value.Grid(Form.Scalar, g) ] -> scalar (over one g[0, 0])
        | "inv", [ x ] -> inverse x
        | "adj", [ x ] -> adjugate x
        | "diag", [ Value.Grid(Form.Matrix, g) ] -> column [ for i in 0 .. min (Array2D.length1 g) (Array2D.length2 g) - 1 -> g[i, i] ]
        | "diag", [ x ] ->
            let items = List.toArray (entries x)
            shaped Form.Matrix items.Length items.Length (fun i j -> if i = j then items[i] else zero)
        | "I", [ n ] -> identity (whole n)
        | "ones", [ n ] -> column (List.replicate (whole n) one)
        | "zeros", [ n ] -> column (List.replicate (whole n) zero)
        | "ones", [ n; m ] -> shaped Form.Matrix (whole n) (whole m) (fun _ _ -> one)
        | "zeros", [ n; m ] -> shaped Form.Matrix (whole n) (whole m) (fun _ _ -> zero)
        | "e", [ i; n ] -> column [ for j in 1 .. whole n -> if j = whole i then one else zero ]
        | "kron", [ x; y ] ->
            let a, b = grid x, grid y
            let r, c = Array2D.length1 b, Array2D.length2 b

            shaped Form.Matrix (Array2D.length1 a * r) (Array2D.length2 a * c) (fun i j -> times a[i / r, j / c] b[i % r, j % c])
        | "frob2", [ x ] -> ofReal (entries x |> List.map modulus |> List.fold add nothing)
        | "norm2", [ x ] -> ofReal (sqrt (entries x |> List.map modulus |> List.fold add nothing))
        | "dot", [ x; y ] -> scalar (total (List.map2 (fun a b -> times (conjugate a) b) (entries x) (entries y)))
        | "exp", [ x ] ->
            let z = single x

            if isZero z.Im then
                ofReal (exp z.Re)
            else
                scalar { Re = multiply (exp z.Re) (cos z.Im); Im = multiply (exp z.Re) (sin z.Im) }
        | "log", [ x ] -> fromReal log x
        | "sqrt", [ x ] -> fromReal sqrt x
        | "abs", [ x ] -> let z = single x in ofReal (if isZero z.Im then abs z.Re else sqrt (modulus z))
        | "sinh", [ x ] -> fromReal sinh x
        | "cosh", [ x ] -> fromReal cosh x
        | "tanh", [ x ] -> fromReal (fun x -> multiply (sinh x) (reciprocal (cosh x))) x
        | "sin", [ x ] -> fromReal sin x
        | "cos", [ x ] -> fromReal cos x
        | "pi", [] -> ofReal (pi ())
        | "softplus", [ x ] -> fromReal (fun x -> log (add (integer 1) (exp x))) x
        | "sigmoid", [ x ] -> fromReal (fun x -> reciprocal (add (integer 1) (exp (negate x)))) x
        | "relu", [ x ] -> fromReal (larger (integer 0)) x
        | "logsumexp", xs -> ofReal (log (vectorOrScalars xs |> List.map exp |> List.reduce add))
        | "max", xs -> ofReal (vectorOrScalars xs |> List.reduce larger)
        | "min", xs -> ofReal (vectorOrScalars xs |> List.map negate |> List.reduce larger |> negate)
        | "mod", [ x; y ] ->
            let a, b = exactly (number x), exactly (number y)

            if b.IsZero then
                raise (NoValue "mod by zero")

            ofReal (rational (a - b * Rational.OfBigInteger (a / b).Floor))
        | "re", [ x ] -> map (fun z -> real z.Re) x
        | "im", [ x ] -> map (fun z -> real z.Im) x
        | "conj", [ x ] -> map conjugate x
        | "entropy", [ p ] -> ofReal (reals p |> List.map (fun q -> timesLog q (fun () -> q)) |> List.fold add nothing |> negate)
        | "kl", [ p; q ] ->
            let term a b = timesLog a (fun () -> multiply a (reciprocal b))
            ofReal (List.map2 term (reals p) (reals q) |> List.fold add nothing)
        | "pushforward", [ Value.Mapping(images, into); mu ] ->
            let masses = List.zip (List.ofArray images) (entries mu)

            column
                [ for y in 1..into ->
                      total
                          [ for image, mass in masses do
                                if image = y then
                                    mass ] ]
        | "marginal", [ p; side ] ->
            let g = grid p
            let rows, columns = Array2D.length1 g, Array2D.length2 g

            if whole side = 1 then
                column [ for i in 0 .. rows - 1 -> total [ for j in 0 .. columns - 1 -> g[i, j] ] ]
            else
                column [ for j in 0 .. columns - 1 -> total [ for i in 0 .. rows - 1 -> g[i, j] ] ]
        | _ -> raise (Beyond $"the function {callee}")

    /// First and second derivatives by infinitesimal letters, one for each coordinate of the object.
    and private derivative names kind body variable : Value =
        match Map.tryFind variable names with
        | Some(Bound.Given(Value.Grid(form, g), domain)) ->
            let rows, columns = Array2D.length1 g, Array2D.length2 g

            let coordinates =
                match domain with
                | "sym"
                | "psd"
                | "spd" ->
                    [ for i in 0 .. rows - 1 do
                          for j in i .. columns - 1 -> i, j ]
                | "diag" -> [ for i in 0 .. rows - 1 -> i, i ]
                | _ ->
                    [ for i in 0 .. rows - 1 do
                          for j in 0 .. columns - 1 -> i, j ]

            let isSymmetric = List.contains domain [ "sym"; "psd"; "spd" ]

            let epsilon i j =
                let at = if isSymmetric then (min i j, max i j) else (i, j)

                match List.tryFindIndex ((=) at) coordinates with
                | Some index -> letter (-1 - index)
                | None -> nothing

            if g |> Seq.cast<Complex> |> Seq.exists (fun z -> moves z.Re) then
                raise (Beyond "a derivative inside a derivative")

            let moved = Array2D.mapi (fun i j (z: Complex) -> { z with Re = add z.Re (epsilon i j) }) g
            let inside = Map.add variable (Bound.Given(Value.Grid(form, moved), domain)) names

            // Definitions see the moved object too.
            let rec moveInto depth names =
                names
                |> Map.map (fun _ bound ->
                    match bound with
                    | Bound.Abbreviation(definition, scope) when depth > 0 && Map.containsKey variable scope ->
                        Bound.Abbreviation(definition, moveInto (depth - 1) (Map.add variable (Map.find variable inside) scope))
                    | Bound.Abbreviation _
                    | Bound.Given _
                    | Bound.Chance _ -> bound)

            let value = eval (moveInto 8 inside) body

            let coefficient key (x: Real) : Real =
                match Map.tryFind key (terms x) with
                | Some c -> plain c
                | None -> nothing

            let count = coordinates.Length
            let first k (z: Complex) = { Re = coefficient [ -1 - k ] z.Re; Im = coefficient [ -1 - k ] z.Im }

            let second k l (z: Complex) =
                let key = List.sort [ -1 - k; -1 - l ]
                let factor = integer (if k = l then 2 else 1)
                real (multiply factor (coefficient key z.Re))

            match kind, form with
            | "grad", Form.Scalar -> scalar (first 0 (single value))
            | "grad", _ when count = rows * columns -> shaped form rows columns (fun i j -> first (i * columns + j) (single value))
            | "grad", _ -> column [ for k in 0 .. count - 1 -> first k (single value) ]
            | "hessian", Form.Scalar -> scalar (second 0 0 (single value))
            | "hessian", _ -> shaped Form.Matrix count count (fun k l -> second k l (single value))
            | _, Form.Scalar when (grid value).Length = 1 -> scalar (first 0 (single value))
            | _ ->
                let outputs = entries value
                shaped Form.Matrix outputs.Length count (fun i k -> first k outputs[i])
        | _ -> raise (Beyond "a derivative in something that has no value")

    // Expectations

    and private chance names statistic arguments : Value =
        let expect (terms: Term list) (combine: Value list -> Value) : Value =
            let draws = Draws()
            let expectation = map (fun (z: Complex) -> { Re = draws.Expect z.Re; Im = draws.Expect z.Im })
            let mutable total = None

            for weight, drawn in drawAll draws names do
                let part = map (times (real weight)) (expectation (combine (terms |> List.map (eval drawn))))

                total <-
                    match total with
                    | None -> Some part
                    | Some sum -> Some(zip plus sum part)

            total.Value

        let mean term = expect [ term ] List.head

        let covariance x y =
            let second = expect [ x; y ] (fun values -> product values[0] (adjoint values[1]))

            zip (fun a b -> plus a (minus b)) second (product (mean x) (adjoint (mean y)))

        match statistic, arguments with
        | "E", [ x ] -> mean x
        | "Var", [ x ] -> covariance x x
        | "Cov", [ x; y ] -> covariance x y
        | _ -> raise (Beyond $"{statistic}[…]")

    /// Random names replaced by letters, and by every value where the law is finite.
    and private drawAll draws (names: Names) : (Real * Names) list =
        let random =
            names
            |> Map.toList
            |> List.choose (fun (name, b) ->
                match b with
                | Bound.Chance d -> Some(name, d)
                | _ -> None)

        let normals count variance = List.init count (fun _ -> draws.Fresh(normalMoment variance))

        /// Columns N(0, Σ) from Σ = L·diag(d)·Lᵀ.
        let gaussianColumn (sigma: Value) =
            let exact = grid sigma |> Array2D.map (fun z -> exactly z.Re)

            match Matrix.tryLdl exact with
            | Some(l, d) ->
                let z = d |> Array.map (fun v -> draws.Fresh(normalMoment v))

                [ for i in 0 .. d.Length - 1 -> [ for k in 0..i -> multiply (rational l[i, k]) z[k] ] |> List.fold add nothing |> real ]
            | None -> raise (NoValue "a covariance that is not positive semidefinite")

        ([ integer 1, names ], random)
        ||> List.fold (fun all (name, domain) ->
            [ for weight, names in all do
                  let value term = eval names term
                  let put v = [ weight, Map.add name (Bound.Given(v, "")) names ]

                  yield!
                      match domain.Name, domain.Sizes, domain.Arguments with
                      | "normal", sizes, _ ->
                          match sizes |> List.map (fun t -> whole (value t)) with
                          | [] -> put (ofReal (normals 1 Rational.One).Head)
                          | [ n ] -> put (column (normals n Rational.One |> List.map real))
                          | n :: m :: _ ->
                              let z = List.toArray (normals (n * m) Rational.One)
                              put (shaped Form.Matrix n m (fun i j -> real z[i * m + j]))
                      | "gaussian", _, [ mean; covariance ] -> put (zip plus (value mean) (column (gaussianColumn (value covariance))))
                      | "wishart", _, [ degrees; scale ] ->
                          let sigma = value scale

                          List.init (whole (value degrees)) (fun _ -> column (gaussianColumn sigma))
                          |> List.map (fun x -> product x (adjoint x))
                          |> List.reduce (zip plus)
                          |> put
                      | "chi2", _, [ degrees ] ->
                          normals (whole (value degrees)) Rational.One
                          |> List.map (fun z -> multiply z z)
                          |> List.reduce add
                          |> ofReal
                          |> put
                      | "uniform", _, [ low; high ] ->
                          let unit = draws.Fresh(fun power -> Rational.Create(1I, System.Numerics.BigInteger(power + 1)))
                          let a, b = number (value low), number (value high)
                          put (ofReal (add a (multiply (subtract b a) unit)))
                      | "law", _, [ p ] ->
                          [ for i, mass in List.indexed (entries (value p)) ->
                                multiply weight mass.Re, Map.add name (Bound.Given(ofReal (integer (i + 1)), "")) names ]
                      | other, _, _ -> raise (Beyond $"the law {other}") ])

    // Propositions

    and truth (names: Names) (term: Term) : bool option =
        let order decide x y =
            sign (subtract (number (eval names y)) (number (eval names x))) |> ValueOption.map decide |> Option.ofValueOption

        match term.Node with
        | Node.Compare(relation, x, y) ->
            match relation with
            | Relation.Equal -> equal (eval names x) (eval names y)
            | Relation.NotEqual -> equal (eval names x) (eval names y) |> Option.map not
            | Relation.Less -> order (fun s -> s > 0) x y
            | Relation.LessEqual -> order (fun s -> s >= 0) x y
            | Relation.Greater -> order (fun s -> s < 0) x y
            | Relation.GreaterEqual -> order (fun s -> s <= 0) x y
            | Relation.Loewner -> definite false (zip (fun a b -> plus a (minus b)) (eval names y) (eval names x))
        | Node.Connect(Connective.And, p, q) ->
            match truth names p with
            | Some false -> Some false
            | first -> both first (truth names q)
        | Node.Connect(Connective.Or, p, q) ->
            match truth names p with
            | Some true -> Some true
            | first -> both (Option.map not first) (truth names q |> Option.map not) |> Option.map not
        | Node.Connect(Connective.Implies, p, q) ->
            match truth names p with
            | Some false -> Some true
            | first -> both first (truth names q |> Option.map not) |> Option.map not
        | Node.Connect(Connective.Iff, p, q) -> Option.map2 (=) (truth names p) (truth names q)
        | Node.Not p -> truth names p |> Option.map not
        | Node.Quantify(quantifier, binders, body) ->
            let all = assignments names binders

            match quantifier with
            | Quantifier.Forall -> everything [ for inner in all -> truth inner body ]
            | Quantifier.Exists -> everything [ for inner in all -> truth inner body |> Option.map not ] |> Option.map not
        | Node.Approximately(x, y, tolerance, relative) ->
            let x, y, t = eval names x, eval names y, number (eval names tolerance)
            let square = multiply t t

            everything
                [ for a, b in List.zip (entries x) (entries y) ->
                      let allowed = if relative then multiply square (modulus b) else square
                      let gap = modulus (plus a (minus b))
                      sign (subtract allowed gap) |> ValueOption.map (fun s -> s >= 0) |> Option.ofValueOption ]
        | Node.Call("psd", [ m ]) when not (Map.containsKey "psd" names) -> definite false (eval names m)
        | Node.Call("pd", [ m ]) when not (Map.containsKey "pd" names) -> definite true (eval names m)
        | Node.Call("symmetric", [ m ]) when not (Map.containsKey "symmetric" names) ->
            let value = eval names m
            equal value (adjoint value)
        | Node.Call(callee, arguments) ->
            match definition names callee with
            | Some(definition, inside) ->
                let bound =
                    (inside, List.zip definition.Parameters arguments)
                    ||> List.fold (fun bound (p, a) -> Map.add p (Bound.Given(eval names a, "")) bound)

                truth bound definition.Body
            | None -> raise (Beyond $"the proposition {callee}")
        | Node.Name name ->
            match definition names name with
            | Some(definition, inside) -> truth inside definition.Body
            | None -> raise (Beyond $"the proposition {name}")
        | _ -> raise (Beyond "this proposition")

    and private equal x y =
        match x, y with
        | Value.Mapping(a, _), Value.Mapping(b, _) -> Some((a = b))
        | _ -> everything (entries (zip (fun a b -> plus a (minus b)) x y) |> List.map vanishes)

/// What the guard found at the points of one instance.
type GuardReport =
    {
        /// Points at which every conclusion was decided.
        Decided: int
        /// Points that the naive reading could not decide, and why at the first of them; "" without one.
        Undecided: int
        Why: string
        /// The first violation, as text; "" when there is none.
        Violation: string
    }

/// Attacks a claim that was shown at an instance: the source text is read again at exact points by other means.
[<RequireQualifiedAccess>]
module Guard =
    open NaiveReading

    /// Products of terms for one instance. Plain numbers cost none; expectations of large objects may end before the last point.
    let private work = 100_000L

    let private valueOf (domain: SurfaceDomain) (into: int) (data: ObjectValue) : Value =
        match data with
        | ObjectValue.Map images -> Value.Mapping(images, into)
        | ObjectValue.Array(rows, columns, entries) ->
            let form =
                match domain.Name, domain.Sizes.Length with
                | ("simplex" | "bits" | "spins"), _ -> Form.Column
                | ("real" | "pos" | "nonneg" | "complex" | "bit" | "spin" | "int"), 0 -> Form.Scalar
                | ("real" | "pos" | "nonneg" | "complex" | "bit" | "spin" | "int"), 1 -> Form.Column
                | _ -> Form.Matrix

            shaped form rows columns (fun i j ->
                let struct (re, im) = entries[i * columns + j]
                { Re = rational re; Im = rational im })

    /// Walks the clauses in order with the objects of one point; true when every `show` was decided.
    let private visit (claim: ElaboratedClaim) (instance: int[]) (point: Map<int, ObjectValue>) : Result<bool, string> =
        let objects =
            claim.Core.Declarations
            |> List.choose (fun d ->
                match d with
                | Declaration.Object(v, domain) -> Some(v, domain)
                | Declaration.Hypothesis _ -> None)

        let mutable names: Names = Map.empty
        let mutable parameters = List.ofArray instance
        let mutable remaining = objects
        let mutable applies = true
        let mutable decided = true
        let mutable violation = None

        for definition in claim.Definitions do
            names <- Map.add definition.Name (Bound.Abbreviation(definition, names)) names

        for clause in claim.Surface.Clauses do
            if applies && violation.IsNone then
                match clause with
                | Clause.For binders ->
                    for binder in binders do
                        names <- Map.add binder.Name (Bound.Given(ofReal (integer parameters.Head), "")) names
                        parameters <- parameters.Tail
                | Clause.Let groups ->
                    for declared, domain in groups do
                        for _, name in declared do
                            let v, core = remaining.Head
                            remaining <- remaining.Tail

                            let bound =
                                match core, Map.tryFind v point with
                                | Domain.Random _, _ -> Bound.Chance domain
                                | Domain.Map _, Some data ->
                                    let into = whole (eval names (List.last domain.Sizes))
                                    Bound.Given(valueOf domain into data, domain.Name)
                                | _, Some data -> Bound.Given(valueOf domain 0 data, domain.Name)
                                | _, None -> raise (Beyond $"the object {name}")

                            names <- Map.add name bound names
                | Clause.Define definition -> names <- Map.add definition.Name (Bound.Abbreviation(definition, names)) names
                | Clause.Where hypothesis ->
                    match truth names hypothesis with
                    | Some true -> ()
                    | Some false -> applies <- false
                    | None ->
                        applies <- false
                        decided <- false
                | Clause.Show conclusion ->
                    let outcome =
                        try
                            truth names conclusion
                        with NoValue why ->
                            violation <- Some why
                            None

                    match outcome with
                    | Some true -> ()
                    | Some false -> violation <- Some "a conclusion fails"
                    | None -> decided <- false
                | Clause.Title _
                | Clause.Source _
                | Clause.Note _
                | Clause.Tagged _
                | Clause.Expect _ -> ()

        match violation with
        | Some why -> Error why
        | None -> Ok(applies && decided)

    /// Reads the claim at each point (object number → value) until one violates it.
    let attack (claim: ElaboratedClaim) (instance: int[]) (points: seq<(int * ObjectValue) list>) : GuardReport =
        let mutable report = { Decided = 0; Undecided = 0; Why = ""; Violation = "" }
        use walk = points.GetEnumerator()

        NaiveWork.Allow work

        while report.Violation = "" && not NaiveWork.IsSpent && walk.MoveNext() do
            let open' why = report <- { report with Undecided = report.Undecided + 1; Why = (if report.Why = "" then why else report.Why) }

            try
                match visit claim instance (Map.ofList walk.Current) with
                | Ok true -> report <- { report with Decided = report.Decided + 1 }
                | Ok false -> open' "enclosures too wide, or a hypothesis that does not hold"
                | Error why ->
                    let shown =
                        walk.Current
                        |> List.map (fun (v, data) ->
                            match data with
                            | ObjectValue.Map images -> $"{claim.Names[v]} = %A{images}"
                            | ObjectValue.Array(_, _, entries) ->
                                let entry (struct (re: Rational, im: Rational)) = if im.IsZero then $"{re}" else $"{re} + {im}i"
                                let text = entries |> Array.map entry |> String.concat ", "
                                $"{claim.Names[v]} = [{text}]")
                        |> String.concat "; "

                    report <- { report with Violation = $"{why} at {shown}" }
            with
            | Beyond why -> open' why
            | NoValue why -> open' why

        report
