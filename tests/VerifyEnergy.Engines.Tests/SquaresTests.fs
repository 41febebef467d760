namespace VerifyEnergy.Engines.Tests

open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Engines

type SquaresTests() =
    /// Everything that differs from a certificate in one number or index of one of its proofs.
    let mutations (certificate: Certificate) : Certificate list =
        let half = Rational.Create(1I, 2I)
        let nudge (r: Rational) = [ r + Rational.One; -r; r * half ]

        let each (items: 'T list) (change: 'T -> 'T list) : 'T list list =
            [ for index, item in List.indexed items do
                  for changed in change item do
                      List.updateAt index changed items

              for index in 0 .. items.Length - 1 do
                  List.removeAt index items ]

        let powers (letter: int, exponent: Rational) = [ letter + 1, exponent; letter, exponent + Rational.One ]

        let term (coefficient: Rational, factors) =
            [ for c in [ coefficient + Rational.One; coefficient * half ] do
                  c, factors
              for changed in each factors powers do
                  coefficient, changed ]

        let square (s: Square) =
            [ for weight in nudge s.Weight do
                  { s with Weight = weight }
              for root in each s.Root term do
                  { s with Root = root }
              for multiplier in each s.Multiplier powers do
                  { s with Multiplier = multiplier }
              for hypotheses in each s.Hypotheses (fun h -> [ h + 1 ]) do
                  { s with Hypotheses = hypotheses } ]

        let rec proof (shown: Proof) : Proof list =
            match shown with
            | Proof.Normal -> []
            | Proof.Squares(negated, squares, cofactors) ->
                [ Proof.Squares(not negated, squares, cofactors)
                  for changed in each squares square do
                      Proof.Squares(negated, changed, cofactors)
                  for changed in
                      each cofactors (fun (equation, c) ->
                          // Beyond the facts: several of them may be the same equation.
                          [ equation + 1000, c
                            for c in each c term do
                                equation, c ]) do
                      Proof.Squares(negated, squares, changed) ]
            | Proof.All proofs ->
                [ for changed in each proofs proof do
                      Proof.All changed ]
            | Proof.Branch(index, inner) ->
                [ Proof.Branch(index + 1, inner)
                  for changed in proof inner do
                      Proof.Branch(index, changed) ]
            | Proof.Minor(rows, columns, inner) ->
                [ Proof.Minor(List.map ((+) 1) rows, columns, inner)
                  for changed in proof inner do
                      Proof.Minor(rows, columns, changed) ]
            | Proof.ModularRank _ -> []
            | Proof.Terms(objects, inner) ->
                [ for changed in proof inner do
                      Proof.Terms(objects, changed) ]

        match certificate.Body with
        | Body.Cases(count, proofs) ->
            [ { certificate with Body = Body.Cases(count + 1, proofs) }
              { certificate with Body = Body.Cases(count - 1, proofs) }
              { certificate with ClaimHash = String.replicate 64 "0" }
              { certificate with Instance = Array.append certificate.Instance [| 1 |] }
              { certificate with Body = Body.Cases(count, []) }
              for index, (place, shown) in List.indexed proofs do
                  for changed in proof shown do
                      { certificate with Body = Body.Cases(count, List.updateAt index (place, changed) proofs) } ]
        | Body.Empty _
        | Body.Witness _ -> []

    [<Theory>]
    [<InlineData("for n in 1..5 let A, B : psd[n] show tr(A*B) >= 0")>]
    [<InlineData("for n in 1..4 let A, B : psd[n] show psd(A .* B)")>]
    [<InlineData("for n in 1..4, k in 1..3 let W : real[n,k], t : nonneg show rank(t*W*W') <= k and psd(t*W*W')")>]
    [<InlineData("for n in 1..3 let A : sym[n] show psd(A*A)")>]
    [<InlineData("for n in 1..3 let A : psd[n] show psd(A*A)")>]
    [<InlineData("for n in 1..2 let H : hpsd[n], K : hpsd[n] show re(tr(H*K)) >= 0")>]
    [<InlineData("for n in 1..3, k in 1..2 let A : psd[n], C : real[k,n] show psd(C*A*C')")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] where A <<= B show tr(A) <= tr(B) and A <<= B + B")>]
    [<InlineData("for n in 1..3 let A, B, C : psd[n] where A <<= B show tr(A*C) <= tr(B*C)")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] where A <<= B show det(A) <= det(B)")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] show det(A + B) >= det(A) + det(B)")>]
    [<InlineData("for n in 1..2, m in 1..2 let M : spd[n+m] show psd(M[n+1..n+m,n+1..n+m] - M[n+1..n+m,1..n]*inv(M[1..n,1..n])*M[1..n,n+1..n+m])")>]
    [<InlineData("for n in 1..4 let u, v : real[n] show dot(u, v)^2 <= dot(u, u)*dot(v, v)")>]
    [<InlineData("for n in 1..3, k in 1..2 let S : psd[n] show k*tr(S)^2 >= tr(S*S)")>]
    [<InlineData("for n in 1..3 let A : psd[n] show tr(A)^2 <= n*tr(A*A)")>]
    [<InlineData("for n in 1..3 let A : spd[n], B : psd[n] show pd(A + B)")>]
    [<InlineData("for n in 1..3 let A : psd[n] show det(A) <= prod(i in 1..n) A[i,i]")>]
    member _.``Matrices``(text: string) = Proving.assertProved text

    [<Theory>]
    [<InlineData("let x, y : real show x^4 + y^4 >= 2*x^2*y^2")>]
    [<InlineData("let x, y : real show x^4 + y^4 >= x^3*y + x*y^3")>]
    [<InlineData("let x, y : nonneg show x + y >= 2*sqrt(x*y)")>]
    [<InlineData("let x, y, z : nonneg show x^3 + y^3 + z^3 >= 3*x*y*z")>]
    [<InlineData("let x, y, z : pos show x/(y+z) + y/(z+x) + z/(x+y) >= 3/2")>]
    [<InlineData("let x : pos show x + 1/x >= 2")>]
    [<InlineData("let x : real show exp(x) + exp(-x) >= 2")>]
    [<InlineData("let x : real show x^2 - x + 1 > 0")>]
    [<InlineData("let x : real show x^2 - x + 1 != 0")>]
    [<InlineData("let x : real show -x^2 + x - 1 != 0")>]
    [<InlineData("let x, y : real where x < y show x^3 < y^3")>]
    [<InlineData("let x, y : real where x <= y show x^3 <= y^3")>]
    [<InlineData("let x : real where x >= -1 show (1 + x)^3 >= 1 + 3*x")>]
    [<InlineData("let x : real where -1 <= x and x <= 1 show 1 - x^2 >= 0")>]
    [<InlineData("let x, y : real where 0 <= x and x <= 1 and 0 <= y and y <= 1 show x + y - x*y <= 1")>]
    [<InlineData("let x, y : real where x + y = 1 show x*y <= 1/4")>]
    [<InlineData("let a, c, b : real where a > 0 and c > 0 and a*c >= b^2 show a + c > 0")>]
    [<InlineData("for n in 1..4 let p : simplex[n] show n*dot(p, p) >= 1 and dot(p, p) <= 1")>]
    [<InlineData("for n in 1..3 let S : psd[n] where tr(S) = 1 show tr(S*S) <= 1 and n*tr(S*S) >= 1")>]
    [<InlineData("for n in 1..3 let u : real[n] where dot(u, u) = 1 show psd(I(n) - u*u')")>]
    [<InlineData("let x : real show x <= 1 or x >= 0")>]
    member _.``Scalars, with hypotheses and strictness``(text: string) = Proving.assertProved text

    [<Theory>]
    [<InlineData("for n in 1..3 let Q : orth[n], A : real[n,n] show tr(Q'*A*Q) = tr(A)")>]
    [<InlineData("for n in 1..3 let Q : orth[n], x : real[n] show dot(Q*x, Q*x) = dot(x, x)")>]
    [<InlineData("for n in 1..2 let Q : orth[n] show det(Q)^2 = 1")>]
    [<InlineData("for n in 1..2 let U : unitary[n], x : complex[n] show norm2(x) >= 0 and frob2(U) = n")>]
    [<InlineData("for n in 1..2 let A, B : real[n,n] where A*B = B*A show A*A*B = B*A*A and (A + B)*(A - B) = A*A - B*B")>]
    [<InlineData("let x, y : real where x + y = 1 and x - y = 3 show x*y = -2")>]
    member _.``Consequences of equations``(text: string) = Proving.assertProved text

    [<Theory>]
    [<InlineData("for n in 2..3 let A, B, C : psd[n] show tr(A*B*C) >= 0")>]
    [<InlineData("for n in 2..3 let A, B : psd[n] show psd(A*B)")>]
    [<InlineData("for n in 2..2 let A, B : psd[n] where A <<= B show A*A <<= B*B")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] show det(A + B) >= det(A) + 2*det(B)")>]
    [<InlineData("for n in 2..3 let A, B : psd[n] show det(A + B) >= det(A) + det(B) + tr(A)^n/1000")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] show pd(A + B)")>]
    [<InlineData("for n in 2..3 let A, B : psd[n] show tr(A*B) > 0")>]
    [<InlineData("for n in 2..3 let A : psd[n], B : sym[n] show tr(A*B) >= 0")>]
    [<InlineData("for n in 2..3 let A : sym[n], B : psd[n] show psd(A .* B)")>]
    [<InlineData("for n in 2..3 let A : psd[n] show det(A) >= prod(i in 1..n) A[i,i]")>]
    [<InlineData("for n in 1..3 let A, B : psd[n] where A <<= B show tr(A) >= tr(B)")>]
    [<InlineData("for n in 2..4 let u, v : real[n] show 1025/1024*dot(u, v)^2 <= dot(u, u)*dot(v, v)")>]
    [<InlineData("for n in 2..3 let A : real[n,n] show psd(A*A)")>]
    [<InlineData("for n in 1..3 let W : real[n,n], t : real show psd(t*W*W')")>]
    [<InlineData("for n in 2..3 let A : psd[n] show tr(A)^2 <= (n - 1/1024)*tr(A*A)")>]
    member _.``Matrices, false``(text: string) = Proving.assertNothing text

    [<Theory>]
    [<InlineData("let x, y : real show x^4 + y^4 >= 2*x^2*y^2 + x*y/1024")>]
    [<InlineData("let x, y : real show x + y >= 2*x*y")>]
    [<InlineData("let x, y, z : nonneg show x^3 + y^3 + z^3 >= 3001/1000*x*y*z")>]
    [<InlineData("let x, y, z : real show x^3 + y^3 + z^3 >= 3*x*y*z")>]
    [<InlineData("let x : pos show x + 1/x > 2")>]
    [<InlineData("let x : real show exp(x) + exp(-x) > 2")>]
    [<InlineData("let x : real show x^2 - 2*x + 1 > 0")>]
    [<InlineData("let x : real show x^2 - 2*x + 1 != 0")>]
    [<InlineData("let x, y : real where x <= y show x^3 < y^3")>]
    [<InlineData("let x, y : real where x <= y show x^2 <= y^2")>]
    [<InlineData("let x : real where x >= -4 show (1 + x)^3 >= 1 + 3*x")>]
    [<InlineData("let x : real where -1 <= x show 1 - x^2 >= 0")>]
    [<InlineData("let x, y : real where 0 <= x and 0 <= y and y <= 1 show x + y - x*y <= 1")>]
    [<InlineData("let x, y : real where x + y = 1 show x*y <= 255/1024")>]
    [<InlineData("let a, c, b : real where a >= 0 and c >= 0 and a*c >= b^2 show a + c > 0")>]
    [<InlineData("for n in 2..4 let p : simplex[n] show (n - 1/1024)*dot(p, p) >= 1")>]
    [<InlineData("for n in 2..3 let S : psd[n] where tr(S) = 1 show tr(S*S) < 1")>]
    [<InlineData("for n in 2..3 let S : sym[n] where tr(S) = 1 show tr(S*S) <= 1")>]
    [<InlineData("for n in 1..3 let u : real[n] where dot(u, u) = 2 show psd(I(n) - u*u')")>]
    [<InlineData("let x : real show x <= 0 or x >= 1")>]
    [<InlineData("for n in 2..3 let Q : orth[n], A : real[n,n] show tr(Q'*A) = tr(A)")>]
    [<InlineData("for n in 1..2 let Q : orth[n] show det(Q) = 1")>]
    [<InlineData("for n in 2..2 let A, B : real[n,n] where A*B = B*A show A = B")>]
    [<InlineData("let x, y : real where x + y = 1 and x - y = 3 show x*y = 2")>]
    member _.``Scalars and equations, false``(text: string) = Proving.assertNothing text

    [<Theory>]
    [<InlineData("let A, B : psd[2] show tr(A*B) >= 0")>]
    [<InlineData("let A, B : psd[2] show psd(A .* B)")>]
    [<InlineData("let x : real show x^2 - x + 1 > 0")>]
    [<InlineData("let x, y : real where x < y show x^3 < y^3")>]
    [<InlineData("let x, y, z : nonneg show x^3 + y^3 + z^3 >= 3*x*y*z")>]
    [<InlineData("let x, y : real where 0 <= x and x <= 1 and 0 <= y and y <= 1 show x + y - x*y <= 1")>]
    [<InlineData("let Q : orth[2], A : real[2,2] show tr(Q'*A*Q) = tr(A)")>]
    [<InlineData("let x : real show x^2 - x + 1 != 0 and (x <= 1 or x >= 0)")>]
    member _.``A certificate with one number changed is refused``(text: string) =
        let claim = Proving.claim text

        let certificate = (Proving.proof (SquaresEngine()) claim [||]).Value.Certificate
        let mutations = mutations certificate
        Assert.True(mutations.Length >= 8)

        for mutation in mutations do
            match Proving.check claim mutation with
            | Ok _ -> Assert.Fail $"%A{mutation.Body} passes for {text}"
            | Error _ -> ()

    [<Fact>]
    member _.``A certificate proves no other claim``() =
        let truth = Proving.claim "let A, B : psd[2] show tr(A*B) >= 0"
        let twin = Proving.claim "let A, B : sym[2] show tr(A*B) >= 0"
        let certificate = (Proving.proof (SquaresEngine()) truth [||]).Value.Certificate
        Assert.True(Result.isError (Proving.check twin certificate))
        Assert.True(Result.isError (Proving.check twin { certificate with ClaimHash = Hash.ofClaim twin }))

    [<Fact>]
    member _.``Certificates survive their text``() =
        for text in
            [ "let A, B : psd[3] show psd(A .* B)"
              "let Q : orth[2], A : real[2,2] show tr(Q'*A*Q) = tr(A)"
              "let S : psd[2] rank 1 show exists(W : real[2,1]) S = W*W'" ] do
            let claim = Proving.claim text
            let certificate = (Proving.proof (SquaresEngine()) claim [||]).Value.Certificate

            match CertificateText.parse (CertificateText.write certificate) with
            | Ok read -> Assert.True(Result.isOk (Proving.check claim read))
            | Error reason -> Assert.Fail reason

    [<Fact>]
    member _.``The same claim gets the same certificate``() =
        let claim = Proving.claim "for n in 1..2 let H, K : hpsd[n] show re(tr(H*K)) >= 0"
        let text () = Proving.certificates (SquaresEngine()) claim [| 2 |] |> List.map CertificateText.write
        Assert.Equal<string list>(text (), text ())
