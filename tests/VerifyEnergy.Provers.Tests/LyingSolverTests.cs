using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace VerifyEnergy.Provers.Tests;

/// <summary>
/// Every case runs inside all the containment that this machine has, and again with the pieces that may be missing elsewhere taken
/// away: what is promised must not depend on them.
/// </summary>
[Collection("child processes")]
public class LyingSolverTests
{
    public enum Walls
    {
        All,
        NoNamespace,
        SessionOnly,
        None,
    }

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static Containment Of(Walls walls) => walls switch
    {
        Walls.All => Containment.Probed,
        Walls.NoNamespace => Containment.Probed with { Namespace = null },
        Walls.SessionOnly => Containment.Nothing with { Session = Containment.Probed.Session },
        Walls.None => Containment.Nothing,
        _ => throw new ArgumentOutOfRangeException(nameof(walls)),
    };

    private static async Task<ProverRun> Try(Walls walls, string body, ProverCaps? caps = null, string text = "(check-sat)\n")
    {
        caps ??= ScriptedSolver.Caps();
        using var solver = new ScriptedSolver(body);
        var temporaryBefore = WorkingFolders();
        var clock = Stopwatch.StartNew();
        var run = await solver.RunAsync(Of(walls), caps, text);

        Assert.True(clock.Elapsed <= caps.Wall + Grace, $"returned after {clock.Elapsed}; {run}");
        Assert.Empty(solver.Survivors());
        Assert.Empty(WorkingFolders().Except(temporaryBefore));
        return run;
    }

