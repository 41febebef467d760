using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using VerifyEnergy.Claims;
using VerifyEnergy.Engines;
using VerifyEnergy.Kernel;

namespace VerifyEnergy.Reports;

/// <summary>From outcomes that the checker made to the records that are published. Nothing else makes a claim's record.</summary>
internal static class Recording
{
    private const long Steps = 1_000_000;

    /// <summary>A claim that was decided.</summary>
    public static ClaimRecord Of(ElaboratedClaim claim, ClaimOutcome outcome)
    {
        InstanceRecord[] instances = [.. outcome.Instances.Select(instance => Instance(claim, instance))];
        return Headed(claim.Heading, claim.Expect, claim.Names) with
        {
            Hash = claim.Hash,
            Statement = claim.Statement,
            Latex = claim.Latex,
            Parameters = [.. claim.Core.Parameters.Select(parameter => claim.Names[parameter.Variable])],
            Verdict = VerdictModule.name(outcome.Verdict),
            Scope = Scope.Of(instances.Select(instance => instance.Dims)),
            AsExpected = outcome.AsExpected,
            Condition = Present(outcome.Condition),
            ConditionBasis = Present(outcome.ConditionBasis),
            Instances = instances,
        };
    }

    /// <summary>A claim whose kinds clash: there is nothing to decide.</summary>
    public static ClaimRecord Of(IllTypedClaim claim)
    {
        string verdict = VerdictNames.IllTyped;
        string reason = string.Join("; ", claim.Clashes.Select(clash =>
            string.Create(CultureInfo.InvariantCulture, $"{clash.Message} (line {clash.At.Line}, column {clash.At.Column})")));
        return Headed(claim.Heading, claim.Expect, []) with
        {
            Verdict = verdict,
            AsExpected = claim.Expect is Expectation.Verdict expected && expected.Word == verdict,
            Instances = [new InstanceRecord([], verdict, null, null, null, null, null, null, [], reason, null, null, null, "0", [])],
        };
    }

    /// <summary>Parameter values by name.</summary>
    public static OrderedDictionary<string, int> Dimensions(ElaboratedClaim claim, int[] instance)
    {
        var dims = new OrderedDictionary<string, int>();
        foreach ((Parameter parameter, int value) in claim.Core.Parameters.Zip(instance))
        {
            dims[claim.Names[parameter.Variable]] = value;
        }

        return dims;
    }

    private static ClaimRecord Headed(Heading heading, Expectation expect, IReadOnlyList<string> names) => new(
        heading.Id, heading.Position.File, heading.Position.Line, "", Present(heading.Title), Present(heading.Source), Present(heading.Note), heading.Tags,
        "", null, [], VerdictNames.Undecided, Scope.Of([]), Expected(expect, names), false, null, null, [], []);

    private static string? Present(string text) => text.Length == 0 ? null : text;

    private static string? Expected(Expectation expect, IReadOnlyList<string> names)
    {
        FSharpFunc<int, string> name = FuncConvert.FromFunc((int variable) => names[variable]);
        return expect switch
        {
            Expectation.Verdict verdict => verdict.Word,
            Expectation.HoldsIff iff => "holds iff " + Print.prop(name, iff.Condition),
            Expectation.HoldsIf implied => "holds if " + Print.prop(name, implied.Condition),
            _ => null,
        };
    }

