namespace VerifyEnergy.Engines.Tests

open System.Collections.Generic
open System.Threading
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open CoreClaims

module SearchTests =
    let private collect (proposals: IAsyncEnumerable<Proposal>) =
        let walk = proposals.GetAsyncEnumerator CancellationToken.None

        [ while walk.MoveNextAsync().AsTask().Result do
              walk.Current ]

    let private propose (engine: IEngine) seed claim =
        let random = RandomStream.Create(seed, Hash.ofClaim claim, [||], engine.Name)
        collect (engine.Propose(target claim, steps (), random, CancellationToken.None))

    let private witnesses claim proposals =
        proposals
        |> List.choose (fun proposal ->
            match proposal with
            | Proposal.Certificate { Body = Body.Witness witness } -> Some witness
            | Proposal.Certificate _
            | Proposal.Attest _
            | Proposal.Support _
            | Proposal.Note _ -> None)
        |> List.filter (refutes claim)

    let private scalar v = object v (real [])

    /// False claims of several kinds.
    let falseClaims: (string * Claim) list =
        [ "rank of a sum", rankOfSum 4 3
          "squares", squares 2
          "squares at 3", squares 3
          "triple trace", tripleTrace 2
          "x/x = 1", claim [ scalar 0 ] [ equal (apply "/" [ var 0; var 0 ]) (number 1) ]
          "log x, x ≥ 0", claim [ object 0 (Domain.Plain(ScalarSet.Nonnegative, [])) ] [ atMost (apply "log" [ var 0 ]) (var 0) ]
          "exp x ≤ 1 + x", claim [ scalar 0 ] [ atMost (apply "exp" [ var 0 ]) (number 1 +. var 0) ]
          "entropy below a half",
          claim [ object 0 (Domain.Simplex(number 3)) ] [ atMost (apply "entropy" [ var 0 ]) (Expr.Number(Rational.Create(1I, 2I))) ]
          "unitary of order 4",
          claim [ object 0 (Domain.Unitary(number 2)) ] [ equal (apply "^" [ var 0; number 4 ]) (apply "I" [ number 2 ]) ]
          "spins",
          claim [ object 0 (Domain.Plain(ScalarSet.Spin, [ number 3 ])) ] [ nonnegative (apply "dot" [ apply "ones" [ number 3 ]; var 0 ]) ] ]

    let names: TheoryData<string> =
        let data = TheoryData<string>()

        for name, _ in falseClaims do
            data.Add name

        data

    [<Theory; MemberData(nameof names)>]
    let ``a false claim is broken with an exact witness`` (name: string) =
        let _, claim = falseClaims |> List.find (fst >> (=) name)
        Assert.NotEmpty(witnesses claim (propose (SearchEngine()) 1UL claim))

    [<Theory; MemberData(nameof names)>]
    let ``corners break what fails at corners`` (name: string) =
        let _, claim = falseClaims |> List.find (fst >> (=) name)
        let proposals = propose (CornerEngine()) 1UL claim

        if name <> "squares at 3" then
            Assert.NotEmpty(witnesses claim proposals)

    let trueClaims: (string * Claim) list =
        [ "trace", trace 3
          "exp x ≥ 1 + x", claim [ scalar 0 ] [ atMost (number 1 +. var 0) (apply "exp" [ var 0 ]) ]
          "rank at most n", claim [ object 0 (real [ 3; 2 ]) ] [ atMost (rank (var 0)) (number 2) ]
          "guarded division",
          claim [ scalar 0 ] [ Prop.Implies(compare Relation.NotEqual (var 0) (number 0), equal (apply "/" [ var 0; var 0 ]) (number 1)) ] ]

    [<Fact>]
    let ``a true claim is supported with counts, never broken`` () =
        for _, claim in trueClaims do
            Assert.Empty(witnesses claim (propose (CornerEngine()) 1UL claim))

            let proposals = propose (SearchEngine()) 1UL claim

            let grounds =
                proposals
                |> List.choose (fun p ->
                    match p with
                    | Proposal.Support ground -> Some ground
                    | Proposal.Certificate _
                    | Proposal.Attest _
                    | Proposal.Note _ -> None)

            Assert.Single proposals |> ignore
            Assert.StartsWith("200 cases", Assert.Single grounds)

    [<Fact>]
    let ``no support where no case meets the hypotheses`` () =
        let claim = claim [ scalar 0; where (equal (var 0 *. var 0) (number 2)) ] [ nonnegative (var 0) ]

        match propose (SearchEngine()) 1UL claim with
        | [ Proposal.Note text ] -> Assert.StartsWith("0 cases", text)
        | other -> Assert.Fail $"{other.Length} proposals"

    [<Fact>]
    let ``the same seed gives the same proposals`` () =
        let claim = tripleTrace 2
        let witness seed = witnesses claim (propose (SearchEngine()) seed claim)
        Assert.Equal<Point>(witness 5UL, witness 5UL)
