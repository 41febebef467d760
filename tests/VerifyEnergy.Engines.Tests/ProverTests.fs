namespace VerifyEnergy.Engines.Tests

open System.Threading
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Claims
open VerifyEnergy.Engines

/// Claims from text, and what the proving engines make of one instance.
module internal Proving =
    let private budget = 100_000_000L

    /// The single claim of a text.
    let claim (text: string) : Claim =
        let file = Claims.Parse("claim test " + text, "test.claim")

        match List.ofSeq file.Claims with
        | [ ParsedClaim.Elaborated found ] -> found.Core
        | _ -> failwith $"""{text}: {file.Diagnostics |> Seq.map (fun d -> d.Render()) |> String.concat "; "}"""

    let instances (claim: Claim) = Grid.instances claim (Steps budget)

    let proposals (engine: IEngine) (claim: Claim) (instance: int[]) : Proposal list =
        let target = { Claim = claim; Hash = Hash.ofClaim claim; Instance = instance }
        let random = RandomStream.Create(1UL, target.Hash, instance, engine.Name)

        if engine.Applies target then
            let stream = (engine.Propose(target, Steps budget, random, CancellationToken.None)).GetAsyncEnumerator()

            [ while stream.MoveNextAsync().AsTask().Result do
                  stream.Current ]
        else
            []

    let certificates engine claim instance =
        proposals engine claim instance
        |> List.choose (fun proposal ->
            match proposal with
            | Proposal.Certificate certificate -> Some certificate
            | Proposal.Attest _
            | Proposal.Support _
            | Proposal.Note _ -> None)

    let check claim certificate = Checker.check (claim, certificate, budget)

    /// The accepted certificate of an engine.
    let proof (engine: IEngine) claim instance : Theorem option =
        certificates engine claim instance
        |> List.tryPick (fun certificate ->
            match check claim certificate with
            | Ok(Checked.Holds theorem) -> Some theorem
            | Ok(Checked.Fails _)
            | Error _ -> None)

    let engines: IEngine list = [ IdentityEngine(); SquaresEngine() ]

    let prove claim instance = engines |> List.tryPick (fun engine -> proof engine claim instance)

    let assertProved text =
        let claim = claim text

        for instance in instances claim do
            Assert.True((prove claim instance).IsSome, $"%A{instance} of {text} is not proved")

    /// No instance is proved: neither does an engine propose anything that the checker takes.
    let assertNothing text =
        let claim = claim text

        for instance in instances claim do
            Assert.True((prove claim instance).IsNone, $"%A{instance} of {text} is proved")

