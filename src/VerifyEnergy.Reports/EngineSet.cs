using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;
using VerifyEnergy.Engines;
using VerifyEnergy.Provers;

namespace VerifyEnergy.Reports;

/// <summary>The engines of this machine and the questions they put to outside solvers.</summary>
public sealed class EngineSet
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<SmtRun>> questions = new(StringComparer.Ordinal);

    /// <param name="provers">Solvers found on this machine.</param>
    /// <param name="wall">Wall and processor time for one question, a safety net.</param>
    /// <param name="memory">Bytes for one solver.</param>
    public EngineSet(ProverInstallation provers, TimeSpan wall, long memory)
    {
        Provers = provers;
        var caps = new ProverCaps(wall, wall, memory);
        SmtSolver[] solvers = [.. provers.Found.Select(found =>
        {
            var prover = new Prover(found);
            return new SmtSolver(
                found.Name,
                found.Version,
                found.Caution is { } caution ? FSharpOption<string>.Some(caution) : FSharpOption<string>.None,
                (text, cancellation) => prover.RunAsync(text, caps, cancellation));
        })];
        Engines = Verifier.Engines(solvers, (target, run) => questions.GetOrAdd(Key(target.Hash, target.Instance), _ => new()).Enqueue(run));
    }

    /// <summary>Engines of one's own, without outside solvers.</summary>
    public EngineSet(IReadOnlyList<IEngine> engines) => (Engines, Provers) = (engines, new ProverInstallation([], []));

    public IReadOnlyList<IEngine> Engines { get; }

    public ProverInstallation Provers { get; }

    /// <summary>Names of all engines, whether they apply here or not.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Verifier.Engines([], (_, _) => { }).Select(engine => engine.Name)];

    /// <summary>Checker, guard and engines with their versions: what bears on every verdict.</summary>
    internal IEnumerable<(string Name, string Version)> Versions => Verifier.Versions(Engines).Select(version => (version.Item1, version.Item2));

    /// <summary>The questions that a solver answered with unsat at one instance, each once; they are forgotten here.</summary>
    internal IReadOnlyList<string> TakeUnsatisfiable(string hash, int[] instance) =>
        questions.TryRemove(Key(hash, instance), out ConcurrentQueue<SmtRun>? runs)
            ? [.. runs.Where(run => run.Range.IsReals && run.Run.Answer == ProverAnswer.Unsat).Select(run => run.Text).Distinct(StringComparer.Ordinal)]
            : [];

    private static string Key(string hash, int[] instance) => hash + " " + string.Join(",", instance);
}
