using System;
using System.Collections.Generic;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>A command line, understood. Values are checked: every field is in its range.</summary>
internal sealed record Settings
{
    public required string Command { get; init; }

    /// <summary>Claim files, folders, "-" for standard input; for explain and replay the claim or the witness file.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    public ulong? Seed { get; init; }

    public string? Filter { get; init; }

    /// <summary>Null: every engine that applies.</summary>
    public IReadOnlyList<string>? Engines { get; init; }

    public int Jobs { get; init; } = Environment.ProcessorCount;

    public TimeSpan? Budget { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public long Memory { get; init; } = 1L << 30;

    public decimal Alpha { get; init; } = 0.001m;

    public FailOn FailOn { get; init; } = FailOn.Undecided;

    public bool Json { get; init; }

    public string? JUnit { get; init; }

    public bool Html { get; init; }

    public bool GitHub { get; init; }

    public bool Resume { get; init; }

    public bool NoCache { get; init; }

    public (int Part, int Parts)? Shard { get; init; }

    public ProgressStyle Progress { get; init; }

    public bool NoColour { get; init; }

    public bool Quiet { get; init; }

    public bool Verbose { get; init; }

    /// <summary>Where a report goes.</summary>
    public string? Out { get; init; }

    /// <summary>Where explain, replay and new look for claim files.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    public bool Solvers { get; init; }
}
