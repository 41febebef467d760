namespace VerifyEnergy.Engines

open System
open System.Collections.Generic
open VerifyEnergy.Claims
open VerifyEnergy.Kernel

// A second reading of a claim, for the guard: a naive evaluator that walks the source tree at exact points. It shares with the
// checker neither elaboration nor evaluator, normal form, determinant or factorisation; only rationals and enclosures.

/// Counted work of the naive reading on this thread: products of terms, which expectations make in great number.
[<AbstractClass; Sealed>]
type internal NaiveWork() =
    [<System.ThreadStatic; DefaultValue>]
    static val mutable private left: int64

    static member Allow(products: int64) = NaiveWork.left <- products
    static member IsSpent = NaiveWork.left < 0L
    static member Spend(products: int) = NaiveWork.left <- NaiveWork.left - int64 products

/// Naive numbers: polynomials in chance letters (ids ≥ 0) and infinitesimals (ids < 0, products of more than two vanish), with
/// rational or enclosed coefficients. A plain number has the one key [].
module internal NaiveNumber =
    /// What the naive reading does not do.
    exception Beyond of what: string

    /// The text has no value at the point.
    exception NoValue of why: string

    [<RequireQualifiedAccess>]
    type Scalar =
        | Exact of Rational
        | Near of Interval

    /// A plain number, or a polynomial by sorted lists of letters.
    [<RequireQualifiedAccess>]
    type Real =
        | Plain of Scalar
        | Letters of Map<int list, Scalar>

    let private bits = 128

    let interval scalar =
        match scalar with
        | Scalar.Exact r -> Interval.Point r
        | Scalar.Near i -> i

    let private addScalars x y =
        match x, y with
        | Scalar.Exact a, Scalar.Exact b -> Scalar.Exact(a + b)
        | _ -> Scalar.Near(Interval.add bits (interval x) (interval y))

    let private multiplyScalars x y =
        match x, y with
        | Scalar.Exact a, Scalar.Exact b -> Scalar.Exact(a * b)
        | _ -> Scalar.Near(Interval.multiply bits (interval x) (interval y))

    let signOf scalar =
        match scalar with
        | Scalar.Exact r -> ValueSome r.Sign
        | Scalar.Near i -> i.Sign

    let private isNothing scalar =
        match scalar with
        | Scalar.Exact r -> r.IsZero
        | Scalar.Near _ -> false

    let plain scalar = Real.Plain scalar
    let rational r = plain (Scalar.Exact r)
    let nothing = rational Rational.Zero
    let integer n = rational (Rational.OfInt n)

    let letter id = Real.Letters(Map.ofList [ [ id ], Scalar.Exact Rational.One ])

    /// The coefficient of each product of letters.
    let terms (x: Real) : Map<int list, Scalar> =
        match x with
        | Real.Plain c -> if isNothing c then Map.empty else Map.ofList [ [], c ]
        | Real.Letters map -> map

    let ofTerms (map: Map<int list, Scalar>) : Real =
        if Map.isEmpty map then nothing
        elif map.Count = 1 && Map.containsKey [] map then Real.Plain map[[]]
        else Real.Letters map

    /// The number 0, without doubt.
    let isZero (x: Real) =
        match x with
        | Real.Plain c -> isNothing c
        | Real.Letters _ -> false

    let private addTerms x y =
        (x, y)
        ||> Map.fold (fun sum key b ->
            let total =
                match Map.tryFind key sum with
                | Some a -> addScalars a b
                | None -> b

            if isNothing total then Map.remove key sum else Map.add key total sum)

    let add (x: Real) (y: Real) : Real =
        match x, y with
        | Real.Plain a, Real.Plain b -> Real.Plain(addScalars a b)
        | _ -> ofTerms (addTerms (terms x) (terms y))

    let private infinitesimals key = key |> List.filter (fun id -> id < 0) |> List.length

    let multiply (x: Real) (y: Real) : Real =
        match x, y with
        | Real.Plain a, Real.Plain b -> Real.Plain(multiplyScalars a b)
        | _ ->
            let left, right = terms x, terms y
            NaiveWork.Spend(left.Count * right.Count)

            if NaiveWork.IsSpent then
                raise (Beyond "the counted work of the naive reading ran out")

            let products = Dictionary<int list, Scalar>(HashIdentity.Structural)

            for KeyValue(k, a) in left do
                for KeyValue(l, b) in right do
                    let key =
                        if k.IsEmpty then l
                        elif l.IsEmpty then k
                        else List.sort (k @ l)

                    if infinitesimals key <= 2 then
                        let value = multiplyScalars a b

                        products[key] <-
                            match products.TryGetValue key with
                            | true, sum -> addScalars sum value
                            | false, _ -> value

            products
            |> Seq.filter (fun (KeyValue(_, value)) -> not (isNothing value))
            |> Seq.map (fun (KeyValue(key, value)) -> key, value)
            |> Map.ofSeq
            |> ofTerms

    let private minusOne = integer -1
    let negate (x: Real) : Real = multiply minusOne x
    let subtract x y = add x (negate y)

    /// The constant term; Beyond when chance letters are left.
    let constant (x: Real) : Scalar =
        match x with
        | Real.Plain c -> c
        | Real.Letters map ->
            if map |> Map.exists (fun key _ -> List.exists (fun id -> id >= 0) key) then
                raise (Beyond "chance outside an expectation")

            Map.tryFind [] map |> Option.defaultValue (Scalar.Exact Rational.Zero)

    /// Whether infinitesimals are left.
    let moves (x: Real) =
        match x with
        | Real.Plain _ -> false
        | Real.Letters _ -> true

    let sign (x: Real) = signOf (constant x)

    let exactly (x: Real) : Rational =
        match x with
        | Real.Plain(Scalar.Exact r) -> r
        | Real.Plain(Scalar.Near _)
        | Real.Letters _ -> raise (Beyond "an exact number is needed")

    /// f at x from its value and first two derivatives at the constant term.
    let private taylor (value: Scalar) (first: unit -> Scalar) (second: unit -> Scalar) (x: Real) : Real =
        if not (moves x) then
            plain value
        else
            let step = ofTerms (Map.remove [] (terms x))
            let half = Scalar.Exact(Rational.Create(1I, 2I))
            let linear = multiply (plain (first ())) step
            let quadratic = multiply (plain (multiplyScalars half (second ()))) (multiply step step)
            add (plain value) (add linear quadratic)

    let private reciprocalScalar scalar =
        match scalar with
        | Scalar.Exact r when r.IsZero -> raise (NoValue "division by zero")
        | Scalar.Exact r -> Scalar.Exact r.Reciprocal
        | Scalar.Near i ->
            if i.Sign.IsNone then
                raise (Beyond "a division by a number that may be 0")

            Scalar.Near(Interval.divide bits (Interval.Point Rational.One) i)

    let reciprocal (x: Real) : Real =
        let r = reciprocalScalar (constant x)
        let square = multiplyScalars r r
        let two = Scalar.Exact(Rational.OfInt 2)

        taylor
            r
            (fun () -> multiplyScalars (Scalar.Exact(Rational.OfInt -1)) square)
            (fun () -> multiplyScalars two (multiplyScalars square r))
            x

    let exp (x: Real) : Real =
        let value =
            match constant x with
            | Scalar.Exact r when r.IsZero -> Scalar.Exact Rational.One
            | c -> Scalar.Near(Interval.exp bits (interval c))

        taylor value (fun () -> value) (fun () -> value) x

    let private needs what wanted scalar =
        match signOf scalar with
        | ValueSome s when wanted s -> ()
        | ValueSome _ -> raise (NoValue what)
        | ValueNone -> raise (Beyond what)

    let log (x: Real) : Real =
        let c = constant x
        needs "the logarithm of a number that is not positive" (fun s -> s > 0) c

        let value =
            match c with
            | Scalar.Exact r when r.IsOne -> Scalar.Exact Rational.Zero
            | _ -> Scalar.Near(Interval.log bits (interval c))

        let r = reciprocalScalar c
        taylor value (fun () -> r) (fun () -> multiplyScalars (Scalar.Exact(Rational.OfInt -1)) (multiplyScalars r r)) x

    let sqrt (x: Real) : Real =
        let c = constant x
        needs "the square root of a negative number" (fun s -> s >= 0) c

        let value =
            match c with
            | Scalar.Exact r when r.IsZero || r.IsOne -> c
            | _ -> Scalar.Near(Interval.sqrt bits (interval c))

        let half = Scalar.Exact(Rational.Create(1I, 2I))
        let first () = multiplyScalars half (reciprocalScalar value)

        let second () = multiplyScalars (Scalar.Exact(Rational.Create(-1I, 4I))) (reciprocalScalar (multiplyScalars c value))

        taylor value first second x

    let private circular own other (x: Real) : Real =
        let at f = Scalar.Near(f bits (interval (constant x)))
        let value: Scalar = at own
        taylor value other (fun () -> multiplyScalars (Scalar.Exact(Rational.OfInt -1)) value) x

    let sin (x: Real) : Real = circular Interval.sin (fun () -> Scalar.Near(Interval.cos bits (interval (constant x)))) x

    let cos (x: Real) : Real =
        circular
            Interval.cos
            (fun () -> multiplyScalars (Scalar.Exact(Rational.OfInt -1)) (Scalar.Near(Interval.sin bits (interval (constant x)))))
            x

    let pi () : Real = plain (Scalar.Near(Interval.pi bits))

    /// Larger of two; ties and near ties stay undecided only when they differ.
    let larger (x: Real) (y: Real) : Real =
        match sign (subtract x y) with
        | ValueSome s -> if s >= 0 then x else y
        | ValueNone -> raise (Beyond "a comparison of numbers too close")

    let abs (x: Real) : Real =
        match sign x with
        | ValueSome 0 when moves x -> raise (NoValue "|x| has no derivative at 0")
        | ValueSome s -> if s < 0 then negate x else x
        | ValueNone -> raise (Beyond "the sign of a number too close to 0")

