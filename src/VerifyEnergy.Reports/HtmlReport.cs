using System;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>The report as one HTML page that needs nothing beside it: no script, no request, figures inside. From the same records as the Markdown page.</summary>
public static class HtmlReport
{
    public static string Write(RunRecord run, string heading)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>").Append(Inert.Markup(heading)).Append("</title>\n<style>\n");
        Styles(page);
        page.Append("</style>\n</head>\n<body>\n<h1>").Append(Inert.Markup(heading)).Append("</h1>\n<p>");
        string counts = Words.Counts(run.Summary);
        page.Append(char.ToUpperInvariant(counts[0])).Append(counts[1..])
            .Append(run.Summary.AsExpected == run.Summary.Claims ? "; all as expected.</p>\n" : $"; <strong>{run.Summary.Claims - run.Summary.AsExpected} not as expected</strong>.</p>\n");
        Table(page, run);
        foreach (ClaimRecord claim in run.Claims)
        {
            Claim(page, claim);
        }

        page.Append("<h2>Environment</h2>\n<p>verify-energy ").Append(Inert.Markup(run.Version)).Append("; engines: ")
            .Append(Inert.Markup(string.Join(", ", run.Engines.Select(e => $"{e.Name} {e.Version}")))).Append("</p>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void Styles(StringBuilder page)
    {
        page.Append(":root{color-scheme:light dark}body{font-family:").Append(Svg.FontFamily)
            .Append(";max-width:70rem;margin:2rem auto;padding:0 1rem;line-height:1.45}")
            .Append("table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid color-mix(in srgb,currentColor 25%,transparent);padding:.3rem .6rem;text-align:left;vertical-align:top}")
            .Append("code,pre{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.92em}pre{overflow-x:auto;padding:.6rem;border:1px solid color-mix(in srgb,currentColor 20%,transparent)}img{max-width:100%;height:auto}\n");
        for (int i = 0; i < VerdictStyle.All.Count; i++)
        {
            page.Append(".v").Append(i).Append("{color:light-dark(").Append(VerdictStyle.All[i].Light).Append(',').Append(VerdictStyle.All[i].Dark).Append(");font-weight:600;white-space:nowrap}\n");
        }
    }

    private static void Table(StringBuilder page, RunRecord run)
    {
        page.Append("<table>\n<thead><tr><th>verdict</th><th>claim</th><th>title</th><th>source</th><th>for</th><th>evidence</th></tr></thead>\n<tbody>\n");
        foreach (ClaimRecord claim in run.Claims)
        {
            page.Append("<tr><td>").Append(Verdict(claim.Verdict)).Append(claim.AsExpected ? "" : " <strong>(not as expected)</strong>")
                .Append("</td><td><a href=\"#").Append(Figures.Anchor(claim)).Append("\">").Append(Inert.Markup(claim.Id)).Append("</a></td>");
            foreach (string? cell in new[] { claim.Title, claim.Source, claim.Condition is null ? Words.Scope(claim) : Words.Condition(claim), Words.Evidence(claim) })
            {
                page.Append("<td>").Append(Inert.Markup(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void Claim(StringBuilder page, ClaimRecord claim)
    {
        page.Append("<section id=\"").Append(Figures.Anchor(claim)).Append("\">\n<h2>").Append(Inert.Markup(claim.Id)).Append(' ').Append(Verdict(claim.Verdict)).Append("</h2>\n");
        if (claim.Title is not null || claim.Source is not null)
        {
            page.Append("<p>").Append(Inert.Markup(claim.Title)).Append(claim.Source is null ? "" : $" ({Inert.Markup(claim.Source)})").Append("</p>\n");
        }

        Preformatted(page, Words.Signs(claim.Statement));
        if (claim.Verdict != VerdictNames.Proved)
        {
            Preformatted(page, new TerminalReport(colours: false).Claim(claim, verbose: false));
        }

        foreach (Figure figure in Figures.Of(claim))
        {
            page.Append("<p><img alt=\"").Append(Inert.Markup(figure.Alt)).Append("\" src=\"data:image/svg+xml;base64,")
                .Append(Convert.ToBase64String(RunJson.Bytes(figure.Svg))).Append("\"></p>\n");
        }

        CertificateRecord[] certificates = [.. claim.Instances.Select(i => i.Certificate).OfType<CertificateRecord>().Distinct()];
        if (certificates.Length > 0)
        {
            page.Append("<details><summary>").Append(Words.Number(certificates.Length, "certificate")).Append("</summary>\n<table><tr><th>kind</th><th>bytes</th><th>sha256</th></tr>\n");
            foreach (CertificateRecord certificate in certificates)
            {
                page.Append("<tr><td>").Append(Inert.Markup(certificate.Kind)).Append("</td><td>").Append(certificate.Bytes)
                    .Append("</td><td><code>").Append(Inert.Markup(certificate.Sha256)).Append("</code></td></tr>\n");
            }

            page.Append("</table>\n</details>\n");
        }

        page.Append("</section>\n");
    }

    private static string Verdict(string word)
    {
        VerdictStyle style = VerdictStyle.Of(word);
        int index = Math.Max(0, VerdictStyle.All.ToList().FindIndex(s => s.Word == word));
        return $"<span class=\"v{index}\">{style.Shape} {Inert.Markup(style.Word)}</span>";
    }

    private static void Preformatted(StringBuilder page, string text) =>
        page.Append("<pre>").AppendJoin('\n', text.TrimEnd('\n').Split('\n').Select(Inert.Markup)).Append("</pre>\n");
}
