using System;
using System.Collections.Generic;
using System.Linq;

namespace VerifyEnergy.Cli;

/// <summary>The nearest known word, for "did you mean".</summary>
internal static class Spelling
{
    /// <summary>Null when nothing is near: more than a third of the letters differ.</summary>
    public static string? Nearest(string word, IEnumerable<string> known) => word.Length is < 3 or > 60
        ? null
        : known.Distinct().Select(k => (Word: k, Distance: Distance(word, k)))
            .Where(k => k.Distance <= Math.Max(1, Math.Max(word.Length, k.Word.Length) / 3))
            .OrderBy(k => k.Distance).ThenBy(k => k.Word, StringComparer.Ordinal)
            .Select(k => k.Word).FirstOrDefault();

    // Insertions, deletions, replacements (Wagner–Fischer).
    private static int Distance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] current = new int[b.Length + 1];
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }

            previous = current;
        }

        return previous[^1];
    }
}
