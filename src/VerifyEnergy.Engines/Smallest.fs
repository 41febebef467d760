namespace VerifyEnergy.Engines

open System.Numerics
open VerifyEnergy.Kernel

// The canonical smallest witness. Points are ordered by the sum of the ranks of the matrices, the common denominator, the largest
// |numerator|, the number of nonzero entries, then entry by entry with 0 < 1 < −1 < 2 < …. The search needs no seed: it walks whole
// levels of this order, so that it can say which of them hold no witness.

/// The least witness found, and in which sense it is the least.
type SmallestWitness =
    {
        Witness: Point
        /// True when every smaller point was excluded.
        IsProved: bool
        /// For people: what was exhausted, with counts.
        Minimal: string
    }

/// Where a point stands in the canonical order.
type Measure =
    {
        RankSum: int
        Denominator: BigInteger
        Height: BigInteger
        Nonzeros: int
        /// Numerators in declaration order, row by row, coded so that 0 < 1 < −1 < 2 < −2 < ….
        Codes: BigInteger[]
    }

[<RequireQualifiedAccess>]
module Smallest =
    /// 0 < 1 < −1 < 2 < −2 < ….
    let private code (x: BigInteger) = if x.Sign > 0 then 2I * x - 1I else -2I * x

    /// Visits of candidates for the first witness, and for those of smaller rank.
    let private firstVisits = 1_000_000L
    let private rankVisits = 500_000L
    let private steps = 12_000_000L
    let private reductions = 3000

    /// Where a point of a claim stands in the canonical order.
    let measure (claim: Claim) (point: Point) : Measure =
        let domains = Obligation.domains claim
        let quantified = Quantified.ofClaim claim |> fst |> Map.ofList

        let parts =
            point
            |> List.collect (fun (v, data) ->
                match data with
                | ObjectValue.Map images -> images |> Array.toList |> List.map Rational.OfInt
                | ObjectValue.Array(_, _, entries) ->
                    let isComplex =
                        match Map.tryFind v domains |> Option.orElse (Map.tryFind v quantified) with
                        | Some domain -> Domains.isComplex domain
                        | None -> false

                    [ for struct (a, b) in entries do
                          a

                          if isComplex then
                              b ])

        let denominator =
            (BigInteger.One, parts)
            ||> List.fold (fun d x -> d / BigInteger.GreatestCommonDivisor(d, x.Denominator) * x.Denominator)

        let numerators = parts |> List.map (fun x -> (x * Rational.OfBigInteger denominator).Numerator)

        let rank (v, data) =
            match data, Map.tryFind v domains |> Option.orElse (Map.tryFind v quantified) with
            | ObjectValue.Array(rows, columns, entries), Some domain when ObjectValues.shape domain = Shape.Matrix ->
                Matrix.rank (Complex.realForm (Array2D.init rows columns (fun i j -> entries[i * columns + j]))) / 2
            | ObjectValue.Array _, _
            | ObjectValue.Map _, _ -> 0

        let nonzeros (_, data) =
            match data with
            | ObjectValue.Map images -> images.Length
            | ObjectValue.Array(_, _, entries) ->
                entries |> Array.filter (fun (struct (a, b)) -> not (a.IsZero && b.IsZero)) |> Array.length

        { RankSum = List.sumBy rank point
          Denominator = denominator
          Height = (BigInteger.Zero, numerators) ||> List.fold (fun h x -> BigInteger.Max(h, BigInteger.Abs x))
          Nonzeros = List.sumBy nonzeros point
          Codes = numerators |> List.map code |> List.toArray }

    /// Changes of single entries, of whole objects to corners, and to coarser fractions; simplest first.
    let private neighbours (points: InstancePoints) (point: Point) : Point seq =
        let nearest (x: Rational) (q: int) =
            let scaled = x * Rational.OfInt q + Rational.Create(1I, 2I)
            Rational.Create(scaled.Floor, BigInteger q)

        let replaced v data = point |> List.map (fun (w, old) -> if w = v then w, data else w, old)

        let domains = (Obligation.domains points.Claim |> Map.toList) @ points.Quantified |> Map.ofList

        seq {
            for v, _ in point do
                match Map.tryFind v domains |> Option.bind (fun d -> ObjectValues.attempt (fun () -> points.Resolve(points.Start, d))) with
                | Some space ->
                    for corner in points.CornersOf space |> Seq.truncate 16 do
                        replaced v corner
                | None -> ()

            for q in 1..4 do
                for v, data in point do
                    match data with
                    | ObjectValue.Map _ -> ()
                    | ObjectValue.Array(rows, columns, entries) ->
                        replaced
                            v
                            (ObjectValue.Array(
                                rows,
                                columns,
                                entries |> Array.map (fun (struct (a, b)) -> struct (nearest a q, nearest b q))
                            ))

            // Whole rows and columns to 0, and objects scaled down, which keep ranks low.
            for v, data in point do
                match data with
                | ObjectValue.Map _ -> ()
                | ObjectValue.Array(rows, columns, entries) ->
                    let changed f = ObjectValue.Array(rows, columns, entries |> Array.mapi (fun k x -> f (k / columns) (k % columns) x))

                    for line in 0 .. max rows columns - 1 do
                        replaced v (changed (fun i _ x -> if i = line then Complex.zero else x))
                        replaced v (changed (fun _ j x -> if j = line then Complex.zero else x))
                        replaced v (changed (fun i j x -> if i = line || j = line then Complex.zero else x))

                    for q in 2..4 do
                        replaced v (changed (fun _ _ x -> Complex.scale (Rational.Create(1I, BigInteger q)) x))
                        replaced v (changed (fun _ _ x -> Complex.scale (Rational.OfInt q) x))

            for v, data in point do
                match data with
                | ObjectValue.Map images ->
                    for i in 0 .. images.Length - 1 do
                        for image in 1 .. images[i] - 1 do
                            replaced v (ObjectValue.Map(Array.updateAt i image images))
                | ObjectValue.Array(rows, columns, entries) ->
                    for k in 0 .. entries.Length - 1 do
                        let i, j = k / columns, k % columns
                        let struct (a, b) = entries[k]
                        let partner = j * columns + i
                        let mirrored = rows = columns && i <> j && entries[partner] = Complex.conjugate entries[k]

                        let simpler (x: Rational) =
                            if x.IsZero then
                                []
                            else
                                [ Rational.Zero
                                  Rational.One
                                  Rational.OfInt -1
                                  Rational.OfBigInteger x.Floor
                                  Rational.OfBigInteger x.Floor + Rational.One ]
                                @ [ for q in 1..6 -> nearest x q ]
                                @ [ x - Rational.OfInt x.Sign; -x ]

                        let values = [ for x in simpler a -> struct (x, b) ] @ [ for x in simpler b -> struct (a, x) ] |> List.distinct

                        for value in values do
                            if value <> entries[k] then
                                let changed = Array.copy entries
                                changed[k] <- value

                                if mirrored then
                                    changed[partner] <- Complex.conjugate value

                                replaced v (ObjectValue.Array(rows, columns, changed))
        }

    /// Takes simpler neighbours while they break the claim, within a counted number of evaluations.
    let private reduce (points: InstancePoints) (known: Point) : Point =
        let mutable left = reductions

        let rec improve point =
            let here = measure points.Claim point

            let better =
                neighbours points point
                |> Seq.takeWhile (fun _ -> left > 0)
                |> Seq.tryFind (fun next ->
                    left <- left - 1
                    compare (measure points.Claim next) here < 0 && points.IsBrokenBy next)

            match better with
            | Some next -> improve next
            | None -> point

        improve known

    /// A witness among points that are the same for every known witness; the known one where there is none.
    let private restart claim instance known : Point =
        let points = InstancePoints(claim, instance, Steps steps)

        try
            points.All(RandomStream.Create(0UL, "", instance, "smallest"))
            |> Seq.truncate 300
            |> Seq.tryFind (fun point -> points.Judge point = Standing.Violated)
            |> Option.defaultValue known
        with StepsExhausted ->
            known

    let private entrySet (cell: Extent) =
        match cell with
        | { D = 1; H = 0 } -> "{0}"
        | { D = 1; H = 1 } -> "{−1, 0, 1}"
        | { D = 1; H = h } -> $"{{−{h}, …, {h}}}"
        | { D = d; H = h } -> $"{{k/q : |k| ≤ {h}, q ≤ {d}}}"

    /// Cells with denominator ≤ d and height ≤ h, in canonical order.
    let private box d h =
        [ for denominator in 1..d do
              for height in 0..h -> { D = denominator; H = height } ]

    let private counted (n: int) = n.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)

    /// In which sense a point of a cell, with its rank and nonzero entries, is the least.
    let private describe (walk: LevelWalk) (cell: Extent) (rank: int) (nonzeros: int) : bool * string =
        let before (other: Extent) = compare (other.D, other.H) (cell.D, cell.H) < 0
        let cells = box cell.D cell.H
        let total = cells |> List.sumBy walk.Counted
        let isDecided = walk.Undecided = 0

        let belowInBox =
            isDecided
            && cells
               |> List.forall (fun other ->
                   (before other && walk.IsExhaustedAt(rank, other) || not (before other))
                   && seq { walk.LeastRank .. rank - 1 } |> Seq.forall (fun r -> walk.IsExhaustedAt(r, other)))

        // Below one denominator there are finitely many points only where entries are bounded.
        let belowElsewhere =
            rank = walk.LeastRank
            && (cell.D = 1
                || (match walk.LargestEntry with
                    | Some bound ->
                        seq { 1 .. cell.D - 1 }
                        |> Seq.forall (fun d -> seq { 0 .. bound * d } |> Seq.forall (fun h -> walk.IsExhaustedAt(rank, { D = d; H = h })))
                    | None -> false))

        let clear =
            seq { 0 .. (if cell.D = 1 then cell.H - 1 else cell.H) }
            |> Seq.takeWhile (fun h -> walk.IsInhabited { D = 1; H = h } && walk.IsExhausted { D = 1; H = h })
            |> Seq.tryLast

        let excluded =
            match clear with
            | Some h when h > 0 && isDecided ->
                let points = seq { 0..h } |> Seq.sumBy (fun h -> walk.Counted { D = 1; H = h })

                if points = 0 then
                    []
                else
                    [ $"no witness has entries in {entrySet { D = 1; H = h }}, {counted points} points exhausted" ]
            | Some _
            | None -> []

        let fewer =
            isDecided
            && walk.ExhaustedNonzeros cell >= nonzeros - 1
            && cells |> List.forall (fun other -> other = cell || not (before other) || walk.IsExhausted other)

        if belowInBox && belowElsewhere then
            true,
            (if total <= 1 then
                 "minimal: it comes first in the order"
             else
                 $"minimal: every smaller point excluded, {counted (total - 1)} points tried")
        else
            let sense =
                if belowInBox then
                    $"minimal among entries in {entrySet cell}, {counted total} points tried"
                elif fewer then
                    $"no witness with entries in {entrySet cell} has fewer nonzero entries, {counted total} points tried"
                else
                    "searched in a fixed order"

            false, System.String.Join("; ", excluded @ [ sense ])

    /// The least witness of an instance, from one that is known; never above it in size. The same for every known witness, as long as
    /// the counted work suffices.
    let find (claim: Claim) (instance: int[]) (known: Point) : SmallestWitness =
        let counter = Steps steps
        let points = InstancePoints(claim, instance, counter)

        let entryCount =
            known
            |> List.sumBy (fun (_, data) ->
                match data with
                | ObjectValue.Map images -> images.Length
                | ObjectValue.Array(_, _, entries) -> entries.Length)

        let walk = LevelWalk(points, entryCount)

        /// The result of a walk, or None when the counted work ran out.
        let within visits work =
            walk.Allow visits

            try
                work ()
            with
            | Spent
            | StepsExhausted -> None

        let start = measure claim known
        let shellLimit = BigInteger.Min(start.Denominator + start.Height - 1I, 64I) |> int

        let shell number = [ for d in 1 .. number + 1 -> { D = d; H = number + 1 - d } ] |> List.filter walk.IsInhabited

        let first =
            within firstVisits (fun () ->
                seq { 0..shellLimit }
                |> Seq.collect shell
                |> Seq.tryPick (fun cell -> walk.First cell |> Option.map (fun (z, chosen) -> cell, z, chosen)))

        // Where all points of small size are too many, those of small rank may not be.
        let first =
            match first with
            | Some _ -> first
            | None ->
                seq { walk.LeastRank .. start.RankSum }
                |> Seq.tryPick (fun rank ->
                    within rankVisits (fun () ->
                        seq { 0 .. min shellLimit 7 }
                        |> Seq.collect shell
                        |> Seq.filter (fun cell -> not (walk.IsExhaustedAt(rank, cell)))
                        |> Seq.tryPick (fun cell -> walk.FirstOfRank(cell, rank) |> Option.map (fun (z, chosen) -> cell, z, chosen))))

        let pointOf chosen : Point = chosen |> List.map (fun (c: Candidate, v) -> v, c.Data)

        match first with
        | None ->
            let reduced = reduce (InstancePoints(claim, instance, Steps steps)) (restart claim instance known)
            let least = measure claim reduced

            let cell =
                if least.Denominator <= 1000I && least.Height <= 1000I then
                    { D = int least.Denominator; H = int least.Height }
                else
                    { D = 1000; H = 1000 }

            let _, text = describe walk cell least.RankSum least.Nonzeros
            { Witness = reduced; IsProved = false; Minimal = text }
        | Some(cell, z, chosen) ->
            let rank = chosen |> List.sumBy (fun (c, _) -> c.Rank)
            let reach = cell.D + cell.H + 2

            /// The cells searched for points of one rank, in canonical order.
            let cells =
                [ for d in 1..reach do
                      for h in 0 .. reach - d -> { D = d; H = h } ]
                |> List.filter walk.IsInhabited

            let least = walk.LeastRank
            let share = rankVisits / int64 (max 1 (rank - least + 1))

            let ofRank r cells =
                within share (fun () ->
                    cells
                    |> Seq.filter (fun cell -> not (walk.IsExhaustedAt(r, cell)))
                    |> Seq.tryPick (fun cell -> walk.FirstOfRank(cell, r) |> Option.map (fun (z, chosen) -> cell, r, z, chosen)))

            let lower = seq { least .. rank - 1 } |> Seq.tryPick (fun r -> ofRank r cells)

            let before = cells |> List.filter (fun other -> compare (other.D, other.H) (cell.D, cell.H) < 0)

            let cell, rank, z, chosen =
                match lower with
                | Some found -> found
                | None -> ofRank rank before |> Option.defaultValue (cell, rank, z, chosen)

            let isProved, text = describe walk cell rank z
            { Witness = pointOf chosen; IsProved = isProved; Minimal = text }

    /// The same for a refutation, with the checker's word on the result; the known witness stays where the checker does not take it.
    let ofRefutation (claim: Claim, refutation: Refutation, stepLimit: int64) : Refutation * SmallestWitness =
        let kept text = refutation, { Witness = refutation.Witness; IsProved = false; Minimal = text }

        if refutation.Witness.IsEmpty then
            kept "it has no objects"
        else

            match Attempt.run (fun () -> find claim refutation.Instance refutation.Witness) with
            | Error reason -> kept $"not reduced: {reason}"
            | Ok smallest ->
                let certificate = { refutation.Certificate with Body = Body.Witness smallest.Witness }

                match Checker.check (claim, certificate, stepLimit) with
                | Ok(Checked.Fails least) -> least, smallest
                | Ok(Checked.Holds _) -> kept "not reduced"
                | Error reason -> kept $"not reduced: {reason}"
