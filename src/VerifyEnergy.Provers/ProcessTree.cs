using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace VerifyEnergy.Provers;

/// <summary>
/// All processes that come of one child, seen through /proc: those in its session, those that descend from one already known, and, in
/// the final sweep, those whose environment carries the run's marker. A process is named by its id and start time, so that a process
/// that got a dead one's id is not taken for it. Where there is no /proc every question has an empty answer.
/// </summary>
internal sealed class ProcessTree(int root, bool ownsSession, string marker)
{
    private const int SigKill = 9;

    // Linux reports times in /proc in 1/100 s on every architecture.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<ProcessName, long> ticksOf = [];
    private readonly byte[] markerBytes = Encoding.ASCII.GetBytes(marker);

    internal static bool IsVisible { get; } = Directory.Exists("/proc/self");

    /// <summary>Processor time used by every process seen so far, each as of when it was last seen.</summary>
    internal TimeSpan ProcessorTime => Tick * ticksOf.Values.Sum();

    /// <summary>Resident memory of the tree at the last sample, pages shared with files not counted.</summary>
    internal long ResidentBytes { get; private set; }

    /// <summary>Largest address space of any single process at any sample.</summary>
    internal long PeakAddressSpace { get; private set; }

    /// <summary>Looks at the tree once.</summary>
    internal void Sample() => _ = Live(withMarked: false);

    /// <summary>
    /// Kills every process of the tree and returns once none is left, or after <paramref name="patience"/>; the number left is returned.
    /// </summary>
    internal int KillAll(bool rootIsAlive, TimeSpan patience)
    {
        // The group first, in one step, while its leader still holds the id.
        if (rootIsAlive && ownsSession)
        {
            _ = Kill(-root, SigKill);
        }

        var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;

        while (true)
        {
            var live = Live(withMarked: true);

            foreach (var process in live)
            {
                _ = Kill(process.Name.Id, SigKill);
            }

            if (live.Count == 0 || Environment.TickCount64 >= deadline)
            {
                return live.Count;
            }

            Thread.Sleep(5);
        }
    }

    private List<ProcessStat> Live(bool withMarked)
    {
        var all = IsVisible ? Everything() : [];
        var mine = new Dictionary<int, ProcessStat>();

        foreach (var process in all.Where(process => IsMine(process, withMarked)))
        {
            mine[process.Name.Id] = process;
        }

        // Descendants: a child may be listed before its parent, so until nothing is added.
        for (var before = -1; before != mine.Count;)
        {
            before = mine.Count;

            foreach (var process in all.Where(process => mine.ContainsKey(process.Parent)))
            {
                mine[process.Name.Id] = process;
            }
        }

        foreach (var process in mine.Values)
        {
            ticksOf[process.Name] = process.Ticks;
        }

        ResidentBytes = mine.Values.Sum(process => process.ResidentBytes);
        PeakAddressSpace = Math.Max(PeakAddressSpace, mine.Values.Select(process => process.AddressSpace).DefaultIfEmpty().Max());
        return [.. mine.Values.Where(process => process.State is not ('Z' or 'X'))];
    }

    private bool IsMine(ProcessStat process, bool withMarked) =>
        ticksOf.ContainsKey(process.Name)
        || (ticksOf.Count == 0 && process.Name.Id == root)
        || (ownsSession && process.Session == root)
        || (withMarked && CarriesMarker(process.Name.Id));

    private bool CarriesMarker(int id)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id}/environ").AsSpan().IndexOf(markerBytes) >= 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static List<ProcessStat> Everything()
    {
        var found = new List<ProcessStat>();

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && ProcessStat.TryRead(id) is { } process)
            {
                found.Add(process);
            }
        }

        return found;
    }

    [DllImport("libc", EntryPoint = "kill", ExactSpelling = true)]
    private static extern int Kill(int process, int signal);
}

/// <summary>A process, also where its id is given out again.</summary>
internal readonly record struct ProcessName(int Id, long Started);

/// <summary>One line of /proc/[pid]/stat; see proc(5).</summary>
internal sealed record ProcessStat(ProcessName Name, char State, int Parent, int Session, long Ticks, long AddressSpace, long ResidentBytes)
{
    internal static ProcessStat? TryRead(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");

            // The second field is the command's name in brackets and may hold anything, so count from the last bracket.
            var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            long Field(int index) => long.Parse(fields[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

            return new ProcessStat(
                new ProcessName(id, Field(19)),
                fields[0][0],
                (int)Field(1),
                (int)Field(3),
                Field(11) + Field(12),
                Field(20),
                Field(21) * Environment.SystemPageSize);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // Gone between listing and reading.
            return null;
        }
    }
}
