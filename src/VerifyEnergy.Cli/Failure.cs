using System.Collections.Generic;
using System.Linq;
using VerifyEnergy.Reports;

namespace VerifyEnergy.Cli;

/// <summary>What a person or a script sees when a command cannot do its work.</summary>
internal static class Failure
{
    private const int MostShown = 8;

    /// <summary>All errors on standard error, or one document on standard output; never more than a screen for people.</summary>
    /// <returns>The exit code of the first kind that applies.</returns>
    public static int Report(IReadOnlyList<ErrorRecord> errors, bool json, Terminal terminal)
    {
        int code = Code(errors);
        try
        {
            if (json)
            {
                terminal.Out(RunJson.Write(RunRecords.OfErrors(errors, code)));
                return code;
            }
        }
        catch (CannotWriteException refused)
        {
            errors = [.. errors, new ErrorRecord((int)ExitCode.CannotWrite, refused.Message, null, null, null, null, null)];
            code = (int)ExitCode.CannotWrite;
        }

        var text = new TerminalReport(terminal.ColoursError);
        foreach (ErrorRecord error in errors.Take(MostShown))
        {
            terminal.Error(text.Error(error));
        }

        if (errors.Count > MostShown)
        {
            terminal.Error($"… and {errors.Count - MostShown} more (--json shows all)\n");
        }

        if (code == (int)ExitCode.Usage)
        {
            terminal.Error("verify-energy --help lists commands and options\n");
        }

        return code;
    }

    // A bad command line comes first, then bad files, then missing ones: each may have caused the next.
    private static int Code(IReadOnlyList<ErrorRecord> errors)
    {
        int[] order = [(int)ExitCode.Interrupted, (int)ExitCode.CannotWrite, (int)ExitCode.Internal, (int)ExitCode.Usage, (int)ExitCode.InvalidClaim, (int)ExitCode.NotFound];
        return order.Cast<int?>().FirstOrDefault(code => errors.Any(error => error.Code == code)) ?? errors.Select(e => e.Code).DefaultIfEmpty((int)ExitCode.Internal).Max();
    }
}
