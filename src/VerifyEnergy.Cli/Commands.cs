using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>What each command does, from checked settings to an exit code.</summary>
internal static class Commands
{
    public static Task<int> Run(Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        string[] known = [.. EngineSet.Names];
        ErrorRecord[] strangers = [.. (settings.Engines ?? []).Where(engine => !known.Contains(engine)).Select(engine =>
            new ErrorRecord((int)ExitCode.Usage, $"no engine {engine}; there are {string.Join(", ", known)}", null, null, null, null, Spelling.Nearest(engine, known)))];
        return strangers.Length > 0
            ? Task.FromResult(Failure.Report(strangers, settings.Json, terminal))
            : Dispatch(settings, terminal, cancellation);
    }

    private static Task<int> Dispatch(Settings settings, Terminal terminal, CancellationToken cancellation) => settings.Command switch
    {
        "check" or "report" or "recheck" => CheckCommand.Run(settings, terminal, cancellation),
        "explain" => Explain(settings, terminal, cancellation),
        "replay" => Replayed(settings, terminal, cancellation),
        "list" => Task.FromResult(List(settings, terminal)),
        "new" => Task.FromResult(NewCommand.Run(settings.Targets[0], terminal) is { } error ? Failure.Report([error], settings.Json, terminal) : 0),
        "doctor" => DoctorCommand.Run(settings, terminal, cancellation),
        _ => throw new InvalidOperationException("a command without an action: " + settings.Command),
    };

    /// <summary>Claims of files and folders, or the errors that keep the command from its work.</summary>
    public static (IReadOnlyList<LoadedClaim> Claims, IReadOnlyList<ErrorRecord> Errors) Load(IReadOnlyList<string> paths)
    {
        (IReadOnlyList<ClaimSource> sources, IReadOnlyList<ErrorRecord> missing) = ClaimSources.Read(paths, Console.OpenStandardInput);
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> invalid) = ClaimLoader.Load(sources);
        return (claims, [.. invalid, .. missing]);
    }

    public static RunRequest Request(Settings settings) => new()
    {
        Seed = settings.Seed,
        Engines = settings.Engines ?? [],
        Timeout = settings.Timeout,
        Budget = settings.Budget,
        Jobs = settings.Jobs,
        FailOn = settings.FailOn,
        UseEvidence = !settings.NoCache,
        RecheckOnly = settings.Command == "recheck",
    };

    private static int List(Settings settings, Terminal terminal)
    {
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = Load(settings.Targets);
        if (errors.Count > 0)
        {
            return Failure.Report(errors, settings.Json, terminal);
        }

        var filter = new Filter(settings.Filter);
        InventoryRecord inventory = InventoryRecord.Of(claims.Where(claim => filter.Takes(claim.Heading.Id, claim.Heading.Tags, claim.Source.Name)));
        if (settings.Json)
        {
            terminal.Out(RunJson.Write(inventory));
        }
        else
        {
            foreach (ListedClaim claim in inventory.Claims)
            {
                string parameters = claim.Parameters.Count > 0 ? "for " + string.Join(", ", claim.Parameters) + "; " : "";
                string kinds = claim.Clash is { } clash ? "ill-typed: " + clash : parameters + string.Join(", ", claim.Objects);
                string tags = claim.Tags.Count > 0 ? $" [{string.Join(", ", claim.Tags)}]" : "";
                terminal.Out($"{Inert.Line(claim.Id),-30} {Inert.Line(kinds)}{Inert.Line(tags)}\n" + (claim.Title is { } title ? $"{"",-30} {Inert.Line(title)}\n" : ""));
            }
        }

        return inventory.Claims.Count > 0 ? 0 : (int)ExitCode.NoClaimMatched;
    }

    private static async Task<int> Explain(Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        (LoadedClaim? claim, IReadOnlyList<ErrorRecord> errors) = Find(settings);
        if (claim is null)
        {
            return Failure.Report(errors, settings.Json, terminal);
        }

        RunResult result = await RunOne(claim, settings, Request(settings), new EvidenceFolders(), cancellation).ConfigureAwait(false);
        terminal.Out(settings.Json ? RunJson.Write(result.Record) : string.Concat(result.Record.Claims.Select(record => Explanation.Of(record, new TerminalReport(terminal.ColoursOut)))));
        return (int)result.ExitCode;
    }

    private static async Task<RunResult> RunOne(LoadedClaim claim, Settings settings, RunRequest request, IEvidence evidence, CancellationToken cancellation)
    {
        EngineSet engines = Engines.Of(settings, await Engines.FindProvers(cancellation).ConfigureAwait(false));
        return await new Run(request, engines, evidence).Execute([claim], null, null, cancellation).ConfigureAwait(false);
    }

    private static async Task<int> Replayed(Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        string target = settings.Targets[0];
        if (target.EndsWith(".json", StringComparison.Ordinal))
        {
            return ReplayFile(settings, terminal, target);
        }

        (LoadedClaim? claim, IReadOnlyList<ErrorRecord> errors) = Find(settings);
        if (claim is null)
        {
            return Failure.Report(errors, settings.Json, terminal);
        }

        RunRequest request = Request(settings) with { UseEvidence = false };
        RunResult result = await RunOne(claim, settings, request, new NoEvidence(), cancellation).ConfigureAwait(false);
        terminal.Out(settings.Json ? RunJson.Write(result.Record) : string.Concat(result.Record.Claims.Select(record => new TerminalReport(terminal.ColoursOut).Claim(record, verbose: true))));
        return (int)result.ExitCode;
    }

    private static int ReplayFile(Settings settings, Terminal terminal, string path)
    {
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = Load(settings.Paths);
        if (!File.Exists(path))
        {
            errors = [new ErrorRecord((int)ExitCode.NotFound, "no such file", path, null, null, null, null)];
        }

        if (errors.Count > 0)
        {
            return Failure.Report(errors, settings.Json, terminal);
        }

        try
        {
            ClaimRecord record = Replay.Of(File.ReadAllText(path), claims);
            terminal.Out(settings.Json
                ? RunJson.Write(RunRecords.Of(null, [], [record], [], 0))
                : new TerminalReport(terminal.ColoursOut).Claim(record, verbose: true));
            return 0;
        }
        catch (JsonException cause)
        {
            return Failure.Report([new ErrorRecord((int)ExitCode.InvalidClaim, "neither evidence nor a certificate: " + cause.Message, path, null, null, null, null)], settings.Json, terminal);
        }
        catch (EvidenceRefusedException refused)
        {
            return Failure.Report([new ErrorRecord((int)ExitCode.Conflict, refused.Message, path, null, null, null, null)], settings.Json, terminal);
        }
    }

    private static (LoadedClaim? Claim, IReadOnlyList<ErrorRecord> Errors) Find(Settings settings)
    {
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = Load(settings.Paths);
        string id = settings.Targets[0];
        LoadedClaim? found = claims.FirstOrDefault(claim => claim.Heading.Id == id);

        // Errors in other claims do not stand in the way of this one.
        return found is not null ? (found, []) : errors.Count > 0 ? (null, errors) : (null,
            [new ErrorRecord((int)ExitCode.NoClaimMatched, $"no claim {id} in {string.Join(", ", settings.Paths)}", null, null, null, null, Spelling.Nearest(id, claims.Select(claim => claim.Heading.Id)))]);
    }
}
