using System;
using System.Linq;

namespace VerifyEnergy.Provers;

/// <summary>
/// Reads a prover's answer as narrowly as it can be read: a process that ended by itself, and whose output begins with exactly one
/// answer. An error printed before the answer voids it, since the prover then answered to another text than the one it was given.
/// </summary>
internal static class AnswerText
{
    // z3 and cvc5, the C++ library, and the shells and wrappers that start them.
    private static readonly string[] MemoryWords =
        ["out of memory", "out of space", "bad_alloc", "cannot allocate memory", "cannot allocate", "memory exhausted"];

    internal static (ProverAnswer Answer, string Reason) Classify(ProcessOutcome outcome, ProverCaps caps) => outcome.Stop switch
    {
        StopCause.WallClock => (ProverAnswer.TimedOut, outcome.Describe()),
        StopCause.ProcessorTime => (ProverAnswer.TimedOut, outcome.Describe()),
        StopCause.Memory => (ProverAnswer.OutOfMemory, outcome.Describe()),
        StopCause.Output => (ProverAnswer.OutputTooLarge, outcome.Describe()),
        StopCause.Cancelled => (ProverAnswer.Failed, outcome.Describe()),
        StopCause.NotStarted => (ProverAnswer.Failed, outcome.Describe()),
        StopCause.Ended => OfEnded(outcome, caps),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome.Stop, "No such cause."),
    };

    private static (ProverAnswer Answer, string Reason) OfEnded(ProcessOutcome outcome, ProverCaps caps)
    {
        var lines = outcome.StandardOutput
            .Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0)
            .ToList();
        var answers = lines.Where(line => AnswerOf(line) is not null).ToList();

        // z3 ends with 1 when it is asked for a model that it does not have.
        var lacksModelOnly =
            outcome.ExitCode == 1
            && lines.Count > 1
            && AnswerOf(lines[0]) is ProverAnswer.Unsat or ProverAnswer.Unknown
            && lines.Skip(1).All(line => line.StartsWith("(error ", StringComparison.Ordinal));

        if (outcome.ExitCode != 0 && !lacksModelOnly)
        {
            return RanOutOfMemory(outcome, caps)
                ? (ProverAnswer.OutOfMemory, $"the prover ran out of its {caps.MemoryBytes >> 20} MiB ({outcome.Describe()})")
                : (ProverAnswer.Failed, outcome.Describe());
        }

        if (lines.Count == 0)
        {
            return (ProverAnswer.Failed, "the prover ended without any output");
        }

        return (AnswerOf(lines[0]), answers.Count) switch
        {
            ({ } answer, 1) => (answer, "the prover answered"),
            ({ }, _) => (ProverAnswer.Failed, "the prover gave several answers"),
            (null, _) when RanOutOfMemory(outcome, caps) =>
                (ProverAnswer.OutOfMemory, $"the prover ran out of its {caps.MemoryBytes >> 20} MiB"),
            (null, _) => (ProverAnswer.Failed, $"the output does not begin with an answer: \"{Shorten(lines[0])}\""),
        };
    }

    private static ProverAnswer? AnswerOf(string line) => line switch
    {
        "sat" => ProverAnswer.Sat,
        "unsat" => ProverAnswer.Unsat,
        "unknown" => ProverAnswer.Unknown,
        _ => null,
    };

    private static bool RanOutOfMemory(ProcessOutcome outcome, ProverCaps caps) =>
        MemoryWords.Any(words =>
            outcome.StandardError.Contains(words, StringComparison.OrdinalIgnoreCase)
            || outcome.StandardOutput.Contains(words, StringComparison.OrdinalIgnoreCase))
        || (outcome.ExitCode > 128 && outcome.PeakAddressSpace > caps.MemoryBytes / 4 * 3);

    internal static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 77), "…");
}
