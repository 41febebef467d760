namespace VerifyEnergy.Engines

open System.Collections.Generic
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

/// The counted work of a search ran out.
exception private Spent

[<RequireQualifiedAccess>]
module private Level =
    let orderOf (x: BigInteger) = if x.Sign > 0 then 2I * x - 1I else -2I * x

/// All points with one common denominator and one largest numerator.
[<Struct>]
type private Extent = { D: int; H: int }

/// Parts of propositions are evaluated as soon as their objects are known; once for each value where they depend on one object alone.
module private Sharing =
    /// The propositions with such parts replaced by new variables, and for each object the (new variable, part, whether it depends on
    /// that object alone) that can be evaluated once the object is known. `objects` in order.
    let split (parameters: Set<int>) (objects: int list) (props: Prop list) : Prop list * Map<int, (int * Expr * bool) list> =
        let place = objects |> List.mapi (fun index v -> v, index) |> Map.ofList
        let final = List.tryLast objects

        let shared = Dictionary<Expr, int>()
        let owners = Dictionary<Expr, struct (int * bool)>()

        let rec expr (e: Expr) : Expr =
            let own = Set.difference (Mentions.ofExpr e) parameters

            match e with
            | Expr.Apply(name, arguments) ->
                let known = not own.IsEmpty && own |> Set.forall place.ContainsKey
                let owner = if known then own |> Seq.maxBy (fun v -> place[v]) else -1

                if known && (own.Count = 1 || Some owner <> final) then
                    match shared.TryGetValue e with
                    | true, v -> Expr.Variable v
                    | false, _ ->
                        // Binders of claims are ≥ 0, and those of domains are −1 and −2.
                        let v = -1000 - shared.Count
                        shared[e] <- v
                        owners[e] <- struct (owner, own.Count = 1)
                        Expr.Variable v
                else
                    Expr.Apply(name, List.map expr arguments)
            | Expr.Entry(array, subscripts) -> Expr.Entry(expr array, subscripts)
            | Expr.Literal rows -> Expr.Literal(List.map (List.map expr) rows)
            | Expr.Table(body, binders) -> Expr.Table(expr body, binders)
            | Expr.Fold(fold, binders, body) -> Expr.Fold(fold, binders, expr body)
            | Expr.If(condition, a, b) -> Expr.If(prop condition, expr a, expr b)
            | Expr.Number _
            | Expr.ImaginaryUnit
            | Expr.Variable _
            | Expr.Statistic _
            | Expr.Probability _
            | Expr.Density _
            | Expr.Derivative _ -> e

        and prop (p: Prop) : Prop =
            match p with
            | Prop.Compare(relation, a, b) -> Prop.Compare(relation, expr a, expr b)
            | Prop.Has(property, e) -> Prop.Has(property, expr e)
            | Prop.And(a, b) -> Prop.And(prop a, prop b)
            | Prop.Or(a, b) -> Prop.Or(prop a, prop b)
            | Prop.Not a -> Prop.Not(prop a)
            | Prop.Implies(a, b) -> Prop.Implies(prop a, prop b)
            | Prop.Iff(a, b) -> Prop.Iff(prop a, prop b)
            | Prop.Forall(binders, a) -> Prop.Forall(binders, prop a)
            | Prop.Exists(binders, a) -> Prop.Exists(binders, prop a)
            | Prop.Approximately(a, b, tolerance, relative) -> Prop.Approximately(expr a, expr b, tolerance, relative)
            | Prop.SameLaw _ -> p

        let rewritten = List.map prop props

        let byOwner =
            shared
            |> Seq.map (fun (KeyValue(e, v)) -> let struct (owner, alone) = owners[e] in owner, (v, e, alone))
            |> Seq.toList
            |> List.groupBy fst
            |> List.map (fun (owner, pairs) -> owner, List.map snd pairs)
            |> Map.ofList

        rewritten, byOwner

