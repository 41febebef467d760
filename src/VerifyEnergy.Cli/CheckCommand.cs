using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Provers;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary><c>check</c>, <c>recheck</c> and <c>report</c>: the same run, shown in three ways.</summary>
internal static class CheckCommand
{
    public static async Task<int> Run(Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Task<ProverInstallation> provers = settings.Command == "recheck" && !settings.Solvers
            ? Task.FromResult(new ProverInstallation([], []))
            : Engines.FindProvers(cancellation);
        (IReadOnlyList<LoadedClaim> all, IReadOnlyList<ErrorRecord> errors) = Commands.Load(settings.Targets);
        if (errors.Count > 0)
        {
            return Failure.Report(errors, settings.Json, terminal);
        }

        var filter = new Filter(settings.Filter);
        LoadedClaim[] claims = [.. all.Where(claim => filter.Takes(claim.Heading.Id, claim.Heading.Tags, claim.Source.Name))
            .Where((_, index) => settings.Shard is not { } shard || index % shard.Parts == shard.Part - 1)];
        if (claims.Length == 0)
        {
            return Failure.Report([new ErrorRecord((int)ExitCode.NoClaimMatched, "no claim matched", null, null, null, null, null)], settings.Json, terminal);
        }

        var progress = new Progress(terminal, settings.Json || settings.Quiet ? LinesOnly(settings.Progress) : settings.Progress);
        var text = new TerminalReport(terminal.ColoursOut);
        bool told = !settings.Json && settings.Command != "report";
        EngineSet engines = Engines.Of(settings, await provers.ConfigureAwait(false));
        RunResult result = await new Run(Commands.Request(settings), engines, new EvidenceFolders()).Execute(
            claims,
            told ? record => Tell(record, settings, terminal, text, progress) : null,
            step => progress.Finished(step.Done, step.Total, step.Claim, step.Verdict),
            cancellation).ConfigureAwait(false);
        progress.Clear();

        if (settings.Solvers)
        {
            result = await SolverReplay.Ask(result, claims, engines.Provers, settings, terminal, cancellation).ConfigureAwait(false);
        }

        KeepRunFile(result.File, claims, terminal);
        if (settings.JUnit is { } junit)
        {
            AtomicFile.Write(junit, JUnitReport.Write(result.Record, settings.FailOn));
        }

        if (settings.Command == "report")
        {
            ReportFolder.Write(result.Record, settings.Out!, settings.Targets, settings.Html);
        }

        Annotate(result.Record, settings, terminal);
        if (settings.Json)
        {
            terminal.Out(RunJson.Write(result.Record));
            return (int)result.ExitCode;
        }

        foreach (ErrorRecord error in result.Record.Errors)
        {
            terminal.Error(new TerminalReport(terminal.ColoursError).Error(error));
        }

        string where = settings.Command == "report" ? $"Written to {Inert.Line(settings.Out)}. " : "";
        terminal.Out(text.Summary(result.Record).TrimEnd('\n')
            + string.Create(CultureInfo.InvariantCulture, $" {where}{clock.Elapsed.TotalSeconds:0.00} s\n"));
        return (int)result.ExitCode;
    }

    private static ProgressStyle LinesOnly(ProgressStyle style) => style == ProgressStyle.Lines ? style : ProgressStyle.None;

    private static void Tell(ClaimRecord record, Settings settings, Terminal terminal, TerminalReport text, Progress progress)
    {
        if (settings.Quiet && record.AsExpected)
        {
            return;
        }

        progress.Clear();
        terminal.Out(text.Claim(record, settings.Verbose));
    }

    private static void Annotate(RunRecord record, Settings settings, Terminal terminal)
    {
        if (!settings.GitHub)
        {
            return;
        }

        foreach (string command in GitHubAnnotations.Write(record, settings.FailOn))
        {
            // With --json standard output belongs to the document.
            if (settings.Json)
            {
                terminal.Error(command + "\n");
            }
            else
            {
                terminal.Out(command + "\n");
            }
        }
    }

    // Times and machine are for the curious: a folder that cannot be written to is no reason to fail.
    private static void KeepRunFile(RunFile file, LoadedClaim[] claims, Terminal terminal)
    {
        if (claims.All(claim => claim.Source.Folder is null))
        {
            return;
        }

        try
        {
            AtomicFile.Write(Path.Combine(".verify-energy", "run.json"), RunJson.Write(file));
        }
        catch (CannotWriteException refused)
        {
            terminal.Error($"note: {Inert.Line(refused.Message)}\n");
        }
    }
}
