namespace VerifyEnergy.Kernel

// Values of expressions over any scalar kind, and the algebra of arrays on them.

[<RequireQualifiedAccess>]
type Shape =
    | Scalar
    | Column
    | Row
    | Matrix

/// An entry: real part, and imaginary part where the expression is complex-typed (even when it happens to be 0).
[<Struct>]
type Entry<'T> = { Re: 'T; Im: 'T voption }

/// Entries row by row; a scalar is 1 × 1, a column n × 1, a row 1 × n. A map holds its images in 1..Into.
[<RequireQualifiedAccess>]
type Value<'T> =
    | Array of Shape: Shape * Rows: int * Columns: int * Entries: Entry<'T>[]
    | Map of Images: int[] * Into: int

/// Array algebra over one arithmetic. Shapes were checked by kinds; a clash here is an instance out of shape.
[<Sealed>]
type ArrayAlgebra<'T>(arithmetic: Arithmetic<'T>) =
    let zero = arithmetic.OfRational Rational.Zero
    let one = arithmetic.OfRational Rational.One

    /// A minor that needs more column sets at once is refused: dense ones up to 9 × 9 pass, whose polynomials still fit into memory.
    static let maxColumnSets = 126

    /// Numbers beyond this many bits are refused.
    static let maxBits = 10_000_000L

    let isZero x =
        match arithmetic.TryRational x with
        | ValueSome r -> r.IsZero
        | ValueNone -> false

    member _.Real(x: 'T) : Entry<'T> = { Re = x; Im = ValueNone }
    member _.Rational(r: Rational) : Entry<'T> = { Re = arithmetic.OfRational r; Im = ValueNone }
    member _.Scalar(x: Entry<'T>) = Value.Array(Shape.Scalar, 1, 1, [| x |])
    member this.RealScalar(x: 'T) = this.Scalar(this.Real x)

    member this.Integer(n: int) = this.RealScalar(arithmetic.OfRational(Rational.OfInt n))

    /// Number of entries of a rows × columns array; TooLarge beyond a million.
    member _.Extent(rows: int, columns: int) : int =
        if int64 rows * int64 columns > 1_000_000L then
            raise (TooLarge $"an array of {rows}×{columns} entries")

        rows * columns

    // Entries

    /// The imaginary part that is not known to vanish.
    member _.Imaginary(x: Entry<'T>) =
        match x.Im with
        | ValueSome im when not (isZero im) -> ValueSome im
        | ValueSome _
        | ValueNone -> ValueNone

    member _.AddEntries(x: Entry<'T>, y: Entry<'T>) : Entry<'T> =
        { Re = arithmetic.Add(x.Re, y.Re)
          Im =
            match x.Im, y.Im with
            | ValueSome a, ValueSome b -> ValueSome(arithmetic.Add(a, b))
            | ValueSome a, ValueNone
            | ValueNone, ValueSome a -> ValueSome a
            | ValueNone, ValueNone -> ValueNone }

    member _.NegateEntry(x: Entry<'T>) : Entry<'T> = { Re = arithmetic.Negate x.Re; Im = ValueOption.map arithmetic.Negate x.Im }

    member this.SubtractEntries(x: Entry<'T>, y: Entry<'T>) = this.AddEntries(x, this.NegateEntry y)

    member _.MultiplyEntries(x: Entry<'T>, y: Entry<'T>) : Entry<'T> =
        match x.Im, y.Im with
        | ValueNone, ValueNone -> { Re = arithmetic.Multiply(x.Re, y.Re); Im = ValueNone }
        | ValueSome a, ValueNone -> { Re = arithmetic.Multiply(x.Re, y.Re); Im = ValueSome(arithmetic.Multiply(a, y.Re)) }
        | ValueNone, ValueSome b -> { Re = arithmetic.Multiply(x.Re, y.Re); Im = ValueSome(arithmetic.Multiply(x.Re, b)) }
        | ValueSome a, ValueSome b ->
            { Re = arithmetic.Subtract(arithmetic.Multiply(x.Re, y.Re), arithmetic.Multiply(a, b))
              Im = ValueSome(arithmetic.Add(arithmetic.Multiply(x.Re, b), arithmetic.Multiply(a, y.Re))) }

    member _.Conjugate(x: Entry<'T>) : Entry<'T> = { x with Im = ValueOption.map arithmetic.Negate x.Im }

    /// |x|².
    member _.SquaredModulus(x: Entry<'T>) =
        let re = arithmetic.Multiply(x.Re, x.Re)

        match x.Im with
        | ValueSome im -> arithmetic.Add(re, arithmetic.Multiply(im, im))
        | ValueNone -> re

    member this.DivideEntries(x: Entry<'T>, y: Entry<'T>) : Entry<'T> =
        let byReal (divisor: 'T) (z: Entry<'T>) =
            { Re = arithmetic.Divide(z.Re, divisor)
              Im = z.Im |> ValueOption.map (fun im -> arithmetic.Divide(im, divisor)) }

        match this.Imaginary y with
        | ValueNone ->
            arithmetic.Require(Condition.Nonzero, y.Re)
            byReal y.Re x
        | ValueSome _ ->
            let modulus = this.SquaredModulus y
            arithmetic.Require(Condition.Nonzero, modulus)
            byReal modulus (this.MultiplyEntries(x, this.Conjugate y))

    member _.ZeroEntry: Entry<'T> = { Re = zero; Im = ValueNone }
    member _.OneEntry: Entry<'T> = { Re = one; Im = ValueNone }

    member _.IsZeroEntry(x: Entry<'T>) =
        isZero x.Re
        && (match x.Im with
            | ValueSome im -> isZero im
            | ValueNone -> true)

    // Arrays

    member _.Map(f: Entry<'T> -> Entry<'T>, value: Value<'T>) =
        match value with
        | Value.Array(shape, rows, columns, entries) -> Value.Array(shape, rows, columns, Array.map f entries)
        | Value.Map _ -> raise (OutOfShape "a map stands where an array is meant")

    member _.Zip(f: Entry<'T> -> Entry<'T> -> Entry<'T>, x: Value<'T>, y: Value<'T>) =
        match x, y with
        | Value.Array(shape, rows, columns, a), Value.Array(_, rows2, columns2, b) when rows = rows2 && columns = columns2 ->
            Value.Array(shape, rows, columns, Array.map2 f a b)
        | Value.Array(_, rows, columns, _), Value.Array(_, rows2, columns2, _) ->
            raise (OutOfShape $"{rows}×{columns} against {rows2}×{columns2}")
        | Value.Map _, _
        | _, Value.Map _ -> raise (OutOfShape "a map stands where an array is meant")

    member this.Add(x, y) = this.Zip((fun a b -> this.AddEntries(a, b)), x, y)

    member this.Subtract(x, y) = this.Zip((fun a b -> this.SubtractEntries(a, b)), x, y)

    member this.Scale(factor: Entry<'T>, value) = this.Map((fun a -> this.MultiplyEntries(factor, a)), value)

    member this.Multiply(x: Value<'T>, y: Value<'T>) =
        match x, y with
        | Value.Array(Shape.Scalar, _, _, a), Value.Array _ -> this.Scale(a[0], y)
        | Value.Array _, Value.Array(Shape.Scalar, _, _, b) -> this.Scale(b[0], x)
        | Value.Array(left, rows, inner, a), Value.Array(right, inner2, columns, b) ->
            if inner <> inner2 then
                raise (OutOfShape $"product of {rows}×{inner} and {inner2}×{columns}")

            let entry index =
                let i, j = index / columns, index % columns
                let mutable sum = this.ZeroEntry
                let mutable first = true

                for m in 0 .. inner - 1 do
                    let p, q = a[i * inner + m], b[m * columns + j]

                    if not (this.IsZeroEntry p || this.IsZeroEntry q) then
                        let product = this.MultiplyEntries(p, q)
                        sum <- if first then product else this.AddEntries(sum, product)
                        first <- false

                sum

            let shape =
                match left, right with
                | Shape.Row, Shape.Column -> Shape.Scalar
                | Shape.Row, _ -> Shape.Row
                | _, Shape.Column -> Shape.Column
                | _, _ -> Shape.Matrix

            // Zeros skipped above must not hide that an entry is complex-typed.
            let isComplex =
                let typed (entries: Entry<'T>[]) = entries |> Array.exists (fun e -> e.Im.IsSome)

                typed a || typed b

            let complexTyped (e: Entry<'T>) = if isComplex && e.Im.IsNone then { e with Im = ValueSome zero } else e

            Value.Array(shape, rows, columns, Array.init (this.Extent(rows, columns)) (entry >> complexTyped))
        | Value.Map _, _
        | _, Value.Map _ -> raise (OutOfShape "a map stands where an array is meant")

    member this.Adjoint(value: Value<'T>) =
        match value with
        | Value.Array(shape, rows, columns, entries) ->
            let flipped =
                match shape with
                | Shape.Scalar -> Shape.Scalar
                | Shape.Column -> Shape.Row
                | Shape.Row -> Shape.Column
                | Shape.Matrix -> Shape.Matrix

            Value.Array(
                flipped,
                columns,
                rows,
                Array.init (rows * columns) (fun index -> this.Conjugate entries[(index % rows) * columns + index / rows])
            )
        | Value.Map _ -> raise (OutOfShape "a map stands where an array is meant")

    member this.Identity(size: int) =
        Value.Array(
            Shape.Matrix,
            size,
            size,
            Array.init (this.Extent(size, size)) (fun index -> if index / size = index % size then this.OneEntry else this.ZeroEntry)
        )

    /// Real entries as rationals, when all are known.
    member this.TryRationalMatrix(value: Value<'T>) : Rational[,] option =
        match value with
        | Value.Map _ -> None
        | Value.Array(_, rows, columns, entries) ->
            let known =
                entries
                |> Array.map (fun e ->
                    match this.Imaginary e with
                    | ValueNone -> arithmetic.TryRational e.Re
                    | ValueSome _ -> ValueNone)

            if known |> Array.forall ValueOption.isSome then
                Some(Array2D.init rows columns (fun i j -> known[i * columns + j].Value))
            else
                None

    /// The real matrix [[A, −B], [B, A]] of A + iB when all entries are known rationals: its rank is twice the rank, and it is
    /// positive (semi)definite exactly when A + iB is.
    member _.TryRealForm(value: Value<'T>) : Rational[,] option =
        match value with
        | Value.Map _ -> None
        | Value.Array(_, rows, columns, entries) ->
            let known =
                entries
                |> Array.map (fun e ->
                    match arithmetic.TryRational e.Re, e.Im with
                    | ValueSome re, ValueNone -> ValueSome(struct (re, Rational.Zero))
                    | ValueSome re, ValueSome im ->
                        match arithmetic.TryRational im with
                        | ValueSome im -> ValueSome(struct (re, im))
                        | ValueNone -> ValueNone
                    | ValueNone, _ -> ValueNone)

            if known |> Array.forall ValueOption.isSome then
                Some(
                    Array2D.init (2 * rows) (2 * columns) (fun i j ->
                        let struct (re, im) = known[(i % rows) * columns + j % columns].Value

                        if (i < rows) = (j < columns) then re
                        elif i < rows then -im
                        else im)
                )
            else
                None

    /// Determinant of the square submatrix with these rows and columns, by expansion along rows over column sets:
    /// size·2^(size−1) products and no division, so it holds for every scalar kind.
    member this.Minor(columns: int, entries: Entry<'T>[], rowSet: int[], columnSet: int[]) : Entry<'T> =
        let size = rowSet.Length

        // Column sets are the bits of an int.
        if size > 30 then
            raise (Unsupported $"a minor of size {size}")

        let mutable level = Map.ofList [ 0, this.OneEntry ]

        for r in 0 .. size - 1 do
            if level.Count > maxColumnSets then
                raise (Unsupported $"a dense minor of size {size}")

            let next = System.Collections.Generic.SortedDictionary<int, Entry<'T>>()

            for KeyValue(used, minor) in level do
                // Sign of putting column c after the columns already used: one flip for each used column right of it.
                for c in 0 .. size - 1 do
                    if used &&& (1 <<< c) = 0 then
                        let entry = entries[rowSet[r] * columns + columnSet[c]]

                        if not (this.IsZeroEntry entry) then
                            let mutable flips = 0

                            for other in c + 1 .. size - 1 do
                                if used &&& (1 <<< other) <> 0 then
                                    flips <- flips + 1

                            let product = this.MultiplyEntries(entry, minor)

                            let signed = if flips % 2 = 0 then product else this.NegateEntry product

                            let key = used ||| (1 <<< c)

                            next[key] <-
                                match next.TryGetValue key with
                                | true, sum -> this.AddEntries(sum, signed)
                                | false, _ -> signed

            level <- Seq.fold (fun map (KeyValue(k, v)) -> Map.add k v map) Map.empty next

        match Map.tryFind ((1 <<< size) - 1) level with
        | Some determinant -> determinant
        | None -> this.ZeroEntry

    /// The square entries of a matrix, or OutOfShape.
    member _.Square(value: Value<'T>) =
        match value with
        | Value.Array(_, rows, columns, entries) when rows = columns -> struct (rows, entries)
        | Value.Array(_, rows, columns, _) -> raise (OutOfShape $"a square matrix is needed, this is {rows}×{columns}")
        | Value.Map _ -> raise (OutOfShape "a map stands where a matrix is meant")

    /// Raises TooLarge when powers of known numbers would be too long to compute with.
    member _.RefuseLongPower(value: Value<'T>, exponent: int) : unit =
        match value with
        | Value.Map _ -> ()
        | Value.Array(_, _, _, entries) ->
            for e in entries do
                match arithmetic.TryRational e.Re with
                | ValueSome r when not r.Abs.IsOne && r.BitLength * int64 exponent > maxBits -> raise (TooLarge $"the power {exponent}")
                | ValueSome _
                | ValueNone -> ()

    member this.Determinant(value: Value<'T>) : Entry<'T> =
        let struct (size, entries) = this.Square value

        match this.TryRationalMatrix value with
        | Some matrix -> this.Rational(Matrix.determinant matrix)
        | None ->
            let all = [| 0 .. size - 1 |]
            this.Minor(size, entries, all, all)

    /// Transposed cofactors: A·adj(A) = det(A)·I.
    member this.Adjugate(value: Value<'T>) =
        let struct (size, entries) = this.Square value
        let without k = [| 0 .. size - 1 |] |> Array.filter ((<>) k)

        Value.Array(
            Shape.Matrix,
            size,
            size,
            Array.init (size * size) (fun index ->
                let i, j = index / size, index % size
                let cofactor = this.Minor(size, entries, without j, without i)

                if (i + j) % 2 = 0 then cofactor else this.NegateEntry cofactor)
        )

    member this.Inverse(value: Value<'T>) =
        match this.TryRationalMatrix value |> Option.map Matrix.tryInverse with
        | Some(Some inverse) ->
            let size = Array2D.length1 inverse

            Value.Array(Shape.Matrix, size, size, Array.init (size * size) (fun index -> this.Rational inverse[index / size, index % size]))
        | Some None -> raise (Undefined "inverse of a singular matrix")
        | None ->
            let determinant = this.Determinant value
            let adjugate = this.Adjugate value
            this.Map((fun entry -> this.DivideEntries(entry, determinant)), adjugate)

    member this.Trace(value: Value<'T>) =
        let struct (size, entries) = this.Square value

        Seq.init size (fun i -> entries[i * size + i]) |> Seq.reduce (fun a b -> this.AddEntries(a, b))

    member this.Kronecker(x: Value<'T>, y: Value<'T>) =
        match x, y with
        | Value.Array(left, rows, columns, a), Value.Array(right, rows2, columns2, b) ->
            let shape = if left = right then left else Shape.Matrix
            let width = columns * columns2

            Value.Array(
                shape,
                rows * rows2,
                width,
                Array.init (this.Extent(rows * rows2, width)) (fun index ->
                    let i, j = index / width, index % width

                    this.MultiplyEntries(a[(i / rows2) * columns + j / columns2], b[(i % rows2) * columns2 + j % columns2]))
            )
        | Value.Map _, _
        | _, Value.Map _ -> raise (OutOfShape "a map stands where an array is meant")
