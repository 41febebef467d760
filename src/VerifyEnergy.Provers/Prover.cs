using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VerifyEnergy.Provers;

/// <summary>
/// Runs an installed prover on SMT-LIB 2 text as a contained child process: its own session and (where the system allows) process
/// namespace, capped from outside in wall time, processor time, memory, files and output, with an almost empty environment and an empty
/// working folder; whatever it starts is dead before a run returns.
/// </summary>
public sealed class Prover
{
    private readonly InstalledProver installed;
    private readonly Containment containment;

    public Prover(InstalledProver installed)
        : this(installed, Containment.Probed)
    {
    }

    internal Prover(InstalledProver installed, Containment containment)
    {
        ArgumentNullException.ThrowIfNull(installed);
        this.installed = installed;
        this.containment = containment;
    }

    public InstalledProver Installed => installed;

    /// <summary>The options every run uses: text from standard input, fixed seeds, so that a run can be repeated.</summary>
    public IReadOnlyList<string> Options => installed.Kind switch
    {
        ProverKind.Z3 => ["-in", "-smt2", "sat.random_seed=0", "smt.random_seed=0", "nlsat.seed=0"],
        ProverKind.Cvc5 => ["--lang=smt2", "--produce-models", "--seed=0", "--sat-random-seed=0"],
        _ => throw new ArgumentOutOfRangeException(nameof(installed), installed.Kind, "No such prover."),
    };

    /// <summary>
    /// Gives the prover the text, which holds one <c>(check-sat)</c>, and returns what came of it, at most two seconds after the
    /// wall-clock cap. Works on threads of its own.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; the prover and all it started are dead by then.</exception>
    public Task<ProverRun> RunAsync(string text, ProverCaps caps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(caps);

        return Task.Factory.StartNew(
            () => Run(text, caps, cancellation),
            cancellation,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
    }

    private ProverRun Run(string text, ProverCaps caps, CancellationToken cancellation)
    {
        var options = Options;
        var outcome = ContainedProcess.Run(installed.Executable, options, text, caps, containment, cancellation);
        var (answer, reason) = AnswerText.Classify(outcome, caps);

        return new ProverRun(
            answer,
            reason,
            installed.Name,
            installed.Version,
            options,
            outcome.StandardOutput,
            outcome.StandardError,
            outcome.ExitCode,
            outcome.Wall,
            outcome.ProcessorTime,
            outcome.Notes);
    }
}