    private static InstanceRecord Instance(ElaboratedClaim claim, InstanceOutcome instance)
    {
        Outcome outcome = instance.Outcome;
        string verdict = VerdictModule.name(VerdictModule.ofOutcome(outcome));
        Refutation? refutation = (outcome as Outcome.Fails)?.Item;
        Certificate? certificate = outcome switch
        {
            Outcome.Holds holds => holds.Item.Certificate,
            Outcome.Vacuous vacuous => vacuous.Item.Certificate,
            _ => refutation?.Certificate,
        };
        return new InstanceRecord(
            Dimensions(claim, instance.Instance),
            verdict,
            Present(instance.Engine),
            Present(Objects(claim, instance.Instance)),
            refutation is null ? null : Witness(claim, refutation),
            Present(instance.Minimal),
            certificate is null ? null : EvidenceText.Describe(certificate),
            outcome switch { Outcome.Attested attested => attested.Ground, Outcome.Supported supported => supported.Ground, _ => null },
            Parts(claim, verdict, refutation),
            outcome switch
            {
                Outcome.IllTyped clash => clash.Clash,
                Outcome.Undecided undecided => undecided.Reason,
                _ => refutation?.Undefined?.Value is { } undefined ? "not defined at the witness: " + undefined : null,
            },
            Present(instance.Inhabited),
            Present(instance.Conflict),
            refutation is null ? null : Cone(claim, refutation),
            instance.Seed.ToString(CultureInfo.InvariantCulture),
            [.. instance.Tried.Select(tried => new TriedRecord(tried.Engine, tried.Outcome, Present(tried.Note), tried.Work.ToString(CultureInfo.InvariantCulture) + " steps"))]);
    }

    // "V, W in real[2, 1], t in nonneg where V*t <= W": neighbours with one domain share it; sizes are put in. A hypothesis over the
    // parameters alone only picks the instances.
    private static string Objects(ElaboratedClaim claim, int[] instance)
    {
        var values = claim.Core.Parameters.Zip(instance).ToDictionary(p => p.First.Variable, p => p.Second.ToString(CultureInfo.InvariantCulture));
        FSharpFunc<int, string> name = FuncConvert.FromFunc((int variable) => values.TryGetValue(variable, out string? value) ? value : claim.Names[variable]);
        var groups = new List<(List<string> Names, string Domain)>();
        foreach (Declaration.Object declared in claim.Core.Declarations.OfType<Declaration.Object>())
        {
            string domain = Print.domain(name, declared.Item2);
            if (groups.Count > 0 && groups[^1].Domain == domain)
            {
                groups[^1].Names.Add(claim.Names[declared.Variable]);
            }
            else
            {
                groups.Add(([claim.Names[declared.Variable]], domain));
            }
        }

        string[] hypotheses =
        [
            .. claim.Core.Declarations.OfType<Declaration.Hypothesis>().Select(hypothesis => hypothesis.Item)
                .Where(hypothesis => Mentions.ofProp(hypothesis).Any(variable => variable >= 0 && !values.ContainsKey(variable)))
                .Select(hypothesis => Print.prop(name, hypothesis)),
        ];
        string objects = string.Join(", ", groups.Select(group => string.Join(", ", group.Names) + " in " + group.Domain));
        return hypotheses.Length == 0 ? objects : $"{objects} where {string.Join(", ", hypotheses)}";
    }

    private static OrderedDictionary<string, WitnessValue> Witness(ElaboratedClaim claim, Refutation refutation)
    {
        FSharpMap<int, Domain> domains = Obligation.domains(claim.Core);
        var witness = new OrderedDictionary<string, WitnessValue>();
        foreach ((int variable, ObjectValue value) in refutation.Witness)
        {
            bool scalar = domains.TryGetValue(variable, out Domain? domain) && domain is Domain.Plain plain && plain.Sizes.IsEmpty;
            witness[claim.Names[variable]] = value switch
            {
                ObjectValue.Array array when scalar || (domain is null && array.Entries.Length == 1) => WitnessValue.Scalar(Text(array.Entries[0])),
                ObjectValue.Array array => Rows(array.Rows, array.Columns, (i, j) => Text(array.Entries[(i * array.Columns) + j])),
                ObjectValue.Map map => Rows(1, map.Images.Length, (_, j) => map.Images[j].ToString(CultureInfo.InvariantCulture)),
                _ => throw new InvalidOperationException("a witness value of an unknown kind: " + value.GetType().Name),
            };
        }

        return witness;
    }

