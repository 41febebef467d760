/// What the tests share: reading a text and looking at what came out.
module VerifyEnergy.Claims.Tests.Reader

open Xunit
open VerifyEnergy.Claims

let rendered (file: ParsedFile) : string = file.Diagnostics |> Seq.map (fun diagnostic -> diagnostic.Render()) |> String.concat "\n"

/// The one claim of a text, which must be a statement.
let elaborated (text: string) : ElaboratedClaim =
    let file = Claims.Parse(text, "test.claim")
    Assert.Equal("", rendered file)

    match Seq.exactlyOne file.Claims with
    | ParsedClaim.Elaborated claim -> claim
    | ParsedClaim.IllTyped claim ->
        Assert.Fail((Seq.head claim.Clashes).Render())
        failwith "unreachable"

/// The first clash of a text's one claim, which must be ill-typed.
let clash (text: string) : Clash =
    let file = Claims.Parse(text, "test.claim")
    Assert.Equal("", rendered file)

    match Seq.exactlyOne file.Claims with
    | ParsedClaim.IllTyped claim -> Seq.head claim.Clashes
    | ParsedClaim.Elaborated claim ->
        Assert.Fail("not ill-typed: " + claim.Statement)
        failwith "unreachable"

/// The complaints about a text; there must be some.
let complaints (text: string) : Diagnostic list =
    let file = Claims.Parse(text, "test.claim")
    Assert.NotEmpty file.Diagnostics
    List.ofSeq file.Diagnostics

let hash (text: string) : string = (elaborated text).Hash

let conclusion (text: string) = (elaborated text).Core.Conclusions |> List.exactlyOne
