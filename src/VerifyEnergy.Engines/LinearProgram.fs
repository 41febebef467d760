namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// Exact linear programming for small systems.
[<RequireQualifiedAccess>]
module LinearProgram =
    /// Pivots by largest gain before the rule of R. G. Bland (Math. Oper. Res. 2, 1977), which cannot cycle, takes over.
    [<Literal>]
    let private GreedyPivots = 200

    /// Some x ≥ 0 with Σ x_k·column_k = right and a large objective·x: the optimum, or a point far out when there is none.
    /// None when there is no x. Columns hold (row, value) pairs. Counted work: one step for each entry that a pivot touches.
    let tryMaximise (steps: Steps) (columns: (int * Rational)[][]) (right: Rational[]) (objective: Rational[]) : Rational[] option =
        let rows, count = right.Length, columns.Length
        let table = Array.init rows (fun _ -> Array.create (count + 1) Rational.Zero)

        let at row column : Rational = table[row][column]

        columns
        |> Array.iteri (fun k column ->
            for row, value in column do
                table[row][k] <- value)

        for row in 0 .. rows - 1 do
            table[row][count] <- right[row]

            if right[row].Sign < 0 then
                table[row] <- table[row] |> Array.map (fun value -> -value)

        // Artificial variables are numbered from count + 1 on; their columns are never needed.
        let basis = Array.init rows (fun row -> count + 1 + row)
        let mutable cost = Array.create (count + 1) Rational.Zero

        let combine (target: Rational[]) factor (source: Rational[]) =
            steps.Spend(int64 (count + 1))

            for k in 0..count do
                if not source[k].IsZero then
                    target[k] <- target[k] - factor * source[k]

        let pivot row column =
            let scale = (at row column).Reciprocal
            table[row] <- table[row] |> Array.map (fun value -> if value.IsZero then value else value * scale)

            for other in 0 .. rows - 1 do
                if other <> row && not (at other column).IsZero then
                    combine (table[other]) (at other column) (table[row])

            if not cost[column].IsZero then
                combine cost (cost[column]) (table[row])

            basis[row] <- column

        /// Lowers the cost row's variables as far as possible; the column of an unbounded ray when there is one.
        let rec descend pivots =
            let candidates =
                [| for k in 0 .. count - 1 do
                       if cost[k].Sign < 0 then
                           k |]

            if candidates.Length = 0 then
                None
            else
                let entering = if pivots < GreedyPivots then candidates |> Array.minBy (fun k -> cost[k]) else candidates[0]

                let limits =
                    [| for row in 0 .. rows - 1 do
                           if (at row entering).Sign > 0 then
                               struct (at row count / at row entering, basis[row], row) |]

                if limits.Length = 0 then
                    Some entering
                else
                    let struct (_, _, leaving) = Array.min limits
                    pivot leaving entering
                    descend (pivots + 1)

        for row in 0 .. rows - 1 do
            combine cost Rational.One (table[row])

        descend 0 |> ignore

        if not cost[count].IsZero then
            None
        else
            // Artificial variables that are still in the basis are 0: they leave, or their row says 0 = 0.
            for row in 0 .. rows - 1 do
                if basis[row] > count then
                    match Seq.tryFind (fun k -> not (at row k).IsZero) [ 0 .. count - 1 ] with
                    | Some column -> pivot row column
                    | None -> ()

            cost <- Array.init (count + 1) (fun k -> if k < count then -objective[k] else Rational.Zero)

            for row in 0 .. rows - 1 do
                if basis[row] < count && not cost[basis[row]].IsZero then
                    combine cost (cost[basis[row]]) (table[row])

            let ray = descend 0
            let point = Array.create count Rational.Zero

            for row in 0 .. rows - 1 do
                if basis[row] < count then
                    point[basis[row]] <- table[row][count]

            match ray with
            | None -> ()
            | Some entering ->
                point[entering] <- point[entering] + Rational.One

                for row in 0 .. rows - 1 do
                    if basis[row] < count then
                        point[basis[row]] <- point[basis[row]] - table[row][entering]

            Some point
