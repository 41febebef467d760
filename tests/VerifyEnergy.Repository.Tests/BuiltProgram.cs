using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace VerifyEnergy.Repository.Tests;

/// <summary>What the program did.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error, TimeSpan Time);

/// <summary>The built program as a child process, and a folder for it to work in.</summary>
internal sealed class BuiltProgram : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("verify-energy-repository-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Copies a folder of the checkout, with all that stands in it.</summary>
    public void CopyFromRepository(string name)
    {
        string from = Path.Combine(Repository.Root, name);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(Folder, name, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    public void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);

    public Ended Run(TimeSpan limit, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "verify-energy.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var clock = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"not at its end after {limit.TotalSeconds} s: {string.Join(" ", arguments)}");
        }

        return new Ended(process.ExitCode, output.Result, error.Result, clock.Elapsed);
    }
}
