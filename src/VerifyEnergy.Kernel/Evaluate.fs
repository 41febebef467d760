namespace VerifyEnergy.Kernel

// The one evaluator: the meaning of every expression and proposition, over any arithmetic.

/// Values of the binders in scope.
type Environment<'T> = Map<int, Value<'T>>

/// Evaluates over `arithmetic`. `domains` gives the domain of each declared object (derivatives need the coordinates, expectations
/// the laws). Raises Undefined, Unsupported, OutOfShape or StepsExhausted, which the callers in this project catch.
[<Sealed>]
type Evaluator<'T>(arithmetic: Arithmetic<'T>, steps: Steps, domains: Map<int, Domain>) =
    let algebra = ArrayAlgebra<'T>(arithmetic)

    let sign x = arithmetic.Sign x

    let both (left: bool voption) (right: unit -> bool voption) =
        match left with
        | ValueSome false -> ValueSome false
        | ValueSome true -> right ()
        | ValueNone ->
            match right () with
            | ValueSome false -> ValueSome false
            | _ -> ValueNone

    let negated (truth: bool voption) = ValueOption.map not truth

    member _.Algebra = algebra
    member _.Arithmetic = arithmetic
    member _.Domains = domains

    // Scalars and integers

    member _.ScalarOf(value: Value<'T>) : Entry<'T> =
        match value with
        | Value.Array(_, 1, 1, entries) -> entries[0]
        | Value.Array(_, rows, columns, _) -> raise (OutOfShape $"a scalar is needed, this is {rows}×{columns}")
        | Value.Map _ -> raise (OutOfShape "a map stands where a scalar is meant")

    /// A real scalar; a complex-typed one must be real.
    member this.RealOf(value: Value<'T>) : 'T =
        let entry = this.ScalarOf value

        match algebra.Imaginary entry with
        | ValueSome im -> arithmetic.Require(Condition.Zero, im)
        | ValueNone -> ()

        entry.Re

    member this.IntegerOf(environment: Environment<'T>, expr: Expr) : int =
        match expr with
        | Expr.Number r when r.IsInteger && r.TryInt.IsSome -> r.TryInt.Value
        | _ ->
            match arithmetic.TryRational((this.ScalarOf(this.Eval(environment, expr))).Re) with
            | ValueSome r ->
                match r.TryInt with
                | ValueSome n -> n
                | ValueNone -> raise (OutOfShape $"a whole number is needed, this is {r}")
            | ValueNone -> raise (Unsupported "a size or index that is not a known whole number")

    // Ranges

    /// The values of a finite range in order; None for an infinite domain.
    member this.Values(environment: Environment<'T>, range: Range) : Value<'T> seq option =
        match range with
        | Range.Between(low, high) ->
            let low, high = this.IntegerOf(environment, low), this.IntegerOf(environment, high)
            Some(Seq.init (max 0 (high - low + 1)) (fun i -> algebra.Integer(low + i)))
        | Range.Among values -> Some(values |> Seq.map (fun e -> this.Eval(environment, e)))
        | Range.Fibre(map, value) ->
            let target = this.IntegerOf(environment, value)

            match this.Eval(environment, map) with
            | Value.Map(images, _) ->
                Some(
                    images |> Seq.indexed |> Seq.filter (fun (_, image) -> image = target) |> Seq.map (fun (x, _) -> algebra.Integer(x + 1))
                )
            | Value.Array _ -> raise (OutOfShape "fibre needs a map")
        | Range.Within domain -> this.FiniteDomain(environment, domain)

    /// The objects of a finite domain, lexicographic: the first entry changes slowest.
    member this.FiniteDomain(environment: Environment<'T>, domain: Domain) : Value<'T> seq option =
        let tuples (length: int) (choices: int[]) =
            let total = System.Numerics.BigInteger.Pow(System.Numerics.BigInteger choices.Length, length)

            if total > System.Numerics.BigInteger(1 <<< 22) then
                raise (Unsupported $"an enumeration of {total} objects")

            Seq.init (int total) (fun code ->
                let digits = Array.zeroCreate<int> length
                let mutable rest = code

                for position in length - 1 .. -1 .. 0 do
                    digits[position] <- choices[rest % choices.Length]
                    rest <- rest / choices.Length

                digits)

        match domain with
        | Domain.Plain((ScalarSet.Bit | ScalarSet.Spin | ScalarSet.Integer _) as set, sizes) ->
            let shape, rows, columns = this.PlainShape(environment, sizes)

            let choices =
                match set with
                | ScalarSet.Bit -> [| 0; 1 |]
                | ScalarSet.Spin -> [| -1; 1 |]
                | ScalarSet.Integer(low, high) -> [| this.IntegerOf(environment, low) .. this.IntegerOf(environment, high) |]
                | ScalarSet.Real
                | ScalarSet.Positive
                | ScalarSet.Nonnegative
                | ScalarSet.Complex -> [||]

            tuples (rows * columns) choices
            |> Seq.map (fun digits -> Value.Array(shape, rows, columns, digits |> Array.map (fun d -> algebra.Rational(Rational.OfInt d))))
            |> Some
        | Domain.Map(from, into) ->
            let from, into = this.IntegerOf(environment, from), this.IntegerOf(environment, into)

            tuples from [| 1..into |] |> Seq.map (fun images -> Value.Map(images, into)) |> Some
        | Domain.Plain _
        | Domain.Symmetric _
        | Domain.Psd _
        | Domain.Spd _
        | Domain.Orthogonal _
        | Domain.Diagonal _
        | Domain.Hermitian _
        | Domain.HermitianPsd _
        | Domain.HermitianPd _
        | Domain.Unitary _
        | Domain.Density _
        | Domain.Simplex _
        | Domain.Coupling _
        | Domain.Stochastic _
        | Domain.Random _ -> None

    /// Shape, rows and columns of `set[sizes]`.
    member this.PlainShape(environment: Environment<'T>, sizes: Expr list) =
        match sizes |> List.map (fun size -> this.IntegerOf(environment, size)) with
        | [] -> Shape.Scalar, 1, 1
        | [ n ] -> Shape.Column, n, 1
        | [ n; m ] -> Shape.Matrix, n, m
        | _ -> raise (OutOfShape "more than two sizes")

    /// All assignments of the binders, each an extended environment; None when one of them is infinite and unassigned.
    member this.Assignments(environment: Environment<'T>, binders: Binder list) : Environment<'T> seq option =
        match binders with
        | [] -> Some(Seq.singleton environment)
        | binder :: rest ->
            match this.Values(environment, binder.Range) with
            | None -> None
            | Some values ->
                values
                |> Seq.collect (fun value ->
                    steps.Spend 1L

                    match this.Assignments(Map.add binder.Variable value environment, rest) with
                    | Some inner -> inner
                    | None -> raise (Unsupported "a quantifier over finite and infinite sets at once"))
                |> Some

    member private this.FiniteAssignments(environment, binders) =
        match this.Assignments(environment, binders) with
        | Some assignments -> assignments
        | None -> raise (Unsupported "a sum over an infinite set")

    // Expressions

    member this.Eval(environment: Environment<'T>, expr: Expr) : Value<'T> =
        steps.Spend 1L

        match expr with
        | Expr.Number r -> algebra.Scalar(algebra.Rational r)
        | Expr.ImaginaryUnit ->
            algebra.Scalar { Re = arithmetic.OfRational Rational.Zero; Im = ValueSome(arithmetic.OfRational Rational.One) }
        | Expr.Variable v ->
            match Map.tryFind v environment with
            | Some value -> value
            | None -> raise (Unsupported $"object {v} has no value here")
        | Expr.Apply(name, arguments) -> this.Apply(environment, name, arguments)
        | Expr.Entry(array, subscripts) -> this.Select(environment, this.Eval(environment, array), subscripts)
        | Expr.Literal rows -> this.Blocks(rows |> List.map (List.map (fun e -> this.Eval(environment, e))))
        | Expr.Table(body, binders) -> this.Tabulate(environment, body, binders)
        | Expr.Fold(fold, binders, body) ->
            let terms = this.FiniteAssignments(environment, binders) |> Seq.map (fun inner -> this.Eval(inner, body))

            let combine (x: Value<'T>) (y: Value<'T>) =
                match fold with
                | Fold.Sum -> algebra.Add(x, y)
                | Fold.Product -> algebra.Multiply(x, y)

            (None, terms)
            ||> Seq.fold (fun total term ->
                match total with
                | None -> Some term
                | Some total -> Some(combine total term))
            |> Option.defaultWith (fun () ->
                match fold with
                | Fold.Sum -> algebra.Integer 0
                | Fold.Product -> algebra.Integer 1)
        | Expr.If(condition, thenBranch, elseBranch) ->
            match this.Truth(environment, condition) with
            | ValueSome true -> this.Eval(environment, thenBranch)
            | ValueSome false -> this.Eval(environment, elseBranch)
            | ValueNone -> raise (Unsupported "a condition that is not decided")
        | Expr.Statistic(statistic, arguments) -> this.Statistic(environment, statistic, arguments)
        | Expr.Probability event -> this.Probability(environment, event)
        | Expr.Density _ -> raise (Unsupported "a probability density")
        | Expr.Derivative(order, body, variable) -> this.Differentiate(environment, order, body, variable)

    member private this.Select(environment, value, subscripts) =
        let indices extent subscript =
            let check i =
                if i < 1 || i > extent then
                    raise (OutOfShape $"index {i} outside 1..{extent}")

                i - 1

            match subscript with
            | Subscript.Whole -> [| 0 .. extent - 1 |], false
            | Subscript.At e -> [| check (this.IntegerOf(environment, e)) |], true
            | Subscript.Slice(first, last) ->
                let first, last = this.IntegerOf(environment, first), this.IntegerOf(environment, last)
                [| check first .. check last |], false

        match value, subscripts with
        | Value.Array(Shape.Column, rows, _, entries), [ s ] ->
            match indices rows s with
            | [| i |], true -> algebra.Scalar entries[i]
            | chosen, _ -> Value.Array(Shape.Column, chosen.Length, 1, chosen |> Array.map (fun i -> entries[i]))
        | Value.Array(Shape.Row, _, columns, entries), [ s ] ->
            match indices columns s with
            | [| i |], true -> algebra.Scalar entries[i]
            | chosen, _ -> Value.Array(Shape.Row, 1, chosen.Length, chosen |> Array.map (fun i -> entries[i]))
        | Value.Array(_, rows, columns, entries), [ r; c ] ->
            let (chosenRows, oneRow), (chosenColumns, oneColumn) = indices rows r, indices columns c

            let picked =
                [| for i in chosenRows do
                       for j in chosenColumns -> entries[i * columns + j] |]

            match oneRow, oneColumn with
            | true, true -> algebra.Scalar picked[0]
            | true, false
            | false, true -> Value.Array(Shape.Column, picked.Length, 1, picked)
            | false, false -> Value.Array(Shape.Matrix, chosenRows.Length, chosenColumns.Length, picked)
        | Value.Array(_, rows, columns, _), _ -> raise (OutOfShape $"{subscripts.Length} indices of a {rows}×{columns} array")
        | Value.Map _, _ -> raise (OutOfShape "an index of a map; apply it as f(x)")

    member private _.Blocks(rows: Value<'T> list list) =
        let part value =
            match value with
            | Value.Array(shape, r, c, entries) -> shape, r, c, entries
            | Value.Map _ -> raise (OutOfShape "a map inside a literal")

        let rows = rows |> List.map (List.map part)

        let joinedRows =
            rows
            |> List.map (fun blocks ->
                let heights = blocks |> List.map (fun (_, r, _, _) -> r) |> List.distinct

                match heights with
                | [ height ] ->
                    let width = blocks |> List.sumBy (fun (_, _, c, _) -> c)

                    let line i = blocks |> List.map (fun (_, _, c, e) -> e[i * c .. (i + 1) * c - 1]) |> Array.concat

                    height, width, Array.concat (List.init height line)
                | _ -> raise (OutOfShape "blocks of different heights in one row of a literal"))

        match joinedRows |> List.map (fun (_, width, _) -> width) |> List.distinct with
        | [ width ] ->
            let height = joinedRows |> List.sumBy (fun (h, _, _) -> h)
            let entries = joinedRows |> List.map (fun (_, _, e) -> e) |> Array.concat
            let all predicate = rows |> List.forall (List.forall predicate)

            let shape =
                if
                    rows |> List.forall (fun r -> r.Length = 1)
                    && all (fun (s, _, _, _) -> s = Shape.Scalar || s = Shape.Column)
                    && (rows.Length > 1 || all (fun (s, _, _, _) -> s = Shape.Column))
                then
                    Shape.Column
                elif rows.Length = 1 && all (fun (s, _, _, _) -> s = Shape.Scalar || s = Shape.Row) && width > 1 then
                    Shape.Row
                else
                    Shape.Matrix

            Value.Array(shape, height, width, entries)
        | _ -> raise (OutOfShape "rows of different lengths in a literal")

    member private this.Tabulate(environment, body, binders) =
        let along (environment: Environment<'T>) (binder: Binder) =
            match this.Values(environment, binder.Range) with
            | Some values -> values |> Seq.map (fun v -> Map.add binder.Variable v environment) |> Seq.toArray
            | None -> raise (Unsupported "a comprehension over an infinite set")

        let entry inner = this.ScalarOf(this.Eval(inner, body))

        match binders with
        | [ binder ] ->
            let entries = along environment binder |> Array.map entry
            Value.Array(Shape.Column, entries.Length, 1, entries)
        | [ outer; inner ] ->
            let lines = along environment outer |> Array.map (fun e -> along e inner |> Array.map entry)
            let width = if lines.Length = 0 then 0 else lines[0].Length
            Value.Array(Shape.Matrix, lines.Length, width, Array.concat lines)
        | _ -> raise (OutOfShape "a comprehension has one or two binders")

    // Functions of the registry

    member private this.Apply(environment, name, arguments) : Value<'T> =
        let values = arguments |> List.map (fun e -> this.Eval(environment, e))

        let real f x = algebra.RealScalar(f (this.RealOf x))

        let apply name x = arithmetic.Apply(name, [ x ])
        let number n = arithmetic.OfRational(Rational.OfInt n)

        let greater a b =
            match sign (arithmetic.Subtract(a, b)) with
            | ValueSome s -> if s >= 0 then a else b
            | ValueNone ->
                let sum = arithmetic.Add(a, b)
                let gap = apply "abs" (arithmetic.Subtract(a, b))
                arithmetic.Divide(arithmetic.Add(sum, gap), number 2)

        let logPlus x =
            arithmetic.Require(Condition.Positive, x)
            apply "log" x

        let squareRoot x =
            arithmetic.Require(Condition.Nonnegative, x)
            arithmetic.Power(x, Rational.Create(1I, 2I))

        let entriesOf value =
            match value with
            | Value.Array(_, _, _, entries) -> entries
            | Value.Map _ -> raise (OutOfShape $"{name} of a map")

        let realEntries value = entriesOf value |> Array.map (fun e -> this.RealOf(algebra.Scalar e))

        let sum terms =
            match Seq.toList terms with
            | [] -> number 0
            | terms -> List.reduce (fun a b -> arithmetic.Add(a, b)) terms

        let total entries =
            if Array.isEmpty entries then
                algebra.ZeroEntry
            else
                Array.reduce (fun a b -> algebra.AddEntries(a, b)) entries

        let squares value = entriesOf value |> Seq.map algebra.SquaredModulus |> sum

        // 0·log 0 = 0.
        let timesLog p argument =
            match arithmetic.TryRational p with
            | ValueSome r when r.IsZero -> number 0
            | _ -> arithmetic.Multiply(p, argument ())

        match name, values with
        | "+", [ x; y ] -> algebra.Add(x, y)
        | "-", [ x; y ] -> algebra.Subtract(x, y)
        | "neg", [ x ] -> algebra.Map(algebra.NegateEntry, x)
        | "*", [ x; y ] -> algebra.Multiply(x, y)
        | ".*", [ x; y ] -> algebra.Zip((fun a b -> algebra.MultiplyEntries(a, b)), x, y)
        | "/", [ x; y ] ->
            let divisor = this.ScalarOf y
            algebra.Map((fun e -> algebra.DivideEntries(e, divisor)), x)
        | "^", [ x; y ] -> this.Power(x, this.ScalarOf y)
        | "'", [ x ] -> algebra.Adjoint x
        | "apply", [ Value.Map(images, _); x ] ->
            match arithmetic.TryRational((this.ScalarOf x).Re) |> ValueOption.map (fun r -> r.TryInt) with
            | ValueSome(ValueSome i) when i >= 1 && i <= images.Length -> algebra.Integer images[i - 1]
            | ValueSome _ -> raise (OutOfShape $"a map on 1..{images.Length} applied outside")
            | ValueNone -> raise (Unsupported "a map applied to an unknown point")
        | "tr", [ x ] -> algebra.Scalar(algebra.Trace x)
        | "det", [ x ] -> algebra.Scalar(algebra.Determinant x)
        | "inv", [ Value.Array(Shape.Scalar, _, _, x) ] -> algebra.Scalar(algebra.DivideEntries(algebra.OneEntry, x[0]))
        | "inv", [ x ] -> algebra.Inverse x
        | "adj", [ x ] -> algebra.Adjugate x
        | "rank", [ x ] ->
            match algebra.TryRationalMatrix x with
            | Some matrix -> algebra.Integer(Matrix.rank matrix)
            | None ->
                match algebra.TryRealForm x with
                | Some matrix -> algebra.Integer(Matrix.rank matrix / 2)
                | None -> raise (Unsupported "rank of a matrix that is not rational")
        | "diag", [ Value.Array(Shape.Matrix, rows, columns, entries) ] ->
            Value.Array(Shape.Column, min rows columns, 1, Array.init (min rows columns) (fun i -> entries[i * columns + i]))
        | "diag", [ x ] ->
            let entries = entriesOf x
            let size = entries.Length

            Value.Array(
                Shape.Matrix,
                size,
                size,
                Array.init (size * size) (fun index -> if index / size = index % size then entries[index / size] else algebra.ZeroEntry)
            )
        | "I", [ n ] -> algebra.Identity(this.SizeOf n)
        | ("ones" | "zeros"), sizes when sizes.Length = 1 || sizes.Length = 2 ->
            let fill = if name = "ones" then algebra.OneEntry else algebra.ZeroEntry

            match sizes |> List.map this.SizeOf with
            | [ n ] -> Value.Array(Shape.Column, n, 1, Array.replicate n fill)
            | rows :: columns :: _ -> Value.Array(Shape.Matrix, rows, columns, Array.replicate (rows * columns) fill)
            | [] -> raise (OutOfShape $"{name} needs a size")
        | "e", [ i; n ] ->
            let i, n = this.SizeOf i, this.SizeOf n

            if i < 1 || i > n then
                raise (OutOfShape $"e({i},{n}): the index is outside 1..{n}")

            Value.Array(Shape.Column, n, 1, Array.init n (fun j -> if j = i - 1 then algebra.OneEntry else algebra.ZeroEntry))
        | "kron", [ x; y ] -> algebra.Kronecker(x, y)
        | "frob2", [ x ] -> algebra.RealScalar(squares x)
        | "norm2", [ x ] -> algebra.RealScalar(squareRoot (squares x))
        // Σ conj(x_i) y_i: the inner product, linear in the second argument.
        | "dot", [ x; y ] ->
            let a, b = entriesOf x, entriesOf y

            if a.Length <> b.Length then
                raise (OutOfShape $"dot of lengths {a.Length} and {b.Length}")

            algebra.Scalar(total (Array.map2 (fun p q -> algebra.MultiplyEntries(algebra.Conjugate p, q)) a b))
        | "exp", [ x ] -> this.ComplexExp(this.ScalarOf x)
        | ("sin" | "cos" | "sinh" | "cosh" | "tanh"), [ x ] -> real (apply name) x
        | ("lgamma" | "digamma" | "trigamma"), [ x ] ->
            real
                (fun x ->
                    arithmetic.Require(Condition.Positive, x)
                    apply name x)
                x
        | "pi", [] -> algebra.RealScalar(arithmetic.Apply("pi", []))
        | "log", [ x ] -> real logPlus x
        | "sqrt", [ x ] -> real squareRoot x
        | "abs", [ x ] ->
            let entry = this.ScalarOf x

            match algebra.Imaginary entry with
            | ValueNone -> algebra.RealScalar(apply "abs" entry.Re)
            | ValueSome _ -> algebra.RealScalar(squareRoot (algebra.SquaredModulus entry))
        | "softplus", [ x ] -> real (fun x -> apply "log" (arithmetic.Add(number 1, apply "exp" x))) x
        | "sigmoid", [ x ] ->
            let logistic x =
                let denominator = arithmetic.Add(number 1, apply "exp" (arithmetic.Negate x))
                arithmetic.Require(Condition.Nonzero, denominator)
                arithmetic.Divide(number 1, denominator)

            real logistic x
        | "relu", [ x ] -> real (greater (number 0)) x
        | "logsumexp", values ->
            let exps = values |> Seq.collect realEntries |> Seq.map (apply "exp")
            algebra.RealScalar(apply "log" (sum exps))
        | "max", values ->
            let reals = values |> Seq.collect realEntries
            algebra.RealScalar(Seq.reduce greater reals)
        | "min", values ->
            let reals = values |> Seq.collect realEntries |> Seq.map arithmetic.Negate
            algebra.RealScalar(arithmetic.Negate(Seq.reduce greater reals))
        | "mod", [ x; y ] ->
            match arithmetic.TryRational(this.RealOf x), arithmetic.TryRational(this.RealOf y) with
            | ValueSome a, ValueSome b ->
                if b.IsZero then
                    raise (Undefined "mod by zero")

                algebra.Scalar(algebra.Rational(a - b * Rational.OfBigInteger (a / b).Floor))
            | _ -> raise (Unsupported "mod of values that are not known rationals")
        | "re", [ x ] -> algebra.Map((fun e -> algebra.Real e.Re), x)
        | "im", [ x ] -> algebra.Map((fun e -> algebra.Real(ValueOption.defaultValue (number 0) e.Im)), x)
        | "conj", [ x ] -> algebra.Map(algebra.Conjugate, x)
        | "entropy", [ p ] ->
            let term p =
                arithmetic.Require(Condition.Nonnegative, p)
                timesLog p (fun () -> apply "log" p)

            algebra.RealScalar(arithmetic.Negate(realEntries p |> Seq.map term |> sum))
        | "kl", [ p; q ] ->
            let term p q =
                arithmetic.Require(Condition.Nonnegative, p)

                timesLog p (fun () ->
                    arithmetic.Require(Condition.Positive, q)
                    arithmetic.Subtract(apply "log" p, apply "log" q))

            algebra.RealScalar(Seq.map2 term (realEntries p) (realEntries q) |> sum)
        | "pushforward", [ Value.Map(images, into); Value.Array(_, rows, columns, entries) ] ->
            if rows * columns <> images.Length then
                raise (OutOfShape $"a map on 1..{images.Length} and a law on 1..{rows * columns}")

            let mass y = Array.zip images entries |> Array.filter (fun (image, _) -> image = y) |> Array.map snd |> total

            Value.Array(Shape.Column, into, 1, Array.init into (fun y -> mass (y + 1)))
        | "marginal", [ Value.Array(_, rows, columns, entries); which ] ->
            let side, length =
                match this.SizeOf which with
                | 1 -> (fun i j -> entries[i * columns + j]), rows
                | 2 -> (fun i j -> entries[j * columns + i]), columns
                | other -> raise (OutOfShape $"marginal {other}: 1 or 2")

            let across = rows * columns / length
            Value.Array(Shape.Column, length, 1, Array.init length (fun i -> total (Array.init across (side i))))
        | _ -> raise (Unsupported $"the function {name}")

    member private this.SizeOf(value: Value<'T>) =
        match arithmetic.TryRational((this.ScalarOf value).Re) |> ValueOption.map (fun r -> r.TryInt) with
        | ValueSome(ValueSome n) -> n
        | _ -> raise (Unsupported "a size that is not a known whole number")

    /// e^(a+ib) = e^a (cos b + i sin b).
    member private _.ComplexExp(x: Entry<'T>) =
        let modulus = arithmetic.Apply("exp", [ x.Re ])

        match x.Im with
        | ValueNone -> algebra.RealScalar modulus
        | ValueSome im ->
            algebra.Scalar
                { Re = arithmetic.Multiply(modulus, arithmetic.Apply("cos", [ im ]))
                  Im = ValueSome(arithmetic.Multiply(modulus, arithmetic.Apply("sin", [ im ]))) }

    member private this.Power(x: Value<'T>, exponent: Entry<'T>) : Value<'T> =
        let repeated (one: Value<'T>) (x: Value<'T>) n =
            let rec go n =
                if n = 0 then
                    one
                elif n % 2 = 0 then
                    let half = go (n / 2)
                    algebra.Multiply(half, half)
                elif n = 1 then
                    x
                else
                    algebra.Multiply(x, go (n - 1))

            go n

        match arithmetic.TryRational exponent.Re, algebra.Imaginary exponent, x with
        | ValueSome r, ValueNone, Value.Array(Shape.Scalar, _, _, entries) ->
            match r.TryInt with
            | ValueSome n when abs n > 100000 -> raise (Unsupported $"the power {n}")
            | ValueSome n when n >= 0 -> repeated (algebra.Scalar algebra.OneEntry) x n
            | ValueSome n ->
                let positive = repeated (algebra.Scalar algebra.OneEntry) x -n
                algebra.Scalar(algebra.DivideEntries(algebra.OneEntry, this.ScalarOf positive))
            | ValueNone ->
                let b = this.RealOf(algebra.Scalar entries[0])
                let condition = if r.Sign < 0 then Condition.Positive else Condition.Nonnegative
                arithmetic.Require(condition, b)
                algebra.RealScalar(arithmetic.Power(b, r))
        | ValueSome r, ValueNone, Value.Array(_, size, _, _) ->
            match r.TryInt with
            | ValueSome n when n >= 0 -> repeated (algebra.Identity size) x n
            | ValueSome n -> repeated (algebra.Identity size) (algebra.Inverse x) -n
            | ValueNone -> raise (Unsupported "a fractional power of a matrix")
        | ValueNone, ValueNone, Value.Array(Shape.Scalar, _, _, entries) ->
            // b^y = exp(y log b), b > 0.
            let b = this.RealOf(algebra.Scalar entries[0])
            arithmetic.Require(Condition.Positive, b)
            let logarithm = arithmetic.Apply("log", [ b ])
            algebra.RealScalar(arithmetic.Apply("exp", [ arithmetic.Multiply(exponent.Re, logarithm) ]))
        | _ -> raise (Unsupported "this power")

    // Derivatives, by dual numbers

    /// The independent coordinates of an object: sets of entries that move together (x_ij and x_ji on symmetric matrices).
    member private _.Coordinates(variable: int, rows: int, columns: int) : int list list =
        let entry i j = i * columns + j

        match Map.tryFind variable domains with
        | Some(Domain.Symmetric _ | Domain.Psd _ | Domain.Spd _) ->
            [ for i in 0 .. rows - 1 do
                  for j in i .. columns - 1 -> List.distinct [ entry i j; entry j i ] ]
        | Some(Domain.Diagonal _) -> [ for i in 0 .. rows - 1 -> [ entry i i ] ]
        | Some(Domain.Plain((ScalarSet.Real | ScalarSet.Positive | ScalarSet.Nonnegative), _) | Domain.Simplex _) ->
            [ for index in 0 .. rows * columns - 1 -> [ index ] ]
        | _ -> raise (Unsupported "a derivative in this kind of object")

    member private this.Differentiate(environment, order, body, variable) : Value<'T> =
        let shape, rows, columns =
            match Map.tryFind variable environment with
            | Some(Value.Array(shape, rows, columns, _)) -> shape, rows, columns
            | _ -> raise (Unsupported "a derivative in something that is not a real object")

        let coordinates = this.Coordinates(variable, rows, columns)
        let count = coordinates.Length
        let zero = arithmetic.OfRational Rational.Zero
        let one = arithmetic.OfRational Rational.One
        let dual = DualArithmetic<'T>(arithmetic) :> Arithmetic<Dual<'T>>
        let inDual = Evaluator<Dual<'T>>(dual, steps, domains)

        /// The environment with the object moving along one coordinate.
        let moving (coordinate: int list) =
            let lift (value: Value<'T>) (slope: int -> 'T) =
                match value with
                | Value.Map(images, into) -> Value.Map(images, into)
                | Value.Array(s, r, c, e) ->
                    Value.Array(
                        s,
                        r,
                        c,
                        e
                        |> Array.mapi (fun index entry ->
                            { Re = { Value = entry.Re; Slope = slope index }
                              Im = entry.Im |> ValueOption.map (fun im -> { Value = im; Slope = zero }) })
                    )

            environment
            |> Map.map (fun v value ->
                if v = variable then
                    lift value (fun index -> if List.contains index coordinate then one else zero)
                else
                    lift value (fun _ -> zero))

        let slope (e: Entry<Dual<'T>>) : Entry<'T> = { Re = e.Re.Slope; Im = e.Im |> ValueOption.map (fun im -> im.Slope) }

        match order with
        | DerivativeOrder.Gradient ->
            let partials = coordinates |> List.map (fun c -> slope (inDual.ScalarOf(inDual.Eval(moving c, body)))) |> List.toArray

            if partials.Length = rows * columns then
                Value.Array(shape, rows, columns, partials)
            else
                Value.Array(Shape.Column, count, 1, partials)
        | DerivativeOrder.Jacobian ->
            let columnsOfJacobian =
                coordinates
                |> List.map (fun c ->
                    match inDual.Eval(moving c, body) with
                    | Value.Array(_, _, _, e) -> Array.map slope e
                    | Value.Map _ -> raise (OutOfShape "jacobian of a map"))
                |> List.toArray

            let height = columnsOfJacobian[0].Length

            if height = 1 && count = 1 && shape = Shape.Scalar then
                algebra.Scalar columnsOfJacobian[0].[0]
            else
                Value.Array(
                    Shape.Matrix,
                    height,
                    count,
                    Array.init (height * count) (fun index -> columnsOfJacobian[index % count].[index / count])
                )
        | DerivativeOrder.Hessian ->
            // Each row of the Hessian is the gradient of one partial: a gradient inside a moving environment.
            let gradients =
                coordinates
                |> List.map (fun c ->
                    match inDual.Eval(moving c, Expr.Derivative(DerivativeOrder.Gradient, body, variable)) with
                    | Value.Array(_, _, _, e) -> Array.map slope e
                    | Value.Map _ -> raise (OutOfShape "hessian of a map"))
                |> List.toArray

            if shape = Shape.Scalar then
                algebra.Scalar gradients[0].[0]
            else
                Value.Array(Shape.Matrix, count, count, Array.concat gradients)

    // Expectations, on normal forms in the random letters

    member private this.InForms(environment: Environment<'T>) : Evaluator<NormalForm> * Environment<NormalForm> =
        let form x =
            match arithmetic.TryForm x with
            | ValueSome form -> form
            | ValueNone -> raise (Unsupported "an expectation over this scalar kind")

        let lift value =
            match value with
            | Value.Map(images, into) -> Value.Map(images, into)
            | Value.Array(s, r, c, e) -> Value.Array(s, r, c, e |> Array.map (fun e -> { Re = form e.Re; Im = ValueOption.map form e.Im }))

        let conditions condition f = arithmetic.Require(condition, arithmetic.OfForm f)

        let forms = FormArithmetic(steps, conditions)
        Evaluator<NormalForm>(forms, steps, domains), Map.map (fun _ -> lift) environment

    member private this.OfForms(value: Value<NormalForm>) : Value<'T> =
        match value with
        | Value.Map(images, into) -> Value.Map(images, into)
        | Value.Array(s, r, c, e) ->
            Value.Array(s, r, c, e |> Array.map (fun e -> { Re = arithmetic.OfForm e.Re; Im = ValueOption.map arithmetic.OfForm e.Im }))

    /// The random objects that the expression mentions, with their laws, in every combination of values of the discrete ones:
    /// (weight, environment, laws of the continuous letters).
    member this.Draws(environment: Environment<'T>, mentioned: Set<int>) : (Entry<'T> * Environment<'T> * Map<int, RandomLaw>) list =
        let form x =
            match arithmetic.TryForm x with
            | ValueSome f -> f
            | ValueNone -> raise (Unsupported "a law over this scalar kind")

        let letters owner shape rows columns =
            Value.Array(
                shape,
                rows,
                columns,
                Array.init (rows * columns) (fun index ->
                    algebra.Real(arithmetic.OfForm(Randomness.letter owner (index / columns) (index % columns))))
            )

        let covarianceOf value =
            match value with
            | Value.Array(_, rows, columns, entries) when rows = columns ->
                rows, Array2D.init rows rows (fun i j -> form (this.RealOf(algebra.Scalar entries[i * rows + j])))
            | Value.Array _
            | Value.Map _ -> raise (OutOfShape "a covariance is a square matrix")

        let random =
            mentioned
            |> Set.toList
            |> List.choose (fun v ->
                match Map.tryFind v domains with
                | Some(Domain.Random distribution) -> Some(v, distribution)
                | _ -> None)

        ([ algebra.OneEntry, environment, Map.empty ], random)
        ||> List.fold (fun draws (v, distribution) ->
            draws
            |> List.collect (fun (weight, environment, laws) ->
                let drawn value law = [ weight, Map.add v value environment, Map.add v law laws ]

                match distribution with
                | Distribution.Normal sizes ->
                    let shape, rows, columns = this.PlainShape(environment, sizes)

                    // Every entry is a letter of its own, so rows need no covariance.
                    drawn (letters v shape rows columns) (RandomLaw.Gaussian None)
                | Distribution.Gaussian(mean, covariance) ->
                    let size, matrix = covarianceOf (this.Eval(environment, covariance))

                    drawn (algebra.Add(this.Eval(environment, mean), letters v Shape.Column size 1)) (RandomLaw.Gaussian(Some matrix))
                | Distribution.Wishart(degrees, scale) ->
                    let size, matrix = covarianceOf (this.Eval(environment, scale))
                    let columns = letters v Shape.Matrix size (this.IntegerOf(environment, degrees))

                    drawn (algebra.Multiply(columns, algebra.Adjoint columns)) (RandomLaw.Gaussian(Some matrix))
                | Distribution.ChiSquare degrees ->
                    let column = letters v Shape.Column (this.IntegerOf(environment, degrees)) 1

                    drawn (algebra.Multiply(algebra.Adjoint column, column)) (RandomLaw.Gaussian None)
                | Distribution.Uniform(low, high) ->
                    let low, high = this.Eval(environment, low), this.Eval(environment, high)
                    let unit = letters v Shape.Scalar 1 1

                    drawn (algebra.Add(low, algebra.Multiply(algebra.Subtract(high, low), unit))) RandomLaw.Uniform
                | Distribution.Discrete probabilities ->
                    match this.Eval(environment, probabilities) with
                    | Value.Array(_, _, _, entries) ->
                        [ for i in 0 .. entries.Length - 1 ->
                              algebra.MultiplyEntries(weight, entries[i]), Map.add v (algebra.Integer(i + 1)) environment, laws ]
                    | Value.Map _ -> raise (OutOfShape "a law is a vector of probabilities")))

    member private this.Statistic(environment, statistic, arguments) : Value<'T> =
        let forms, lifted = this.InForms environment
        let inner: ArrayAlgebra<NormalForm> = forms.Algebra

        let expect expr : Value<NormalForm> =
            forms.Draws(lifted, Mentions.ofExpr expr)
            |> List.map (fun (weight, drawn, laws) ->
                let integrate (e: Entry<NormalForm>) : Entry<NormalForm> =
                    { Re = Randomness.expectation laws steps e.Re
                      Im = e.Im |> ValueOption.map (Randomness.expectation laws steps) }

                inner.Scale(weight, inner.Map(integrate, forms.Eval(drawn, expr))))
            |> List.reduce (fun x y -> inner.Add(x, y))

        let covariance x y =
            let product = Expr.Apply("*", [ x; Expr.Apply("'", [ y ]) ])
            inner.Subtract(expect product, inner.Multiply(expect x, inner.Adjoint(expect y)))

        match statistic, arguments with
        | Statistic.Expectation, [ x ] -> this.OfForms(expect x)
        | Statistic.Variance, [ x ] -> this.OfForms(covariance x x)
        | Statistic.Covariance, [ x; y ] -> this.OfForms(covariance x y)
        | _ -> raise (OutOfShape "E and Var take one argument, Cov two")

    /// P[event] when chance enters through laws with finitely many values alone.
    member private this.Probability(environment, event) : Value<'T> =
        let forms, lifted = this.InForms environment

        forms.Draws(lifted, Mentions.ofProp event)
        |> List.map (fun (weight, drawn, laws) ->
            if not (Map.isEmpty laws) then
                raise (Unsupported "the probability of an event of continuous objects")

            match forms.Truth(drawn, event) with
            | ValueSome true -> weight
            | ValueSome false -> forms.Algebra.ZeroEntry
            | ValueNone -> raise (Unsupported "an event that is not decided"))
        |> List.reduce (fun x y -> forms.Algebra.AddEntries(x, y))
        |> forms.Algebra.Scalar
        |> this.OfForms

    // Propositions: true, false, or not known in this arithmetic

    /// Whether all entries of M vanish; over complex-typed entries both parts.
    member private _.AllZero(entries: Entry<'T> seq) : bool voption =
        entries
        |> Seq.collect (fun e ->
            match e.Im with
            | ValueSome im -> [ e.Re; im ]
            | ValueNone -> [ e.Re ])
        |> Seq.fold (fun known x -> both known (fun () -> sign x |> ValueOption.map ((=) 0))) (ValueSome true)

    /// Symmetric (Hermitian) with a nonnegative (positive) form, by LDLᵀ on rationals, by principal minors otherwise.
    member this.Definite(strictly: bool, value: Value<'T>) : bool voption =
        let struct (size, entries) = algebra.Square value

        let decide matrix = if strictly then Matrix.isPd matrix else Matrix.isPsd matrix

        match algebra.TryRationalMatrix value with
        | Some matrix -> ValueSome(decide matrix)
        | None ->
            match algebra.TryRealForm value with
            | Some matrix -> ValueSome(decide matrix)
            | None ->
                let minorSign rowSet = sign (algebra.Minor(size, entries, rowSet, rowSet)).Re

                let subsets =
                    if strictly then
                        [ for k in 1..size -> [| 0 .. k - 1 |] ]
                    else
                        [ for mask in 1 .. (1 <<< size) - 1 -> [| 0 .. size - 1 |] |> Array.filter (fun i -> mask &&& (1 <<< i) <> 0) ]

                let accepted s = if strictly then s > 0 else s >= 0

                let form =
                    (ValueSome true, subsets)
                    ||> List.fold (fun known subset -> both known (fun () -> minorSign subset |> ValueOption.map accepted))

                both form (fun () -> this.AllZero(this.Asymmetry value))

    /// The entries of M − M* above and on the diagonal.
    member _.Asymmetry(value: Value<'T>) : Entry<'T> list =
        let struct (size, entries) = algebra.Square value

        [ for i in 0 .. size - 1 do
              for j in i .. size - 1 do
                  let difference = algebra.SubtractEntries(entries[i * size + j], algebra.Conjugate entries[j * size + i])

                  if i <> j || difference.Im.IsSome then
                      difference ]

    member this.Truth(environment: Environment<'T>, prop: Prop) : bool voption =
        steps.Spend 1L

        match prop with
        | Prop.Compare(relation, left, right) -> this.Compare(relation, this.Eval(environment, left), this.Eval(environment, right))
        | Prop.Has(Property.Psd, m) -> this.Definite(false, this.Eval(environment, m))
        | Prop.Has(Property.Pd, m) -> this.Definite(true, this.Eval(environment, m))
        | Prop.Has(Property.Symmetric, m) -> this.AllZero(this.Asymmetry(this.Eval(environment, m)))
        | Prop.And(p, q) -> both (this.Truth(environment, p)) (fun () -> this.Truth(environment, q))
        | Prop.Or(p, q) -> negated (both (negated (this.Truth(environment, p))) (fun () -> negated (this.Truth(environment, q))))
        | Prop.Not p -> negated (this.Truth(environment, p))
        | Prop.Implies(p, q) -> negated (both (this.Truth(environment, p)) (fun () -> negated (this.Truth(environment, q))))
        | Prop.Iff(p, q) ->
            match this.Truth(environment, p), this.Truth(environment, q) with
            | ValueSome a, ValueSome b -> ValueSome((a = b))
            | _ -> ValueNone
        | Prop.Forall(binders, body) -> this.Quantified(environment, binders, body, false)
        | Prop.Exists(binders, body) -> negated (this.Quantified(environment, binders, body, true))
        | Prop.Approximately(x, y, tolerance, relative) ->
            let x, y = this.Eval(environment, x), this.Eval(environment, y)

            match algebra.Subtract(x, y), y with
            | Value.Array(_, _, _, gaps), Value.Array(_, _, _, scales) ->
                let square = arithmetic.OfRational(tolerance * tolerance)

                (ValueSome true, Seq.zip gaps scales)
                ||> Seq.fold (fun known (gap, scale) ->
                    both known (fun () ->
                        let allowed = if relative then arithmetic.Multiply(square, algebra.SquaredModulus scale) else square

                        sign (arithmetic.Subtract(allowed, algebra.SquaredModulus gap)) |> ValueOption.map (fun s -> s >= 0)))
            | _ -> raise (OutOfShape "≈ of maps")
        | Prop.SameLaw _ -> raise (Unsupported "equality in law")

    member private this.Compare(relation, left, right) : bool voption =
        let order accepted =
            let difference = arithmetic.Subtract(this.RealOf right, this.RealOf left)
            sign difference |> ValueOption.map accepted

        match relation with
        | Relation.Equal ->
            match left, right with
            | Value.Map(a, _), Value.Map(b, _) -> ValueSome((a = b))
            | _ ->
                match algebra.Subtract(left, right) with
                | Value.Array(_, _, _, entries) -> this.AllZero entries
                | Value.Map _ -> ValueNone
        | Relation.NotEqual -> negated (this.Compare(Relation.Equal, left, right))
        | Relation.Less -> order (fun s -> s > 0)
        | Relation.LessEqual -> order (fun s -> s >= 0)
        | Relation.Greater -> order (fun s -> s < 0)
        | Relation.GreaterEqual -> order (fun s -> s <= 0)
        | Relation.Loewner -> this.Definite(false, algebra.Subtract(right, left))

    /// Whether a value has the shape and the field of the objects of a domain.
    member this.HasShape(environment: Environment<'T>, variable: int, domain: Domain) : bool =
        let matches shape rows columns value =
            match value with
            | Value.Array(s, r, c, entries) ->
                s = shape && r = rows && c = columns && (Domains.isComplex domain || entries |> Array.forall (fun e -> e.Im.IsNone))
            | Value.Map _ -> false

        let value = Map.find variable environment

        match domain with
        | Domain.Plain(_, sizes) ->
            let shape, rows, columns = this.PlainShape(environment, sizes)
            matches shape rows columns value
        | Domain.Simplex n -> matches Shape.Column (this.IntegerOf(environment, n)) 1 value
        | Domain.Stochastic(n, m) -> matches Shape.Matrix (this.IntegerOf(environment, n)) (this.IntegerOf(environment, m)) value
        | Domain.Coupling(a, b) ->
            match this.Eval(environment, a), this.Eval(environment, b) with
            | Value.Array(_, n, _, _), Value.Array(_, m, _, _) -> matches Shape.Matrix n m value
            | _ -> false
        | Domain.Symmetric n
        | Domain.Psd(n, _)
        | Domain.Spd n
        | Domain.Orthogonal n
        | Domain.Diagonal n
        | Domain.Hermitian n
        | Domain.HermitianPsd n
        | Domain.HermitianPd n
        | Domain.Unitary n
        | Domain.Density n ->
            let size = this.IntegerOf(environment, n)
            matches Shape.Matrix size size value
        | Domain.Map(from, into) ->
            match value with
            | Value.Map(images, bound) ->
                images.Length = this.IntegerOf(environment, from)
                && bound = this.IntegerOf(environment, into)
                && images |> Array.forall (fun i -> 1 <= i && i <= bound)
            | Value.Array _ -> false
        | Domain.Random _ -> false

    /// Whether a value belongs to a domain.
    member this.Contains(environment: Environment<'T>, variable: int, domain: Domain) : bool voption =
        if not (this.HasShape(environment, variable, domain)) then
            ValueSome false
        else
            match Domains.membership domain (Expr.Variable variable) with
            | None -> ValueSome true
            | Some prop -> this.Truth(environment, prop)

    /// Whether `body` (negated: its negation) holds for all assignments. A binder that a witness has assigned stands for itself, when
    /// it belongs to its domain: it can refute, not confirm.
    member private this.Quantified(environment, binders, body, negate) : bool voption =
        match binders with
        | [] ->
            let t = this.Truth(environment, body)
            if negate then negated t else t
        | binder :: rest ->
            let assigned =
                match binder.Range with
                | Range.Within domain when Map.containsKey binder.Variable environment ->
                    this.Contains(environment, binder.Variable, domain) = ValueSome true
                | _ -> false

            if assigned then
                match this.Quantified(environment, rest, body, negate) with
                | ValueSome false -> ValueSome false
                | _ -> ValueNone
            else
                match this.Values(environment, binder.Range) with
                | None -> ValueNone
                | Some values ->
                    use walk = values.GetEnumerator()
                    let mutable known = ValueSome true

                    while known <> ValueSome false && walk.MoveNext() do
                        let inner = Map.add binder.Variable walk.Current environment
                        known <- both known (fun () -> this.Quantified(inner, rest, body, negate))

                    known
