namespace VerifyEnergy.Kernel

// What each function of the language means, on values over any arithmetic: the exact meaning behind the registry in Claims.

[<RequireQualifiedAccess>]
module Logic =
    /// Three-valued `and`; the right side is looked at only when the left is not false.
    let both (left: bool voption) (right: unit -> bool voption) : bool voption =
        match left with
        | ValueSome false -> ValueSome false
        | ValueSome true -> right ()
        | ValueNone ->
            // The left side may be false, and then the right side need not be defined.
            let known =
                try
                    right ()
                with Undefined _ ->
                    ValueNone

            match known with
            | ValueSome false -> ValueSome false
            | _ -> ValueNone

    let negated (truth: bool voption) : bool voption = ValueOption.map not truth

[<Sealed>]
type Functions<'T>(arithmetic: Arithmetic<'T>) =
    let algebra = ArrayAlgebra<'T>(arithmetic)
    let sign x = arithmetic.Sign x

    member _.Algebra = algebra

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

    /// A literal from its blocks, row by row.
    member _.Blocks(rows: Value<'T> list list) =
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

    // Functions of the registry

    /// The function `name` of the registry at these values. Unsupported when it has no exact meaning here.
    member this.Apply(name: string, values: Value<'T> list) : Value<'T> =
        let real f x = algebra.RealScalar(f (this.RealOf x))

        let apply name x = arithmetic.Apply(name, [ x ])
        let number n = arithmetic.OfRational(Rational.OfInt n)

        let greater a b =
            // A tie of dual numbers is no tie of their slopes: Sign does not decide it.
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
                Array.init (algebra.Extent(size, size)) (fun index ->
                    if index / size = index % size then entries[index / size] else algebra.ZeroEntry)
            )
        | "I", [ n ] -> algebra.Identity(this.SizeOf n)
        | ("ones" | "zeros"), sizes when sizes.Length = 1 || sizes.Length = 2 ->
            let fill = if name = "ones" then algebra.OneEntry else algebra.ZeroEntry

            match sizes |> List.map this.SizeOf with
            | [ n ] -> Value.Array(Shape.Column, n, 1, Array.replicate (algebra.Extent(n, 1)) fill)
            | rows :: columns :: _ -> Value.Array(Shape.Matrix, rows, columns, Array.replicate (algebra.Extent(rows, columns)) fill)
            | [] -> raise (OutOfShape $"{name} needs a size")
        | "e", [ i; n ] ->
            let i, n = this.SizeOf i, this.SizeOf n

            if i < 1 || i > n then
                raise (OutOfShape $"e({i},{n}): the index is outside 1..{n}")

            Value.Array(
                Shape.Column,
                n,
                1,
                Array.init (algebra.Extent(n, 1)) (fun j -> if j = i - 1 then algebra.OneEntry else algebra.ZeroEntry)
            )
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
            algebra.RefuseLongPower(x, n)

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

    // Definiteness

    /// Whether all entries of M vanish; over complex-typed entries both parts.
    member _.AllZero(entries: Entry<'T> seq) : bool voption =
        entries
        |> Seq.collect (fun e ->
            match e.Im with
            | ValueSome im -> [ e.Re; im ]
            | ValueNone -> [ e.Re ])
        |> Seq.fold (fun known x -> Logic.both known (fun () -> sign x |> ValueOption.map ((=) 0))) (ValueSome true)

    /// Symmetric (Hermitian) with a nonnegative (positive) form, by LDLᵀ on rationals, by principal minors otherwise.
    member this.Definite(strictly: bool, value: Value<'T>) : bool voption =
        let struct (size, entries) = algebra.Square value

        let decide matrix = if strictly then Matrix.isPd matrix else Matrix.isPsd matrix

        match algebra.TryRationalMatrix value with
        | Some matrix -> ValueSome(decide matrix)
        | None ->
            match algebra.TryRealForm value with
            | Some matrix -> ValueSome(decide matrix)
            | None when size > 12 -> ValueNone
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
                    ||> List.fold (fun known subset -> Logic.both known (fun () -> minorSign subset |> ValueOption.map accepted))

                Logic.both form (fun () -> this.AllZero(this.Asymmetry value))

    /// The entries of M − M* above and on the diagonal.
    member _.Asymmetry(value: Value<'T>) : Entry<'T> list =
        let struct (size, entries) = algebra.Square value

        [ for i in 0 .. size - 1 do
              for j in i .. size - 1 do
                  let difference = algebra.SubtractEntries(entries[i * size + j], algebra.Conjugate entries[j * size + i])

                  if i <> j || difference.Im.IsSome then
                      difference ]
