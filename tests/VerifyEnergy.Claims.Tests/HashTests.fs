module VerifyEnergy.Claims.Tests.HashTests

open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Claims
open VerifyEnergy.Claims.Tests.Reader

let private plain =
    "claim c for n in 1..3, k in 1..n let A, B : psd[n], x : real where A <<= B and x >= 1/3
     show sum(i in 1..n) (A[i,i]^2 + x*B[i,i]) <= tr(B*B) + k show A*A <<= B*B"

[<Theory>]
[<InlineData("A renamed", "A", "Alpha")>]
[<InlineData("a parameter renamed", "n", "side")>]
[<InlineData("an index renamed", "i", "row")>]
[<InlineData("x takes the name of a function", "x", "det")>]
let ``Renaming leaves the hash`` (_: string, from: string, into: string) =
    let renamed = System.Text.RegularExpressions.Regex.Replace(plain, $@"\b{from}\b", into)
    Assert.NotEqual<string>(plain, renamed)
    Assert.Equal(hash plain, hash renamed)

[<Theory>]
[<InlineData("claim c for n in 1..3, k in 1..n def bound(X) = tr(X*X) + k let A, B : psd[n], x : real where A <<= B and x >= 1/3
              show sum(i in 1..n) (A[i,i]^2 + x*B[i,i]) <= bound(B) show A*A <<= B*B",
             true)>]
[<InlineData("claim c for n in 1..3, k in 1..n let A, B : psd[n], x : real def sq(X) = X*X def lessSq = sq(A) <<= sq(B) where A <<= B and x >= 1/3
              def term(j) = A[j,j]^2 + x*B[j,j] show sum(i in 1..n) term(i) <= tr(sq(B)) + k show lessSq",
             true)>]
[<InlineData("claim c for n in 1..3, k in 1..n let A : psd[n] let B : psd[n] let x : real where A <<= B and x >= 1/3
              show sum(i in 1..n) (A[i,i]^2 + x*B[i,i]) <= tr(B*B) + k show A*A <<= B*B",
             true)>]
let ``Splitting into definitions leaves the hash`` (text: string, _: bool) = Assert.Equal(hash plain, hash text)

/// One edit of meaning each: a token replaced by another of its kind.
[<Theory>]
[<InlineData("1..3", "1..4")>]
[<InlineData("k in 1..n", "k in 2..n", "n in 1..3", "n in 2..3")>]
[<InlineData("psd[n]", "spd[n]")>]
[<InlineData("psd[n]", "sym[n]")>]
[<InlineData("psd[n]", "psd[n] rank 1")>]
[<InlineData("x : real", "x : pos")>]
[<InlineData("x >= 1/3", "x > 1/3")>]
[<InlineData("1/3", "1/4")>]
[<InlineData("and x", "or x")>]
[<InlineData("sum(", "prod(")>]
[<InlineData("A[i,i]", "B[i,i]")>]
[<InlineData("B[i,i]", "B[1,i]")>]
[<InlineData("^2", "^3")>]
[<InlineData("x*B", "2*B")>]
[<InlineData("tr(B*B)", "det(B*B)")>]
[<InlineData("tr(B*B)", "tr(B .* B)")>]
[<InlineData("+ k show", "- k show")>]
[<InlineData("show A*A <<= B*B", "show B*B <<= A*A")>]
[<InlineData("show A*A <<= B*B", "where A*A <<= B*B")>]
[<InlineData("tr(B*B) + k", "k + tr(B*B)")>]
[<InlineData("where A <<= B", "where B <<= A")>]
[<InlineData("k in 1..n", "k in {1, n}")>]
let ``An edit of meaning changes the hash`` (from: string, into: string, [<System.ParamArray>] more: string[]) =
    let edited = plain.Replace(from, into)
    let edited = if more.Length = 2 then edited.Replace(more[0], more[1]) else edited
    Assert.NotEqual<string>(plain, edited)
    Assert.NotEqual<string>(hash plain, hash edited)

[<Fact>]
let ``The hash is SHA-256 of the canonical text`` () =
    let claim = elaborated "claim c for n in 1..2 let A : real[n,n] show tr(A) = sum(i in 1..n) A[i,i]"

    let canonical = "for x0 in 1..2\nlet x1 : real[x0, x0]\nshow tr(x1) = sum(x2 in 1..x0) x1[x2, x2]"

    Assert.Equal(canonical, Print.claim Hash.name claim.Core)
    Assert.Matches("^[0-9a-f]{64}$", claim.Hash)

    let bytes = System.Text.Encoding.UTF8.GetBytes canonical
    let expected = System.Convert.ToHexString(System.Security.Cryptography.SHA256.HashData bytes).ToLowerInvariant()
    Assert.Equal(expected, claim.Hash)

// Hygiene

[<Fact>]
let ``The imaginary unit of a definition is no index of the place of use`` () =
    match conclusion "claim c for n in 1..3 def f(x) = i*x show sum(i in 1..n) f(1) = n*i" with
    | Prop.Compare(_, Expr.Fold(_, [ binder ], Expr.Apply("*", [ Expr.ImaginaryUnit; one ])), _) ->
        Assert.Equal(1, binder.Variable)
        Assert.Equal(Expr.Number Rational.One, one)
    | other -> Assert.Fail(Print.prop Hash.name other)

[<Fact>]
let ``An index of a definition does not catch an argument`` () =
    let direct = hash "claim c let u : real[2] show forall(i in 1..2) sum(j in 1..2) u[i]*u[j] = 0"
    let defined = hash "claim c let u : real[2] def f(x) = sum(i in 1..2) x*u[i] show forall(i in 1..2) f(u[i]) = 0"
    Assert.Equal(direct, defined)

[<Fact>]
let ``A definition keeps the names of the place where it stands`` () =
    let direct = hash "claim c let a : real show forall(b in 1..2) a = b"
    let shadowed = hash "claim c let a : real def f(y) = a = y show forall(b in 1..2) f(b)"
    Assert.Equal(direct, shadowed)

    let inner = hash "claim c let a : real def f = a show forall(a in 1..2) f = a"
    Assert.Equal(direct, inner)

[<Fact>]
let ``An argument that is used twice gets binders of its own each time`` () =
    let claim = elaborated "claim c let u : real[2] def twice(x) = x + x show twice(sum(i in 1..2) u[i]) = 0"

    match claim.Core.Conclusions with
    | [ Prop.Compare(_, Expr.Apply("+", [ Expr.Fold(_, [ first ], _); Expr.Fold(_, [ second ], _) ]), _) ] ->
        Assert.NotEqual(first.Variable, second.Variable)
    | _ -> Assert.Fail claim.Statement

[<Fact>]
let ``Binders are numbered in order of appearance, parameters first`` () =
    let claim = elaborated "claim c let A : real[2,2] for n in 1..2 let B : real[n,n] show sum(i in 1..n) B[i,i] = tr(A)"
    Assert.Equal<string seq>([ "n"; "A"; "B"; "i" ], claim.Names)

    Assert.Equal<Parameter list>(
        [ { Variable = 0; Range = Range.Between(Expr.Number Rational.One, Expr.Number(Rational.OfInt 2)) } ],
        claim.Core.Parameters
    )
