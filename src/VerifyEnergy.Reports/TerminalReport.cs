using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>
/// A run as plain text for a terminal. With colours only where they are asked for (a terminal, no <c>NO_COLOR</c>); without, not one
/// escape code. Text from claim files is made inert first.
/// </summary>
public sealed class TerminalReport(bool colours)
{
    private const int CellsShown = 12;
    private const int LabelWidth = 8;

    /// <summary>The heading line of a claim and, for a refutation, its block.</summary>
    /// <param name="verbose">Every refuted cell, the parts, and what was tried.</param>
    public string Claim(ClaimRecord claim, bool verbose)
    {
        var text = new StringBuilder();
        InstanceRecord? smallest = Words.SmallestRefuted(claim);
        Heading(text, claim, smallest);
        if (smallest is not null)
        {
            Refutation(text, claim, smallest, verbose);
        }
        else if (claim.Verdict == VerdictNames.Undecided || claim.Verdict == VerdictNames.IllTyped || claim.Verdict == VerdictNames.Vacuous)
        {
            Open(text, claim, verbose);
        }

        foreach (InstanceRecord instance in claim.Instances.Where(i => i.Conflict is not null))
        {
            Row(text, "against", Painted(Inert.Line(instance.Conflict), "1;31"));
        }

        if (!claim.AsExpected)
        {
            string wanted = claim.Expected ?? "to hold (no expect clause)";
            Row(text, "expect", Painted(Inert.Line(wanted), "1"));
        }

        if (verbose)
        {
            Tried(text, claim);
        }

        return text.ToString();
    }

    /// <summary>One line for a claim and nothing else.</summary>
    public string Heading(ClaimRecord claim)
    {
        var text = new StringBuilder();
        Heading(text, claim, Words.SmallestRefuted(claim));
        return text.ToString();
    }

    /// <summary>The block of a refutation: statement, smallest witness, both sides, what holds instead, how to see it again.</summary>
    public string Refutation(ClaimRecord claim)
    {
        var text = new StringBuilder();
        if (Words.SmallestRefuted(claim) is { } smallest)
        {
            Heading(text, claim, smallest);
            Refutation(text, claim, smallest, verbose: false);
        }

        return text.ToString();
    }

    /// <summary>Counts, and whether all is as expected.</summary>
    public string Summary(RunRecord run)
    {
        var text = new StringBuilder();
        string counts = Words.Counts(run.Summary);
        text.Append(char.ToUpperInvariant(counts[0])).Append(counts[1..]);
        if (run.Summary.Claims > 0)
        {
            text.Append(run.Summary.AsExpected == run.Summary.Claims
                ? "; all as expected"
                : $"; {Painted($"{run.Summary.Claims - run.Summary.AsExpected} not as expected", "1;31")}");
        }

        return text.Append(".\n").ToString();
    }

    /// <summary>File, line and column, the message, the line with a caret, and the nearest known name.</summary>
    public string Error(ErrorRecord error)
    {
        var text = new StringBuilder();
        if (error.File is { } file)
        {
            text.Append(Inert.Line(file));
            text.Append(error.Line is { } line ? $":{line}" : "").Append(error.Column is { } column ? $":{column}" : "").Append(": ");
        }

        text.Append(Painted("error", "1;31")).Append(": ").Append(Inert.Line(error.Message)).Append('\n');
        if (error.Excerpt is { } excerpt)
        {
            (string shown, int caret) = Excerpt(excerpt, error.Column ?? 0);
            text.Append("    ").Append(shown).Append('\n');
            if (caret > 0)
            {
                text.Append("    ").Append(' ', caret - 1).Append(Painted("^", "1;31")).Append('\n');
            }
        }

        if (error.Suggestion is { } suggestion)
        {
            text.Append("    did you mean ").Append(Inert.Line(suggestion)).Append("?\n");
        }

        return text.ToString();
    }

    // At most 100 characters of a long line, around the column; the caret's column moves with it and with widened characters.
    private static (string Shown, int Caret) Excerpt(string line, int column)
    {
        const int Most = 100;
        int from = Math.Clamp(column - (Most / 2), 0, Math.Max(0, line.Length - Most));
        string cut = line.Substring(from, Math.Min(Most, line.Length - from));
        int before = Math.Clamp(column - 1 - from, 0, cut.Length);
        string lead = from > 0 ? "…" : "";
        string trail = from + cut.Length < line.Length ? "…" : "";
        return (lead + Inert.Line(cut) + trail, column > 0 ? lead.Length + Inert.Line(cut[..before]).Length + 1 : 0);
    }

    private void Heading(StringBuilder text, ClaimRecord claim, InstanceRecord? smallest)
    {
        VerdictStyle style = VerdictStyle.Of(claim.Verdict);
        string scope = smallest is null ? Words.Scope(claim) : Words.Dimensions(smallest.Dims);
        string evidence = Inert.Line(Words.Evidence(claim));
        evidence = evidence.Length > 60 ? evidence[..59] + "…" : evidence;
        string line = $"{Inert.Line(claim.Id),-30} {Inert.Line(scope),-16} {evidence}".TrimEnd();
        text.Append(Painted($"{style.Word,-10}", "1;" + style.Terminal)).Append(line).Append('\n');
    }

