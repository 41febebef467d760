namespace VerifyEnergy.Reports;

/// <summary>The names of the verdicts.</summary>
internal static class VerdictNames
{
    public const string Proved = "proved";
    public const string Attested = "attested";
    public const string Supported = "supported";
    public const string Refuted = "refuted";
    public const string Vacuous = "vacuous";
    public const string IllTyped = "ill-typed";
    public const string Undecided = "undecided";
}
