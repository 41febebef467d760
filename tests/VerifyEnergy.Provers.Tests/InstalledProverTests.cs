using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace VerifyEnergy.Provers.Tests;

/// <summary>Needs a real prover: skipped, by name, where it is not installed, but run (and red) under CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProverFactAttribute : FactAttribute
{
    private static readonly Lazy<ProverInstallation> Installation = new(() => ProverInstallation.Find());

    public ProverFactAttribute(ProverKind kind)
    {
        var missing = Installation.Value.Missing.FirstOrDefault(missing => missing.Kind == kind);

        if (missing is not null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"{missing.Name}: {missing.Reason}; {missing.Remedy}";
        }
    }

    internal static InstalledProver Installed(ProverKind kind)
    {
        var found = Installation.Value.Found.FirstOrDefault(found => found.Kind == kind);
        Assert.True(found is not null, $"{kind} is not installed");
        return found;
    }
}

[Collection("child processes")]
public class InstalledProverTests
{
    private const string Squares =
        """
        (set-logic QF_NRA)
        (declare-const x Real)
        (declare-const y Real)
        (assert (< (+ (* x x) (* y y)) 0.0))
        (check-sat)
        (get-model)
        """;

    private const string Halves =
        """
        (set-logic QF_LRA)
        (declare-const x Real)
        (assert (= (* 2.0 x) (- 3.0)))
        (check-sat)
        (get-model)
        """;

    // Fermat's equation for cubes: no prover here decides it.
    private const string Fermat =
        """
        (set-logic QF_NIA)
        (declare-const x Int)
        (declare-const y Int)
        (declare-const z Int)
        (assert (and (> x 0) (> y 0) (> z 0)))
        (assert (= (+ (* x x x) (* y y y)) (* z z z)))
        (check-sat)
        """;

    [ProverFact(ProverKind.Z3)]
    public Task Z3AnswersUnsat() => Answers(ProverKind.Z3, Squares, ProverAnswer.Unsat);

    [ProverFact(ProverKind.Cvc5)]
    public Task Cvc5AnswersUnsat() => Answers(ProverKind.Cvc5, Squares, ProverAnswer.Unsat);

    [ProverFact(ProverKind.Z3)]
    public async Task Z3GivesAModel() =>
        Assert.Contains("(/ 3.0 2.0)", (await Answers(ProverKind.Z3, Halves, ProverAnswer.Sat)).StandardOutput, StringComparison.Ordinal);

    [ProverFact(ProverKind.Cvc5)]
    public async Task Cvc5GivesAModel() =>
        Assert.Contains("(/ (- 3) 2)", (await Answers(ProverKind.Cvc5, Halves, ProverAnswer.Sat)).StandardOutput, StringComparison.Ordinal);

    [ProverFact(ProverKind.Z3)]
    public Task Z3IsStopped() => Answers(ProverKind.Z3, Fermat, ProverAnswer.TimedOut);

    [ProverFact(ProverKind.Cvc5)]
    public Task Cvc5IsStopped() => Answers(ProverKind.Cvc5, Fermat, ProverAnswer.TimedOut);

    [ProverFact(ProverKind.Z3)]
    public Task Z3WithoutMemorySaysSo() => Answers(ProverKind.Z3, Fermat, ProverAnswer.OutOfMemory, 48L << 20, wall: 20);

    [ProverFact(ProverKind.Z3)]
    public Task Z3ThatMisreadTheTextHasFailed() =>
        Answers(ProverKind.Z3, "(assert (< undeclared 0.0))\n(assert false)\n(check-sat)", ProverAnswer.Failed);

    [ProverFact(ProverKind.Cvc5)]
    public Task Cvc5ThatMisreadTheTextHasFailed() =>
        Answers(ProverKind.Cvc5, "(set-logic QF_LRA)\n(assert (< undeclared 0.0))\n(check-sat)", ProverAnswer.Failed);

