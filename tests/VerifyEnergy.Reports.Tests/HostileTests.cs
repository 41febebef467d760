using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Markdig;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

/// <summary>Names and titles that try to act on the terminal, the page or the host that shows it.</summary>
public class HostileTests
{
    public const string Everything =
        "\u001b[31mred\u001b]0;title\u0007 </summary><script>alert(1)</script> ![x](http://evil.example/p.png) [y](javascript:alert(1)) "
        + "| cell | @everyone #1 www.evil.example ```\n## heading\r\n::error::owned \u202Etxt.exe\u2066 \u200B `code` $x$ <!-- --> & \" ' %0A";

    private static RunRecord Run()
    {
        RunRecord run = Sample.Run();
        return run with
        {
            Claims = [.. run.Claims.Select(claim => claim with
            {
                Id = claim.Id + Everything,
                File = Everything,
                Title = Everything,
                Source = Everything,
                Statement = Everything,
                Expected = Everything,
                Condition = claim.Condition is null ? null : Everything,
                AsExpected = false,
                Assumes = [Everything],
                Instances = [.. claim.Instances.Select(Poison)],
            })],
            Errors = [new ErrorRecord(65, Everything, Everything, 1, 3, Everything, Everything)],
            Engines = [new EngineRecord(Everything, Everything)],
        };
    }

    private static InstanceRecord Poison(InstanceRecord instance) => instance with
    {
        Objects = Everything,
        Minimal = Everything,
        Reason = Everything,
        Ground = instance.Ground is null ? null : Everything,
        Inhabited = Everything,
        Conflict = Everything,
        Seed = Everything,
        Witness = instance.Witness is null ? null : new OrderedDictionary<string, WitnessValue> { [Everything] = WitnessValue.Matrix([[Everything], ["0"]]) },
        Parts = [.. instance.Parts.Select(part => part with
        {
            Text = Everything,
            Left = part.Left is null ? null : new SideRecord(Everything, WitnessValue.Scalar(Everything)),
            Right = part.Right is null ? null : new SideRecord(Everything, WitnessValue.Scalar(Everything)),
            Gap = Everything,
        })],
        Tried = [new TriedRecord(Everything, Everything, Everything, Everything)],
        Cone = instance.Cone is null ? null : new ConeRecord([instance.Cone.Points[0] with { Label = Everything }, instance.Cone.Points[1]]),
    };

    private static void NoControl(string text) =>
        Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c is (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200B' or '\uFEFF');

    [Fact]
    public void Terminal_obeys_nothing()
    {
        RunRecord run = Run();
        var plain = new TerminalReport(colours: false);
        string text = string.Concat(run.Claims.Select(claim => plain.Claim(claim, verbose: true) + Explanation.Of(claim, plain))) + plain.Error(run.Errors[0]);
        NoControl(text);
        Assert.DoesNotContain("\n##", text);
        Assert.DoesNotContain("\n::", text);
    }

    [Fact]
    public void Page_runs_links_and_mentions_nothing()
    {
        string page = MarkdownReport.Write(Run(), Everything, [Everything]);
        NoControl(page);
        // What a host makes of the page: only our own links and pictures, no markup of anyone else's.
        MarkdownPipeline host = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();
        string html = Markdown.ToHtml(page, host);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain(Regex.Matches(html, "<h2[^>]*>(.*?)</h2>"), heading => heading.Groups[1].Value == "heading");
        Assert.All(Regex.Matches(html, "(?:href|src)=\"([^\"]*)\"").Select(m => m.Groups[1].Value), link => Assert.Matches("^(#claim-[A-Za-z0-9_-]+|figures/[A-Za-z0-9_-]+\\.svg)$", link));
        string[] ours = ["h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "a", "img", "code", "pre", "strong", "ul", "li", "details", "summary", "div", "span"];
        Assert.All(Regex.Matches(html, "<([a-zA-Z][a-zA-Z0-9]*)").Select(m => m.Groups[1].Value).Distinct(), tag => Assert.Contains(tag, ours));

        // What hosts link after the page is parsed: mentions, issues, addresses. Code and attributes are exempt there.
        string prose = Regex.Replace(html, "<(code|pre)[ >].*?</\\1>| (alt|id)=\"[^\"]*\"", "", RegexOptions.Singleline);
        Assert.DoesNotContain("://", prose);
        Assert.DoesNotContain("www.", prose);
        Assert.DoesNotContain("@e", prose);
        Assert.DoesNotContain(" #1", prose);

        // Every row of a table still has the number of cells of its head.
        foreach (string[] table in Tables(page))
        {
            Assert.All(table, row => Assert.Equal(Cells(table[0]), Cells(row)));
        }
    }

    [Fact]
    public void Markup_stays_well_formed_and_without_scripts()
    {
        foreach (string xml in Run().Claims.SelectMany(Figures.Of).Select(figure => figure.Svg).Append(JUnitReport.Write(Run(), FailOn.Undecided)))
        {
            XDocument document = XDocument.Parse(xml);
            Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName == "script");
            NoControl(xml);
        }
    }

    [Fact]
    public void File_names_stay_in_the_folder()
    {
        ClaimRecord claim = Sample.Addition() with { Id = "../../etc/passwd\0\\x" };
        Assert.All(Figures.Of(claim), figure => Assert.Matches("^figures/[A-Za-z0-9_-]+\\.svg$", figure.Path));
    }

    [Fact]
    public void Workflow_command_is_one_line_and_the_only_one()
    {
        foreach (string command in GitHubAnnotations.Write(Run(), FailOn.Undecided))
        {
            NoControl(command);
            Assert.DoesNotContain('\n', command);
            Assert.StartsWith("::error file=", command);
            string properties = command[2..command.IndexOf("::", 2, System.StringComparison.Ordinal)];
            Assert.True(properties.Count(c => c == ',') <= 3, properties);
        }
    }

    [Fact]
    public void Json_escapes_and_keeps_every_character()
    {
        string json = RunJson.Write(Run());
        NoControl(json);
        Assert.Equal(Everything, RunJson.Read(json).Claims[0].Title);
    }

    private static IEnumerable<string[]> Tables(string page)
    {
        var rows = new List<string>();
        foreach (string line in page.Split('\n'))
        {
            if (line.StartsWith('|'))
            {
                rows.Add(line);
            }
            else if (rows.Count > 0)
            {
                yield return [.. rows];
                rows.Clear();
            }
        }
    }

    // Hosts split cells at every bar that is not escaped, also inside code spans.
    private static int Cells(string row) => row.Select((c, i) => c == '|' && (i == 0 || row[i - 1] != '\\')).Count(bar => bar);
}
