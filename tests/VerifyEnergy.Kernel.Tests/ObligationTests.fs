namespace VerifyEnergy.Kernel.Tests

open VerifyEnergy.Kernel
open Xunit

/// What must be shown: false claims and claims without a meaning, each with a twin that holds.
module ObligationTests =
    let private neverHolds text =
        // Whatever cannot be read as a statement cannot be proved either, but would test nothing: ClaimText.core fails on it.
        Assert.Equal(Answer.Rejected, ClaimText.byNormalForm text)

    let private holds text = Assert.Equal(Answer.Holds, ClaimText.byNormalForm text)

    [<Theory>]
    // Column sets of minors are bits of a word.
    [<InlineData("let D : diag[32] show rank(D) <= 31")>]
    [<InlineData("let D : diag[33] show rank(D) <= 32")>]
    [<InlineData("show (if psd(-sqrt(2)*I(32)) then 1 else 0) = 1")>]
    // The zero or one of an empty sum or product has the shape of its terms.
    [<InlineData("let A : real[2,2] show tr(prod(i in 1..0) A) = 1")>]
    [<InlineData("let A : real[2,2] show tr(adj(sum(i in 1..0) A)) = 1")>]
    // Two hypotheses on one B.
    [<InlineData("let A1, A2, B, C : sym[1] where A1 <<= B where B <<= C where A2 <<= B show A1 + B <<= C + A2")>]
    [<InlineData("let A : psd[2] show A <<= 2*A and tr(A) = 0")>]
    let ``A false claim has no proof`` text = neverHolds text

    [<Theory>]
    [<InlineData("let D : diag[8] show rank(D) <= 8")>]
    [<InlineData("show (if psd(sqrt(2)*I(3)) then 1 else 0) = 1")>]
    [<InlineData("let x : real show sum(i in 1..0) x^i + prod(i in 1..0) x = 1")>]
    [<InlineData("let A, B, C : sym[1] where A <<= B where B <<= C show A <<= C")>]
    [<InlineData("let A, B : sym[1] where A <<= B show A <<= B + I(1)")>]
    [<InlineData("let A, B, C : sym[1] where A <<= C where B <<= C show A <<= C")>]
    let ``Its true twin holds`` text = holds text

    [<Theory>]
    [<InlineData("let x : real show x/x = 1")>]
    [<InlineData("let x : real show x/x = 1 or x = 0")>]
    [<InlineData("let x : real show psd([1/x, 0; 0, 1]) or x = x")>]
    [<InlineData("let x : real where x/x = 1 and x != 0 show 1 = 1")>]
    [<InlineData("let A : real[2,2], x : real where rank(A)/x >= 0 show x*x >= 0")>]
    [<InlineData("let A : real[2,2], z : complex where rank(A) >= z show z*conj(z) >= 0")>]
    [<InlineData("let z : complex show z >= z")>]
    [<InlineData("let p : real[2] show entropy(p) = entropy(p)")>]
    [<InlineData("let p, q : simplex[2] show kl(p, q) = kl(p, q)")>]
    [<InlineData("let A : psd[2] show A*inv(A) = I(2)")>]
    [<InlineData("show forall(x : real) x/x = 1")>]
    [<InlineData("let X : normal show E[X/X] = 1")>]
    [<InlineData("let X : gaussian([0; 0]*1, [1, 2; 2, 1]) show E[X] = [0; 0]")>]
    let ``A side condition is not lost`` text = neverHolds text

    [<Theory>]
    [<InlineData("let x : pos show x/x = 1")>]
    [<InlineData("let x : real show x = 0 or x/x = 1")>]
    [<InlineData("let x : real show x != 0 => x/x = 1")>]
    [<InlineData("let x : real where x != 0 where x/x = 1 show 1 = 1")>]
    [<InlineData("let z : complex show z*conj(z) >= 0")>]
    [<InlineData("let p : simplex[2] show entropy(p) = entropy(p)")>]
    [<InlineData("let A : spd[2] show A*inv(A) = I(2)")>]
    [<InlineData("show forall(x : real) (x = 0 or x/x = 1)")>]
    let ``A side condition that guards or domains meet is shown`` text = holds text

    [<Theory>]
    [<InlineData("let x : real show sqrt(x^2) = x")>]
    [<InlineData("let x : real show sqrt(x^6) = x^3")>]
    [<InlineData("let x : real show (x^3)^(1/3) = x")>]
    [<InlineData("let x, y : real show sqrt(x*y) = sqrt(x)*sqrt(y)")>]
    [<InlineData("let x, y : real where x*y > 0 show log(x*y) = log(x) + log(y)")>]
    [<InlineData("let x : real where x != 0 show exp(log(x^2)/2) = x")>]
    [<InlineData("let x : real show cos(x) >= 0")>]
    [<InlineData("let x : pos show lgamma(x) >= 0")>]
    [<InlineData("let x, y : complex[2] show dot(x, y) = dot(y, x)")>]
    [<InlineData("let A : complex[2,2] show tr(A'*A) = tr(A*A)")>]
    [<InlineData("show psd([1, 1; -1, 1])")>]
    [<InlineData("show psd([1, i; i, 1])")>]
    [<InlineData("let A : psd[2] rank 1 show rank(A) = 1")>]
    [<InlineData("let X : normal show E[X*X] = E[X]*E[X]")>]
    [<InlineData("let X : law([1/2; 1]) show E[X] = 5/2")>]
    let ``A rule of roots, logarithms, conjugates or moments is not stretched`` text = neverHolds text

    [<Theory>]
    [<InlineData("let x : real show sqrt(x^2) = abs(x) and sqrt(x^4) = x^2")>]
    [<InlineData("let x, y : real where x*y >= 0 show sqrt(x*y)^2 = x*y")>]
    [<InlineData("let x : real show sin(x)^2 <= 1 and tanh(x) <= 1")>]
    [<InlineData("let x, y : complex[2] show dot(x, y) = conj(dot(y, x))")>]
    [<InlineData("show rank([1, i; -i, 1]) = 1 and rank([1, i; i, 1]) = 2")>]
    [<InlineData("let X : normal show E[X^3] = 0 and E[X^4] = 3 and E[X^6] = 15 and Var[i*X] = 1 and Cov[X, i*X] = -i")>]
    [<InlineData("let X, Y : normal show E[X^2*Y^2] = 1 and E[X*Y] = 0")>]
    [<InlineData("show mod(-3, 2) = 1 and mod(3, -2) = -1")>]
    let ``What the rules do give holds`` text = holds text

    [<Fact>]
    let ``Marginals of different mass leave no coupling, so that nothing is said`` () =
        Assert.Equal(Answer.Vacuous, ClaimText.byNormalForm "let P : coupling([1; 0], [1; 1]) show 0 = 1")
        holds "let a, b : simplex[2] let P : coupling(a, b) show sum(i in 1..2, j in 1..2) P[i,j] = 1"

    [<Fact>]
    let ``A term does not depend on an object that is introduced after it`` () =
        // The first round of k introduces x; its letters are then known, but stand out of the scope of y.
        let text = "show forall(k in 1..2) exists(y : real) forall(x : psd[1]) (k = 1 or x[1,1] = y)"
        let scalar polynomial = { Shape = Shape.Scalar; Rows = 1; Columns = 1; Entries = [ polynomial, None ] }

        for letter in 0..3 do
            for proof in [ Proof.Normal; Proof.All [ Proof.Normal; Proof.Normal ] ] do
                let zero = Proof.Terms([ scalar [] ], proof)
                let known = Proof.Terms([ scalar [ Rational.One, [ letter, Rational.One ] ] ], proof)
                Assert.Equal(Answer.Rejected, ClaimText.judge text (Body.Cases(1, [ (0, 1), Proof.All [ zero; known ] ])))

        let independent = "show forall(k in 1..2) exists(y : real) forall(x : psd[1]) (k = 1 or x[1,1] >= y)"
        let zero = Proof.Terms([ scalar [] ], Proof.Normal)
        Assert.Equal(Answer.Holds, ClaimText.judge independent (Body.Cases(1, [ (0, 1), Proof.All [ zero; zero ] ])))

    [<Theory>]
    [<InlineData("show (2^100000)^100000 > 0")>]
    [<InlineData("let x : real show (x+1)^100000 >= 0")>]
    [<InlineData("let A : real[30,30] show rank(A) <= 14")>]
    [<InlineData("let A : real[12,12] show det(A) = det(A')")>]
    [<InlineData("let X : normal show E[X^100000] >= 0")>]
    [<InlineData("let v, w : bits[22] show 1 = 1")>]
    [<InlineData("let k : int in 0..1000000000 show k >= 0")>]
    [<InlineData("show forall(k in 1..1000000) 1 = 1")>]
    [<InlineData("let A : real[2,2] show rank(A) >= 10^20")>]
    let ``Work beyond the limits is refused, not begun`` text =
        let claim = ClaimText.core text
        Assert.Equal(Answer.Rejected, ClaimText.answer (ClaimText.checkWithin 1_000_000L claim (Body.Cases(1, []))))

    [<Fact>]
    let ``A size is at least 1`` () = neverHolds "let A : real[3] show norm2(A[3..2]) = 0"
