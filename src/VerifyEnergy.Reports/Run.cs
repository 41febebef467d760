using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Core;
using VerifyEnergy.Claims;
using VerifyEnergy.Engines;
using VerifyEnergy.Kernel;
using VerifyEnergy.Provers;

namespace VerifyEnergy.Reports;

/// <summary>What a run is asked to do. Everything here but <see cref="Jobs"/> may bear on a verdict or on which claims are tried.</summary>
public sealed record RunRequest
{
    /// <summary>Null: each claim's seed comes from its hash.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Engines that may be used; empty for all that apply.</summary>
    public IReadOnlyList<string> Engines { get; init; } = [];

    /// <summary>Counted steps for one engine at one instance.</summary>
    public long Steps { get; init; } = 20_000_000;

    /// <summary>Safety net for one claim.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Safety net for the whole run; null for none.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Claims at the same time; results do not depend on it.</summary>
    public int Jobs { get; init; } = 1;

    public FailOn FailOn { get; init; } = FailOn.Undecided;

    /// <summary>Use evidence of an earlier run where nothing that bears on the verdict has changed.</summary>
    public bool UseEvidence { get; init; } = true;

    /// <summary>Only recheck evidence: no search, no solver.</summary>
    public bool RecheckOnly { get; init; }
}

/// <summary>How far a run is.</summary>
/// <param name="Done">Claims finished so far, in any order.</param>
public sealed record RunProgress(int Done, int Total, string Claim, string Verdict);

/// <summary>What a run gives: the document, what belongs to this machine and moment, and how it ended.</summary>
public sealed record RunResult(RunRecord Record, RunFile File, ExitCode ExitCode);

/// <summary>
/// A run: claims in order, as many at a time as asked for, evidence used and kept, progress told, the budget watched. Command line,
/// explorer and test adapter call this and nothing below it.
/// </summary>
public sealed class Run(RunRequest request, EngineSet engines, IEvidence evidence)
{
    /// <summary>Decides, or only rechecks, the claims. Cancellation ends the run with what was finished until then.</summary>
    /// <param name="finished">Told each claim's record in the order of the claims, as soon as all before it are finished; never twice at a time.</param>
    /// <exception cref="CannotWriteException">Evidence could not be kept.</exception>
    public async Task<RunResult> Execute(
        IReadOnlyList<LoadedClaim> claims, Action<ClaimRecord>? finished, Action<RunProgress>? progress, CancellationToken cancellation)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        var clock = Stopwatch.StartNew();
        var results = new Finished?[claims.Count];
        int done = 0;
        int told = 0;
        object gate = new();

        using var budget = request.Budget is { } limit ? new CancellationTokenSource(limit) : new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int jobs = Math.Max(1, Math.Min(request.Jobs, claims.Count));
        using var threads = new DeepStack(jobs);
        int next = -1;

        // Each worker finishes one claim before it takes the next, so that a claim's time is not spent on others.
        Task<bool>[] work = [.. Enumerable.Range(0, jobs).Select(_ => threads.Run(async () =>
        {
            for (int index = Interlocked.Increment(ref next); index < claims.Count; index = Interlocked.Increment(ref next))
            {
                stop.Token.ThrowIfCancellationRequested();
                long before = Stopwatch.GetTimestamp();
                Finished result = await One(claims[index], budget.Token, stop.Token).ConfigureAwait(true);
                Tell(index, result with { Seconds = Stopwatch.GetElapsedTime(before).TotalSeconds });
            }

            return true;
        }, stop.Token))];

        void Tell(int index, Finished result)
        {
            lock (gate)
            {
                results[index] = result;
                progress?.Invoke(new RunProgress(++done, claims.Count, result.Record.Id, result.Record.Verdict));
                while (told < results.Length && results[told] is { } ready)
                {
                    finished?.Invoke(ready.Record);
                    told++;
                }
            }
        }

