using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Provers;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary><c>doctor</c>: what is here, how to get what is not, and whether a true, a false and a vacuous claim come out as they must.</summary>
internal static class DoctorCommand
{
    private const string Canaries = """
        claim canary-true     let x, y : real  show x^2 + y^2 >= 2*x*y
        claim canary-false    let x : real  show x^2 > 0  expect refuted
        claim canary-vacuous  let x : pos  where x < 0  show x = 1  expect vacuous
        """;

    public static async Task<int> Run(Settings settings, Terminal terminal, CancellationToken cancellation)
    {
        ProverInstallation provers = await Engines.FindProvers(cancellation).ConfigureAwait(false);
        (IReadOnlyList<LoadedClaim> claims, IReadOnlyList<ErrorRecord> errors) = ClaimLoader.Load([new ClaimSource("canaries", null, Canaries)]);
        if (errors.Count > 0)
        {
            return Failure.Report([.. errors.Select(error => error with { Code = (int)ExitCode.Internal })], settings.Json, terminal);
        }

        RunResult result = await new Run(new RunRequest { UseEvidence = false }, Engines.Of(settings, provers), new NoEvidence()).Execute(claims, null, null, cancellation).ConfigureAwait(false);
        ClaimRecord[] wrong = [.. result.Record.Claims.Where(claim => !claim.AsExpected)];
        int code = wrong.Length == 0 ? 0 : (int)ExitCode.Conflict;
        if (settings.Json)
        {
            ErrorRecord[] missing = [.. provers.Missing.Select(prover => new ErrorRecord(0, $"{prover.Name}: {prover.Reason}", null, null, null, null, prover.Remedy))];
            terminal.Out(RunJson.Write(result.Record with
            {
                Engines = [.. result.Record.Engines, .. provers.Found.Select(prover => new EngineRecord(prover.Name, prover.Version))],
                Summary = result.Record.Summary with { ExitCode = code },
                Errors = [.. result.Record.Errors, .. missing],
            }));
            return code;
        }

        var text = new StringBuilder();
        text.Append("verify-energy ").Append(RunRecords.Version).Append(" on ").Append(Inert.Line(HostRecord.Here().Runtime)).Append(", ").Append(Environment.ProcessorCount).Append(" processors\n\nEngines\n");
        foreach (EngineRecord engine in result.Record.Engines)
        {
            text.Append("  ").Append(engine.Name.PadRight(16)).Append(engine.Version).Append('\n');
        }

        text.Append("\nOutside provers (optional: no certificate and no witness rests on them)\n");
        foreach (InstalledProver prover in provers.Found)
        {
            text.Append("  ").Append(prover.Name.PadRight(16)).Append(Inert.Line(prover.Version)).Append("  ").Append(Inert.Line(prover.Executable)).Append('\n');
            text.Append(prover.Caution is { } caution ? $"{"",18}{Inert.Line(caution)}\n" : "");
        }

        foreach (MissingProver prover in provers.Missing)
        {
            text.Append("  ").Append(prover.Name.PadRight(16)).Append("missing: ").Append(Inert.Line(prover.Reason)).Append("; get it with: ").Append(prover.Remedy).Append('\n');
        }

        text.Append("\nCanaries\n");
        var report = new TerminalReport(terminal.ColoursOut);
        foreach (ClaimRecord claim in result.Record.Claims)
        {
            text.Append("  ").Append(claim.AsExpected ? "as it must be   " : "NOT as it must be").Append(' ').Append(report.Heading(claim));
        }

        terminal.Out(text.ToString());
        return code;
    }
}
