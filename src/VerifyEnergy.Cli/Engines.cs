using System;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Provers;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>The engines of this machine, with the limits of a command line.</summary>
internal static class Engines
{
    /// <summary>Most time for one question to a solver: a hard one is given up before it eats the time of its claim.</summary>
    private static readonly TimeSpan MostForQuestion = TimeSpan.FromSeconds(5);

    /// <summary>Looks for solvers while something else is done.</summary>
    public static Task<ProverInstallation> FindProvers(CancellationToken cancellation) => Task.Run(() => ProverInstallation.Find(cancellation: cancellation), cancellation);

    public static EngineSet Of(Settings settings, ProverInstallation provers) =>
        new(provers, settings.Timeout < MostForQuestion ? settings.Timeout : MostForQuestion, settings.Memory);
}
