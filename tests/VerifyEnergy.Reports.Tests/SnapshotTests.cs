using System.Linq;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

public class SnapshotTests
{
    [Fact]
    public void Json_document() => Snapshot.Matches("run.json", RunJson.Write(Sample.Run()));

    [Fact]
    public void Markdown_page() => Snapshot.Matches("README.md", MarkdownReport.Write(Sample.Run(), "sample", ["proofs"]));

    [Fact]
    public void Terminal_text()
    {
        RunRecord run = Sample.Run();
        var plain = new TerminalReport(colours: false);
        Snapshot.Matches("terminal.txt", string.Concat(run.Claims.Select(claim => plain.Claim(claim, verbose: false))) + plain.Summary(run));
    }

    [Fact]
    public void Explanation_of_every_claim()
    {
        var plain = new TerminalReport(colours: false);
        Snapshot.Matches("explain.txt", string.Join("\n----\n", Sample.Run().Claims.Select(claim => Explanation.Of(claim, plain))));
    }

    [Fact]
    public void JUnit_document() => Snapshot.Matches("junit.xml", JUnitReport.Write(Sample.Run(), FailOn.Undecided));

    [Fact]
    public void GitHub_annotations() => Snapshot.Matches("github.txt", string.Join("\n", GitHubAnnotations.Write(Sample.Run(), FailOn.Undecided)) + "\n");

    [Theory]
    [InlineData("figures/wc-addition-convexity-grid.svg")]
    [InlineData("figures/wc-addition-convexity-cone.svg")]
    [InlineData("figures/cg-entropy-grid.svg")]
    public void Figure(string path) =>
        Snapshot.Matches(path, Sample.Run().Claims.SelectMany(Figures.Of).Single(figure => figure.Path == path).Svg);

    [Fact]
    public void Marks()
    {
        foreach (Figure mark in Figures.Marks())
        {
            Snapshot.Matches(mark.Path, mark.Svg);
        }
    }
}
