module VerifyEnergy.Claims.Tests.GrammarTests

open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Claims
open VerifyEnergy.Claims.Tests.Reader

let private objects =
    "claim c for n in 2..3, k in 2..3
     let A, B : real[n,n], S0 : psd[n], W : real[n,k], u, v : real[n], w : real[k], x, y, t : real, f : map[n,k],
         z : complex, C : complex[n,n], p, q : simplex[n], R : wishart(k, S0), X : normal[n], Y : normal "

/// Texts that mean the same core claim: precedence, associativity, synonyms, layout.
[<Theory>]
[<InlineData("-x^2 = 0", "-(x^2) = 0")>]
[<InlineData("2^3^2 = 512", "2^(3^2) = 512")>]
[<InlineData("x - y - t = 0", "(x - y) - t = 0")>]
[<InlineData("x/y*t = 0", "(x/y)*t = 0")>]
[<InlineData("-x*y = 0", "(-x)*y = 0")>]
[<InlineData("x + y*t^2 = 0", "x + (y*(t^2)) = 0")>]
[<InlineData("A*B' = B", "A*(B') = B")>]
[<InlineData("A'^2 = B", "(A')^2 = B")>]
[<InlineData("2^-1 = x", "2^(-1) = x")>]
[<InlineData("0.1 = x", "1/10 = x")>]
[<InlineData("1e-2 = x", "1/100 = x")>]
[<InlineData("2.50 = x", "5/2 = x")>]
[<InlineData("sum(i in 1..n) u[i]*v[i] + x = y", "(sum(i in 1..n) (u[i]*v[i])) + x = y")>]
[<InlineData("sum(i in 1..n) -u[i] <= 0", "sum(i in 1..n) (-u[i]) <= 0")>]
[<InlineData("2*sum(i in 1..n) u[i]*x = y", "2*(sum(i in 1..n) (u[i]*x)) = y")>]
[<InlineData("sum(i in 1..n) prod(j in 1..n) A[i,j]^2 = y", "sum(i in 1..n) (prod(j in 1..n) (A[i,j]^2)) = y")>]
[<InlineData("x = 0 or y = 0 and t = 0", "x = 0 or (y = 0 and t = 0)")>]
[<InlineData("not x = 0 and y = 0", "(not (x = 0)) and y = 0")>]
[<InlineData("x = 0 => y = 0 => t = 0", "x = 0 => (y = 0 => t = 0)")>]
[<InlineData("x = 0 <=> y = 0 => t = 0", "x = 0 <=> (y = 0 => t = 0)")>]
[<InlineData("0 <= x <= y < 1", "0 <= x and x <= y and y < 1")>]
[<InlineData("forall(i in 1..n) u[i] = 0 and x = 0", "forall(i in 1..n) (u[i] = 0 and x = 0)")>]
[<InlineData("x = 0 and exists(c : pos) c = x or y = 0", "x = 0 and (exists(c : pos) (c = x or y = 0))")>]
[<InlineData("if x > 0 then x else -x + y >= 0", "(if x > 0 then x else ((-x) + y)) >= 0")>]
[<InlineData("if x > 0 then x = y else x = -y", "(x > 0 => x = y) and (not x > 0 => x = -y)")>]
[<InlineData("x ≤ y", "x <= y")>]
[<InlineData("x ≥ y", "x >= y")>]
[<InlineData("x ≠ y", "x != y")>]
[<InlineData("A ⪯ B", "A <<= B")>]
[<InlineData("sum(i ∈ 1..n) u[i] = 0", "sum(i in 1..n) u[i] = 0")>]
[<InlineData("x ~= y within 1e-9", "x ≈ y within 0.000000001")>]
[<InlineData("x ~= y rel 1e-9", "x ≈ y within rel 1e-9")>]
[<InlineData("exists(a : real[n], c : pos) dot(a, u) = c", "exists(a : real[n]) exists(c : pos) dot(a, u) = c", false)>]
[<InlineData("sum(h in bits[n]) h[1] = x", "sum(h in bit[n]) h[1] = x")>]
[<InlineData("sum(h : spins[n]) h[1] = x", "sum(s in spin[n]) s[1] = x")>]
[<InlineData("x = 0#comment\n", "x\n=\n0")>]
let ``Two texts of one claim`` (left: string, right: string, [<System.ParamArray>] same: bool[]) =
    let first = (elaborated (objects + "show " + left)).Core
    let second = (elaborated (objects + "show " + right)).Core

    if Array.contains false same then
        Assert.NotEqual(first, second)
    else
        Assert.True((first = second), $"{left}   and   {right}")

