using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.FSharp.Core;
using VerifyEnergy.Engines;
using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>
/// What is kept of a claim: cache and frozen certificate in one. It carries no trust: a certificate in it counts only after the checker
/// has accepted it again, and the recorded verdict only when the checker comes to the same one.
/// </summary>
/// <param name="Hash">Canonical hash of the elaborated claim that this is evidence for.</param>
/// <param name="Key">What else bears on the verdict: checker and engine versions, seed, limits.</param>
public sealed record EvidenceRecord(
    string Schema, string Claim, string Hash, OrderedDictionary<string, string> Key, string Verdict, IReadOnlyList<EvidenceInstance> Instances)
{
    public const string SchemaName = "verify-energy-evidence/1";

    /// <summary>Every instance rests on a certificate.</summary>
    [JsonIgnore]
    public bool IsCertified => Instances.All(instance => instance.Certificate is not null);

    /// <summary>A wall-clock cap ended some search, so that another run may find more.</summary>
    [JsonIgnore]
    public bool CutShort => Instances.Any(instance => instance.CutShort);
}

/// <param name="Instance">Parameter values in the claim's order.</param>
/// <param name="Ground">What an outcome without certificate rests on, or why there is none.</param>
/// <param name="Sha256">Of the certificate's canonical text.</param>
public sealed record EvidenceInstance(
    int[] Instance,
    string Verdict,
    string Engine,
    string Minimal,
    string Inhabited,
    string Conflict,
    string Seed,
    bool CutShort,
    string? Ground,
    string? Sha256,
    EvidenceText? Certificate,
    IReadOnlyList<TriedRecord> Tried);

/// <summary>The canonical text of a certificate, kept on one line of the evidence.</summary>
[JsonConverter(typeof(EvidenceTextConverter))]
public sealed record EvidenceText(string Json)
{
    /// <summary>Kind, SHA-256 and size of a certificate's canonical text.</summary>
    public static CertificateRecord Describe(Certificate certificate)
    {
        byte[] bytes = RunJson.Bytes(CertificateText.write(certificate));
        return new CertificateRecord(CertificateModule.kind(certificate), Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);
    }
}

internal sealed class EvidenceTextConverter : JsonConverter<EvidenceText>
{
    public override EvidenceText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(JsonElement.ParseValue(ref reader).GetRawText());

    public override void Write(Utf8JsonWriter writer, EvidenceText value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json);
}

/// <summary>Where evidence is kept.</summary>
public interface IEvidence
{
    /// <summary>The evidence for a claim of a source; null when there is none.</summary>
    /// <exception cref="JsonException">There is some, but it cannot be read.</exception>
    EvidenceRecord? Find(ClaimSource source, string claim);

    /// <exception cref="CannotWriteException">It could not be kept.</exception>
    void Keep(ClaimSource source, EvidenceRecord evidence);

    /// <summary>A question that an outside solver answered, so that it can be asked again.</summary>
    /// <exception cref="CannotWriteException">It could not be kept.</exception>
    void KeepQuestion(ClaimSource source, string claim, string name, string text);
}

/// <summary>Evidence in a folder <c>evidence/</c> beside each claim file, one file for each claim. Standard input keeps none.</summary>
public sealed class EvidenceFolders : IEvidence
{
    public const string FolderName = "evidence";

