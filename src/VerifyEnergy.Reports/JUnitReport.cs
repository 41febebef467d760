using System.Globalization;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>A run as JUnit XML: a suite for each claim file, a test case for each claim, the refutation block as the message.</summary>
public static class JUnitReport
{
    public static string Write(RunRecord run, FailOn failOn)
    {
        var plain = new TerminalReport(colours: false);
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        int failures = run.Claims.Count(claim => Fails(claim, failOn));
        xml.Append(CultureInfo.InvariantCulture, $"<testsuites name=\"verify-energy\" tests=\"{run.Claims.Count}\" failures=\"{failures}\" errors=\"{run.Errors.Count}\">\n");
        foreach (var file in run.Claims.GroupBy(claim => claim.File))
        {
            xml.Append(CultureInfo.InvariantCulture, $"  <testsuite name=\"{Inert.Markup(file.Key)}\" tests=\"{file.Count()}\" failures=\"{file.Count(claim => Fails(claim, failOn))}\">\n");
            foreach (ClaimRecord claim in file)
            {
                xml.Append(CultureInfo.InvariantCulture, $"    <testcase classname=\"{Inert.Markup(claim.File)}\" name=\"{Inert.Markup(claim.Id)}\" file=\"{Inert.Markup(claim.File)}\" line=\"{claim.Line}\"");
                if (Fails(claim, failOn))
                {
                    string expected = claim.Expected is { } wanted ? $"expected {wanted}" : "expected to hold";
                    xml.Append(CultureInfo.InvariantCulture, $">\n      <failure message=\"{Inert.Markup($"{claim.Verdict}, {expected}")}\" type=\"{Inert.Markup(claim.Verdict)}\">")
                        .AppendJoin('\n', plain.Claim(claim, verbose: false).Split('\n').Select(Inert.Markup)).Append("</failure>\n    </testcase>\n");
                }
                else
                {
                    xml.Append("/>\n");
                }
            }

            xml.Append("  </testsuite>\n");
        }

        return xml.Append("</testsuites>\n").ToString();
    }

    private static bool Fails(ClaimRecord claim, FailOn failOn) =>
        ExitCodes.Judge([claim], failOn) is { Differs: true } or { Undecided: true };
}
