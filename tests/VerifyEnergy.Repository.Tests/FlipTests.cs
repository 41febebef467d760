using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using VerifyEnergy.Engines;
using VerifyEnergy.Reports;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>
/// A broken verdict is noticed: one <c>expect</c>, one coefficient of a certificate or one entry of a witness is changed, and the run
/// no longer ends well. The numbers in evidence are changed together with their fingerprint, so that the checker itself has to refuse.
/// </summary>
public sealed class FlipTests : IDisposable
{
    // The witness of the third is the only one there is, so that no other entries violate it too.
    private static readonly string[] Texts =
    [
        "claim grid for n in 1..2, k in 1..2 let V, W : real[n,k] show rank(V*V' + W*W') <= k expect holds iff k >= n",
        "claim squares let A, B : psd[2] show det(A + B) >= det(A) + det(B) expect proved",
        "claim point let x, y : real show (x - 1)^2 + (y - 2)^2 > 0 expect refuted",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("verify-energy-flip-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IReadOnlyList<LoadedClaim> Load(IEnumerable<string> texts) => Decided.Load(new ClaimSource("flip.claim", folder, string.Join("\n", texts)));

    [Fact]
    public async Task Each_changed_expectation_is_noticed()
    {
        Assert.Equal(ExitCode.AsWanted, (await Decided.Kept(Load(Texts), recheckOnly: false)).ExitCode);
        (string From, string To)[] flips =
        [
            ("holds iff k >= n", "holds iff k > n"), ("holds iff k >= n", "proved"), ("holds iff k >= n", "holds iff k <= n"),
            ("expect proved", "expect refuted"), ("expect proved", "expect undecided"), ("expect proved", "expect vacuous"),
            ("expect refuted", "expect proved"), ("expect refuted", "expect supported"), ("expect refuted", "expect ill-typed"),
        ];
        foreach ((string from, string to) in flips)
        {
            string[] flipped = [.. Texts.Select(text => text.Replace(from, to, StringComparison.Ordinal))];
            Assert.NotEqual(Texts, flipped);
            Assert.Equal(ExitCode.Differs, (await Decided.Kept(Load(flipped), recheckOnly: false)).ExitCode);
            Assert.Equal(ExitCode.Differs, (await Decided.Kept(Load(flipped), recheckOnly: true)).ExitCode);
        }
    }

    [Theory]
    [InlineData("squares", "squares", 8)]
    [InlineData("point", "witness", 2)]
    public async Task Each_changed_number_of_a_certificate_is_refused(string id, string kind, int atLeast)
    {
        IReadOnlyList<LoadedClaim> claims = Load(Texts.Where(text => text.StartsWith("claim " + id, StringComparison.Ordinal)));
        Assert.Equal(ExitCode.AsWanted, (await Decided.Kept(claims, recheckOnly: false)).ExitCode);
        Assert.Equal(ExitCode.AsWanted, (await Decided.Kept(claims, recheckOnly: true)).ExitCode);
        string path = EvidenceFolders.PathOf(claims[0].Source, id)!;
        string kept = File.ReadAllText(path);
        EvidenceRecord evidence = RunJson.ReadEvidence(kept);
        EvidenceInstance instance = Assert.Single(evidence.Instances);
        JsonNode certificate = JsonNode.Parse(instance.Certificate!.Json)!;
        Assert.Equal(kind, (string?)certificate["kind"]);
        int changed = 0;
        foreach (Action flip in Flips(certificate))
        {
            flip();
            string text = certificate.ToJsonString();
            Assert.NotEqual(instance.Certificate.Json, text);
            flip();
            var parsed = CertificateText.parse(text);
            string? fitting = parsed.IsOk ? EvidenceText.Describe(parsed.ResultValue).Sha256 : instance.Sha256;
            File.WriteAllText(path, RunJson.Write(evidence with { Instances = [instance with { Certificate = new EvidenceText(text), Sha256 = fitting }] }));
            RunResult result = await Decided.Kept(claims, recheckOnly: true);
            Assert.True(result.ExitCode == ExitCode.Conflict, $"{text} passes");
            changed++;
        }

        Assert.InRange(changed, atLeast, int.MaxValue);
        File.WriteAllText(path, kept);
        Assert.Equal(ExitCode.AsWanted, (await Decided.Kept(claims, recheckOnly: true)).ExitCode);
    }

    // Every exact number written as text is a coefficient, a weight or an entry: calling a flip once adds one to it, twice restores it.
    private static List<Action> Flips(JsonNode node)
    {
        var flips = new List<Action>();
        Walk(node);
        return flips;

        void Walk(JsonNode? at)
        {
            if (at is JsonObject fields)
            {
                foreach ((string name, JsonNode? value) in fields.ToList())
                {
                    Leaf(value, other => fields[name] = other);
                }
            }
            else if (at is JsonArray items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    int index = i;
                    Leaf(items[i], other => items[index] = other);
                }
            }
        }

        void Leaf(JsonNode? value, Action<JsonNode> replace)
        {
            if (value is JsonValue leaf && leaf.TryGetValue(out string? text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            {
                bool raised = false;
                flips.Add(() => replace(JsonValue.Create(((raised = !raised) ? number + 1 : number).ToString(CultureInfo.InvariantCulture))));
            }
            else
            {
                Walk(value);
            }
        }
    }
}
