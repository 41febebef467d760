namespace VerifyEnergy.Kernel.Tests

open VerifyEnergy.Claims
open VerifyEnergy.Kernel
open Xunit

/// Claims as text, and what the checker says of a certificate for them.
[<RequireQualifiedAccess>]
type internal Answer =
    | Holds
    | Vacuous
    | Fails of undefined: bool
    | Rejected

module internal ClaimText =
    let private limit = 100_000_000L

    let core (text: string) : Claim =
        let file = Claims.Parse("claim a\n" + text, "a.claim")
        Assert.Empty file.Diagnostics

        match Assert.Single file.Claims with
        | ParsedClaim.Elaborated found -> found.Core
        | ParsedClaim.IllTyped found -> raise (Xunit.Sdk.XunitException $"ill-typed: {Seq.head found.Clashes}")

    let checkWithin steps (claim: Claim) (body: Body) =
        Checker.check (claim, { ClaimHash = Hash.ofClaim claim; Instance = [||]; Body = body }, steps)

    let answer (result: Result<Checked, string>) : Answer =
        match result with
        | Ok(Checked.Holds theorem) -> if theorem.IsVacuous then Answer.Vacuous else Answer.Holds
        | Ok(Checked.Fails refutation) -> Answer.Fails refutation.Undefined.IsSome
        | Error _ -> Answer.Rejected

    /// The answer to a certificate without parameters.
    let judge (text: string) (body: Body) : Answer = answer (checkWithin limit (core text) body)

    /// The answer to a certificate of one case, all of it by normal forms.
    let byNormalForm (text: string) : Answer = judge text (Body.Cases(1, []))

    let scalar (numerator: int) (denominator: int) : ObjectValue =
        ObjectValue.Array(1, 1, [| struct (Rational.Create(bigint numerator, bigint denominator), Rational.Zero) |])

    /// The answer to a witness of one real scalar, the first object.
    let atScalar (text: string) (numerator: int) (denominator: int) : Answer = judge text (Body.Witness [ 0, scalar numerator denominator ])
