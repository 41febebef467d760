module VerifyEnergy.Claims.Tests.DocumentationTests

open System
open System.IO
open System.Text.RegularExpressions
open Xunit
open VerifyEnergy.Claims

let private page =
    lazy
        (Seq.unfold
            (fun (folder: DirectoryInfo | null) ->
                match folder with
                | null -> None
                | found -> Some(Path.Combine(found.FullName, "docs", "language.md"), found.Parent))
            (DirectoryInfo AppContext.BaseDirectory)
         |> Seq.find File.Exists
         |> File.ReadAllText)

[<Fact>]
let ``The examples of the language page of the documentation are statements`` () =
    let blocks = Regex.Matches(page.Value, "```claim\n(.*?)```", RegexOptions.Singleline)
    Assert.True(blocks.Count >= 4)

    for block in blocks do
        Reader.elaborated block.Groups[1].Value |> ignore

[<Fact>]
let ``The documented limits are the limits`` () =
    let rows =
        Regex.Matches(page.Value.Substring(page.Value.IndexOf "## Limits"), @"^\| ([^|]+) \| (\d+) \|$", RegexOptions.Multiline)
        |> Seq.map (fun row -> int row.Groups[2].Value)
        |> List.ofSeq

    let limits =
        [ Limits.fileLength
          Limits.bracketDepth
          Limits.nesting
          Limits.chainLength
          Limits.numeralLength
          Limits.decimalExponent
          Limits.powerExponent
          Limits.nameLength
          Limits.nodes
          Limits.depth
          Limits.terms
          Limits.matrixSide
          Limits.vectorLength
          Limits.instances
          Limits.imports ]

    Assert.Equal<int list>(limits, rows)

[<Fact>]
let ``The documented functions are the functions`` () =
    let table = FunctionTable.markdown ()
    Assert.True(page.Value.Contains table, "docs/language.md should hold this table:\n" + table)
