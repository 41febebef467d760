using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;

namespace VerifyEnergy.Reports;

/// <summary>What differs from run to run and from machine to machine, kept apart from the document of verdicts.</summary>
/// <param name="Started">UTC, ISO 8601.</param>
/// <param name="Seconds">Wall time of the run, and of each claim that was decided in it.</param>
/// <param name="Solvers">Outside provers found: name → version.</param>
/// <param name="Limits">Budget, time-out, memory and jobs as they were in force.</param>
public sealed record RunFile(
    string Schema,
    string Version,
    string Started,
    double Seconds,
    HostRecord Host,
    OrderedDictionary<string, string> Solvers,
    OrderedDictionary<string, string> Limits,
    IReadOnlyList<ClaimTime> Claims)
{
    public const string SchemaName = "verify-energy-run/1";

    public static string Timestamp(DateTimeOffset moment) =>
        moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

public sealed record HostRecord(string System, string Architecture, string Runtime, int Processors)
{
    public static HostRecord Here() => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount);
}

/// <param name="Cached">The verdict was kept from an earlier run and only rechecked.</param>
public sealed record ClaimTime(string Id, double Seconds, bool Cached);
