using System.Collections.Generic;

namespace VerifyEnergy.Reports;

/// <summary>How a run ends. Usage, InvalidClaim and NotFound are settled before any claim is tried.</summary>
public enum ExitCode
{
    AsWanted = 0,

    /// <summary>A verdict differs from <c>expect</c>, or a refutation nobody expected.</summary>
    Differs = 1,

    /// <summary>Undecided where that fails the run.</summary>
    Undecided = 2,

    /// <summary>Evidence does not recheck, or checked evidence stands against checked evidence.</summary>
    Conflict = 3,

    NoClaimMatched = 4,
    Usage = 64,
    InvalidClaim = 65,
    NotFound = 66,
    Internal = 70,

    /// <summary>Evidence or output could not be written.</summary>
    CannotWrite = 74,

    Interrupted = 130,
}

/// <summary>What makes a claim without <c>expect</c> fail the run.</summary>
public enum FailOn
{
    Undecided,
    Refuted,
    Never,
}

/// <summary>What happened in a run, as far as it bears on the exit code.</summary>
public readonly record struct RunFacts(
    bool Interrupted = false,
    bool CannotWrite = false,
    bool Internal = false,
    bool Conflict = false,
    bool Differs = false,
    bool Undecided = false,
    bool NoClaimMatched = false);

public static class ExitCodes
{
    /// <summary>The first that applies; an interruption comes before everything that it may have cut short.</summary>
    public static ExitCode Of(RunFacts facts) => facts switch
    {
        { Interrupted: true } => ExitCode.Interrupted,
        { CannotWrite: true } => ExitCode.CannotWrite,
        { Internal: true } => ExitCode.Internal,
        { Conflict: true } => ExitCode.Conflict,
        { Differs: true } => ExitCode.Differs,
        { Undecided: true } => ExitCode.Undecided,
        { NoClaimMatched: true } => ExitCode.NoClaimMatched,
        _ => ExitCode.AsWanted,
    };

    /// <summary>Whether a finished claim makes the run differ from what is wanted, or leaves it undecided where that counts.</summary>
    public static RunFacts Judge(IEnumerable<ClaimRecord> claims, FailOn failOn)
    {
        bool differs = false;
        bool undecided = false;
        bool any = false;
        foreach (ClaimRecord claim in claims)
        {
            any = true;
            if (claim.AsExpected)
            {
                continue;
            }

            if (claim.Expected is not null || claim.Verdict != VerdictNames.Undecided)
            {
                differs |= claim.Expected is not null || failOn != FailOn.Never;
            }
            else
            {
                undecided |= failOn == FailOn.Undecided;
            }
        }

        return new RunFacts(Differs: differs, Undecided: undecided, NoClaimMatched: !any);
    }
}
