using System;
using System.Linq;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>
/// Text that would cost more than there is, given to the built program: exit code 65, a message of one screen, and soon.
/// Misspelt functions, wrong options, missing files and unwritable places are tested with the command line.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    private readonly BuiltProgram program = new();

    public void Dispose() => program.Dispose();

    // name, claim text, a word of the message
    public static TheoryData<string, string, string> Texts => new()
    {
        { "a bad bracket", "claim c let x : real show (x + 1] = 0", "error" },
        { "ten thousand brackets", "claim c let x : real show " + new string('(', 10_000) + "x" + new string(')', 10_000) + " = x", "bracket" },
        { "ten thousand open brackets", "claim c let x : real show " + new string('(', 10_000), "bracket" },
        { "a numeral of a megabyte", "claim c show 0 < " + new string('7', 1_000_000), "numeral" },
        { "a file beyond the cap", "claim c show 0 < " + new string('7', 1 << 20), "the file has" },
        { "a power tower", "claim c show 2^(10^10) > 0", "exponent" },
        { "a bomb of definitions", Bomb(60), "error" },
        { "states of 60 bits", "claim c show sum(v in bits[60]) v[1] = 2^59", "error" },
        { "all states of 60 bits", "claim c show forall(v in bits[60]) v[1] <= 1", "error" },
        { "a sum of 10^12 terms", "claim c show sum(j in 1..10^12) j >= 0", "error" },
    };

    private static string Bomb(int doublings) =>
        "claim c let x : real\ndef a0 = x + x\n"
        + string.Concat(Enumerable.Range(1, doublings).Select(i => $"def a{i} = a{i - 1} + a{i - 1}\n"))
        + $"show a{doublings} = 0";

    [Theory]
    [MemberData(nameof(Texts))]
    public void Ends_in_65_with_one_screen(string name, string text, string said)
    {
        program.Write("bad.claim", text + "\n");
        Ended ended = program.Run(TimeSpan.FromSeconds(10), "check", "bad.claim");
        string all = ended.Output + ended.Error;
        Assert.True(ended.ExitCode == 65, $"{name}: exit code {ended.ExitCode}\n{all[..Math.Min(all.Length, 2000)]}");
        Assert.StartsWith("bad.claim:", ended.Error, StringComparison.Ordinal);
        Assert.Contains(said, ended.Error, StringComparison.Ordinal);
        Assert.InRange(all.Split('\n').Length, 1, 40);
        Assert.All(all.Split('\n'), line => Assert.InRange(line.Length, 0, 500));
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
    }
}
