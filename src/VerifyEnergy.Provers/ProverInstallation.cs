using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;

namespace VerifyEnergy.Provers;

/// <summary>An outside prover that the project can drive.</summary>
public enum ProverKind
{
    Z3,
    Cvc5,
}

/// <summary>A prover that was found and told its version.</summary>
/// <param name="Kind">Which prover.</param>
/// <param name="Executable">Absolute path.</param>
/// <param name="Version">"4.8.12".</param>
/// <param name="Caution">A known weakness of this version that a reader of its answers should know; null when none is known.</param>
public sealed record InstalledProver(ProverKind Kind, string Executable, string Version, string? Caution)
{
    /// <summary>"z3" or "cvc5".</summary>
    public string Name => ProverInstallation.NameOf(Kind);
}

/// <summary>A prover that cannot be used here.</summary>
/// <param name="Kind">Which prover.</param>
/// <param name="Reason">"not on the PATH", or what it did when asked for its version.</param>
/// <param name="Remedy">How to get it.</param>
public sealed record MissingProver(ProverKind Kind, string Reason, string Remedy)
{
    /// <summary>"z3" or "cvc5".</summary>
    public string Name => ProverInstallation.NameOf(Kind);
}

/// <summary>
/// Which provers this machine has. Each kind stands in exactly one of the two lists, in the order of <see cref="ProverKind"/>.
/// </summary>
/// <param name="Found">Provers that answered with a version.</param>
/// <param name="Missing">The others, with the way to get them.</param>
public sealed partial record ProverInstallation(IReadOnlyList<InstalledProver> Found, IReadOnlyList<MissingProver> Missing)
{
    private static readonly ProverCaps VersionCaps =
        new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3), 4L << 30, 1 << 16);

    /// <summary>Looks for every prover on the PATH and asks each for its version, itself contained, for at most three seconds.</summary>
    /// <param name="searchPath">Folders to look in instead of the PATH, separated as there; relative ones are passed over.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static ProverInstallation Find(string? searchPath = null, CancellationToken cancellation = default)
    {
        var folders = SearchPath.Folders(searchPath);
        var found = new List<InstalledProver>();
        var missing = new List<MissingProver>();

        foreach (var kind in Enum.GetValues<ProverKind>())
        {
            var executable = SearchPath.Locate(NameOf(kind), folders);

            if (executable is null)
            {
                missing.Add(new MissingProver(kind, "not on the PATH", Remedy(kind)));
                continue;
            }

            var outcome = ContainedProcess.Run(executable, ["--version"], "", VersionCaps, Containment.Probed, cancellation);
            var version = VersionPattern(kind).Match(outcome.StandardOutput);

            if (outcome.Stop == StopCause.Ended && outcome.ExitCode == 0 && version.Success)
            {
                found.Add(new InstalledProver(kind, executable, version.Groups[1].Value, CautionOf(kind, version.Groups[1].Value)));
            }
            else
            {
                missing.Add(new MissingProver(kind, $"{executable} does not tell its version ({outcome.Describe()})", Remedy(kind)));
            }
        }

        return new ProverInstallation(found, missing);
    }

    internal static string NameOf(ProverKind kind) => kind switch
    {
        ProverKind.Z3 => "z3",
        ProverKind.Cvc5 => "cvc5",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such prover."),
    };

    private static string Remedy(ProverKind kind) => $"apt-get install {NameOf(kind)}";

    private static Regex VersionPattern(ProverKind kind) => kind switch
    {
        ProverKind.Z3 => Z3Version(),
        ProverKind.Cvc5 => Cvc5Version(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such prover."),
    };

    // Z3 before 4.13.3 answers unsat to a satisfiable real-arithmetic formula (Z3 issue 7174).
    private static string? CautionOf(ProverKind kind, string version) =>
        kind == ProverKind.Z3 && Version.TryParse(version, out var parsed) && parsed < new Version(4, 13, 3)
            ? "known to answer unsat to a satisfiable real-arithmetic formula (Z3 issue 7174); 4.13.3 and later do not"
            : null;

    [GeneratedRegex(@"\AZ3 version (\d+(?:\.\d+)+)", RegexOptions.CultureInvariant)]
    private static partial Regex Z3Version();

    [GeneratedRegex(@"\AThis is cvc5 version (\d+(?:\.\d+)+[^\s\]]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Cvc5Version();
}

/// <summary>Executables by name.</summary>
internal static class SearchPath
{
    /// <summary>The absolute folders of a PATH-like text; of the PATH itself when null.</summary>
    internal static IReadOnlyList<string> Folders(string? searchPath = null) =>
        (searchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .ToList();

    /// <summary>The first executable file of that name, or null.</summary>
    internal static string? Locate(string name, IReadOnlyList<string> folders) =>
        folders
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
            .FirstOrDefault(IsExecutable);

    private static bool IsExecutable(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & anyExecute) != 0;
    }
}
