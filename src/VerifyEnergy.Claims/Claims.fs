namespace VerifyEnergy.Claims

open System
open System.Collections.Generic
open System.Text
open System.Threading
open VerifyEnergy.Kernel

/// The content of a file that a claim file asks for, or why it cannot be had.
[<RequireQualifiedAccess>]
type Fetched =
    | Found of Content: byte[]
    | Missing of Reason: string

/// One claim of a file, as far as it is one.
[<RequireQualifiedAccess>]
type ParsedClaim =
    | Elaborated of Claim: ElaboratedClaim
    | IllTyped of Claim: IllTypedClaim

    member this.Heading: Heading =
        match this with
        | Elaborated claim -> claim.Heading
        | IllTyped claim -> claim.Heading

    member this.Expect: Expectation =
        match this with
        | Elaborated claim -> claim.Expect
        | IllTyped claim -> claim.Expect

    member this.Match(elaborated: Func<ElaboratedClaim, 'Result>, illTyped: Func<IllTypedClaim, 'Result>) : 'Result =
        match this with
        | Elaborated claim -> elaborated.Invoke claim
        | IllTyped claim -> illTyped.Invoke claim

/// What a file holds. Claims with errors are left out; their errors are in `Diagnostics`, in order of position.
type ParsedFile = { File: string; Claims: IReadOnlyList<ParsedClaim>; Diagnostics: IReadOnlyList<Diagnostic> }

/// Claim files as text to elaborated claims. Opens no file itself and throws nothing for any text.
[<AbstractClass; Sealed>]
type Claims =
    /// The path that `path`, written in `file`, means: relative to the folder of `file`, without "." and "..".
    /// "" when the path is absolute or leaves the tree that `file` is named in.
    static member ResolvePath(file: string, path: string) : string =
        let isAbsolute = path.StartsWith '/' || path.StartsWith '\\' || path.Contains ':' || path.Contains '\\'

        if isAbsolute || path.Trim() = "" then
            ""
        else
            let normal = file.Replace('\\', '/')
            let folder = normal.Substring(0, normal.LastIndexOf '/' + 1)
            let rooted = folder.StartsWith '/'
            let steps = Stack<string>()
            let mutable left = false

            for step in (folder + path).Split('/', StringSplitOptions.RemoveEmptyEntries) do
                match step with
                | "." -> ()
                | ".." -> if steps.Count = 0 then left <- true else steps.Pop() |> ignore
                | _ -> steps.Push step

            if left then "" else (if rooted then "/" else "") + String.Join("/", Seq.rev steps)

    /// Reads the claims of one file.
    /// `text`: its content; `file`: its name, as messages show it and as relative paths start from.
    /// `resolve` and `data` fetch an imported claim file and a table by (importing file, path as written there); the caller
    /// keeps them inside its folder tree. Several errors are found in one run.
    static member Parse
        (text: string, file: string, resolve: Func<string, string, Fetched>, data: Func<string, string, Fetched>)
        : ParsedFile =
        let read () =
            let sources = Dictionary<string, SourceText>()
            let diagnostics = ResizeArray<Diagnostic>()
            let root = SourceText(file, text)
            sources[file] <- root

            let lookup name =
                match sources.TryGetValue name with
                | true, source -> Some source
                | _ -> None

            let table (from: string) (path: string) =
                if Claims.ResolvePath(from, path) = "" then
                    Error $"data \"{path}\": the path leaves the folder of claims"
                else
                    match data.Invoke(from, path) with
                    | Fetched.Found content -> Tables.read path content
                    | Fetched.Missing reason -> Error $"data \"{path}\": {reason}"

            // Definitions of imports, each file once, before those of the file that imports them.
            let rec imported (ancestors: string list) (source: SourceText) (parsed: Parser.File) : Definition list =
                let inner =
                    [ for at, path in parsed.Imports do
                          let target = Claims.ResolvePath(source.File, path)

                          let complain message = diagnostics.Add(source.Diagnose(at, $"import \"{path}\": {message}", ""))

                          if target = "" then
                              complain "the path leaves the folder of claims"
                          elif List.contains target ancestors then
                              complain "the file imports itself, directly or through others"
                          elif not (sources.ContainsKey target) then
                              if sources.Count > Limits.imports then
                                  complain $"more than {Limits.imports} files are imported"
                              else
                                  match resolve.Invoke(source.File, path) with
                                  | Fetched.Missing reason -> complain reason
                                  | Fetched.Found content ->
                                      let next = SourceText(target, Encoding.UTF8.GetString content)
                                      sources[target] <- next
                                      let file = Parser.parse next
                                      diagnostics.AddRange file.Diagnostics
                                      yield! imported (target :: ancestors) next file ]

                inner @ parsed.Definitions

            let parsed = Parser.parse root
            diagnostics.AddRange parsed.Diagnostics
            let definitions = imported [ Claims.ResolvePath("", file); file ] root parsed
            let session () = Session(lookup, table)
            let shared = session ()
            let names = Reading.bindings shared definitions
            let claims = ResizeArray<ParsedClaim>()
            let ids = HashSet<string>()
            let broken = shared.Diagnostics.Count + diagnostics.Count > List.length parsed.Diagnostics

            for draft in parsed.Drafts do
                let claim = draft.Claim

                if not (ids.Add claim.Id) then
                    diagnostics.Add(root.Diagnose(claim.At, $"a claim '{claim.Id}' stands above already", ""))

                // Clauses that could not be read, or definitions that are missing, would only bring errors that follow.
                if draft.Sound && not broken then
                    let own = session ()
                    let outcome = Reading.claim own definitions names claim
                    diagnostics.AddRange own.Diagnostics
                    shared.Used.UnionWith own.Used

                    match outcome with
                    | Reading.Outcome.Elaborated found -> claims.Add(ParsedClaim.Elaborated found)
                    | Reading.Outcome.IllTyped found -> claims.Add(ParsedClaim.IllTyped found)
                    | Reading.Outcome.Invalid -> ()

            if not broken then
                Reading.unusedDefinitions shared (fun _ -> true) names

            diagnostics.AddRange shared.Diagnostics

            { File = file
              Claims = claims
              Diagnostics = diagnostics |> Seq.sortBy (fun diagnostic -> diagnostic.At) |> ResizeArray }

        // Recursion is capped (Limits), and this stack holds what the caps allow.
        let mutable result: Result<ParsedFile, exn> = Error(InvalidOperationException())

        let thread =
            Thread(
                (fun () ->
                    result <-
                        try
                            Ok(read ())
                        with problem ->
                            Error problem),
                256 * 1024 * 1024
            )

        thread.Start()
        thread.Join()

        match result with
        | Ok file -> file
        | Error problem ->
            // A defect of this reader, not of the text: handed on with its trace.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(problem).Throw()

            { File = file; Claims = [||]; Diagnostics = [||] }

    /// Reads claims that import nothing and ask for no data.
    static member Parse(text: string, file: string) : ParsedFile =
        let nothing = Func<string, string, Fetched>(fun _ _ -> Fetched.Missing "no files are at hand")

        Claims.Parse(text, file, nothing, nothing)
