namespace VerifyEnergy.Engines

open FsCheck
open FsCheck.FSharp
open VerifyEnergy.Kernel

// Attempts to break an instance at exact points.

module internal Falsify =
    let witness (target: Target) (point: Point) : Proposal =
        Proposal.Certificate { ClaimHash = target.Hash; Instance = target.Instance; Body = Body.Witness point }

    /// Whether the claim fails at a draw; Standing.Open also stands for a rejected one.
    let judge (points: InstancePoints) (draw: Draw) : Standing =
        match draw with
        | Draw.Admissible point -> points.Judge point
        | Draw.IllDefined _ -> Standing.Violated
        | Draw.Rejected -> Standing.Open

    let pointOf (draw: Draw) : Point option =
        match draw with
        | Draw.Admissible point
        | Draw.IllDefined point -> Some point
        | Draw.Rejected -> None

    let isRejected draw = (pointOf draw).IsNone

/// A few dozen corner points, before any proof is attempted. Every violation is proposed until one is accepted.
[<Sealed>]
type CornerEngine() =
    static member Count = 64
    /// Kernel steps after which no further corner is tried.
    static member Steps = 150_000L

    interface IEngine with
        member _.Name = "corners"
        member _.Version = "3"
        member _.Applies _ = true

        member _.Propose(target, steps, _, cancellation) =
            Proposals.ofSeq
                cancellation
                (seq {
                    let points = InstancePoints(target.Claim, target.Instance, steps)
                    let mutable tried = 0
                    let mutable rejected = 0
                    let limit = steps.Spent + CornerEngine.Steps

                    // Corners come before every proof, so they must stay cheap.
                    points.FormsLeft <- 4

                    for draw in points.Corners CornerEngine.Count |> Seq.takeWhile (fun _ -> steps.Spent < limit) do
                        tried <- tried + 1

                        if Falsify.isRejected draw then
                            rejected <- rejected + 1

                        match Falsify.judge points draw, Falsify.pointOf draw with
                        | Standing.Violated, Some point -> Falsify.witness target point
                        | (Standing.Violated | Standing.Open | Standing.Holds), _ -> ()

                    Proposal.Note $"{tried - rejected} corner points do not break it"
                })

/// Counts of a property search.
type SearchTally =
    {
        Cases: int
        /// Cases that missed a hypothesis.
        Rejected: int
        /// Cases where the claim surely holds.
        Holding: int
        /// Cases not decided at the working precision.
        Undecided: int
        /// The point that remains after FsCheck's shrinking.
        Violation: Point option
    }

[<RequireQualifiedAccess>]
module PropertySearch =
    let private silent (finished: TestResult -> unit) =
        { new IRunner with
            member _.OnStartFixture _ = ()
            member _.OnArguments(_, _, _) = ()
            member _.OnShrink(_, _) = ()
            member _.OnFinished(_, result) = finished result }

    /// Runs FsCheck over the points of an instance; the same seed gives the same tally. Stops looking when half of the steps are spent.
    let run (points: InstancePoints) (cases: int) (random: RandomStream) : SearchTally =
        let steps = points.Steps
        let limit = steps.Spent + min 2_000_000L ((steps.Limit - steps.Spent) / 2L)
        let mutable tried = 0
        let mutable rejected = 0
        let mutable holding = 0
        let mutable undecided = 0
        let mutable shrinking = false
        let mutable violation = None
        let mutable clash: exn option = None

        let survives (made: MadePoint) =
            if clash.IsSome || steps.Spent > limit then
                true
            else
                let standing =
                    try
                        Falsify.judge points made.Draw.Value
                    with
                    | OutOfShape _
                    | StepsExhausted as e ->
                        clash <- Some e
                        Standing.Open

                if clash.IsSome then
                    ()
                elif standing = Standing.Violated then
                    shrinking <- true
                    violation <- Falsify.pointOf made.Draw.Value
                elif not shrinking then
                    tried <- tried + 1

                    if Falsify.isRejected made.Draw.Value then rejected <- rejected + 1
                    elif standing = Standing.Holds then holding <- holding + 1
                    else undecided <- undecided + 1

                standing <> Standing.Violated

        let config =
            Config.Quick
                .WithMaxTest(cases)
                .WithStartSize(4)
                .WithEndSize(60)
                .WithReplay(Some { Rnd = Rnd(random.NextUInt64(), random.NextUInt64() ||| 1UL); Size = None })
                .WithRunner(silent ignore)

        Check.One(config, Prop.forAll (Generators.point points) survives)

        match clash with
        | Some e -> raise e
        | None -> ()

        { Cases = tried; Rejected = rejected; Holding = holding; Undecided = undecided; Violation = violation }

/// Property search over constructed objects. What it does not break it supports, with the counts.
[<Sealed>]
type SearchEngine(cases: int) =
    new() = SearchEngine 200

    interface IEngine with
        member _.Name = "search"
        member _.Version = "1"
        member _.Applies _ = true

        member _.Propose(target, steps, random, cancellation) =
            Proposals.ofSeq
                cancellation
                (seq {
                    let points = InstancePoints(target.Claim, target.Instance, steps)
                    let tally = PropertySearch.run points cases random

                    match tally.Violation with
                    | Some point -> Falsify.witness target point
                    | None -> ()

                    let met = tally.Cases - tally.Rejected

                    let counts =
                        $"{met} cases by {Generators.name}; {tally.Rejected} more missed the hypotheses, {tally.Undecided} were not decided"

                    if tally.Violation.IsNone && tally.Holding > 0 then
                        Proposal.Support $"{counts}; {tally.Holding} hold, none fails"
                    else
                        Proposal.Note counts
                })
