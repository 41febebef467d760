using System;
using System.Globalization;

namespace VerifyEnergy.Cli;

/// <summary>Durations, sizes and shards as people write them on a command line. Every parser is exact and refuses what it does not understand.</summary>
internal static class Quantities
{
    private static readonly (string Unit, decimal Milliseconds)[] DurationUnits = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    private static readonly (string Unit, decimal Bytes)[] SizeUnits =
        [("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)];

    /// <summary><c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1.5h</c>: above 0, at most 1000 hours.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TryScaled(text, DurationUnits, out decimal milliseconds) || milliseconds <= 0 || milliseconds > 3_600_000_000m)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));
        return duration > TimeSpan.Zero;
    }

    /// <summary><c>512MiB</c>, <c>1GiB</c>, <c>64000B</c> in bytes: at least 16 MiB, at most 1024 GiB.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (!TryScaled(text, SizeUnits, out decimal exact) || exact < 16 * 1024 * 1024 || exact > 1024m * 1024 * 1024 * 1024)
        {
            return false;
        }

        bytes = (long)exact;
        return true;
    }

    /// <summary><c>2/8</c>: the second of eight parts, 1 ≤ part ≤ parts ≤ 10000.</summary>
    public static bool TryShard(string text, out (int Part, int Parts) shard)
    {
        shard = default;
        string[] halves = text.Split('/');
        if (halves.Length != 2 || !TryCount(halves[0], out int part) || !TryCount(halves[1], out int parts) || part < 1 || part > parts || parts > 10_000)
        {
            return false;
        }

        shard = (part, parts);
        return true;
    }

    /// <summary>A seed: 0 … 2⁶⁴ − 1, decimal.</summary>
    public static bool TrySeed(string text, out ulong seed) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);

    /// <summary>A decimal number of at most nine digits.</summary>
    public static bool TryCount(string text, out int count)
    {
        count = 0;
        return text.Length is > 0 and <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }

    /// <summary>A level strictly between 0 and 1, kept as the exact decimal it was written as.</summary>
    public static bool TryLevel(string text, out decimal level) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out level) && level > 0 && level < 1 && text.Length <= 20;

    private static bool TryScaled(string text, (string Unit, decimal Factor)[] units, out decimal value)
    {
        value = 0;
        foreach ((string unit, decimal factor) in units)
        {
            if (text.Length <= 20 && text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            {
                if (number > 1e15m)
                {
                    return false;
                }

                value = number * factor;
                return true;
            }
        }

        return false;
    }
}
