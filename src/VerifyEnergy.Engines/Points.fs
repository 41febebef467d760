namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

// Exact points of one instance: objects by construction, hypotheses made true where their shape allows it, and what the claim
// says there. None of it is trusted: the checker evaluates a witness again.

/// Objects by binder number, in declaration order.
type Point = (int * ObjectValue) list

[<RequireQualifiedAccess>]
type Draw =
    | Admissible of Point
    /// A hypothesis has no value here, which breaks the claim.
    | IllDefined of Point
    /// The constructed objects miss a hypothesis.
    | Rejected

[<RequireQualifiedAccess>]
type Standing =
    | Holds
    | Violated
    /// Not decided at this precision.
    | Open

/// Objects and values.
[<RequireQualifiedAccess>]
module internal ObjectValues =
    let shape (domain: Domain) =
        match domain with
        | Domain.Plain(_, []) -> Shape.Scalar
        | Domain.Plain(_, [ _ ])
        | Domain.Simplex _ -> Shape.Column
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
        | Domain.Coupling _
        | Domain.Stochastic _
        | Domain.Map _
        | Domain.Random _ -> Shape.Matrix

    let value (algebra: ArrayAlgebra<'T>) (into: int) (domain: Domain) (data: ObjectValue) : Value<'T> =
        match data with
        | ObjectValue.Map images -> Value.Map(images, into)
        | ObjectValue.Array(rows, columns, entries) ->
            let isComplex = Domains.isComplex domain

            let entry (struct (re, im)) =
                if isComplex then
                    { Re = (algebra.Rational re).Re; Im = ValueSome (algebra.Rational im).Re }
                else
                    algebra.Rational re

            Value.Array(shape domain, rows, columns, Array.map entry entries)

    let ofValue (value: Value<Rational>) : ObjectValue =
        match value with
        | Value.Map(images, _) -> ObjectValue.Map images
        | Value.Array(_, rows, columns, entries) ->
            ObjectValue.Array(rows, columns, entries |> Array.map (fun e -> struct (e.Re, ValueOption.defaultValue Rational.Zero e.Im)))

    /// Runs a piece of work that may be undefined, unsupported or too large at these values.
    let attempt (work: unit -> 'R) : 'R option =
        try
            Some(work ())
        with
        | Undefined _
        | Unsupported _
        | OutOfShape _
        | TooLarge _ -> None

/// Binders of outer foralls over infinite domains: a witness may name their values, and a conclusion is then judged at those values.
/// Binders over finite sets stay with the evaluator, which walks them all.
module internal Quantified =
    let private isNameable (binder: Binder) =
        match binder.Range with
        | Range.Within(Domain.Plain((ScalarSet.Bit | ScalarSet.Spin | ScalarSet.Integer _), _))
        | Range.Within(Domain.Map _)
        | Range.Within(Domain.Random _)
        | Range.Between _
        | Range.Among _
        | Range.Fibre _ -> false
        | Range.Within _ -> true

    let private domain (binder: Binder) =
        match binder.Range with
        | Range.Within domain when isNameable binder -> Some(binder.Variable, domain)
        | Range.Within _
        | Range.Between _
        | Range.Among _
        | Range.Fibre _ -> None

    let rec private walk positive (prop: Prop) : (int * Domain) list * Prop =
        let both make p q leftPositive =
            let found, p = walk leftPositive p
            let others, q = walk positive q
            found @ others, make (p, q)

        let freed make binders body =
            let found, inner = walk positive body
            let kept = binders |> List.filter (isNameable >> not)
            List.choose domain binders @ found, (if kept.IsEmpty then inner else make (kept, inner))

        match prop with
        | Prop.Forall(binders, body) when positive -> freed Prop.Forall binders body
        | Prop.Exists(binders, body) when not positive -> freed Prop.Exists binders body
        | Prop.And(p, q) -> both Prop.And p q positive
        | Prop.Or(p, q) -> both Prop.Or p q positive
        | Prop.Implies(p, q) -> both Prop.Implies p q (not positive)
        | Prop.Not p ->
            let found, p = walk (not positive) p
            found, Prop.Not p
        | Prop.Forall _
        | Prop.Exists _
        | Prop.Iff _
        | Prop.Compare _
        | Prop.Has _
        | Prop.Approximately _
        | Prop.SameLaw _ -> [], prop

    /// The binders, and the proposition with them free.
    let ofConclusion (prop: Prop) : (int * Domain) list * Prop = walk true prop

    /// The binders of all conclusions, as far as their domains are known from parameters and objects, and the conclusions with those
    /// binders free where that goes for all of them.
    let ofClaim (claim: Claim) : (int * Domain) list * Prop list =
        let known =
            (claim.Parameters |> List.map (fun p -> p.Variable))
            @ (claim.Declarations
               |> List.choose (fun declaration ->
                   match declaration with
                   | Declaration.Object(v, _) -> Some v
                   | Declaration.Hypothesis _ -> None))
            |> Set.ofList

        let walked = claim.Conclusions |> List.map ofConclusion
        let binders = walked |> List.collect fst |> List.distinctBy fst

        if binders |> List.forall (fun (_, domain) -> Set.isSubset (Mentions.ofDomain domain) known) then
            binders, List.map snd walked
        else
            [], claim.Conclusions

/// What stands between the objects of a claim, in order.
[<RequireQualifiedAccess>]
type internal Part =
    | Object of int * Domain
    | Law of Distribution
    | Hypothesis of Prop

/// The points of one instance. Evaluates over rationals, and over intervals of 128 bits where values are irrational. Raises
/// OutOfShape where the claim itself is out of shape at the instance, and StepsExhausted.
[<Sealed>]
type InstancePoints(claim: Claim, instance: int[], steps: Steps) =
    let domains = Obligation.domains claim
    let rationals = Evaluator<Rational>(RationalArithmetic.Instance, steps, domains)
    let intervals = Evaluator<Interval>(IntervalArithmetic 128, steps, domains)
    let rationalStart = Grid.environment rationals.Algebra claim instance
    let forms = Evaluator<NormalForm>(FormArithmetic.AtPoint steps, steps, domains)
    let formStart = Grid.environment forms.Algebra claim instance
    let intervalStart = Grid.environment intervals.Algebra claim instance
    let cornersOf = Dictionary<Space, ObjectValue[]>()
    let mutable enclosures = 0
    let mutable formsLeft = 60

    let rec flatten prop =
        match prop with
        | Prop.And(p, q) -> flatten p @ flatten q
        | other -> [ other ]

    let quantified, freed = Quantified.ofClaim claim

    let parts =
        [ for declaration in claim.Declarations do
              match declaration with
              | Declaration.Object(_, Domain.Random law) -> Part.Law law
              | Declaration.Object(v, domain) -> Part.Object(v, domain)
              | Declaration.Hypothesis prop ->
                  for p in flatten prop do
                      Part.Hypothesis p ]

    let order =
        parts
        |> List.choose (fun part ->
            match part with
            | Part.Object(v, _) -> Some v
            | Part.Law _
            | Part.Hypothesis _ -> None)

    /// The hypotheses whose last object is v: they can be met by choosing v.
    let hypothesesOn =
        let place = order |> List.mapi (fun index v -> v, index) |> Map.ofList

        parts
        |> List.choose (fun part ->
            match part with
            | Part.Hypothesis prop ->
                let mentioned = Mentions.ofProp prop |> Set.filter place.ContainsKey
                if mentioned.IsEmpty then None else Some(Seq.maxBy (fun v -> place[v]) mentioned, prop)
            | Part.Object _
            | Part.Law _ -> None)
        |> List.groupBy fst
        |> List.map (fun (v, props) -> v, List.map snd props)
        |> Map.ofList

    let integer environment e = rationals.IntegerOf(environment, e)

    let resolve environment (domain: Domain) : Space =
        let n e = integer environment e

        let entries e =
            match rationals.Eval(environment, e) with
            | Value.Array(_, _, _, entries) -> entries |> Array.map (fun x -> x.Re) |> Array.toList
            | Value.Map _ -> raise (OutOfShape "a marginal is a vector")

        match domain with
        | Domain.Plain(set, sizes) ->
            let rows, columns =
                match List.map n sizes with
                | [] -> 1, 1
                | [ rows ] -> rows, 1
                | rows :: columns :: _ -> rows, columns

            match set with
            | ScalarSet.Real -> Space.Entries(Slot.Free, rows, columns)
            | ScalarSet.Positive -> Space.Entries(Slot.Positive, rows, columns)
            | ScalarSet.Nonnegative -> Space.Entries(Slot.Nonnegative, rows, columns)
            | ScalarSet.Complex -> Space.ComplexEntries(rows, columns)
            | ScalarSet.Bit -> Space.Entries(Slot.Whole(0, 1), rows, columns)
            | ScalarSet.Spin -> Space.Entries(Slot.Sign, rows, columns)
            | ScalarSet.Integer(low, high) ->
                let low, high = n low, n high

                // An empty range has no objects.
                if low > high then
                    raise (Unsupported "an empty range")

                Space.Entries(Slot.Whole(low, high), rows, columns)
        | Domain.Symmetric size -> Space.Symmetric(n size)
        | Domain.Psd(size, rank) ->
            let size = n size
            Space.Psd(size, rank |> Option.map n |> Option.defaultValue size |> min size |> max 0)
        | Domain.Spd size -> Space.Spd(n size)
        | Domain.Orthogonal size -> Space.Orthogonal(n size)
        | Domain.Diagonal size -> Space.Diagonal(n size)
        | Domain.Hermitian size -> Space.Hermitian(n size)
        | Domain.HermitianPsd size -> Space.HermitianPsd(n size)
        | Domain.HermitianPd size -> Space.HermitianPd(n size)
        | Domain.Unitary size -> Space.Unitary(n size)
        | Domain.Density size -> Space.Density(n size)
        | Domain.Simplex size -> Space.Simplex(n size)
        | Domain.Coupling(first, second) -> Space.Coupling(entries first, entries second)
        | Domain.Stochastic(rows, columns) -> Space.Stochastic(n rows, n columns)
        | Domain.Map(from, into) -> Space.Map(n from, n into)
        | Domain.Random _ -> raise (Unsupported "a random object has no value")

    let into environment domain =
        match domain with
        | Domain.Map(_, into) -> integer environment into
        | _ -> 0

    /// Adds an object to the values over any arithmetic.
    let bind (evaluator: Evaluator<'T>) (environment: Environment<'T>) (v, domain, data) =
        let bound =
            match domain with
            | Domain.Map(_, into) -> evaluator.IntegerOf(environment, into)
            | _ -> 0

        Map.add v (ObjectValues.value evaluator.Algebra bound domain data) environment

    let decide (work: unit -> bool voption) : Result<bool voption, string> =
        try
            Ok(work ())
        with
        | Undefined reason -> Error reason
        | Unsupported _
        | TooLarge _ -> Ok ValueNone

    let domainOf v = Map.tryFind v domains |> Option.orElse (quantified |> List.tryFind (fst >> (=) v) |> Option.map snd)

    /// The values of a point (last object first) over another arithmetic.
    let over (evaluator: Evaluator<'T>) (start: Environment<'T>) (point: Point) =
        (start, List.rev point)
        ||> List.fold (fun environment (v, data) ->
            match domainOf v with
            | Some domain -> bind evaluator environment (v, domain, data)
            | None -> environment)

    let enclosed point = over intervals intervalStart point
    let inForms point = over forms formStart point

    /// `fast` is the proposition, perhaps with parts already evaluated over the rationals.
    let truthOf environment (point: Point) fast prop =
        match decide (fun () -> rationals.Truth(environment, fast)) with
        | Ok ValueNone ->
            enclosures <- enclosures + 1

            match decide (fun () -> intervals.Truth(enclosed point, prop)) with
            | Ok ValueNone when formsLeft > 0 ->
                // Normal forms show equalities of irrational values, at a price.
                let before = steps.Spent
                let judged = decide (fun () -> forms.Truth(inForms point, prop))
                // A large form counts as many.
                formsLeft <- formsLeft - 1 - int ((steps.Spent - before) / 400L)
                enclosures <- enclosures + 4
                judged
            | known -> known
        | known -> known

    let truth environment point prop = truthOf environment point prop prop

    /// Corners and repairs work with values that the evaluator may reject: then there is no such object.
    let place environment v domain (pick: int -> Space -> ObjectValue) index =
        let space = resolve environment domain
        let value = ObjectValues.value rationals.Algebra (into environment domain) domain (pick index space)

        match Map.tryFind v hypothesesOn with
        | None -> Some value
        | Some props ->
            let repaired =
                (value, props)
                ||> List.fold (fun value prop ->
                    ObjectValues.attempt (fun () -> Repair.meet rationals environment v space value prop) |> Option.defaultValue value)

            if repaired = value then
                Some value
            else
                match decide (fun () -> rationals.Contains(Map.add v repaired environment, v, domain)) with
                | Ok(ValueSome true) -> Some repaired
                | Ok _
                | Error _ -> None

    /// The space of an object, given the objects before it.
    member internal _.Resolve(environment: Environment<Rational>, domain: Domain) = resolve environment domain
    member internal _.Parts = parts
    member internal _.Quantified = quantified
    member internal _.Start = rationalStart
    member internal _.Rationals = rationals
    member internal _.Into(environment, domain) = into environment domain
    member _.Claim = claim
    member _.Instance = instance
    member _.Steps = steps

    /// How many propositions may still be put to normal forms where intervals leave them open.
    member _.FormsLeft
        with get () = formsLeft
        and set value = formsLeft <- value

    /// How many propositions needed intervals; normal forms count five times.
    member internal _.Enclosures = enclosures

    /// Whether a hypothesis holds, given the objects before it (last first).
    member internal _.Meets(environment: Environment<Rational>, reversed: Point, fast: Prop, prop: Prop) =
        truthOf environment reversed fast prop

    /// A point from a choice of each object: `pick` gets the object's place and its space.
    member _.Construct(pick: int -> Space -> ObjectValue) : Draw =
        let rec declare environment reversed index parts =
            match parts with
            | [] -> named environment reversed index quantified
            | Part.Law law :: rest ->
                match Domains.lawExists domains law with
                | None -> declare environment reversed index rest
                | Some prop ->
                    match truth environment reversed prop with
                    | Ok(ValueSome true) -> declare environment reversed index rest
                    | Ok(ValueSome false) -> Draw.IllDefined(List.rev reversed)
                    | Ok ValueNone
                    | Error _ -> Draw.Rejected
            | Part.Hypothesis prop :: rest ->
                match truth environment reversed prop with
                | Ok(ValueSome true) -> declare environment reversed index rest
                | Ok _ -> Draw.Rejected
                | Error _ -> Draw.IllDefined(List.rev reversed)
            | Part.Object(v, domain) :: rest ->
                let placed =
                    try
                        place environment v domain pick index
                    with
                    | Undefined _
                    | Unsupported _ -> None

                match placed with
                | Some value -> declare (Map.add v value environment) ((v, ObjectValues.ofValue value) :: reversed) (index + 1) rest
                | None -> Draw.Rejected

        // Binders inside the conclusions: left out where their domain is not known here.
        and named environment reversed index binders =
            match binders with
            | [] -> Draw.Admissible(List.rev reversed)
            | (v, domain) :: rest ->
                let chosen =
                    ObjectValues.attempt (fun () ->
                        let data = pick index (resolve environment domain)
                        data, ObjectValues.value rationals.Algebra (into environment domain) domain data)

                match chosen with
                | Some(data, value) -> named (Map.add v value environment) ((v, data) :: reversed) (index + 1) rest
                | None -> named environment reversed index rest

        declare rationalStart [] 0 parts

    /// What the conclusions say, given the values of the objects and the objects themselves (last first). Conclusions come in pairs:
    /// with parts already evaluated, and as they are.
    member internal _.Conclude(environment: Environment<Rational>, reversed: Point, conclusions: (Prop * Prop) list) : Standing =
        let rec conclude isOpen conclusions =
            match conclusions with
            | [] -> if isOpen then Standing.Open else Standing.Holds
            | (fast, prop) :: rest ->
                match truthOf environment reversed fast prop with
                | Ok(ValueSome true) -> conclude isOpen rest
                | Ok ValueNone -> conclude true rest
                | Ok(ValueSome false)
                | Error _ -> Standing.Violated

        conclude false conclusions

    /// The conclusions with the binders that points name free.
    member internal _.Freed = freed

    /// The conclusions as they are judged with these values.
    member internal _.Conclusions(environment: Environment<Rational>) =
        let named = quantified |> List.forall (fun (v, _) -> Map.containsKey v environment)
        (if named then freed else claim.Conclusions) |> List.map (fun prop -> prop, prop)

    /// What the claim says at an admissible point.
    member this.Judge(point: Point) : Standing =
        let environment =
            (rationalStart, point)
            ||> List.fold (fun environment (v, data) ->
                match domainOf v with
                | Some domain -> bind rationals environment (v, domain, data)
                | None -> environment)

        this.Conclude(environment, List.rev point, this.Conclusions environment)

    /// Whether objects from anywhere are admissible and break the claim.
    member this.IsBrokenBy(point: Point) : bool =
        let given = Map.ofList point

        let rec declare environment reversed parts =
            match parts with
            | [] -> named environment reversed quantified
            | Part.Law _ :: rest -> declare environment reversed rest
            | Part.Hypothesis prop :: rest ->
                match truth environment reversed prop with
                | Ok(ValueSome true) -> declare environment reversed rest
                | Ok _ -> false
                | Error _ -> true
            | Part.Object(v, domain) :: rest ->
                match Map.tryFind v given with
                | None -> false
                | Some data ->
                    let environment = bind rationals environment (v, domain, data)

                    decide (fun () -> rationals.Contains(environment, v, domain)) = Ok(ValueSome true)
                    && declare environment ((v, data) :: reversed) rest

        and named environment reversed binders =
            match binders with
            | [] -> this.Conclude(environment, reversed, this.Conclusions environment) = Standing.Violated
            | (v, domain) :: rest ->
                match Map.tryFind v given with
                | Some data -> named (bind rationals environment (v, domain, data)) ((v, data) :: reversed) rest
                | None -> named environment reversed rest

        ObjectValues.attempt (fun () -> declare rationalStart [] parts) = Some true

    /// A point from a list of free numbers; every list gives one, up to hypotheses.
    member this.OfTape(numbers: Rational[]) : Draw =
        let tape = Tape numbers
        this.Construct(fun _ space -> Space.build space tape)

    /// How many numbers the objects are made of.
    member this.TapeLength: int =
        let tape = Tape [||]

        match this.Construct(fun _ space -> Space.build space tape) with
        | Draw.Admissible _ -> tape.Position
        | Draw.IllDefined _
        | Draw.Rejected ->
            // The zero tape misses a hypothesis: ask the objects one by one, whatever the hypotheses.
            max tape.Position 64

    member _.CornersOf(space: Space) : ObjectValue[] =
        match cornersOf.TryGetValue space with
        | true, found -> found
        | false, _ ->
            let found = Space.corners space |> List.toArray
            cornersOf[space] <- found
            found

    /// At most `count` corner points: all objects at the same corner first (equal, commuting), then combinations, near the
    /// simplest first.
    member this.Corners(count: int) : Draw seq =
        let objects =
            List.length (
                List.filter
                    (fun part ->
                        match part with
                        | Part.Object _ -> true
                        | Part.Law _
                        | Part.Hypothesis _ -> false)
                    parts
            )
            + quantified.Length

        let at (indices: int[]) =
            this.Construct(fun index space ->
                let corners = this.CornersOf space
                corners[indices[index] % corners.Length])

        let rec splits total parts =
            if parts = 1 then
                Seq.singleton [ total ]
            else
                seq {
                    for first in 0..total do
                        for rest in splits (total - first) (parts - 1) do
                            first :: rest
                }

        if objects = 0 then
            Seq.singleton (at [||])
        else
            let aligned = Seq.init 12 (fun i -> List.replicate objects i)

            let combined = Seq.initInfinite id |> Seq.collect (fun total -> splits total objects) |> Seq.truncate (count / 3)

            // Far combinations, the same in every run.
            let spread =
                let stream = RandomStream.Create(0UL, "", instance, "corners")
                Seq.init (4 * count) (fun _ -> List.init objects (fun _ -> stream.Int(1, 23)))

            let single = if objects = 1 then Seq.init 40 (fun i -> [ i ]) else Seq.empty

            Seq.concat [ single; aligned; combined; spread ] |> Seq.distinct |> Seq.truncate count |> Seq.map (List.toArray >> at)

    /// The point of one case number: small whole numbers first, then small rationals, then larger ones.
    member this.Random(random: RandomStream, case: int, length: int) : Draw =
        let stream = random.Split case

        let number () =
            match case % 4 with
            | 0 -> Rational.OfInt(stream.Int(-1, 1))
            | 1 -> Rational.OfInt(stream.Int(-3, 3))
            | 2 -> stream.Rational 6
            | _ -> stream.Rational 60

        // Numbers are sparse half of the time.
        let sparse = case / 4 % 2 = 1

        this.OfTape(Array.init length (fun _ -> if sparse && stream.Int(0, 1) = 0 then Rational.Zero else number ()))

    /// Random points that `All` draws at most, and corners and random points after which it gives up when none met the hypotheses.
    static member val Attempts = 1200
    static member val HopelessAfter = 160

    /// Corner points, then random ones: the points that meet domains and hypotheses.
    member this.All(random: RandomStream) : Point seq =
        let length = this.TapeLength
        let attempts = Seq.append (this.Corners 64) (Seq.init InstancePoints.Attempts (fun case -> this.Random(random, case, length)))

        seq {
            let mutable tried = 0
            let mutable met = 0
            use walk = attempts.GetEnumerator()

            // Hypotheses that no attempt has met so far, such as transcendental equations, are not worth the rest.
            while (met > 0 || tried < InstancePoints.HopelessAfter) && walk.MoveNext() do
                tried <- tried + 1

                match walk.Current with
                | Draw.Admissible point ->
                    met <- met + 1
                    point
                | Draw.IllDefined _
                | Draw.Rejected -> ()
        }
