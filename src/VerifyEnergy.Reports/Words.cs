using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace VerifyEnergy.Reports;

/// <summary>Phrases that every rendering shares, so that terminal, page and figure say the same thing.</summary>
internal static class Words
{
    /// <summary><c>n=2 k=1</c>; empty without parameters.</summary>
    public static string Dimensions(OrderedDictionary<string, int> dims) =>
        string.Join(" ", dims.Select(d => d.Key + "=" + d.Value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>What the verdict speaks of: <c>all n, k</c>, one instance, or a grid in short.</summary>
    public static string Scope(ClaimRecord claim)
    {
        if (claim.Scope.IsAll)
        {
            return claim.Parameters.Count == 0 ? "" : "all " + string.Join(", ", claim.Parameters);
        }

        IReadOnlyList<OrderedDictionary<string, int>> dimensions = claim.Scope.Dimensions!;
        if (dimensions.Count <= 1)
        {
            return dimensions.Count == 0 ? "" : Dimensions(dimensions[0]);
        }

        return string.Join(" ", claim.Parameters.Select(p => p + "=" + Values([.. dimensions.Select(d => d[p]).Distinct().Order()])));
    }

    /// <summary>The condition as a sentence, with mathematical signs.</summary>
    public static string Condition(ClaimRecord claim) => "holds exactly when " + Signs(claim.Condition ?? "");

    /// <summary>The relation signs of the language as mathematics writes them.</summary>
    public static string Signs(string text) => text
        .Replace("<=>", "⇔", System.StringComparison.Ordinal)
        .Replace("<<=", "⪯", System.StringComparison.Ordinal)
        .Replace("<=", "≤", System.StringComparison.Ordinal)
        .Replace(">=", "≥", System.StringComparison.Ordinal)
        .Replace("!=", "≠", System.StringComparison.Ordinal);

    /// <summary><c>of 83 claims 46 are proved, 31 refuted and 6 undecided</c>, with only the verdicts that occur.</summary>
    public static string Counts(SummaryRecord summary)
    {
        (string Word, int Count)[] present = [.. summary.Counts.Where(c => c.Value > 0).Select(c => (c.Key, c.Value))];
        if (present.Length == 0)
        {
            return "no claim was tried";
        }

        var phrases = present.Select((p, i) => (i > 0 ? "" : p.Count == 1 ? "is " : "are ", p)).Select((x, i) =>
            i == 0 ? x.p.Count.ToString(CultureInfo.InvariantCulture) + " " + x.Item1 + x.p.Word : x.p.Count.ToString(CultureInfo.InvariantCulture) + " " + x.p.Word).ToArray();
        string list = phrases.Length == 1 ? phrases[0] : string.Join(", ", phrases[..^1]) + " and " + phrases[^1];
        return "of " + Number(summary.Claims, "claim") + " " + list;
    }

    /// <summary><c>1 claim</c>, <c>2 claims</c>.</summary>
    public static string Number(int count, string noun) =>
        count.ToString(CultureInfo.InvariantCulture) + " " + noun + (count == 1 ? "" : "s");

    /// <summary>The refuted instance with the smallest dimensions: sum of the sizes, then sizes in order.</summary>
    public static InstanceRecord? SmallestRefuted(ClaimRecord claim) => claim.Instances
        .Where(instance => instance.Verdict == VerdictNames.Refuted)
        .OrderBy(instance => instance.Dims.Values.Sum(size => (long)size))
        .ThenBy(instance => instance.Dims.Values, Comparer<IEnumerable<int>>.Create(CompareInOrder))
        .FirstOrDefault();

    /// <summary>What the claim-level verdict rests on, in a few words.</summary>
    public static string Evidence(ClaimRecord claim)
    {
        InstanceRecord? refuted = SmallestRefuted(claim);
        if (refuted is not null)
        {
            return refuted.Certificate is { } found && found.Kind != "witness" ? "exact witness, " + found.Kind : "exact witness";
        }

        if (claim.Instances.FirstOrDefault(i => i.Verdict == claim.Verdict && i.Ground is not null)?.Ground is { } ground)
        {
            return ground;
        }

        string[] kinds = [.. claim.Instances.Select(i => i.Certificate?.Kind).OfType<string>().Distinct()];
        return string.Join(", ", kinds);
    }

    private static string Values(int[] values) =>
        values.Length > 1 && values[^1] - values[0] == values.Length - 1
            ? values[0].ToString(CultureInfo.InvariantCulture) + ".." + values[^1].ToString(CultureInfo.InvariantCulture)
            : values.Length == 1 ? values[0].ToString(CultureInfo.InvariantCulture)
            : "{" + string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture))) + "}";

    private static int CompareInOrder(IEnumerable<int>? left, IEnumerable<int>? right)
    {
        foreach ((int a, int b) in (left ?? []).Zip(right ?? []))
        {
            if (a != b)
            {
                return a.CompareTo(b);
            }
        }

        return 0;
    }
}
