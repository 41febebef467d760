module VerifyEnergy.Claims.Tests.CapTests

open System
open Xunit
open VerifyEnergy.Claims
open VerifyEnergy.Claims.Tests.Reader

let private repeat count (text: string) = String.replicate count text

/// At the cap a text is a claim; one above it is a complaint that says so, within seconds.
let private edge (make: int -> string) (cap: int) (message: string) =
    elaborated (make cap) |> ignore
    let clock = Diagnostics.Stopwatch.StartNew()
    let found = complaints (make (cap + 1))
    Assert.True(clock.Elapsed < TimeSpan.FromSeconds 30.0, $"{clock.Elapsed}")
    Assert.Contains(found, fun diagnostic -> diagnostic.Message.Contains message)
    // One screen, whatever the line's length.
    Assert.True((List.head found).Render().Length < 2000)

[<Fact>]
let ``Bracket depth`` () =
    edge
        (fun count -> "claim c show " + repeat count "(" + "1" + repeat count ")" + " = 1")
        Limits.bracketDepth
        "brackets are nested deeper"

[<Fact>]
let ``Ten thousand brackets`` () =
    for bracket in [ "("; "["; "{" ] do
        complaints ("claim c show " + repeat 10_000 bracket) |> ignore

[<Fact>]
let ``Nesting without brackets`` () =
    // The whole proposition is one construct, each `else` opens another.
    edge (fun count -> "claim c show " + repeat count "if 1 = 1 then 1 else " + "1 = 1") (Limits.nesting - 1) "constructs are nested deeper"

[<Fact>]
let ``File size`` () =
    let body = "claim c show 1 = 1 #"
    edge (fun count -> body + repeat (count - body.Length) "x") Limits.fileLength "the file has"

[<Fact>]
let ``Numeral length`` () = edge (fun count -> "claim c show 0 < " + repeat count "7") Limits.numeralLength "this numeral has"

[<Fact>]
let ``A numeral of a megabyte`` () =
    complaints ("claim c show 0 < " + repeat (1 <<< 20) "7") |> ignore
    complaints ("claim c show 0 < " + repeat 1_000_000 "7") |> ignore

[<Fact>]
let ``Decimal exponent`` () =
    edge (fun count -> $"claim c show 0 < 1e-{count}") Limits.decimalExponent "exponent of this numeral"
    edge (fun count -> $"claim c show 0 < 1e{count}") Limits.decimalExponent "exponent of this numeral"
    complaints "claim c show 0 < 1e99999999999999999999" |> ignore

[<Fact>]
let ``Exponents of powers`` () =
    edge (fun count -> $"claim c let x : real show x^{count} = 1") Limits.powerExponent "exponent is beyond"
    edge (fun count -> $"claim c let x : real show x^(-{count}) = 1") Limits.powerExponent "exponent is beyond"

    edge
        (fun count -> $"claim c for n in 1..2 let x : real show x^(n*{count / 2} + {count - 2 * (count / 2)}) = 1")
        Limits.powerExponent
        "exponent is beyond"

[<Theory>]
[<InlineData("2^(10^10)")>]
[<InlineData("2^10^10")>]
[<InlineData("2^(10^(10^10))")>]
[<InlineData("2^(9^9^9^9^9)")>]
[<InlineData("2^(1/2 + 10^10)")>]
let ``Towers of powers`` (term: string) =
    let found = complaints $"claim c show {term} = 1"
    Assert.Contains("exponent is beyond", found.Head.Message)

[<Fact>]
let ``Name length`` () =
    edge (fun count -> let name = repeat count "x" in $"claim c let {name} : real show {name} = 1") Limits.nameLength "this name has"
    edge (fun count -> let name = repeat count "x" in $"claim {name} show 1 = 1") Limits.nameLength "this claim id has"

[<Fact>]
let ``Operators in a row`` () =
    // A chain within this cap is still deeper than a tree may be; it must end in a message about depth, not in a crash.
    let chain count = "claim c show 1" + repeat count "+1" + " = 1"
    Assert.Contains("deeper than", (complaints (chain Limits.chainLength)).Head.Message)
    Assert.Contains("operators in a row", (complaints (chain (Limits.chainLength + 1))).Head.Message)

    for text in
        [ "claim c show " + repeat 400_000 "-" + "1 = 1"
          "claim c show " + repeat 200_000 "not " + "1 = 1"
          "claim c show 2" + repeat 400_000 "^2" + " = 1"
          "claim c show 1 = 1" + repeat 100_000 " => 1 = 1"
          "claim c show 1 = 1" + repeat 100_000 " and 1 = 1"
          "claim c let A : real[1,1] show A" + repeat 400_000 "'" + " = A"
          "claim c let A : real[1,1] show A" + repeat 200_000 "[1]" + " = A"
          "claim c show " + repeat 50_000 "forall(i in 1..2) " + "1 = 1"
          "claim c show " + repeat 50_000 "sum(i in 1..2) " + "1 = 1" ] do
        complaints text |> ignore

[<Fact>]
let ``Depth of trees`` () =
    // depth 1 is the comparison; a sum of m + 1 terms is m levels deeper than its first term
    edge (fun count -> "claim c show 1" + repeat (count - 2) "+1" + " = 1") Limits.depth "the limit is 500"

