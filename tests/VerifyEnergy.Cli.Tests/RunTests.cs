using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Xunit;

namespace VerifyEnergy.Cli.Tests;

public sealed class RunTests : IDisposable
{
    private readonly Tool tool = new();

    public void Dispose() => tool.Dispose();

    private static JsonElement Claim(Outcome outcome, string id) =>
        outcome.Document.GetProperty("claims").EnumerateArray().Single(claim => claim.GetProperty("id").GetString() == id);

    [Fact]
    public void As_wanted_is_0_and_evidence_is_kept()
    {
        tool.Write("a.claim", "claim doubled let x : real show x + x = 2*x\n");
        Outcome outcome = tool.Run("check", "a.claim");
        Assert.Equal(0, outcome.ExitCode);
        Assert.StartsWith("proved    doubled", outcome.Output);
        Assert.Contains("Of 1 claim 1 is proved; all as expected.", outcome.Output);
        Assert.True(File.Exists(Path.Combine(tool.Folder, "evidence", "doubled.json")));
    }

    [Theory]
    [InlineData("claim c let x : real show x + x = 2*x expect refuted", "undecided", 1)]
    [InlineData("claim c let x : real show exp(exp(x)) + sin(x) >= sin(exp(x)) - 2", "never", 0)]
    [InlineData("claim c let n : real show det(n) = 1 expect ill-typed", "undecided", 0)]
    public void Exit_code_follows_the_verdict(string text, string failOn, int code)
    {
        tool.Write("a.claim", text + "\n");
        Outcome outcome = tool.Run("check", "a.claim", "--fail-on", failOn, "--timeout", "2s");
        Assert.True(outcome.ExitCode == code, outcome.Output + outcome.Error);
    }

