using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace VerifyEnergy.Provers.Tests;

/// <summary>
/// A "solver" that is a shell script, in a folder of its own. The script's text may use <c>$NAP</c>: a number of seconds that no other
/// process on the machine sleeps, so that what it leaves behind can be found even if it dropped its environment.
/// </summary>
internal sealed class ScriptedSolver : IDisposable
{
    private static int serial;

    private readonly string folder = Directory.CreateTempSubdirectory("scripted-solver-").FullName;
    private readonly string nap;

    internal ScriptedSolver(string body)
    {
        var unique = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}{Interlocked.Increment(ref serial):D4}");
        nap = $"600.{unique}";
        Executable = Path.Combine(folder, "z3");
        File.WriteAllText(Executable, $"#!/bin/sh\nNAP={nap}\n{body}\n");
        File.SetUnixFileMode(Executable, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    internal string Executable { get; }

    internal string Folder => folder;

    internal static ProverCaps Caps(double wall = 1, double cpu = 5, long memory = 256L << 20, int output = 4 << 20) =>
        new(TimeSpan.FromSeconds(wall), TimeSpan.FromSeconds(cpu), memory, output);

    internal Prover Prover(Containment containment) =>
        new(new InstalledProver(ProverKind.Z3, Executable, "0.0", null), containment);

    internal Task<ProverRun> RunAsync(Containment containment, ProverCaps caps, string text = "(check-sat)\n", CancellationToken cancellation = default) =>
        Prover(containment).RunAsync(text, caps, cancellation);

    /// <summary>Processes, not yet dead, whose command line names this script or its nap; "id: command line".</summary>
    internal IReadOnlyList<string> Survivors() =>
        [.. Directory.EnumerateDirectories("/proc").Select(Alive).OfType<string>()];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string? Alive(string process)
    {
        try
        {
            var command = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "cmdline"))).Replace('\0', ' ');
            var stat = File.ReadAllText(Path.Combine(process, "stat"));
            var isDead = stat[(stat.LastIndexOf(')') + 2)..][0] is 'Z' or 'X';
            var isOurs = command.Contains(nap, StringComparison.Ordinal) || command.Contains(folder, StringComparison.Ordinal);
            return isOurs && !isDead ? $"{Path.GetFileName(process)}: {command}" : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
