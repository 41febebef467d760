namespace VerifyEnergy.Engines

// SMT solvers as an engine: `sat` gives a candidate that the checker must confirm, `unsat` gives at most `attested`.

open System
open System.Threading
open System.Threading.Tasks
open VerifyEnergy.Kernel
open VerifyEnergy.Provers

/// A solver as this engine sees it; how it is started and held is the caller's affair.
type SmtSolver =
    {
        Name: string
        Version: string
        /// A known weakness of this version, to be told beside its answers.
        Caution: string option
        /// SMT-LIB 2 text in, the finished run out.
        Run: Func<string, CancellationToken, Task<ProverRun>>
    }

/// One question that was asked, kept as evidence.
type SmtRun =
    {
        /// The case of the obligation, from 0.
        Case: int
        /// 0 for definedness, s for the s-th conclusion.
        Goal: int
        Range: SmtRange
        Text: string
        Run: ProverRun
    }

[<RequireQualifiedAccess>]
type SmtVerdict =
    /// A model that the checker confirmed.
    | Refuted of Refutation
    /// Solvers that each answered `unsat` to every question, which together cover the claim at this instance.
    | Attested of Solvers: string list
    /// Why neither.
    | Open of Reason: string

type SmtOutcome =
    {
        Verdict: SmtVerdict
        Runs: SmtRun list
        /// Models that were no witness, solvers that contradict each other, and the like.
        Notes: string list
    }

/// Declared objects and the outermost quantified ones of one case, in order, written in letters.
type private CaseObjects = (int * Value<NormalForm>) list

[<RequireQualifiedAccess>]
module private CaseObjects =
    /// Infinite domains under universal quantifiers, outermost first.
    let rec private quantified (prop: Prop) : (int * Domain) list =
        match prop with
        | Prop.Forall(binders, body) ->
            (binders
             |> List.choose (fun binder ->
                 match binder.Range with
                 | Range.Within domain -> Some(binder.Variable, domain)
                 | Range.Between _
                 | Range.Among _
                 | Range.Fibre _ -> None))
            @ quantified body
        | Prop.And(p, q)
        | Prop.Or(p, q)
        | Prop.Implies(p, q) -> quantified p @ quantified q
        | Prop.Iff _
        | Prop.Not _
        | Prop.Exists _
        | Prop.Compare _
        | Prop.Has _
        | Prop.Approximately _
        | Prop.SameLaw _ -> []

    let ofCase (claim: Claim) (instance: int[]) (steps: Steps) (case: Case) : CaseObjects =
        let evaluator = Evaluator<NormalForm>(FormArithmetic(steps, fun _ _ -> ()), steps, Obligation.domains claim)

        let start =
            (Grid.environment evaluator.Algebra claim instance, case.Finite)
            ||> List.fold (fun environment (variable, value) -> Map.add variable value environment)

        let introduce (environment, values) (variable, domain) =
            match Map.tryFind variable environment with
            | Some value -> environment, (variable, value) :: values
            | None ->
                match Objects.introduce evaluator environment variable domain with
                | Some symbolic -> Map.add variable symbolic.Value environment, (variable, symbolic.Value) :: values
                | None -> environment, values

        let declared =
            claim.Declarations
            |> List.choose (fun declaration ->
                match declaration with
                | Declaration.Object(variable, domain) -> Some(variable, domain)
                | Declaration.Hypothesis _ -> None)

        let known = List.fold introduce (start, []) declared

        // A quantified object whose size depends on a value that is not known out here cannot be named by a witness.
        let _, values =
            (known, claim.Conclusions |> List.collect quantified)
            ||> List.fold (fun state binder ->
                try
                    introduce state binder
                with
                | Unsupported _
                | OutOfShape _
                | Undefined _
                | :? Collections.Generic.KeyNotFoundException -> state)

        List.rev values

    /// The objects at a point; None where they have no exact value there.
    let at (factors: Map<Letter, NormalForm>) (point: Map<Letter, Rational>) (objects: CaseObjects) : (int * ObjectValue) list option =
        // A letter that the question does not mention may take any value of its sign.
        let value letter =
            match Map.tryFind letter point, letter with
            | Some value, _ -> Some(NormalForm.rational value)
            | None, Letter.Entry { Sign = LetterSign.Positive } -> Some NormalForm.one
            | None, Letter.Entry { Sign = LetterSign.Free | LetterSign.Nonnegative } -> Some NormalForm.zero
            | None, (Letter.Pi | Letter.Exp _ | Letter.Base _ | Letter.Log _ | Letter.Function _) -> None

        let exact (form: NormalForm) =
            match (form |> NormalForm.substitute (fun letter -> Map.tryFind letter factors) |> NormalForm.substitute value).TryRational with
            | ValueSome rational -> rational
            | ValueNone -> raise (Unsupported "an irrational value")

        let ofValue (value: Value<NormalForm>) =
            match value with
            | Value.Map(images, _) -> ObjectValue.Map images
            | Value.Array(_, rows, columns, entries) ->
                ObjectValue.Array(
                    rows,
                    columns,
                    entries
                    |> Array.map (fun entry ->
                        match entry.Im with
                        | ValueSome imaginary -> struct (exact entry.Re, exact imaginary)
                        | ValueNone -> struct (exact entry.Re, Rational.Zero))
                )

        try
            Some(objects |> List.map (fun (variable, value) -> variable, ofValue value))
        with
        | Unsupported _
        | :? DivideByZeroException -> None

