using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading;

namespace VerifyEnergy.Provers;

/// <summary>What ended a contained process.</summary>
internal enum StopCause
{
    Ended,
    WallClock,
    ProcessorTime,
    Memory,
    Output,
    Cancelled,
    NotStarted,
}

/// <summary>What is left of a contained process.</summary>
internal sealed record ProcessOutcome(
    StopCause Stop,
    string Cause,
    int? ExitCode,
    string StandardOutput,
    string StandardError,
    TimeSpan Wall,
    TimeSpan? ProcessorTime,
    long PeakAddressSpace,
    IReadOnlyList<string> Notes)
{
    internal string Describe() => Stop switch
    {
        StopCause.Ended when ExitCode is > 128 and <= 192 => $"died of signal {ExitCode - 128}{ErrorTail()}",
        StopCause.Ended => $"ended with exit code {ExitCode}{ErrorTail()}",
        _ => Cause,
    };

    private string ErrorTail()
    {
        var error = StandardError.Trim();
        return error.Length == 0 ? "" : ": " + AnswerText.Shorten(error.ReplaceLineEndings(" "));
    }
}

/// <summary>
/// Starts a program inside a <see cref="Containment"/>, feeds and reads it, and watches its caps. When <see cref="Run"/> returns or
/// throws, the program and whatever it started have been killed and its working folder is gone.
/// </summary>
internal static class ContainedProcess
{
    private const int ErrorBytesKept = 1 << 16;

    // A signal that the kernel sends at the soft limit of processor time.
    private const int ExitCodeOfSigXcpu = 128 + 24;
    private const int ExitCodeOfSigKill = 128 + 9;

    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMilliseconds(400);

    internal const string MarkerName = "VERIFY_ENERGY_RUN";

    /// <summary>Runs to the end or to a cap; blocks for at most two seconds beyond the wall-clock cap.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static ProcessOutcome Run(
        string executable,
        IReadOnlyList<string> arguments,
        string input,
        ProverCaps caps,
        Containment containment,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();

        var folder = Directory.CreateTempSubdirectory("verify-energy-").FullName;
        var notes = new ConcurrentQueue<string>(containment.Notes);
        ProcessOutcome outcome;

        try
        {
            outcome = RunIn(folder, executable, arguments, input, caps, containment, notes, cancellation);
        }
        finally
        {
            Remove(folder, notes);
        }

