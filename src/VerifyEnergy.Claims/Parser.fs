namespace VerifyEnergy.Claims

open System
open FParsec

/// Files into claims: each clause is parsed by itself, so one error leaves the other clauses readable.
module internal Parser =
    type private Position = VerifyEnergy.Claims.Position

    // Messages

    let private collect (error: ParserError) : string list * string list * int64 =
        let expected = ResizeArray<string>()
        let said = ResizeArray<string>()
        let mutable furthest = error.Position.Index

        let rec visit (index: int64) (messages: ErrorMessageList) =
            for message in ErrorMessageList.ToSortedArray messages do
                match message with
                | NestedError(position, _, inner)
                | CompoundError(_, position, _, inner) when position.Index > furthest ->
                    furthest <- position.Index
                    expected.Clear()
                    visit position.Index inner
                | NestedError(_, _, inner) -> visit index inner
                | CompoundError(text, _, _, _)
                | Expected text -> expected.Add text
                | ExpectedString text -> expected.Add $"'{text}'"
                | Message text -> said.Add text
                | _ -> ()

        visit furthest error.Messages
        List.ofSeq (Seq.distinct expected), List.ofSeq (Seq.distinct said), furthest

    let private describe (source: SourceText) (segment: Segment) (error: ParserError) : Diagnostic =
        let expected, said, index = collect error
        let text = source.Text
        let index = int (min (int64 segment.Stop) index)

        // An error at the end of a clause is shown behind its last character, not at the next clause word.
        let atEnd = text.Substring(index, segment.Stop - index) |> String.IsNullOrWhiteSpace

        let wordAt =
            let mutable stop = index

            while stop < segment.Stop && Spelling.isNamePart text[stop] do
                stop <- stop + 1

            text.Substring(index, stop - index)

        let found =
            if atEnd then $"the '{segment.Word}' clause ends too early"
            elif Words.reserved.Contains wordAt then $"'{wordAt}' is a reserved word"
            elif wordAt <> "" then $"unexpected '{wordAt}'"
            else $"unexpected '{text[index]}'"

        let wanted =
            match expected with
            | [] -> ""
            | _ -> "; expected " + Spelling.alternatives expected

        let message =
            match said with
            | [] -> found + wanted
            | first :: _ -> first

        let shown =
            if not atEnd then
                index
            else
                let mutable last = index

                while last > segment.Start && Char.IsWhiteSpace text[last - 1] do
                    last <- last - 1

                last

        let suggestion =
            if wordAt = "" then
                ""
            elif segment.Word = "expect" then
                Spelling.suggest (Words.verdicts @ Words.clauses @ [ "holds" ]) wordAt
            else
                Spelling.suggest (Words.clauses @ Set.toList Words.reserved) wordAt

        source.Diagnose(source.PositionAt shown, message, suggestion)

    let private parseClause (source: SourceText) (segment: Segment) : Result<Grammar.Parsed, Diagnostic> =
        let state: Grammar.State = { Source = source; Nesting = ref 0 }

        let whole = Grammar.blank >>. Grammar.clause segment .>> (eof <?> "the next clause")

        use stream = new CharStream<Grammar.State>(source.Text, segment.Start, segment.Stop - segment.Start, int64 segment.Start)

        stream.UserState <- state
        let reply = whole stream

        if reply.Status = Ok then
            Result.Ok reply.Result
        else
            let error = ParserError(stream.Position, state, reply.Error)
            Result.Error(describe source segment error)

    /// Ids name folders and addresses: ASCII letters and digits, in groups joined by single hyphens.
    let private isKebab (id: string) =
        id.Split '-' |> Array.forall (fun group -> group <> "" && group |> Seq.forall Char.IsAsciiLetterOrDigit)

    /// A claim as far as it could be read; `Sound` when each of its clauses could.
    type Draft = { Claim: SurfaceClaim; Sound: bool }

    type File =
        { Imports: (Position * string) list
          Definitions: Definition list
          Drafts: Draft list
          Diagnostics: Diagnostic list }

    /// Reads a file: all claims and all complaints; nothing is thrown.
    let parse (source: SourceText) : File =
        let empty diagnostics = { Imports = []; Definitions = []; Drafts = []; Diagnostics = diagnostics }

        if source.Text.Length > Limits.fileLength then
            let at = { File = source.File; Line = 1; Column = 1 }

            empty [ source.Diagnose(at, $"the file has {source.Text.Length} characters; the limit is {Limits.fileLength} characters", "") ]
        else
            match Scanner.scan source with
            | Result.Error diagnostics -> empty diagnostics
            | Result.Ok(segments, strays) ->
                let diagnostics = ResizeArray strays
                let imports = ResizeArray()
                let definitions = ResizeArray()
                let drafts = ResizeArray<Draft>()
                let mutable current: (Position * string * ResizeArray<Clause>) option = None
                let mutable sound = true
                let mutable orphaned = false

                let close () =
                    match current with
                    | Some(position, id, clauses) ->
                        drafts.Add { Claim = { At = position; Id = id; Clauses = List.ofSeq clauses }; Sound = sound }
                    | None -> ()

                    current <- None
                    sound <- true

                for segment in segments do
                    let complain message =
                        sound <- false

                        diagnostics.Add(source.Diagnose(source.PositionAt segment.WordStart, message, ""))

                    if segment.Word = "claim" then
                        close ()
                        orphaned <- false

                    match parseClause source segment with
                    | Result.Error diagnostic ->
                        sound <- false
                        diagnostics.Add diagnostic

                        if segment.Word = "claim" then
                            orphaned <- true
                    | Result.Ok(Grammar.Parsed.Header(position, id)) when not (isKebab id) ->
                        orphaned <- true
                        diagnostics.Add(source.Diagnose(position, $"the claim id '{id}' is not kebab-case, such as 'trace-product'", ""))
                    | Result.Ok(Grammar.Parsed.Header(position, id)) -> current <- Some(position, id, ResizeArray())
                    | Result.Ok(Grammar.Parsed.Import(position, path)) ->
                        if current.IsSome || orphaned then
                            complain "an import stands before the first claim"
                        else
                            imports.Add(position, path)
                    | Result.Ok(Grammar.Parsed.Clause clause) ->
                        match current, clause with
                        | Some(_, _, clauses), _ -> clauses.Add clause
                        | None, _ when orphaned -> ()
                        | None, Clause.Define definition -> definitions.Add definition
                        | None, _ -> complain $"a '{segment.Word}' clause stands inside a claim"

                close ()

                { Imports = List.ofSeq imports
                  Definitions = List.ofSeq definitions
                  Drafts = List.ofSeq drafts
                  Diagnostics = List.ofSeq diagnostics }
