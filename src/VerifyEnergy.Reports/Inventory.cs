using System.Collections.Generic;
using System.Linq;
using Microsoft.FSharp.Core;
using VerifyEnergy.Claims;
using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>Claims as <c>list</c> shows them, nothing decided.</summary>
public sealed record InventoryRecord(string Schema, string Version, IReadOnlyList<ListedClaim> Claims)
{
    public const string SchemaName = "verify-energy-list/1";

    public static InventoryRecord Of(IEnumerable<LoadedClaim> claims) => new(SchemaName, RunRecords.Version, [.. claims.Select(ListedClaim.Of)]);
}

/// <param name="Parameters">Names of the integer parameters.</param>
/// <param name="Objects">Each object with its domain, sizes symbolic: <c>W : real[n, k]</c>.</param>
/// <param name="Clash">Why it is no statement; null for a statement.</param>
public sealed record ListedClaim(
    string Id, string File, int Line, string? Title, IReadOnlyList<string> Tags, IReadOnlyList<string> Parameters, IReadOnlyList<string> Objects, string? Clash)
{
    public static ListedClaim Of(LoadedClaim loaded)
    {
        Heading heading = loaded.Heading;
        var listed = new ListedClaim(
            heading.Id, heading.Position.File, heading.Position.Line, heading.Title.Length == 0 ? null : heading.Title, heading.Tags, [], [], null);
        if (loaded.Claim is not ParsedClaim.Elaborated { Claim: { } claim })
        {
            return listed with { Clash = ((ParsedClaim.IllTyped)loaded.Claim).Claim.Clashes[0].Message };
        }

        FSharpFunc<int, string> name = FuncConvert.FromFunc((int variable) => claim.Names[variable]);
        return listed with
        {
            Parameters = [.. claim.Core.Parameters.Select(parameter => claim.Names[parameter.Variable])],
            Objects = [.. claim.Core.Declarations.OfType<Declaration.Object>().Select(declared => $"{claim.Names[declared.Variable]} : {Print.domain(name, declared.Item2)}")],
        };
    }
}
