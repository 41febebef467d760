using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Xml.Linq;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

public class FigureTests
{
    private static readonly ConePoint[] Corners =
    [
        new("0", "0", "0", "0"), new("E", "1", "0", "0"), new("J", "1", "1", "1"), new("I", "1", "0", "1"), new("N", "-1", "0", "0"),
        new("S", "0", "1", "0"), new("h", "1/3", "-2/7", "5/11"), new("big", "1" + new string('0', 400), "1", "1"), new("tiny", "1/1" + new string('0', 400), "0", "0"),
    ];

    public static TheoryData<int, int> Pairs()
    {
        var pairs = new TheoryData<int, int>();
        for (int i = 0; i < Corners.Length; i++)
        {
            for (int j = i; j < Corners.Length; j++)
            {
                pairs.Add(i, j);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Cone_draws_every_pair_with_finite_coordinates(int i, int j)
    {
        string svg = ConeFigure.Draw(new ConeRecord([Corners[i], Corners[j]]), "pair")!;
        XDocument.Parse(svg);
        Assert.DoesNotContain("NaN", svg);
        Assert.DoesNotContain("∞", svg);
        Assert.DoesNotContain("Infinity", svg);
        Assert.All(Coordinates(svg), c => Assert.True(c.Split('.') is [_] or [_, { Length: <= 2 }], c));
    }

    // The place of a point is exact: next to the surface by 10⁻⁴⁰⁰ is still off it.
    [Theory]
    [InlineData("1", "1", "1", "on the surface, rank 1")]
    [InlineData("1/3", "1/3", "1/3", "on the surface, rank 1")]
    [InlineData("2", "1", "1", "inside, rank 2")]
    [InlineData("1", "2", "1", "outside the cone")]
    [InlineData("-1", "-1", "-1", "outside the cone")]
    [InlineData("-2", "0", "-1", "outside the cone")]
    [InlineData("0", "0", "0", "the apex, rank 0")]
    public void Place_is_exact(string a, string b, string c, string place) =>
        Assert.Contains(">" + place + "<", ConeFigure.Draw(new ConeRecord([new ConePoint("A", a, b, c)]), "one")!);

    [Fact]
    public void Place_near_the_surface()
    {
        string digits = new('0', 399);
        string above = "1" + digits + "1/1" + digits + "0";
        Assert.Contains(">inside, rank 2<", ConeFigure.Draw(new ConeRecord([new ConePoint("A", above, "1", "1")]), "near")!);
    }

    [Fact]
    public void Same_bytes_in_another_culture_and_thread()
    {
        string[] Draw() => [.. Sample.Run().Claims.SelectMany(Figures.Of).Select(f => f.Svg), MarkdownReport.Write(Sample.Run(), "x", ["p"]), RunJson.Write(Sample.Run())];
        string[] here = Draw();
        string[]? there = null;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = ",";
        other.NumberFormat.NegativeSign = "~";
        var thread = new Thread(() => there = Draw()) { CurrentCulture = other, CurrentUICulture = other };
        thread.Start();
        thread.Join();
        Assert.Equal(here, there!);
    }

    [Fact]
    public void Every_verdict_has_its_own_shape_and_readable_colours()
    {
        Assert.Equal(VerdictStyle.All.Count, VerdictStyle.All.Select(style => style.Shape).Distinct().Count());
        Assert.All(VerdictStyle.All, style =>
        {
            Assert.True(Contrast(style.Light, "#ffffff") >= 4.5, $"{style.Word} on light: {Contrast(style.Light, "#ffffff")}");
            Assert.True(Contrast(style.Dark, "#0d1117") >= 4.5, $"{style.Word} on dark: {Contrast(style.Dark, "#0d1117")}");
        });
    }

    [Fact]
    public void Grid_with_three_parameters_has_a_panel_for_each_value_of_the_third()
    {
        InstanceRecord[] instances = [.. Enumerable.Range(1, 2).SelectMany(a => Enumerable.Range(1, 3).SelectMany(b => Enumerable.Range(1, 2).Select(c =>
            Sample.Instance(Sample.Dims(("a", a), ("b", b), ("c", c)), b > a ? "refuted" : "proved", "x"))))];
        string svg = GridFigure.Draw(Sample.Claim("three", "refuted", "x", instances))!;
        Snapshot.Matches("figures/three-grid.svg", svg);
        Assert.Contains(">c = 1<", svg);
        Assert.Contains(">c = 2<", svg);
    }

    [Fact]
    public void Wide_grid_drops_words_and_keeps_a_legend()
    {
        InstanceRecord[] instances = [.. Enumerable.Range(1, 12).SelectMany(a => Enumerable.Range(1, 12).Where(b => b >= a).Select(b =>
            Sample.Instance(Sample.Dims(("a", a), ("b", b)), VerdictStyle.All[(a + b) % 7].Word, "x")))];
        Snapshot.Matches("figures/wide-grid.svg", GridFigure.Draw(Sample.Claim("wide", "undecided", "x", instances))!);
    }

    [Fact]
    public void No_grid_without_parameters() =>
        Assert.Null(GridFigure.Draw(Sample.Claim("one", "proved", "x", Sample.Instance(Sample.Dims(), "proved", "x"))));

    private static string[] Coordinates(string svg) =>
        [.. Regex.Matches(svg[svg.IndexOf("</style>", StringComparison.Ordinal)..], "(?<= (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)=\")[^\"]+").Select(m => m.Value),
         .. Regex.Matches(svg, "(?<= d=\")[^\"]+").SelectMany(m => m.Value.Split([' ', 'M', 'L', 'Z'], StringSplitOptions.RemoveEmptyEntries))];

    // Relative luminance and contrast ratio after WCAG 2.2.
    private static double Contrast(string first, string second)
    {
        double Luminance(string colour)
        {
            double Channel(int at)
            {
                double c = Convert.ToInt32(colour.Substring(at, 2), 16) / 255.0;
                return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
            }

            return (0.2126 * Channel(1)) + (0.7152 * Channel(3)) + (0.0722 * Channel(5));
        }

        (double a, double b) = (Luminance(first), Luminance(second));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }
}