/// Walks levels of the canonical order and keeps what was exhausted.
[<Sealed>]
type private LevelWalk(points: InstancePoints, entryCount: int) =
    let listCap = 12_000
    let mutable visited = 0L
    let mutable visitLimit = 0L
    let mutable undecided = 0
    let lists = Dictionary<struct (Space * Shape * Extent), struct (int * Candidate[] * Dictionary<int, Candidate[]>)>()
    let byRank = Dictionary<struct (Space * Shape * Extent * int * int * bool), struct (Candidate[] * Candidate[])>()
    let crowded = HashSet<struct (Space * Shape * Extent)>()
    /// Nonzero counts exhausted in a cell, for all ranks and for one.
    let full = Dictionary<Extent, int>()
    let ranked = HashSet<struct (int * Extent)>()
    let counted = Dictionary<Extent, int>()

    let objects =
        (points.Parts
         |> List.choose (fun part ->
             match part with
             | Part.Object(v, domain) -> Some(v, domain)
             | Part.Law _
             | Part.Hypothesis _ -> None))
        @ points.Quantified

    /// Objects that a hypothesis v = e determines from earlier ones.
    let forced =
        let place = objects |> List.mapi (fun index (v, _) -> v, index) |> Map.ofList

        let earlier v e =
            Mentions.ofExpr e
            |> Set.forall (fun w ->
                match Map.tryFind w place with
                | Some i -> i < place[v]
                | None -> true)

        points.Parts
        |> List.choose (fun part ->
            match part with
            | Part.Hypothesis(Prop.Compare(Relation.Equal, Expr.Variable v, e))
            | Part.Hypothesis(Prop.Compare(Relation.Equal, e, Expr.Variable v)) when place.ContainsKey v && earlier v e -> Some(v, e)
            | Part.Hypothesis _
            | Part.Object _
            | Part.Law _ -> None)
        |> Map.ofList

    /// Spaces of the objects, where they do not depend on other objects.
    let spaces =
        objects
        |> List.map (fun (_, domain) ->
            ObjectValues.attempt (fun () -> points.Resolve(points.Start, domain))
            |> Option.map (fun space -> space, ObjectValues.shape domain))

    let leastRank =
        spaces
        |> List.sumBy (fun known ->
            match known with
            | Some(space, Shape.Matrix) -> Enumeration.leastRank space
            | Some _
            | None -> 0)

    let largestEntry = spaces |> List.map (Option.bind (fst >> Enumeration.largestEntry)) |> List.fold (Option.map2 max) (Some 0)

    /// How many nonzero entries the objects after the k-th can take up.
    let placesAfter =
        let places = spaces |> List.map (Option.map (fst >> Enumeration.places) >> Option.defaultValue entryCount)
        [| for k in 1 .. places.Length -> List.sum (List.skip k places) |]

    /// What judging one point costs, in visits.
    let evaluation =
        if
            spaces
            |> List.exists (fun known ->
                match known with
                | Some(space, _) -> Space.isComplex space
                | None -> false)
        then
            80L
        else
            25L

    let declared =
        points.Parts
        |> List.choose (fun part ->
            match part with
            | Part.Object(v, _) -> Some v
            | Part.Law _
            | Part.Hypothesis _ -> None)

    let fast, sharedOf =
        let hypotheses =
            points.Parts
            |> List.choose (fun part ->
                match part with
                | Part.Hypothesis prop -> Some prop
                | Part.Object _
                | Part.Law _ -> None)

        let props = List.distinct (hypotheses @ points.Freed)
        let parameters = points.Claim.Parameters |> List.map (fun p -> p.Variable) |> Set.ofList
        let rewritten, shared = Sharing.split parameters declared props
        List.zip props rewritten |> dict, shared

    let plainConclusions = points.Freed |> List.map (fun prop -> prop, prop)
    let fastConclusions = points.Freed |> List.map (fun prop -> fast[prop], prop)

    /// The values shared by all points with this object; None where one of them has none.
    let derived environment v (c: Candidate) =
        match Map.tryFind v sharedOf with
        | None -> Some []
        | Some pairs ->
            let evaluate pairs =
                ObjectValues.attempt (fun () -> pairs |> List.map (fun (w, e, _) -> w, points.Rationals.Eval(environment, e)))

            let alone, joint = pairs |> List.partition (fun (_, _, alone) -> alone)

            let own =
                match c.Derived.TryGetValue v with
                | true, known -> known
                | false, _ ->
                    let values = evaluate alone
                    c.Derived[v] <- values
                    values

            if joint.IsEmpty then own else Option.map2 (@) own (evaluate joint)

    let spend cost =
        visited <- visited + cost

        if visited + 500L * int64 points.Enclosures > visitLimit then
            raise Spent

    let upTo space shape cell nonzeros =
        let key = struct (space, shape, cell)

        match lists.TryGetValue key with
        | true, (struct (known, all, exact)) when known >= min nonzeros (Enumeration.places space) -> struct (all, exact)
        | _ ->
            // All objects at once where they are few.
            let places = Enumeration.places space

            let limit =
                if nonzeros <= places && crowded.Contains key then
                    None
                else
                    Enumeration.upTo spend space shape cell.D cell.H places 3000

            let nonzeros, listed =
                match limit with
                | Some all -> places, Some all
                | None ->
                    crowded.Add key |> ignore
                    nonzeros, Enumeration.upTo spend space shape cell.D cell.H nonzeros listCap

            match listed with
            | None -> raise Spent
            | Some all ->
                let exact = Dictionary<int, Candidate[]>()

                for count, group in Array.groupBy (fun (c: Candidate) -> c.Nonzeros) all do
                    exact[count] <- group

                lists[key] <- struct (nonzeros, all, exact)
                struct (all, exact)

    /// Those of a list that leave room for the ranks still to come; with `exactly`, those of that rank.
    let ofRank (key: struct (Space * Shape * Extent * int * int * bool)) (wanted: int) (exactly: bool) (list: Candidate[]) =
        match byRank.TryGetValue key with
        | true, (struct (source, kept)) when obj.ReferenceEquals(source, list) -> kept
        | _ ->
            spend (int64 list.Length)
            let kept = list |> Array.filter (fun c -> if exactly then c.Rank = wanted else c.Rank <= wanted)
            byRank[key] <- struct (list, kept)
            kept

    /// The one value of an object that a hypothesis names, as a candidate of the cell.
    let determined environment v domain (e: Expr) space shape (cell: Extent) : Candidate[] =
        match ObjectValues.attempt (fun () -> ObjectValues.ofValue (points.Rationals.Eval(environment, e))) with
        | None ->
            undecided <- undecided + 1
            [||]
        | Some(ObjectValue.Map _) -> [||]
        | Some(ObjectValue.Array(rows, columns, entries) as data) ->
            let value = ObjectValues.value points.Rationals.Algebra 0 domain data

            let contained = ObjectValues.attempt (fun () -> points.Rationals.Contains(Map.add v value environment, v, domain))

            let parts =
                entries
                |> Array.collect (fun (struct (a, b)) -> if Space.isComplex space then [| a; b |] else [| a |])
                |> Array.map (fun x -> (x * Rational.OfInt cell.D).TryInt)

            if contained <> Some(ValueSome true) || parts |> Array.exists ValueOption.isNone then
                [||]
            else
                let parts = parts |> Array.map ValueOption.get
                let content = (cell.D, parts) ||> Array.fold (fun g x -> int (BigInteger.GreatestCommonDivisor(BigInteger g, BigInteger x)))
                let nonzeros = entries |> Array.filter (fun (struct (a, b)) -> not (a.IsZero && b.IsZero)) |> Array.length
                let height = parts |> Array.map abs |> Array.max

                let rank =
                    lazy
                        (if shape = Shape.Matrix then
                             Matrix.rank (Complex.realForm (Array2D.init rows columns (fun i j -> entries[i * columns + j]))) / 2
                         else
                             0)

                if height > cell.H then
                    [||]
                else
                    [| Candidate(data, Array.map Enumeration.code parts, nonzeros, height, content, value, rank) |]

    /// The first witness, entry by entry, among the points of a cell with exactly so many nonzero entries and, where given, that sum
    /// of ranks. Raises Spent.
    let scan (cell: Extent) (nonzeros: int) (rankSum: int voption) : (Candidate * int) list option =
        let mutable tried = 0

        let rec walk parts environment reversed chosen left height content rank broken plain remaining =
            match parts with
            | Part.Law _ :: rest -> walk rest environment reversed chosen left height content rank broken plain remaining
            | Part.Hypothesis prop :: rest ->
                if broken then
                    walk rest environment reversed chosen left height content rank broken plain remaining
                else
                    match points.Meets(environment, reversed, (if plain then prop else fast[prop]), prop) with
                    | Ok(ValueSome true) -> walk rest environment reversed chosen left height content rank false plain remaining
                    | Ok(ValueSome false) -> None
                    | Ok ValueNone ->
                        undecided <- undecided + 1
                        None
                    | Error _ -> walk rest environment reversed chosen left height content rank true plain remaining
            | Part.Object(v, domain) :: rest ->
                choose v domain rest environment reversed chosen left height content rank broken plain remaining
            | [] when List.isEmpty remaining ->
                if left <> 0 || height <> cell.H || content <> 1 then
                    None
                else
                    spend evaluation

                    let conclusions = if plain then plainConclusions else fastConclusions

                    match (if broken then Standing.Violated else points.Conclude(environment, reversed, conclusions)) with
                    | Standing.Violated -> Some(List.rev chosen)
                    | Standing.Holds -> None
                    | Standing.Open ->
                        undecided <- undecided + 1
                        None
            | [] ->
                // Binders of the conclusions follow the declared objects.
                match remaining with
                | (v, domain) :: _ -> choose v domain [] environment reversed chosen left height content rank broken plain remaining
                | [] -> None

        and choose v domain rest environment reversed chosen left height content rank broken plain remaining =
            let space = points.Resolve(environment, domain)
            let shape = ObjectValues.shape domain
            let remaining = List.tail remaining
            let isLast = List.isEmpty remaining
            let room = placesAfter[placesAfter.Length - 1 - remaining.Length]

            let candidates =
                match Map.tryFind v forced with
                | Some e -> determined environment v domain e space shape cell
                | None ->
                    let struct (all, exact) = upTo space shape cell left

                    let listed =
                        if not isLast then
                            all
                        else
                            match exact.TryGetValue left with
                            | true, group -> group
                            | false, _ -> [||]

                    match rankSum with
                    | ValueSome wanted ->
                        ofRank
                            (struct (space, shape, cell, (if isLast then left else -1), wanted - rank, isLast))
                            (wanted - rank)
                            isLast
                            listed
                    | ValueNone -> listed

            let mutable found = None
            let mutable i = 0

            while found.IsNone && i < candidates.Length do
                let c = candidates[i]
                i <- i + 1
                spend 1L

                let fits =
                    c.Nonzeros <= left
                    && left - c.Nonzeros <= room
                    && (not isLast
                        || (max height c.Height = cell.H
                            && (cell.D = 1 || BigInteger.GreatestCommonDivisor(BigInteger(content: int), BigInteger c.Content).IsOne)))
                    && (match rankSum with
                        | ValueSome wanted -> if isLast then rank + c.Rank = wanted else rank + c.Rank <= wanted
                        | ValueNone -> true)

                if fits then
                    if isLast then
                        tried <- tried + 1

                    let bound = Map.add v c.Value environment

                    let bound, plain =
                        match (if plain then None else derived bound v c) with
                        | Some values -> (bound, values) ||> List.fold (fun map (w, value) -> Map.add w value map), plain
                        | None -> bound, true

                    found <-
                        walk
                            rest
                            bound
                            ((v, c.Data) :: reversed)
                            ((c, v) :: chosen)
                            (left - c.Nonzeros)
                            (max height c.Height)
                            (int (BigInteger.GreatestCommonDivisor(BigInteger(content: int), BigInteger c.Content)))
                            (if rankSum.IsSome then rank + c.Rank else 0)
                            broken
                            plain
                            remaining

            found

        let found = walk points.Parts points.Start [] [] nonzeros 0 cell.D 0 false false objects

        counted[cell] <-
            tried
            + (match counted.TryGetValue cell with
               | true, n -> n
               | false, _ -> 0)

        found

    member _.Undecided = undecided

    member _.LeastRank = leastRank
    /// The largest |entry| of all objects, when it is bounded.
    member _.LargestEntry: int option = largestEntry

    /// Allows so many further visits of candidates.
    member _.Allow(visits: int64) = visitLimit <- visited + 500L * int64 points.Enclosures + visits

    member _.ExhaustedNonzeros(cell: Extent) =
        match full.TryGetValue cell with
        | true, z -> z
        | false, _ -> -1

    /// Outside this bound a cell has no points.
    member this.IsInhabited(cell: Extent) =
        (cell.D = 1 || cell.H > 0)
        && (match this.LargestEntry with
            | Some bound -> cell.H <= bound * cell.D
            | None -> true)

    member this.IsExhausted(cell: Extent) = not (this.IsInhabited cell) || this.ExhaustedNonzeros cell >= entryCount
    member this.IsExhaustedAt(rank: int, cell: Extent) = this.IsExhausted cell || ranked.Contains(struct (rank, cell))

    member _.Counted(cell: Extent) =
        match counted.TryGetValue cell with
        | true, n -> n
        | false, _ -> 0

    /// The first witness of a cell by nonzero entries, whatever its rank; notes the levels that hold none.
    member this.First(cell: Extent) : (int * (Candidate * int) list) option =
        let mutable found = None
        let mutable z = this.ExhaustedNonzeros cell + 1

        while found.IsNone && z <= entryCount do
            match scan cell z ValueNone with
            | Some chosen -> found <- Some(z, chosen)
            | None -> full[cell] <- z

            z <- z + 1

        found

    /// The same among the points with one sum of ranks.
    member this.FirstOfRank(cell: Extent, rank: int) : (int * (Candidate * int) list) option =
        let mutable found = None
        let mutable z = this.ExhaustedNonzeros cell + 1

        while found.IsNone && z <= entryCount do
            match scan cell z (ValueSome rank) with
            | Some chosen -> found <- Some(z, chosen)
            | None -> ()

            z <- z + 1

        if found.IsNone then
            ranked.Add(struct (rank, cell)) |> ignore

        found

[<RequireQualifiedAccess>]
module Smallest =
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
          Codes = numerators |> List.map Level.orderOf |> List.toArray }

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
