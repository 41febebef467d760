using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>A project references rungs below it and none above; no project stands outside the ladder.</summary>
public class LadderTests
{
    // Lowest first; projects of one rung do not know each other, except where the table of references below says so.
    private static readonly string[][] Ladder =
    [
        ["Kernel", "Numerics", "Provers"],
        ["Claims"],
        ["Engines"],
        ["Reports"],
        ["Explorer", "Xunit"],
        ["Cli"],
    ];

    private static string NameOf(string projectFile) =>
        Path.GetFileNameWithoutExtension(projectFile).Replace("VerifyEnergy.", "", StringComparison.Ordinal);

    private static int RungOf(string name) => Array.FindIndex(Ladder, rung => rung.Contains(name));

    private static IEnumerable<string> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*proj", SearchOption.AllDirectories);

    private static IEnumerable<string> References(string projectFile) =>
        XDocument.Load(projectFile).Descendants("ProjectReference").Select(r => NameOf((string)r.Attribute("Include")!.Value.Replace('\\', '/')));

    private static IEnumerable<string> UpwardReferences(string name, IEnumerable<string> references) =>
        references.Where(r => RungOf(r) < 0 || RungOf(r) >= RungOf(name));

    [Fact]
    public void EveryProjectStandsOnTheLadder() =>
        Assert.DoesNotContain(Projects("src").Select(NameOf), name => RungOf(name) < 0);

    [Fact]
    public void NoReferenceGoesUpward() =>
        Assert.All(Projects("src"), file => Assert.Empty(UpwardReferences(NameOf(file), References(file))));

    [Fact]
    public void AnUpwardReferenceIsSeen() => Assert.Equal(["Claims"], UpwardReferences("Kernel", ["Claims"]));

    [Fact]
    public void TheKernelReferencesNothingButFSharpCore()
    {
        var references = typeof(Kernel.Checker).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.Contains("FSharp.Core", references);
        Assert.All(references, name => Assert.True(name is "FSharp.Core" or "netstandard" || name.StartsWith("System.", StringComparison.Ordinal), name));
        Assert.DoesNotContain("System.IO.FileSystem", references);
        Assert.DoesNotContain("System.Threading.Thread", references);
    }

    [Fact]
    public void EverySolutionProjectExistsAndViceVersa()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "VerifyEnergy.sln"));
        var files = Projects("src").Concat(Projects("tests")).Select(f => Path.GetFileName(f)).ToList();
        Assert.All(files, file => Assert.Contains(file, solution, StringComparison.Ordinal));
    }
}
