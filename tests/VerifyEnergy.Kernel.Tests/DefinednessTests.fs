namespace VerifyEnergy.Kernel.Tests

open VerifyEnergy.Kernel
open Xunit

/// Whether a hypothesis has a meaning may not rest on itself or on later ones: else a claim has both a proof and a refutation.
module DefinednessTests =
    let private number n = Expr.Number(Rational.OfInt n)
    let private x = Expr.Variable 0
    let private apply name arguments = Expr.Apply(name, arguments)
    let private positive e = Prop.Compare(Relation.Greater, e, number 0)
    let private inverse e = apply "/" [ number 1; e ]
    let private real = Domain.Plain(ScalarSet.Real, [])

    let private claim domain hypotheses conclusion : Claim =
        { Parameters = []
          Declarations = Declaration.Object(0, domain) :: List.map Declaration.Hypothesis hypotheses
          Conclusions = [ conclusion ] }

    let private check claim body = Checker.check (claim, { ClaimHash = Hash.ofClaim claim; Instance = [||]; Body = body }, 1_000_000L)

    let private isAccepted result =
        match result with
        | Ok _ -> true
        | Error(_: string) -> false

    let private at (value: int) = Body.Witness [ 0, ObjectValue.Array(1, 1, [| struct (Rational.OfInt value, Rational.Zero) |]) ]

    /// The goal is a hypothesis, by its number.
    let private by hypothesis =
        Proof.Squares(false, [ { Weight = Rational.One; Hypotheses = [ hypothesis ]; Multiplier = []; Root = [ Rational.One, [] ] } ], [])

    [<Fact>]
    let ``A hypothesis does not show its own meaning`` () =
        let claim = claim real [ positive (inverse x) ] (positive x)

        for definedness in [ by 0; Proof.All [ Proof.All []; Proof.All [ by 0 ] ]; Proof.All [ Proof.All []; Proof.All [ by 0; by 0 ] ] ] do
            Assert.False(isAccepted (check claim (Body.Cases(1, [ (0, 0), definedness; (0, 1), by 0 ]))))

        Assert.True(isAccepted (check claim (at 0)))

    [<Fact>]
    let ``A later hypothesis does not show the meaning of an earlier one, an earlier does`` () =
        let first, second = positive x, positive (inverse x)
        let proved hypotheses = isAccepted (check (claim real hypotheses (positive x)) (Body.Cases(1, [])))
        let refuted hypotheses = isAccepted (check (claim real hypotheses (positive x)) (at 0))

        Assert.Equal((true, false), (proved [ first; second ], refuted [ first; second ]))
        Assert.Equal((false, true), (proved [ second; first ], refuted [ second; first ]))

    [<Fact>]
    let ``A factorisation by a later hypothesis shows no earlier meaning, one by the domain does`` () =
        // 1 + tr X = 0 at X = [−1], unless X is positive semidefinite.
        let hypothesis = positive (inverse (apply "+" [ number 1; apply "tr" [ x ] ]))
        let later = claim (Domain.Symmetric(number 1)) [ hypothesis; Prop.Has(Property.Psd, x) ] (positive (number 1))
        let domain = claim (Domain.Psd(number 1, None)) [ hypothesis ] (positive (number 1))

        Assert.False(isAccepted (check later (Body.Cases(1, []))))
        Assert.True(isAccepted (check later (at -1)))
        Assert.True(isAccepted (check domain (Body.Cases(1, []))))

    [<Fact>]
    let ``Contradictory hypotheses without a meaning do not make a claim vacuous`` () =
        let never = Prop.Compare(Relation.Equal, x, apply "+" [ x; number 1 ])

        for contradiction in
            [ Prop.Compare(Relation.Equal, inverse x, number 0)
              Prop.Compare(Relation.Equal, inverse x, apply "+" [ inverse x; number 1 ]) ] do
            let claim = claim real [ contradiction ] (positive x)
            Assert.False(isAccepted (check claim (Body.Empty(1, []))))
            Assert.False(isAccepted (check claim (Body.Empty(0, []))))
            Assert.False(isAccepted (check claim (Body.Cases(0, []))))
            Assert.False(isAccepted (check claim (Body.Cases(1, []))))
            Assert.True(isAccepted (check claim (at 0)))

        match check (claim real [ never ] (positive x)) (Body.Empty(0, [])) with
        | Ok(Checked.Holds theorem) -> Assert.True theorem.IsVacuous
        | other -> Assert.Fail $"%A{other}"

        // On positive x the contradiction has a meaning everywhere.
        let positives = claim (Domain.Plain(ScalarSet.Positive, [])) [ Prop.Compare(Relation.Equal, inverse x, number 0) ] (positive x)
        Assert.True(isAccepted (check positives (Body.Empty(0, []))) || isAccepted (check positives (Body.Empty(1, []))))

    /// Never both: the proof by normal forms alone, and the refutation at 0.
    let private verdicts conclusion =
        let claim = claim real [] conclusion
        isAccepted (check claim (Body.Cases(1, []))), isAccepted (check claim (at 0))

    let private square = Prop.Compare(Relation.GreaterEqual, apply "*" [ x; x ], number 0)

    [<Fact>]
    let ``The left side of an alternative must have a meaning, the right one only where the left fails`` () =
        let left = Prop.Has(Property.Psd, inverse x)
        Assert.Equal((false, true), verdicts (Prop.Or(left, square)))
        Assert.Equal((false, true), verdicts (Prop.Or(positive (inverse x), square)))
        Assert.Equal((true, false), verdicts (Prop.Or(square, left)))

    [<Fact>]
    let ``Every value of a finite existence must have a meaning`` () =
        let exists body = Prop.Exists([ { Variable = 1; Range = Range.Between(number 0, number 1) } ], body)
        let i = Expr.Variable 1
        let mixed = apply "+" [ apply "*" [ x; apply "-" [ number 1; i ] ]; i ]

        Assert.Equal((false, true), verdicts (exists (Prop.Compare(Relation.Equal, apply "/" [ x; i ], x))))
        Assert.Equal((false, true), verdicts (exists (positive (inverse mixed))))

        let guarded = Prop.And(Prop.Compare(Relation.NotEqual, i, number 0), Prop.Compare(Relation.Equal, apply "/" [ x; i ], x))
        Assert.Equal((true, false), verdicts (exists guarded))

    [<Fact>]
    let ``An order in a hypothesis needs real sides, also where it gives no fact`` () =
        let below = Prop.Compare(Relation.Less, x, number 1)
        let one = Prop.Compare(Relation.Equal, number 1, number 1)
        let claim = claim (Domain.Plain(ScalarSet.Complex, [])) [ Prop.Or(positive x, below) ] one
        let imaginary = Body.Witness [ 0, ObjectValue.Array(1, 1, [| struct (Rational.Zero, Rational.One) |]) ]

        Assert.False(isAccepted (check claim (Body.Cases(1, []))))
        Assert.True(isAccepted (check claim imaginary))

    [<Fact>]
    let ``A long conjunction is lowered in time`` () =
        let steps = 200_000L
        let all = List.replicate 24 (positive (inverse x)) |> List.reduce (fun p q -> Prop.And(p, q))

        for claim in [ claim real [ positive x; all ] (positive x); claim real [ positive x ] (Prop.Implies(all, all)) ] do
            let body = Body.Cases(1, [])
            let certificate = { ClaimHash = Hash.ofClaim claim; Instance = [||]; Body = body }

            match Checker.check (claim, certificate, steps) with
            | Error "the step limit ran out" -> Assert.Fail "too many steps"
            | Ok _
            | Error _ -> ()
