using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.FSharp.Collections;
using VerifyEnergy.Claims;
using VerifyEnergy.Engines;
using VerifyEnergy.Kernel;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

/// <summary>Runs over engines written here, so that each thing an engine may do happens exactly when the test wants it.</summary>
public sealed class RunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("verify-energy-run-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private LoadedClaim[] Load(string text)
    {
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = ClaimLoader.Load([new ClaimSource("proofs/a.claim", folder, text)]);
        Assert.Empty(errors);
        return [.. claims];
    }

    private static Task<RunResult> Execute(RunRequest request, IEvidence evidence, LoadedClaim[] claims, params IEngine[] engines) =>
        new Run(request, new EngineSet(engines), evidence).Execute(claims, null, null, CancellationToken.None);

    private static Certificate Witness(Target target, params (int Variable, Rational Value)[] values) => new(
        target.Hash, target.Instance,
        Body.NewWitness(ListModule.OfSeq(values.Select(v => Tuple.Create(v.Variable, ObjectValue.NewArray(1, 1, [(v.Value, Rational.Zero)]))))));

    private static Certificate Identity(Target target) => new(target.Hash, target.Instance, Body.NewCases(1, ListModule.Empty<Tuple<Tuple<int, int>, Proof>>()));

    [Fact]
    public async Task A_refutation_is_recorded_with_both_sides_and_the_gap()
    {
        LoadedClaim[] claims = Load("claim c for n in {2, 3} let x : real show n*x <= x^2 expect refuted");
        var engine = new Speaking("teller", target => [Proposal.NewCertificate(Witness(target, (1, Rational.One)))]);
        RunResult result = await Execute(new RunRequest(), new NoEvidence(), claims, engine);
        ClaimRecord claim = Assert.Single(result.Record.Claims);
        Assert.Equal(ExitCode.AsWanted, result.ExitCode);
        Assert.Equal("refuted", claim.Verdict);
        InstanceRecord instance = claim.Instances[1];
        Assert.Equal(3, instance.Dims["n"]);
        Assert.Equal("1", instance.Witness!["x"].ToString());
        PartRecord part = Assert.Single(instance.Parts);
        Assert.Equal(("3", "1", "2"), (part.Left!.Value.ToString(), part.Right!.Value.ToString(), part.Gap));
        Assert.Equal("x in real", instance.Objects);
        Assert.Equal("witness", instance.Certificate!.Kind);
        Assert.Equal("teller", instance.Engine);
    }

    [Fact]
    public async Task Objects_are_told_with_their_hypotheses()
    {
        LoadedClaim[] claims = Load("claim c for n in 2..3 where n >= 2 let x, y : real where n*x <= y let z : real where z != 0 show x + z <= y expect refuted");
        RunResult result = await Execute(new RunRequest(), new NoEvidence(), claims);
        Assert.Equal("x, y, z in real where 3*x <= y, z != 0", Assert.Single(result.Record.Claims).Instances[1].Objects);
    }

    [Fact]
    public async Task What_the_checker_refuses_is_worth_nothing()
    {
        LoadedClaim[] claims = Load("claim c let x : real show x^2 >= 0");
        var liar = new Speaking("liar", target => [Proposal.NewCertificate(Witness(target, (0, Rational.One)))]);
        RunResult result = await Execute(new RunRequest(), new NoEvidence(), claims, liar);
        Assert.Equal("undecided", Assert.Single(result.Record.Claims).Verdict);
        Assert.Equal(ExitCode.Undecided, result.ExitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Claims_are_told_in_order_whatever_finishes_first(int jobs)
    {
        LoadedClaim[] claims = Load(string.Concat(Enumerable.Range(1, 8).Select(i => $"claim c-{i} let x : real show {i}*x = x*{i}\n")));
        var slowFirst = new Speaking("slow", target =>
        {
            Thread.Sleep(target.Hash == ((ParsedClaim.Elaborated)claims[0].Claim).Claim.Hash ? 300 : 1);
            return [Proposal.NewCertificate(Identity(target))];
        });
        var told = new List<string>();
        var progress = new List<int>();
        RunResult result = await new Run(new RunRequest { Jobs = jobs }, new EngineSet([slowFirst]), new NoEvidence())
            .Execute(claims, record => told.Add(record.Id), step => progress.Add(step.Done), CancellationToken.None);
        Assert.Equal(claims.Select(claim => claim.Heading.Id), told);
        Assert.Equal(Enumerable.Range(1, 8), progress);
        Assert.Equal(told, result.Record.Claims.Select(claim => claim.Id));
    }

    [Fact]
    public async Task Evidence_is_used_again_only_while_nothing_that_bears_on_it_changes()
    {
        LoadedClaim[] claims = Load("claim c let x : real show x + x = 2*x");
        int asked = 0;
        Speaking Engine(string version = "1") => new("once", target =>
        {
            asked++;
            return [Proposal.NewCertificate(Identity(target))];
        })
        { Version = version };
        var kept = new EvidenceFolders();
        RunResult first = await Execute(new RunRequest(), kept, claims, Engine());
        RunResult second = await Execute(new RunRequest(), kept, claims, Engine());
        Assert.Equal(1, asked);
        Assert.Equal(RunJson.Write(first.Record), RunJson.Write(second.Record));
        await Execute(new RunRequest { UseEvidence = false }, kept, claims, Engine());
        await Execute(new RunRequest { Seed = 3 }, kept, claims, Engine());
        await Execute(new RunRequest { Seed = 3, Steps = 7_000_000 }, kept, claims, Engine());
        await Execute(new RunRequest { Seed = 3, Steps = 7_000_000 }, kept, claims, Engine("2"));
        Assert.Equal(5, asked);
        await Execute(new RunRequest { RecheckOnly = true }, kept, claims, Engine("3"));
        Assert.Equal(5, asked);
        await Execute(new RunRequest { Seed = 3, Steps = 7_000_000 }, kept, Load("claim c let x : real show x + x = x*2"), Engine("2"));
        Assert.Equal(6, asked);
    }

    [Fact]
    public async Task Weaker_evidence_is_never_put_over_stronger_and_cut_short_evidence_is_not_reused()
    {
        LoadedClaim[] claims = Load("claim c let x : real show x + x = 2*x");
        var kept = new EvidenceFolders();
        var endless = new Speaking("same", _ => throw new OperationCanceledException());
        RunResult cut = await Execute(new RunRequest(), kept, claims, endless);
        Assert.Equal("undecided", cut.Record.Claims[0].Verdict);
        var quick = new Speaking("same", target => [Proposal.NewCertificate(Identity(target))]);
        RunResult full = await Execute(new RunRequest(), kept, claims, quick);
        Assert.Equal("proved", full.Record.Claims[0].Verdict);
        string path = EvidenceFolders.PathOf(claims[0].Source, "c")!;
        string before = File.ReadAllText(path);
        await Execute(new RunRequest { UseEvidence = false }, kept, claims, endless);
        Assert.Equal(before, File.ReadAllText(path));
        await Execute(new RunRequest { UseEvidence = false }, kept, claims, new Speaking("other", _ => []));
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public async Task Interruption_keeps_what_is_finished()
    {
        LoadedClaim[] claims = Load(string.Concat(Enumerable.Range(1, 5).Select(i => $"claim c-{i} let x : real show {i}*x = x*{i}\n")));
        using var stop = new CancellationTokenSource();
        var engine = new Speaking("teller", target => [Proposal.NewCertificate(Identity(target))]);
        RunResult result = await new Run(new RunRequest { Jobs = 1 }, new EngineSet([engine]), new EvidenceFolders())
            .Execute(claims, record => { if (record.Id == "c-2") { stop.Cancel(); } }, null, stop.Token);
        Assert.Equal(ExitCode.Interrupted, result.ExitCode);
        Assert.Equal(["c-1", "c-2"], result.Record.Claims.Select(claim => claim.Id));
        Assert.Equal(130, Assert.Single(result.Record.Errors).Code);
        Assert.NotNull(EvidenceFolders.PathOf(claims[0].Source, "c-1") is { } path && File.Exists(path) ? path : null);
    }

    [Fact]
    public async Task A_failing_engine_fails_the_run_with_its_own_exception()
    {
        LoadedClaim[] claims = Load("claim c let x : real show x = x\nclaim d let x : real show x = x");
        var broken = new Speaking("broken", _ => throw new InvalidTimeZoneException("out of order"));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => Execute(new RunRequest { Jobs = 2 }, new NoEvidence(), claims, broken));
    }

    [Fact]
    public async Task The_word_of_a_solver_keeps_its_verdict_and_its_ground_and_no_more()
    {
        LoadedClaim[] claims = Load("claim c let x : real show x^2 + 1 > 0 expect attested");
        var solver = new Speaking("solver", _ => [Proposal.NewAttest("unsat by someone 1.0")]);
        var kept = new EvidenceFolders();
        await Execute(new RunRequest(), kept, claims, solver);
        RunResult again = await Execute(new RunRequest { RecheckOnly = true }, kept, claims, solver);
        Assert.Equal(("attested", "unsat by someone 1.0"), (again.Record.Claims[0].Verdict, again.Record.Claims[0].Instances[0].Ground));

        // The same word with a stronger verdict written over it.
        string path = EvidenceFolders.PathOf(claims[0].Source, "c")!;
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"verdict\": \"attested\"", "\"verdict\": \"proved\"", StringComparison.Ordinal));
        RunResult forged = await Execute(new RunRequest { RecheckOnly = true }, kept, claims, solver);
        Assert.Equal(ExitCode.Conflict, forged.ExitCode);
        Assert.Equal("undecided", forged.Record.Claims[0].Verdict);
    }

    [Fact]
    public async Task Every_entry_of_a_witness_is_checked_again()
    {
        LoadedClaim[] claims = Load("claim c let x, y : real show x*y != 7 expect refuted");
        var engine = new Speaking("teller", target => [Proposal.NewCertificate(Witness(target, (0, Rational.OfInt(7)), (1, Rational.One)))]);
        var kept = new EvidenceFolders();
        await Execute(new RunRequest(), kept, claims, engine);
        string path = EvidenceFolders.PathOf(claims[0].Source, "c")!;
        string text = File.ReadAllText(path);
        Assert.Contains("\"7\"", text);
        File.WriteAllText(path, text.Replace("\"7\"", "\"5\"", StringComparison.Ordinal));
        RunResult result = await Execute(new RunRequest { RecheckOnly = true }, kept, claims, engine);
        Assert.Equal(ExitCode.Conflict, result.ExitCode);

        // Even with the fingerprint made to fit.
        EvidenceRecord forged = RunJson.ReadEvidence(File.ReadAllText(path));
        var parsed = CertificateText.parse(forged.Instances[0].Certificate!.Json);
        forged = forged with { Instances = [forged.Instances[0] with { Sha256 = EvidenceText.Describe(parsed.ResultValue).Sha256 }] };
        File.WriteAllText(path, RunJson.Write(forged));
        RunResult again = await Execute(new RunRequest { RecheckOnly = true }, kept, claims, engine);
        Assert.Equal(ExitCode.Conflict, again.ExitCode);
        Assert.Contains("the checker refuses", Assert.Single(again.Record.Errors).Message);
    }

    [Fact]
    public void Two_claims_of_one_name_are_an_error_across_files()
    {
        ClaimSource one = new("a.claim", folder, "claim c show 1 = 1");
        ClaimSource two = new("b.claim", folder, "claim c show 2 = 2");
        ErrorRecord error = Assert.Single(ClaimLoader.Load([one, two]).Errors);
        Assert.Equal((65, "b.claim"), (error.Code, error.File));
        Assert.Contains("a.claim, line 1", error.Message);
    }

    [Fact]
    public void Evidence_file_is_whole_or_absent()
    {
        string path = Path.Combine(folder, "deep", "x.json");
        Assert.True(AtomicFile.Write(path, "one"));
        Assert.False(AtomicFile.Write(path, "one"));
        Assert.True(AtomicFile.Write(path, "two"));
        Assert.Equal(["x.json"], Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
        CannotWriteException refused = Assert.Throws<CannotWriteException>(() => AtomicFile.Write(Path.Combine(path, "y"), "three"));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Throws<JsonException>(() => RunJson.ReadEvidence("{}"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("wc-*", true)]
    [InlineData("cone", true)]
    [InlineData("a", true)]
    [InlineData("!cone", false)]
    [InlineData("wc-* !cone", false)]
    [InlineData("wc-scaling cone", true)]
    [InlineData("wc-", false)]
    [InlineData("WC-scaling", false)]
    public void Filter_takes(string expression, bool taken) => Assert.Equal(taken, new Filter(expression).Takes("wc-scaling", ["cone"], "proofs/a.claim"));

    /// <summary>Says what it is told to say.</summary>
    private sealed class Speaking(string name, Func<Target, IEnumerable<Proposal>> say) : IEngine
    {
        public string Name => name;

        public string Version { get; init; } = "1";

        public bool Applies(Target target) => true;

        public async IAsyncEnumerable<Proposal> Propose(Target target, Steps steps, RandomStream random, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.Yield();
            foreach (Proposal proposal in say(target))
            {
                yield return proposal;
            }
        }
    }
}
