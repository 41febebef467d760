using System;
using System.Globalization;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

internal enum ProgressStyle
{
    Auto,
    Lines,
    None,
}

/// <summary>How far the run is, on standard error: one line that rewrites itself on a terminal, or one line for each claim.</summary>
internal sealed class Progress(Terminal terminal, ProgressStyle style)
{
    private readonly bool rewriting = style == ProgressStyle.Auto && terminal.ErrorIsTerminal;
    private readonly bool lines = style == ProgressStyle.Lines;
    private readonly object gate = new();
    private bool shown;

    public void Finished(int done, int total, string claim, string verdict)
    {
        lock (gate)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{done}/{total} {Inert.Line(claim)} {verdict}");
            if (lines)
            {
                terminal.Error(text + "\n");
            }
            else if (rewriting)
            {
                terminal.Error("\r\u001b[K" + (text.Length > 78 ? text[..77] + "…" : text));
                shown = true;
            }
        }
    }

    /// <summary>Takes the rewriting line away before something else is written.</summary>
    public void Clear()
    {
        lock (gate)
        {
            if (shown)
            {
                terminal.Error("\r\u001b[K");
                shown = false;
            }
        }
    }
}
