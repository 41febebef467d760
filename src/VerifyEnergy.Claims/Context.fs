namespace VerifyEnergy.Claims

open System
open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

/// Two kinds that do not fit: what stands there, what was meant, and at which instance they differ ("" at all of them).
type Clash =
    { At: Position
      Text: string
      Found: string
      Wanted: string
      Instance: string }

    /// "matrix 2×1 where a square matrix is meant, at n = 2".
    member this.Message: string =
        let place = if this.Instance = "" then "" else $", at {this.Instance}"
        $"{this.Found} where {this.Wanted} is meant{place}"

    /// The message with file, line, column and caret, as diagnostics are shown.
    member this.Render() : string =
        let diagnostic: Diagnostic = { At = this.At; Text = this.Text; Message = "ill-typed: " + this.Message; Suggestion = "" }

        diagnostic.Render()

/// What a name stands for.
[<RequireQualifiedAccess>]
type internal Binding =
    | Bound of Variable: int * Kind
    /// A definition with the names of the place where it stands.
    | Defined of Definition * Bindings
    /// A parameter of a definition that is being expanded, with its number of nodes.
    | Replaced of Expr * Kind * Nodes: int

and internal Bindings = Map<string, Binding>

/// Where elaboration stands.
type internal Context =
    {
        Names: Bindings
        /// Inside E, Var, Cov, P, law or pdf, where random objects may stand.
        Probabilistic: bool
        Depth: int
        /// The definitions being expanded, innermost first, with the place of use.
        Expanding: (string * Position) list
    }

/// The claim grew beyond a cap: nothing more of it is read.
exception internal Outgrown of at: Position * message: string

/// A test that waits until the parameters have values.
[<RequireQualifiedAccess>]
type internal Check =
    /// The sizes are equal.
    | Same of Size * Size
    /// The expression is an integer ≥ 1.
    | Positive of Expr
    /// The expression is at most the cap; `what` is what the message calls it.
    | AtMost of Expr * Cap: int * What: string
    /// The absolute value of an exponent is at most the cap.
    | Exponent of Expr

/// What is known of a claim while it is elaborated: binders, complaints, clashes and waiting checks.
type internal Session(sources: string -> SourceText option, data: string -> string -> Result<Rational[,], string>) =
    let names = ResizeArray<string>()
    let integers = HashSet<int>()
    let domains = Dictionary<int, Domain>()
    let diagnostics = ResizeArray<Diagnostic>()
    let clashes = ResizeArray<Clash>()
    let checks = ResizeArray<struct (Position * Check * Clash)>()
    let seen = HashSet<string>()
    let used = HashSet<Position>()
    let mutable nodes = 0

    let lineOf (at: Position) =
        match sources at.File with
        | Some source -> source.Line at.Line
        | None -> ""

    member _.Names = names
    member _.Diagnostics = diagnostics
    member _.Clashes = clashes
    member _.Checks = checks

    /// A new binder.
    member _.Fresh(name: string, isInteger: bool) : int =
        let variable = names.Count
        names.Add name

        if isInteger then
            integers.Add variable |> ignore

        variable

    /// Whether complex objects or the imaginary unit occur.
    member val IsComplex = false with get, set

    /// Definitions that were expanded, by their place.
    member _.Used = used

    member _.IsInteger(variable: int) : bool = integers.Contains variable

    member _.NoteDomain(variable: int, domain: Domain) : unit = domains[variable] <- domain

    member _.DomainOf(variable: int) : Domain option =
        match domains.TryGetValue variable with
        | true, found -> Some found
        | _ -> None

    member _.SizeText(size: Size) : string = Print.expr (fun variable -> names[variable]) size.Expr

    member this.KindText(kind: Kind) : string = Kind.text this.SizeText kind

    /// Counts nodes of the elaborated claim before they are made, so that a bomb of definitions ends at once.
    member _.Count(at: Position, more: int) : unit =
        nodes <- nodes + min more (Limits.nodes + 1)

        if nodes > Limits.nodes then
            raise (Outgrown(at, $"with its definitions expanded the claim has more nodes than the limit of {Limits.nodes}"))

    member _.Nodes = nodes

    member _.Complain(context: Context, at: Position, message: string, suggestion: string) : unit =
        let trail =
            match context.Expanding with
            | [] -> ""
            | (name, place) :: _ -> $" (in the definition of '{name}', used at {place.Line}:{place.Column})"

        if diagnostics.Count < 50 then
            diagnostics.Add { At = at; Text = lineOf at; Message = message + trail; Suggestion = suggestion }

    member _.ClashAt(at: Position, found: string, wanted: string, instance: string) : Clash =
        { At = at; Text = lineOf at; Found = found; Wanted = wanted; Instance = instance }

    member this.Clash(at: Position, found: string, wanted: string) : unit =
        if clashes.Count < 50 then
            clashes.Add(this.ClashAt(at, found, wanted, ""))

    /// Keeps a check for the grid; one that was kept before, or that holds by form, is dropped.
    member this.Later(at: Position, check: Check, found: string, wanted: string) : unit =
        let text = Print.expr Hash.name

        let key =
            match check with
            | Check.Same(left, right) -> if Size.same left right then "" else "=" + text left.Expr + "=" + text right.Expr
            | Check.Positive expr ->
                match expr with
                | Expr.Number value when value.IsInteger && value.Sign > 0 -> ""
                | _ -> "+" + text expr
            | Check.AtMost(expr, cap, what) -> $"<{cap} {what} {text expr}"
            | Check.Exponent expr ->
                match expr with
                | Expr.Number value when value.BitLength < 8L -> ""
                | _ -> "^" + text expr

        if key <> "" && seen.Add key then
            checks.Add(struct (at, check, this.ClashAt(at, found, wanted, "")))

    member _.Data(at: Position, path: string) : Result<Rational[,], string> = data at.File path