[<Fact>]
let ``Depth counts after definitions are expanded`` () =
    let make depth =
        let steps = depth - 2

        "claim c def a0 = 1 " + String.concat " " [ for k in 1..steps -> $"def a{k} = a{k - 1} + 1" ] + $" show a{steps} = 1"

    edge make Limits.depth "the limit is 500"

[<Fact>]
let ``Nodes`` () =
    // A comparison of two numerals is three nodes, one with a minus sign four: the cap is met to the node.
    let make nodes =
        let signs = nodes % 3
        "claim c" + repeat (nodes / 3 - 1) " show 0 = 0" + " show " + repeat signs "-" + "1 = 0"

    edge make Limits.nodes "more nodes than the limit"

[<Theory>]
[<InlineData("def a{0} = a{1} + a{1}")>]
[<InlineData("def a{0} = [a{1}; a{1}][1]")>]
[<InlineData("def a{0} = if a{1} = 1 then a{1} else 1")>]
let ``Bombs of definitions`` (step: string) =
    let steps = [ for k in 1..60 -> String.Format(step, k, k - 1) ] |> String.concat "\n"
    let clock = Diagnostics.Stopwatch.StartNew()
    let found = complaints $"def a0 = 1\n{steps}\nclaim c show a60 = 1"
    Assert.Contains("more nodes than the limit", found.Head.Message)
    Assert.True(clock.Elapsed < TimeSpan.FromSeconds 30.0)

[<Fact>]
let ``A bomb of definitions with arguments`` () =
    let steps = [ for k in 1..60 -> $"def f{k}(x) = f{k - 1}(x + x)" ] |> String.concat "\n"
    let found = complaints $"def f0(x) = x\n{steps}\nclaim c show f60(1) = 1"
    Assert.Contains("more nodes than the limit", found.Head.Message)

[<Fact>]
let ``Terms of sums and enumerations`` () =
    edge (fun count -> $"claim c show sum(i in 1..{count}) i >= 0") Limits.terms "number of terms"
    edge (fun count -> $"claim c for n in 1..1 show sum(i in n..n*{count}) i >= 0") Limits.terms "number of terms"
    edge (fun count -> $"claim c show forall(i in 5..{count + 4}) i >= 0") Limits.terms "number of terms"
    elaborated "claim c show sum(h in bits[19]) 1 = 2^19" |> ignore
    complaints "claim c show sum(h in bits[20]) 1 = 2^20" |> ignore
    complaints "claim c show sum(h in bits[60]) 1 = 2^60" |> ignore
    complaints "claim c show sum(i in 1..10^12) i >= 0" |> ignore
    complaints "claim c for n in 1..5 show sum(f in map[2^n,3]) 1 >= 0" |> ignore
    complaints "claim c show sum(i in 1..10^(10^10)) i >= 0" |> ignore

[<Fact>]
let ``Matrix sides and vector lengths`` () =
    edge (fun count -> $"claim c let A : real[{count},1] show A = A") Limits.matrixSide "matrix side"
    edge (fun count -> $"claim c let A : psd[{count}] show A = A") Limits.matrixSide "matrix side"
    edge (fun count -> $"claim c let v : real[{count}] show v = v") Limits.vectorLength "vector length"
    edge (fun count -> $"claim c for n in 1..{count} show I(n) = I(n)") Limits.matrixSide "matrix side"
    complaints "claim c show kron(I(9), I(9)) = I(81)" |> ignore
    complaints "claim c show [i | i in 1..10^5] = [i | i in 1..10^5]" |> ignore

[<Fact>]
let ``Instances`` () =
    edge (fun count -> $"claim c for n in 1..{count} show n >= 1") Limits.instances "more instances"
    elaborated "claim c for n in 1..100, k in 1..100 show n + k >= 1" |> ignore
    complaints "claim c for n in 1..100, k in 1..101 show n + k >= 1" |> ignore
    complaints "claim c for n in 1..10^30 show n >= 1" |> ignore

/// Mutated texts: whatever stands there, the reader answers and does not throw.
[<Fact>]
let ``Mutated texts are answered`` () =
    let seed = IO.File.ReadAllText(IO.Path.Combine(AppContext.BaseDirectory, "examples.claim"))

    let pieces =
        [| "("
           ")"
           "["
           "]"
           "'"
           "^"
           "in"
           "sum("
           ".."
           "|"
           "if "
           "E["
           "claim "
           "def "
           "1e9"
           "\""
           "#"
           "∈"
           "\000"
           "😀"
           ":"
           ";" |]

    let random = Random 20260101

    for _ in 1..400 do
        let lines = seed.Split '\n'
        let text = Text.StringBuilder(lines[random.Next lines.Length])

        for _ in 1 .. random.Next(1, 5) do
            let at = random.Next(text.Length + 1)

            match random.Next 3 with
            | 0 -> text.Insert(at, pieces[random.Next pieces.Length]) |> ignore
            | 1 when at < text.Length -> text.Remove(at, min (random.Next 6) (text.Length - at)) |> ignore
            | _ -> text.Insert(at, seed.Substring(random.Next(seed.Length - 20), 12)) |> ignore

        let clock = Diagnostics.Stopwatch.StartNew()
        let file = Claims.Parse(text.ToString(), "mutant.claim")
        Assert.True(clock.ElapsedMilliseconds < 20000L, text.ToString())

        Assert.True(
            file.Claims.Count + file.Diagnostics.Count > 0 || String.IsNullOrWhiteSpace(text.ToString().Split('#')[0]),
            text.ToString()
        )
