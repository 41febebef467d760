using System;
using System.Globalization;
using System.IO;

namespace VerifyEnergy.Reports;

/// <summary>Evidence or output could not be written (exit code 74). The message names the file and why.</summary>
public sealed class CannotWriteException(string path, Exception cause)
    : IOException($"cannot write {path}: {cause.Message.ReplaceLineEndings(" ")}", cause)
{
    public string Path { get; } = path;
}

/// <summary>Files that are either the old ones or the new ones, whole, also when the machine stops half-way.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, flushes to the disk, then renames over it. Missing folders are made.</summary>
    /// <returns>False when the file already held exactly this text and was left alone.</returns>
    /// <exception cref="CannotWriteException">The file system refused.</exception>
    public static bool Write(string path, string text)
    {
        byte[] bytes = RunJson.Bytes(text);
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            string folder = Path.GetDirectoryName(full)!;
            Directory.CreateDirectory(folder);
            if (File.Exists(full) && new FileInfo(full).Length == bytes.Length && File.ReadAllBytes(full).AsSpan().SequenceEqual(bytes))
            {
                return false;
            }

            temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.{Guid.NewGuid():N}.tmp");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
            return true;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (temporary is not null)
            {
                TryDelete(temporary);
            }

            throw new CannotWriteException(path, cause);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // The disk already refused the write, which is what is reported; a left-over temporary file is never read.
        }
    }
}
