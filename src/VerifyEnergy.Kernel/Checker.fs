namespace VerifyEnergy.Kernel

// The only maker of theorems and refutations.

[<Sealed; AutoSerializable(false)>]
type Theorem internal (certificate: Certificate, cases: int, isVacuous: bool) =
    // Arrays can be written to; what was checked is copied, and handed out as copies.
    let instance = Array.copy certificate.Instance
    member _.ClaimHash = certificate.ClaimHash
    member _.Instance = Array.copy instance
    member _.Cases = cases
    member _.IsVacuous = isVacuous
    member _.Certificate = certificate

[<Sealed; AutoSerializable(false)>]
type Refutation internal (certificate: Certificate, witness, failing: int list, undefined: string option) =
    let instance = Array.copy certificate.Instance
    member _.ClaimHash = certificate.ClaimHash
    member _.Instance = Array.copy instance
    member _.Witness: (int * ObjectValue) list = witness
    member _.Failing = failing
    member _.Undefined = undefined
    member _.Certificate = certificate

[<RequireQualifiedAccess>]
type Checked =
    | Holds of Theorem
    | Fails of Refutation

[<RequireQualifiedAccess>]
type Outcome =
    | Holds of Theorem
    | Fails of Refutation
    | Vacuous of Theorem
    | Attested of Ground: string
    | Supported of Ground: string
    | IllTyped of Clash: string
    | Undecided of Reason: string

[<RequireQualifiedAccess>]
type Verdict =
    | Proved
    | Attested
    | Refuted
    | Supported
    | Vacuous
    | IllTyped
    | Undecided

[<RequireQualifiedAccess>]
module Verdict =
    let name (verdict: Verdict) : string =
        match verdict with
        | Verdict.Proved -> "proved"
        | Verdict.Attested -> "attested"
        | Verdict.Refuted -> "refuted"
        | Verdict.Supported -> "supported"
        | Verdict.Vacuous -> "vacuous"
        | Verdict.IllTyped -> "ill-typed"
        | Verdict.Undecided -> "undecided"

    let all =
        [ Verdict.Proved
          Verdict.Attested
          Verdict.Refuted
          Verdict.Supported
          Verdict.Vacuous
          Verdict.IllTyped
          Verdict.Undecided ]

    let ofOutcome (outcome: Outcome) : Verdict =
        match outcome with
        | Outcome.Holds _ -> Verdict.Proved
        | Outcome.Fails _ -> Verdict.Refuted
        | Outcome.Vacuous _ -> Verdict.Vacuous
        | Outcome.Attested _ -> Verdict.Attested
        | Outcome.Supported _ -> Verdict.Supported
        | Outcome.IllTyped _ -> Verdict.IllTyped
        | Outcome.Undecided _ -> Verdict.Undecided

