module VerifyEnergy.Claims.Tests.KindTests

open Xunit
open VerifyEnergy.Claims
open VerifyEnergy.Claims.Tests.Reader

let private objects =
    "claim c for n in 2..3, k in 2..4
let A : real[n,n], W : real[n,k], u : real[n], w : real[k], x : real, f : map[n,k], K : stochastic[n,k], p : simplex[n]
let C : complex[n,n], S0 : psd[n], S : wishart(k, S0), T : wishart(2, S0), X : normal[n], Y : normal, D : law(p), b : bits[n]
show "

/// A clash names what stands there and what was meant, at the column of what stands there (column 6 is the first of the proposition).
[<Theory>]
[<InlineData("det(W) = 0", 10, "matrix n×k", "square matrix", "n = 2, k = 3")>]
[<InlineData("tr(u) = 0", 9, "column of length n", "square matrix", "")>]
[<InlineData("inv(x) = 0", 10, "scalar", "square matrix", "")>]
[<InlineData("A + u = A", 8, "column of length n", "matrix n×n", "")>]
[<InlineData("u + w = u", 8, "column of length k", "column of length n", "n = 2, k = 3")>]
[<InlineData("A*W = A", 12, "", "", "", true)>]
[<InlineData("W*A = W", 7, "matrix n×n", "factor with k rows", "n = 2, k = 3")>]
[<InlineData("u*u = x", 7, "column of length n", "right factor", "")>]
[<InlineData("u*A = u", 7, "matrix n×n", "right factor", "")>]
[<InlineData("A = x", 10, "scalar", "matrix n×n", "")>]
[<InlineData("u = u'", 10, "row of length n", "column of length n", "")>]
[<InlineData("A <= A", 6, "matrix n×n", "scalar", "")>]
[<InlineData("W <<= W", 6, "matrix n×k", "square matrix", "n = 2, k = 3")>]
[<InlineData("psd(W)", 10, "matrix n×k", "square matrix", "n = 2, k = 3")>]
[<InlineData("symmetric(u)", 16, "column of length n", "square matrix", "")>]
[<InlineData("u[1,1] = 0", 6, "column of length n", "array with 2 subscripts", "")>]
[<InlineData("A[1] = 0", 6, "matrix n×n", "array with 1 subscripts", "")>]
[<InlineData("x[1] = 0", 6, "scalar", "vector or matrix", "")>]
[<InlineData("u[x/A[1,1]] = 0", 0, "", "", "", true)>]
[<InlineData("u^2 = u", 6, "column of length n", "scalar or square matrix", "")>]
[<InlineData("exp(A) = A", 10, "matrix n×n", "scalar", "")>]
[<InlineData("A/u = A", 8, "column of length n", "scalar divisor", "")>]
[<InlineData("A(1) = 0", 6, "matrix n×n", "map or function", "")>]
[<InlineData("K(1) = 0", 6, "stochastic matrix n×k (a kernel)", "map or function", "")>]
[<InlineData("pushforward(K, p) = w", 18, "stochastic matrix n×k (a kernel)", "a map", "")>]
[<InlineData("pushforward(f, w) = w", 21, "column of length k", "column of size n", "n = 2, k = 3")>]
[<InlineData("sum(a in fibre(K, 1)) a = 0", 21, "stochastic matrix n×k (a kernel)", "a map", "")>]
[<InlineData("f[1] = 1", 6, "map {1..n} → {1..k}", "vector or matrix", "")>]
[<InlineData("f + 1 = 1", 8, "map {1..n} → {1..k}", "number, vector or matrix", "")>]
[<InlineData("Y = 0", 6, "random scalar", "constant", "")>]
[<InlineData("rank(S) = n", 6, "random scalar", "constant", "")>]
[<InlineData("E[x] = x", 8, "scalar (a constant)", "random object", "")>]
[<InlineData("Var[A*u] = A", 10, "column of length n (a constant)", "random object", "")>]
[<InlineData("Cov[Y, x] = 0", 13, "scalar (a constant)", "random object", "")>]
[<InlineData("law(W*W') = wishart(k, S0)", 10, "matrix n×n (a constant)", "random object", "")>]
[<InlineData("law(X) = wishart(k, S0)", 15, "matrix n×n", "column of length n", "")>]
[<InlineData("law(Y) = x", 15, "scalar", "a law", "")>]
[<InlineData("law(Y) <= normal", 13, "a law", "a number", "")>]
[<InlineData("pdf(D, 1) >= 0", 10, "discrete random scalar (atoms)", "with a density", "")>]
[<InlineData("pdf(D^2 + 1, 1) >= 0", 10, "discrete random scalar (atoms)", "with a density", "")>]
[<InlineData("pdf(x, 1) >= 0", 10, "scalar (a constant)", "random object", "")>]
[<InlineData("pdf(T, S0) >= 0", 10, "fewer degrees of freedom", "with a density", "n = 3, k = 2")>]
[<InlineData("wishart(k, S0) = law(C)", 27, "complex matrix n×n (a constant)", "random object", "")>]
[<InlineData("entropy(C) = 0", 14, "complex matrix n×n", "real", "")>]
[<InlineData("max(C[1,1], 0) = 0", 10, "complex scalar", "real", "")>]
[<InlineData("grad(tr(C), u) = u", 11, "complex scalar", "real expression", "")>]
[<InlineData("grad(x, C) = C", 14, "complex matrix n×n", "real object", "")>]
[<InlineData("grad(u, u) = u", 11, "column of length n", "scalar", "")>]
[<InlineData("grad(dot(b, u), b) = u", 22, "column of length n", "freely moving", "")>]
[<InlineData("[1, 2; 3] = I(2)", 13, "row of width 1", "row of width 2", "")>]
[<InlineData("[A, W] = A", 15, "matrix n×(n + k)", "matrix", "", true)>]
[<InlineData("x", 6, "scalar", "a proposition", "")>]
[<InlineData("(x = 1) + 1 = 2", 9, "a proposition", "a number, vector or matrix", "")>]
[<InlineData("not x", 10, "scalar", "a proposition", "")>]
[<InlineData("sum(a in real) a = 0", 15, "infinite domain", "finite domain", "")>]
[<InlineData("forall(a : normal) x = 0", 17, "a law", "a set", "")>]
[<InlineData("I(x) = A", 8, "scalar", "integer expression", "")>]
[<InlineData("[u | a in 1..2] = u", 7, "column of length n", "scalar entry", "")>]
[<InlineData("[a + b | a in 1..n, b in 1..a] = A", 26, "a range that another index", "fixed range", "")>]
[<InlineData("sum(a in x..2) a = 0", 15, "scalar", "integer expression", "")>]
[<InlineData("marginal(A, x) = u", 18, "scalar", "the numeral 1 or the numeral 2", "")>]
let ``Clashes name both kinds and the column``
    (prop: string, column: int, found: string, wanted: string, instance: string, [<System.ParamArray>] fits: bool[])
    =
    if fits.Length > 0 && column = 0 then
        elaborated (objects + prop) |> ignore
    elif fits.Length > 0 then
        clash (objects + prop) |> ignore
    else
        let clash = clash (objects + prop)
        Assert.Equal(4, clash.At.Line)
        Assert.Equal(column, clash.At.Column)
        Assert.Contains(found, clash.Found)
        Assert.Contains(wanted, clash.Wanted)
        Assert.Equal(instance, clash.Instance)

