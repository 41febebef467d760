using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.FSharp.Core;
using VerifyEnergy.Claims;
using VerifyEnergy.Engines;
using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>One certificate or witness again, by the checker alone: from an evidence file or from a certificate by itself.</summary>
public static class Replay
{
    /// <summary>The claim with just the instances that the file speaks of.</summary>
    /// <exception cref="JsonException">The text is neither evidence nor a certificate.</exception>
    /// <exception cref="EvidenceRefusedException">No claim has its hash, or the checker refuses it.</exception>
    public static ClaimRecord Of(string text, IEnumerable<LoadedClaim> claims)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        string? schema = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out JsonElement value) ? value.GetString() : null;
        return schema switch
        {
            EvidenceRecord.SchemaName => OfEvidence(RunJson.ReadEvidence(text), claims),
            _ when schema == CertificateModule.schema => OfCertificate(text, claims),
            _ => throw new JsonException($"schema \"{EvidenceRecord.SchemaName}\" or \"{CertificateModule.schema}\" is wanted, found \"{schema}\""),
        };
    }

    private static ClaimRecord OfEvidence(EvidenceRecord evidence, IEnumerable<LoadedClaim> claims)
    {
        ElaboratedClaim claim = Find(evidence.Hash, claims);
        return Shown(claim, [.. evidence.Instances.Where(kept => kept.Certificate is not null).Select(kept => Evidence.Recheck(claim.Core, claim.Hash, kept))]);
    }

    private static ClaimRecord OfCertificate(string text, IEnumerable<LoadedClaim> claims)
    {
        FSharpResult<Certificate, string> parsed = CertificateText.parse(text);
        if (parsed.IsError)
        {
            throw new JsonException(parsed.ErrorValue);
        }

        Certificate certificate = parsed.ResultValue;
        ElaboratedClaim claim = Find(certificate.ClaimHash, claims);
        FSharpResult<Checked, string> judged = Checker.check(claim.Core, certificate, Strategy.checkerSteps);
        return judged.IsError
            ? throw new EvidenceRefusedException("the checker refuses it: " + judged.ErrorValue)
            : Shown(claim, [new InstanceOutcome(certificate.Instance, Evidence.OutcomeOf(judged.ResultValue), "", "", "", "", 0, false, [])]);
    }

    private static ElaboratedClaim Find(string hash, IEnumerable<LoadedClaim> claims) =>
        claims.Select(loaded => (loaded.Claim as ParsedClaim.Elaborated)?.Claim).FirstOrDefault(claim => claim?.Hash == hash)
        ?? throw new EvidenceRefusedException($"no claim here has the hash {hash}; --in says where to look");

    private static ClaimRecord Shown(ElaboratedClaim claim, IReadOnlyList<InstanceOutcome> instances)
    {
        ClaimRecord whole = Recording.Of(claim, Verifier.Conclude(claim, instances));
        InstanceRecord[] spoken = [.. whole.Instances.Where(instance => instances.Any(one => Recording.Dimensions(claim, one.Instance).SequenceEqual(instance.Dims)))];
        string verdict = spoken.Select(instance => instance.Verdict).Distinct().Order().LastOrDefault() ?? whole.Verdict;
        return whole with { Instances = spoken, Verdict = verdict, Scope = Scope.Of(spoken.Select(instance => instance.Dims)), Condition = null, ConditionBasis = null, AsExpected = true };
    }
}
