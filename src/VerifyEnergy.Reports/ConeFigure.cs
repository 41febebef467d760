using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>
/// The cone of real symmetric positive semidefinite 2×2 matrices [a, b; b, c] (ac ≥ b², a + c ≥ 0) in space, with named points.
/// In the coordinates u = (a − c)/2, v = b, w = (a + c)/2 it is the upright circular cone w ≥ √(u² + v²): its surface are the matrices
/// of rank one, its apex is 0. Orthographic projection; what lies behind the surface is drawn lighter.
/// Only + − × ÷ √ touch a coordinate, so that every machine draws the same digits.
/// </summary>
public static class ConeFigure
{
    // The u axis points to the right and 25° towards the eye, which stands 18° above the horizon.
    private const double CosAzimuth = 0.9063078;
    private const double SinAzimuth = 0.4226183;
    private const double CosElevation = 0.9510565;
    private const double SinElevation = 0.3090170;

    // The cone is drawn narrower than it is, so that a label has room beside it.
    private const double Squeeze = 0.66;

    // One step of the circle: 360° / 72.
    private const int Steps = 72;
    private const double CosStep = 0.9961946981;
    private const double SinStep = 0.0871557427;

    private const double Width = 560;
    private const double ConeHeight = 300;
    private const double CentreX = 240;
    private const double ApexY = 425;

    public static string? Draw(ConeRecord cone, string title)
    {
        Point[] points = [.. cone.Points.Select(Point.Of)];
        if (points.Length == 0)
        {
            return null;
        }

        if (points.Length == 2)
        {
            points = [.. points, Sum(points[0], points[1])];
        }

        // The largest entry is drawn as 1, so that no coordinate leaves the range of doubles.
        Rational unit = points.SelectMany(p => new[] { p.ExactA.Abs, p.ExactB.Abs, p.ExactC.Abs }).Max();
        points = unit.IsZero ? points : [.. points.Select(p => p with { Unit = unit })];

        // The rim stands a little above the highest point; a figure of nothing but 0 shows the cone up to 1.
        double top = points.Max(p => Math.Max(p.W, Math.Sqrt((p.U * p.U) + (p.V * p.V))));
        top = top > 0 ? top * 1.18 : 1;
        double scale = ConeHeight / (top * CosElevation);
        (double X, double Y) Project(double u, double v, double w)
        {
            double right = Squeeze * ((u * CosAzimuth) + (v * SinAzimuth));
            return (CentreX + (scale * right), ApexY - (scale * ((w * CosElevation) - (Squeeze * Towards(u, v) * SinElevation))));
        }

        double height = 512 + (20 * points.Length);
        var svg = new Svg(Width, height, title, Describe(points));
        svg.Colour("surface", "fill", "#ddf4ff", "#121d2f");
        svg.Colour("rule", "stroke", "#54aeff", "#388bfd");
        svg.Colour("hid", "stroke", "#b6d7f5", "#1f3f66");
        svg.Colour("point", "fill", "#cf222e", "#ff7b72");
        svg.Colour("sum", "fill", "#1a7f37", "#3fb950");
        svg.Colour("arm", "stroke", "#59636e", "#9198a1");
        svg.Text(20, 28, title, "ink big");

        DrawSurface(svg, Project, top);
        DrawAxes(svg, Project, top);
        if (points.Length == 3 && cone.Points.Count == 2)
        {
            (double ax, double ay) = points[0].Project(Project);
            (double bx, double by) = points[1].Project(Project);
            (double sx, double sy) = points[2].Project(Project);
            svg.Line(ax, ay, sx, sy, "arm dash thin");
            svg.Line(bx, by, sx, sy, "arm dash thin");
        }

        (double ox, double oy) = Project(0, 0, 0);
        foreach (Point point in points)
        {
            (double x, double y) = point.Project(Project);
            svg.Line(ox, oy, x, y, "arm thin");
        }

        DrawPoints(svg, [.. points.Select(p => (p, p.Project(Project)))]);
        DrawLegend(svg, points);
        return svg.ToString();
    }

