using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Provers;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary><c>recheck --solvers</c>: the kept SMT-LIB files put to every solver found. Each was answered <c>unsat</c> when it was kept.</summary>
internal static class SolverReplay
{
    /// <summary>The run with an error, and exit code 3 unless something graver stands, for each <c>sat</c>; other answers are only told.</summary>
    public static async Task<RunResult> Ask(
        RunResult result, IReadOnlyList<LoadedClaim> claims, ProverInstallation provers, Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        var caps = new ProverCaps(settings.Timeout, settings.Timeout, settings.Memory);
        var errors = new List<ErrorRecord>();
        foreach (LoadedClaim claim in claims)
        {
            if (EvidenceFolders.QuestionsOf(claim.Source, claim.Heading.Id) is not { } folder || !Directory.Exists(folder))
            {
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(folder, "*.smt2").Order(StringComparer.Ordinal))
            {
                string name = Path.GetRelativePath(Directory.GetCurrentDirectory(), file);
                foreach (InstalledProver prover in provers.Found)
                {
                    ProverRun run = await new Prover(prover).RunAsync(File.ReadAllText(file), caps, cancellation).ConfigureAwait(false);
                    terminal.Error($"{prover.Name} {Inert.Line(prover.Version)}: {run.Answer.ToString().ToLowerInvariant()}  {Inert.Line(name)}\n");
                    if (run.Answer == ProverAnswer.Sat)
                    {
                        errors.Add(new ErrorRecord((int)ExitCode.Conflict, $"{claim.Heading.Id}: {prover.Name} {prover.Version} answers sat to a question that was answered unsat", name, null, null, null, null));
                    }
                }
            }
        }

        ExitCode code = errors.Count > 0 && result.ExitCode is not (ExitCode.Interrupted or ExitCode.Internal) ? ExitCode.Conflict : result.ExitCode;
        return errors.Count == 0 ? result : result with
        {
            ExitCode = code,
            Record = result.Record with { Errors = [.. result.Record.Errors, .. errors], Summary = result.Record.Summary with { ExitCode = (int)code } },
        };
    }
}
