namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// Proposes that every condition of every case is visible in normal form: identities, enumerations, visible signs.
[<Sealed>]
type IdentityEngine() =
    /// Number of cases that the checker will walk. Hypotheses may strike cases out, so then the walk itself is made.
    let count (target: Target) (steps: Steps) =
        let isHypothesis declaration =
            match declaration with
            | Declaration.Hypothesis _ -> true
            | Declaration.Object _ -> false

        if List.exists isHypothesis target.Claim.Declarations then
            Obligation.ofInstance target.Claim target.Instance steps |> Seq.length
        else
            let evaluator = Evaluator<Rational>(RationalArithmetic.Instance, steps, Obligation.domains target.Claim)

            Obligation.finiteAssignments evaluator target.Claim (Grid.environment evaluator.Algebra target.Claim target.Instance)
            |> Seq.sumBy (fun _ ->
                steps.Spend 1L
                1)

    interface IEngine with
        member _.Name = "identity"
        member _.Version = "1"
        member _.Applies _ = true

        member _.Propose(target, steps, _, cancellation) =
            seq {
                match Attempt.run (fun () -> count target steps) with
                | Ok count -> Proposal.Certificate { ClaimHash = target.Hash; Instance = target.Instance; Body = Body.Cases(count, []) }
                | Error reason -> Proposal.Note reason
            }
            |> Proposals.ofSeq cancellation