/// Each construct of the language page, at least once.
[<Theory>]
[<InlineData("A[1,2] + v[2] = A[1,:][2] + A[:,2][1]")>]
[<InlineData("A[1..2, 2..n] = B[1..2, 2..n]")>]
[<InlineData("[1, 2; 3, 4] = [x, y; y, x]")>]
[<InlineData("[1/(i+j-1) | i in 1..n, j in 1..n] = A")>]
[<InlineData("[i^2 | i in 1..n] = v")>]
[<InlineData("[dot(a, b) | a in bits[2], b in bits[2]] = I(4)")>]
[<InlineData("[A, u; u', 1] = I(n + 1)")>]
[<InlineData("[u; v] = zeros(2*n)")>]
[<InlineData("[u', v'] = zeros(2*n)'")>]
[<InlineData("[u, v] = zeros(n, 2)")>]
[<InlineData("A .* B = B .* A")>]
[<InlineData("u'*v = dot(u, v)")>]
[<InlineData("u*v' = A")>]
[<InlineData("tr(A) + det(B) = rank(W)")>]
[<InlineData("inv(A)*adj(A) = diag(u)")>]
[<InlineData("diag(diag(u)) = u")>]
[<InlineData("I(n) = ones(n,n) - zeros(n,n)")>]
[<InlineData("e(1,n) = ones(n)")>]
[<InlineData("kron(A, B) = kron(B, A)")>]
[<InlineData("frob2(A) + norm2(u) = dot(u, v)")>]
[<InlineData("lmin(A) <= lmax(A) and sqrtm(A) = expm(logm(B)) and nuclear(W) >= opnorm(W)")>]
[<InlineData("exp(x) + log(x) + sqrt(x) + abs(x) = sinh(x) + cosh(x) + tanh(x)")>]
[<InlineData("softplus(x) + sigmoid(x) + relu(x) = logsumexp(u) + max(x, y) - min(u)")>]
[<InlineData("lgamma(x) + digamma(x) + trigamma(x) = sin(x) + cos(pi*x) + mod(x, y)")>]
[<InlineData("re(z) + im(z) = 0 and conj(z) = z + i")>]
[<InlineData("C' = conj(C)")>]
[<InlineData("S0^(i*t) = C and S0^(1/2) = A")>]
[<InlineData("f(1) = 1 and sum(x in fibre(f, 1)) x >= 0")>]
[<InlineData("pushforward(f, p)[1] <= 1")>]
[<InlineData("entropy(p) + kl(p, q) >= 0")>]
[<InlineData("marginal(W, 1) = u and marginal(W, 2) = w")>]
[<InlineData("E[R] = k*S0 and Var[X] = I(n) and Cov[X[1], Y] = 0 and P[Y > 0] = 1/2")>]
[<InlineData("P[rank(R) = n] = 1")>]
[<InlineData("law(Y) = normal and law(X) = normal[n] and law(R) = wishart(k, S0) and law(Y^2) = chi2(1)")>]
[<InlineData("law(Y) = uniform(0, 1) or law(X) = gaussian(u, S0) or law(Y) = law(p)")>]
[<InlineData("law(X[1]) != law(Y)")>]
[<InlineData("pdf(Y, 0) = 1/sqrt(2*pi) and pdf(X, u) > 0")>]
[<InlineData("grad(dot(u, u), u) = 2*u and hessian(dot(u, u), u) = 2*I(n) and grad(x^2, x) = 2*x")>]
[<InlineData("jacobian(A*u, u) = A and hessian(x^2, x) = 2 and jacobian(x^2, x) = 2*x")>]
[<InlineData("hessian(tr(S0*S0), S0)[1,1] = 2 and grad(tr(A), A) = I(n)")>]
[<InlineData("bures2(S0, S0) ≈ 0 within 1e-9 and brenier_gaussian(S0, S0) ≈ I(n) rel 1e-9")>]
[<InlineData("transport(A, p, q) = A and transport_cost(A, p, q) >= 0 and sinkhorn(A, p, q, 1/10) ≈ A within 1")>]
[<InlineData("ising_logz(A, u) >= 0 and rbm_logz(u, w, W) >= 0 and decimate(x) <= x and coarse_grain(f, A)[1,1] >= 0")>]
[<InlineData("psd(A) and pd(B) and symmetric(A) and A <<= B")>]
[<InlineData("x = 1 or x != 1 and x < 1 => x <= 1 <=> not (x > 1 and x >= 1)")>]
[<InlineData("forall(h in bits[n]) exists(s in spins[n], m in 1..k, a : real[n]) s[m] = h[m]")>]
[<InlineData("forall(g in map[n,k]) g(1) >= 1")>]
[<InlineData("forall(m in {1, 2, 5}) m >= 1 and forall(c in int in -1..1) c^2 <= 1")>]
let ``Every construct elaborates and is read back`` (prop: string) =
    let claim = elaborated (objects + "show " + prop)
    let again = elaborated ("claim c\n" + claim.Statement)
    Assert.True((claim.Core = again.Core), claim.Statement)
    Assert.NotEqual<string>("", claim.Latex)