/// Complex numbers and arrays of them, by the schoolbook.
module internal NaiveArray =
    open NaiveNumber

    [<Struct>]
    type Complex = { Re: Real; Im: Real }

    [<RequireQualifiedAccess>]
    type Form =
        | Scalar
        | Column
        | Row
        | Matrix

    [<RequireQualifiedAccess>]
    type Value =
        | Grid of Form: Form * Complex[,]
        | Mapping of Images: int[] * Into: int

    let real x : Complex = { Re = x; Im = nothing }
    let zero = real nothing
    let one = real (integer 1)
    let scalar x = Value.Grid(Form.Scalar, Array2D.create 1 1 x)
    let ofReal x = scalar (real x)
    let plus (x: Complex) (y: Complex) : Complex = { Re = add x.Re y.Re; Im = add x.Im y.Im }
    let minus (x: Complex) : Complex = { Re = negate x.Re; Im = negate x.Im }

    let times (x: Complex) (y: Complex) : Complex =
        if isZero x.Im && isZero y.Im then
            real (multiply x.Re y.Re)
        else
            { Re = subtract (multiply x.Re y.Re) (multiply x.Im y.Im)
              Im = add (multiply x.Re y.Im) (multiply x.Im y.Re) }

    let conjugate (x: Complex) : Complex = { x with Im = negate x.Im }

    /// |x|².
    let modulus (x: Complex) = add (multiply x.Re x.Re) (multiply x.Im x.Im)

    let over (x: Complex) (y: Complex) : Complex =
        let inverse = reciprocal (if isZero y.Im then y.Re else modulus y)
        let scaled = if isZero y.Im then x else times x (conjugate y)
        times scaled (real inverse)

    let grid value =
        match value with
        | Value.Grid(_, g) -> g
        | Value.Mapping _ -> raise (Beyond "a map where an array is meant")

    let entries value : Complex list = [ for x in Seq.cast<Complex>(grid value) -> x ]

    let single value =
        match grid value with
        | g when g.Length = 1 -> g[0, 0]
        | _ -> raise (Beyond "a scalar is needed")

    /// A real scalar.
    let number value =
        let x = single value

        match sign x.Im with
        | ValueSome 0 -> x.Re
        | ValueSome _ -> raise (NoValue "a real number is needed")
        | ValueNone -> raise (Beyond "a real number is needed")

    let whole value =
        match (exactly (number value)).TryInt with
        | ValueSome n -> n
        | ValueNone -> raise (Beyond "a whole number is needed")

    let shaped form rows columns entry = Value.Grid(form, Array2D.init rows columns entry)
    let column (items: Complex list) = shaped Form.Column items.Length 1 (fun i _ -> items[i])

    let map f value =
        match value with
        | Value.Grid(form, g) -> Value.Grid(form, Array2D.map f g)
        | Value.Mapping _ -> raise (Beyond "a map where an array is meant")

    let zip f x y =
        match x, y with
        | Value.Grid(form, a), Value.Grid(_, b) when Array2D.length1 a = Array2D.length1 b && Array2D.length2 a = Array2D.length2 b ->
            Value.Grid(form, Array2D.mapi (fun i j p -> f p b[i, j]) a)
        | _ -> raise (Beyond "arrays of different shapes")

    let product x y =
        match x, y with
        | Value.Grid(Form.Scalar, a), _ -> map (times a[0, 0]) y
        | _, Value.Grid(Form.Scalar, b) -> map (times b[0, 0]) x
        | Value.Grid(f, a), Value.Grid(g, b) ->
            let entry i j = [ for m in 0 .. Array2D.length2 a - 1 -> times a[i, m] b[m, j] ] |> List.fold plus zero

            let form =
                match f, g with
                | Form.Row, Form.Column -> Form.Scalar
                | Form.Row, _ -> Form.Row
                | _, Form.Column -> Form.Column
                | _ -> Form.Matrix

            shaped form (Array2D.length1 a) (Array2D.length2 b) entry
        | _ -> raise (Beyond "a map where an array is meant")

    let adjoint value =
        let g = grid value

        let form =
            match value with
            | Value.Grid(Form.Column, _) -> Form.Row
            | Value.Grid(Form.Row, _) -> Form.Column
            | Value.Grid(form, _) -> form
            | Value.Mapping _ -> Form.Matrix

        shaped form (Array2D.length2 g) (Array2D.length1 g) (fun i j -> conjugate g[j, i])

    let identity n = shaped Form.Matrix n n (fun i j -> if i = j then one else zero)

    let private without (g: Complex[,]) row col =
        let skip k i = if i < k then i else i + 1
        Array2D.init (Array2D.length1 g - 1) (Array2D.length2 g - 1) (fun i j -> g[skip row i, skip col j])

    /// Expansion along the first row.
    let rec determinant (g: Complex[,]) : Complex =
        if Array2D.length1 g <> Array2D.length2 g then
            raise (Beyond "a square matrix is needed")
        elif g.Length = 0 then
            one
        else
            [ for j in 0 .. Array2D.length2 g - 1 ->
                  let term = times g[0, j] (determinant (without g 0 j))
                  if j % 2 = 0 then term else minus term ]
            |> List.fold plus zero

    let adjugate value =
        let g = grid value

        shaped Form.Matrix (Array2D.length1 g) (Array2D.length2 g) (fun i j ->
            let cofactor = determinant (without g j i)
            if (i + j) % 2 = 0 then cofactor else minus cofactor)

    let inverse value =
        let d = determinant (grid value)
        map (fun x -> over x d) (adjugate value)

    /// Gauss elimination on exact entries.
    let rank value =
        let g = Array2D.copy (grid value)
        let vanishing (x: Complex) = (exactly x.Re).IsZero && (exactly x.Im).IsZero
        let rows, columns = Array2D.length1 g, Array2D.length2 g
        let mutable found = 0

        for j in 0 .. columns - 1 do
            match List.tryFind (fun i -> not (vanishing g[i, j])) [ found .. rows - 1 ] with
            | None -> ()
            | Some pivot ->
                for c in 0 .. columns - 1 do
                    let saved = g[found, c]
                    g[found, c] <- g[pivot, c]
                    g[pivot, c] <- saved

                for i in found + 1 .. rows - 1 do
                    let factor = over g[i, j] g[found, j]

                    for c in 0 .. columns - 1 do
                        g[i, c] <- plus g[i, c] (minus (times factor g[found, c]))

                found <- found + 1

        found

    let both a b =
        match a, b with
        | Some false, _
        | _, Some false -> Some false
        | Some true, Some true -> Some true
        | _ -> None

    let everything truths = List.fold both (Some true) truths

    /// x = 0 as far as it is decided; an enclosure around 0 decides nothing.
    let vanishes (x: Complex) =
        let part p = sign p |> ValueOption.map ((=) 0) |> Option.ofValueOption
        both (part x.Re) (part x.Im)

    /// Hermitian with principal minors ≥ 0 (leading ones > 0 when strict).
    let definite strictly value =
        let g = grid value
        let n = Array2D.length1 g

        let hermitian =
            everything
                [ for i in 0 .. n - 1 do
                      for j in i .. n - 1 -> vanishes (plus g[i, j] (minus (conjugate g[j, i]))) ]

        let subsets =
            if strictly then
                [ for k in 1..n -> [ 0 .. k - 1 ] ]
            else
                [ for mask in 1 .. (1 <<< n) - 1 -> [ 0 .. n - 1 ] |> List.filter (fun i -> mask &&& (1 <<< i) <> 0) ]

        let minor (rows: int list) =
            let sub = Array2D.init rows.Length rows.Length (fun i j -> g[rows[i], rows[j]])

            sign (determinant sub).Re |> ValueOption.map (fun s -> if strictly then s > 0 else s >= 0) |> Option.ofValueOption

        both hermitian (everything (List.map minor subsets))