    public EvidenceRecord? Find(ClaimSource source, string claim)
    {
        if (PathOf(source, claim) is not { } path || !File.Exists(path))
        {
            return null;
        }

        try
        {
            return RunJson.ReadEvidence(File.ReadAllText(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new JsonException("cannot be read: " + cause.Message, cause);
        }
    }

    public void Keep(ClaimSource source, EvidenceRecord evidence)
    {
        if (PathOf(source, evidence.Claim) is not { } path)
        {
            return;
        }

        AtomicFile.Write(path, RunJson.Write(evidence));
    }

    public void KeepQuestion(ClaimSource source, string claim, string name, string text)
    {
        if (QuestionsOf(source, claim) is { } folder)
        {
            AtomicFile.Write(Path.Combine(folder, name), text);
        }
    }

    /// <summary>The folder of a claim's questions to solvers; null for standard input.</summary>
    public static string? QuestionsOf(ClaimSource source, string claim) =>
        source.Folder is null ? null : Path.Combine(source.Folder, FolderName, Figures.FileName(claim));

    /// <summary>Null for standard input. Ids are kebab-case, so that the name stays in its folder.</summary>
    public static string? PathOf(ClaimSource source, string claim) =>
        source.Folder is null ? null : Path.Combine(source.Folder, FolderName, Figures.FileName(claim) + ".json");
}

/// <summary>Evidence that does not stand up: damaged, altered, or refused by the checker (exit code 3).</summary>
public sealed class EvidenceRefusedException(string message) : Exception(message);

/// <summary>Outcomes to evidence and, through the checker, back.</summary>
internal static class Evidence
{
    /// <summary>Without its key, which is the run's to say.</summary>
    public static EvidenceRecord Of(string claim, string hash, ClaimOutcome outcome) => new(
        EvidenceRecord.SchemaName, claim, hash, [], VerdictModule.name(outcome.Verdict), [.. outcome.Instances.Select(Of)]);

    private static EvidenceInstance Of(InstanceOutcome instance)
    {
        Certificate? certificate = instance.Outcome switch
        {
            Outcome.Holds holds => holds.Item.Certificate,
            Outcome.Fails fails => fails.Item.Certificate,
            Outcome.Vacuous vacuous => vacuous.Item.Certificate,
            _ => null,
        };
        string? ground = instance.Outcome switch
        {
            Outcome.Attested attested => attested.Ground,
            Outcome.Supported supported => supported.Ground,
            Outcome.IllTyped clash => clash.Clash,
            Outcome.Undecided undecided => undecided.Reason,
            _ => null,
        };
        return new EvidenceInstance(
            instance.Instance, VerdictModule.name(VerdictModule.ofOutcome(instance.Outcome)), instance.Engine, instance.Minimal, instance.Inhabited, instance.Conflict,
            instance.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), instance.CutShort, ground,
            certificate is null ? null : EvidenceText.Describe(certificate).Sha256,
            certificate is null ? null : new EvidenceText(CertificateText.write(certificate)),
            [.. instance.Tried.Select(t => new TriedRecord(t.Engine, t.Outcome, t.Note, t.Work.ToString(System.Globalization.CultureInfo.InvariantCulture)))]);
    }

    /// <summary>The outcome of one instance again: every certificate goes through the checker, nothing else is believed.</summary>
    /// <exception cref="EvidenceRefusedException">A certificate is damaged or refused, or the checker comes to another verdict.</exception>
    public static InstanceOutcome Recheck(Claim claim, string hash, EvidenceInstance kept)
    {
        Outcome outcome = kept.Certificate is { } text ? Checked(claim, hash, kept, text) : Stated(kept);
        string verdict = VerdictModule.name(VerdictModule.ofOutcome(outcome));
        if (verdict != kept.Verdict)
        {
            throw new EvidenceRefusedException($"the evidence says {kept.Verdict}, the checker finds {verdict}");
        }

        return new InstanceOutcome(
            kept.Instance, outcome, kept.Engine, kept.Minimal, kept.Inhabited, kept.Conflict,
            ulong.TryParse(kept.Seed, out ulong seed) ? seed : throw new EvidenceRefusedException($"\"{kept.Seed}\" is no seed"), kept.CutShort,
            [.. kept.Tried.Select(t => new Tried(t.Engine, t.Outcome, t.Note ?? "", long.TryParse(t.Work, out long work) ? work : 0))]);
    }

    private static Outcome Checked(Claim claim, string hash, EvidenceInstance kept, EvidenceText text)
    {
        FSharpResult<Certificate, string> parsed = CertificateText.parse(text.Json);
        if (parsed.IsError)
        {
            throw new EvidenceRefusedException("the certificate is damaged: " + parsed.ErrorValue);
        }

        Certificate certificate = parsed.ResultValue;
        if (EvidenceText.Describe(certificate).Sha256 != kept.Sha256)
        {
            throw new EvidenceRefusedException("the certificate is not the one whose SHA-256 was recorded");
        }

        if (certificate.ClaimHash != hash || !certificate.Instance.AsSpan().SequenceEqual(kept.Instance))
        {
            throw new EvidenceRefusedException("the certificate is for another claim or instance");
        }

        FSharpResult<Checked, string> judged = Checker.check(claim, certificate, Strategy.checkerSteps);
        if (judged.IsError)
        {
            throw new EvidenceRefusedException("the checker refuses the certificate: " + judged.ErrorValue);
        }

        return OutcomeOf(judged.ResultValue);
    }

    public static Outcome OutcomeOf(Checked accepted) => accepted switch
    {
        Kernel.Checked.Holds { Item: { IsVacuous: true } theorem } => Outcome.NewVacuous(theorem),
        Kernel.Checked.Holds holds => Outcome.NewHolds(holds.Item),
        Kernel.Checked.Fails fails => Outcome.NewFails(fails.Item),
        _ => throw new InvalidOperationException("the checker knows an outcome that evidence does not: " + accepted.GetType().Name),
    };

    // Verdicts that rest on no certificate keep the ground that was stated; the strong ones cannot be had this way.
    private static Outcome Stated(EvidenceInstance kept)
    {
        string ground = kept.Ground ?? throw new EvidenceRefusedException($"{kept.Verdict} without a certificate");
        return kept.Verdict == VerdictNames.Attested ? Outcome.NewAttested(ground)
            : kept.Verdict == VerdictNames.Supported ? Outcome.NewSupported(ground)
            : kept.Verdict == VerdictNames.IllTyped ? Outcome.NewIllTyped(ground)
            : kept.Verdict == VerdictNames.Undecided ? Outcome.NewUndecided(ground)
            : throw new EvidenceRefusedException($"{kept.Verdict} without a certificate");
    }
}

/// <summary>Evidence that is neither looked up nor kept: for replays and canaries.</summary>
public sealed class NoEvidence : IEvidence
{
    public EvidenceRecord? Find(ClaimSource source, string claim) => null;

    public void Keep(ClaimSource source, EvidenceRecord evidence)
    {
    }

    public void KeepQuestion(ClaimSource source, string claim, string name, string text)
    {
    }
}
