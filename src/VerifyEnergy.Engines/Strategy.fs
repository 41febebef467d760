namespace VerifyEnergy.Engines

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open VerifyEnergy.Kernel

/// An engine that was tried at an instance. `Work` counts steps of the kernel, never time.
type Tried = { Engine: string; Outcome: string; Note: string; Work: int64 }

/// What became of one instance, and how.
type InstanceOutcome =
    {
        Instance: int[]
        Outcome: Outcome
        /// The engine whose proposal was taken; empty without one.
        Engine: string
        /// In which sense a witness is the smallest; empty for other outcomes.
        Minimal: string
        /// How the hypotheses were shown satisfiable, or that they were not.
        Inhabited: string
        /// Checked evidence against checked evidence, or against the guard; empty when there is none.
        Conflict: string
        Seed: uint64
        /// A wall-clock cap, not counted work, ended the search.
        CutShort: bool
        Tried: IReadOnlyList<Tried>
    }

/// What bears on a verdict.
type EngineOptions =
    {
        /// None: from the claim's hash.
        Seed: uint64 option
        /// Names of the engines that may be used; empty: all that apply.
        Only: IReadOnlyList<string>
        /// Steps for one engine at one instance.
        Steps: int64
        /// Safety net for one claim.
        Timeout: TimeSpan
    }

[<RequireQualifiedAccess>]
module Strategy =
    /// Steps that the checker may take for one certificate.
    let checkerSteps = 400_000_000L

    let private verdictWord outcome = Verdict.name (Verdict.ofOutcome outcome)

    /// Reads an engine's proposals until the checker accepts one, or the stream ends.
    let private listen (claim: Claim) (engine: IEngine) target (steps: Steps) random (cancellation: CancellationToken) =
        task {
            let notes = ResizeArray<string>()
            let mutable accepted: Checked option = None
            let mutable attested: string option = None
            let mutable supported: string option = None
            let stream = (engine.Propose(target, steps, random, cancellation)).GetAsyncEnumerator cancellation
            let mutable going = true

            try
                while going do
                    let! more = stream.MoveNextAsync()

                    if not more then
                        going <- false
                    else
                        match stream.Current with
                        | Proposal.Note text -> notes.Add text
                        | Proposal.Attest ground -> attested <- Some ground
                        | Proposal.Support ground -> supported <- Some ground
                        | Proposal.Certificate certificate ->
                            match Checker.check (claim, certificate, checkerSteps) with
                            | Ok result ->
                                accepted <- Some result
                                going <- false
                            | Error reason -> notes.Add $"{Certificate.kind certificate} certificate not accepted: {reason}"
            finally
                stream.DisposeAsync().AsTask().Wait()

            return accepted, attested, supported, String.Join("; ", Seq.distinct notes)
        }

    /// Tries engines in order until one settles the instance. Support and attestation are kept while stronger evidence is sought.
    let instance
        (engines: IEngine list)
        (claim: Claim)
        (hash: string)
        (instance: int[])
        (options: EngineOptions)
        (cancellation: CancellationToken)
        : Task<InstanceOutcome> =
        task {
            let seed =
                match options.Seed with
                | Some seed -> seed
                | None -> Convert.ToUInt64(hash.Substring(0, 16), 16)

            let target = { Claim = claim; Hash = hash; Instance = instance }
            let tried = ResizeArray<Tried>()
            let mutable settled: (Outcome * string) option = None
            let mutable weaker: (Outcome * string) option = None
            let mutable cut = false

            let allowed (engine: IEngine) = (options.Only.Count = 0 || Seq.contains engine.Name options.Only) && engine.Applies target

            for engine in engines do
                if settled.IsNone && not cut && allowed engine then
                    let random = RandomStream.Create(seed, hash, instance, engine.Name)
                    let steps = Steps options.Steps

                    try
                        let! accepted, attested, supported, note = listen claim engine target steps random cancellation

                        match accepted with
                        | Some(Checked.Fails refutation) -> settled <- Some(Outcome.Fails refutation, engine.Name)
                        | Some(Checked.Holds theorem) when theorem.IsVacuous -> settled <- Some(Outcome.Vacuous theorem, engine.Name)
                        | Some(Checked.Holds theorem) -> settled <- Some(Outcome.Holds theorem, engine.Name)
                        | None -> ()

                        match attested, supported, weaker with
                        | Some ground, _, None
                        | Some ground, _, Some(Outcome.Supported _, _) -> weaker <- Some(Outcome.Attested ground, engine.Name)
                        | None, Some ground, None -> weaker <- Some(Outcome.Supported ground, engine.Name)
                        | _ -> ()

                        let word =
                            match settled, attested, supported with
                            | Some(outcome, _), _, _ -> verdictWord outcome
                            | None, Some ground, _ -> verdictWord (Outcome.Attested ground)
                            | None, None, Some ground -> verdictWord (Outcome.Supported ground)
                            | None, None, None -> verdictWord (Outcome.Undecided "")

                        tried.Add { Engine = engine.Name; Outcome = word; Note = note; Work = min steps.Spent options.Steps }
                    with
                    | StepsExhausted ->
                        tried.Add
                            { Engine = engine.Name
                              Outcome = verdictWord (Outcome.Undecided "")
                              Note = "the budget of counted steps ran out"
                              Work = options.Steps }
                    | :? OperationCanceledException ->
                        cut <- true

                        tried.Add
                            { Engine = engine.Name
                              Outcome = verdictWord (Outcome.Undecided "")
                              Note = "cut short by the time limit"
                              Work = min steps.Spent options.Steps }
                    | OutOfShape reason -> settled <- Some(Outcome.IllTyped reason, engine.Name)

            let outcome, engine =
                match settled, weaker with
                | Some found, _ -> found
                | None, Some found -> found
                | None, None ->
                    let reason =
                        if cut then
                            "the time limit ran out"
                        else
                            tried
                            |> Seq.filter (fun t -> t.Note <> "")
                            |> Seq.map (fun t -> $"{t.Engine}: {t.Note}")
                            |> fun notes -> String.Join("; ", notes)

                    Outcome.Undecided(if reason = "" then "no engine applies" else reason), ""

            return
                { Instance = instance
                  Outcome = outcome
                  Engine = engine
                  Minimal = ""
                  Inhabited = ""
                  Conflict = ""
                  Seed = seed
                  CutShort = cut
                  Tried = tried }
        }
