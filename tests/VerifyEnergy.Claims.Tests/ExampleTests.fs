module VerifyEnergy.Claims.Tests.ExampleTests

open System.IO
open Xunit
open VerifyEnergy.Claims

let private read name = File.ReadAllText(Path.Combine(System.AppContext.BaseDirectory, name))

let private rendered (file: ParsedFile) = file.Diagnostics |> Seq.map (fun diagnostic -> diagnostic.Render()) |> String.concat "\n"

/// The worked examples of the language page, that very text: all are read, and only the ones meant to be are ill-typed.
[<Fact>]
let ``The worked examples of the language page elaborate as they expect`` () =
    let file = Claims.Parse(read "examples.claim", "examples.claim")
    Assert.Equal("", rendered file)
    Assert.Equal(19, file.Claims.Count)

    for claim in file.Claims do
        match claim, claim.Expect with
        | ParsedClaim.IllTyped found, expect ->
            Assert.True((expect = Expectation.Verdict "ill-typed"), $"{found.Heading.Id}: {(Seq.head found.Clashes).Render()}")
        | ParsedClaim.Elaborated found, expect ->
            Assert.False((expect = Expectation.Verdict "ill-typed"), $"{found.Heading.Id} is not found ill-typed")

/// Printing back an elaborated example and reading that text gives the same claim and hash.
[<Fact>]
let ``Statements of the worked examples are read back as the same claims`` () =
    let file = Claims.Parse(read "examples.claim", "examples.claim")

    for claim in file.Claims do
        match claim with
        | ParsedClaim.Elaborated found ->
            let again = Claims.Parse($"claim {found.Heading.Id}\n{found.Statement}", "again.claim")

            Assert.Equal("", rendered again)

            match Seq.exactlyOne again.Claims with
            | ParsedClaim.Elaborated second ->
                Assert.True((found.Core = second.Core), $"{found.Statement}\n\n{second.Statement}")
                Assert.Equal(found.Hash, second.Hash)
            | ParsedClaim.IllTyped second -> Assert.Fail((Seq.head second.Clashes).Render())
        | ParsedClaim.IllTyped _ -> ()
