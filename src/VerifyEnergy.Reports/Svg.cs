using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>
/// A small writer of self-contained SVG pictures. Coordinates are in pixels, y downwards, written with at most two decimals, so that
/// the last bits of a float never reach the file. Colours come from classes with a value for light and one for dark, after
/// <c>prefers-color-scheme</c>; the picture paints its own paper, so it stays readable on any page.
/// </summary>
public sealed class Svg
{
    public const string FontFamily = "ui-sans-serif, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

    private static readonly (string Class, string Property, string Light, string Dark)[] BaseColours =
    [
        ("paper", "fill", "#ffffff", "#0d1117"),
        ("ink", "fill", "#1f2328", "#e6edf3"),
        ("soft", "fill", "#59636e", "#9198a1"),
        ("stroke", "stroke", "#1f2328", "#e6edf3"),
        ("edge", "stroke", "#59636e", "#9198a1"),
        ("faint", "stroke", "#d1d9e0", "#3d444d"),
        ("halo", "stroke", "#ffffff", "#0d1117"),
    ];

    private readonly StringBuilder body = new();
    private readonly double width;
    private readonly double height;
    private readonly string title;
    private readonly string description;
    private readonly List<(string Class, string Property, string Light, string Dark)> colours = [.. BaseColours];

    /// <param name="title">What the picture shows, in one line; read aloud by a screen reader.</param>
    /// <param name="description">The same content in words.</param>
    public Svg(double width, double height, string title, string description)
    {
        (this.width, this.height, this.title, this.description) = (width, height, title, description);
        Rectangle(0, 0, width, height, "paper");
    }

    /// <summary>Defines a class whose <c>fill</c> or <c>stroke</c> has one value on light and one on dark paper.</summary>
    public void Colour(string name, string property, string light, string dark) => colours.Add((name, property, light, dark));

    /// <summary>A number with at most two decimals, never <c>-0</c>.</summary>
    public static string Number(double value)
    {
        double rounded = Math.Round(value, 2, MidpointRounding.AwayFromZero);
        return (rounded == 0 ? 0 : rounded).ToString("0.##", CultureInfo.InvariantCulture);
    }

    public void Rectangle(double x, double y, double w, double h, string style, double radius = 0) =>
        body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(w)}\" height=\"{Number(h)}\"")
            .Append(radius > 0 ? $" rx=\"{Number(radius)}\"" : "")
            .Append(CultureInfo.InvariantCulture, $" class=\"{style}\"/>\n");

    public void Circle(double x, double y, double radius, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"{Number(radius)}\" class=\"{style}\"/>\n");

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\" class=\"{style}\"/>\n");

    public void Path(IReadOnlyList<(double X, double Y)> points, string style, bool closed = false)
    {
        body.Append("<path d=\"");
        for (int i = 0; i < points.Count; i++)
        {
            body.Append(i == 0 ? "M" : " L").Append(Number(points[i].X)).Append(' ').Append(Number(points[i].Y));
        }

        body.Append(closed ? " Z\"" : "\"").Append(CultureInfo.InvariantCulture, $" class=\"{style}\"/>\n");
    }

    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string style, string anchor = "start") =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\" class=\"{style}\">")
            .Append(Inert.Markup(text)).Append("</text>\n");

    /// <summary>The shape of a verdict around a centre, drawn, not typed, so that no font can lack it.</summary>
    /// <param name="size">Half its side.</param>
    public void Mark(double x, double y, double size, VerdictStyle verdict)
    {
        string line = $"m{Slug(verdict.Word)} mark";
        string fill = $"f{Slug(verdict.Word)}";
        switch (verdict.Shape)
        {
            case '●':
                Circle(x, y, size, fill);
                break;
            case '◆':
                Path([(x, y - size), (x + size, y), (x, y + size), (x - size, y)], fill, closed: true);
                break;
            case '▲':
                Path([(x, y - size), (x + size, y + (0.8 * size)), (x - size, y + (0.8 * size))], fill, closed: true);
                break;
            case '✕':
                Line(x - (0.8 * size), y - (0.8 * size), x + (0.8 * size), y + (0.8 * size), line);
                Line(x - (0.8 * size), y + (0.8 * size), x + (0.8 * size), y - (0.8 * size), line);
                break;
            case '○':
                Circle(x, y, 0.9 * size, line);
                break;
            case '⊘':
                Circle(x, y, 0.9 * size, line);
                Line(x - (0.62 * size), y + (0.62 * size), x + (0.62 * size), y - (0.62 * size), line);
                break;
            default:
                Path([(x - (0.55 * size), y - (0.45 * size)), (x - (0.3 * size), y - (0.9 * size)), (x + (0.3 * size), y - (0.9 * size)), (x + (0.55 * size), y - (0.45 * size)), (x + (0.45 * size), y - (0.1 * size)), (x, y + (0.25 * size)), (x, y + (0.4 * size))], line);
                Circle(x, y + (0.85 * size), 0.17 * size, fill);
                break;
        }
    }

    /// <summary>Makes the colours of verdict marks known to this picture.</summary>
    public void UseVerdicts()
    {
        foreach (VerdictStyle verdict in VerdictStyle.All)
        {
            Colour("f" + Slug(verdict.Word), "fill", verdict.Light, verdict.Dark);
            Colour("m" + Slug(verdict.Word), "stroke", verdict.Light, verdict.Dark);
        }
    }

    public override string ToString()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Number(width)}\" height=\"{Number(height)}\" viewBox=\"0 0 {Number(width)} {Number(height)}\" role=\"img\" aria-labelledby=\"t d\">\n")
            .Append("<title id=\"t\">").Append(Inert.Markup(title)).Append("</title>\n")
            .Append("<desc id=\"d\">").Append(Inert.Markup(description)).Append("</desc>\n")
            .Append("<style>\ntext{font-family:").Append(FontFamily).Append(";font-size:13px}\n")
            .Append(".big{font-size:15px;font-weight:600}.small{font-size:11px}.mono{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}.it{font-style:italic}\n")
            .Append("path,line,circle.mark{fill:none}.mark{stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}.thin{stroke-width:1}.bold{stroke-width:2}.dash{stroke-dasharray:4 4}.dot{stroke-dasharray:1.5 4}.halo{stroke-width:4;paint-order:stroke;stroke-linejoin:round}\n");
        foreach ((string name, string property, string light, string _) in colours)
        {
            svg.Append(CultureInfo.InvariantCulture, $".{name}{{{property}:{light}}}");
        }

        svg.Append("\n@media (prefers-color-scheme:dark){");
        foreach ((string name, string property, string _, string dark) in colours)
        {
            svg.Append(CultureInfo.InvariantCulture, $".{name}{{{property}:{dark}}}");
        }

        return svg.Append("}\n</style>\n").Append(body).Append("</svg>\n").ToString();
    }

    private static string Slug(string word) => VerdictStyle.Of(word) is { } style && IndexOf(style.Word) is var i and >= 0
        ? i.ToString(CultureInfo.InvariantCulture)
        : "6";

    private static int IndexOf(string word)
    {
        for (int i = 0; i < VerdictStyle.All.Count; i++)
        {
            if (VerdictStyle.All[i].Word == word)
            {
                return i;
            }
        }

        return -1;
    }
}
