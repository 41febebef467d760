namespace VerifyEnergy.Engines

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open VerifyEnergy.Claims
open VerifyEnergy.Kernel

/// A claim's verdict over all its instances.
type ClaimOutcome =
    {
        Verdict: Verdict
        Instances: IReadOnlyList<InstanceOutcome>
        /// The simplest condition on the parameters that fits the grid, printed; "" when it holds or fails everywhere.
        Condition: string
        /// What of the condition is shown and what is read off the grid; "" without one.
        ConditionBasis: string
        /// Whether the outcome meets the `expect` clause, or, without one, whether the claim holds.
        AsExpected: bool
        /// Checked evidence against checked evidence; empty in a sound run.
        Conflicts: IReadOnlyList<string>
    }

/// The face of the engines: what a run calls.
[<AbstractClass; Sealed>]
type Verifier =
    static member private Printed(claim: ElaboratedClaim, condition: Prop) = Print.prop (fun v -> claim.Names[v]) condition

    /// All instances of a claim, in order. Empty when a `where` over the parameters excludes every one.
    static member Instances(claim: ElaboratedClaim) : IReadOnlyList<int[]> = Grid.instances claim.Core (Steps 10_000_000L)

    /// Whether a verdict is at least as strong as the word that is expected, on the same side.
    static member private Meets(verdict: Verdict, word: string) =
        let stronger =
            match verdict with
            | Verdict.Proved -> [ Verdict.Proved; Verdict.Attested; Verdict.Supported ]
            | Verdict.Attested -> [ Verdict.Attested; Verdict.Supported ]
            | other -> [ other ]

        stronger |> List.exists (fun v -> Verdict.name v = word)

    static member private CellOf(outcome: Outcome) =
        match outcome with
        | Outcome.Holds _
        | Outcome.Attested _
        | Outcome.Supported _ -> Some Cell.Holds
        | Outcome.Fails _ -> Some Cell.Fails
        | Outcome.Vacuous _ -> Some Cell.Silent
        | Outcome.IllTyped _
        | Outcome.Undecided _ -> None

    /// The verdict of a claim from its instances.
    static member Conclude(claim: ElaboratedClaim, instances: IReadOnlyList<InstanceOutcome>) : ClaimOutcome =
        let verdict, settled = Checker.conclude (claim.Core, [ for i in instances -> i.Instance, i.Outcome ], 10_000_000L)

        let cells = settled |> List.map (fun (at, outcome) -> at, Verifier.CellOf outcome)
        let known = cells |> List.choose (fun (at, cell) -> cell |> Option.map (fun c -> at, c))

        let condition = if known.Length = cells.Length then Sweep.condition claim.Core known else None

        let fits (prop: Prop) exactly =
            cells
            |> List.forall (fun (at, cell) ->
                match cell, Sweep.holdsAt claim.Core prop at with
                | Some Cell.Silent, _ -> true
                | Some Cell.Holds, true -> true
                | Some Cell.Fails, false -> true
                | _, false -> not exactly
                | _, true -> false)

        let asExpected =
            match claim.Expect with
            | Expectation.Unstated ->
                match verdict with
                | Verdict.Proved
                | Verdict.Attested
                | Verdict.Supported -> true
                | Verdict.Refuted
                | Verdict.Vacuous
                | Verdict.IllTyped
                | Verdict.Undecided -> false
            | Expectation.Verdict word -> Verifier.Meets(verdict, word)
            | Expectation.HoldsIff prop -> fits prop true
            | Expectation.HoldsIf prop -> fits prop false

        let basis =
            match condition with
            | None -> ""
            | Some _ ->
                let supported =
                    settled
                    |> List.exists (fun (_, outcome) ->
                        match outcome with
                        | Outcome.Supported _
                        | Outcome.Attested _ -> true
                        | Outcome.Holds _
                        | Outcome.Fails _
                        | Outcome.Vacuous _
                        | Outcome.IllTyped _
                        | Outcome.Undecided _ -> false)

                let shown = if supported then "decided" else "shown"

                $"{shown} at each of the {cells.Length} instances; beyond the grid it is extrapolated"

        { Verdict = verdict
          Instances = instances
          Condition =
            match condition with
            | Some prop -> Verifier.Printed(claim, prop)
            | None -> ""
          ConditionBasis = basis
          AsExpected = asExpected
          Conflicts =
            [| for i in instances do
                   if i.Conflict <> "" then
                       i.Conflict |] }

    /// At how many points the guard reads the source again.
    static member val GuardPoints = 200

    /// Attacks an instance that was shown, and shows its hypotheses satisfiable.
    static member private Confirm(claim: ElaboratedClaim, outcome: InstanceOutcome, cancellation: CancellationToken) : InstanceOutcome =
        match outcome.Outcome with
        | Outcome.Holds _ ->
            let steps = Steps 3_000_000L
            let random = RandomStream.Create(outcome.Seed, claim.Hash, outcome.Instance, "guard")
            let points = InstancePoints(claim.Core, outcome.Instance, steps)
            let mutable first: Point option = None

            let exhausted = ref ""

            let drawn =
                seq {
                    use walk = (points.All random).GetEnumerator()
                    let mutable going = true

                    while going do
                        let next =
                            try
                                if cancellation.IsCancellationRequested then
                                    exhausted.Value <- "; the time limit ended it"
                                    false
                                else
                                    walk.MoveNext()
                            with StepsExhausted ->
                                exhausted.Value <- "; the budget of counted steps ended it"
                                false

                        if next then
                            if first.IsNone then
                                first <- Some walk.Current

                            walk.Current
                        else
                            going <- false
                }
                |> Seq.truncate Verifier.GuardPoints

            let report = Guard.attack claim outcome.Instance drawn

            let hypotheses =
                claim.Core.Declarations
                |> List.exists (fun declaration ->
                    match declaration with
                    | Declaration.Hypothesis _ -> true
                    | Declaration.Object _ -> false)

            let inhabited =
                match first with
                | None -> "not shown: no object that meets the hypotheses was found"
                | Some _ when not hypotheses -> "there are no hypotheses"
                | Some point ->
                    match Checker.isAdmissible (claim.Core, outcome.Instance, point, 10_000_000L) with
                    | Ok true -> "an exact object meets them"
                    | Ok false
                    | Error _ -> "not shown: no exact object was found"

            let undecided = if report.Undecided = 0 then "" else $", {report.Undecided} not decided ({report.Why})"

            let tried =
                { Engine = "guard"
                  Outcome = (if report.Violation = "" then "no violation" else "violation")
                  Note = $"{report.Decided} points read again{undecided}{exhausted.Value}"
                  Work = int64 (report.Decided + report.Undecided) }

            { outcome with
                Inhabited = inhabited
                Conflict =
                    (if report.Violation = "" then
                         ""
                     else
                         $"the naive reading of the source contradicts the certificate: {report.Violation}")
                Tried = [| yield! outcome.Tried; tried |] }
        | Outcome.Fails _
        | Outcome.Vacuous _
        | Outcome.Attested _
        | Outcome.Supported _
        | Outcome.IllTyped _
        | Outcome.Undecided _ -> outcome

    /// The smallest witness in place of the one that was found, once the checker accepts it too.
    static member private Minimise(claim: ElaboratedClaim, outcome: InstanceOutcome) : InstanceOutcome =
        match outcome.Outcome with
        | Outcome.Fails refutation ->
            let smallest = Smallest.find claim.Core outcome.Instance refutation.Witness

            let certificate = { ClaimHash = claim.Hash; Instance = outcome.Instance; Body = Body.Witness smallest.Witness }

            match Checker.check (claim.Core, certificate, Strategy.checkerSteps) with
            | Ok(Checked.Fails smaller) -> { outcome with Outcome = Outcome.Fails smaller; Minimal = smallest.Minimal }
            | Ok(Checked.Holds _)
            | Error _ -> outcome
        | Outcome.Holds _
        | Outcome.Vacuous _
        | Outcome.Attested _
        | Outcome.Supported _
        | Outcome.IllTyped _
        | Outcome.Undecided _ -> outcome

    /// Decides one instance: engines propose in turn, the checker judges, a shown instance is attacked by the guard, and for a
    /// broken one the smallest witness is sought.
    static member DecideInstance
        (claim: ElaboratedClaim, instance: int[], engines: IReadOnlyList<IEngine>, options: EngineOptions, cancellation: CancellationToken)
        : Task<InstanceOutcome> =
        task {
            let! outcome = Strategy.instance (List.ofSeq engines) claim.Core claim.Hash instance options cancellation
            return Verifier.Confirm(claim, Verifier.Minimise(claim, outcome), cancellation)
        }

    /// Decides a claim, instance by instance in order. The time limit of the options covers the whole claim.
    static member Decide
        (
            claim: ElaboratedClaim,
            engines: IReadOnlyList<IEngine>,
            options: EngineOptions,
            progress: Action<InstanceOutcome>,
            cancellation: CancellationToken
        ) : Task<ClaimOutcome> =
        task {
            use limit = CancellationTokenSource.CreateLinkedTokenSource cancellation
            limit.CancelAfter options.Timeout
            let outcomes = ResizeArray<InstanceOutcome>()

            for instance in Verifier.Instances claim do
                let! outcome = Verifier.DecideInstance(claim, instance, engines, options, limit.Token)
                cancellation.ThrowIfCancellationRequested()
                outcomes.Add outcome
                progress.Invoke outcome

            return Verifier.Conclude(claim, outcomes)
        }

    /// The engines in the order in which they are tried, over these solvers. `keep` receives every question put to a solver.
    static member Engines(solvers: IReadOnlyList<SmtSolver>, keep: Action<Target, SmtRun>) : IReadOnlyList<IEngine> =
        [| CornerEngine()
           VacuityEngine()
           IdentityEngine()
           SquaresEngine()
           SearchEngine()
           Smt.engine (List.ofSeq solvers, keep) |]

    /// Names and versions, in the same order, checker and guard included: part of every cache key.
    static member Versions(engines: IReadOnlyList<IEngine>) : IReadOnlyList<struct (string * string)> =
        [| struct ("checker", Checker.version)
           for engine in engines do
               struct (engine.Name, engine.Version)
           struct ("guard", "1")
           struct ("smallest", "1") |]
