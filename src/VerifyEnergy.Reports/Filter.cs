using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Enumeration;
using System.Linq;

namespace VerifyEnergy.Reports;

/// <summary>
/// Which claims are meant: words separated by blanks, all of which must fit. A word fits a claim by its id, one of its tags or its file
/// (without folders), with <c>*</c> and <c>?</c> as wildcards; <c>!</c> in front turns it round. The empty filter takes every claim.
/// </summary>
public sealed class Filter(string? expression)
{
    private readonly string[] words = (expression ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    public bool Takes(string id, IReadOnlyList<string> tags, string file) => words.All(word =>
    {
        bool not = word.StartsWith('!');
        string pattern = not ? word[1..] : word;
        bool fits = tags.Append(id).Append(Path.GetFileName(file)).Append(Path.GetFileNameWithoutExtension(file))
            .Any(text => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false));
        return fits != not;
    });
}
