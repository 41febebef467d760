using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace VerifyEnergy.Reports;

/// <summary>
/// Text of people made inert for the place it is written to. Names, titles and sources come from claim files that anyone may have
/// written: no terminal may obey them, no page may run them, no host may turn them into links, mentions or images.
/// </summary>
public static class Inert
{
    // An empty comment: invisible, and it parts the text that a host would recognise.
    private const string Break = "<!-- -->";

    /// <summary>One line with every control, format (bidirectional overrides, zero widths), private and lone surrogate character written as <c>\u{…}</c>.</summary>
    public static string Line(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var line = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            int point = pair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i];
            UnicodeCategory category = pair ? CharUnicodeInfo.GetUnicodeCategory(point) : CharUnicodeInfo.GetUnicodeCategory(text[i]);
            bool hidden = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (text[i] == '\t')
            {
                line.Append(' ');
            }
            else if (hidden)
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{{{point:X4}}}");
            }
            else
            {
                line.Append(text[i]);
                if (pair)
                {
                    line.Append(text[i + 1]);
                }
            }

            i += pair ? 1 : 0;
        }

        return line.ToString();
    }

    /// <summary>Element content or attribute value of HTML, SVG and XML.</summary>
    public static string Markup(string? text)
    {
        var markup = new StringBuilder();
        foreach (char c in Line(text))
        {
            _ = c switch
            {
                '&' => markup.Append("&amp;"),
                '<' => markup.Append("&lt;"),
                '>' => markup.Append("&gt;"),
                '"' => markup.Append("&quot;"),
                '\'' => markup.Append("&#39;"),
                _ => markup.Append(c),
            };
        }

        return markup.ToString();
    }

    /// <summary>
    /// Prose in Markdown, also in a table cell. Every metacharacter is escaped; an empty comment breaks what hosts link on their own
    /// after escapes are gone: addresses, mentions and issue numbers.
    /// </summary>
    public static string Markdown(string? text)
    {
        var prose = new StringBuilder();
        string line = Line(text);
        int digits = line.TakeWhile(char.IsAsciiDigit).Count();
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            char next = i + 1 < line.Length ? line[i + 1] : ' ';

            // At the start of a line these would begin a list, a heading or a rule.
            bool starts = (i == 0 && (c is '-' or '+' or '=')) || (digits > 0 && i == digits && (c is '.' or ')') && next == ' ');
            _ = c switch
            {
                '\\' or '`' or '*' or '_' or '{' or '}' or '[' or ']' or '|' or '~' or '$' => prose.Append('\\').Append(c),
                '#' => prose.Append("\\#").Append(Break),
                _ when starts => prose.Append('\\').Append(c),
                _ => Unlinked(prose, line, i, c, next),
            };
        }

        return prose.ToString();
    }

    /// <summary>Prose inside HTML elements of a Markdown page, where backslashes mean nothing but hosts still link on their own.</summary>
    public static string MarkdownHtml(string? text)
    {
        var prose = new StringBuilder();
        string line = Line(text);
        for (int i = 0; i < line.Length; i++)
        {
            _ = line[i] == '#' ? prose.Append('#').Append(Break) : Unlinked(prose, line, i, line[i], i + 1 < line.Length ? line[i + 1] : ' ');
        }

        return prose.ToString();
    }

    private static StringBuilder Unlinked(StringBuilder prose, string line, int i, char c, char next) => c switch
    {
        '&' => prose.Append("&amp;"),
        '<' => prose.Append("&lt;"),
        '>' => prose.Append("&gt;"),
        '@' => prose.Append('@').Append(Break),
        ':' when next != ' ' => prose.Append(':').Append(Break),
        '.' when i >= 3 && line.AsSpan(i - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase) => prose.Append(Break).Append('.'),
        _ => prose.Append(c),
    };

    /// <summary>A code span in Markdown, fenced by more backticks than the text holds in a row; in a table cell bars are escaped too.</summary>
    public static string MarkdownCode(string? text, bool inTable = false)
    {
        string line = Line(text);
        if (line.Length == 0)
        {
            return "";
        }

        int longest = 0;
        int run = 0;
        foreach (char c in line)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        string fence = new('`', longest + 1);
        string pad = line[0] == '`' || line[^1] == '`' ? " " : "";
        string body = inTable ? line.Replace("|", "\\|", StringComparison.Ordinal) : line;
        return fence + pad + body + pad + fence;
    }

    /// <summary>A value of a workflow command of GitHub: after the last <c>::</c>, or with <paramref name="property"/> before it.</summary>
    public static string WorkflowCommand(string? text, bool property)
    {
        // Line breaks are wanted in a message and must be encoded, so they do not go through Line.
        var value = new StringBuilder();
        foreach (string line in (text ?? "").ReplaceLineEndings("\n").Split('\n'))
        {
            value.Append(value.Length > 0 ? "%0A" : "");
            value.Append(Line(line).Replace("%", "%25", StringComparison.Ordinal));
        }

        return property
            ? value.Replace(":", "%3A").Replace(",", "%2C").ToString()
            : value.ToString();
    }
}
