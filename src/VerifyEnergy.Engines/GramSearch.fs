namespace VerifyEnergy.Engines

open System
open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

/// A Gram matrix by alternating projections in floating point, between the matrices that give p and the positive semidefinite ones,
/// rounded to small denominators and made exact again. The result is a proposal: LDLᵀ in rationals decides.
/// P. A. Parrilo and H. Peyrl, "Computing sum of squares decompositions with rational coefficients" (2008), for the rounding.
[<RequireQualifiedAccess>]
module GramSearch =
    [<Literal>]
    let private MaxIterations = 240

    /// Largest block: its eigenvalues are taken in every iteration.
    [<Literal>]
    let private MaxBlock = 40

    let private parity (powers: int[]) : BigInteger =
        (BigInteger.Zero, Array.indexed powers)
        ||> Array.fold (fun mask (place, power) -> if power &&& 1 = 1 then mask ||| (BigInteger.One <<< place) else mask)

    /// Classes of monomials whose products may occur under all sign changes of letters that leave p as it is.
    let private blocks (p: Sparse) (basis: int[][]) : int[][] =
        // Masks with distinct leading bits, largest first.
        let mutable span: BigInteger list = []

        let reduce (mask: BigInteger) = (mask, span) ||> List.fold (fun mask known -> min mask (mask ^^^ known))

        for monomial, _ in Sparse.sorted p do
            let rest = reduce (parity monomial)

            if not rest.IsZero then
                span <- rest :: span |> List.sortDescending

        [| 0 .. basis.Length - 1 |] |> Array.groupBy (fun i -> reduce (parity basis[i])) |> Array.map snd

    /// Replaces the symmetric matrix by the nearest positive semidefinite one (Jacobi's eigenvalue method, cyclic).
    let private clip (matrix: float[,]) : unit =
        let size = Array2D.length1 matrix
        let work = Array2D.copy matrix
        let vectors = Array2D.init size size (fun i j -> if i = j then 1.0 else 0.0)
        let mutable sweep = 0
        let mutable rotated = true

        while rotated && sweep < 12 do
            rotated <- false
            sweep <- sweep + 1

            for a in 0 .. size - 2 do
                for b in a + 1 .. size - 1 do
                    if abs work[a, b] > 1e-11 then
                        rotated <- true
                        let theta = (work[b, b] - work[a, a]) / (2.0 * work[a, b])
                        let t = (if theta >= 0.0 then 1.0 else -1.0) / (abs theta + sqrt (theta * theta + 1.0))
                        let c = 1.0 / sqrt (t * t + 1.0)
                        let s = t * c

                        for k in 0 .. size - 1 do
                            let x, y = work[k, a], work[k, b]
                            work[k, a] <- c * x - s * y
                            work[k, b] <- s * x + c * y

                        for k in 0 .. size - 1 do
                            let x, y = work[a, k], work[b, k]
                            work[a, k] <- c * x - s * y
                            work[b, k] <- s * x + c * y
                            let x, y = vectors[k, a], vectors[k, b]
                            vectors[k, a] <- c * x - s * y
                            vectors[k, b] <- s * x + c * y

        for k in 0 .. size - 1 do
            if work[k, k] < 0.0 then
                for i in 0 .. size - 1 do
                    for j in 0 .. size - 1 do
                        matrix[i, j] <- matrix[i, j] - work[k, k] * vectors[i, k] * vectors[j, k]

    let private toFloat (r: Rational) = Math.Exp(BigInteger.Log(BigInteger.Abs r.Numerator) - BigInteger.Log r.Denominator) * float r.Sign

    /// Squares of p over the basis; None when rounding met none within the counted work.
    let tryFind (steps: Steps) (p: Sparse) (basis: int[][]) (last: int -> bool) : GramSquare list option =
        let blocks = blocks p basis

        if blocks |> Array.exists (fun block -> block.Length > MaxBlock) then
            None
        else
            // Entries (block, row, column), both ways, by the monomial that they give.
            let groups = Dictionary<int[], List<struct (int * int * int)>>(Powers.comparer)

            for index in 0 .. blocks.Length - 1 do
                for i in 0 .. blocks[index].Length - 1 do
                    for j in 0 .. blocks[index].Length - 1 do
                        let product = Powers.multiply basis[blocks[index][i]] basis[blocks[index][j]]

                        match groups.TryGetValue product with
                        | true, places -> places.Add(struct (index, i, j))
                        | false, _ -> groups[product] <- List [ struct (index, i, j) ]

            let coefficient monomial =
                match p.TryGetValue monomial with
                | true, value -> value
                | false, _ -> Rational.Zero

            let constraints = groups |> Seq.map (fun (KeyValue(m, places)) -> coefficient m, places.ToArray()) |> Seq.toArray

            if p.Keys |> Seq.exists (fun m -> not (groups.ContainsKey m)) then
                None
            else
                let scaled = constraints |> Array.map (fun (c, places) -> (if c.IsZero then 0.0 else toFloat c), places)
                let gram = blocks |> Array.map (fun block -> Array2D.zeroCreate<float> block.Length block.Length)

                let meet () =
                    for wanted, places in scaled do
                        let mutable sum = 0.0

                        for struct (b, i, j) in places do
                            sum <- sum + gram[b].[i, j]

                        let share = (wanted - sum) / float places.Length

                        for struct (b, i, j) in places do
                            gram[b].[i, j] <- gram[b].[i, j] + share

                /// Multiples of 1/denominator, corrected evenly to meet the constraints.
                let rounded (denominator: int) =
                    let entries = Dictionary<struct (int * int), Rational>()

                    for wanted, places in constraints do
                        let values =
                            places
                            |> Array.map (fun (struct (b, i, j)) ->
                                Rational.Create(
                                    BigInteger(Math.Round((gram[b].[i, j] + gram[b].[j, i]) / 2.0 * float denominator)),
                                    BigInteger denominator
                                ))

                        let share = (wanted - Array.reduce (+) values) / Rational.OfInt places.Length

                        for struct (b, i, j), value in Array.zip places values do
                            let row, column = blocks[b].[i], blocks[b].[j]

                            if row <= column then
                                entries[struct (row, column)] <- value + share

                    Gram.squares steps basis entries last

                let work = blocks |> Array.sumBy (fun block -> let n = int64 block.Length in 8L * n * n * n + 4L * n * n)

                let rec iterate count =
                    if count > MaxIterations then
                        None
                    else
                        steps.Spend work

                        for matrix in gram do
                            clip matrix

                        meet ()

                        let tried = if count = 1 || count % 15 = 0 then [ 1; 2; 3; 4; 12; 60 ] |> List.tryPick rounded else None

                        match tried with
                        | Some squares -> Some squares
                        | None -> iterate (count + 1)

                let isFinite = scaled |> Array.forall (fun (wanted, _) -> Double.IsFinite wanted && abs wanted < 1e12)

                if isFinite then
                    meet ()
                    iterate 1
                else
                    None