    private void Refutation(StringBuilder text, ClaimRecord claim, InstanceRecord instance, bool verbose)
    {
        PartRecord? part = instance.Parts.FirstOrDefault(p => p.Verdict == VerdictNames.Refuted) ?? instance.Parts.FirstOrDefault();
        string conclusion = Words.Signs(Inert.Line(part?.Text ?? claim.Statement));
        string objects = instance.Objects is { Length: > 0 } o ? "for all " + Words.Signs(Inert.Line(o)) : "";
        Row(text, "claim", objects.Length > 0 ? $"{conclusion,-30} {objects}" : conclusion);
        if (instance.Reason is { } reason)
        {
            Row(text, "because", Inert.Line(reason));
        }

        if (instance.Witness is { Count: > 0 } witness)
        {
            text.Append(instance.Minimal is { } minimal ? $"  smallest counterexample ({Inert.Line(minimal)})\n" : "  counterexample (a smaller one was not ruled out)\n");
            foreach (string line in Blocks(witness))
            {
                text.Append("      ").Append(line).Append('\n');
            }
        }

        if (part is { Left: { } left, Right: { } right })
        {
            int width = Math.Max(left.Text.Length, right.Text.Length);
            Row(text, "left", Value(left, width));
            Row(text, "right", Value(right, width));
        }

        if (part?.Gap is { } gap)
        {
            Row(text, "gap", Inert.Line(gap));
        }

        if (claim.Condition is not null)
        {
            string basis = claim.ConditionBasis is { } b ? $"   ({Words.Signs(Inert.Line(b))})" : "";
            Row(text, "holds", Words.Signs(Inert.Line("exactly when " + claim.Condition)) + basis);
        }

        Cells(text, claim, instance, verbose);
        Row(text, "again", $"verify-energy replay {Inert.Line(claim.Id)} --seed {Inert.Line(instance.Seed)}{Place(claim.File)}");
    }

    // Where replay finds the claim, unless it looks there anyway; a claim from standard input is nowhere.
    private static string Place(string file) =>
        file == "-" || file.StartsWith("proofs/", StringComparison.Ordinal) ? "" : $" --in {Inert.Line(file.Contains(' ', StringComparison.Ordinal) ? $"\"{file}\"" : file)}";

    // The other refuted instances, one line each.
    private static void Cells(StringBuilder text, ClaimRecord claim, InstanceRecord smallest, bool verbose)
    {
        InstanceRecord[] others = [.. claim.Instances.Where(i => i.Verdict == VerdictNames.Refuted && !ReferenceEquals(i, smallest))];
        foreach (InstanceRecord other in verbose ? others : others.Take(CellsShown))
        {
            string witness = other.Witness is null ? "" : string.Join("  ", other.Witness.Select(w => Inert.Line($"{w.Key} = {w.Value}")));
            string minimal = other.Minimal is { } m ? $"  ({Inert.Line(m)})" : "";
            Row(text, "also", $"{Words.Dimensions(other.Dims),-10} {witness}{minimal}");
        }

        if (!verbose && others.Length > CellsShown)
        {
            Row(text, "also", $"{Words.Number(others.Length - CellsShown, "instance")} more (-v shows all)");
        }
    }

    private static void Open(StringBuilder text, ClaimRecord claim, bool verbose)
    {
        InstanceRecord[] open = [.. claim.Instances.Where(i => i.Verdict == claim.Verdict)];
        foreach (InstanceRecord instance in verbose ? open : open.Take(1))
        {
            string where = instance.Dims.Count > 0 ? Words.Dimensions(instance.Dims) + ": " : "";
            if (instance.Reason is { } reason)
            {
                Row(text, "because", where + Inert.Line(reason));
            }

        }

        if (!verbose && open.Length > 1)
        {
            Row(text, "also", string.Join(", ", open.Skip(1).Take(CellsShown).Select(i => Words.Dimensions(i.Dims))) + (open.Length > CellsShown + 1 ? ", …" : ""));
        }
    }

    private static void Tried(StringBuilder text, ClaimRecord claim)
    {
        foreach (InstanceRecord instance in claim.Instances)
        {
            foreach (TriedRecord tried in instance.Tried)
            {
                string where = instance.Dims.Count > 0 ? Words.Dimensions(instance.Dims) + "  " : "";
                string note = tried.Note is { } n ? ": " + Inert.Line(n) : "";
                string work = tried.Work is { } w ? $" ({Inert.Line(w)})" : "";
                Row(text, "tried", $"{where}{Inert.Line(tried.Engine)} {Inert.Line(tried.Outcome)}{note}{work}");
            }
        }
    }

    // Values side by side, row by row, as on a blackboard.
    private static IEnumerable<string> Blocks(OrderedDictionary<string, WitnessValue> witness)
    {
        var blocks = witness.Select(w => Block(Inert.Line(w.Key), w.Value)).ToList();
        int height = blocks.Max(b => b.Length);
        for (int row = 0; row < height; row++)
        {
            yield return string.Join("    ", blocks.Select(b => row < b.Length ? b[row] : new string(' ', b[0].Length))).TrimEnd();
        }
    }

    private static string[] Block(string name, WitnessValue value)
    {
        if (value.IsScalar)
        {
            return [$"{name} = {Inert.Line(value.Rows[0][0])}"];
        }

        int[] widths = [.. Enumerable.Range(0, value.Rows[0].Count).Select(j => value.Rows.Max(row => Inert.Line(row[j]).Length))];
        return [.. value.Rows.Select((row, i) =>
            (i == 0 ? name + " = " : new string(' ', name.Length + 3))
            + "[" + string.Join("  ", row.Select((entry, j) => Inert.Line(entry).PadLeft(widths[j]))) + "]")];
    }

    private static string Value(SideRecord side, int width) => $"{Words.Signs(Inert.Line(side.Text)).PadRight(width)} = {Inert.Line(side.Value.ToString())}";

    private static void Row(StringBuilder text, string label, string content) =>
        text.Append("  ").Append((label + " ").PadRight(LabelWidth)).Append(content.TrimEnd()).Append('\n');

    private string Painted(string text, string sgr) => colours ? $"\u001b[{sgr}m{text}\u001b[0m" : text;
}
