namespace VerifyEnergy.Engines.Tests

open System
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Engines

type CertificateTextTests() =
    let r (n: int) (d: int) = Rational.Create(bigint n, bigint d)
    let one = Rational.One
    let polynomial: PolynomialData = [ r -3 2, [ 0, r 2 1; 4, one ]; one, [] ]

    let proofs =
        [ Proof.Normal
          Proof.Squares(
              true,
              [ { Weight = r 1 3; Hypotheses = [ 1; 1 ]; Multiplier = [ 2, r 1 2 ]; Root = polynomial }
                { Weight = one; Hypotheses = []; Multiplier = []; Root = [] } ],
              [ 3, polynomial; 0, [] ]
          )
          Proof.All [ Proof.Branch(1, Proof.Normal); Proof.All [] ]
          Proof.Minor([ 0; 2 ], [ 1; 0 ], Proof.Normal)
          Proof.ModularRank(2147483629L, [ 0 ], [ 1 ])
          Proof.Terms(
              [ { Shape = Shape.Matrix; Rows = 1; Columns = 2; Entries = [ polynomial, None; [], Some polynomial ] }
                { Shape = Shape.Scalar; Rows = 1; Columns = 1; Entries = [ [ one, [] ], None ] }
                { Shape = Shape.Row; Rows = 1; Columns = 0; Entries = [] }
                { Shape = Shape.Column; Rows = 0; Columns = 1; Entries = [] } ],
              Proof.Normal
          ) ]

    let certificate body = { ClaimHash = String('a', 64); Instance = [| 2; 3 |]; Body = body }

    let bodies =
        [ Body.Cases(3, proofs |> List.mapi (fun index proof -> (index, index + 1), proof))
          Body.Cases(1, [])
          Body.Empty(2, proofs |> List.mapi (fun index proof -> index, proof))
          Body.Witness
              [ 0, ObjectValue.Array(1, 2, [| struct (r 1 2, Rational.Zero); struct (Rational.Zero, r -7 3) |])
                5, ObjectValue.Map [| 1; 2; 1 |] ] ]

    let written = CertificateText.write (certificate bodies[0])

    let errorOf text =
        match CertificateText.parse text with
        | Ok _ -> failwith $"accepted: {text}"
        | Error reason -> reason

    /// The text with its first `part` replaced; the part must be there.
    let replaced (part: string) (by: string) (text: string) =
        let at = text.IndexOf(part, StringComparison.Ordinal)
        Assert.True(at >= 0, $"{part} does not stand in {text}")
        text.Remove(at, part.Length).Insert(at, by)

    [<Fact>]
    member _.``Reading undoes writing, and writing again gives the same text``() =
        for body in bodies do
            let certificate = certificate body
            let text = CertificateText.write certificate

            match CertificateText.parse text with
            | Ok read ->
                Assert.Equal(certificate, read)
                Assert.Equal(text, CertificateText.write read)
            | Error reason -> failwith reason

    [<Fact>]
    member _.``The text of a small certificate``() =
        let body =
            Body.Cases(
                1,
                [ (0, 1), Proof.Squares(false, [ { Weight = r 1 2; Hypotheses = [ 0 ]; Multiplier = []; Root = [ one, [ 0, one ] ] } ], []) ]
            )

        Assert.Equal(
            "{\"schema\":\"verify-energy/certificate/1\",\"kind\":\"squares\",\"claimHash\":\""
            + String('a', 64)
            + "\",\"instance\":[2,3],\"cases\":{\"count\":1,\"proofs\":[{\"case\":0,\"goal\":1,\"proof\":{\"rule\":\"squares\",\"negated\":false,"
            + "\"squares\":[{\"weight\":\"1/2\",\"hypotheses\":[0],\"multiplier\":[],\"root\":[[\"1\",0,\"1\"]]}],\"cofactors\":[]}}]}}",
            CertificateText.write (certificate body)
        )

    [<Theory>]
    [<InlineData("\"kind\":\"squares\",", "", "$.kind: wanted the field, which is missing")>]
    [<InlineData("\"kind\":\"squares\"", "\"kind\":\"identity\"", "$.kind: wanted squares")>]
    [<InlineData("certificate/1", "certificate/2", "$.schema: wanted verify-energy/certificate/1")>]
    [<InlineData("\"count\":3", "\"count\":3,\"count\":3", "$.cases.count: wanted the field once")>]
    [<InlineData("\"count\":3", "\"count\":-3", "$.cases.count: wanted a whole number ≥ 0")>]
    [<InlineData("\"count\":3", "\"count\":3.0", "$.cases.count: wanted a whole number of 32 bits")>]
    [<InlineData("\"count\":3", "\"count\":\"3\"", "$.cases.count: wanted a whole number of 32 bits")>]
    [<InlineData("\"count\":3", "\"count\":3,\"extra\":1", "$.cases.extra: wanted no such field")>]
    [<InlineData("\"weight\":\"1/3\"", "\"weight\":\"2/6\"", "squares[0].weight: wanted a rational number")>]
    [<InlineData("\"weight\":\"1/3\"", "\"weight\":\"0.5\"", "squares[0].weight: wanted a rational number")>]
    [<InlineData("\"weight\":\"1/3\"", "\"weight\":0.5", "squares[0].weight: wanted a string")>]
    [<InlineData("\"weight\":\"1/3\"", "\"weight\":\"1/0\"", "squares[0].weight: wanted a rational number")>]
    [<InlineData("[2,\"1/2\"]", "[2]", "multiplier[0]: wanted an exponent after each letter")>]
    [<InlineData("\"negated\":true", "\"negated\":1", "negated: wanted true or false")>]
    [<InlineData("\"rule\":\"normal\"", "\"rule\":\"trust\"", "proof.rule: wanted normal, squares")>]
    [<InlineData("\"rule\":\"normal\"", "\"role\":\"normal\"", "proof.rule: wanted the field, which is missing")>]
    [<InlineData("\"shape\":\"matrix\"", "\"shape\":\"cube\"", "shape: wanted scalar, column, row or matrix")>]
    [<InlineData("\"prime\":\"2147483629\"", "\"prime\":\"02147483629\"", "prime: wanted a whole number of 64 bits")>]
    [<InlineData("\"goal\":2", "\"goal\":1,\"goal\":2", "goal: wanted the field once")>]
    [<InlineData("\"case\":1,\"goal\":2", "\"case\":0,\"goal\":1", "$.cases.proofs: wanted each place once")>]
    [<InlineData("aaaa", "AAAA", "$.claimHash: wanted 64 lowercase hexadecimal digits")>]
    [<InlineData("\"instance\":[2,3]", "\"instance\":[2,1e1]", "$.instance[1]: wanted a whole number")>]
    [<InlineData("\"cases\":", "\"empty\":", "$.empty")>]
    member _.``Anything else is refused with its place``(part: string, by: string, expected: string) =
        Assert.Contains(expected, errorOf (replaced part by written))

    [<Fact>]
    member _.``A witness with a zero imaginary part written out is refused``() =
        let text = CertificateText.write (certificate bodies[3])
        Assert.Contains("entries[1][1]: wanted a nonzero imaginary part", errorOf (replaced "\"-7/3\"" "\"0\"" text))

    [<Fact>]
    member _.``Bad text is an Error, never an exception``() =
        for length in 0 .. written.Length - 1 do
            errorOf (written.Substring(0, length)) |> ignore

        for text in [ "null"; "[]"; "1"; "{}"; "\ud800"; "\"\\ud800\""; String('[', 100000); "{\"schema\":null}"; written + "x" ] do
            errorOf text |> ignore

    [<Fact>]
    member _.``A changed character gives another certificate or none``() =
        let original = CertificateText.parse written

        for at in 0..7 .. written.Length - 1 do
            for other in [ '0'; '9'; '"'; ','; 'x'; ']' ] do
                if written[at] <> other then
                    let changed = written.Remove(at, 1).Insert(at, string other)

                    match CertificateText.parse changed with
                    | Ok read -> Assert.NotEqual(original, Ok read)
                    | Error _ -> ()
