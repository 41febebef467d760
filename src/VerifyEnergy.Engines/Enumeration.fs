namespace VerifyEnergy.Engines

open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

// All objects of a space with small numerators over one denominator, by direct construction from the domain's shape.

/// An object with entries X / denominator for whole X, and what orders it among others of that denominator.
[<Sealed; AllowNullLiteral>]
type internal Candidate(data: ObjectValue, codes: int[], nonzeros: int, height: int, content: int, value: Value<Rational>, rank: Lazy<int>)
    =
    member _.Data = data
    /// Entries row by row, numerators coded so that 0 < 1 < −1 < 2 < −2 < …; complex entries as two.
    member _.Codes = codes
    member _.Nonzeros = nonzeros
    /// Largest |numerator|.
    member _.Height = height
    /// Greatest common divisor of the denominator and all numerators.
    member _.Content = content
    member _.Value = value
    /// Values of subexpressions in this object alone, by the object's binder; kept by the walk over candidates.
    member val Derived = Dictionary<int, (int * Value<Rational>) list option>() with get
    /// 0 for what is no matrix.
    member _.Rank = rank.Value

[<RequireQualifiedAccess>]
module internal Enumeration =
    type private Number = (struct (int * int))

    let private real x : Number = struct (x, 0)
    let private isZero (struct (a, b): Number) = a = 0 && b = 0
    let private squared (struct (a, b): Number) = a * a + b * b

    /// 0 < 1 < −1 < 2 < −2 < ….
    let code (x: int) = if x > 0 then 2 * x - 1 else -2 * x

    let private ordered (a: int[]) (b: int[]) =
        let mutable i = 0

        while i < a.Length && a[i] = b[i] do
            i <- i + 1

        if i = a.Length then 0 else compare a[i] b[i]

    /// Walks all assignments of `weights.Length` places with at most `nonzeros` nonzero entries, a place counting by its weight.
    /// False when `emit` asked to stop.
    let private backtrack
        (weights: int[])
        (nonzeros: int)
        (choices: Number[] -> int -> Number[])
        (emit: Number[] -> bool)
        (spend: int64 -> unit)
        : bool =
        let places = Array.create weights.Length (real 0)

        let rec place k left =
            if k = places.Length then
                emit places
            else
                let options = choices places k
                spend (1L + int64 options.Length / 4L)
                let mutable going = true
                let mutable i = 0

                while going && i < options.Length do
                    let option = options[i]
                    let cost = if isZero option then 0 else weights[k]

                    if cost <= left then
                        places[k] <- option
                        going <- place (k + 1) (left - cost)

                    i <- i + 1

                places[k] <- real 0
                going

        place 0 nonzeros

    let private span low high = if low > high then [||] else [| for x in low..high -> real x |]

    /// Every object X / d of the space with |X| ≤ h and at most `nonzeros` nonzero entries, in canonical order; None beyond `cap`.
    /// `spend` is told of every array that is looked at.
    let upTo (spend: int64 -> unit) (space: Space) (shape: Shape) (d: int) (h: int) (nonzeros: int) (cap: int) : Candidate[] option =
        let found = List<Candidate>()
        let denominator = BigInteger d

        let matrix rows columns (entry: int -> int -> Number) : Number[] =
            Array.init (rows * columns) (fun k -> entry (k / columns) (k % columns))

        let isComplex = Space.isComplex space
        let exact x = Rational.Create(BigInteger(x: int), denominator)

        let add rows columns (entries: Number[]) =
            let parts =
                if isComplex then
                    entries |> Array.collect (fun (struct (a, b)) -> [| a; b |])
                else
                    entries |> Array.map (fun (struct (a, _)) -> a)

            let pairs = entries |> Array.map (fun (struct (a, b)) -> struct (exact a, exact b))
            let data = ObjectValue.Array(rows, columns, pairs)

            let value =
                Value.Array(
                    shape,
                    rows,
                    columns,
                    pairs |> Array.map (fun (struct (a, b)) -> { Re = a; Im = if isComplex then ValueSome b else ValueNone })
                )

            let rank =
                lazy
                    (if shape <> Shape.Matrix then
                         0
                     elif isComplex then
                         Matrix.rank (Complex.realForm (Array2D.init rows columns (fun i j -> pairs[i * columns + j]))) / 2
                     else
                         Matrix.rank (
                             Array2D.init rows columns (fun i j -> let struct (a, _) = entries[i * columns + j] in Rational.OfInt a)
                         ))

            let count = entries |> Array.sumBy (fun x -> if isZero x then 0 else 1)
            let content = (d, parts) ||> Array.fold (fun g x -> int (BigInteger.GreatestCommonDivisor(BigInteger g, BigInteger x)))

            found.Add(
                Candidate(
                    data,
                    Array.map code parts,
                    count,
                    (if parts.Length = 0 then 0 else parts |> Array.maxBy abs |> abs),
                    content,
                    value,
                    rank
                )
            )

            found.Count <= cap

        let walk weights choices emit = backtrack weights nonzeros choices emit spend

        /// Values of one entry in a plain array, simplest first.
        let slotValues slot =
            match slot with
            | Slot.Free -> span -h h
            | Slot.Nonnegative -> span 0 h
            | Slot.Positive -> span 1 h
            | Slot.Sign -> if d <= h then [| real -d; real d |] else [||]
            | Slot.Whole(low, high) -> span (max low (-h / d)) (min high (h / d)) |> Array.map (fun (struct (x, _)) -> real (x * d))

        let complexSquare limit =
            [| for a in -h .. h do
                   for b in -h .. h do
                       if a * a + b * b <= limit then
                           struct (a, b) |]

        let everything = System.Int32.MaxValue

        let plain rows columns values =
            walk (Array.create (rows * columns) 1) (fun _ _ -> values) (fun places -> add rows columns (Array.copy places))

        let exactly n (entries: Number[]) =
            Complex.realForm (
                Array2D.init n n (fun i j -> let struct (a, b) = entries[i * n + j] in struct (Rational.OfInt a, Rational.OfInt b))
            )

        /// Whether a Hermitian array of whole numbers is positive semidefinite (definite), by fraction-free elimination of its real
        /// form; beyond 64 bits by the kernel.
        let isDefinite strictly n (entries: Number[]) =
            let size = if isComplex then 2 * n else n

            let at i j =
                let struct (a, b) = entries[(i % n) * n + j % n]

                if not isComplex || (i < n) = (j < n) then int64 a
                elif i < n then int64 -b
                else int64 b

            spend (int64 (size * size * size) / 4L)
            let m = Array2D.init size size at
            let mutable previous = 1L
            let mutable holds = true
            let mutable k = 0

            try
                while holds && k < size do
                    let pivot = m[k, k]

                    if pivot < 0L || (strictly && pivot = 0L) then
                        holds <- false
                    elif pivot = 0L then
                        holds <- seq { k + 1 .. size - 1 } |> Seq.forall (fun j -> m[k, j] = 0L)
                    else
                        for i in k + 1 .. size - 1 do
                            for j in k + 1 .. size - 1 do
                                m[i, j] <- Checked.(-) (Checked.(*) pivot m[i, j]) (Checked.(*) m[i, k] m[k, j]) / previous

                        previous <- pivot

                    k <- k + 1

                holds
            with :? System.OverflowException ->
                if strictly then Matrix.isPd (exactly n entries) else Matrix.isPsd (exactly n entries)

        // Diagonal entries first, then the entries above it, column by column.
        let upper n =
            [| for j in 1 .. n - 1 do
                   for i in 0 .. j - 1 -> i, j |]

        /// Hermitian arrays; with `strictly`, positive (semi)definite ones, whose leading blocks are tested as they fill up.
        let hermitian n (strictly: bool voption) (diagonal: Number[] -> int -> Number[]) (above: int -> int -> Number[]) accept =
            let pairs = upper n
            let place = Array2D.create n n 0
            pairs |> Array.iteri (fun k (i, j) -> place[i, j] <- n + k)
            let weights = Array.init (n + pairs.Length) (fun k -> if k < n then 1 else 2)

            let block (places: Number[]) size =
                matrix size size (fun i j ->
                    if i = j then places[i]
                    elif i < j then places[place[i, j]]
                    else let struct (a, b) = places[place[j, i]] in struct (a, -b))

            let isMet (places: Number[]) size =
                match strictly with
                | ValueNone -> true
                | ValueSome strictly -> size < 3 || isDefinite strictly size (block places size)

            let choices (places: Number[]) k =
                if k < n then
                    diagonal places k
                else
                    let i, j = pairs[k - n]

                    if i = 0 && not (isMet places j) then
                        [||]
                    else
                        let struct (a, _), struct (b, _) = places[i], places[j]
                        above a b

            walk weights choices (fun places ->
                let entries = block places n
                not (isMet places n && accept entries) || add n n entries)

        let bounded limit = if isComplex then complexSquare limit else Array.filter (fun x -> squared x <= limit) (span -h h)
        let bounds = Dictionary<int, Number[]>()

        let boundedBy limit =
            match bounds.TryGetValue limit with
            | true, values -> values
            | false, _ ->
                let values = bounded limit
                bounds[limit] <- values
                values

        let any = if isComplex then complexSquare everything else span -h h

        /// The 2 × 2 minors are kept nonnegative on the way; from side 3 on the whole form is tested.
        let semidefinite n rank =
            hermitian n (ValueSome false) (fun _ _ -> span 0 h) (fun a b -> boundedBy (a * b)) (fun entries ->
                rank >= n || Matrix.rank (exactly n entries) / 2 <= rank)

        let definite n diagonal = hermitian n (ValueSome true) diagonal (fun a b -> boundedBy (a * b - 1)) (fun _ -> true)

        /// Rows of squared length d², each orthogonal to those before.
        let isometric n =
            let choices (places: Number[]) k =
                let row = k / n
                let spent = seq { row * n .. k - 1 } |> Seq.sumBy (fun m -> squared places[m])
                let rest = d * d - spent
                let isLast = k % n = n - 1

                let orthogonal (x: Number) =
                    seq { 0 .. row - 1 }
                    |> Seq.forall (fun other ->
                        let mutable re, im = 0, 0

                        for m in 0 .. n - 1 do
                            let struct (a, b) = places[other * n + m]
                            let struct (p, q) = if m = n - 1 then x else places[row * n + m]
                            re <- re + a * p + b * q
                            im <- im + a * q - b * p

                        re = 0 && im = 0)

                boundedBy rest |> Array.filter (fun x -> not isLast || (squared x = rest && orthogonal x))

            walk (Array.create (n * n) 1) choices (fun places -> add n n (Array.copy places))

        /// Nonnegative arrays with given row sums, and column sums where there are any.
        let withSums (rowSums: int[]) columns (columnSums: int[] option) =
            let rows = rowSums.Length
            // A simplex is one row of sums, kept as a column.
            let add' entries = if shape = Shape.Column then add columns 1 entries else add rows columns entries
            let at (places: Number[]) k = let struct (a, _) = places[k] in a

            let choices (places: Number[]) k =
                let row, column = k / columns, k % columns
                let rowRest = rowSums[row] - (seq { row * columns .. k - 1 } |> Seq.sumBy (at places))

                let columnRest =
                    match columnSums with
                    | Some sums -> sums[column] - (seq { 0 .. row - 1 } |> Seq.sumBy (fun i -> at places (i * columns + column)))
                    | None -> rowRest

                let low = max (if column = columns - 1 then rowRest else 0) (if columnSums.IsSome && row = rows - 1 then columnRest else 0)
                span low (min h (min rowRest columnRest))

            walk (Array.create (rows * columns) 1) choices (fun places -> add' (Array.copy places))

        let scaled (values: Rational list) =
            let whole = values |> List.map (fun x -> (x * Rational.OfInt d).TryInt)

            if whole |> List.forall ValueOption.isSome then
                Some(whole |> List.map ValueOption.get |> List.toArray)
            else
                None

        let complete =
            match space with
            | Space.Entries(slot, rows, columns) -> plain rows columns (slotValues slot)
            | Space.ComplexEntries(rows, columns) -> plain rows columns any
            | Space.Diagonal n ->
                walk (Array.create n 1) (fun _ _ -> span -h h) (fun places ->
                    add n n (matrix n n (fun i j -> if i = j then places[i] else real 0)))
            | Space.Symmetric n
            | Space.Hermitian n -> hermitian n ValueNone (fun _ _ -> span -h h) (fun _ _ -> any) (fun _ -> true)
            | Space.Psd(n, rank) -> semidefinite n rank
            | Space.HermitianPsd n -> semidefinite n n
            | Space.Spd n
            | Space.HermitianPd n -> definite n (fun _ _ -> span 1 h)
            | Space.Density n ->
                definite n (fun places k ->
                    let rest = d - (seq { 0 .. k - 1 } |> Seq.sumBy (fun i -> let struct (a, _) = places[i] in a))
                    if k = n - 1 then span (max 1 rest) (min h rest) else span 1 (min h rest))
            | Space.Orthogonal n
            | Space.Unitary n -> isometric n
            | Space.Simplex n -> withSums [| d |] n None
            | Space.Stochastic(rows, columns) -> withSums (Array.create rows d) columns None
            | Space.Coupling(first, second) ->
                match scaled first, scaled second with
                | Some rowSums, Some columnSums -> withSums rowSums columnSums.Length (Some columnSums)
                | _ -> true
            | Space.Map(from, into) ->
                walk (Array.create from 1) (fun _ _ -> slotValues (Slot.Whole(1, into))) (fun places ->
                    let numerators = places |> Array.map (fun (struct (a, _)) -> a)
                    let images = numerators |> Array.map (fun x -> x / d)

                    found.Add(
                        Candidate(
                            ObjectValue.Map images,
                            Array.map code numerators,
                            from,
                            Array.max numerators,
                            d,
                            Value.Map(images, into),
                            lazy 0
                        )
                    )

                    found.Count <= cap)

        if complete then
            Some(found.ToArray() |> Array.sortWith (fun a b -> ordered a.Codes b.Codes))
        else
            None

    /// Upper bound of nonzero entries of an object.
    let places (space: Space) : int =
        match space with
        | Space.Entries(_, rows, columns)
        | Space.ComplexEntries(rows, columns)
        | Space.Stochastic(rows, columns) -> rows * columns
        | Space.Diagonal n
        | Space.Simplex n -> n
        | Space.Symmetric n
        | Space.Psd(n, _)
        | Space.Spd n
        | Space.Orthogonal n
        | Space.Hermitian n
        | Space.HermitianPsd n
        | Space.HermitianPd n
        | Space.Unitary n
        | Space.Density n -> n * n
        | Space.Coupling(first, second) -> first.Length * second.Length
        | Space.Map(from, _) -> from

    /// The least rank of an object that is a matrix.
    let leastRank (space: Space) : int =
        match space with
        | Space.Spd n
        | Space.HermitianPd n
        | Space.Density n
        | Space.Orthogonal n
        | Space.Unitary n -> n
        | Space.Entries((Slot.Positive | Slot.Sign), _, _)
        | Space.Stochastic _ -> 1
        | Space.Entries(Slot.Whole(low, high), _, _) -> if low > 0 || high < 0 then 1 else 0
        | Space.Entries((Slot.Free | Slot.Nonnegative), _, _)
        | Space.ComplexEntries _
        | Space.Symmetric _
        | Space.Psd _
        | Space.Diagonal _
        | Space.Hermitian _
        | Space.HermitianPsd _
        | Space.Simplex _
        | Space.Coupling _
        | Space.Map _ -> 0

    /// The largest |entry| of any object; None when unbounded. Then only finitely many objects have a given denominator.
    let largestEntry (space: Space) : int option =
        match space with
        | Space.Entries(Slot.Sign, _, _)
        | Space.Orthogonal _
        | Space.Unitary _
        | Space.Density _
        | Space.Simplex _
        | Space.Stochastic _
        | Space.Coupling _ -> Some 1
        | Space.Entries(Slot.Whole(low, high), _, _) -> Some(max (abs low) (abs high))
        | Space.Map(_, into) -> Some into
        | Space.Entries((Slot.Free | Slot.Nonnegative | Slot.Positive), _, _)
        | Space.ComplexEntries _
        | Space.Symmetric _
        | Space.Psd _
        | Space.Spd _
        | Space.Diagonal _
        | Space.Hermitian _
        | Space.HermitianPsd _
        | Space.HermitianPd _ -> None
