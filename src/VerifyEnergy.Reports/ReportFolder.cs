using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace VerifyEnergy.Reports;

/// <summary>A report on disk: <c>README.md</c>, <c>run.json</c> and <c>figures/</c>; nothing in it depends on the clock or the machine.</summary>
public static class ReportFolder
{
    /// <summary>Writes the whole report and removes pictures of claims that are no longer in it.</summary>
    /// <param name="folder">Made if missing; its last name is the report's heading.</param>
    /// <exception cref="CannotWriteException">A file could not be written.</exception>
    public static void Write(RunRecord run, string folder, IReadOnlyList<string> inputs, bool html)
    {
        string heading = Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        Figure[] figures = [.. Figures.Marks(), .. run.Claims.SelectMany(Figures.Of)];
        foreach (Figure figure in figures)
        {
            AtomicFile.Write(Path.Combine(folder, figure.Path), figure.Svg);
        }

        AtomicFile.Write(Path.Combine(folder, "README.md"), MarkdownReport.Write(run, heading, inputs));
        AtomicFile.Write(Path.Combine(folder, "run.json"), RunJson.Write(run));
        if (html)
        {
            AtomicFile.Write(Path.Combine(folder, "report.html"), HtmlReport.Write(run, heading));
        }

        RemoveStale(Path.Combine(folder, "figures"), [.. figures.Select(figure => Path.GetFileName(figure.Path))]);
    }

    private static void RemoveStale(string folder, HashSet<string> wanted)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*.svg"))
        {
            if (wanted.Contains(Path.GetFileName(file)))
            {
                continue;
            }

            try
            {
                File.Delete(file);
            }
            catch (System.Exception cause) when (cause is IOException or System.UnauthorizedAccessException)
            {
                throw new CannotWriteException(file, cause);
            }
        }
    }
}
