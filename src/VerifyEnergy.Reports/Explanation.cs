using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>Why a claim has its verdict: step by step, what it rests on, what each engine tried, what would raise it.</summary>
public static class Explanation
{
    public static string Of(ClaimRecord claim, TerminalReport terminal)
    {
        var text = new StringBuilder();
        text.Append(terminal.Heading(claim)).Append('\n');
        text.Append("The statement, printed back from the data that was decided:\n");
        Indented(text, claim.Statement);
        if (claim.Hash.Length > 0)
        {
            text.Append("  hash    ").Append(claim.Hash).Append('\n');
        }

        text.Append("\nStep by step\n");
        foreach (IGrouping<string, InstanceRecord> group in claim.Instances.GroupBy(Step))
        {
            string dims = string.Join(", ", group.Select(i => Words.Dimensions(i.Dims)).Where(d => d.Length > 0).Take(12));
            int more = group.Count() - 12;
            text.Append("  ").Append(dims.Length > 0 ? dims + (more > 0 ? $", … ({more} more)" : "") + ": " : "").Append(Inert.Line(group.Key)).Append('\n');
        }

        text.Append("  the claim: ").Append(claim.Instances.Count > 1 ? "by the weakest of its instances, a refutation first, " : "").Append(claim.Verdict).Append('\n');
        if (claim.Condition is not null)
        {
            text.Append("  it ").Append(Inert.Line(Words.Condition(claim)));
            text.Append(claim.ConditionBasis is { } basis ? $" ({Words.Signs(Inert.Line(basis))})" : "").Append('\n');
        }

        text.Append("\nIt rests on\n");
        foreach (string ground in Grounds(claim))
        {
            text.Append("  ").Append(Inert.Line(ground)).Append('\n');
        }

        text.Append("\nTried\n");
        foreach (IGrouping<string, TriedRecord> engine in claim.Instances.SelectMany(i => i.Tried).GroupBy(t => t.Engine))
        {
            var outcomes = engine.GroupBy(t => t.Outcome + (t.Note is { } n ? ": " + n : "")).Select(g => g.Count() > 1 ? $"{g.Key} ({g.Count()} times)" : g.Key);
            text.Append("  ").Append(Inert.Line(engine.Key)).Append(": ").Append(Inert.Line(string.Join("; ", outcomes))).Append('\n');
        }

        if (Raise(claim) is { } raise)
        {
            text.Append("\nWhat would raise it\n  ").Append(raise).Append('\n');
        }

        if (Words.SmallestRefuted(claim) is not null)
        {
            text.Append('\n').Append(terminal.Refutation(claim));
        }

        return text.ToString();
    }

    private static string Step(InstanceRecord instance)
    {
        string step = instance.Verdict;
        step += instance.Engine is { } engine ? $", proposed by {engine}" : "";
        step += instance.Certificate is { } certificate ? $", {certificate.Kind} accepted by the checker" : "";
        return step + (instance.Reason is { } reason ? $" ({reason})" : "");
    }

    private static IEnumerable<string> Grounds(ClaimRecord claim)
    {
        foreach (string assumption in claim.Assumes)
        {
            yield return "assumed: " + assumption;
        }

        foreach (CertificateRecord certificate in claim.Instances.Select(i => i.Certificate).OfType<CertificateRecord>().Distinct())
        {
            yield return $"certificate {certificate.Kind}, {certificate.Bytes} bytes, sha256 {certificate.Sha256}";
        }

        foreach (IGrouping<string, InstanceRecord> group in claim.Instances.Where(i => i.Ground is not null).GroupBy(i => i.Verdict + ": " + i.Ground))
        {
            yield return group.Key;
        }

        foreach (string inhabited in claim.Instances.Select(i => i.Inhabited).OfType<string>().Distinct())
        {
            yield return "hypotheses: " + inhabited;
        }

        yield return claim.Instances.Any(i => i.Certificate is not null)
            ? "the elaboration of the text to the statement above, the checker, and .NET's BigInteger"
            : "the elaboration of the text to the statement above";
    }

    private static string? Raise(ClaimRecord claim)
    {
        (string Verdict, string Advice)[] advice =
        [
            (VerdictNames.Attested, "a certificate that the checker can replay: an identity, a sum of squares, an enumeration or an interval tree"),
            (VerdictNames.Supported, "a certificate for the whole domain, or an exact counterexample; a larger sample raises the power, not the verdict"),
            (VerdictNames.Undecided, "a larger --budget or --timeout, smaller parameter ranges in `for`, or a hypothesis that the engines can use"),
            (VerdictNames.IllTyped, "a text whose kinds agree"),
            (VerdictNames.Vacuous, "hypotheses that some object meets"),
        ];
        string? raise = advice.FirstOrDefault(a => a.Verdict == claim.Verdict).Advice;
        return raise is null && !claim.Scope.IsAll && claim.Parameters.Count > 0 && claim.Verdict != VerdictNames.Refuted
            ? "a certificate whose sizes are symbolic would carry it from these dimensions to all"
            : raise;
    }

    private static void Indented(StringBuilder text, string statement)
    {
        foreach (string line in statement.Split('\n'))
        {
            text.Append("  ").Append(Words.Signs(Inert.Line(line.TrimEnd('\r')))).Append('\n');
        }
    }
}