/// How a normal form and a proof meet a condition.
module private Discharge =
    let private meets (condition: Condition) (form: NormalForm) =
        match condition with
        | Condition.Zero -> form.IsZero
        | Condition.Nonzero ->
            match FormArithmetic.SignOf form with
            | ValueSome sign -> sign <> 0
            | ValueNone -> false
        | Condition.Positive -> FormArithmetic.SignOf form = ValueSome 1
        | Condition.Nonnegative ->
            NormalForm.visiblyNonnegative form
            || (match FormArithmetic.SignOf form with
                | ValueSome sign -> sign >= 0
                | ValueNone -> false)

    /// Whether the facts cannot all hold, visibly.
    let private contradict (facts: Fact list) =
        facts
        |> List.exists (fun fact ->
            match fact.Condition, FormArithmetic.SignOf fact.Form with
            | Condition.Zero, ValueSome sign -> sign <> 0
            | Condition.Nonzero, ValueSome sign -> sign = 0
            | Condition.Positive, ValueSome sign -> sign <= 0
            | Condition.Nonnegative, ValueSome sign -> sign < 0
            | _, ValueNone -> false)

    /// The goal and facts with entry letters replaced by factors.
    let rewrite (factors: Map<Letter, NormalForm>) (fact: Fact) : Fact =
        if Map.isEmpty factors then
            fact
        else
            { fact with Form = NormalForm.substitute (fun letter -> Map.tryFind letter factors) fact.Form }

    /// Whether the hypotheses of a case cannot all hold, visibly.
    let isEmpty (case: Case) : bool =
        let rewritten = case.Hypotheses |> List.map (rewrite (case.Factors()))
        contradict rewritten

    /// A condition that a known condition on the same form gives.
    let private follows known wanted =
        known = wanted
        || (match known, wanted with
            | Condition.Positive, (Condition.Nonzero | Condition.Nonnegative)
            | Condition.Zero, Condition.Nonnegative -> true
            | _ -> false)

    /// A polynomial with the sign of the form wherever the form is defined: the numerator times the denominator's factors of odd
    /// power whose sign is not visible. For equations the numerator alone.
    let target (fact: Fact) : Polynomial =
        match fact.Condition with
        | Condition.Zero -> fact.Form.Numerator
        | Condition.Nonzero
        | Condition.Positive
        | Condition.Nonnegative ->
            (fact.Form.Numerator, fact.Form.Denominator)
            ||> Array.fold (fun product (struct (factor, power)) ->
                if power % 2 = 0 then
                    product
                else
                    match Polynomial.visibleSign factor with
                    | ValueSome 1 -> product
                    | ValueSome -1 -> Polynomial.negate product
                    | _ -> Polynomial.multiply product factor)

    /// The polynomial with every known positive (for Nonzero goals: nonzero) factor divided out: its sign is unchanged, or, for
    /// Nonzero, its vanishing.
    let private withoutKnownFactors (facts: Fact list) (goal: Fact) : Polynomial =
        let known =
            facts
            |> List.filter (fun fact ->
                fact.Condition = Condition.Positive || (fact.Condition = Condition.Nonzero && goal.Condition = Condition.Nonzero))
            |> List.map target
            |> List.filter (fun p -> p.TryConstant.IsNone)

        let rec divide rounds (p: Polynomial) =
            match known |> List.tryPick (fun factor -> Polynomial.tryDivide p factor) with
            | Some quotient when rounds > 0 -> divide (rounds - 1) quotient
            | Some _
            | None -> p

        divide 16 (target goal)

    /// The condition as it stands, with logs exponentiated away, each also in factors.
    let normal (factors: Map<Letter, NormalForm>) (facts: Fact list) (goal: Fact) : bool =
        let direct (fact: Fact) =
            meets fact.Condition fact.Form
            || (match NormalForm.tryExponentiate fact.Form with
                | Some form -> meets fact.Condition form
                | None -> false)

        direct goal
        || (let rewritten = rewrite factors goal

            direct rewritten
            || (let facts = facts |> List.map (rewrite factors)

                contradict facts
                || facts
                   |> List.exists (fun fact ->
                       follows fact.Condition goal.Condition && (NormalForm.subtract fact.Form rewritten.Form).IsZero)
                || (goal.Condition <> Condition.Zero
                    && not facts.IsEmpty
                    && (let left condition = NormalForm.polynomial (withoutKnownFactors facts { rewritten with Condition = condition })

                        meets goal.Condition (left goal.Condition)
                        // A factor of what is not zero is not zero.
                        || (goal.Condition = Condition.Nonzero
                            && facts
                               |> List.exists (fun fact ->
                                   (fact.Condition = Condition.Positive || fact.Condition = Condition.Nonzero)
                                   && not (target rewritten).IsZero
                                   && (Polynomial.tryDivide (target fact) (target rewritten)).IsSome))
                        // x ≥ 0 visibly, and x ≠ 0.
                        || (goal.Condition = Condition.Positive
                            && Polynomial.visiblyNonnegative (target rewritten)
                            && meets Condition.Nonzero (left Condition.Nonzero))))))

    /// The letters that certificates number: those of the target and the facts, sorted.
    let letters (polynomials: Polynomial list) : Letter[] =
        polynomials
        |> Seq.collect (fun p -> p.Terms |> Seq.collect (fun (struct (_, m)) -> m.Factors |> Seq.map (fun (struct (l, _)) -> l)))
        |> Seq.distinct
        |> Seq.sort
        |> Seq.toArray

    let monomial (letters: Letter[]) (factors: (int * Rational) list) : Monomial =
        Monomial.create (
            factors
            |> List.map (fun (index, exponent) ->
                if index < 0 || index >= letters.Length then
                    raise (Unsupported $"letter {index} of a certificate with {letters.Length} letters")

                letters[index], exponent)
        )

    let polynomial (letters: Letter[]) (data: PolynomialData) : Polynomial =
        data |> List.map (fun (coefficient, factors) -> struct (coefficient, monomial letters factors)) |> Polynomial.ofTerms

    /// What a Squares proof speaks of: the goal's polynomial, those of the facts, and the letters that it numbers.
    let statement factors (facts: Fact list) (goal: Fact) : Polynomial * Polynomial[] * Letter[] =
        let rewritten = rewrite factors goal

        let wanted =
            match NormalForm.tryExponentiate rewritten.Form with
            | Some form -> target { rewritten with Form = form }
            | None -> target rewritten

        let facts = facts |> List.map (rewrite factors >> target)
        wanted, List.toArray facts, letters (wanted :: facts)

    /// ±target = Σ weight·Πhypotheses·multiplier·root² + Σ cofactor·equation.
    let squares
        (steps: Steps)
        factors
        (facts: Fact list)
        (goal: Fact)
        (negated, squares: Square list, cofactors: (int * PolynomialData) list)
        : bool =
        let wanted, factPolynomials, letters = statement factors facts goal
        let facts = List.toArray facts

        let product (p: Polynomial) (q: Polynomial) =
            steps.Spend(1L + int64 p.TermCount * int64 q.TermCount / 8L)
            Polynomial.multiply p q

        let square (s: Square) =
            let root = polynomial letters s.Root
            let multiplier = Polynomial.ofTerms [ struct (Rational.One, monomial letters s.Multiplier) ]

            let usable =
                s.Weight.Sign > 0
                && Polynomial.visiblyNonnegative multiplier
                && s.Hypotheses
                   |> List.forall (fun h ->
                       h >= 0
                       && h < facts.Length
                       && (facts[h].Condition = Condition.Nonnegative || facts[h].Condition = Condition.Positive))

            if not usable then
                None
            else
                let strict =
                    Polynomial.visibleSign multiplier = ValueSome 1
                    && (match Polynomial.visibleSign root with
                        | ValueSome sign -> sign <> 0
                        | ValueNone -> false)
                    && s.Hypotheses |> List.forall (fun h -> facts[h].Condition = Condition.Positive)

                let value =
                    (product (Polynomial.scale s.Weight multiplier) (product root root), s.Hypotheses)
                    ||> List.fold (fun value h -> product value factPolynomials[h])

                Some(value, strict)

        let cofactor (index, data) =
            if index >= 0 && index < facts.Length && facts[index].Condition = Condition.Zero then
                Some(product (polynomial letters data) factPolynomials[index])
            else
                None

        let squares = squares |> List.map square
        let cofactors = cofactors |> List.map cofactor

        if List.exists Option.isNone squares || List.exists Option.isNone cofactors then
            false
        else
            let squares = List.choose id squares

            let total = (List.map fst squares @ List.choose id cofactors) |> List.fold Polynomial.add Polynomial.zero

            let signed = if negated then Polynomial.negate wanted else wanted
            let strict = squares |> List.exists snd

            (Polynomial.subtract signed total).IsZero
            && (match goal.Condition with
                | Condition.Zero -> squares.IsEmpty
                | Condition.Nonnegative -> not negated
                | Condition.Positive -> not negated && strict
                | Condition.Nonzero -> strict)

    /// Whether the proof shows the goal under the facts.
    let rec goal (steps: Steps) (case: Case) (facts: Fact list) (proof: Proof) (wanted: Goal) : bool =
        steps.Spend 1L
        let inner proof wanted = goal steps case facts proof wanted

        match wanted, proof with
        | Goal.Fact fact, Proof.Normal -> normal (case.Factors()) facts fact
        | Goal.Fact fact, Proof.Squares(negated, terms, cofactors) -> squares steps (case.Factors()) facts fact (negated, terms, cofactors)
        | Goal.All goals, Proof.Normal -> goals |> List.forall (inner Proof.Normal)
        | Goal.All goals, Proof.All proofs -> goals.Length = proofs.Length && List.forall2 inner proofs goals
        | Goal.Any goals, Proof.Normal -> goals |> List.exists (inner Proof.Normal)
        | Goal.Any goals, Proof.Branch(index, proof) -> index >= 0 && index < goals.Length && inner proof goals[index]
        | Goal.Given(added, wanted), proof -> goal steps case (facts @ added) proof wanted
        | Goal.RankAtLeast(matrix, rank), proof -> rankAtLeast steps case facts proof matrix rank
        | Goal.Exists(binders, body), Proof.Terms(terms, proof) ->
            binders.Length = terms.Length && inner proof (body (List.map (value case) terms))
        | Goal.Fact _, _
        | Goal.All _, _
        | Goal.Any _, _
        | Goal.Exists _, _
        | Goal.Open _, _ -> false

    and private value (case: Case) (term: TermObject) : Value<NormalForm> =
        let letters = case.Letters() |> List.toArray
        let form data = NormalForm.polynomial (polynomial letters data)

        if term.Rows * term.Columns <> term.Entries.Length then
            raise (Unsupported "a term with the wrong number of entries")

        Value.Array(
            term.Shape,
            term.Rows,
            term.Columns,
            term.Entries
            |> List.map (fun (re, im) -> { Re = form re; Im = im |> Option.map form |> ValueOption.ofOption })
            |> List.toArray
        )

    and private rankAtLeast steps case facts proof matrix rank : bool =
        match matrix with
        | Value.Map _ -> false
        | Value.Array(_, rows, columns, entries) ->
            let algebra = ArrayAlgebra<NormalForm>(FormArithmetic(steps, fun _ _ -> ()))

            let distinctWithin bound (indices: int list) =
                indices.Length = rank && (List.distinct indices).Length = rank && indices |> List.forall (fun i -> i >= 0 && i < bound)

            match proof with
            | Proof.Normal ->
                match algebra.TryRationalMatrix matrix with
                | Some known -> Matrix.rank known >= rank
                | None ->
                    match algebra.TryRealForm matrix with
                    | Some known -> Matrix.rank known >= 2 * rank
                    | None -> false
            | Proof.Minor(rowSet, columnSet, proof) when distinctWithin rows rowSet && distinctWithin columns columnSet ->
                let minor = algebra.Minor(columns, entries, List.toArray rowSet, List.toArray columnSet)

                let nonzero form = Goal.Fact { Condition = Condition.Nonzero; Form = form }

                let parts =
                    match minor.Im with
                    | ValueSome im -> [ nonzero minor.Re; nonzero im ]
                    | ValueNone -> [ nonzero minor.Re ]

                parts |> List.exists (goal steps case facts proof)
            | Proof.ModularRank(prime, rowSet, columnSet) when distinctWithin rows rowSet && distinctWithin columns columnSet ->
                match algebra.TryRationalMatrix matrix with
                | Some known ->
                    let rowSet, columnSet = List.toArray rowSet, List.toArray columnSet
                    let minor = Array2D.init rank rank (fun i j -> known[rowSet[i], columnSet[j]])

                    match Matrix.determinantModulo prime minor with
                    | Some d -> d <> 0L
                    | None -> false
                | None -> false
            | Proof.Minor _
            | Proof.ModularRank _
            | Proof.Squares _
            | Proof.All _
            | Proof.Branch _
            | Proof.Terms _ -> false

