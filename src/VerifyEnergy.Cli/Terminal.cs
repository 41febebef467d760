using System;
using System.IO;
using System.Text;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>
/// Where words go: results to standard output, everything about how the run is going to standard error. Escape codes only on a
/// terminal, without <c>NO_COLOR</c>, <c>TERM=dumb</c> or <c>--no-color</c>.
/// </summary>
internal sealed class Terminal
{
    private readonly TextWriter output;
    private readonly TextWriter error;

    public Terminal(bool noColour)
    {
        output = Writer(Console.OpenStandardOutput());
        error = Writer(Console.OpenStandardError());
        bool allowed = !noColour && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        ColoursOut = allowed && !Console.IsOutputRedirected;
        ColoursError = allowed && !Console.IsErrorRedirected;
        ErrorIsTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
    }

    public bool ColoursOut { get; }

    public bool ColoursError { get; }

    public bool ErrorIsTerminal { get; }

    /// <exception cref="CannotWriteException">Standard output is closed or full.</exception>
    public void Out(string text)
    {
        try
        {
            output.Write(text);
            output.Flush();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CannotWriteException("standard output", cause);
        }
    }

    /// <summary>Best effort: where standard error is closed there is nobody to tell.</summary>
    public void Error(string text)
    {
        try
        {
            error.Write(text);
            error.Flush();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // Standard error is gone; the exit code still says what happened.
        }
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 4096) { NewLine = "\n" };
}
