using System.Collections.Generic;
using System.Linq;

namespace VerifyEnergy.Reports.Tests;

/// <summary>A run written by hand that has every verdict and every kind of evidence once.</summary>
internal static class Sample
{
    public const string Hash = "6b1f0f2c9ad5ff3fe36b2f83b8d85b1fd6f2dbd0d7d61ae8f3f4f5c0e4a2b931";

    public static OrderedDictionary<string, int> Dims(params (string Name, int Value)[] sizes)
    {
        var dims = new OrderedDictionary<string, int>();
        foreach ((string name, int value) in sizes)
        {
            dims[name] = value;
        }

        return dims;
    }

    public static InstanceRecord Instance(OrderedDictionary<string, int> dims, string verdict, string text) => new(
        dims, verdict, null, null, null, null, null, null, [new PartRecord(text, verdict, null, null, null)], null, null, null, null, "8804190651", []);

    public static ClaimRecord Claim(string id, string verdict, string statement, params InstanceRecord[] instances) => new(
        id, "proofs/sample.claim", 3, Hash, null, null, null, [], statement, null, [.. instances[0].Dims.Keys], verdict,
        Scope.Of(instances.Select(i => i.Dims)), null, true, null, null, [], instances);

    public static ClaimRecord Addition()
    {
        var instances = new List<InstanceRecord>();
        for (int n = 1; n <= 4; n++)
        {
            for (int k = 1; k <= 4; k++)
            {
                OrderedDictionary<string, int> dims = Dims(("n", n), ("k", k));
                string text = "rank(V*V' + W*W') <= k";
                instances.Add(k >= n
                    ? Instance(dims, "proved", text) with
                    {
                        Engine = "identity",
                        Certificate = new CertificateRecord("minors", Hash, 214),
                        Tried = [new TriedRecord("identity", "accepted", null, "12 steps")],
                    }
                    : Refuted(n, k, dims, text));
            }
        }

        return Claim("wc-addition-convexity", "refuted", "for n in 1..4, k in 1..4 let V, W : real[n,k] show rank(V*V' + W*W') <= k", [.. instances]) with
        {
            Title = "Covariances W Wᵀ with k latent dimensions are closed under addition",
            Source = "Theorem 1, proof, second property",
            Expected = "holds iff k >= n",
            Condition = "k >= n",
            ConditionBasis = "read off the grid 4×4",
        };
    }

    public static RunRecord Run()
    {
        ClaimRecord[] claims =
        [
            Addition(),
            Claim("wc-scaling", "proved", "for n in 1..4 let W : real[n,n], t : nonneg show psd(t*W*W')",
                [.. Enumerable.Range(1, 4).Select(n => Instance(Dims(("n", n)), "proved", "psd(t*W*W')") with { Certificate = new CertificateRecord("squares", Hash, 512), Engine = "squares" })]) with
            {
                Title = "Scaling by t ≥ 0 stays in the cone",
                Scope = Scope.All,
                Expected = "proved",
                Assumes = ["trace-cyclic"],
            },
            Claim("bz-solver", "attested", "let x : real show x^2 + 1 > 0",
                Instance(Dims(), "attested", "x^2 + 1 > 0") with { Ground = "z3 4.13.3, options -smt2 -T:30, on bz-solver.smt2" }),
            Claim("cg-entropy", "supported", "for N in 2..4 let mu : simplex[N] show entropy(mu) >= 0",
                [.. Enumerable.Range(2, 3).Select(n => Instance(Dims(("N", n)), "supported", "entropy(mu) >= 0") with { Ground = "500 cases from simplex, corners first" })]),
            Claim("void", "vacuous", "let x : pos where x < 0 show x = 1", Instance(Dims(), "vacuous", "x = 1") with { Reason = "x > 0 and x < 0 exclude each other" }),
            Claim("ill-jacobian", "ill-typed", "for n in 2..3 let W : real[n,1] show det(W) = 0",
                [.. Enumerable.Range(2, 2).Select(n => Instance(Dims(("n", n)), "ill-typed", "det(W) = 0") with { Reason = $"det wants a square matrix, W is {n}×1, column 42" })]),
            Claim("pc-minkowski", "undecided", "for n in 1..2 let A, B : psd[n] show det(A+B) >= det(A) + det(B)",
                Instance(Dims(("n", 1)), "proved", "det(A+B) >= det(A) + det(B)"),
                Instance(Dims(("n", 2)), "undecided", "det(A+B) >= det(A) + det(B)") with
                {
                    Reason = "no engine found a certificate or a witness within its budget",
                    Inhabited = "shown by A = B = 0",
                    Tried = [new TriedRecord("identity", "not an identity", null, "3 steps"), new TriedRecord("search", "no violation", "500 cases", "500 cases")],
                }) with
            { AsExpected = false },
        ];
        var counts = new OrderedDictionary<string, int>();
        foreach (VerdictStyle style in VerdictStyle.All)
        {
            counts[style.Word] = claims.Count(claim => claim.Verdict == style.Word);
        }

        return new RunRecord(RunRecord.SchemaName, "0.1.0", null, [new EngineRecord("identity", "1"), new EngineRecord("search", "1")], claims,
            new SummaryRecord(claims.Length, counts, claims.Count(claim => claim.AsExpected), 2), []);
    }

    private static InstanceRecord Refuted(int n, int k, OrderedDictionary<string, int> dims, string text)
    {
        WitnessValue v = Unit(n, k, (i, j) => i == n - 1 - j);
        WitnessValue w = Unit(n, k, (i, j) => i == 0 && j == 0);
        return Instance(dims, "refuted", text) with
        {
            Engine = "search",
            Objects = $"V, W in real[{n},{k}]",
            Witness = new OrderedDictionary<string, WitnessValue> { ["V"] = v, ["W"] = w },
            Minimal = "minimal: 37 smaller points exhausted",
            Certificate = new CertificateRecord("witness", Hash, 133),
            Parts = [new PartRecord(text, "refuted", new SideRecord("rank(V*V' + W*W')", WitnessValue.Scalar((k + 1).ToString(System.Globalization.CultureInfo.InvariantCulture))),
                new SideRecord("k", WitnessValue.Scalar(k.ToString(System.Globalization.CultureInfo.InvariantCulture))), "1")],
            Cone = n == 2 && k == 1 ? new ConeRecord([new ConePoint("V V'", "0", "0", "1"), new ConePoint("W W'", "1", "0", "0")]) : null,
        };
    }

    private static WitnessValue Unit(int rows, int columns, System.Func<int, int, bool> one) => WitnessValue.Matrix(
        [.. Enumerable.Range(0, rows).Select(i => (IReadOnlyList<string>)[.. Enumerable.Range(0, columns).Select(j => one(i, j) ? "1" : "0")])]);
}
