using System.Collections.Generic;

namespace VerifyEnergy.Reports;

// The published document `verify-energy/1`. These records are the schema: property order is document order,
// names are written in camel case, every field is always present (null where there is nothing to say).
// Exact numbers are strings ("-3/7"); dimensions and line numbers are JSON integers. No times, no host, no paths
// outside the run: those go to the run file (RunFile.cs), so that equal inputs give equal bytes.

/// <summary>One run: every claim that was tried, and what became of it.</summary>
/// <param name="Schema">Always <see cref="SchemaName"/>.</param>
/// <param name="Version">Version of the tool.</param>
/// <param name="Seed">The seed asked for; null when each claim's seed comes from its hash.</param>
/// <param name="Engines">The engines of this version, in the order in which they are tried.</param>
/// <param name="Claims">In file order, then in the order of the text.</param>
/// <param name="Summary">Counts and the exit code.</param>
/// <param name="Errors">What kept the run, or a part of it, from happening; empty in an ordinary run.</param>
public sealed record RunRecord(
    string Schema,
    string Version,
    string? Seed,
    IReadOnlyList<EngineRecord> Engines,
    IReadOnlyList<ClaimRecord> Claims,
    SummaryRecord Summary,
    IReadOnlyList<ErrorRecord> Errors)
{
    public const string SchemaName = "verify-energy/1";
}

public sealed record EngineRecord(string Name, string Version);

/// <summary>A claim and its verdict over all its instances.</summary>
/// <param name="File">As the claim's path was given, with forward slashes; "-" for standard input.</param>
/// <param name="Line">1-based line of the word <c>claim</c>.</param>
/// <param name="Hash">SHA-256 of the elaborated claim, 64 hexadecimal digits; empty for a claim that is no statement.</param>
/// <param name="Statement">The elaborated claim printed back as text: what was decided, not what was typed.</param>
/// <param name="Latex">The same as LaTeX; null where it has none.</param>
/// <param name="Parameters">Names of the integer parameters, in the order of the claim.</param>
/// <param name="Scope">All sizes, or the dimensions that the verdict speaks of.</param>
/// <param name="Expected">The <c>expect</c> clause as text; null without one.</param>
/// <param name="Condition">The simplest condition on the parameters that fits the grid of verdicts, such as <c>k &gt;= n</c>.</param>
/// <param name="ConditionBasis">What of the condition is certain beyond the grid and what is read off the grid.</param>
/// <param name="Assumes">Classical theorems and lemmas that the verdict rests on.</param>
/// <param name="Instances">Never empty.</param>
public sealed record ClaimRecord(
    string Id,
    string File,
    int Line,
    string Hash,
    string? Title,
    string? Source,
    string? Note,
    IReadOnlyList<string> Tags,
    string Statement,
    string? Latex,
    IReadOnlyList<string> Parameters,
    string Verdict,
    Scope Scope,
    string? Expected,
    bool AsExpected,
    string? Condition,
    string? ConditionBasis,
    IReadOnlyList<string> Assumes,
    IReadOnlyList<InstanceRecord> Instances);

/// <summary>A claim at given dimensions.</summary>
/// <param name="Dims">Parameter values in the claim's order; empty without parameters.</param>
/// <param name="Engine">The engine whose proposal the checker accepted; null without one.</param>
/// <param name="Objects">The universally quantified objects with their domains at these dimensions, and the hypotheses: <c>V, W in real[2,1] where V != W</c>.</param>
/// <param name="Witness">For a refutation: each object by name.</param>
/// <param name="Minimal">In which sense the witness is the smallest, and whether that is certain or searched.</param>
/// <param name="Ground">What a verdict without certificate rests on: a solver with its version and options, or the cases, their generator, level and power.</param>
/// <param name="Parts">One for each <c>show</c>, in order.</param>
/// <param name="Reason">Why there is no better verdict, or which two kinds clash; null where the evidence says it all.</param>
/// <param name="Inhabited">How the hypotheses were shown satisfiable, or that they were not.</param>
/// <param name="Conflict">Checked evidence that stands against this; null in a sound run.</param>
/// <param name="Cone">Points to draw in the cone of 2×2 positive semidefinite matrices; null where there are none.</param>
/// <param name="Seed">The seed that this instance was tried with.</param>
/// <param name="Tried">Every engine that was tried, in order.</param>
public sealed record InstanceRecord(
    OrderedDictionary<string, int> Dims,
    string Verdict,
    string? Engine,
    string? Objects,
    OrderedDictionary<string, WitnessValue>? Witness,
    string? Minimal,
    CertificateRecord? Certificate,
    string? Ground,
    IReadOnlyList<PartRecord> Parts,
    string? Reason,
    string? Inhabited,
    string? Conflict,
    ConeRecord? Cone,
    string Seed,
    IReadOnlyList<TriedRecord> Tried);

/// <summary>The data that the checker accepted.</summary>
/// <param name="Sha256">Of the certificate's bytes in the evidence folder.</param>
/// <param name="Bytes">Its length.</param>
public sealed record CertificateRecord(string Kind, string Sha256, int Bytes);

/// <summary>One <c>show</c> at one instance.</summary>
/// <param name="Text">The conclusion.</param>
/// <param name="Left">Both sides at the witness, where the conclusion is a relation that was evaluated.</param>
/// <param name="Gap">By how much the conclusion fails, exact; null where no number says so.</param>
public sealed record PartRecord(string Text, string Verdict, SideRecord? Left, SideRecord? Right, string? Gap);

/// <summary>One side of a relation and its value at the witness.</summary>
public sealed record SideRecord(string Text, WitnessValue Value);

/// <summary>An engine that was tried. <paramref name="Work"/> counts its own steps, never time.</summary>
public sealed record TriedRecord(string Engine, string Outcome, string? Note, string? Work);

/// <summary>Named points [a, b; b, c] of the space of symmetric 2×2 matrices.</summary>
public sealed record ConeRecord(IReadOnlyList<ConePoint> Points);

/// <summary>The matrix [a, b; b, c], entries exact.</summary>
public sealed record ConePoint(string Label, string A, string B, string C);

/// <param name="Counts">Claims per verdict, every verdict present, in the fixed order of verdicts.</param>
/// <param name="AsExpected">Number of claims that are as expected.</param>
public sealed record SummaryRecord(int Claims, OrderedDictionary<string, int> Counts, int AsExpected, int ExitCode);

/// <summary>Something that a person must see: where, what, and what may have been meant.</summary>
/// <param name="Code">The exit code that it stands for.</param>
/// <param name="Excerpt">The line of the claim file; null where there is none.</param>
/// <param name="Column">1-based, in characters of the excerpt.</param>
public sealed record ErrorRecord(
    int Code,
    string Message,
    string? File,
    int? Line,
    int? Column,
    string? Excerpt,
    string? Suggestion);
