using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using VerifyEnergy.Claims;
using VerifyEnergy.Reports;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>False claims are not proved: a sample of them, decided anew. All of them are decided by the list of checks.</summary>
public class SoundnessTests
{
    private const int Every = 12;

    private static IReadOnlyList<LoadedClaim> All() => Decided.Load(Decided.Sources("tests/soundness"));

    [Fact]
    public void There_are_false_claims_enough() =>
        Assert.InRange(All().Count(claim => claim.Claim.Expect is Expectation.Verdict { Word: "refuted" }), 50, int.MaxValue);

    [Fact]
    public void None_is_expected_to_hold_everywhere() =>
        Assert.DoesNotContain(All(), claim => claim.Claim.Expect.IsUnstated || claim.Claim.Expect is Expectation.Verdict { Word: not ("refuted" or "vacuous") });

    [Fact]
    public async Task No_false_claim_of_a_sample_is_proved()
    {
        RunRecord run = await Decided.Anew([.. All().Where((_, at) => at % Every == 0)]);
        Assert.All(run.Claims, claim =>
        {
            Assert.True(claim.Verdict is not ("proved" or "attested" or "supported"), $"{claim.Id} is {claim.Verdict}");
            Assert.True(claim.AsExpected, $"{claim.Id} is {claim.Verdict}, not {claim.Expected}");
            Assert.All(claim.Instances, instance => Assert.Null(instance.Conflict));
        });
    }
}
