namespace VerifyEnergy.Claims

open System
open System.Globalization
open System.Text

/// A place in a claim file: 1-based line and column, the column counted in UTF-16 units. Ordered by file, line, column.
[<Struct>]
type Position = { File: string; Line: int; Column: int }

/// One complaint about a claim file. `Text` is the source line without its end; `Suggestion` is "" when there is none.
type Diagnostic =
    { At: Position
      Text: string
      Message: string
      Suggestion: string }

    /// Three or four lines: place and message, the source line, a caret under the column, the suggestion.
    member this.Render() : string =
        let clipStart, shown =
            // A line of a megabyte is shown as a window around the column.
            if this.Text.Length <= 160 then
                0, this.Text
            else
                let start = max 0 (min (this.At.Column - 80) (this.Text.Length - 160))
                start, this.Text.Substring(start, 160)

        let text = StringBuilder()

        text
            .Append(this.At.File)
            .Append(':')
            .Append(this.At.Line)
            .Append(':')
            .Append(this.At.Column)
            .Append(": error: ")
            .Append(this.Message)
            .Append('\n')
            .Append("  ")
            .Append(shown)
            .Append('\n')
            .Append("  ")
        |> ignore

        for index in 0 .. this.At.Column - 2 - clipStart do
            text.Append(if index < shown.Length && shown[index] = '\t' then '\t' else ' ') |> ignore

        text.Append('^') |> ignore

        if this.Suggestion <> "" then
            text.Append('\n').Append("  did you mean ").Append(this.Suggestion).Append('?') |> ignore

        text.ToString()

/// The text of one file with its line starts. Line ends are normalised to \n, a byte-order mark is dropped.
type SourceText(file: string, raw: string) =
    let text =
        let unmarked = if raw.StartsWith '\uFEFF' then raw.Substring 1 else raw
        unmarked.Replace("\r\n", "\n").Replace('\r', '\n')

    let lineStarts =
        [| yield 0
           for index in 0 .. text.Length - 1 do
               if text[index] = '\n' then
                   yield index + 1 |]

    member _.File = file
    member _.Text = text

    /// The position of a character, 0 ≤ index ≤ length.
    member _.PositionAt(index: int) : Position =
        let found = Array.BinarySearch(lineStarts, index)
        let line = if found >= 0 then found else ~~~found - 1

        { File = file; Line = line + 1; Column = index - lineStarts[line] + 1 }

    /// The source line of that 1-based number; "" beyond the end.
    member _.Line(number: int) : string =
        if number < 1 || number > lineStarts.Length then
            ""
        else
            let start = lineStarts[number - 1]

            let stop = if number < lineStarts.Length then lineStarts[number] - 1 else text.Length

            text.Substring(start, stop - start)

    member this.Diagnose(at: Position, message: string, suggestion: string) : Diagnostic =
        { At = at; Text = this.Line at.Line; Message = message; Suggestion = suggestion }

module internal Spelling =
    /// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
    let distance (a: string) (b: string) : int =
        let table = Array2D.zeroCreate (a.Length + 1) (b.Length + 1)

        for i in 0 .. a.Length do
            table[i, 0] <- i

        for j in 0 .. b.Length do
            table[0, j] <- j

        for i in 1 .. a.Length do
            for j in 1 .. b.Length do
                let replace = table[i - 1, j - 1] + (if a[i - 1] = b[j - 1] then 0 else 1)
                let best = min replace (1 + min table[i - 1, j] table[i, j - 1])

                table[i, j] <-
                    if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                        min best (table[i - 2, j - 2] + 1)
                    else
                        best

        table[a.Length, b.Length]

    /// The known name nearest to `name`, quoted; "" when none is near enough to be a slip of the pen. A name of one letter
    /// is near to its other case only.
    let suggest (known: seq<string>) (name: string) : string =
        let reach =
            if name.Length = 1 then 0
            elif name.Length = 2 then 1
            else min 3 (1 + name.Length / 3)

        let steps (candidate: string) =
            let exact = distance candidate name
            let folded = distance (candidate.ToLowerInvariant()) (name.ToLowerInvariant())
            min exact folded

        if name.Length > 64 then
            ""
        else
            known
            |> Seq.distinct
            |> Seq.filter (fun candidate -> candidate <> name && abs (candidate.Length - name.Length) <= reach)
            |> Seq.map (fun candidate -> struct (steps candidate, candidate))
            |> Seq.filter (fun struct (count, candidate) -> count <= reach && (count = 0 || count < candidate.Length))
            |> Seq.sort
            |> Seq.tryHead
            |> function
                | Some struct (_, candidate) -> $"'{candidate}'"
                | None -> ""

    let private greek =
        let names =
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho final sigma tau upsilon phi chi psi omega"
                .Split
                ' '

        dict
            [ for index in 0 .. names.Length - 1 do
                  let name = if names[index] = "final" then "sigma" else names[index]
                  yield char (0x3B1 + index), name

                  if names[index] <> "final" then
                      yield char (0x391 + index), string (Char.ToUpperInvariant name[0]) + name.Substring 1

              yield 'ϕ', "phi"
              yield 'ϵ', "epsilon" ]

    /// Greek letters by their Latin names, so that `Σ` and `Sigma` are one name.
    let latin (identifier: string) : string =
        if identifier |> Seq.forall (fun letter -> letter < '\u0370') then
            identifier
        else
            let text = StringBuilder()

            for letter in identifier do
                match greek.TryGetValue letter with
                | true, name -> text.Append name |> ignore
                | _ -> text.Append letter |> ignore

            text.ToString()

    let isNameStart (letter: char) = Char.IsLetter letter || letter = '_'

    let isNamePart (letter: char) =
        Char.IsLetterOrDigit letter
        || letter = '_'
        || CharUnicodeInfo.GetUnicodeCategory letter = UnicodeCategory.NonSpacingMark

    /// "a, b or c".
    let alternatives (words: string list) : string =
        match List.rev words with
        | [] -> ""
        | [ only ] -> only
        | last :: front -> String.Join(", ", List.rev front) + " or " + last
