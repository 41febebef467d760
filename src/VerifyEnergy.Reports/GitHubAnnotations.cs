using System.Collections.Generic;
using System.Globalization;

namespace VerifyEnergy.Reports;

/// <summary>Workflow commands that put verdicts beside the lines of the claim files on GitHub.</summary>
public static class GitHubAnnotations
{
    public static IEnumerable<string> Write(RunRecord run, FailOn failOn)
    {
        var plain = new TerminalReport(colours: false);
        foreach (ErrorRecord error in run.Errors)
        {
            yield return Command("error", error.File, error.Line, error.Column, "verify-energy", error.Message);
        }

        foreach (ClaimRecord claim in run.Claims)
        {
            RunFacts facts = ExitCodes.Judge([claim], failOn);
            if (facts.Differs || facts.Undecided)
            {
                yield return Command("error", claim.File, claim.Line, null, $"{claim.Id}: {claim.Verdict}", plain.Claim(claim, verbose: false).TrimEnd('\n'));
            }
        }
    }

    private static string Command(string level, string? file, int? line, int? column, string title, string message)
    {
        string where = file is null or "-" ? "" : $"file={Inert.WorkflowCommand(file, true)},";
        where += line is { } l && where.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"line={l},") : "";
        where += column is { } c && where.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"col={c},") : "";
        return $"::{level} {where}title={Inert.WorkflowCommand(title, true)}::{Inert.WorkflowCommand(message, false)}";
    }
}
