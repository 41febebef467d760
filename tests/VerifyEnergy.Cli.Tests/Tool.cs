using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace VerifyEnergy.Cli.Tests;

/// <summary>What the program did: exit code and both streams.</summary>
public sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON document on standard output.</summary>
    public JsonElement Document => JsonDocument.Parse(Output).RootElement;

    /// <summary>A message for people fits a screen, is no stack trace and holds no escape codes.</summary>
    public Outcome IsOneScreen()
    {
        Assert.True(Error.Split('\n').Length <= 24, Error);
        Assert.All(Error.Split('\n'), line => Assert.True(line.Length <= 500, line));
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain('\u001b', Output + Error);
        return this;
    }
}

/// <summary>The built program as a child process in a folder of its own.</summary>
public sealed class Tool : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("verify-energy-test-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return name;
    }

    public string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public Outcome Run(params string[] arguments) => RunWith(null, [], arguments);

    public Outcome RunWith(string? input, (string Name, string Value)[] environment, params string[] arguments)
    {
        using Process process = Start(environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(120)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("did not end: " + string.Join(" ", arguments));
        }

        return new Outcome(process.ExitCode, output.Result, error.Result);
    }

    public Process Start((string Name, string Value)[] environment, params string[] arguments)
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

        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "xterm-256color";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