[<RequireQualifiedAccess>]
module Smt =
    let name = "smt"
    let version = "1"

    /// Whole numbers are searched first, this far from 0: a wider range costs a solver many times more.
    let bounds = [ 1; 2; 3 ]

    /// Choices of finite objects beyond which enumeration is the better engine.
    let maxCases = 64

    /// "z3 4.8.12".
    let private titleOf (solver: SmtSolver) = $"{solver.Name} {solver.Version}"

    /// An installed prover under caps.
    let solver (prover: Prover) (caps: ProverCaps) : SmtSolver =
        { Name = prover.Installed.Name
          Version = prover.Installed.Version
          Caution = Option.ofObj prover.Installed.Caution
          Run = Func<_, _, _>(fun text cancellation -> prover.RunAsync(text, caps, cancellation)) }

    /// The letters of a question at a model; Error says why the model is of no use.
    let assignment (query: SmtQuery) (output: string) : Result<Map<Letter, Rational>, string> =
        // The answer stands before the model.
        let model = output.TrimStart().Substring "sat".Length

        Model.parse model
        |> Result.bind (fun values ->
            let given =
                query.Letters
                |> List.choose (fun (name, letter) -> Map.tryFind name values |> Option.map (fun value -> name, letter, value))

            let unusable =
                given
                |> List.tryPick (fun (name, _, value) ->
                    match value with
                    | ModelValue.Exact _ -> None
                    | ModelValue.Algebraic text -> Some $"{name} is algebraic: {text}"
                    | ModelValue.Unreadable text -> Some $"{name} cannot be read: {text}")

            match unusable with
            | Some reason -> Error reason
            | None when given.IsEmpty && not query.Letters.IsEmpty -> Error "the model gives no letter a value"
            | None ->
                given
                |> List.choose (fun (_, letter, value) ->
                    match value with
                    | ModelValue.Exact rational -> Some(letter, rational)
                    | ModelValue.Algebraic _
                    | ModelValue.Unreadable _ -> None)
                |> Map.ofList
                |> Ok)

    /// A question of one goal over one range, and the way from a point back to objects.
    type private Question =
        { Case: int
          Goal: int
          Translation: SmtRange -> SmtTranslation
          Objects: Map<Letter, Rational> -> (int * ObjectValue) list option }

    /// What the questions over one range came to.
    type private Search =
        {
            Found: Refutation option
            /// Titles of the solvers that answered `unsat` to every question.
            Agreeing: Set<string>
            /// Solvers that ran into no cap.
            Uncut: SmtSolver list
            /// Why `unsat` to every question would not cover the claim.
            Gap: string option
        }

    let private questions (claim: Claim) (instance: int[]) (steps: Steps) : Question list =
        let hash = Hash.ofClaim claim
        let declared = Obligation.domains claim |> Map.keys |> Set.ofSeq
        let cases = Obligation.ofInstance claim instance steps |> Seq.truncate (maxCases + 1) |> Seq.toList

        if cases.Length > maxCases then
            raise (Unsupported $"more than {maxCases} choices of the finite objects")

        [ for caseIndex, case in List.indexed cases do
              let objects = CaseObjects.ofCase claim instance steps case
              let factors = case.Factors()

              for goalIndex, goal in List.indexed (case.Definedness :: case.Conclusions) do
                  // Whether hypotheses have a meaning may not rest on them: what may be used stands in the goal itself.
                  let factors, facts = if goalIndex = 0 then case.DomainFactors(), [] else factors, case.Hypotheses

                  let parameters = instance |> Array.map string |> String.concat ", "

                  let heading =
                      [ $"claim {hash}"; $"parameters [{parameters}], case {caseIndex}, goal {goalIndex}: the hypotheses and not the goal" ]

                  { Case = caseIndex
                    Goal = goalIndex
                    Translation = fun range -> SmtQuery.refuting steps range heading factors declared facts goal
                    Objects = fun point -> CaseObjects.at factors point objects } ]

    /// Asks the solvers, in order, about one instance: over small whole numbers first, then over the reals. A solver that ran into a
    /// cap over whole numbers or over the reals is not asked again over the same. `steps` counts translation, and its limit bounds each confirmation; the solvers
    /// are bounded by their own caps. Raises OutOfShape and StepsExhausted.
    let attempt (claim: Claim, instance: int[], solvers: SmtSolver list, steps: Steps, cancellation: CancellationToken) : Task<SmtOutcome> =
        task {
            let runs = ResizeArray<SmtRun>()
            let notes = ResizeArray<string>()

            let certificate witness : Certificate = { ClaimHash = Hash.ofClaim claim; Instance = instance; Body = Body.Witness witness }

            /// A model is a candidate; only the checker makes a refutation of it.
            let confirm solver (question: Question) (query: SmtQuery) (output: string) : Refutation option =
                let rejected (reason: string) =
                    notes.Add $"{titleOf solver}, case {question.Case}, goal {question.Goal}: the model is no witness: {reason}"
                    None

                match assignment query output with
                | Error reason -> rejected reason
                | Ok point ->
                    match question.Objects point with
                    | None -> rejected "the objects are not rational there"
                    | Some witness ->
                        match Checker.check (claim, certificate witness, steps.Limit) with
                        | Ok(Checked.Fails refutation) -> Some refutation
                        | Ok(Checked.Holds _) -> rejected "the checker read it as a proof"
                        | Error reason -> rejected reason

            let search (range: SmtRange) (solvers: SmtSolver list) (questions: Question list) : Task<Search> =
                task {
                    let mutable found = None
                    // Solvers that have answered `unsat` to every question so far, and those not yet cut off by a cap.
                    let mutable agreeing = solvers |> List.map titleOf |> Set.ofList
                    let mutable asked = solvers
                    let mutable gap = None

                    for question in questions do
                        if found.IsNone then
                            match question.Translation range with
                            | SmtTranslation.Settled -> ()
                            | SmtTranslation.NotExpressible reason ->
                                if gap.IsNone then
                                    gap <- Some reason
                            | SmtTranslation.Ask query ->
                                if not query.IsComplete && gap.IsNone then
                                    gap <- Some "a part of a goal is no condition on polynomials"

                                let mutable answers = []

                                for solver in asked do
                                    if found.IsNone then
                                        let! run = solver.Run.Invoke(query.Text, cancellation)

                                        runs.Add { Case = question.Case; Goal = question.Goal; Range = range; Text = query.Text; Run = run }

                                        answers <- (solver, run.Answer) :: answers

                                        if run.Answer = ProverAnswer.Sat then
                                            found <- confirm solver question query run.StandardOutput

                                let answering wanted =
                                    answers |> List.filter (fun (_, answer) -> answer = wanted) |> List.map (fst >> titleOf)

                                let unsat, sat = answering ProverAnswer.Unsat, answering ProverAnswer.Sat

                                // Where solvers contradict each other none is believed.
                                if sat.IsEmpty then
                                    agreeing <- Set.intersect agreeing (Set.ofList unsat)
                                else
                                    agreeing <- Set.empty

                                    for solver in unsat do
                                        let others = String.concat ", " sat
                                        notes.Add $"case {question.Case}, goal {question.Goal}: {solver} says unsat, {others} says sat"

                                asked <-
                                    asked
                                    |> List.filter (fun solver ->
                                        not (
                                            answers
                                            |> List.exists (fun (other, answer) ->
                                                titleOf other = titleOf solver
                                                && (answer = ProverAnswer.TimedOut || answer = ProverAnswer.OutOfMemory))
                                        ))

                    return { Found = found; Agreeing = agreeing; Uncut = asked; Gap = gap }
                }

            let finish verdict = { Verdict = verdict; Runs = List.ofSeq runs; Notes = List.ofSeq notes }

            if solvers.IsEmpty then
                return finish (SmtVerdict.Open "no solver is installed")
            else
                try
                    let questions = questions claim instance steps
                    let mutable small = None
                    let mutable uncut = solvers

                    for bound in bounds do
                        if small.IsNone then
                            let! result = search (SmtRange.Integers bound) uncut questions
                            small <- result.Found
                            uncut <- result.Uncut

                    match small with
                    | Some refutation -> return finish (SmtVerdict.Refuted refutation)
                    | None ->
                        let! result = search SmtRange.Reals solvers questions
                        let agreeing = result.Agreeing

                        match result.Found, result.Gap with
                        | Some refutation, _ -> return finish (SmtVerdict.Refuted refutation)
                        | None, Some reason -> return finish (SmtVerdict.Open reason)
                        | None, None when runs |> Seq.forall (fun run -> run.Range <> SmtRange.Reals) ->
                            return finish (SmtVerdict.Open "the normal forms leave nothing to ask")
                        | None, None when agreeing.IsEmpty -> return finish (SmtVerdict.Open "no solver answered every question with unsat")
                        | None, None ->
                            let named = solvers |> List.map titleOf |> List.filter agreeing.Contains |> List.distinct
                            return finish (SmtVerdict.Attested named)
                with
                | Unsupported reason
                | Undefined reason -> return finish (SmtVerdict.Open reason)
                | TooLarge what -> return finish (SmtVerdict.Open $"too large: {what}")
        }

    /// What an attested verdict rests on, for the evidence: solvers with options and known weaknesses.
    let ground (solvers: SmtSolver list) (outcome: SmtOutcome) : string =
        let optionsOf (solver: SmtSolver) =
            outcome.Runs
            |> List.tryFind (fun run -> run.Run.Prover = solver.Name && run.Run.Version = solver.Version)
            |> Option.map (fun run -> String.concat " " run.Run.Options)

        let said (solver: SmtSolver) =
            let options =
                match optionsOf solver with
                | Some options when options <> "" -> $" ({options})"
                | Some _
                | None -> ""

            let caution =
                match solver.Caution with
                | Some caution -> $" [{caution}]"
                | None -> ""

            titleOf solver + options + caution

        match outcome.Verdict with
        | SmtVerdict.Attested names ->
            let named = solvers |> List.filter (fun solver -> List.contains (titleOf solver) names)
            "unsat by " + (named |> List.map said |> String.concat ", and independently by ")
        | SmtVerdict.Refuted _ -> "a model that the checker confirmed"
        | SmtVerdict.Open reason -> reason

    /// The engine over these solvers. `keep` receives every run once an instance is finished, for the evidence.
    let engine (solvers: SmtSolver list, keep: Action<Target, SmtRun>) : IEngine =
        { new IEngine with
            member _.Name = name
            member _.Version = version
            member _.Applies _ = not solvers.IsEmpty

            member _.Propose(target, steps, _, cancellation) =
                Proposals.ofTask (fun () ->
                    task {
                        let! outcome = attempt (target.Claim, target.Instance, solvers, steps, cancellation)

                        for run in outcome.Runs do
                            keep.Invoke(target, run)

                        return
                            [ yield! outcome.Notes |> List.map Proposal.Note

                              match outcome.Verdict with
                              | SmtVerdict.Refuted refutation -> Proposal.Certificate refutation.Certificate
                              | SmtVerdict.Attested _ -> Proposal.Attest(ground solvers outcome)
                              | SmtVerdict.Open reason -> Proposal.Note reason ]
                    }) }
