module VerifyEnergy.Claims.Tests.FileTests

open System
open System.Collections.Generic
open System.Text
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Claims

let private folder (files: (string * byte[]) list) =
    let content = dict files

    Func<string, string, Fetched>(fun from path ->
        match content.TryGetValue(Claims.ResolvePath(from, path)) with
        | true, bytes -> Fetched.Found bytes
        | _ -> Fetched.Missing "there is no such file")

let private texts files = folder [ for name, text in files -> name, Encoding.UTF8.GetBytes(text: string) ]

let private parse text files = Claims.Parse(text, "proofs/a.claim", texts files, texts files)

let private only (file: ParsedFile) =
    Assert.Equal("", Reader.rendered file)

    match Seq.exactlyOne file.Claims with
    | ParsedClaim.Elaborated claim -> claim
    | ParsedClaim.IllTyped claim -> failwith ((Seq.head claim.Clashes).Render())

[<Theory>]
[<InlineData("proofs/a.claim", "b.claim", "proofs/b.claim")>]
[<InlineData("proofs/a.claim", "./lib/b.claim", "proofs/lib/b.claim")>]
[<InlineData("proofs/lib/a.claim", "../b.claim", "proofs/b.claim")>]
[<InlineData("proofs/a.claim", "../../b.claim", "")>]
[<InlineData("a.claim", "../b.claim", "")>]
[<InlineData("a.claim", "/etc/passwd", "")>]
[<InlineData("a.claim", "C:\\b.claim", "")>]
[<InlineData("a.claim", "lib\\..\\b.claim", "")>]
[<InlineData("a.claim", "https://host/b.claim", "")>]
[<InlineData("a.claim", " ", "")>]
[<InlineData("/tree/a.claim", "b.claim", "/tree/b.claim")>]
let ``Paths stay in the tree`` (file: string, path: string, expected: string) = Assert.Equal(expected, Claims.ResolvePath(file, path))

[<Fact>]
let ``Imported definitions are inlined`` () =
    let direct = Reader.hash "claim c let x : real show x*x + 1 > 0"

    let imported text =
        (only (
            parse
                "import \"lib/common.claim\"\nclaim c let x : real show positive(x)"
                [ "proofs/lib/common.claim", "import \"inner.claim\" def positive(x) = sq(x) + 1 > 0"; "proofs/lib/inner.claim", text ]
        ))
            .Hash

    Assert.Equal(direct, imported "def sq(x) = x*x")
    Assert.NotEqual<string>(direct, imported "def sq(x) = x*x*x")

[<Fact>]
let ``A file that two imports share is read once`` () =
    let file =
        parse
            "import \"b.claim\" import \"c.claim\" claim c show b + c + d = 6"
            [ "proofs/b.claim", "import \"d.claim\" def b = d"
              "proofs/c.claim", "import \"d.claim\" def c = d"
              "proofs/d.claim", "def d = 2" ]

    Assert.Equal<string seq>([ "d"; "b"; "c" ], (only file).Definitions |> Seq.map (fun definition -> definition.Name))

[<Fact>]
let ``Cycles, missing files, foreign paths and errors inside imports are complaints`` () =
    let messages text files = (parse text files).Diagnostics |> Seq.map (fun found -> found.At.File, found.Message) |> List.ofSeq

    let cycle = messages "import \"b.claim\" claim c show 1 = 1" [ "proofs/b.claim", "import \"a.claim\" def b = 1" ]

    Assert.Equal<(string * string) list>(
        [ "proofs/b.claim", "import \"a.claim\": the file imports itself, directly or through others" ],
        cycle
    )

    Assert.Contains("there is no such file", snd (List.head (messages "import \"b.claim\" claim c show 1 = 1" [])))
    Assert.Contains("leaves the folder", snd (List.head (messages "import \"../../b.claim\" claim c show 1 = 1" [])))
    Assert.Equal("proofs/b.claim", fst (List.head (messages "import \"b.claim\" claim c show 1 = 1" [ "proofs/b.claim", "def b = (1" ])))

let private literal text (bytes: byte[]) name =
    let files = folder [ "proofs/" + name, bytes ]
    only (Claims.Parse(text, "proofs/a.claim", files, files))

[<Fact>]
let ``Tables of decimals are exact`` () =
    let bytes = Encoding.UTF8.GetBytes "# cost\n0.1, 1e-3\n-2/3; 4\n"
    let claim = literal "claim c show data(\"t.csv\") = [0.1, 1/1000; -2/3, 4]" bytes "t.csv"

    match claim.Core.Conclusions with
    | [ Prop.Compare(_, left, right) ] -> Assert.Equal(right, left)
    | _ -> Assert.Fail claim.Statement

[<Fact>]
let ``Binary tables are their exact values`` () =
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"
    let padded = header.PadRight(117) + "\n"

    let bytes =
        Array.concat
            [ [| 0x93uy |]
              Encoding.ASCII.GetBytes "NUMPY"
              [| 1uy; 0uy |]
              BitConverter.GetBytes(uint16 padded.Length)
              Encoding.ASCII.GetBytes padded
              yield! [ 0.1; -2.5; 0.0; 4.9406564584124654e-324 ] |> List.map BitConverter.GetBytes ]

    let claim = literal "claim c show data(\"t.npy\")[1,1] = 1" bytes "t.npy"

    match claim.Core.Conclusions with
    | [ Prop.Compare(_, Expr.Entry(Expr.Literal [ [ Expr.Number a; Expr.Number b ]; [ Expr.Number c; Expr.Number d ] ], _), _) ] ->
        // 0.1 is the binary fraction below
        Assert.Equal("3602879701896397/36028797018963968", a.ToString())
        Assert.Equal("-5/2", b.ToString())
        Assert.True c.IsZero
        Assert.Equal(Numerics.BigInteger.Pow(2, 1074), d.Denominator)
    | _ -> Assert.Fail claim.Statement

[<Theory>]
[<InlineData("t.csv", "1, 2\n3\n", "row 2 has another length")>]
[<InlineData("t.csv", "1, x\n", "'x' is no number")>]
[<InlineData("t.csv", "1e99999999\n", "limit of numerals")>]
[<InlineData("t.csv", "1/0\n", "divides by zero")>]
[<InlineData("t.csv", "\n", "no numbers")>]
[<InlineData("t.txt", "1\n", "ends in .csv or .npy")>]
[<InlineData("t.npy", "1\n", "no .npy file")>]
[<InlineData("u.csv", "1\n", "no such file")>]
let ``Tables that are none are complaints`` (name: string, text: string, message: string) =
    let files = texts [ (if name = "u.csv" then "proofs/other.csv" else "proofs/" + name), text ]
    let file = Claims.Parse($"claim c show data(\"{name}\") = 1", "proofs/a.claim", files, files)
    Assert.Contains(message, (Seq.exactlyOne file.Diagnostics).Message)

[<Fact>]
let ``The registry is consistent`` () =
    let names = Functions.all |> Seq.map (fun entry -> entry.Name) |> List.ofSeq
    Assert.Equal(names.Length, (List.distinct names).Length)

    for entry in Functions.all do
        Assert.NotEmpty entry.Signatures
        Assert.NotEqual<string>("", entry.Documentation)

        // A derivative is text in the language over x.
        if entry.Derivative <> "" then
            Reader.elaborated $"claim c let x : pos show {entry.Derivative} = {entry.Derivative}" |> ignore
