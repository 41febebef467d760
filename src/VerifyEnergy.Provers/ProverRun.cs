using System;
using System.Collections.Generic;

namespace VerifyEnergy.Provers;

/// <summary>What a run came to. Only the first three are the prover's own words, and none of them is a proof.</summary>
public enum ProverAnswer
{
    Sat,
    Unsat,
    Unknown,

    /// <summary>The wall-clock or the processor-time cap ended the run, even if an answer had already been printed.</summary>
    TimedOut,

    /// <summary>The memory cap ended the run, or the prover gave up for want of memory.</summary>
    OutOfMemory,

    /// <summary>More output than the cap allows.</summary>
    OutputTooLarge,

    /// <summary>No clear answer: an error, a crash, garbage, several answers, or a prover that could not be started.</summary>
    Failed,
}

/// <summary>One run of a prover, kept as evidence. Times and versions belong in the run file, never in a report that is compared.</summary>
/// <param name="Answer">The classified outcome.</param>
/// <param name="Reason">Why the run ended so, in one sentence.</param>
/// <param name="Prover">Name of the prover ("z3", "cvc5").</param>
/// <param name="Version">Its version as it reports it ("4.8.12").</param>
/// <param name="Options">Its command-line options, in order.</param>
/// <param name="StandardOutput">Standard output up to the cap; UTF-8, broken bytes replaced.</param>
/// <param name="StandardError">Standard error up to 64 KiB.</param>
/// <param name="ExitCode">Exit code, 128 + signal for a death by signal; null when it did not start.</param>
/// <param name="Wall">Wall-clock time from start to the end of the clean-up.</param>
/// <param name="ProcessorTime">
/// Processor time of the process tree, sampled: at least this much was used; a run of a few milliseconds may show zero. Null where the
/// system does not tell.
/// </param>
/// <param name="Notes">Containment that was not to be had on this machine, and anything odd about the run; empty as a rule.</param>
public sealed record ProverRun(
    ProverAnswer Answer,
    string Reason,
    string Prover,
    string Version,
    IReadOnlyList<string> Options,
    string StandardOutput,
    string StandardError,
    int? ExitCode,
    TimeSpan Wall,
    TimeSpan? ProcessorTime,
    IReadOnlyList<string> Notes);
