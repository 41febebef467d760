using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>The text of one claim file.</summary>
/// <param name="Name">As the path was given, with forward slashes; "-" for standard input.</param>
/// <param name="Folder">Absolute folder of the file; null for standard input, which has no imports and keeps no evidence.</param>
public sealed record ClaimSource(string Name, string? Folder, string Text);

/// <summary>Finds and reads claim files. Problems are collected, not thrown: 66 for what is not there, 65 for what is not text.</summary>
public static class ClaimSources
{
    public const string StandardInput = "-";

    /// <summary>Most bytes of a claim file that are read; the language's own cap is lower and names the place.</summary>
    private const long MostBytes = 64L << 20;

    private static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>Folders are searched for <c>*.claim</c> in ordinal order; hidden folders and links to folders are passed over. No file is read twice.</summary>
    public static (IReadOnlyList<ClaimSource> Sources, IReadOnlyList<ErrorRecord> Errors) Read(IReadOnlyList<string> paths, Func<Stream> standardInput)
    {
        var sources = new List<ClaimSource>();
        var errors = new List<ErrorRecord>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            if (path == StandardInput)
            {
                using Stream input = standardInput();
                Add(path, null, () => ReadAll(input));
            }
            else if (Directory.Exists(path))
            {
                foreach (string file in Search(path, errors))
                {
                    AddFile(file);
                }
            }
            else if (File.Exists(path))
            {
                AddFile(path);
            }
            else
            {
                errors.Add(Problem(ExitCode.NotFound, path, "no such file or folder"));
            }
        }

        return (sources, errors);

        void AddFile(string file)
        {
            string full = Path.GetFullPath(file);
            if (seen.Add(full))
            {
                Add(file.Replace('\\', '/'), Path.GetDirectoryName(full), () =>
                {
                    using FileStream stream = File.OpenRead(full);
                    return ReadAll(stream);
                });
            }
        }

        void Add(string name, string? folder, Func<string> read)
        {
            try
            {
                sources.Add(new ClaimSource(name, folder, read()));
            }
            catch (Exception cause) when (cause is DecoderFallbackException or InvalidDataException)
            {
                errors.Add(Problem(ExitCode.InvalidClaim, name, cause is DecoderFallbackException ? "not UTF-8 text" : cause.Message));
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                errors.Add(Problem(ExitCode.NotFound, name, "cannot be read: " + cause.Message.ReplaceLineEndings(" ")));
            }
        }
    }

    private static ErrorRecord Problem(ExitCode code, string file, string message) => new((int)code, message, file, null, null, null, null);

    private static string ReadAll(Stream stream)
    {
        using var buffer = new MemoryStream();
        byte[] block = new byte[1 << 16];
        int read;
        while ((read = stream.Read(block)) > 0)
        {
            buffer.Write(block, 0, read);
            if (buffer.Length > MostBytes)
            {
                throw new InvalidDataException($"longer than {MostBytes >> 20} MiB");
            }
        }

        return Strict.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static List<string> Search(string folder, List<ErrorRecord> errors)
    {
        var found = new List<string>();
        try
        {
            found.AddRange(Directory.EnumerateFiles(folder, "*.claim").Order(StringComparer.Ordinal));
            foreach (string inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            {
                var info = new DirectoryInfo(inner);
                if (!info.Name.StartsWith('.') && info.LinkTarget is null)
                {
                    found.AddRange(Search(inner, errors));
                }
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            errors.Add(Problem(ExitCode.NotFound, folder, "cannot be read: " + cause.Message.ReplaceLineEndings(" ")));
        }

        return found;
    }
}
