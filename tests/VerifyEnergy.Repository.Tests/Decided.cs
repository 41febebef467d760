using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Engines;
using VerifyEnergy.Reports;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>Claims decided in this process, without outside solvers. Only counted work ends a search here, never the clock.</summary>
internal static class Decided
{
    private static readonly RunRequest Patient = new() { Timeout = TimeSpan.FromHours(1) };

    public static IReadOnlyList<LoadedClaim> Load(params ClaimSource[] sources)
    {
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = ClaimLoader.Load(sources);
        Assert.Empty(errors);
        return claims;
    }

    /// <summary>The claim files of a folder of the checkout.</summary>
    public static ClaimSource[] Sources(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.claim").Order(StringComparer.Ordinal)
            .Select(file => new ClaimSource(Path.GetRelativePath(Repository.Root, file), Path.GetDirectoryName(file), File.ReadAllText(file))),
    ];

    /// <summary>Decided anew, nothing kept.</summary>
    public static async Task<RunRecord> Anew(IReadOnlyList<LoadedClaim> claims) =>
        (await new Run(Patient, Engines(), new NoEvidence()).Execute(claims, null, null, CancellationToken.None)).Record;

    /// <summary>A run over evidence beside the claims.</summary>
    public static async Task<RunResult> Kept(IReadOnlyList<LoadedClaim> claims, bool recheckOnly) =>
        await new Run(Patient with { RecheckOnly = recheckOnly }, Engines(), new EvidenceFolders()).Execute(claims, null, null, CancellationToken.None);

    private static EngineSet Engines() => new(Verifier.Engines([], (_, _) => { }));
}
