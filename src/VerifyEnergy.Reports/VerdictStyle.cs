using System.Collections.Generic;
using System.Linq;

namespace VerifyEnergy.Reports;

/// <summary>How a verdict looks: a shape and a colour beside its word, never a colour alone.</summary>
/// <param name="Word">The verdict's name, as the checker gives it.</param>
/// <param name="Shape">One character that differs from every other verdict's.</param>
/// <param name="Light">Colour on white paper, <c>#rrggbb</c>, contrast at least 4.5 : 1.</param>
/// <param name="Dark">Colour on dark paper, contrast at least 4.5 : 1.</param>
/// <param name="Terminal">SGR parameters.</param>
public sealed record VerdictStyle(string Word, char Shape, string Light, string Dark, string Terminal)
{
    /// <summary>Every verdict, in the fixed order in which counts and legends are written.</summary>
    public static IReadOnlyList<VerdictStyle> All { get; } =
    [
        new(VerdictNames.Proved, '●', "#1a7f37", "#3fb950", "32"),
        new(VerdictNames.Attested, '◆', "#0969da", "#58a6ff", "34"),
        new(VerdictNames.Supported, '▲', "#855d00", "#d29922", "33"),
        new(VerdictNames.Refuted, '✕', "#cf222e", "#ff7b72", "31"),
        new(VerdictNames.Vacuous, '○', "#57606a", "#9198a1", "37"),
        new(VerdictNames.IllTyped, '⊘', "#8250df", "#bc8cff", "35"),
        new(VerdictNames.Undecided, '?', "#57606a", "#9198a1", "36"),
    ];

    /// <summary>The style of a verdict; a word that is not a verdict looks undecided but keeps its word.</summary>
    public static VerdictStyle Of(string word) =>
        All.FirstOrDefault(style => style.Word == word) ?? All[^1] with { Word = word };
}
