namespace VerifyEnergy.Engines

open System.Numerics
open VerifyEnergy.Kernel

// Objects of every domain, made by construction from free numbers: no object is drawn and then thrown away.

/// What one free number of a construction may be. Every rational means some value of every slot, so that any list of numbers
/// makes an object, and a simpler list a simpler object of the same domain.
[<RequireQualifiedAccess>]
type Slot =
    | Free
    | Nonnegative
    | Positive
    | Whole of Low: int * High: int
    | Sign

    member slot.Read(raw: Rational) : Rational =
        match slot with
        | Free -> raw
        | Nonnegative -> raw.Abs
        | Positive -> if raw.IsZero then Rational.One else raw.Abs
        | Sign -> if raw.Sign < 0 then Rational.OfInt -1 else Rational.One
        | Whole(low, high) ->
            // 0 reads as the value nearest to 0.
            let start = BigInteger(max low (min high 0))
            let width = BigInteger high - BigInteger low + 1I
            let offset = BigInteger.Remainder(raw.Floor + start - BigInteger low, width)
            Rational.OfBigInteger(BigInteger low + (if offset.Sign < 0 then offset + width else offset))

/// Free numbers, read one after the other; beyond the end they are 0.
[<Sealed>]
type Tape(numbers: Rational[]) =
    let mutable position = 0
    /// How many numbers were read.
    member _.Position = position

    member _.Read(slot: Slot) : Rational =
        let raw = if position < numbers.Length then numbers[position] else Rational.Zero
        position <- position + 1
        slot.Read raw

/// A domain with its sizes known; for couplings, its marginals.
[<RequireQualifiedAccess>]
type Space =
    | Entries of Slot * Rows: int * Columns: int
    | ComplexEntries of Rows: int * Columns: int
    | Symmetric of int
    | Psd of Size: int * Rank: int
    | Spd of int
    | Orthogonal of int
    | Diagonal of int
    | Hermitian of int
    | HermitianPsd of int
    | HermitianPd of int
    | Unitary of int
    | Density of int
    | Simplex of int
    | Coupling of First: Rational list * Second: Rational list
    | Stochastic of Rows: int * Columns: int
    | Map of From: int * Into: int

/// Exact complex matrices, as pairs (real, imaginary); just enough for the constructions.
module internal Complex =
    type Number = (struct (Rational * Rational))

    let real (x: Rational) : Number = struct (x, Rational.Zero)
    let zero: Number = real Rational.Zero
    let one: Number = real Rational.One

    let add (struct (a, b): Number) (struct (c, d): Number) : Number = struct (a + c, b + d)
    let multiply (struct (a, b): Number) (struct (c, d): Number) : Number = struct (a * c - b * d, a * d + b * c)
    let conjugate (struct (a, b): Number) : Number = struct (a, -b)
    let scale (t: Rational) (struct (a, b): Number) : Number = struct (t * a, t * b)

    let product (x: Number[,]) (y: Number[,]) =
        Array2D.init (Array2D.length1 x) (Array2D.length2 y) (fun i j ->
            (zero, seq { 0 .. Array2D.length2 x - 1 }) ||> Seq.fold (fun sum m -> add sum (multiply x[i, m] y[m, j])))

    let adjoint (x: Number[,]) = Array2D.init (Array2D.length2 x) (Array2D.length1 x) (fun i j -> conjugate x[j, i])

    let ofReal (x: Rational[,]) = Array2D.map real x

    /// [[A, −B], [B, A]] of A + iB.
    let realForm (x: Number[,]) =
        let rows, columns = Array2D.length1 x, Array2D.length2 x

        Array2D.init (2 * rows) (2 * columns) (fun i j ->
            let struct (a, b) = x[i % rows, j % columns]

            if (i < rows) = (j < columns) then a
            elif i < rows then -b
            else b)

    let tryInverse (x: Number[,]) =
        let size = Array2D.length1 x

        Matrix.tryInverse (realForm x)
        |> Option.map (fun inverse -> Array2D.init size size (fun i j -> struct (inverse[i, j], inverse[i + size, j])))

