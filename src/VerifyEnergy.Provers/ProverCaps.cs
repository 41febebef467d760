using System;

namespace VerifyEnergy.Provers;

/// <summary>
/// What one run of a prover may use, enforced from outside the prover. A run returns at most two seconds after <see cref="Wall"/>.
/// </summary>
public sealed record ProverCaps
{
    /// <summary>Caps for one run; every value must be positive, and the memory at least 16 MiB (a process needs that to start).</summary>
    /// <param name="wall">Wall-clock time.</param>
    /// <param name="processorTime">Processor time of the whole process tree; the kernel also holds each process to it, rounded up to seconds.</param>
    /// <param name="memoryBytes">Address space of each process, and resident memory of the whole tree.</param>
    /// <param name="outputBytes">Bytes read of standard output, and of standard error, before the prover is killed; 4 MiB by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cap is out of its range.</exception>
    public ProverCaps(TimeSpan wall, TimeSpan processorTime, long memoryBytes, int outputBytes = 4 << 20)
    {
        if (wall <= TimeSpan.Zero || wall > TimeSpan.FromDays(7))
        {
            throw new ArgumentOutOfRangeException(nameof(wall), wall, "The wall-clock cap must be positive and at most 7 days.");
        }

        if (processorTime <= TimeSpan.Zero || processorTime > TimeSpan.FromDays(70))
        {
            throw new ArgumentOutOfRangeException(nameof(processorTime), processorTime, "The processor-time cap must be positive and at most 70 days.");
        }

        if (memoryBytes < 16L << 20)
        {
            throw new ArgumentOutOfRangeException(nameof(memoryBytes), memoryBytes, "The memory cap must be at least 16 MiB.");
        }

        if (outputBytes < 1 || outputBytes > 1 << 30)
        {
            throw new ArgumentOutOfRangeException(nameof(outputBytes), outputBytes, "The output cap must lie in 1..2^30 bytes.");
        }

        Wall = wall;
        ProcessorTime = processorTime;
        MemoryBytes = memoryBytes;
        OutputBytes = outputBytes;
    }

    public TimeSpan Wall { get; }

    public TimeSpan ProcessorTime { get; }

    public long MemoryBytes { get; }

    public int OutputBytes { get; }
}
