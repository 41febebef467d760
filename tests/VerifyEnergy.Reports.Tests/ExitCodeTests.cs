using System.Collections.Generic;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

public class ExitCodeTests
{
    // Each row holds everything below it too; the first that applies wins.
    public static TheoryData<int, RunFacts> Precedence => new()
    {
        { 130, new RunFacts(Interrupted: true, CannotWrite: true, Internal: true, Conflict: true, Differs: true, Undecided: true, NoClaimMatched: true) },
        { 74, new RunFacts(CannotWrite: true, Internal: true, Conflict: true, Differs: true, Undecided: true, NoClaimMatched: true) },
        { 70, new RunFacts(Internal: true, Conflict: true, Differs: true, Undecided: true, NoClaimMatched: true) },
        { 3, new RunFacts(Conflict: true, Differs: true, Undecided: true, NoClaimMatched: true) },
        { 1, new RunFacts(Differs: true, Undecided: true, NoClaimMatched: true) },
        { 2, new RunFacts(Undecided: true, NoClaimMatched: true) },
        { 4, new RunFacts(NoClaimMatched: true) },
        { 0, default },
    };

    [Theory]
    [MemberData(nameof(Precedence))]
    public void First_that_applies(int code, RunFacts facts) => Assert.Equal(code, (int)ExitCodes.Of(facts));

    // verdict, expect, as expected, --fail-on, exit code
    [Theory]
    [InlineData("proved", null, true, FailOn.Undecided, 0)]
    [InlineData("refuted", "refuted", true, FailOn.Undecided, 0)]
    [InlineData("refuted", null, false, FailOn.Undecided, 1)]
    [InlineData("refuted", null, false, FailOn.Refuted, 1)]
    [InlineData("refuted", null, false, FailOn.Never, 0)]
    [InlineData("refuted", "proved", false, FailOn.Never, 1)]
    [InlineData("undecided", null, false, FailOn.Undecided, 2)]
    [InlineData("undecided", null, false, FailOn.Refuted, 0)]
    [InlineData("undecided", null, false, FailOn.Never, 0)]
    [InlineData("undecided", "proved", false, FailOn.Never, 1)]
    [InlineData("undecided", "undecided", true, FailOn.Undecided, 0)]
    [InlineData("vacuous", null, false, FailOn.Refuted, 1)]
    [InlineData("ill-typed", null, false, FailOn.Undecided, 1)]
    public void One_claim(string verdict, string? expected, bool asExpected, FailOn failOn, int code)
    {
        ClaimRecord claim = Sample.Claim("c", verdict, "show 1 = 1", Sample.Instance(Sample.Dims(), verdict, "1 = 1")) with { Expected = expected, AsExpected = asExpected };
        Assert.Equal(code, (int)ExitCodes.Of(ExitCodes.Judge([claim], failOn)));
    }

    [Fact]
    public void No_claim() => Assert.Equal(4, (int)ExitCodes.Of(ExitCodes.Judge(new List<ClaimRecord>(), FailOn.Undecided)));
}