type ProverTests() =
    let squares = SquaresEngine() :> IEngine
    let vacuity = VacuityEngine() :> IEngine
    let identity = IdentityEngine() :> IEngine

    let kind engine text =
        let claim = Proving.claim text

        match Proving.proof engine claim (List.head (Proving.instances claim)) with
        | Some theorem -> Certificate.kind theorem.Certificate
        | None -> "none"

    [<Theory>]
    [<InlineData("let x, y : real show (x + y)^2 = x^2 + 2*x*y + y^2", "identity")>]
    [<InlineData("let x, y : real show (x + y)^2 = x^2 + x*y + y^2", "none")>]
    [<InlineData("let v : bits[3] show sum(i in 1..3) v[i]^2 = sum(i in 1..3) v[i]", "enumeration")>]
    [<InlineData("let v : spins[3] show sum(i in 1..3) v[i]^2 = sum(i in 1..3) v[i]", "none")>]
    [<InlineData("let f : map[3,2], g : map[2,3] show sum(x in fibre(f, 1)) 1 + sum(x in fibre(f, 2)) 1 = 3", "enumeration")>]
    member _.``Identities and enumerations``(text: string, expected: string) = Assert.Equal(expected, kind identity text)

    [<Fact>]
    member _.``The identity engine counts cases, those struck out by hypotheses too``() =
        let count text =
            let claim = Proving.claim text
            (Proving.proof identity claim [||]).Value.Cases

        Assert.Equal(16, count "let v : bits[4] show sum(i in 1..4) v[i] >= 0")
        Assert.Equal(6, count "let v : bits[4] where sum(i in 1..4) v[i] = 2 show sum(i in 1..4) v[i]^2 = 2")
        Assert.Equal(9, count "let f : map[2,3] show f(1) >= 1")

    [<Fact>]
    member _.``Without a proof the goal is named``() =
        let claim = Proving.claim "let x : real show x = x show x^2 >= 1"

        match Proving.proposals squares claim [||] with
        | [ Proposal.Note note ] -> Assert.Equal("case 0: no proof of conclusion 2", note)
        | other -> Assert.Fail $"%A{other}"

    [<Theory>]
    [<InlineData("for n in 1..3, k in 1..3 let S : psd[n] rank k show exists(W : real[n,k]) S = W*W'")>]
    [<InlineData("for n in 1..2 let S : hpsd[n] show exists(W : complex[n,n]) S = W*W'")>]
    [<InlineData("let a, b : real show exists(x : real) x - a = b")>]
    [<InlineData("for n in 1..3 let A : real[n,n] show exists(B : sym[n]) A + A' = B")>]
    [<InlineData("for n in 1..3 let A : psd[n], B : spd[n] show exists(C : spd[n]) A <<= C - B")>]
    [<InlineData("for n in 2..3 show exists(v : real[n]) dot(v, v) = 1")>]
    member _.``Objects are named for exists``(text: string) = Proving.assertProved text

    [<Theory>]
    [<InlineData("for n in 2..3 let S : psd[n] rank 2 show exists(W : real[n,1]) S = W*W'")>]
    [<InlineData("for n in 1..2 let S : sym[n] show exists(W : real[n,n]) S = W*W'")>]
    [<InlineData("let a : real show exists(x : real) x^2 = a")>]
    [<InlineData("let a : real show exists(x : pos) x = a")>]
    member _.``Objects that do not exist are not named``(text: string) = Proving.assertNothing text

    [<Theory>]
    [<InlineData("for n in 1..3 let A : spd[n] show rank(A) >= n")>]
    [<InlineData("let x : pos show rank([1, x; 0, x^2 + 1]) >= 2")>]
    [<InlineData("let a, b : real where a*b >= 1 show rank([a, 1; -1, b]) >= 2")>]
    member _.``Ranks are bounded below by minors``(text: string) = Proving.assertProved text

    [<Theory>]
    [<InlineData("for n in 1..3 let A : psd[n] show rank(A) >= n")>]
    [<InlineData("let x : pos show rank([1, x; 1, x^2]) >= 2")>]
    [<InlineData("let a, b : real where a*b >= 1 show rank([a, 1; 1, b]) >= 2")>]
    member _.``Ranks that may fall are not bounded``(text: string) = Proving.assertNothing text

    [<Theory>]
    [<InlineData("let x : real where x >= 1 and x <= 0 show x = 5")>]
    [<InlineData("let x, y : real where x + y >= 3 and x <= 1 and y <= 1 show x = 5")>]
    [<InlineData("let x, y : real where x^2 + y^2 = 1 and x*y >= 2 show x = 5")>]
    [<InlineData("let A : psd[2] where tr(A) < 0 show A = I(2)")>]
    [<InlineData("let x, y : real where x < y and y < x show x = 5")>]
    [<InlineData("let v : bits[2] where v[1] + v[2] = 3 show v[1] = 5")>]
    member _.``Contradictory hypotheses``(text: string) =
        let claim = Proving.claim text

        match Proving.proof vacuity claim [||] with
        | Some theorem -> Assert.True theorem.IsVacuous
        | None -> Assert.Fail text

    [<Theory>]
    [<InlineData("let x : real where x >= 0 and x <= 0 show x = 5")>]
    [<InlineData("let x, y : real where x + y >= 2 and x <= 1 and y <= 1 show x = 5")>]
    [<InlineData("let x, y : real where x^2 + y^2 = 1 and x*y >= 1/2 show x = 5")>]
    [<InlineData("let A : psd[2] where tr(A) <= 0 show A = I(2)")>]
    [<InlineData("let v : bits[2] where v[1] + v[2] = 2 show v[1] = 5")>]
    member _.``Hypotheses that hold somewhere do not contradict``(text: string) =
        let claim = Proving.claim text
        Assert.True((Proving.proof vacuity claim [||]).IsNone)
        Proving.assertNothing text