    private static async Task<ProverRun> Answers(ProverKind kind, string text, ProverAnswer wanted, long memory = 1L << 30, double wall = 2)
    {
        var prover = new Prover(ProverFactAttribute.Installed(kind));
        var run = await prover.RunAsync(text, ScriptedSolver.Caps(wall, cpu: 30, memory));

        Assert.True(run.Answer == wanted, $"{run.Answer}: {run.Reason}\n{run.StandardOutput}{run.StandardError}");
        Assert.Equal(prover.Options, run.Options);
        Assert.Equal(prover.Installed.Version, run.Version);
        return run;
    }
}

[Collection("child processes")]
public class ProverInstallationTests
{
    [Fact]
    public void EveryKindIsFoundOrMissingWithARemedy()
    {
        var installation = ProverInstallation.Find();

        Assert.Equal(
            Enum.GetValues<ProverKind>(),
            installation.Found.Select(found => found.Kind).Concat(installation.Missing.Select(missing => missing.Kind)).Order());
        Assert.All(installation.Found, found => Assert.Matches(@"^\d+(\.\d+)+", found.Version));
        Assert.All(installation.Missing, missing => Assert.StartsWith("apt-get install ", missing.Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void AnEmptyPathHasNoProvers()
    {
        var installation = ProverInstallation.Find("");

        Assert.Empty(installation.Found);
        Assert.Equal(["z3", "cvc5"], installation.Missing.Select(missing => missing.Name));
        Assert.All(installation.Missing, missing => Assert.Equal("not on the PATH", missing.Reason));
    }

    [Fact]
    public void AVersionIsReadFromTheFirstLine()
    {
        using var solver = new ScriptedSolver("echo 'Z3 version 4.13.4 - 64 bit'");

        var found = Assert.Single(ProverInstallation.Find(solver.Folder).Found);

        Assert.Equal((ProverKind.Z3, solver.Executable, "4.13.4", null), (found.Kind, found.Executable, found.Version, found.Caution));
    }

    [Fact]
    public void AnUnsoundVersionCarriesACaution()
    {
        using var solver = new ScriptedSolver("echo 'Z3 version 4.8.12 - 64 bit'");

        Assert.Contains("7174", Assert.Single(ProverInstallation.Find(solver.Folder).Found).Caution, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sleep $NAP")]
    [InlineData("echo 'Z3 version 4.13.4 - 64 bit'; exit 1")]
    [InlineData("echo 'Z4 version 4.13.4 - 64 bit'")]
    [InlineData("exec yes 'Z3 version 4.13.4'")]
    public void AProverThatDoesNotTellItsVersionIsMissing(string body)
    {
        using var solver = new ScriptedSolver(body);

        var installation = ProverInstallation.Find(solver.Folder);

        Assert.Empty(installation.Found);
        Assert.Contains(solver.Executable, installation.Missing[0].Reason, StringComparison.Ordinal);
        Assert.Empty(solver.Survivors());
    }

    [Fact]
    public void RelativeFoldersAndFilesThatDoNotRunArePassedOver()
    {
        using var solver = new ScriptedSolver("echo 'Z3 version 4.13.4 - 64 bit'");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, solver.Folder);

        Assert.Empty(ProverInstallation.Find(relative).Found);

        File.SetUnixFileMode(solver.Executable, UnixFileMode.UserRead);
        Assert.Empty(ProverInstallation.Find(solver.Folder).Found);
    }
}

public class ProverCapsTests
{
    [Fact]
    public void CapsAreCheckedAtTheBorder()
    {
        var second = TimeSpan.FromSeconds(1);

        Assert.Throws<ArgumentOutOfRangeException>(() => new ProverCaps(TimeSpan.Zero, second, 1 << 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProverCaps(second, -second, 1 << 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProverCaps(second, second, (16 << 20) - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProverCaps(second, second, 1 << 30, 0));
        Assert.Equal(4 << 20, new ProverCaps(second, second, 16 << 20).OutputBytes);
    }
}
