using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>The Markdown page of a run, with links to its figures. The same records give the same bytes.</summary>
public static class MarkdownReport
{
    /// <param name="heading">Title of the page, and the name of its folder below <c>reports/</c> in the command that makes it again.</param>
    /// <param name="inputs">The paths that were checked, as given; they stand in the commands for rechecking.</param>
    public static string Write(RunRecord run, string heading, IReadOnlyList<string> inputs)
    {
        var page = new StringBuilder();
        page.Append("# ").Append(Inert.Markdown(heading)).Append("\n\n");
        string counts = Words.Counts(run.Summary);
        page.Append(char.ToUpperInvariant(counts[0])).Append(counts[1..]).Append("; ")
            .Append(run.Summary.AsExpected == run.Summary.Claims ? "all as expected" : $"**{run.Summary.Claims - run.Summary.AsExpected} not as expected**")
            .Append(".\n\n");
        page.Append("Written by `verify-energy ").Append(run.Version).Append("`; do not edit. Every exact number below was computed without floating point.\n\n");

        Table(page, run);
        Section(page, "Refuted", run, VerdictNames.Refuted, Refutation);
        Section(page, "Undecided", run, VerdictNames.Undecided, Undecided);
        Section(page, "Not a statement", run, VerdictNames.IllTyped, Reasoned);
        Section(page, "Vacuous", run, VerdictNames.Vacuous, Reasoned);
        Section(page, "Supported", run, VerdictNames.Supported, Grounds);
        Section(page, "Attested", run, VerdictNames.Attested, Grounds);
        Proofs(page, run);
        Trust(page, run);
        Again(page, inputs, "reports/" + heading);
        Environment(page, run);
        return page.ToString();
    }

    private static void Table(StringBuilder page, RunRecord run)
    {
        page.Append("## Verdicts\n\n| | verdict | claim | statement | source | for | evidence |\n|---|---|---|---|---|---|---|\n");
        foreach (ClaimRecord claim in run.Claims)
        {
            VerdictStyle style = VerdictStyle.Of(claim.Verdict);
            string surprise = claim.AsExpected ? "" : " **(not as expected)**";
            page.Append("| ![").Append(style.Shape).Append("](").Append(Figures.MarkPath(style)).Append(") | ").Append(style.Word).Append(surprise)
                .Append(" | [").Append(Inert.Markdown(claim.Id)).Append("](#").Append(Figures.Anchor(claim)).Append(") | ")
                .Append(Inert.MarkdownCode(Words.Signs(Shortened(claim.Statement)), inTable: true)).Append(" | ")
                .Append(Inert.Markdown(claim.Source)).Append(" | ")
                .Append(Inert.Markdown(claim.Condition is null ? Words.Scope(claim) : Words.Condition(claim))).Append(" | ")
                .Append(Inert.Markdown(Words.Evidence(claim))).Append(" |\n");
        }

        page.Append('\n');
    }

    private static void Section(StringBuilder page, string title, RunRecord run, string verdict, Action<StringBuilder, ClaimRecord> block)
    {
        ClaimRecord[] claims = [.. run.Claims.Where(claim => claim.Verdict == verdict)];
        if (claims.Length == 0)
        {
            return;
        }

        page.Append("## ").Append(title).Append("\n\n");
        foreach (ClaimRecord claim in claims)
        {
            Head(page, claim);
            block(page, claim);
            Surprise(page, claim);
        }
    }

    private static void Head(StringBuilder page, ClaimRecord claim)
    {
        page.Append("<a id=\"").Append(Figures.Anchor(claim)).Append("\"></a>\n\n### ").Append(Inert.Markdown(claim.Id)).Append("\n\n");
        string[] prose = [Inert.Markdown(claim.Title), claim.Source is { } source ? "(" + Inert.Markdown(source) + ")" : ""];
        string line = string.Join(" ", prose.Where(p => p.Length > 0));
        page.Append(line).Append(line.Length > 0 ? "\n\n" : "");
        Statement(page, claim);
    }

    private static void Statement(StringBuilder page, ClaimRecord claim)
    {
        if (claim.Latex is { } latex)
        {
            page.Append("```math\n").Append(Fenced(latex)).Append("\n```\n\n");
        }
        else
        {
            page.Append("```text\n").Append(Fenced(Words.Signs(claim.Statement))).Append("\n```\n\n");
        }
    }