    private static IReadOnlyList<PartRecord> Parts(ElaboratedClaim claim, string verdict, Refutation? refutation)
    {
        FSharpFunc<int, string> name = FuncConvert.FromFunc((int variable) => claim.Names[variable]);
        return [.. claim.Core.Conclusions.Select((conclusion, index) =>
        {
            bool fails = refutation is not null && (refutation.Failing.Contains(index) || refutation.Failing.IsEmpty);
            string part = refutation is null || fails ? verdict : VerdictNames.Undecided;
            (SideRecord? left, SideRecord? right, string? gap) = fails ? Sides(claim, refutation!, conclusion, name) : (null, null, null);
            return new PartRecord(Print.prop(name, conclusion), part, left, right, gap);
        })];
    }

    // Both sides at the witness, exactly; nothing where rational numbers do not reach (exponentials, roots).
    private static (SideRecord? Left, SideRecord? Right, string? Gap) Sides(ElaboratedClaim claim, Refutation refutation, Prop conclusion, FSharpFunc<int, string> name)
    {
        (Expr? leftText, Expr? rightText) = conclusion switch
        {
            Prop.Compare compare => (compare.Item2, compare.Item3),
            Prop.Approximately near => (near.Item1, near.Item2),
            Prop.Has has => (has.Item2, null),
            _ => ((Expr?)null, (Expr?)null),
        };
        if (leftText is null)
        {
            return default;
        }

        try
        {
            var evaluator = new Evaluator<Rational>(RationalArithmetic.Instance, new Steps(Steps), Obligation.domains(claim.Core));
            FSharpMap<int, Value<Rational>> environment = Environment(evaluator, claim, refutation);
            Value<Rational> left = evaluator.Eval(environment, leftText);
            SideRecord leftSide = new(Print.expr(name, leftText), Shown(left));
            if (rightText is null)
            {
                return (leftSide, null, null);
            }

            Value<Rational> right = evaluator.Eval(environment, rightText);
            bool scalar = leftSide.Value.IsScalar && left is Value<Rational>.Array { Entries: [{ Im.IsNone: true }] };
            SideRecord rightSide = new(Print.expr(name, rightText), Shown(right));
            if (!scalar || right is not Value<Rational>.Array { Entries: [{ Im.IsNone: true }] })
            {
                return (leftSide, rightSide, null);
            }

            // By how much the relation fails: positive, or 0 where a strict one fails by equality.
            Rational difference = evaluator.RealOf(left) - evaluator.RealOf(right);
            bool rising = conclusion is Prop.Compare { Item1: { IsGreater: true } or { IsGreaterEqual: true } };
            bool equality = conclusion is Prop.Approximately or Prop.Compare { Item1.IsEqual: true };
            return (leftSide, rightSide, (equality ? difference.Abs : rising ? -difference : difference).ToString());
        }
        catch (Exception cause) when (cause is Undefined or Unsupported or OutOfShape or StepsExhausted or TooLarge)
        {
            return default;
        }
    }

    private static FSharpMap<int, Value<Rational>> Environment(Evaluator<Rational> evaluator, ElaboratedClaim claim, Refutation refutation)
    {
        FSharpMap<int, Value<Rational>> environment = Grid.environment(evaluator.Algebra, claim.Core, refutation.Instance);
        FSharpMap<int, Domain> domains = Obligation.domains(claim.Core);
        foreach ((int variable, ObjectValue value) in refutation.Witness)
        {
            if (!domains.TryGetValue(variable, out Domain? domain))
            {
                continue;
            }

            environment = environment.Add(variable, value switch
            {
                ObjectValue.Map map => Value<Rational>.NewMap(map.Images, domain is Domain.Map onto ? evaluator.IntegerOf(environment, onto.Into) : 0),
                ObjectValue.Array array => Value<Rational>.NewArray(
                    domain switch
                    {
                        Domain.Plain { Sizes.IsEmpty: true } => Shape.Scalar,
                        Domain.Plain { Sizes.Length: 1 } or Domain.Simplex => Shape.Column,
                        _ => Shape.Matrix,
                    },
                    array.Rows,
                    array.Columns,
                    [.. array.Entries.Select(entry => new Entry<Rational>(
                        entry.Item1, Domains.isComplex(domain) ? FSharpValueOption<Rational>.Some(entry.Item2) : FSharpValueOption<Rational>.None))]),
                _ => throw new InvalidOperationException("a witness value of an unknown kind: " + value.GetType().Name),
            });
        }

        return environment;
    }

