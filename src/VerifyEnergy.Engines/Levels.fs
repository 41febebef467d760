namespace VerifyEnergy.Engines

open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

// Levels of the canonical order of points: one common denominator, one largest numerator, one number of nonzero entries and, where
// wanted, one sum of ranks.

/// The counted work of a search ran out.
exception internal Spent

/// All points with one common denominator and one largest numerator.
[<Struct>]
type internal Extent = { D: int; H: int }

/// Parts of propositions are evaluated as soon as their objects are known; once for each value where they depend on one object alone.
module internal Sharing =
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
type internal LevelWalk(points: InstancePoints, entryCount: int) =
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