    private static void Refutation(StringBuilder page, ClaimRecord claim)
    {
        InstanceRecord instance = Words.SmallestRefuted(claim)!;
        string dims = Words.Dimensions(instance.Dims);
        if (instance.Reason is { } reason)
        {
            page.Append(Inert.Markdown(reason)).Append("\n\n");
        }

        if (instance.Witness is { Count: > 0 } witness)
        {
            page.Append(instance.Minimal is null ? "Counterexample" : "Smallest counterexample").Append(dims.Length > 0 ? " at " + Inert.MarkdownCode(dims) : "")
                .Append(instance.Minimal is { } minimal ? " (" + Inert.Markdown(minimal) + ")" : "").Append(":\n\n");
            page.Append("| object | value |\n|---|---|\n");
            foreach (KeyValuePair<string, WitnessValue> value in witness)
            {
                page.Append("| ").Append(Inert.MarkdownCode(value.Key, true)).Append(" | ").Append(Inert.MarkdownCode(value.Value.ToString(), true)).Append(" |\n");
            }

            page.Append('\n');
        }

        foreach (PartRecord part in instance.Parts.Where(p => p.Verdict == VerdictNames.Refuted && p.Left is not null && p.Right is not null))
        {
            page.Append("It violates ").Append(Inert.MarkdownCode(Words.Signs(part.Text))).Append(":\n\n| side | expression | value |\n|---|---|---|\n");
            Side(page, "left", part.Left!);
            Side(page, "right", part.Right!);
            if (part.Gap is { } gap)
            {
                page.Append("| gap | | ").Append(Inert.MarkdownCode(gap, true)).Append(" |\n");
            }

            page.Append('\n');
        }

        if (claim.Condition is not null)
        {
            page.Append("What holds instead: the statement **").Append(Inert.Markdown(Words.Condition(claim))).Append("**")
                .Append(claim.ConditionBasis is { } basis ? " — " + Inert.Markdown(Words.Signs(basis)) : "").Append(".\n\n");
        }

        Pictures(page, claim);
        InstanceRecord[] cells = [.. claim.Instances.Where(i => i.Verdict == VerdictNames.Refuted)];
        if (cells.Length > 1)
        {
            page.Append("<details><summary>").Append(Words.Number(cells.Length, "refuted instance")).Append(", each with its witness</summary>\n\n| instance | witness | minimal |\n|---|---|---|\n");
            foreach (InstanceRecord cell in cells)
            {
                string values = cell.Witness is null ? "" : string.Join(", ", cell.Witness.Select(w => $"{w.Key} = {w.Value}"));
                page.Append("| ").Append(Inert.MarkdownCode(Words.Dimensions(cell.Dims), true)).Append(" | ")
                    .Append(Inert.MarkdownCode(values, true)).Append(" | ").Append(Inert.Markdown(cell.Minimal)).Append(" |\n");
            }

            page.Append("\n</details>\n\n");
        }
    }

    private static void Side(StringBuilder page, string name, SideRecord side) =>
        page.Append("| ").Append(name).Append(" | ").Append(Inert.MarkdownCode(Words.Signs(side.Text), true)).Append(" | ")
            .Append(Inert.MarkdownCode(side.Value.ToString(), true)).Append(" |\n");

    private static void Undecided(StringBuilder page, ClaimRecord claim)
    {
        Reasoned(page, claim);
        var tried = claim.Instances.Where(i => i.Verdict == claim.Verdict).SelectMany(i => i.Tried)
            .GroupBy(t => t).Select(g => g.Key).ToList();
        if (tried.Count > 0)
        {
            page.Append("Tried:\n\n| engine | outcome | work |\n|---|---|---|\n");
            foreach (TriedRecord one in tried)
            {
                page.Append("| ").Append(Inert.Markdown(one.Engine)).Append(" | ")
                    .Append(Inert.Markdown(one.Outcome + (one.Note is { } note ? ": " + note : ""))).Append(" | ").Append(Inert.Markdown(one.Work)).Append(" |\n");
            }

            page.Append('\n');
        }

        Pictures(page, claim);
    }

    private static void Reasoned(StringBuilder page, ClaimRecord claim)
    {
        foreach (var group in claim.Instances.Where(i => i.Verdict == claim.Verdict).GroupBy(i => i.Reason ?? ""))
        {
            string dims = string.Join(", ", group.Select(i => Words.Dimensions(i.Dims)).Where(d => d.Length > 0));
            page.Append("- ").Append(dims.Length > 0 ? Inert.MarkdownCode(dims) + ": " : "")
                .Append(group.Key.Length > 0 ? Inert.Markdown(group.Key) : claim.Verdict).Append('\n');
        }

        page.Append('\n');
    }

    private static void Grounds(StringBuilder page, ClaimRecord claim)
    {
        page.Append("| instance | verdict | rests on |\n|---|---|---|\n");
        foreach (InstanceRecord instance in claim.Instances)
        {
            page.Append("| ").Append(Inert.MarkdownCode(Words.Dimensions(instance.Dims), true)).Append(" | ").Append(instance.Verdict).Append(" | ")
                .Append(Inert.Markdown(instance.Ground ?? (instance.Certificate is { } c ? "certificate, " + c.Kind : instance.Reason))).Append(" |\n");
        }

        page.Append('\n');
        Pictures(page, claim);
    }

    private static void Surprise(StringBuilder page, ClaimRecord claim)
    {
        foreach (InstanceRecord instance in claim.Instances.Where(i => i.Conflict is not null))
        {
            page.Append("**Conflict**: ").Append(Inert.Markdown(instance.Conflict)).Append(".\n\n");
        }

        if (!claim.AsExpected)
        {
            page.Append("**Not as expected**: expected ").Append(Inert.Markdown(claim.Expected ?? "to hold")).Append(".\n\n");
        }
    }

