using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using VerifyEnergy.Claims;

namespace VerifyEnergy.Reports;

/// <summary>A claim and where it came from.</summary>
public sealed record LoadedClaim(ClaimSource Source, ParsedClaim Claim)
{
    public Heading Heading => Claim.Heading;
}

/// <summary>Claim files to claims. Every error of every file is collected; a claim with errors is left out.</summary>
public static class ClaimLoader
{
    /// <summary>Most bytes of a table that a claim asks for.</summary>
    private const long MostTableBytes = 16L << 20;

    public static (IReadOnlyList<LoadedClaim> Claims, IReadOnlyList<ErrorRecord> Errors) Load(IReadOnlyList<ClaimSource> sources)
    {
        var claims = new List<LoadedClaim>();
        var errors = new List<ErrorRecord>();
        var first = new Dictionary<string, Heading>(StringComparer.Ordinal);
        foreach (ClaimSource source in sources)
        {
            var files = new NeighbouringFiles(source);
            ParsedFile parsed = Claims.Claims.Parse(source.Text, source.Name, files.Fetch, files.Fetch);
            errors.AddRange(parsed.Diagnostics.Select(Error));
            foreach (ParsedClaim claim in parsed.Claims)
            {
                Heading heading = claim.Heading;
                if (first.TryAdd(heading.Id, heading))
                {
                    claims.Add(new LoadedClaim(source, claim));
                }
                else if (first[heading.Id].Position.File != heading.Position.File)
                {
                    Position other = first[heading.Id].Position;
                    errors.Add(new ErrorRecord((int)ExitCode.InvalidClaim, $"a claim {heading.Id} stands in {other.File}, line {other.Line}, already",
                        heading.Position.File, heading.Position.Line, heading.Position.Column, null, null));
                }
            }
        }

        return (claims, errors);
    }

    // A line of a megabyte is no help to a person and would be repeated for each of its errors.
    private static ErrorRecord Error(Diagnostic diagnostic) => new(
        (int)ExitCode.InvalidClaim, diagnostic.Message, diagnostic.At.File, diagnostic.At.Line, diagnostic.At.Column,
        diagnostic.Text.Length is > 0 and <= 10_000 ? diagnostic.Text : null, diagnostic.Suggestion.Length == 0 ? null : diagnostic.Suggestion);

    /// <summary>Files that a claim file may ask for: inside the folder it stands in or a folder below, never through a link that leads out.</summary>
    private sealed class NeighbouringFiles(ClaimSource source)
    {
        public Fetched Fetch(string from, string path)
        {
            if (source.Folder is null)
            {
                return Fetched.NewMissing("standard input has no folder to look in");
            }

            string name = Claims.Claims.ResolvePath(from, path);
            string full = Path.GetFullPath(name);
            string root = source.Folder.EndsWith(Path.DirectorySeparatorChar) ? source.Folder : source.Folder + Path.DirectorySeparatorChar;
            if (name.Length == 0 || !full.StartsWith(root, StringComparison.Ordinal) || LeadsOut(full, root))
            {
                return Fetched.NewMissing("the path leaves the folder of the claim file");
            }

            try
            {
                var file = new FileInfo(full);
                return !file.Exists ? Fetched.NewMissing("no such file")
                    : file.Length > MostTableBytes ? Fetched.NewMissing($"longer than {MostTableBytes >> 20} MiB")
                    : Fetched.NewFound(File.ReadAllBytes(full));
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                return Fetched.NewMissing("cannot be read: " + cause.Message.ReplaceLineEndings(" "));
            }
        }

        private static bool LeadsOut(string full, string root)
        {
            for (string? step = full; step is not null && step.Length >= root.Length; step = Path.GetDirectoryName(step))
            {
                if (new FileInfo(step).LinkTarget is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