[<RequireQualifiedAccess>]
module Space =
    let private r = Rational.OfInt
    let private half = Rational.Create(1I, 2I)

    let internal ofMatrix (x: Complex.Number[,]) : ObjectValue =
        let rows, columns = Array2D.length1 x, Array2D.length2 x
        ObjectValue.Array(rows, columns, Array.init (rows * columns) (fun k -> x[k / columns, k % columns]))

    let internal ofReals rows columns (entries: Rational[]) : ObjectValue =
        ObjectValue.Array(rows, columns, entries |> Array.map Complex.real)

    let isComplex (space: Space) : bool =
        match space with
        | Space.ComplexEntries _
        | Space.Hermitian _
        | Space.HermitianPsd _
        | Space.HermitianPd _
        | Space.Unitary _
        | Space.Density _ -> true
        | Space.Entries _
        | Space.Symmetric _
        | Space.Psd _
        | Space.Spd _
        | Space.Orthogonal _
        | Space.Diagonal _
        | Space.Simplex _
        | Space.Coupling _
        | Space.Stochastic _
        | Space.Map _ -> false

    /// Weights divided by their sum; the first vertex when all are 0.
    let private normalised (weights: Rational[]) =
        let sum = Array.fold (+) Rational.Zero weights

        if sum.IsZero then
            weights |> Array.mapi (fun i _ -> if i = 0 then Rational.One else Rational.Zero)
        else
            weights |> Array.map (fun w -> w / sum)

    /// The vertex of the couplings of a and b that the north-west corner rule gives when rows and columns are visited in these orders.
    let private northWest (a: Rational[]) (b: Rational[]) (rowOrder: int[]) (columnOrder: int[]) =
        let plan = Array2D.create a.Length b.Length Rational.Zero
        let left, right = Array.copy a, Array.copy b
        let mutable i, j = 0, 0

        while i < a.Length && j < b.Length do
            let row, column = rowOrder[i], columnOrder[j]
            let mass = if left[row] < right[column] then left[row] else right[column]
            plan[row, column] <- plan[row, column] + mass
            left[row] <- left[row] - mass
            right[column] <- right[column] - mass

            if left[row].IsZero && i < a.Length - 1 then i <- i + 1
            elif right[column].IsZero then j <- j + 1
            else i <- i + 1

        plan

    /// A permutation of 0..n−1 by n whole numbers (Lehmer code); zeros give the identity.
    let private permutation (tape: Tape) n =
        let rest = ResizeArray(seq { 0 .. n - 1 })

        [| for left in n .. -1 .. 1 do
               let picked = int (tape.Read(Slot.Whole(0, left - 1))).Numerator
               rest[picked]
               rest.RemoveAt picked |]

    /// L·diag(w)·L*.
    let private weighted (l: Complex.Number[,]) (weights: Rational[]) =
        let scaled = Array2D.mapi (fun _ j x -> Complex.scale weights[j] x) l
        Complex.product scaled (Complex.adjoint l)

    /// (I − S)(I + S)⁻¹ for S* = −S, where I + S is always invertible, times a diagonal of units: every orthogonal and unitary matrix
    /// is of this form for some choice of units.
    let private cayley (s: Complex.Number[,]) (units: Complex.Number[]) =
        let n = units.Length
        let identity i j = if i = j then Complex.one else Complex.zero
        let plus = Array2D.init n n (fun i j -> Complex.add (identity i j) s[i, j])
        let minus = Array2D.init n n (fun i j -> Complex.add (identity i j) (Complex.scale (r -1) s[i, j]))

        match Complex.tryInverse plus with
        | Some inverse -> Complex.product minus inverse |> Array2D.mapi (fun _ j x -> Complex.multiply x units[j])
        | None -> Array2D.init n n identity

    let private upperTriangle (n: int) (make: int -> int -> Complex.Number) : Complex.Number[,] =
        let x = Array2D.create n n Complex.zero

        for i in 0 .. n - 1 do
            for j in i .. n - 1 do
                x[i, j] <- make i j
                x[j, i] <- Complex.conjugate x[i, j]

        x

    /// The object that the next numbers of a tape make; onto: every rational object of the space has a tape (orthogonal and
    /// unitary ones by Cayley, couplings as mixtures of north-west corners).
    let build (space: Space) (tape: Tape) : ObjectValue =
        let free () = tape.Read Slot.Free
        let number () = Complex.real (free ())
        let complex () = let re = free () in struct (re, free ())
        let read slot count = Array.init count (fun _ -> tape.Read slot)

        let unitLower n entry =
            let l = Array2D.init n n (fun i j -> if i = j then Complex.one else Complex.zero)

            for i in 0 .. n - 1 do
                for j in 0 .. i - 1 do
                    l[i, j] <- entry ()

            l

        let definite n entry =
            let l = unitLower n entry
            weighted l (read Slot.Positive n)

        let semidefinite n rank entry =
            let l = Array2D.create n rank Complex.zero

            for i in 0 .. n - 1 do
                for j in 0 .. rank - 1 do
                    l[i, j] <- entry ()

            // Weight 1 where the tape has 0, so that A = LLᵀ is the plain case.
            weighted l (read Slot.Positive rank)

        match space with
        | Space.Entries(slot, rows, columns) -> ofReals rows columns (read slot (rows * columns))
        | Space.ComplexEntries(rows, columns) -> ObjectValue.Array(rows, columns, Array.init (rows * columns) (fun _ -> complex ()))
        | Space.Symmetric n -> ofMatrix (upperTriangle n (fun _ _ -> number ()))
        | Space.Hermitian n -> ofMatrix (upperTriangle n (fun i j -> if i = j then number () else complex ()))
        | Space.Diagonal n ->
            let entries = read Slot.Free n
            ofMatrix (Array2D.init n n (fun i j -> if i = j then Complex.real entries[i] else Complex.zero))
        | Space.Psd(n, rank) -> ofMatrix (semidefinite n (min n rank) number)
        | Space.HermitianPsd n -> ofMatrix (semidefinite n n complex)
        | Space.Spd n -> ofMatrix (definite n number)
        | Space.HermitianPd n -> ofMatrix (definite n complex)
        | Space.Density n ->
            let x = definite n complex
            let trace = (Rational.Zero, seq { 0 .. n - 1 }) ||> Seq.fold (fun sum i -> let struct (re, _) = x[i, i] in sum + re)
            ofMatrix (x |> Array2D.map (Complex.scale trace.Reciprocal))
        | Space.Orthogonal n ->
            let s = Array2D.create n n Complex.zero

            for i in 0 .. n - 1 do
                for j in i + 1 .. n - 1 do
                    s[i, j] <- number ()
                    s[j, i] <- Complex.scale (r -1) s[i, j]

            let signs = Array.init n (fun _ -> Complex.real (tape.Read Slot.Sign))
            let order = permutation tape n
            let x = cayley s signs
            ofMatrix (Array2D.init n n (fun i j -> x[order[i], j]))
        | Space.Unitary n ->
            // i times a Hermitian matrix.
            let s =
                upperTriangle n (fun i j -> if i = j then number () else complex ())
                |> Array2D.map (fun (struct (a, b)) -> struct (-b, a))

            let unit () =
                match (tape.Read(Slot.Whole(0, 3))).TryInt with
                | ValueSome 1 -> Complex.real (r -1)
                | ValueSome 2 -> struct (Rational.Zero, Rational.One)
                | ValueSome 3 -> struct (Rational.Zero, r -1)
                | ValueSome _
                | ValueNone -> Complex.one

            let units = Array.init n (fun _ -> unit ())
            let order = permutation tape n
            let x = cayley s units
            ofMatrix (Array2D.init n n (fun i j -> x[order[i], j]))
        | Space.Simplex n -> ofReals n 1 (normalised (read Slot.Nonnegative n))
        | Space.Stochastic(rows, columns) ->
            ofReals rows columns (Array.concat (List.init rows (fun _ -> normalised (read Slot.Nonnegative columns))))
        | Space.Coupling(first, second) ->
            let a, b = List.toArray first, List.toArray second
            let mass = Array.fold (+) Rational.Zero a

            let vertices = [ for _ in 1..2 -> northWest a b (permutation tape a.Length) (permutation tape b.Length) ]

            let independent = Array2D.init a.Length b.Length (fun i j -> if mass.IsZero then Rational.Zero else a[i] * b[j] / mass)

            let plans = vertices @ [ independent ]
            let weights = normalised (read Slot.Nonnegative plans.Length)

            let mixed i j = (Rational.Zero, List.indexed plans) ||> List.fold (fun sum (k, plan) -> sum + weights[k] * plan[i, j])

            ofMatrix (Array2D.init a.Length b.Length (fun i j -> Complex.real (mixed i j)))
        | Space.Map(from, into) -> ObjectValue.Map(Array.init from (fun _ -> int (tape.Read(Slot.Whole(1, into))).Numerator))

    /// How many numbers `build` reads.
    let tapeLength (space: Space) : int =
        let tape = Tape [||]
        build space tape |> ignore
        tape.Position

    // Corners: the objects at which false claims usually fail.

    let private thousandth = Rational.Create(1I, 1000I)

    /// Square integer patterns, simple ones first, and near-singular ones.
    let private squares n : Rational[,] list =
        let make f = Array2D.init n n (fun i j -> f i j)
        let whole f = make (fun i j -> r (f i j))
        let corner i j = i < 2 && j < 2

        /// A 2 × 2 block at the top left, 0 elsewhere; the same at the bottom right.
        let block (entries: int[]) =
            [ whole (fun i j -> if corner i j then entries[2 * i + j] else 0)
              whole (fun i j -> if corner (n - 1 - i) (n - 1 - j) then entries[2 * (i - n + 2) + j - n + 2] else 0) ]

        [ whole (fun _ _ -> 0)
          whole (fun i j -> if i = j then 1 else 0)
          whole (fun _ _ -> 1)
          whole (fun i j -> if i = 0 && j = 0 then 1 else 0)
          whole (fun i j -> if i = n - 1 && j = n - 1 then 1 else 0) ]
        @ (if n < 2 then
               [ whole (fun _ _ -> -1); whole (fun _ _ -> 2); make (fun _ _ -> half) ]
           else
               [ whole (fun i j -> if i = j then i + 1 else 0)
                 whole (fun i j -> if i = j then n - i else 0)
                 whole (fun i j -> if i + j = n - 1 then 1 else 0)
                 whole (fun i j -> if (i + j) % 2 = 0 then 1 else -1)
                 whole (fun i j -> if i = j then -1 else 0)
                 whole (fun i j -> if i = j then (if i % 2 = 0 then 1 else -1) else 0) ]
               @ List.collect
                   block
                   [ [| 1; 1; 1; 2 |]; [| 2; 1; 1; 1 |]; [| 2; -1; -1; 1 |]; [| 1; -2; -2; 4 |]; [| 4; 2; 2; 1 |]; [| 0; 1; 0; 0 |] ]
               @ [ whole (fun i j ->
                       if i = j then 2
                       elif abs (i - j) = 1 then -1
                       else 0)
                   make (fun i j -> if i = n - 1 && j = n - 1 then Rational.One + thousandth else Rational.One)
                   whole (fun i j -> if i <= j then 1 else 0)
                   whole (fun i j -> n * i + j + 1) ])
        @ [ make (fun i j -> if i = j then r 1000 else Rational.Zero)
            make (fun i j -> if i = j then thousandth else Rational.Zero) ]

    let private complexSquares n : Complex.Number[,] list =
        if n < 2 then
            []
        else
            let hermitian a b d =
                Array2D.init n n (fun i j ->
                    if i = 0 && j = 0 then Complex.real (r a)
                    elif i = 1 && j = 1 then Complex.real (r d)
                    elif i = 0 && j = 1 then struct (Rational.Zero, r b)
                    elif i = 1 && j = 0 then struct (Rational.Zero, r -b)
                    else Complex.zero)

            [ hermitian 1 1 1; hermitian 1 -1 2; hermitian 0 1 0 ]

    let private isPsd x = Matrix.isPsd (Complex.realForm x)
    let private isPd x = Matrix.isPd (Complex.realForm x)

    let private shifted x = Array2D.mapi (fun i j entry -> if i = j then Complex.add entry (Complex.real thousandth) else entry) x

    let private entryCorners slot rows columns : Rational[] list =
        let size = rows * columns
        let each f = Array.init size (fun k -> f (k / columns) (k % columns))
        let scalars = [ r 0; r 1; r -1; r 2; r -2; half; -half; r 3; r -3; thousandth; r 1000; r -1000 ]

        let patterns: Rational[] list =
            if size = 1 then
                scalars |> List.map Array.singleton
            else
                let whole f = each (fun i j -> r (f i j))

                [ whole (fun _ _ -> 0)
                  whole (fun i j -> if i = j then 1 else 0)
                  whole (fun _ _ -> 1)
                  whole (fun i j -> if i = rows - 1 && j = columns - 1 then 1 else 0)
                  whole (fun i j -> if (i + j) % 2 = 0 then 1 else -1)
                  whole (fun i j -> columns * i + j + 1)
                  whole (fun i j -> if i + j = rows - 1 then 1 else 0)
                  whole (fun i j -> if i = 0 && j = 0 then 1 else 0)
                  whole (fun _ _ -> -1)
                  whole (fun i j -> rows - i + columns - j - 1)
                  whole (fun i j -> if i = 0 then -1 else j + 1)
                  each (fun i j -> Rational.Create(1I, BigInteger(i + j + 1)))
                  each (fun i j -> if i = 0 && j = 0 then r 1000 else half) ]

        patterns
        |> List.map (
            Array.map (fun x ->
                match slot with
                | Slot.Whole(_, high) when x = r 1000 -> r high
                | Slot.Whole(low, _) when x = r -1000 -> r low
                | Slot.Free
                | Slot.Nonnegative
                | Slot.Positive
                | Slot.Whole _
                | Slot.Sign -> slot.Read x)
        )

    /// Corner objects of a space, without repetition: zero, identity, ones, units, rank-deficient, permuted, commuting, near-singular
    /// and large ones, as far as the space has them.
    let corners (space: Space) : ObjectValue list =
        let real n = squares n |> List.map Complex.ofReal
        let both n = real n @ complexSquares n
        let symmetric n = both n |> List.filter (fun x -> x = Complex.adjoint x)
        let weights n = [ for corner in entryCorners Slot.Nonnegative n 1 -> normalised corner ]
        let rank x = Matrix.rank (Complex.realForm x) / 2

        let unitary n (rotated: Complex.Number[,] list) =
            let unimodular x =
                Complex.product x (Complex.adjoint x) = Array2D.init n n (fun i j -> if i = j then Complex.one else Complex.zero)

            (both n |> List.filter unimodular) @ rotated

        /// diag(R, 1, …, 1) for a 2 × 2 matrix R.
        let embedded n (entries: Complex.Number list) =
            if n < 2 then
                []
            else
                [ Array2D.init n n (fun i j ->
                      if i < 2 && j < 2 then entries[2 * i + j]
                      elif i = j then Complex.one
                      else Complex.zero) ]

        let real35, real45 = Complex.real (Rational.Create(3I, 5I)), Complex.real (Rational.Create(4I, 5I))
        let minus = Complex.scale (r -1)
        let times (struct (a, b): Complex.Number) : Complex.Number = struct (-b, a)

        let rotations n =
            embedded n [ real35; minus real45; real45; real35 ]
            @ embedded n [ Complex.zero; Complex.one; minus Complex.one; Complex.zero ]

        let definite n = (both n |> List.filter isPd) @ (both n |> List.filter (fun x -> isPsd x && not (isPd x)) |> List.map shifted)

        let isReal x = x |> Seq.cast<Complex.Number> |> Seq.forall (fun (struct (_, im)) -> im.IsZero)

        let found =
            match space with
            | Space.Entries(slot, rows, columns) -> entryCorners slot rows columns |> List.map (ofReals rows columns)
            | Space.ComplexEntries(rows, columns) ->
                [ for corner in entryCorners Slot.Free rows columns do
                      ofReals rows columns corner
                      ObjectValue.Array(rows, columns, corner |> Array.map (Complex.real >> times))

                      ObjectValue.Array(
                          rows,
                          columns,
                          corner |> Array.mapi (fun k x -> if k % 2 = 0 then struct (x, Rational.One) else struct (Rational.One, -x))
                      ) ]
            | Space.Symmetric n -> symmetric n |> List.filter isReal |> List.map ofMatrix
            | Space.Hermitian n -> symmetric n |> List.map ofMatrix
            | Space.Psd(n, bound) -> both n |> List.filter (fun x -> isReal x && isPsd x && rank x <= bound) |> List.map ofMatrix
            | Space.HermitianPsd n -> both n |> List.filter isPsd |> List.map ofMatrix
            | Space.Spd n -> definite n |> List.filter isReal |> List.map ofMatrix
            | Space.HermitianPd n -> definite n |> List.map ofMatrix
            | Space.Density n ->
                [ for x in definite n ->
                      let trace = (Rational.Zero, seq { 0 .. n - 1 }) ||> Seq.fold (fun sum i -> let struct (re, _) = x[i, i] in sum + re)
                      ofMatrix (Array2D.map (Complex.scale trace.Reciprocal) x) ]
            | Space.Diagonal n ->
                entryCorners Slot.Free n 1
                |> List.map (fun d -> ofMatrix (Array2D.init n n (fun i j -> if i = j then Complex.real d[i] else Complex.zero)))
            | Space.Orthogonal n -> unitary n (rotations n) |> List.filter isReal |> List.map ofMatrix
            | Space.Unitary n ->
                let phases =
                    [ Array2D.init n n (fun i j ->
                          if i <> j then Complex.zero
                          elif i = 0 then times Complex.one
                          else Complex.one) ]

                unitary n (rotations n @ phases @ embedded n [ real35; times real45; times real45; real35 ]) |> List.map ofMatrix
            | Space.Simplex n -> weights n |> List.map (ofReals n 1)
            | Space.Stochastic(rows, columns) ->
                let single pick =
                    ofReals
                        rows
                        columns
                        (Array.init (rows * columns) (fun k -> if k % columns = pick (k / columns) then Rational.One else Rational.Zero))

                [ single (fun i -> i % columns); single (fun _ -> 0); single (fun i -> columns - 1 - i % columns) ]
                @ (weights columns |> List.map (fun w -> ofReals rows columns (Array.concat (List.replicate rows w))))
            | Space.Coupling(a, b) ->
                let first, second = List.toArray a, List.toArray b
                let forward, backward = [| 0 .. first.Length - 1 |], [| first.Length - 1 .. -1 .. 0 |]
                let columns = [| 0 .. second.Length - 1 |]

                // The weights come last on the tape; all of it on the product.
                let product = Array.append (Array.replicate (2 * (first.Length + second.Length) + 2) Rational.Zero) [| Rational.One |]

                [ build space (Tape product)
                  ofMatrix (Complex.ofReal (northWest first second forward columns))
                  ofMatrix (Complex.ofReal (northWest first second backward columns)) ]
            | Space.Map(from, into) ->
                [ (fun x -> x % into)
                  (fun _ -> 0)
                  (fun x -> into - 1 - x % into)
                  (fun x -> min (into - 1) (x / 2))
                  (fun _ -> into - 1) ]
                |> List.map (fun f -> ObjectValue.Map(Array.init from (fun x -> f x + 1)))

        List.distinct found
