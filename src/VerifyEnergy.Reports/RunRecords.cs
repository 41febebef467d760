using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace VerifyEnergy.Reports;

/// <summary>Whole documents from their parts.</summary>
public static class RunRecords
{
    /// <summary>Version of the tool, without build data.</summary>
    public static string Version { get; } =
        typeof(RunRecords).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>A run that did not come about.</summary>
    public static RunRecord OfErrors(IReadOnlyList<ErrorRecord> errors, int exitCode) => Of(null, [], [], errors, exitCode);

    public static RunRecord Of(
        string? seed, IReadOnlyList<EngineRecord> engines, IReadOnlyList<ClaimRecord> claims, IReadOnlyList<ErrorRecord> errors, int exitCode)
    {
        var counts = new OrderedDictionary<string, int>();
        foreach (VerdictStyle style in VerdictStyle.All)
        {
            counts[style.Word] = claims.Count(claim => claim.Verdict == style.Word);
        }

        return new RunRecord(RunRecord.SchemaName, Version, seed, engines, claims,
            new SummaryRecord(claims.Count, counts, claims.Count(claim => claim.AsExpected), exitCode), errors);
    }
}
