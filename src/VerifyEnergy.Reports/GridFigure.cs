using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace VerifyEnergy.Reports;

/// <summary>
/// The grid of verdicts over a claim's integer parameters: the first parameter downwards, the second to the right, one panel for each
/// value of the others. Each cell holds the verdict's shape, colour and, where there is room, its word.
/// </summary>
public static class GridFigure
{
    private const int WordedSide = 8;
    private const double Left = 64;
    private const double Top = 74;

    /// <summary>Null for a claim with fewer than two instances: there is no grid.</summary>
    public static string? Draw(ClaimRecord claim)
    {
        if (claim.Parameters.Count == 0 || claim.Instances.Count < 2)
        {
            return null;
        }

        string down = claim.Parameters[0];
        string? across = claim.Parameters.Count > 1 ? claim.Parameters[1] : null;
        var panels = claim.Instances
            .GroupBy(instance => string.Join(", ", instance.Dims.Skip(2).Select(d => d.Key + " = " + d.Value.ToString(CultureInfo.InvariantCulture))))
            .ToList();
        int[] rows = Values(claim, down);
        int[] columns = across is null ? [0] : Values(claim, across);
        bool transposed = across is null;
        int[] vertical = transposed ? [0] : rows;
        int[] horizontal = transposed ? rows : columns;
        bool worded = horizontal.Length <= WordedSide;
        double cellWidth = worded ? 86 : 30;
        const double cellHeight = 46;
        double panelHeight = (vertical.Length * cellHeight) + (panels.Count > 1 ? 76 : 0);
        VerdictStyle[] used = [.. VerdictStyle.All.Where(style => claim.Instances.Any(instance => instance.Verdict == style.Word))];
        string condition = claim.Condition is null ? "" : Words.Condition(claim);
        double width = System.Math.Max(Left + (horizontal.Length * cellWidth) + 24, 30 + (7.6 * System.Math.Max(condition.Length, claim.Id.Length)));
        width = System.Math.Max(width, worded ? 300 : 40 + (used.Length * 100));
        double height = Top + (panels.Count * panelHeight) + (condition.Length > 0 ? 30 : 0) + (worded ? 20 : 50);

        var svg = new Svg(width, height, "Verdicts of " + claim.Id, Describe(claim));
        svg.UseVerdicts();
        svg.Text(20, 28, claim.Id, "ink big");
        double y = Top;
        foreach (var panel in panels)
        {
            if (panels.Count > 1)
            {
                svg.Text(20, y - 16, panel.Key, "soft it");
                y += 30;
            }

            svg.Text(Left + (horizontal.Length * cellWidth / 2), y - 24, transposed ? down : across!, "ink it", "middle");
            for (int j = 0; j < horizontal.Length; j++)
            {
                svg.Text(Left + ((j + 0.5) * cellWidth), y - 7, Text(horizontal[j]), "ink mono", "middle");
            }

            if (!transposed)
            {
                svg.Text(22, y + (vertical.Length * cellHeight / 2) + 4, down, "ink it", "middle");
            }

            for (int i = 0; i < vertical.Length; i++)
            {
                if (!transposed)
                {
                    svg.Text(Left - 14, y + ((i + 0.5) * cellHeight) + 4, Text(vertical[i]), "ink mono", "end");
                }

                for (int j = 0; j < horizontal.Length; j++)
                {
                    InstanceRecord? instance = panel.FirstOrDefault(one =>
                        transposed ? one.Dims[down] == horizontal[j] : one.Dims[down] == vertical[i] && one.Dims[across!] == horizontal[j]);
                    Cell(svg, Left + (j * cellWidth), y + (i * cellHeight), cellWidth, cellHeight, instance, worded);
                }
            }

            y += panelHeight - (panels.Count > 1 ? 30 : 0);
        }

        y = Top + (panels.Count * panelHeight) + 26;
        if (condition.Length > 0)
        {
            svg.Text(20, y, condition, "ink");
            y += 30;
        }

        if (!worded)
        {
            for (int i = 0; i < used.Length; i++)
            {
                svg.Mark(28 + (i * 100), y, 6, used[i]);
                svg.Text(40 + (i * 100), y + 4, used[i].Word, "ink small");
            }
        }

        return svg.ToString();
    }

    private static void Cell(Svg svg, double x, double y, double w, double h, InstanceRecord? instance, bool worded)
    {
        if (instance is null)
        {
            return;
        }

        VerdictStyle style = VerdictStyle.Of(instance.Verdict);
        svg.Rectangle(x + 1, y + 1, w - 2, h - 2, "paper faint thin", 3);
        svg.Mark(x + (w / 2), y + (worded ? 16 : h / 2), worded ? 7 : 8, style);
        if (worded)
        {
            svg.Text(x + (w / 2), y + h - 8, style.Word, "ink small", "middle");
        }
    }

    private static int[] Values(ClaimRecord claim, string parameter) =>
        [.. claim.Instances.Select(instance => instance.Dims[parameter]).Distinct().Order()];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Describe(ClaimRecord claim) =>
        string.Join("; ", claim.Instances.GroupBy(instance => instance.Verdict).Select(group =>
            group.Key + ": " + string.Join(", ", group.Select(instance => Words.Dimensions(instance.Dims)))));
}
