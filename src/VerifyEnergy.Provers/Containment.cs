using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace VerifyEnergy.Provers;

/// <summary>
/// The tools of the system that stand between us and a prover, outermost first. Each is null where it is missing or does not work;
/// a run then goes on without it and says so in its notes.
/// </summary>
/// <param name="Session"><c>setsid</c>: a session of its own, so that one signal reaches the group.</param>
/// <param name="Namespace"><c>unshare</c>: a process namespace of its own; when its first process dies, the kernel kills all others.</param>
/// <param name="Clock"><c>timeout</c>: ends the run should this process itself be killed. It is the namespace's first process.</param>
/// <param name="Limits"><c>prlimit</c>: processor time, address space, no core file, no file contents.</param>
internal sealed record Containment(string? Session, string? Namespace, string? Clock, string? Limits)
{
    private static readonly Lazy<Containment> Probe = new(ProbeNow);

    /// <summary>The tools that were tried out on this machine; once per process.</summary>
    internal static Containment Probed => Probe.Value;

    internal static Containment Nothing { get; } = new(null, null, null, null);

    internal IReadOnlyList<string> Notes
    {
        get
        {
            var notes = new List<string>();

            void Missing(string? tool, string note)
            {
                if (tool is null)
                {
                    notes.Add(note);
                }
            }

            Missing(Session, "no setsid: the prover shares our session");
            Missing(Namespace, "no process namespace: a process that leaves the session and drops its environment could outlive the run");
            Missing(Clock, "no timeout: were this process killed, the prover would go on");
            Missing(Limits, "no prlimit: processor time and memory are held by sampling only");
            return notes;
        }
    }

    /// <summary>The command that starts <paramref name="executable"/> inside everything that is to be had.</summary>
    internal IReadOnlyList<string> Wrap(string executable, IReadOnlyList<string> arguments, ProverCaps caps)
    {
        var command = new List<string>();

        if (Session is not null)
        {
            command.Add(Session);
        }

        if (Namespace is not null)
        {
            command.Add(Namespace);
            command.AddRange(NamespaceOptions);
        }

        if (Clock is not null)
        {
            // One second later than our own watchdog, which does the same and reports it.
            var seconds = (caps.Wall + TimeSpan.FromSeconds(1)).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
            command.AddRange([Clock, "--foreground", "--signal=KILL", seconds]);
        }

        if (Limits is not null)
        {
            var ceilings = HardLimits.OfThisProcess();
            var soft = Math.Min((long)Math.Ceiling(caps.ProcessorTime.TotalSeconds), ceilings.ProcessorSeconds);
            var hard = Math.Min(soft + 1, ceilings.ProcessorSeconds);
            var space = Math.Min(caps.MemoryBytes, ceilings.AddressSpace);
            command.AddRange(
            [
                Limits,
                string.Create(CultureInfo.InvariantCulture, $"--cpu={soft}:{hard}"),
                string.Create(CultureInfo.InvariantCulture, $"--as={space}:{space}"),
                "--core=0:0",
                "--fsize=0:0",
            ]);
        }

        command.Add(executable);
        command.AddRange(arguments);
        return command;
    }

    private static readonly string[] NamespaceOptions = ["--user", "--pid", "--fork", "--kill-child=KILL"];

    private static Containment ProbeNow()
    {
        var folders = SearchPath.Folders();
        var nothing = OperatingSystem.IsLinux() ? SearchPath.Locate("true", folders) : null;

        string? Working(string name, params string[] options)
        {
            var tool = nothing is null ? null : SearchPath.Locate(name, folders);
            return tool is not null && EndsWell(tool, [.. options, nothing!]) ? tool : null;
        }

        return new Containment(
            Working("setsid"),
            Working("unshare", NamespaceOptions),
            Working("timeout", "--foreground", "--signal=KILL", "5.000"),
            Working("prlimit", "--core=0:0", "--fsize=0:0"));
    }

    private static bool EndsWell(string tool, IReadOnlyList<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(tool, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start);

            if (process is null)
            {
                return false;
            }

            if (process.WaitForExit(2000))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>Hard limits that this process itself lives under: nobody but root may ask for more.</summary>
internal readonly record struct HardLimits(long ProcessorSeconds, long AddressSpace)
{
    internal static HardLimits OfThisProcess()
    {
        try
        {
            var lines = File.ReadAllLines("/proc/self/limits");
            return new HardLimits(Of(lines, "Max cpu time"), Of(lines, "Max address space"));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new HardLimits(long.MaxValue, long.MaxValue);
        }
    }

    // "Max cpu time              unlimited            unlimited            seconds": name, soft, hard, unit.
    private static long Of(string[] lines, string name) =>
        lines
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length >= 2)
            .Select(fields => long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue)
            .FirstOrDefault(long.MaxValue);
}
