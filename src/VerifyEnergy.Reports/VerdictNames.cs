using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>The words for the verdicts, as Kernel writes them.</summary>
internal static class VerdictNames
{
    public static readonly string Proved = VerdictModule.name(Verdict.Proved);
    public static readonly string Attested = VerdictModule.name(Verdict.Attested);
    public static readonly string Supported = VerdictModule.name(Verdict.Supported);
    public static readonly string Refuted = VerdictModule.name(Verdict.Refuted);
    public static readonly string Vacuous = VerdictModule.name(Verdict.Vacuous);
    public static readonly string IllTyped = VerdictModule.name(Verdict.IllTyped);
    public static readonly string Undecided = VerdictModule.name(Verdict.Undecided);
}