/// Every domain of the page.
[<Theory>]
[<InlineData("real")>]
[<InlineData("pos")>]
[<InlineData("nonneg[n]")>]
[<InlineData("int in -k..k")>]
[<InlineData("int in 0..k-1[n]")>]
[<InlineData("int[n,k] in 0..2*k")>]
[<InlineData("bit")>]
[<InlineData("bits[n]")>]
[<InlineData("spin[n,k]")>]
[<InlineData("spins[n]")>]
[<InlineData("complex[n]")>]
[<InlineData("sym[n]")>]
[<InlineData("psd[n]")>]
[<InlineData("psd[n] rank k")>]
[<InlineData("spd[n]")>]
[<InlineData("orth[n]")>]
[<InlineData("diag[n]")>]
[<InlineData("herm[n]")>]
[<InlineData("hpsd[n]")>]
[<InlineData("hpd[n]")>]
[<InlineData("unitary[n]")>]
[<InlineData("density[n]")>]
[<InlineData("simplex[n]")>]
[<InlineData("coupling(p0, p0)")>]
[<InlineData("stochastic[n,k]")>]
[<InlineData("map[n,k]")>]
[<InlineData("normal")>]
[<InlineData("normal[n]")>]
[<InlineData("normal[n,k]")>]
[<InlineData("gaussian(2*p0, S0)")>]
[<InlineData("wishart(k + 1, S0)")>]
[<InlineData("chi2(n*k)")>]
[<InlineData("uniform(0, 1)")>]
[<InlineData("law(p0)")>]
let ``Every domain is read, printed and read again`` (domain: string) =
    let text = $"claim c for n in 1..2, k in 1..2 let S0 : psd[n], p0 : simplex[n], o : {domain} show 1 = 1"

    let claim = elaborated text
    let again = elaborated ("claim c\n" + claim.Statement)
    Assert.True((claim.Core = again.Core), claim.Statement)

[<Fact>]
let ``Clauses carry title, source, note, tags, place and expectation`` () =
    let claim =
        elaborated
            "# a comment\n\nclaim some-id\n  title \"A \\\"quoted\\\" title\"\n  source \"Theorem 1\"\n  note \"n\"\n  tags cone, for-show\n  for n in 1..4\n  show n >= 1\n  expect holds iff n >= 1"

    Assert.Equal("some-id", claim.Heading.Id)
    Assert.Equal("A \"quoted\" title", claim.Heading.Title)
    Assert.Equal("Theorem 1", claim.Heading.Source)
    Assert.Equal("n", claim.Heading.Note)
    Assert.Equal<string seq>([ "cone"; "for-show" ], claim.Heading.Tags)
    Assert.Equal(3, claim.Heading.Position.Line)

    let n = Expr.Variable 0
    let one = Expr.Number Rational.One
    Assert.Equal(Expectation.HoldsIff(Prop.Compare(Relation.GreaterEqual, n, one)), claim.Expect)

[<Theory>]
[<InlineData("proved")>]
[<InlineData("attested")>]
[<InlineData("refuted")>]
[<InlineData("supported")>]
[<InlineData("ill-typed")>]
[<InlineData("vacuous")>]
[<InlineData("undecided")>]
let ``Every verdict may be expected`` (verdict: string) =
    Assert.Equal(Expectation.Verdict verdict, (elaborated $"claim c show 1 = 1 expect {verdict}").Expect)

[<Fact>]
let ``Expectations do not enter the core claim`` () =
    let bare = elaborated "claim c for n in 1..4 show n >= 1"
    let other = elaborated "claim d title \"t\" tags a for n in 1..4 show n >= 1 expect holds if n >= 2"
    Assert.Equal(bare.Core, other.Core)
    Assert.Equal(Expectation.Unstated, bare.Expect)

[<Fact>]
let ``A claim on one line and on many is one claim`` () =
    let line = "claim c for n in 1..4 let A : psd[n] where tr(A) = 1 show det(A) <= 1 expect proved"
    Assert.Equal(hash line, hash (line.Replace(" ", "\n\t")))

[<Fact>]
let ``Names bound by let, def, for and indices shadow built-ins`` () =
    let claim = elaborated "claim c let E : real[2,2], P, I : real, e : real[2] def tr(x) = 7 show E[1,2] + P + I + e[1] = tr(3)"

    match claim.Core.Conclusions with
    | [ Prop.Compare(_, _, right) ] -> Assert.Equal(Expr.Number(Rational.OfInt 7), right)
    | _ -> Assert.Fail claim.Statement

    // The printed claim renames what would hide a function it uses.
    let hidden = elaborated "claim c let A : real[2,2] def t = tr(A) show forall(tr in 1..2) t = tr"
    let again = elaborated ("claim c\n" + hidden.Statement)
    Assert.Equal(hidden.Hash, again.Hash)

[<Fact>]
let ``Slices are columns`` () =
    let text = "claim c let A : real[2,3], u : real[3] show "

    elaborated (text + "dot(A[1,:], u) = 0 and A[1,:] = u and A[1:..2] = A".Replace("A[1:..2] = A", "A[1..2,:] = A"))
    |> ignore

    Assert.Contains("row of length 3", (clash (text + "A[1,:] = u'")).Found)