    private static void DrawSurface(Svg svg, Func<double, double, double, (double X, double Y)> project, double top)
    {
        (double U, double V)[] circle = Circle();
        var rim = circle.Select(p => project(top * p.U, top * p.V, top)).ToArray();
        (double X, double Y) apex = project(0, 0, 0);

        // The silhouette: apex and the part of the rim that faces the eye, up to the rulings where the surface turns away.
        bool[] front = [.. circle.Select(p => Faces(p.U, p.V))];
        int first = Enumerable.Range(0, Steps).First(i => front[i] && !front[(i + Steps - 1) % Steps]);
        int count = front.Count(f => f);
        var facing = Enumerable.Range(0, count + 1).Select(i => rim[(first + i) % Steps]).ToList();
        svg.Path([apex, .. facing], "surface", closed: true);
        svg.Path(rim, "surface", closed: true);

        foreach (bool nearer in new[] { false, true })
        {
            for (int i = 0; i < Steps; i += 4)
            {
                if (front[i] == nearer)
                {
                    svg.Line(apex.X, apex.Y, rim[i].X, rim[i].Y, nearer ? "rule thin" : "hid thin dash");
                }
            }

            for (int level = 1; level <= 3; level++)
            {
                double w = top * level / 4;
                var ring = circle.Select(p => project(w * p.U, w * p.V, w)).ToArray();
                foreach (List<(double X, double Y)> arc in Arcs(ring, front, nearer))
                {
                    svg.Path(arc, nearer ? "rule thin" : "hid thin dash");
                }
            }
        }

        svg.Path(rim, "rule bold", closed: true);
        svg.Line(apex.X, apex.Y, rim[first].X, rim[first].Y, "rule bold");
        svg.Line(apex.X, apex.Y, rim[(first + count) % Steps].X, rim[(first + count) % Steps].Y, "rule bold");
    }

    private static double Towards(double u, double v) => (u * SinAzimuth) - (v * CosAzimuth);

    // The outward normal of the drawn cone at (u, v) on the unit circle is along (u, v, −Squeeze); it faces the eye when its product
    // with the direction to the eye is positive.
    private static bool Faces(double u, double v) => (Towards(u, v) * CosElevation) - (Squeeze * SinElevation) > 0;

    private static (double U, double V)[] Circle()
    {
        var circle = new (double U, double V)[Steps];
        (double u, double v) = (1, 0);
        for (int i = 0; i < Steps; i++)
        {
            circle[i] = (u, v);
            (u, v) = ((u * CosStep) - (v * SinStep), (u * SinStep) + (v * CosStep));
        }

        return circle;
    }

    private static IEnumerable<List<(double X, double Y)>> Arcs((double X, double Y)[] ring, bool[] front, bool nearer)
    {
        var arc = new List<(double X, double Y)>();
        int start = Enumerable.Range(0, Steps).First(i => front[i] == nearer && front[(i + Steps - 1) % Steps] != nearer);
        for (int i = 0; i <= Steps; i++)
        {
            int at = (start + i) % Steps;
            if (i < Steps && front[at] == nearer)
            {
                arc.Add(ring[at]);
                continue;
            }

            if (arc.Count > 0)
            {
                arc.Add(ring[at]);
                yield return arc;
                arc = [];
            }
        }
    }

    private static void DrawAxes(Svg svg, Func<double, double, double, (double X, double Y)> project, double top)
    {
        (double ox, double oy) = project(0, 0, 0);
        (double U, double V, double W, string Name)[] axes = [(0, 0, top * 1.16, "(a + c)/2"), (top * 0.8, 0, 0, "(a − c)/2"), (0, top * 0.8, 0, "b")];
        foreach ((double u, double v, double w, string name) in axes)
        {
            (double x, double y) = project(u, v, w);
            svg.Line(ox, oy, x, y, "edge thin dot");
            svg.Text(x + (w > 0 ? 8 : 6), y + (w > 0 ? 2 : 12), name, "soft small it halo");
        }

        svg.Text(ox - 8, oy + 16, "0", "soft small", "end");
    }

