namespace VerifyEnergy.Kernel.Tests

open VerifyEnergy.Kernel
open Xunit

/// One meaning by several routes: rationals, normal forms at a point, dual numbers, and naive computations.
module EvaluateTests =
    let private steps () = Steps 100_000_000L

    /// The left side of the equation that a claim shows, and the claim.
    let private leftSide text =
        let claim = ClaimText.core text

        match claim.Conclusions with
        | [ Prop.Compare(Relation.Equal, left, _) ] -> claim, left
        | _ -> raise (Xunit.Sdk.XunitException "one equation is meant")

    let private real (entries: Rational[]) = entries |> Array.map (fun r -> { Re = r; Im = ValueNone })

    let private array shape rows columns entries : Value<Rational> = Value.Array(shape, rows, columns, real entries)

    let private evaluate (claim: Claim) (expr: Expr) (values: Value<Rational> list) : Rational[] =
        let evaluator = Evaluator<Rational>(RationalArithmetic.Instance, steps (), Obligation.domains claim)
        let environment = values |> List.mapi (fun variable value -> variable, value) |> Map.ofList

        match evaluator.Eval(environment, expr) with
        | Value.Array(_, _, _, entries) -> entries |> Array.map (fun e -> e.Re)
        | Value.Map _ -> [||]

    // Naive linear algebra on arrays of rows.

    let private product (a: Rational[,]) (b: Rational[,]) =
        Array2D.init (Array2D.length1 a) (Array2D.length2 b) (fun i j ->
            Seq.fold (fun sum k -> sum + a[i, k] * b[k, j]) Rational.Zero (seq { 0 .. Array2D.length2 a - 1 }))

    let rec private permutations (items: int list) : (int list * int) list =
        match items with
        | [] -> [ [], 1 ]
        | _ ->
            [ for index, first in List.indexed items do
                  for rest, sign in permutations (List.removeAt index items) -> first :: rest, (if index % 2 = 0 then sign else -sign) ]

    /// Leibniz' formula.
    let private determinant (a: Rational[,]) =
        permutations [ 0 .. Array2D.length1 a - 1 ]
        |> List.sumBy (fun (columns, sign) -> List.indexed columns |> List.fold (fun p (i, j) -> p * a[i, j]) (Rational.OfInt sign))

    let private trace (a: Rational[,]) = Seq.fold (fun sum i -> sum + a[i, i]) Rational.Zero (seq { 0 .. Array2D.length1 a - 1 })
    let private transposed (a: Rational[,]) = Array2D.init (Array2D.length2 a) (Array2D.length1 a) (fun i j -> a[j, i])
    let private flat (a: Rational[,]) = a |> Seq.cast<Rational> |> Seq.toArray

    let private naive (a: Rational[,]) (b: Rational[,]) : (string * Rational[]) list =
        let squares = Seq.fold (fun sum (x: Rational) -> sum + x * x) Rational.Zero

        [ "det(A*B)", [| determinant (product a b) |]
          "det(A - A') + tr(A*B')", [| determinant (Array2D.init 3 3 (fun i j -> a[i, j] - a[j, i])) + trace (product a (transposed b)) |]
          "(A*B)'[1,:]", Array.init 3 (fun i -> (product a b)[i, 0])
          "frob2(A)", [| squares (flat a) |]
          "A .* B", Array.map2 (fun x y -> x * y) (flat a) (flat b)
          "A[:,2]*B[3,:]'", flat (Array2D.init 3 3 (fun i j -> a[i, 1] * b[2, j]))
          "adj(A)*A", flat (Array2D.init 3 3 (fun i j -> if i = j then determinant a else Rational.Zero))
          "kron(A, B)[4..5, 2]", [| a[1, 0] * b[0, 1]; a[1, 0] * b[1, 1] |]
          "sum(i in 1..3) prod(j in 1..i) A[i,j]", [| a[0, 0] + a[1, 0] * a[1, 1] + a[2, 0] * a[2, 1] * a[2, 2] |]
          "[A[i,j]*B[j,i] | i in 1..3, j in 1..3]", flat (Array2D.init 3 3 (fun i j -> a[i, j] * b[j, i])) ]

    [<Fact>]
    let ``Arrays over rationals agree with naive computations`` () =
        for seed in 1..5 do
            let cases = Cases seed
            let entry () = cases.Small 4
            let a, b = cases.Matrix(3, 3, entry), cases.Matrix(3, 3, entry)

            for text, expected in naive a b do
                let claim, expr = leftSide $"let A, B : real[3,3] show {text} = 0*({text})"
                let values = [ for m in [ a; b ] -> array Shape.Matrix 3 3 (flat m) ]
                Assert.Equal<Rational>(expected, evaluate claim expr values)

    [<Fact>]
    let ``A normal form at a point is the rational value there`` () =
        let texts =
            [ "(x - y)^3/(x + 2) - abs(x*y)"
              "(x^2 + 1)^(-2) + max(x, y) - min(x, 1/(y + 3))"
              "det([x, y, 1; y, x + 1, 2; 1, x*y, y])/x"
              "tr(inv([x, 1; y, 3 + x^2*y^2])) - relu(x - y)"
              "sqrt(x^2*y^2) + norm2([3*x; 4*x])"
              "exp(2*log(x^2 + 1)) + (x^4)^(1/2)" ]

        for text in texts do
            let claim, expr = leftSide $"let x, y : real show {text} = 0"
            let forms = Evaluator<NormalForm>(FormArithmetic(steps (), (fun _ _ -> ())), steps (), Obligation.domains claim)

            let letter owner = Letter.Entry { Owner = owner; Part = 0; Row = 0; Column = 0; Sign = LetterSign.Free }

            let symbolic =
                forms.ScalarOf(forms.Eval(Map.ofList [ for v in 0..1 -> v, forms.Algebra.RealScalar(NormalForm.letter (letter v)) ], expr))

            for seed in 1..6 do
                let cases = Cases seed
                let point = Array.init 2 (fun v -> Rational.Create(bigint (cases.Below 9 * 2 - 7), bigint (3 + v)))
                let replace l = [ 0; 1 ] |> List.tryFind (fun v -> letter v = l) |> Option.map (fun v -> NormalForm.rational point[v])
                let expected = (NormalForm.substitute replace symbolic.Re).TryRational

                let atPoint =
                    forms.ScalarOf(
                        forms.Eval(Map.ofList [ for v in 0..1 -> v, forms.Algebra.RealScalar(NormalForm.rational point[v]) ], expr)
                    )

                Assert.Equal(expected, atPoint.Re.TryRational)
                Assert.True(expected.IsSome)

    // A polynomial of degree ≤ 4 in t has the derivative (−25 f(0) + 48 f(1) − 36 f(2) + 16 f(3) − 3 f(4))/12 at 0, exactly.

    let private derivative (f: Rational -> Rational) =
        [ -25; 48; -36; 16; -3 ]
        |> List.mapi (fun t weight -> Rational.Create(bigint weight, 12I) * f (Rational.OfInt t))
        |> List.reduce (+)

    [<Fact>]
    let ``Gradients and Hessians are exact differences of polynomials`` () =
        let polynomials = [ "x^3*y - 2*x*y^2 + y"; "(x + 2*y)^4"; "x^2*y^2 - x/3"; "(x - 1)*(y + 2)*(x + y)" ]

        for text in polynomials do
            let claim, plain = leftSide $"let x, y : real show {text} = 0"
            let value x y = (evaluate claim plain [ array Shape.Scalar 1 1 [| x |]; array Shape.Scalar 1 1 [| y |] ])[0]

            for seed in 1..4 do
                let cases = Cases seed
                let x, y = cases.Small 5, cases.Small 5

                let ofKind expr =
                    let claim, expr = leftSide $"let x, y : real show {expr} = 0"
                    (evaluate claim expr [ array Shape.Scalar 1 1 [| x |]; array Shape.Scalar 1 1 [| y |] ])[0]

                Assert.Equal(derivative (fun t -> value (x + t) y), ofKind $"grad({text}, x)")
                Assert.Equal(derivative (fun t -> value x (y + t)), ofKind $"grad({text}, y)")
                let second = derivative (fun s -> derivative (fun t -> value (x + s + t) y))
                Assert.Equal(second, ofKind $"hessian({text}, x)")
                let mixed = derivative (fun s -> derivative (fun t -> value (x + t) (y + s)))
                Assert.Equal(mixed, ofKind $"grad(grad({text}, x), y)")

    [<Fact>]
    let ``On symmetric matrices both entries of a pair move`` () =
        // d det = (x22, −2 x12, x11).
        let claim, expr = leftSide "let X : sym[2] show grad(det(X), X) = [0; 0; 0]"
        let value = array Shape.Matrix 2 2 [| for n in [ 5; 2; 2; 3 ] -> Rational.OfInt n |]
        Assert.Equal<Rational>([| for n in [ 3; -4; 5 ] -> Rational.OfInt n |], evaluate claim expr [ value ])

    [<Theory>]
    // At the only point of simplex[1] the condition holds, but not nearby.
    [<InlineData("let p : simplex[1] show grad(if p[1] = 1 then 0 else p[1], p)[1] = 0")>]
    [<InlineData("let p : simplex[1] show grad(max(p[1], 1), p)[1] = 1")>]
    [<InlineData("let p : simplex[1] show grad(max(1, p[1]), p)[1] = 0")>]
    [<InlineData("let p : simplex[1] show grad(sqrt((p[1] - 1)^2), p)[1] = 0")>]
    // 0·log 0 = 0 has no derivative.
    [<InlineData("let p : simplex[2] show grad(entropy(p), p)[1] = grad(entropy(p), p)[1]")>]
    [<InlineData("let x : nonneg show grad(sqrt(x), x) >= 0")>]
    let ``A derivative at a kink or pole is not shown`` text = Assert.Equal(Answer.Rejected, ClaimText.byNormalForm text)

    [<Theory>]
    [<InlineData("let p : simplex[1] show grad(if p[1] > 0 then p[1] else 0, p)[1] = 1")>]
    [<InlineData("let x : pos show grad(max(x, -x), x) = 1")>]
    [<InlineData("let x : pos show grad(x*log(x), x) = log(x) + 1")>]
    [<InlineData("let x : pos show grad(sqrt(x), x) = 1/(2*sqrt(x))")>]
    [<InlineData("let x : real show grad(tanh(x), x) = 1 - tanh(x)^2")>]
    let ``A derivative elsewhere is`` text = Assert.Equal(Answer.Holds, ClaimText.byNormalForm text)

    [<Fact>]
    let ``A zero that moves decides no condition at a point`` () =
        // The function is x itself, with derivative 1 at 0.
        Assert.Equal(Answer.Rejected, ClaimText.atScalar "let x : real show grad(if x = 0 then 0 else x, x) = 1" 0 1)
        Assert.Equal(Answer.Rejected, ClaimText.atScalar "let x : real show grad(if x^2 = 0 then 0 else x, x) = 1" 0 1)
        Assert.Equal(Answer.Rejected, ClaimText.atScalar "let x : real show grad(sqrt(x^4), x) = 2*x" 0 1)
        Assert.Equal(Answer.Fails true, ClaimText.atScalar "let x : real show grad(abs(x), x) <= 1" 0 1)
        Assert.Equal(Answer.Fails false, ClaimText.atScalar "let x : real show grad(abs(x), x) = 1" -1 2)

    [<Fact>]
    let ``A guard that is not decided still guards`` () =
        // lgamma(3) > 0 has no enclosure here; 1/0 stands behind it.
        Assert.Equal(Answer.Rejected, ClaimText.atScalar "let x : nonneg show lgamma(x + 3) < 0 => 1/x = 5" 0 1)
        Assert.Equal(Answer.Fails true, ClaimText.atScalar "let x : nonneg show x >= 0 => 1/x = 5" 0 1)

    [<Fact>]
    let ``All values of a quantifier are asked for their meaning up to the one that decides`` () =
        Assert.Equal(Answer.Fails true, ClaimText.judge "show exists(x in -1..1) 1/x = 1" (Body.Witness []))
        Assert.Equal(Answer.Rejected, ClaimText.byNormalForm "show exists(x in -1..1) 1/x = 1")
        Assert.Equal(Answer.Fails false, ClaimText.judge "show exists(x in 1..2) 1/x = 3" (Body.Witness []))
        Assert.Equal(Answer.Holds, ClaimText.byNormalForm "show exists(x in 1..2) 1/x = 1/2")
