using System;
using System.IO;
using System.Runtime.CompilerServices;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

/// <summary>Whole outputs against reviewed files. VERIFY_ENERGY_ACCEPT=1 writes what came out instead; review the difference.</summary>
internal static class Snapshot
{
    public static void Matches(string name, string actual, [CallerFilePath] string caller = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", name);
        if (Environment.GetEnvironmentVariable("VERIFY_ENERGY_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }
}
