using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using VerifyEnergy.Reports;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>Every command of the README runs through the built program, in order, on a copy of what it works on.</summary>
public sealed class ReadmeTests : IDisposable
{
    private const string LongForm = "dotnet run --project src/VerifyEnergy.Cli -c Release -- ";
    private const string ShortForm = "verify-energy ";

    private readonly BuiltProgram program = new();

    public void Dispose() => program.Dispose();

    private static string Readme => File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    private static IEnumerable<string> Blocks(string language) =>
        Regex.Matches(Readme, "^```(.*)\n((?:(?!```).*\n)*)```$", RegexOptions.Multiline).Where(block => block.Groups[1].Value == language).Select(block => block.Groups[2].Value);

    [Fact]
    public void Every_command_ends_well()
    {
        program.CopyFromRepository("proofs");
        string[] commands = [.. Blocks("sh").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.InRange(commands.Length, 6, 40);
        Assert.All(commands, command => Assert.True(
            command == "dotnet test" || command.StartsWith(LongForm, StringComparison.Ordinal) || command.StartsWith(ShortForm, StringComparison.Ordinal), command));
        foreach (string command in commands.Where(command => command != "dotnet test"))
        {
            string rest = command[(command.StartsWith(LongForm, StringComparison.Ordinal) ? LongForm : ShortForm).Length..];
            if (rest == "check proofs")
            {
                // All of them are decided by the list of checks; here a few stand for them.
                rest += " --filter wc-s*";
            }

            Ended ended = program.Run(TimeSpan.FromMinutes(2), rest.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.True(ended.ExitCode == 0, $"{command}: exit code {ended.ExitCode}\n{ended.Error}");
            Assert.NotEmpty(ended.Output);
        }
    }

    [Fact]
    public void Short_form_is_explained() => Assert.Contains($"`verify-energy` stands for `{LongForm.TrimEnd()}`", Readme, StringComparison.Ordinal);

    [Fact]
    public async Task Sample_claim_is_what_it_says()
    {
        string text = Assert.Single(Blocks(""));
        IReadOnlyList<LoadedClaim> claims = Decided.Load(new ClaimSource("mine.claim", null, text));
        Assert.NotEmpty(claims);
        Assert.All((await Decided.Anew(claims)).Claims, claim => Assert.True(claim.AsExpected, $"{claim.Id} is {claim.Verdict}"));
    }
}