/// A witness at a point: rationals first; where values are irrational, normal forms without letters, their signs enclosed.
module private Point =
    type Judgement =
        {
            /// Domains and hypotheses are met; ValueNone when undecided.
            Admissible: bool voption
            Failing: int list
            Undefined: string option
        }

    let private value (algebra: ArrayAlgebra<'T>) (evaluator: Evaluator<'T>) environment domain (data: ObjectValue) =
        match data with
        | ObjectValue.Map images ->
            match domain with
            | Domain.Map(_, into) -> Value.Map(images, evaluator.IntegerOf(environment, into))
            | _ -> raise (OutOfShape "a map as the value of an array")
        | ObjectValue.Array(rows, columns, entries) ->
            if entries.Length <> rows * columns then
                raise (OutOfShape "a witness with the wrong number of entries")

            let shape =
                match domain with
                | Domain.Plain(_, []) -> Shape.Scalar
                | Domain.Plain(_, [ _ ])
                | Domain.Simplex _ -> Shape.Column
                | _ -> Shape.Matrix

            let isComplex = Domains.isComplex domain

            Value.Array(
                shape,
                rows,
                columns,
                entries
                |> Array.map (fun (struct (re, im)) ->
                    if isComplex then { Re = (algebra.Rational re).Re; Im = ValueSome (algebra.Rational im).Re }
                    elif im.IsZero then algebra.Rational re
                    else raise (OutOfShape "a complex entry in a real object"))
            )

    /// Domains of binders of foralls over infinite sets, so that a witness may name their values.
    let rec private quantified (prop: Prop) : (int * Domain) list =
        match prop with
        | Prop.Forall(binders, body)
        | Prop.Exists(binders, body) ->
            (binders
             |> List.choose (fun b ->
                 match b.Range with
                 | Range.Within domain -> Some(b.Variable, domain)
                 | Range.Between _
                 | Range.Among _
                 | Range.Fibre _ -> None))
            @ quantified body
        | Prop.And(p, q)
        | Prop.Or(p, q)
        | Prop.Implies(p, q)
        | Prop.Iff(p, q) -> quantified p @ quantified q
        | Prop.Not p -> quantified p
        | Prop.Compare _
        | Prop.Has _
        | Prop.Approximately _
        | Prop.SameLaw _ -> []

    /// Whether a witness may give this variable a value.
    let isNamed (claim: Claim) (variable: int) : bool =
        let declared =
            claim.Declarations
            |> List.exists (fun declaration ->
                match declaration with
                | Declaration.Object(v, domain) -> v = variable && not domain.IsRandom
                | Declaration.Hypothesis _ -> false)

        declared || claim.Conclusions |> List.exists (quantified >> List.exists (fun (v, _) -> v = variable))

    let private over
        (arithmetic: Arithmetic<'T>)
        (steps: Steps)
        (claim: Claim)
        (instance: int[])
        (objects: (int * ObjectValue) list)
        : Judgement =
        let evaluator = Evaluator<'T>(arithmetic, steps, Obligation.domains claim)
        let algebra = evaluator.Algebra
        let given = Map.ofList objects
        let start = Grid.environment algebra claim instance

        let judge admissible failing undefined = { Admissible = admissible; Failing = failing; Undefined = undefined }

        let rec declare environment declarations =
            match declarations with
            | [] -> conclude environment
            | Declaration.Object(_, Domain.Random distribution) :: rest ->
                match Domains.lawExists evaluator.Domains distribution |> Option.map (fun p -> evaluator.Truth(environment, p)) with
                | None
                | Some(ValueSome true) -> declare environment rest
                | Some(ValueSome false) -> judge (ValueSome true) [] (Some "a random object whose law does not exist")
                | Some ValueNone -> judge ValueNone [] None
            | Declaration.Object(v, domain) :: rest ->
                match Map.tryFind v given with
                | None -> judge (ValueSome false) [] None
                | Some data ->
                    let environment = Map.add v (value algebra evaluator environment domain data) environment

                    match evaluator.Contains(environment, v, domain) with
                    | ValueSome true -> declare environment rest
                    | other -> judge other [] None
            | Declaration.Hypothesis prop :: rest ->
                let truth =
                    try
                        Ok(evaluator.Truth(environment, prop))
                    with Undefined reason ->
                        Error reason

                match truth with
                | Ok(ValueSome true) -> declare environment rest
                | Ok other -> judge other [] None
                | Error reason -> judge (ValueSome true) [] (Some reason)

        and conclude environment =
            // Values named for binders inside the conclusions.
            let environment =
                (environment, claim.Conclusions |> List.collect quantified)
                ||> List.fold (fun environment (v, domain) ->
                    match Map.tryFind v given with
                    | Some data when not (Map.containsKey v environment) ->
                        Map.add v (value algebra evaluator environment domain data) environment
                    | Some _
                    | None -> environment)

            let outcomes =
                claim.Conclusions
                |> List.mapi (fun index prop ->
                    try
                        index, Ok(evaluator.Truth(environment, prop))
                    with
                    | Undefined reason -> index, Error reason
                    | Unsupported _ -> index, Ok ValueNone)

            judge
                (ValueSome true)
                [ for index, outcome in outcomes do
                      match outcome with
                      | Ok(ValueSome false)
                      | Error _ -> index
                      | Ok _ -> () ]
                (outcomes
                 |> List.tryPick (fun (_, outcome) ->
                     match outcome with
                     | Error reason -> Some reason
                     | Ok _ -> None))

        let known = claim.Parameters.Length = instance.Length

        if known then declare start claim.Declarations else judge (ValueSome false) [] None

    let judge (claim: Claim) (instance: int[]) objects (steps: Steps) : Judgement =
        let settled judgement =
            judgement.Admissible = ValueSome false
            || (judgement.Admissible = ValueSome true && (not judgement.Failing.IsEmpty || judgement.Undefined.IsSome))

        let attempt work =
            try
                Some(work ())
            with Unsupported _ ->
                None

        match attempt (fun () -> over RationalArithmetic.Instance steps claim instance objects) with
        | Some judgement when settled judgement -> judgement
        | first ->
            match attempt (fun () -> over (FormArithmetic.AtPoint steps) steps claim instance objects) with
            | Some judgement -> judgement
            | None -> first |> Option.defaultValue { Admissible = ValueNone; Failing = []; Undefined = None }

[<RequireQualifiedAccess>]
module Checker =
    let version = "2"

    /// Runs a check; every exception that the kernel raises on purpose is a reason.
    let private guarded (work: unit -> Result<'R, string>) : Result<'R, string> =
        try
            work ()
        with
        | Undefined reason -> Error $"not defined: {reason}"
        | Unsupported reason -> Error $"not decided: {reason}"
        | OutOfShape reason -> Error $"ill-typed here: {reason}"
        | TooLarge what -> Error $"too large: {what}"
        | StepsExhausted -> Error "the step limit ran out"
        | :? System.DivideByZeroException -> Error "a division by zero"
        | :? System.OverflowException -> Error "a number is too large for a size or index"
        | :? System.InsufficientExecutionStackException -> Error "an expression is nested too deeply"
        | :? System.ArgumentException as e -> Error $"a malformed certificate: {e.Message}"

    /// Side conditions of hypotheses: from the domains and the facts that stand in the goal.
    let private isDefined steps (case: Case) proof : bool =
        Discharge.goal steps { case with Factors = case.DomainFactors } [] proof case.Definedness

    let private checkCases claim (certificate: Certificate) count proofs steps =
        let proofs = Map.ofList proofs
        let mutable cases = 0
        let mutable isVacuous = true
        let mutable rejected = None
        use walk = (Obligation.ofInstance claim certificate.Instance steps).GetEnumerator()

        while rejected.IsNone && walk.MoveNext() do
            let case = walk.Current

            case.Definedness :: case.Conclusions
            |> List.iteri (fun index wanted ->
                if rejected.IsNone then
                    let proof = Map.tryFind (cases, index) proofs |> Option.defaultValue Proof.Normal

                    let shown =
                        if index = 0 then
                            isDefined steps case proof
                        else
                            Discharge.goal steps case case.Hypotheses proof wanted

                    if not shown then
                        rejected <- Some(cases, index))

            isVacuous <- isVacuous && Discharge.isEmpty case
            cases <- cases + 1

        match rejected with
        | Some(case, 0) -> Error $"case {case}: a side condition is not shown"
        | Some(case, index) -> Error $"case {case}: conclusion {index} is not shown"
        | None when cases <> count -> Error $"the certificate counts {count} cases, there are {cases}"
        | None -> Ok(Checked.Holds(Theorem(certificate, cases, isVacuous)))

    let private checkEmpty claim (certificate: Certificate) count proofs steps =
        let proofs = Map.ofList proofs

        let impossible = Goal.Fact { Condition = Condition.Positive; Form = NormalForm.zero }

        let cases = Obligation.ofInstance claim certificate.Instance steps |> Seq.toList

        let shown =
            cases
            |> List.mapi (fun index case ->
                let proof = Map.tryFind index proofs |> Option.defaultValue Proof.Normal
                isDefined steps case Proof.Normal && Discharge.goal steps case case.Hypotheses proof impossible)

        if cases.Length <> count then
            Error $"the certificate counts {count} cases, there are {cases.Length}"
        else
            match List.tryFindIndex not shown with
            | Some index -> Error $"case {index}: the hypotheses are not shown to be defined and to contradict each other"
            | None -> Ok(Checked.Holds(Theorem(certificate, count, true)))

    let private checkWitness claim (certificate: Certificate) (witness: (int * ObjectValue) list) steps =
        let named = List.map fst witness

        if List.distinct named <> named || not (List.forall (Point.isNamed claim) named) then
            raise (Unsupported "the witness names an object twice, or one that the claim has not")

        let judgement = Point.judge claim certificate.Instance witness steps

        match judgement.Admissible with
        | ValueSome true when not judgement.Failing.IsEmpty || judgement.Undefined.IsSome ->
            Ok(Checked.Fails(Refutation(certificate, witness, judgement.Failing, judgement.Undefined)))
        | ValueSome true -> Error "the witness does not break any conclusion"
        | ValueSome false -> Error "the witness does not meet the domains and hypotheses"
        | ValueNone -> Error "whether the witness meets the hypotheses is not decided"

    let check (claim: Claim, certificate: Certificate, stepLimit: int64) : Result<Checked, string> =
        guarded (fun () ->
            let steps = Steps stepLimit
            let certificate = { certificate with Instance = Array.copy certificate.Instance }

            if certificate.ClaimHash <> Hash.ofClaim claim then
                Error "the certificate is for another claim"
            elif not (Grid.instances claim steps |> List.contains certificate.Instance) then
                Error "the certificate is for an instance outside the claim's range"
            else
                match certificate.Body with
                | Body.Cases(count, proofs) -> checkCases claim certificate count proofs steps
                | Body.Empty(count, proofs) -> checkEmpty claim certificate count proofs steps
                | Body.Witness witness -> checkWitness claim certificate witness steps)

    let shows (steps: Steps, case: Case, facts: Fact list, proof: Proof, goal: Goal) = Discharge.goal steps case facts proof goal

    let statement (case: Case, facts: Fact list, goal: Fact) = Discharge.statement (case.Factors()) facts goal

    let isAdmissible (claim: Claim, instance: int[], objects: (int * ObjectValue) list, stepLimit: int64) =
        guarded (fun () ->
            match (Point.judge claim instance objects (Steps stepLimit)).Admissible with
            | ValueSome answer -> Ok answer
            | ValueNone -> Error "not decided")

    let conclude (claim: Claim, outcomes: (int[] * Outcome) list, stepLimit: int64) =
        let hash = Hash.ofClaim claim

        let grid =
            match guarded (fun () -> Ok(Grid.instances claim (Steps stepLimit))) with
            | Ok instances -> instances
            | Error _ -> []

        let belongs instance outcome =
            match outcome with
            | Outcome.Holds t -> t.ClaimHash = hash && t.Instance = instance && not t.IsVacuous
            | Outcome.Vacuous t -> t.ClaimHash = hash && t.Instance = instance && t.IsVacuous
            | Outcome.Fails r -> r.ClaimHash = hash && r.Instance = instance
            | Outcome.Attested _
            | Outcome.Supported _
            | Outcome.IllTyped _
            | Outcome.Undecided _ -> true

        let settled =
            grid
            |> List.map (fun instance ->
                outcomes
                |> List.tryFind (fun (at, outcome) -> at = instance && belongs instance outcome)
                |> Option.map snd
                |> Option.defaultValue (Outcome.Undecided "no outcome for this instance")
                |> fun outcome -> instance, outcome)

        let verdicts = settled |> List.map (snd >> Verdict.ofOutcome)
        let has verdict = List.contains verdict verdicts

        let verdict =
            if settled.IsEmpty then Verdict.Undecided
            elif has Verdict.IllTyped then Verdict.IllTyped
            elif has Verdict.Refuted then Verdict.Refuted
            elif has Verdict.Undecided then Verdict.Undecided
            elif has Verdict.Supported then Verdict.Supported
            elif has Verdict.Attested then Verdict.Attested
            elif has Verdict.Proved then Verdict.Proved
            else Verdict.Vacuous

        verdict, settled