    [Fact]
    public void Standard_input_keeps_no_evidence()
    {
        Outcome outcome = tool.RunWith("claim doubled let x : real show x + x = 2*x\n", [], "check", "-");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(tool.Folder));
    }

    [Fact]
    public void Json_is_the_only_thing_on_standard_output_and_does_not_depend_on_jobs()
    {
        tool.Write("a.claim", string.Concat(Enumerable.Range(1, 12).Select(i => $"claim c-{i} for n in 1..2 let A, B : real[n,n] show {i}*tr(A*B) = {i}*tr(B*A)\n")));
        Outcome one = tool.Run("check", "a.claim", "--json", "--jobs", "1", "--no-cache");
        Outcome four = tool.Run("check", "a.claim", "--json", "--jobs", "4", "--no-cache");
        Assert.Equal(0, one.ExitCode);
        Assert.Equal(one.Output, four.Output);
        Assert.Equal(12, one.Document.GetProperty("claims").GetArrayLength());
        Assert.Equal(one.Output, tool.Run("check", "a.claim", "--json").Output);
    }

    [Fact]
    public void Unchanged_claim_is_only_rechecked()
    {
        tool.Write("a.claim", "claim doubled let x : real show x + x = 2*x\n");
        tool.Run("check", "a.claim");
        Assert.False(Cached());
        string evidence = tool.Read("evidence/doubled.json");
        Outcome again = tool.Run("check", "a.claim");
        Assert.Equal(0, again.ExitCode);
        Assert.True(Cached());
        Assert.Equal(evidence, tool.Read("evidence/doubled.json"));
        tool.Run("check", "a.claim", "--no-cache");
        Assert.False(Cached());
        tool.Run("check", "a.claim", "--seed", "5");
        Assert.False(Cached());

        bool Cached() => JsonDocument.Parse(tool.Read(".verify-energy/run.json")).RootElement.GetProperty("claims")[0].GetProperty("cached").GetBoolean();
    }

    [Fact]
    public void Editing_only_an_imported_definition_changes_the_verdict()
    {
        tool.Write("common.claim", "def twice(x) = x + x\n");
        tool.Write("a.claim", "import \"common.claim\"\nclaim c let x : real show twice(x) = 2*x\n");
        Assert.Equal(0, tool.Run("check", "a.claim").ExitCode);
        tool.Write("common.claim", "def twice(x) = x + x + x^2\n");
        Outcome outcome = tool.Run("check", "a.claim");
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.DoesNotContain("proved    c ", outcome.Output);
        Assert.Contains("earlier text", tool.Run("recheck", "a.claim").Output + tool.Run("check", "a.claim", "--no-cache").Output + RecheckOld());

        string RecheckOld()
        {
            tool.Write("common.claim", "def twice(x) = x + x\n");
            return tool.Run("recheck", "a.claim").Output;
        }
    }

    // What a damaged evidence must not do: pass.
    [Theory]
    [InlineData("\"verdict\": \"proved\",\n  \"instances\"", "\"verdict\": \"refuted\",\n  \"instances\"")]
    [InlineData("\"sha256\": \"", "\"sha256\": \"0")]
    [InlineData("\"instance\":[]", "\"instance\":[1]")]
    [InlineData("\"certificate\": {", "\"certificate\": {\"extra\":1,")]
    [InlineData("\"count\":1", "\"count\":2")]
    [InlineData("\"verdict\": \"proved\",\n      \"engine\"", "\"verdict\": \"vacuous\",\n      \"engine\"")]
    [InlineData("\"schema\": \"verify-energy-evidence/1\"", "\"schema\": \"verify-energy-evidence/0\"")]
    public void Altered_evidence_does_not_recheck(string part, string other)
    {
        tool.Write("a.claim", "claim doubled let x : real show x + x = 2*x\n");
        Assert.Equal(0, tool.Run("check", "a.claim").ExitCode);
        Assert.Equal(0, tool.Run("recheck", "a.claim").ExitCode);
        string evidence = tool.Read("evidence/doubled.json");
        Assert.Contains(part, evidence);
        int at = evidence.IndexOf(part, StringComparison.Ordinal);
        tool.Write("evidence/doubled.json", evidence[..at] + other + evidence[(at + part.Length)..]);
        Outcome outcome = tool.Run("recheck", "a.claim").IsOneScreen();
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("does not recheck", outcome.Error);
    }

    [Fact]
    public void Recheck_without_evidence_does_not_pass()
    {
        tool.Write("a.claim", "claim doubled let x : real show x + x = 2*x\n");
        Outcome outcome = tool.Run("recheck", "a.claim");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("no evidence is kept", outcome.Output);
        Assert.False(Directory.Exists(Path.Combine(tool.Folder, "evidence")));
    }

    [Fact]
    public void Filter_and_shards_take_each_claim_once()
    {
        tool.Write("a.claim", "claim a-one tags left let x : real show x = x\nclaim a-two let x : real show x = x\nclaim b-one tags left let x : real show x = x\n");
        Assert.Equal(["a-one", "a-two"], Ids("--filter", "a-*"));
        Assert.Equal(["b-one"], Ids("--filter", "left !a-*"));
        Assert.Equal(["a-one", "b-one"], Ids("--shard", "1/2"));
        Assert.Equal(["a-two"], Ids("--shard", "2/2"));

        string[] Ids(params string[] options) =>
            [.. tool.Run(["check", "a.claim", "--json", .. options]).Document.GetProperty("claims").EnumerateArray().Select(claim => claim.GetProperty("id").GetString()!)];
    }

    [Fact]
    public void Report_is_the_same_bytes_again()
    {
        tool.Write("p/a.claim", "claim doubled for n in 1..2 let x : real[n] show x + x = 2*x\n");
        Assert.Equal(0, tool.Run("report", "p", "--out", "reports/p", "--html").ExitCode);
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(tool.Folder, "reports"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.Contains(files, file => file.EndsWith("README.md", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("doubled-grid.svg", StringComparison.Ordinal));
        byte[][] before = [.. files.Select(File.ReadAllBytes)];
        Assert.Equal(0, tool.Run("report", "p", "--out", "reports/p", "--html", "--no-cache", "--jobs", "2").ExitCode);
        Assert.Equal(before, files.Select(File.ReadAllBytes));
        Assert.Equal(tool.Run("check", "p", "--json").Output, tool.Read("reports/p/run.json"));
    }

    [Fact]
    public void Quiet_verbose_and_progress_lines()
    {
        tool.Write("a.claim", "claim doubled let x : real show x + x = 2*x\n");
        Assert.StartsWith("Of 1 claim", tool.Run("check", "a.claim", "-q").Output);
        Assert.Contains("tried", tool.Run("check", "a.claim", "-v").Output);
        Outcome lines = tool.Run("check", "a.claim", "--progress", "lines");
        Assert.Equal("1/1 doubled proved\n", lines.Error);
        Assert.Empty(tool.Run("check", "a.claim").Error);
    }

    [Fact]
    public void Explain_says_what_it_rests_on_and_suggests_near_names()
    {
        tool.Write("proofs/a.claim", "claim doubled let x : real show x + x = 2*x\n");
        Outcome outcome = tool.Run("explain", "doubled");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("It rests on\n  certificate identity", outcome.Output);
        Outcome near = tool.Run("explain", "doubeld").IsOneScreen();
        Assert.Equal(4, near.ExitCode);
        Assert.Contains("did you mean doubled?", near.Error);
    }

    [Fact]
    public void Replay_of_evidence_goes_through_the_checker()
    {
        tool.Write("proofs/a.claim", "claim doubled let x : real show x + x = 2*x\n");
        tool.Run("check");
        Assert.Equal(0, tool.Run("replay", "proofs/evidence/doubled.json").ExitCode);
        tool.Write("bad.json", tool.Read("proofs/evidence/doubled.json").Replace("\"count\":1", "\"count\":3", StringComparison.Ordinal));
        Assert.Equal(3, tool.Run("replay", "bad.json").ExitCode);
        tool.Write("worse.json", "[]");
        Assert.Equal(65, tool.Run("replay", "worse.json").IsOneScreen().ExitCode);
        Assert.Equal(66, tool.Run("replay", "nowhere.json").IsOneScreen().ExitCode);
        Assert.Equal(0, tool.Run("replay", "doubled", "--seed", "7").ExitCode);
    }

    [Fact]
    public void Hostile_claim_text_acts_on_nothing()
    {
        tool.Write("a.claim", "claim c title \"\u001b[31mred\u001b[0m \u202Etxt\" source \"<script>alert(1)</script>\" let x : real show x + x = 2*x\n");
        Outcome check = tool.Run("check", "a.claim", "-v");
        Outcome report = tool.Run("report", "a.claim", "--out", "r", "--html");
        Outcome list = tool.Run("list", "a.claim");
        string page = report.ExitCode == 0 ? tool.Read("r/README.md") + tool.Read("r/report.html") : "";
        Assert.DoesNotContain(check.Output + check.Error + report.Error + list.Output + list.Error + page, c => c is '\u001b' or '\u202E');
        Assert.DoesNotContain("<script>", page);
    }

    [Fact]
    public void Interrupt_while_waiting_ends_in_130()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using Process process = tool.Start([], "check", "-", "--json");
        Thread.Sleep(2500);
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(130, process.ExitCode);
        Assert.Equal(130, JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement.GetProperty("summary").GetProperty("exitCode").GetInt32());
    }
}