    private static string[] WorkingFolders() => Directory.GetDirectories(Path.GetTempPath(), "verify-energy-*");

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.None)]
    public async Task AlwaysUnsatIsTakenAtItsWordAndNoMore(Walls walls)
    {
        var run = await Try(walls, "cat >/dev/null; echo unsat");

        Assert.Equal(ProverAnswer.Unsat, run.Answer);
        Assert.Equal("unsat\n", run.StandardOutput);
        Assert.Equal(("z3", "0.0", 0), (run.Prover, run.Version, run.ExitCode));
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.None)]
    public async Task RandomSatIsOneOfTheTwo(Walls walls)
    {
        var run = await Try(walls, "case $(od -An -N1 -tu1 /dev/urandom) in *[02468]) echo sat;; *) echo unsat;; esac");

        Assert.Equal(run.StandardOutput == "sat\n" ? ProverAnswer.Sat : ProverAnswer.Unsat, run.Answer);
    }

    [Theory]
    [InlineData("echo 'satisfiable, I think'")]
    [InlineData("echo Sat")]
    [InlineData("echo unsat!")]
    [InlineData("printf '\\377\\376\\000sat\\n'")]
    [InlineData("head -c 100000 /dev/urandom")]
    [InlineData("echo '(error \"line 1: unknown constant\")'; echo unsat")]
    [InlineData("echo unsat; echo sat")]
    [InlineData("echo unsat; echo unsat")]
    [InlineData("echo unsat; exit 1")]
    [InlineData("echo sat; echo '(error \"no model\")'; exit 1")]
    [InlineData("echo unsat; kill -SEGV $$")]
    [InlineData("exit 0")]
    [InlineData("exit 3")]
    public async Task GarbageIsNoAnswer(string body)
    {
        var run = await Try(Walls.All, body);

        Assert.Equal(ProverAnswer.Failed, run.Answer);
        Assert.NotEmpty(run.Reason);
    }

    [Fact]
    public async Task AModelRefusedAfterUnsatIsStillUnsat()
    {
        var run = await Try(Walls.All, "echo unsat; echo '(error \"line 5 column 10: model is not available\")'; exit 1");

        Assert.Equal(ProverAnswer.Unsat, run.Answer);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.SessionOnly)]
    [InlineData(Walls.None)]
    public async Task HangIsTimedOut(Walls walls)
    {
        var run = await Try(walls, "echo unsat; sleep $NAP");

        Assert.Equal(ProverAnswer.TimedOut, run.Answer);
        Assert.Contains("wall-clock", run.Reason, StringComparison.Ordinal);
        Assert.Equal("unsat\n", run.StandardOutput);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.None)]
    public async Task IgnoredSignalsDoNotHelp(Walls walls)
    {
        var run = await Try(walls, "trap '' TERM INT HUP QUIT XCPU PIPE; while :; do sleep $NAP; done");

        Assert.Equal(ProverAnswer.TimedOut, run.Answer);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.None)]
    public async Task ProcessorTimeIsCapped(Walls walls)
    {
        var run = await Try(walls, "while :; do :; done", ScriptedSolver.Caps(wall: 20, cpu: 1));

        Assert.Equal(ProverAnswer.TimedOut, run.Answer);
        Assert.Contains("processor time", run.Reason, StringComparison.Ordinal);
        Assert.InRange(run.Wall.TotalSeconds, 0.9, 10);
        Assert.InRange(run.ProcessorTime!.Value.TotalSeconds, 0.4, 3);
    }

    [Theory]
    [InlineData("echo unsat; exec head -c 10000000000 /dev/zero")]
    [InlineData("echo unsat; exec head -c 10000000000 /dev/zero >&2")]
    [InlineData("yes unsat | head -c 10000000000")]
    public async Task TenGigabytesOfOutputAreCutOff(string body)
    {
        var run = await Try(Walls.All, body, ScriptedSolver.Caps(wall: 10));

        Assert.Equal(ProverAnswer.OutputTooLarge, run.Answer);
        Assert.InRange(run.StandardOutput.Length, 0, 4 << 20);
        Assert.InRange(run.StandardError.Length, 0, 1 << 16);
    }

    [Fact]
    public async Task OutputIsWholeAtTheCapAndCutOneByteAbove()
    {
        var whole = await Try(Walls.All, "echo unknown; head -c 992 /dev/zero", ScriptedSolver.Caps(output: 1000));
        var above = await Try(Walls.All, "echo unknown; head -c 993 /dev/zero", ScriptedSolver.Caps(output: 1000));

        Assert.Equal((ProverAnswer.Unknown, 1000), (whole.Answer, whole.StandardOutput.Length));
        Assert.Equal((ProverAnswer.OutputTooLarge, 1000), (above.Answer, above.StandardOutput.Length));
    }

    // One process that doubles a text: the kernel refuses the address space, or sampling sees it grow.
    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.None)]
    public async Task MemoryBombIsOutOfMemory(Walls walls)
    {
        var run = await Try(
            walls,
            "x=0123456789abcdef; while :; do x=$x$x; done",
            ScriptedSolver.Caps(wall: 10, cpu: 20, memory: 128L << 20));

        Assert.Equal(ProverAnswer.OutOfMemory, run.Answer);
    }

    // Each child stays below the cap of one process; only their sum is above it.
    [Fact]
    public async Task MemoryOfTheWholeTreeCounts()
    {
        var run = await Try(
            Walls.All,
            "for child in 1 2 3 4 5 6; do (x=0123456789abcdef; n=0; while [ $n -lt 21 ]; do x=$x$x; n=$((n+1)); done; sleep $NAP) & done; wait",
            ScriptedSolver.Caps(wall: 10, cpu: 20, memory: 160L << 20));

        Assert.Equal(ProverAnswer.OutOfMemory, run.Answer);
        Assert.Contains("memory", run.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.SessionOnly)]
    [InlineData(Walls.None)]
    public async Task GrandchildrenDieWithTheAnswer(Walls walls)
    {
        var run = await Try(walls, "(sleep $NAP & sleep $NAP &) ; setsid sleep $NAP & nohup sleep $NAP >/dev/null 2>&1 & echo unsat");

        Assert.Equal(ProverAnswer.Unsat, run.Answer);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.NoNamespace)]
    [InlineData(Walls.None)]
    public async Task GrandchildrenDieWithTheWatchdog(Walls walls)
    {
        var run = await Try(walls, "(setsid sh -c \"trap '' TERM; sleep $NAP; sleep $NAP\" &) ; sleep $NAP & sleep $NAP");

        Assert.Equal(ProverAnswer.TimedOut, run.Answer);
    }

    // Out of the session and without the marker in its environment: only the process namespace reaches it.
    [NamespaceFact]
    public async Task NothingLeavesTheNamespace()
    {
        var run = await Try(Walls.All, "(env -i setsid setsid /bin/sleep $NAP &) ; echo unknown");

        Assert.Equal(ProverAnswer.Unknown, run.Answer);
    }

    [Theory]
    [InlineData("exec 0<&-; echo unknown")]
    [InlineData("echo unknown")]
    [InlineData("head -c 10 >/dev/null; echo unknown")]
    public async Task InputLeftUnreadIsNoHarm(string body)
    {
        var run = await Try(Walls.All, body, text: new string(' ', 1 << 20));

        Assert.Equal(ProverAnswer.Unknown, run.Answer);
        Assert.Contains(run.Notes, note => note.Contains("did not read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InputNeverReadDoesNotHoldUsUp()
    {
        var run = await Try(Walls.All, "sleep $NAP", text: new string(' ', 1 << 20));

        Assert.Equal(ProverAnswer.TimedOut, run.Answer);
    }

    [Fact]
    public async Task MegabytesGoInAndOutAtTheSameTime()
    {
        var run = await Try(Walls.All, "echo unknown; cat", ScriptedSolver.Caps(wall: 10), new string('x', 3 << 20));

        Assert.Equal(ProverAnswer.Unknown, run.Answer);
        Assert.Equal((3 << 20) + "unknown\n".Length, run.StandardOutput.Length);
    }

    [Fact]
    public async Task SlowAnswerWithinTheCapCounts()
    {
        var run = await Try(Walls.All, "for step in 1 2 3 4 5; do sleep 0.1; done; printf uns; sleep 0.2; echo at", ScriptedSolver.Caps(wall: 5));

        Assert.Equal(ProverAnswer.Unsat, run.Answer);
        Assert.InRange(run.Wall.TotalSeconds, 0.7, 5);
    }

    [Fact]
    public async Task EnvironmentIsBareAndFolderEmpty()
    {
        Environment.SetEnvironmentVariable("PROVER_TEST_SECRET", "not for provers");
        var run = await Try(Walls.All, "echo unknown; env | sort; ls -A; touch made; (echo text > written); ls -s written");

        Assert.DoesNotContain("PROVER_TEST_SECRET", run.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("LC_ALL=C\n", run.StandardOutput, StringComparison.Ordinal);
        Assert.EndsWith("0 written\n", run.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Walls.All)]
    [InlineData(Walls.None)]
    public async Task CancellationKillsAndThrows(Walls walls)
    {
        using var solver = new ScriptedSolver("trap '' TERM; sleep $NAP & while :; do sleep $NAP; done");
        using var cancellation = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var running = solver.RunAsync(Of(walls), ScriptedSolver.Caps(wall: 60), cancellation: cancellation.Token);

        await Task.Delay(300);
        Assert.NotEmpty(solver.Survivors());
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3));
        Assert.Empty(solver.Survivors());
    }

    [Fact]
    public async Task SeveralAtOnceStayApart()
    {
        var bodies = new[] { "sleep 0.3; echo sat", "sleep 0.1; echo unsat", "sleep $NAP", "echo unknown", "exit 9", "sleep 0.2; echo unsat" };
        var solvers = bodies.Select(body => new ScriptedSolver(body)).ToList();

        var runs = await Task.WhenAll(solvers.Select(solver => solver.RunAsync(Containment.Probed, ScriptedSolver.Caps(wall: 2))));

        Assert.Equal(
            [ProverAnswer.Sat, ProverAnswer.Unsat, ProverAnswer.TimedOut, ProverAnswer.Unknown, ProverAnswer.Failed, ProverAnswer.Unsat],
            runs.Select(run => run.Answer));
        Assert.All(solvers, solver => Assert.Empty(solver.Survivors()));
        solvers.ForEach(solver => solver.Dispose());
    }

    // Our own process may be killed at any time; then nobody watches, and the wrapper alone must end the prover.
    [NamespaceFact]
    public void TheWrapperEndsTheProverWithoutUs()
    {
        using var solver = new ScriptedSolver("trap '' TERM; setsid sleep $NAP & while :; do sleep $NAP; done");
        var command = Containment.Probed.Wrap(solver.Executable, [], ScriptedSolver.Caps(wall: 0.5));
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true })!;

        Assert.True(process.WaitForExit(4000));
        SpinWait.SpinUntil(() => solver.Survivors().Count == 0, 1000);
        Assert.Empty(solver.Survivors());
    }

    [Fact]
    public async Task WhatCannotStartHasFailed()
    {
        using var solver = new ScriptedSolver("echo unsat");
        var absent = new InstalledProver(ProverKind.Z3, Path.Combine(solver.Folder, "absent"), "0.0", null);

        var bare = await new Prover(absent, Containment.Nothing).RunAsync("", ScriptedSolver.Caps());
        var wrapped = await new Prover(absent, Containment.Probed).RunAsync("", ScriptedSolver.Caps());

        Assert.Equal((ProverAnswer.Failed, null), (bare.Answer, bare.ExitCode));
        Assert.Equal(ProverAnswer.Failed, wrapped.Answer);
    }
}

/// <summary>Runs where a process namespace is to be had, and is skipped by name elsewhere.</summary>
public sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute()
    {
        if (Containment.Probed.Namespace is null)
        {
            Skip = "this system gives no process namespace to its users";
        }
    }
}