    private static void Proofs(StringBuilder page, RunRecord run)
    {
        ClaimRecord[] claims = [.. run.Claims.Where(claim => claim.Verdict == VerdictNames.Proved)];
        if (claims.Length == 0)
        {
            return;
        }

        page.Append("## ").Append(char.ToUpperInvariant(VerdictNames.Proved[0])).Append(VerdictNames.Proved[1..]).Append("\n\n");
        foreach (ClaimRecord claim in claims)
        {
            page.Append("<a id=\"").Append(Figures.Anchor(claim)).Append("\"></a>\n<details><summary>").Append(Inert.MarkdownHtml(claim.Id));
            string scope = Words.Scope(claim);
            page.Append(scope.Length > 0 ? " (" + Inert.MarkdownHtml(scope) + ")" : "").Append(claim.Title is null ? "" : ": " + Inert.MarkdownHtml(claim.Title)).Append("</summary>\n\n");
            Statement(page, claim);
            page.Append("| instance | certificate | bytes | sha256 |\n|---|---|---|---|\n");
            foreach (InstanceRecord instance in claim.Instances)
            {
                page.Append("| ").Append(claim.Scope.IsAll && instance.Dims.Count == 0 ? "" : Inert.MarkdownCode(Words.Dimensions(instance.Dims), true)).Append(" | ")
                    .Append(instance.Certificate is { } c
                        ? $"{Inert.Markdown(c.Kind)} | {c.Bytes.ToString(CultureInfo.InvariantCulture)} | {Inert.MarkdownCode(c.Sha256, true)}"
                        : $"{Inert.Markdown(instance.Verdict)} | |").Append(" |\n");
            }

            page.Append('\n');
            if (claim.Assumes.Count > 0)
            {
                page.Append("Assumes: ").Append(string.Join(", ", claim.Assumes.Select(Inert.Markdown))).Append(".\n\n");
            }

            Surprise(page, claim);
            page.Append("</details>\n\n");
        }
    }

    private static void Pictures(StringBuilder page, ClaimRecord claim)
    {
        foreach (Figure figure in Figures.Of(claim))
        {
            page.Append("![").Append(Inert.Markdown(figure.Alt)).Append("](").Append(figure.Path).Append(")\n\n");
        }
    }

    private static void Trust(StringBuilder page, RunRecord run)
    {
        page.Append("## What was trusted\n\n");
        page.Append("Engines only propose; an exact checker accepted every certificate and evaluated every witness again. Trusted are: the elaboration of each text to the statement printed above, the checker and the exact arithmetic it stands on, and BigInteger of .NET.\n");
        string[] assumed = [.. run.Claims.SelectMany(c => c.Assumes).Distinct().Order(StringComparer.Ordinal)];
        page.Append(assumed.Length > 0 ? "Classical theorems and lemmas used: " + string.Join(", ", assumed.Select(Inert.Markdown)) + ".\n\n" : "No classical theorem was assumed beyond these.\n\n");
    }

    private static void Again(StringBuilder page, IReadOnlyList<string> inputs, string folder)
    {
        string paths = string.Join(" ", inputs.Select(Shell));
        page.Append("## How to check this again\n\n```sh\n");
        page.Append("verify-energy recheck ").Append(paths).Append("   # the frozen certificates, by the checker alone\n");
        page.Append("verify-energy check ").Append(paths).Append(" --no-cache   # everything from the start\n");
        page.Append("verify-energy report ").Append(paths).Append(" --out ").Append(Shell(folder)).Append("   # this page, byte for byte\n```\n\n");
    }

    private static void Environment(StringBuilder page, RunRecord run)
    {
        page.Append("## Environment\n\nverify-energy ").Append(Inert.Markdown(run.Version)).Append("; engines: ")
            .Append(run.Engines.Count == 0 ? "none" : string.Join(", ", run.Engines.Select(e => Inert.Markdown($"{e.Name} {e.Version}"))))
            .Append("; seed: ").Append(run.Seed is { } seed ? Inert.Markdown(seed) : "from each claim's hash")
            .Append(". Times, host and solver versions are not part of this page; a run keeps them in `.verify-energy/run.json`.\n");
    }

    private static string Shortened(string statement)
    {
        string line = string.Join(" ", statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 120 ? line : line[..119] + "…";
    }

    // A fence cannot be closed from inside: no line of the content may start with one.
    private static string Fenced(string text) => string.Join("\n", text.ReplaceLineEndings("\n").Split('\n')
        .Select(line => Inert.Line(line).Replace("```", "` ` `", StringComparison.Ordinal)));

    private static string Shell(string path) =>
        path.Length > 0 && path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-".Contains(c)) ? path : "'" + Inert.Line(path).Replace("'", "'\\''", StringComparison.Ordinal).Replace("```", "` ` `", StringComparison.Ordinal) + "'";
}
