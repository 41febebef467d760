using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace VerifyEnergy.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private const string True = "claim doubled let x : real show x + x = 2*x\n";

    private readonly Tool tool = new();

    public void Dispose() => tool.Dispose();

    // arguments (separated by blanks), what the message names
    [Theory]
    [InlineData("", "a command is wanted")]
    [InlineData("chek", "did you mean check?")]
    [InlineData("check --sede 3", "did you mean --seed?")]
    [InlineData("check -x", "unknown option -x")]
    [InlineData("check ok.claim --bogus", "unknown option --bogus")]
    [InlineData("check -- -ok.claim", "-ok.claim")]
    [InlineData("check --seed minus", "--seed wants a whole number")]
    [InlineData("check --seed 99999999999999999999", "--seed wants a whole number")]
    [InlineData("check --timeout 3", "--timeout wants a duration")]
    [InlineData("check --timeout 0s", "--timeout wants a duration")]
    [InlineData("check --timeout", "--timeout")]
    [InlineData("check --budget 5parsec", "--budget wants a duration")]
    [InlineData("check --memory 5", "--memory wants a size")]
    [InlineData("check --alpha 1", "--alpha wants a level")]
    [InlineData("check --jobs 0", "--jobs wants a number")]
    [InlineData("check --shard 3/2", "--shard wants i/n")]
    [InlineData("check --fail-on maybe", "--fail-on wants refuted, undecided or never")]
    [InlineData("check --progress loud", "--progress wants auto, lines or none")]
    [InlineData("check --engines warp", "warp")]
    [InlineData("check --resume --no-cache", "exclude each other")]
    [InlineData("report", "--out DIR")]
    [InlineData("explain", "CLAIM")]
    [InlineData("new", "NAME")]
    [InlineData("new Not_Kebab", "kebab-case")]
    [InlineData("doctor extra", "extra")]
    public void Bad_usage_is_64_with_one_screen(string line, string named)
    {
        tool.Write("ok.claim", True);
        Outcome outcome = tool.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).IsOneScreen();
        Assert.Equal(64, outcome.ExitCode);
        Assert.Contains(named, outcome.Error);
        Assert.Empty(outcome.Output);
        Assert.False(Directory.Exists(Path.Combine(tool.Folder, "evidence")));
    }

    [Theory]
    [InlineData("check --sede 3 --json", 64)]
    [InlineData("check nowhere.claim --json", 66)]
    [InlineData("check bad.claim --json", 65)]
    [InlineData("check bad.claim nowhere.claim --json", 65)]
    [InlineData("check ok.claim --filter nothing-fits --json", 4)]
    [InlineData("check ok.claim --junit ok.claim/out.xml --json", 74)]
    public void Errors_too_are_one_document_with_json(string line, int code)
    {
        tool.Write("ok.claim", True);
        tool.Write("bad.claim", "claim bad let x : real show sqroot(x) >= 0\n");
        Outcome outcome = tool.Run(line.Split(' '));
        Assert.Equal(code, outcome.ExitCode);
        Assert.Equal("verify-energy/1", outcome.Document.GetProperty("schema").GetString());
        Assert.Equal(code, outcome.Document.GetProperty("summary").GetProperty("exitCode").GetInt32());
        JsonElement[] errors = [.. outcome.Document.GetProperty("errors").EnumerateArray()];
        Assert.Contains(errors, error => error.GetProperty("code").GetInt32() == code);
        Assert.All(errors, error => Assert.NotEmpty(error.GetProperty("message").GetString()!));
    }

    [Fact]
    public void Missing_file_is_66_and_names_it()
    {
        Outcome outcome = tool.Run("check", "nowhere/x.claim").IsOneScreen();
        Assert.Equal(66, outcome.ExitCode);
        Assert.Contains("nowhere/x.claim: error: no such file or folder", outcome.Error);
    }

    [Fact]
    public void Bad_claim_is_65_with_place_caret_and_suggestion_and_nothing_is_tried()
    {
        tool.Write("ok.claim", True);
        tool.Write("bad.claim", "# comment\nclaim bad let x : real show sqr(x) >= 0\n");
        Outcome outcome = tool.Run("check", "ok.claim", "bad.claim").IsOneScreen();
        Assert.Equal(65, outcome.ExitCode);
        string[] lines = outcome.Error.Split('\n');
        Assert.StartsWith("bad.claim:2:29: error: ", lines[0]);
        Assert.Equal("    claim bad let x : real show sqr(x) >= 0", lines[1]);
        Assert.Equal(new string(' ', 4 + 28) + "^", lines[2]);
        Assert.Contains("did you mean 'sqrt'?", lines[3]);
        Assert.Empty(outcome.Output);
        Assert.False(Directory.Exists(Path.Combine(tool.Folder, "evidence")));
    }

    [Fact]
    public void Not_utf8_is_65()
    {
        File.WriteAllBytes(Path.Combine(tool.Folder, "latin.claim"), [0x63, 0xE9, 0x0A]);
        Outcome outcome = tool.Run("check", "latin.claim").IsOneScreen();
        Assert.Equal(65, outcome.ExitCode);
        Assert.Contains("latin.claim: error: not UTF-8", outcome.Error);
    }

    // A path under a regular file cannot be written to, not even by root.
    [Theory]
    [InlineData("check ok.claim --junit ok.claim/out.xml", "ok.claim/out.xml")]
    [InlineData("report ok.claim --out ok.claim/report", "ok.claim/report")]
    public void Unwritable_output_is_74(string line, string named)
    {
        tool.Write("ok.claim", True);
        Outcome outcome = tool.Run(line.Split(' ')).IsOneScreen();
        Assert.Equal(74, outcome.ExitCode);
        Assert.Contains("cannot write " + named, outcome.Error);
    }

    [Fact]
    public void Unwritable_evidence_is_74()
    {
        tool.Write("ok.claim", True);
        tool.Write("evidence", "a file where the folder should be");
        Outcome outcome = tool.Run("check", "ok.claim").IsOneScreen();
        Assert.Equal(74, outcome.ExitCode);
        Assert.Contains(Path.Combine("evidence", "doubled.json"), outcome.Error);
    }

    [Fact]
    public void Help_and_version_go_to_standard_output()
    {
        Assert.Equal(0, tool.Run("--help").ExitCode);
        Outcome help = tool.Run("check", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--fail-on", help.Output);
        Outcome version = tool.Run("--version");
        Assert.Equal(0, version.ExitCode);
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+$", version.Output.Trim());
    }

    [Fact]
    public void New_writes_a_skeleton_that_elaborates_and_never_overwrites()
    {
        Assert.Equal(0, tool.Run("new", "my-claim").ExitCode);
        Outcome listed = tool.Run("list", "my-claim.claim", "--json");
        Assert.Equal(0, listed.ExitCode);
        Assert.Equal("my-claim", listed.Document.GetProperty("claims").EnumerateArray().Single().GetProperty("id").GetString());
        string before = tool.Read("my-claim.claim");
        Assert.Equal(74, tool.Run("new", "my-claim").IsOneScreen().ExitCode);
        Assert.Equal(before, tool.Read("my-claim.claim"));
    }
}
