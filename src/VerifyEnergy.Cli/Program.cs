using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // What went wrong before the command line was understood is still said in the form that was asked for.
        bool json = arguments.Contains("--json");
        var terminal = new Terminal(arguments.Contains("--no-color"));
        using var interruption = new Interruption(() => Failure.Report([Interrupted], json, terminal));
        try
        {
            (Settings? settings, int? done, IReadOnlyList<ErrorRecord> errors) = new CommandLine().Read(arguments);
            return done ?? (settings is null
                ? Failure.Report(errors, json, terminal)
                : await Commands.Run(settings, new Terminal(settings.NoColour), interruption.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            return Failure.Report([Interrupted], json, terminal);
        }
        catch (CannotWriteException refused)
        {
            return Failure.Report([Error(ExitCode.CannotWrite, refused.Message)], json, terminal);
        }
        catch (Exception unforeseen)
        {
            string message = unforeseen.Message.ReplaceLineEndings(" ");
            return Failure.Report([Error(ExitCode.Internal, $"internal error: {unforeseen.GetType().Name}: {(message.Length > 300 ? message[..300] + "…" : message)}")], json, terminal);
        }
    }

    private static ErrorRecord Interrupted => Error(ExitCode.Interrupted, "interrupted; the evidence so far is kept, --resume goes on from it");

    private static ErrorRecord Error(ExitCode code, string message) => new((int)code, message, null, null, null, null, null);

    /// <summary>
    /// Ctrl-C and SIGTERM: the first asks the run to stop and gives it a few seconds, the second ends the process at once. Either way
    /// the exit code is 130; evidence is only ever whole files, so nothing is lost by ending at once.
    /// </summary>
    private sealed class Interruption : IDisposable
    {
        private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

        private readonly CancellationTokenSource source = new();
        private readonly Func<int> last;
        private readonly PosixSignalRegistration[] signals;
        private int times;

        /// <param name="last">What is still said when the run does not stop by itself.</param>
        public Interruption(Func<int> last)
        {
            this.last = last;
            signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
        }

        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            foreach (PosixSignalRegistration signal in signals)
            {
                signal.Dispose();
            }

            source.Dispose();
        }

        private void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref times) > 1)
            {
                Environment.Exit((int)ExitCode.Interrupted);
            }

            source.Cancel();
            _ = Task.Delay(Grace).ContinueWith(_ => Environment.Exit(last()), TaskScheduler.Default);
        }
    }
}
