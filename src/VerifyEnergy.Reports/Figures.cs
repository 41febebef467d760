using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>A picture of the report: where it goes, what it says in words, and its SVG text.</summary>
/// <param name="Path">Relative to the page, forward slashes.</param>
public sealed record Figure(string Path, string Alt, string Svg);

/// <summary>Which pictures a claim has, and their names.</summary>
public static class Figures
{
    public static IEnumerable<Figure> Of(ClaimRecord claim)
    {
        if (GridFigure.Draw(claim) is { } grid)
        {
            yield return new Figure($"figures/{FileName(claim.Id)}-grid.svg", $"Grid of verdicts of {claim.Id} over {string.Join(", ", claim.Parameters)}", grid);
        }

        // The smallest instance that lives in 2×2 matrices, refuted ones first.
        InstanceRecord? planar = claim.Instances.Where(i => i.Cone is { Points.Count: > 0 })
            .OrderBy(i => i.Verdict == VerdictNames.Refuted ? 0 : 1).ThenBy(i => i.Dims.Values.Sum(v => (long)v)).FirstOrDefault();
        if (planar is not null && ConeFigure.Draw(planar.Cone!, $"{claim.Id}  {Words.Dimensions(planar.Dims)}".TrimEnd()) is { } cone)
        {
            yield return new Figure($"figures/{FileName(claim.Id)}-cone.svg", $"The witness of {claim.Id} in the cone of positive semidefinite 2×2 matrices", cone);
        }
    }

    /// <summary>The little shape of each verdict for tables.</summary>
    public static IEnumerable<Figure> Marks()
    {
        foreach (VerdictStyle style in VerdictStyle.All)
        {
            var svg = new Svg(18, 18, style.Word, "The shape of the verdict " + style.Word);
            svg.UseVerdicts();
            svg.Mark(9, 9, 6, style);
            yield return new Figure(MarkPath(style), style.Word, svg.ToString());
        }
    }

    public static string MarkPath(VerdictStyle style) => $"figures/verdict-{FileName(style.Word)}.svg";

    /// <summary>The anchor of a claim's block on the page.</summary>
    public static string Anchor(ClaimRecord claim) => "claim-" + FileName(claim.Id);

    // Ids are kebab-case by the grammar; anything else is spelt out in hexadecimal, so that no name reaches outside the folder.
    internal static string FileName(string id)
    {
        var name = new StringBuilder();
        foreach (char c in id)
        {
            _ = char.IsAsciiLetterOrDigit(c) || c == '-' ? name.Append(c) : name.Append('_').Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.Length <= 120 ? name.ToString() : name.ToString(0, 80) + "-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.Unicode.GetBytes(id)))[..16];
    }
}
