using System;
using System.IO;
using System.Text.RegularExpressions;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary><c>new NAME</c>: a commented skeleton that checks as it stands.</summary>
internal static partial class NewCommand
{
    /// <summary>Writes <c>NAME.claim</c> in the working folder; never over a file that is there.</summary>
    public static ErrorRecord? Run(string name, Terminal terminal)
    {
        string id = name.EndsWith(".claim", StringComparison.Ordinal) ? name[..^6] : name;
        if (id.Length > 60 || !KebabCase().IsMatch(id))
        {
            return new ErrorRecord((int)ExitCode.Usage, $"a name in kebab-case is wanted, such as trace-is-positive, given {name}", null, null, null, null, null);
        }

        string path = id + ".claim";
        if (File.Exists(path) || Directory.Exists(path))
        {
            return new ErrorRecord((int)ExitCode.CannotWrite, "is there already and is left alone", path, null, null, null, null);
        }

        AtomicFile.Write(path, Skeleton(id));
        terminal.Out($"{path}: a claim to start from; try\n  verify-energy check {path}\n");
        return null;
    }

    public static string Skeleton(string id) =>
        $"""
        # A claim is what you would write on a blackboard. Lines that start with # are comments.
        claim {id}
          title  "The product of two positive semidefinite matrices has a nonnegative trace"
          source "where the statement stands"

          # Integer parameters: each combination is one instance.
          for    n in 1..2

          # Objects: the claim speaks of all of them. Other domains: real, real[n], sym[n], spd[n], simplex[n], complex[n,m], ...
          let    A, B : psd[n]

          # Hypotheses go here, as many as you like:
          # where  A <<= B

          # The conclusion. Several lines mean all of them, each reported apart.
          show   tr(A*B) >= 0

          # What you expect; without this line the claim is expected to hold. Try tr(A*B) >= 1 above and see it refuted.
          expect {VerdictStyle.All[0].Word}

        """;

    [GeneratedRegex("\\A[a-z][a-z0-9]*(-[a-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex KebabCase();
}