        return outcome with { Notes = [.. notes] };
    }

    private static ProcessOutcome RunIn(
        string folder,
        string executable,
        IReadOnlyList<string> arguments,
        string input,
        ProverCaps caps,
        Containment containment,
        ConcurrentQueue<string> notes,
        CancellationToken cancellation)
    {
        var mark = Guid.NewGuid().ToString("N");
        var clock = Stopwatch.StartNew();

        using var process = new Process { StartInfo = StartInfo(containment.Wrap(executable, arguments, caps), folder, mark) };

        try
        {
            process.Start();
        }
        catch (Win32Exception problem)
        {
            return new ProcessOutcome(StopCause.NotStarted, $"{executable} could not be started: {problem.Message}", null, "", "", clock.Elapsed, null, 0, []);
        }

        var tree = new ProcessTree(process.Id, containment.Session is not null, $"{MarkerName}={mark}");
        var output = new CappedReader(process.StandardOutput.BaseStream, caps.OutputBytes, caps.OutputBytes);
        var error = new CappedReader(process.StandardError.BaseStream, ErrorBytesKept, caps.OutputBytes);
        var feed = Feed(process.StandardInput.BaseStream, input, notes);

        var (stop, cause) = Watch(process, clock, caps, tree, output, error, cancellation);

        Exterminate(process, tree, notes);

        // Every holder of the pipes is dead, so the readers are at their end; a reader that is not is left behind on its own thread.
        foreach (var reader in new[] { output, error })
        {
            if (!reader.Join(DrainPatience))
            {
                notes.Enqueue("an output pipe stayed open after the run");
            }
        }

        feed.Join(DrainPatience);
        cancellation.ThrowIfCancellationRequested();

        int? exitCode = process.HasExited ? process.ExitCode : null;

        if (stop == StopCause.Ended && output.IsOverfull)
        {
            (stop, cause) = (StopCause.Output, OutputCause(caps));
        }
        else if (stop == StopCause.Ended
            && (exitCode == ExitCodeOfSigXcpu || (exitCode == ExitCodeOfSigKill && tree.ProcessorTime >= caps.ProcessorTime)))
        {
            (stop, cause) = (StopCause.ProcessorTime, ProcessorCause(caps));
        }

        return new ProcessOutcome(
            stop,
            cause,
            exitCode,
            output.Text(),
            error.Text(),
            clock.Elapsed,
            ProcessTree.IsVisible ? tree.ProcessorTime : null,
            tree.PeakAddressSpace,
            []);
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> command, string folder, string mark)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = folder,
        };

        for (var index = 1; index < command.Count; index++)
        {
            start.ArgumentList.Add(command[index]);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LC_ALL"] = "C";
        start.Environment["HOME"] = folder;
        start.Environment["TMPDIR"] = folder;
        start.Environment[MarkerName] = mark;
        return start;
    }

    private static (StopCause Stop, string Cause) Watch(
        Process process,
        Stopwatch clock,
        ProverCaps caps,
        ProcessTree tree,
        CappedReader output,
        CappedReader error,
        CancellationToken cancellation)
    {
        // Close looks at first, since most queries end at once; later ten a second.
        var pause = 2;

        while (true)
        {
            var left = (caps.Wall - clock.Elapsed).TotalMilliseconds;

            if (left > 0 && process.WaitForExit((int)Math.Ceiling(Math.Min(pause, left))))
            {
                return (StopCause.Ended, "");
            }

            if (cancellation.IsCancellationRequested)
            {
                return (StopCause.Cancelled, "cancelled");
            }

            tree.Sample();

            if (output.IsOverfull || error.IsOverfull)
            {
                return (StopCause.Output, OutputCause(caps));
            }

            if (tree.ResidentBytes > caps.MemoryBytes)
            {
                return (StopCause.Memory, $"killed above its {caps.MemoryBytes >> 20} MiB of memory");
            }

            if (tree.ProcessorTime > caps.ProcessorTime)
            {
                return (StopCause.ProcessorTime, ProcessorCause(caps));
            }

            if (clock.Elapsed >= caps.Wall)
            {
                return (StopCause.WallClock, FormattableString.Invariant($"killed after its {caps.Wall.TotalSeconds} s of wall-clock time"));
            }

            pause = Math.Min(pause * 2, 100);
        }
    }

    private static string OutputCause(ProverCaps caps) => $"killed after {caps.OutputBytes} bytes of output";

    private static string ProcessorCause(ProverCaps caps) =>
        FormattableString.Invariant($"killed after its {caps.ProcessorTime.TotalSeconds} s of processor time");

    private static void Exterminate(Process process, ProcessTree tree, ConcurrentQueue<string> notes)
    {
        var alive = !process.HasExited;

        if (alive && !ProcessTree.IsVisible)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception problem) when (problem is InvalidOperationException or Win32Exception or AggregateException)
            {
                // It ended meanwhile.
                notes.Enqueue(problem.Message);
            }
        }

        if (ProcessTree.IsVisible && tree.KillAll(alive, SweepPatience) is > 0 and var left)
        {
            notes.Enqueue($"{left} processes did not die in time");
        }

        process.WaitForExit((int)SweepPatience.TotalMilliseconds / 2);
    }

    // On a thread of its own: a prover that never reads would otherwise hold us up at a full pipe.
    private static Thread Feed(Stream stream, string input, ConcurrentQueue<string> notes)
    {
        var thread = new Thread(() =>
        {
            try
            {
                using (stream)
                {
                    stream.Write(Encoding.UTF8.GetBytes(input));
                }
            }
            catch (Exception problem) when (problem is IOException or ObjectDisposedException)
            {
                notes.Enqueue("the prover did not read all of its input");
            }
        })
        {
            IsBackground = true,
            Name = "prover input",
        };
        thread.Start();
        return thread;
    }

    private static void Remove(string folder, ConcurrentQueue<string> notes)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            notes.Enqueue($"the working folder could not be removed: {problem.Message}");
        }
    }
}

/// <summary>Reads a stream on a thread of its own: keeps the first bytes, counts all, and stops reading above the cap.</summary>
internal sealed class CappedReader
{
    private readonly Stream stream;
    private readonly int kept;
    private readonly int cap;
    private readonly MemoryStream buffer = new();
    private readonly Thread thread;
    private volatile bool overfull;

    internal CappedReader(Stream stream, int kept, int cap)
    {
        this.stream = stream;
        this.kept = kept;
        this.cap = cap;
        thread = new Thread(Read) { IsBackground = true, Name = "prover output" };
        thread.Start();
    }

    internal bool IsOverfull => overfull;

    internal bool Join(TimeSpan patience) => thread.Join(patience);

    internal string Text()
    {
        lock (buffer)
        {
            return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        }
    }

    private void Read()
    {
        var chunk = new byte[1 << 14];
        long total = 0;

        try
        {
            while (!overfull && stream.Read(chunk) is > 0 and var count)
            {
                lock (buffer)
                {
                    buffer.Write(chunk, 0, (int)Math.Min(count, kept - buffer.Length));
                }

                total += count;
                overfull = total > cap;
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // The pipe was closed under us by the end of the run.
        }
    }
}