        bool interrupted = false;
        try
        {
            await Task.WhenAll(work).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            interrupted = true;
        }
        catch
        {
            // The first real failure is the run's; the others stop as soon as they look up.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(work.Select(task => task.ContinueWith(_ => true, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default))).ConfigureAwait(false);
            throw work.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerExceptions[0]).First();
        }

        Finished[] all = [.. results.OfType<Finished>()];
        ClaimRecord[] records = [.. all.Select(result => result.Record)];
        ErrorRecord[] errors = [.. all.SelectMany(result => result.Errors),
            .. interrupted ? [new ErrorRecord((int)ExitCode.Interrupted, "interrupted; the evidence so far is kept, --resume goes on from it", null, null, null, null, null)] : Array.Empty<ErrorRecord>()];
        RunFacts facts = ExitCodes.Judge(records, request.FailOn) with { Interrupted = interrupted, Conflict = all.Any(result => result.Conflict) };
        ExitCode code = ExitCodes.Of(facts);
        RunRecord record = RunRecords.Of(
            request.Seed?.ToString(CultureInfo.InvariantCulture), [.. engines.Versions.Select(version => new EngineRecord(version.Name, version.Version))], records, errors, (int)code);
        var file = new RunFile(
            RunFile.SchemaName, RunRecords.Version, RunFile.Timestamp(started), Math.Round(clock.Elapsed.TotalSeconds, 3), HostRecord.Here(), Solvers(), Limits(),
            [.. all.Select(result => new ClaimTime(result.Record.Id, Math.Round(result.Seconds, 3), result.Cached))]);
        return new RunResult(record, file, code);
    }

    private async Task<Finished> One(LoadedClaim loaded, CancellationToken budget, CancellationToken stop)
    {
        if (loaded.Claim is not ParsedClaim.Elaborated { Claim: { } claim })
        {
            return new Finished(Recording.Of(((ParsedClaim.IllTyped)loaded.Claim).Claim));
        }

        EvidenceRecord? kept;
        try
        {
            kept = evidence.Find(loaded.Source, claim.Heading.Id);
        }
        catch (JsonException damaged) when (request.RecheckOnly)
        {
            return Refused(loaded, claim, "the evidence is damaged: " + damaged.Message.ReplaceLineEndings(" "));
        }
        catch (JsonException)
        {
            // Damaged evidence is no evidence: the claim is decided again and the file replaced.
            kept = null;
        }

        bool current = kept is not null && kept.Hash == claim.Hash;
        if (request.RecheckOnly && !current)
        {
            string reason = kept is null ? "no evidence is kept; run check first" : "the evidence is for an earlier text of the claim; run check again";
            return new Finished(Recording.Of(claim, Open(claim, reason)));
        }

        if (current && (request.RecheckOnly || (request.UseEvidence && !kept!.CutShort && kept.Key.SequenceEqual(Key(kept.IsCertified)))))
        {
            try
            {
                ClaimOutcome again = Verifier.Conclude(claim, [.. kept!.Instances.Select(instance => Evidence.Recheck(claim.Core, claim.Hash, instance))]);
                string verdict = VerdictModule.name(again.Verdict);
                return verdict == kept.Verdict
                    ? new Finished(Recording.Of(claim, again)) { Cached = true, Conflict = again.Conflicts.Count > 0 }
                    : Refused(loaded, claim, $"the evidence says {kept.Verdict}, its certificates give {verdict}");
            }
            catch (EvidenceRefusedException refused)
            {
                return Refused(loaded, claim, refused.Message);
            }
        }

        ClaimOutcome outcome = await Decide(claim, budget, stop).ConfigureAwait(true);
        stop.ThrowIfCancellationRequested();
        EvidenceRecord fresh = Evidence.Of(claim.Heading.Id, claim.Hash, outcome);
        fresh = fresh with { Key = Key(fresh.IsCertified) };

        if (!current || Replaces(fresh, kept!))
        {
            KeepQuestions(loaded.Source, claim, outcome);
            evidence.Keep(loaded.Source, fresh);
        }

        return new Finished(Recording.Of(claim, outcome)) { Conflict = outcome.Conflicts.Count > 0 };
    }

    private async Task<ClaimOutcome> Decide(ElaboratedClaim claim, CancellationToken budget, CancellationToken stop)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget, stop);
        var options = new EngineOptions(
            request.Seed is { } seed ? FSharpOption<ulong>.Some(seed) : FSharpOption<ulong>.None, request.Engines, request.Steps, request.Timeout);
        try
        {
            return await Verifier.Decide(claim, engines.Engines, options, _ => { }, both.Token).ConfigureAwait(true);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Open(claim, "the time of the whole run ran out", cutShort: true);
        }
    }

    // A search that time cut short, or one with fewer engines that found nothing, never replaces evidence that settles the same claim.
    private static bool Replaces(EvidenceRecord fresh, EvidenceRecord kept)
    {
        bool weaker = fresh.CutShort ? !kept.CutShort : fresh.Verdict == VerdictNames.Undecided && kept.Verdict != VerdictNames.Undecided;
        return !weaker || kept.Key.GetValueOrDefault("checker") != Checker.version;
    }

    // What was attested can be asked again: one file for each question, named by instance and number.
    private void KeepQuestions(ClaimSource source, ElaboratedClaim claim, ClaimOutcome outcome)
    {
        foreach (InstanceOutcome instance in outcome.Instances)
        {
            IReadOnlyList<string> questions = engines.TakeUnsatisfiable(claim.Hash, instance.Instance);
            for (int i = 0; i < questions.Count && instance.Outcome is Outcome.Attested; i++)
            {
                string sizes = string.Concat(instance.Instance.Select(size => size.ToString(CultureInfo.InvariantCulture) + "-"));
                evidence.KeepQuestion(source, claim.Heading.Id, string.Create(CultureInfo.InvariantCulture, $"{sizes}{i + 1}.smt2"), questions[i]);
            }
        }
    }

    /// <summary>Every instance undecided for one reason.</summary>
    private static ClaimOutcome Open(ElaboratedClaim claim, string reason, bool cutShort = false) => Verifier.Conclude(
        claim,
        [.. Verifier.Instances(claim).Select(instance => new InstanceOutcome(instance, Outcome.NewUndecided(reason), "", "", "", "", Convert.ToUInt64(claim.Hash[..16], 16), cutShort, []))]);

    private static Finished Refused(LoadedClaim loaded, ElaboratedClaim claim, string reason)
    {
        Position at = loaded.Heading.Position;
        return new Finished(Recording.Of(claim, Open(claim, reason)))
        {
            Conflict = true,
            Errors = [new ErrorRecord((int)ExitCode.Conflict, $"{claim.Heading.Id}: the evidence does not recheck: {reason}", at.File, at.Line, at.Column, null, null)],
        };
    }

    // Solvers bear on a verdict only where no certificate settles it; so evidence that is all certificates is good on any machine.
    private OrderedDictionary<string, string> Key(bool certified)
    {
        var key = new OrderedDictionary<string, string>();
        foreach ((string name, string version) in engines.Versions)
        {
            key[name] = version;
        }

        key["seed"] = request.Seed?.ToString(CultureInfo.InvariantCulture) ?? "from the hash";
        key["engines"] = request.Engines.Count == 0 ? "all" : string.Join(",", request.Engines);
        key["steps"] = request.Steps.ToString(CultureInfo.InvariantCulture);
        if (!certified)
        {
            key["solvers"] = string.Join(", ", Solvers().Select(solver => $"{solver.Key} {solver.Value}"));
        }

        return key;
    }

    private OrderedDictionary<string, string> Solvers()
    {
        var solvers = new OrderedDictionary<string, string>();
        foreach (InstalledProver prover in engines.Provers.Found)
        {
            solvers[prover.Name] = prover.Version;
        }

        return solvers;
    }

    private OrderedDictionary<string, string> Limits() => new()
    {
        ["jobs"] = request.Jobs.ToString(CultureInfo.InvariantCulture),
        ["steps"] = request.Steps.ToString(CultureInfo.InvariantCulture),
        ["timeout"] = request.Timeout.ToString("c", CultureInfo.InvariantCulture),
        ["budget"] = request.Budget?.ToString("c", CultureInfo.InvariantCulture) ?? "none",
    };

    private sealed record Finished(ClaimRecord Record)
    {
        public double Seconds { get; init; }

        public bool Cached { get; init; }

        public bool Conflict { get; init; }

        public IReadOnlyList<ErrorRecord> Errors { get; init; } = [];
    }
}