    private static void DrawPoints(Svg svg, (Point Point, (double X, double Y) At)[] placed)
    {
        // Labels stand beside their points and are pushed down until none overlaps the one above it.
        var sides = placed.Select((p, i) => (p.Point, p.At, Index: i, Right: p.At.X >= CentreX)).ToArray();
        foreach (var side in sides.GroupBy(p => p.Right))
        {
            double lowest = double.NegativeInfinity;
            foreach (var label in side.OrderBy(p => p.At.Y).ThenBy(p => p.Index))
            {
                double y = Math.Max(label.At.Y - 8, lowest + 17);
                lowest = y;
                Dot(svg, label.At.X, label.At.Y, label.Point);
                svg.Text(label.At.X + (side.Key ? 10 : -10), y, label.Point.Label, "ink big halo", side.Key ? "start" : "end");
            }
        }
    }

    private static void Dot(Svg svg, double x, double y, Point point)
    {
        if (point.IsSum)
        {
            svg.Path([(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], "sum", closed: true);
        }
        else
        {
            svg.Circle(x, y, 5, "point");
        }
    }

    private static void DrawLegend(Svg svg, Point[] points)
    {
        double y = 488;
        foreach (Point point in points)
        {
            Dot(svg, 28, y - 4, point);
            svg.Text(42, y, $"{point.Label} = [{point.A}, {point.B}; {point.B}, {point.C}]", "ink mono");
            svg.Text(Width - 20, y, point.Place, "soft", "end");
            y += 20;
        }

        svg.Text(20, y + 4, "surface: rank 1 (ac = b²) · inside: rank 2 · apex: 0 · dashed: behind the surface", "soft small");
    }

    private static string Describe(Point[] points) =>
        "Positive semidefinite 2×2 matrices as a cone; " + string.Join("; ", points.Select(p => $"{p.Label} = [{p.A}, {p.B}; {p.B}, {p.C}] is {p.Place}"));

    private static Point Sum(Point first, Point second) =>
        new(first.Label + " + " + second.Label, first.ExactA + second.ExactA, first.ExactB + second.ExactB, first.ExactC + second.ExactC) { IsSum = true };

    private static Rational Exact(string text) =>
        Rational.TryParse(text)?.Value ?? throw new ArgumentException($"an exact number is wanted, given \"{text}\"", nameof(text));

    // Good to the last bit but one, also where numerator and denominator are beyond the range of doubles; only for drawing.
    private static double Nearest(Rational value)
    {
        int shift = (int)Math.Max(0, value.BitLength - 1000);
        return (double)(value.Numerator >> shift) / (double)BigInteger.Max(BigInteger.One, value.Denominator >> shift);
    }

    private sealed record Point(string Label, Rational ExactA, Rational ExactB, Rational ExactC)
    {
        public bool IsSum { get; init; }

        /// <summary>Positive; the length that is drawn as 1.</summary>
        public Rational Unit { get; init; } = Rational.One;

        public string A => ExactA.ToString();

        public string B => ExactB.ToString();

        public string C => ExactC.ToString();

        public double U => Nearest((ExactA - ExactC) / Unit) / 2;

        public double V => Nearest(ExactB / Unit);

        public double W => Nearest((ExactA + ExactC) / Unit) / 2;

        // Where the point stands is decided exactly, never by its drawn coordinates.
        public string Place
        {
            get
            {
                int determinant = ((ExactA * ExactC) - (ExactB * ExactB)).Sign;
                int trace = (ExactA + ExactC).Sign;
                return (determinant, trace) switch
                {
                    (0, 0) => "the apex, rank 0",
                    (0, > 0) => "on the surface, rank 1",
                    ( > 0, > 0) => "inside, rank 2",
                    _ => "outside the cone",
                };
            }
        }

        public static Point Of(ConePoint point) => new(point.Label, Exact(point.A), Exact(point.B), Exact(point.C));

        public (double X, double Y) Project(Func<double, double, double, (double X, double Y)> project) => project(U, V, W);
    }
}