    private static WitnessValue Shown(Value<Rational> value) => value switch
    {
        Value<Rational>.Array { Shape.IsScalar: true } scalar => WitnessValue.Scalar(Text(scalar.Entries[0])),
        Value<Rational>.Array array => Rows(array.Rows, array.Columns, (i, j) => Text(array.Entries[(i * array.Columns) + j])),
        Value<Rational>.Map map => Rows(1, map.Images.Length, (_, j) => map.Images[j].ToString(CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException("a value of an unknown kind: " + value.GetType().Name),
    };

    private static string Text(Entry<Rational> entry) => Text((entry.Re, entry.Im.IsSome ? entry.Im.Value : Rational.Zero));

    // Complex entries as the language writes them: 1/2 + 3*i.
    private static string Text((Rational Re, Rational Im) entry)
    {
        if (entry.Im.IsZero)
        {
            return entry.Re.ToString();
        }

        string size = entry.Im.Abs.IsOne ? "i" : entry.Im.Abs + "*i";
        string sign = entry.Im.Sign < 0 ? "-" : "";
        return entry.Re.IsZero ? sign + size : $"{entry.Re} {(entry.Im.Sign < 0 ? "-" : "+")} {size}";
    }

    private static WitnessValue Rows(int rows, int columns, Func<int, int, string> entry) => WitnessValue.Matrix(
        [.. Enumerable.Range(0, rows).Select(i => (IReadOnlyList<string>)[.. Enumerable.Range(0, columns).Select(j => entry(i, j))])]);

    // Real symmetric 2×2 objects of the witness, and V V' for 2-row objects V whose square stands in the claim.
    private static ConeRecord? Cone(ElaboratedClaim claim, Refutation refutation)
    {
        FSharpMap<int, Domain> domains = Obligation.domains(claim.Core);
        string statement = claim.Statement.Replace(" ", "", StringComparison.Ordinal);
        var points = new List<ConePoint>();
        foreach ((int variable, ObjectValue value) in refutation.Witness)
        {
            if (value is not ObjectValue.Array { Rows: 2 } array || array.Entries.Any(entry => !entry.Item2.IsZero) || !domains.TryGetValue(variable, out Domain? domain))
            {
                continue;
            }

            string name = claim.Names[variable];
            Rational Entry(int i, int j) => array.Entries[(i * array.Columns) + j].Item1;
            if (domain is Domain.Psd or Domain.Spd or Domain.Symmetric)
            {
                points.Add(new ConePoint(name, Entry(0, 0).ToString(), Entry(0, 1).ToString(), Entry(1, 1).ToString()));
            }
            else if (domain is Domain.Plain && statement.Contains($"{name}*{name}'", StringComparison.Ordinal))
            {
                Rational Product(int i, int j) => Enumerable.Range(0, array.Columns).Aggregate(Rational.Zero, (sum, k) => sum + (Entry(i, k) * Entry(j, k)));
                points.Add(new ConePoint($"{name} {name}'", Product(0, 0).ToString(), Product(0, 1).ToString(), Product(1, 1).ToString()));
            }
        }

        return points.Count == 0 ? null : new ConeRecord(points);
    }
}
