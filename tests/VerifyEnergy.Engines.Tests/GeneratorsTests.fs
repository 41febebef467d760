namespace VerifyEnergy.Engines.Tests

open Xunit
open FsCheck
open FsCheck.FSharp
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open CoreClaims

module GeneratorsTests =
    let private spaces: (Space * Domain) list =
        let n = number 2

        [ Space.Entries(Slot.Positive, 2, 1), Domain.Plain(ScalarSet.Positive, [ n ])
          Space.Entries(Slot.Sign, 2, 1), Domain.Plain(ScalarSet.Spin, [ n ])
          Space.Entries(Slot.Whole(2, 4), 2, 1), Domain.Plain(ScalarSet.Integer(number 2, number 4), [ n ])
          Space.Psd(2, 1), Domain.Psd(n, Some(number 1))
          Space.Spd 2, Domain.Spd n
          Space.Orthogonal 2, Domain.Orthogonal n
          Space.Unitary 2, Domain.Unitary n
          Space.Density 2, Domain.Density n
          Space.Simplex 2, Domain.Simplex n
          Space.Stochastic(2, 2), Domain.Stochastic(n, n)
          Space.Map(2, 3), Domain.Map(n, number 3) ]

    [<Fact>]
    let ``shrinking stays in the domain and ends`` () =
        for space, domain in spaces do
            let claim = claim [ object 0 domain ] [ equal (number 0) (number 0) ]
            let arbitrary = Generators.arbitrary space
            let belongs (made: Made) = isAdmissible claim [ 0, made.Value ] = Ok true

            for made in Gen.sampleWithSeed (Rnd 11UL) 30 6 arbitrary.Generator do
                Assert.True(belongs made)

                for smaller in arbitrary.Shrinker made |> Seq.truncate 40 do
                    Assert.True(belongs smaller)

                // Always taking the last shrink ends: the numbers get simpler every time.
                let mutable current = Some made
                let mutable rounds = 0

                while current.IsSome && rounds < 10_000 do
                    current <- arbitrary.Shrinker current.Value |> Seq.tryLast
                    rounds <- rounds + 1

                Assert.True(rounds < 10_000)

    [<Fact>]
    let ``a failing property shrinks to a simple object`` () =
        // False: every positive definite matrix has trace below 5.
        let mutable last = None

        let property (made: Made) =
            match made.Value with
            | ObjectValue.Array(_, _, entries) ->
                let struct (a, _) = entries[0]
                let struct (d, _) = entries[3]
                let small = (a + d).CompareTo(Rational.OfInt 5) < 0

                if not small then
                    last <- Some made

                small
            | ObjectValue.Map _ -> true

        let quiet =
            { new IRunner with
                member _.OnStartFixture _ = ()
                member _.OnArguments(_, _, _) = ()
                member _.OnShrink(_, _) = ()
                member _.OnFinished(_, _) = () }

        let config = Config.Quick.WithMaxTest(500).WithReplay(Some { Rnd = Rnd(3UL, 5UL); Size = None }).WithRunner(quiet)
        Check.One(config, Prop.forAll (Generators.spd 2) property)

        let numbers = last.Value.Numbers
        Assert.True(numbers |> Array.forall (fun x -> x.IsInteger))
        Assert.Equal(1, numbers |> Array.filter (fun x -> not x.IsZero && not x.IsOne) |> Array.length)
