using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>The commands and options, and what a parsed command line means. Anything not understood is an error with the exit code 64.</summary>
internal sealed class CommandLine
{
    private readonly Option<bool> json = new("--json") { Description = "one JSON document on standard output and nothing else", Recursive = true };
    private readonly Option<bool> noColour = new("--no-color") { Description = "no escape codes, also on a terminal", Recursive = true };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "only what is not as expected, and the summary", Recursive = true };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "every instance, every engine tried", Recursive = true };
    private readonly Option<string> progress = Text("--progress", "auto | lines | none", "progress on standard error [auto]");
    private readonly Option<string> seed = Text("--seed", "N", "seed of every random stream [from the claim's hash]");
    private readonly Option<string> filter = Text("--filter", "EXPR", "claims by id, tag or file: words, * as wildcard, ! for not, all must hold");
    private readonly Option<string> engines = Text("--engines", "LIST", "engines to try, separated by commas [all]");
    private readonly Option<string> jobs = Text("--jobs", "N", "claims at the same time [number of processors]");
    private readonly Option<string> budget = Text("--budget", "D", "time for the whole run, such as 10m [none]");
    private readonly Option<string> timeout = Text("--timeout", "D", "time for each claim, such as 500ms, 30s, 2m [30s]");
    private readonly Option<string> memory = Text("--memory", "SIZE", "memory for each solver, such as 512MiB [1GiB]");
    private readonly Option<string> alpha = Text("--alpha", "A", "family-wise level of all statistical tests of the run [0.001]");
    private readonly Option<string> failOn = Text("--fail-on", "refuted | undecided | never", "what makes a claim without expect fail the run [undecided]");
    private readonly Option<string> junit = Text("--junit", "FILE", "also write JUnit XML");
    private readonly Option<bool> html = new("--html") { Description = "also write a self-contained HTML page" };
    private readonly Option<bool> gitHub = new("--github") { Description = "workflow annotations for what is not as expected" };
    private readonly Option<bool> resume = new("--resume") { Description = "go on after an interrupted run with the evidence kept so far" };
    private readonly Option<bool> noCache = new("--no-cache") { Description = "decide everything again" };
    private readonly Option<string> shard = Text("--shard", "i/n", "only the i-th of n parts of the claims");
    private readonly Option<string> output = Text("--out", "DIR", "folder of the report");
    private readonly Option<bool> solvers = new("--solvers") { Description = "also replay the SMT-LIB files on every solver found" };
    private readonly Option<string[]> within = new("--in") { Description = "where to look for the claim [proofs]", HelpName = "PATH", Arity = ArgumentArity.OneOrMore };
    private readonly Argument<string[]> paths = new("PATH") { Description = "claim files, folders searched for *.claim, - for standard input [proofs]", Arity = ArgumentArity.ZeroOrMore };
    private readonly Argument<string> claim = new("CLAIM") { Description = "id of a claim", Arity = ArgumentArity.ExactlyOne };
    private readonly Argument<string> target = new("WITNESS.json|CLAIM") { Description = "a witness file, or the id of a claim", Arity = ArgumentArity.ExactlyOne };
    private readonly Argument<string> name = new("NAME") { Description = "id of the new claim, in kebab-case", Arity = ArgumentArity.ExactlyOne };
    private readonly RootCommand root = new("Decides claims of mathematics: by a certificate that a small checker accepts, by an exact counterexample, or says plainly that it could not.");

    public CommandLine()
    {
        foreach (Option option in new Option[] { json, noColour, quiet, verbose, progress })
        {
            option.Recursive = true;
            root.Options.Add(option);
        }

        Option[] deciding = [seed, filter, engines, jobs, budget, timeout, memory, alpha, failOn, resume, noCache, shard, junit, gitHub];
        Add("check", "parse, decide, keep evidence, print verdicts", paths, deciding);
        Add("report", "the same decisions as a Markdown report with figures", paths, [output, html, .. deciding]);
        Add("recheck", "only the checker, over the frozen certificates: no search, no solver", paths, [filter, jobs, failOn, junit, gitHub, shard, solvers, memory]);
        Add("explain", "why this verdict: steps, what it rests on, what was tried, what would raise it", claim, [within, seed, engines, timeout, memory, alpha, noCache]);
        Add("replay", "one witness or one claim again, same seed, full trace", target, [within, seed, engines, timeout, memory, alpha]);
        Add("list", "claims with their parameters, tags and titles", paths, [filter]);
        Add("new", "a commented skeleton NAME.claim", name, []);
        Add("doctor", "engines and solvers found, how to get the missing ones, three canary claims", null, []);
    }

    /// <summary>Settings, or an exit code when the line asked for help or the version, or errors.</summary>
    public (Settings? Settings, int? Done, IReadOnlyList<ErrorRecord> Errors) Read(string[] arguments)
    {
        var errors = new List<string>();
        if (arguments.Any(argument => argument.Contains('\0')))
        {
            return (null, null, [Usage("an argument holds a zero character")]);
        }

        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

        // Help and version answer whatever else stands on the line.
        if (parsed.Action is { ClearsParseErrors: true })
        {
            return (null, parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }), []);
        }

        Command command = parsed.CommandResult.Command;
        string[] given = command == root ? [] : [.. parsed.CommandResult.Tokens.Select(token => token.Value)];
        string[] strangers = [.. given.Concat(parsed.UnmatchedTokens).Where(token => token.Length > 1 && token[0] == '-').Distinct()];
        if (strangers.Length > 0)
        {
            return (null, null, [.. strangers.Select(token => Unknown("option", token, KnownOptions(command)))]);
        }

        if (command == root)
        {
            string[] words = [.. parsed.UnmatchedTokens];
            return (null, null, [words.Length > 0 ? Unknown("command", words[0], root.Subcommands.Select(c => c.Name)) : Usage("a command is wanted: " + string.Join(", ", root.Subcommands.Select(c => c.Name)))]);
        }

        if (parsed.Errors.Count > 0)
        {
            return (null, null, [.. parsed.Errors.Select(error => Usage(error.Message))]);
        }

        Settings settings = Understand(parsed, command, given, errors);
        return errors.Count > 0 ? (null, null, [.. errors.Select(Usage)]) : (settings, null, []);
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static ErrorRecord Usage(string message) => new((int)ExitCode.Usage, message.ReplaceLineEndings(" "), null, null, null, null, null);

    private static ErrorRecord Unknown(string what, string token, IEnumerable<string> known) =>
        Usage($"unknown {what} {token}") with { Suggestion = Spelling.Nearest(token.Split('=')[0], known) };

    private void Add(string commandName, string description, Argument? argument, IReadOnlyList<Option> options)
    {
        var command = new Command(commandName, description);
        if (argument is not null)
        {
            command.Arguments.Add(argument);
        }

        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        root.Subcommands.Add(command);
    }

    private IEnumerable<string> KnownOptions(Command command) =>
        command.Options.Concat(root.Options).SelectMany(option => option.Aliases.Append(option.Name)).Append("--help");

    private Settings Understand(ParseResult parsed, Command command, string[] given, List<string> errors)
    {
        string? Value(Option<string> option)
        {
            string? text = command.Options.Concat(root.Options).Contains(option) ? parsed.GetValue(option) : null;
            if (text is not null && text.StartsWith('-'))
            {
                errors.Add($"{option.Name} wants a value, given {text}");
            }

            return text;
        }

        bool Flag(Option<bool> option) => command.Options.Concat(root.Options).Contains(option) && parsed.GetValue(option);
        T Checked<T>(Option<string> option, T fallback, Parser<T> parser, string wanted)
        {
            string? text = Value(option);
            if (text is null)
            {
                return fallback;
            }

            if (parser(text, out T value))
            {
                return value;
            }

            errors.Add($"{option.Name} wants {wanted}, given \"{text}\"");
            return fallback;
        }

        string[] search = command.Options.Contains(within) ? parsed.GetValue(within) ?? [] : [];
        foreach (string path in search.Where(path => path.StartsWith('-')))
        {
            errors.Add($"a path that starts with - is not taken: {path}");
        }

        string? engineList = Value(engines);
        var settings = new Settings
        {
            Command = command.Name,
            Targets = given.Length == 0 && command.Arguments.Contains(paths) ? ["proofs"] : given,
            Paths = search.Length == 0 ? ["proofs"] : search,
            Seed = Checked<ulong?>(seed, null, (string t, out ulong? v) => Wrap(Quantities.TrySeed(t, out ulong s), s, out v), "a whole number from 0 to 18446744073709551615"),
            Filter = Value(filter),
            Engines = engineList?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Jobs = Checked(jobs, Environment.ProcessorCount, (string t, out int v) => Quantities.TryCount(t, out v) && v is >= 1 and <= 1024, "a number from 1 to 1024"),
            Budget = Checked<TimeSpan?>(budget, null, (string t, out TimeSpan? v) => Wrap(Quantities.TryDuration(t, out TimeSpan d), d, out v), "a duration such as 500ms, 30s or 2m"),
            Timeout = Checked(timeout, TimeSpan.FromSeconds(30), Quantities.TryDuration, "a duration such as 500ms, 30s or 2m"),
            Memory = Checked(memory, 1L << 30, Quantities.TrySize, "a size such as 512MiB, at least 16MiB"),
            Alpha = Checked(alpha, 0.001m, Quantities.TryLevel, "a level between 0 and 1 such as 0.001"),
            FailOn = Checked(failOn, FailOn.Undecided, TryFailOn, "refuted, undecided or never"),
            Json = parsed.GetValue(json),
            JUnit = Value(junit),
            Html = Flag(html),
            GitHub = Flag(gitHub),
            Resume = Flag(resume),
            NoCache = Flag(noCache),
            Shard = Checked<(int, int)?>(shard, null, (string t, out (int, int)? v) => Wrap(Quantities.TryShard(t, out (int, int) s), s, out v), "i/n with 1 ≤ i ≤ n, such as 2/8"),
            Progress = Checked(progress, ProgressStyle.Auto, TryProgress, "auto, lines or none"),
            NoColour = parsed.GetValue(noColour),
            Quiet = parsed.GetValue(quiet),
            Verbose = parsed.GetValue(verbose),
            Out = Value(output),
            Solvers = Flag(solvers),
        };
        if (settings.Command == "report" && settings.Out is null)
        {
            errors.Add("report wants --out DIR");
        }

        if (settings.Resume && settings.NoCache)
        {
            errors.Add("--resume and --no-cache exclude each other");
        }

        return settings;
    }

    private delegate bool Parser<T>(string text, out T value);

    private static bool Wrap<T>(bool valid, T value, out T? wrapped)
        where T : struct
    {
        wrapped = valid ? value : null;
        return valid;
    }

    private static bool TryFailOn(string text, out FailOn failOn)
    {
        (bool valid, failOn) = text switch
        {
            "refuted" => (true, FailOn.Refuted),
            "undecided" => (true, FailOn.Undecided),
            "never" => (true, FailOn.Never),
            _ => (false, FailOn.Undecided),
        };
        return valid;
    }

    private static bool TryProgress(string text, out ProgressStyle style)
    {
        (bool valid, style) = text switch
        {
            "auto" => (true, ProgressStyle.Auto),
            "lines" => (true, ProgressStyle.Lines),
            "none" => (true, ProgressStyle.None),
            _ => (false, ProgressStyle.Auto),
        };
        return valid;
    }
}