/// Declarations clash as well.
[<Theory>]
[<InlineData("let W : real[2,3], S : wishart(1, W)", "matrix 2×3", "square matrix")>]
[<InlineData("let A : hpsd[2], S : wishart(1, A)", "complex matrix 2×2", "real square matrix")>]
[<InlineData("let A : real[2,2], g : gaussian(A, A)", "matrix 2×2", "column (a mean)")>]
[<InlineData("let u : real[3], A : psd[2], g : gaussian(u, A)", "matrix 2×2", "covariance of side 3")>]
[<InlineData("let a : real, p : coupling(a, a)", "scalar", "column (a marginal)")>]
[<InlineData("let a : real, v : real[a]", "scalar", "integer expression")>]
[<InlineData("let X : normal, Y : uniform(0, X)", "random scalar", "scalar bound")>]
[<InlineData("for n in 1..3 let v : real[n-2]", "size n - 2", "a size ≥ 1")>]
[<InlineData("for n in 1..3 let v : real[n/2]", "size n/2", "a size ≥ 1")>]
[<InlineData("let X : normal where X >= 0", "random scalar", "constant")>]
[<InlineData("let p : simplex[2,2]", "", "")>]
let ``Declarations clash`` (declarations: string, found: string, wanted: string) =
    if found = "" then
        complaints $"claim c {declarations} show 1 = 1" |> ignore
    else
        let clash = clash $"claim c {declarations} show 1 = 1"
        Assert.Contains(found, clash.Found)
        Assert.Contains(wanted, clash.Wanted)

/// Sizes that differ by form only, or at instances that a hypothesis excludes, are no clash.
[<Theory>]
[<InlineData("for n in 1..3 let u : real[2*n], v : real[n+n] show dot(u, v) = 0")>]
[<InlineData("for n in 1..3 let u : real[n*(n+1)/2], v : real[(n^2+n)/2] show u = v")>]
[<InlineData("for n in 1..3, m in 1..3 let A : real[n,n], B : real[m,m] where n = m show A + B = B + A")>]
[<InlineData("for n in 1..3, m in n..n let A : real[n,m] show det(A) = 0")>]
[<InlineData("for n in 1..3, m in 1..3 let A : real[max(n,m), n] where n >= m show det(A) = 0")>]
[<InlineData("for n in 1..3 let u : real[2^n] show u = [h[1] | h in bits[n]]")>]
[<InlineData("for n in 1..3 let A : real[n,n] show sum(i in 1..n) sum(j in 1..i) A[i,j] = 0")>]
[<InlineData("for n in 2..3 let u : real[n] show [u[1..n-1]; u[n]] = u")>]
let ``Sizes are compared as polynomials and then at the instances`` (body: string) = elaborated ("claim c " + body) |> ignore

[<Fact>]
let ``A clash in an ill-typed claim keeps what was expected`` () =
    let file = Claims.Parse("claim c for n in 2..3 let W : real[n,1] show det(W) = 0 expect ill-typed", "t.claim")

    match Seq.exactlyOne file.Claims with
    | ParsedClaim.IllTyped claim -> Assert.Equal(Expectation.Verdict "ill-typed", claim.Expect)
    | ParsedClaim.Elaborated claim -> Assert.Fail claim.Statement
