using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using VerifyEnergy.Claims;
using VerifyEnergy.Reports;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>
/// What a claim is called and what is hoped of it does not bear on its verdict: without ids, titles, sources, notes, tags and
/// <c>expect</c>, with every name replaced and in another order, claims have the same hashes, verdicts, conditions and certificates.
/// </summary>
public class BlindTests
{
    private static readonly string[] Chosen =
    [
        "wc-addition-convexity", "wc-range-criterion", "wc-fixed-rank-apex", "wc-degenerate-determinant", "wc-linear-covariance", "pc-triple-trace",
        "pc-jordan-psd", "pc-minkowski", "pc-ma-constant", "bz-strict-positivity", "bz-free-energy-minimum", "bz-energy-only-gradient",
        "bz-random-scan", "rg-2d-closure",
    ];

    private static readonly string[] Told = ["title", "source", "note", "tags", "expect"];

    [Fact]
    public async Task Verdicts_do_not_depend_on_names_or_order()
    {
        ClaimSource[] sources = Decided.Sources("proofs");
        LoadedClaim[] originals = [.. Decided.Load(sources).Where(claim => Chosen.Contains(claim.Heading.Id))];
        Assert.Equal(Chosen.Length, originals.Length);
        Dictionary<string, string>[] names = [.. originals.Select((claim, at) => NamesOf(claim, at))];

        // Last claim first, then from the middle outward: no order of the files.
        int[] order = [.. Enumerable.Range(0, originals.Length).OrderBy(at => at * 5 % originals.Length)];
        string blind = string.Join("\n", order.Select(at => Blind(originals[at], names[at], "a" + (at + 1))));
        Assert.DoesNotContain("expect", blind, StringComparison.Ordinal);

        IReadOnlyList<ClaimRecord> told = (await Decided.Anew(originals)).Claims;
        IReadOnlyList<ClaimRecord> untold = (await Decided.Anew(Decided.Load(new ClaimSource("blind.claim", null, blind)))).Claims;
        Assert.Equal(originals.Length, untold.Count);
        for (int at = 0; at < originals.Length; at++)
        {
            ClaimRecord was = told[at];
            ClaimRecord now = untold.Single(claim => claim.Id == "a" + (at + 1));
            Assert.True(was.Hash == now.Hash, $"{was.Id}\n{now.Statement}");
            Assert.Equal((was.Id, was.Verdict), (was.Id, now.Verdict));
            Assert.Equal(was.Condition is null ? null : Renamed(was.Condition, names[at]), now.Condition);
            Assert.Equal(was.Instances.Select(instance => instance.Verdict), now.Instances.Select(instance => instance.Verdict));
            Assert.Equal(was.Instances.Select(instance => instance.Certificate?.Sha256), now.Instances.Select(instance => instance.Certificate?.Sha256));
            Assert.Equal(was.Instances.Select(instance => instance.Seed), now.Instances.Select(instance => instance.Seed));
        }
    }

    // Parameters, objects and indices, then definitions with their arguments.
    private static Dictionary<string, string> NamesOf(LoadedClaim claim, int at)
    {
        ElaboratedClaim elaborated = Assert.IsType<ParsedClaim.Elaborated>(claim.Claim).Claim;
        IEnumerable<string> defined = Regex.Matches(Text(claim), @"\bdef\s+(\w+)(?:\(([^)]*)\))?")
            .SelectMany(definition => definition.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Prepend(definition.Groups[1].Value));
        return elaborated.Names.Concat(defined).Distinct().Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => $"q{at}_{pair.number}");
    }

    private static string Text(LoadedClaim claim)
    {
        string[] lines = claim.Source.Text.Split('\n');
        IEnumerable<string> clauses = lines.Skip(claim.Heading.Position.Line).TakeWhile(line => !line.StartsWith("claim ", StringComparison.Ordinal));
        return string.Join("\n", clauses.Where(line => !line.StartsWith('#') && !Told.Contains(line.TrimStart().Split(' ')[0])));
    }

    private static string Renamed(string text, Dictionary<string, string> names) =>
        Regex.Replace(text, "[A-Za-z_][A-Za-z0-9_]*", word => names.GetValueOrDefault(word.Value, word.Value));

    private static string Blind(LoadedClaim claim, Dictionary<string, string> names, string id) => $"claim {id}\n{Renamed(Text(claim), names)}";
}
