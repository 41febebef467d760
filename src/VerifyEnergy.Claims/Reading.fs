namespace VerifyEnergy.Claims

open System
open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

/// What a claim is expected to come out as. Conditions are propositions over the integer parameters.
[<RequireQualifiedAccess>]
type Expectation =
    /// No `expect`: the claim is expected to hold.
    | Unstated
    /// One of the seven verdict words.
    | Verdict of Word: string
    | HoldsIff of Condition: Prop
    | HoldsIf of Condition: Prop

    member this.Match
        (unstated: Func<'Result>, verdict: Func<string, 'Result>, holdsIff: Func<Prop, 'Result>, holdsIf: Func<Prop, 'Result>)
        : 'Result =
        match this with
        | Unstated -> unstated.Invoke()
        | Verdict word -> verdict.Invoke word
        | HoldsIff condition -> holdsIff.Invoke condition
        | HoldsIf condition -> holdsIf.Invoke condition

/// What people wrote about a claim; absent texts are "".
type Heading = { Id: string; Title: string; Source: string; Note: string; Tags: IReadOnlyList<string>; Position: Position }

/// A claim that is a statement: kinds fit at every instance.
type ElaboratedClaim =
    {
        Heading: Heading
        Expect: Expectation
        /// The display name of each binder number; names in one scope differ.
        Names: IReadOnlyList<string>
        Core: Claim
        /// The claim as written, and the definitions it sees (imports first, each sees those before it).
        Surface: SurfaceClaim
        Definitions: IReadOnlyList<Definition>
        /// Canonical hash, 64 lowercase hexadecimal digits.
        Hash: string
        /// The core claim printed back with display names, one clause per line.
        Statement: string
        /// The same in LaTeX, without surrounding $.
        Latex: string
    }

/// A claim that is no statement: where and how kinds clash, first clash first.
type IllTypedClaim = { Heading: Heading; Expect: Expectation; Surface: SurfaceClaim; Clashes: IReadOnlyList<Clash> }

/// Elaborates the claims of one file.
module internal Reading =
    type private Range = VerifyEnergy.Kernel.Range

    let private instanceText (names: IReadOnlyList<string>) (parameters: Parameter list) (values: BigInteger[]) =
        parameters |> List.mapi (fun index parameter -> $"{names[parameter.Variable]} = {values[index]}") |> String.concat ", "

    /// Evaluations of waiting checks over the grid; beyond that the checker finds a clash when it gets to the instance.
    let private checkBudget = 2_000_000

    /// Runs the waiting checks on every instance. Each check that fails speaks once, at its first instance.
    let private runChecks (session: Session) (parameters: Parameter list) (instances: BigInteger[] list) : unit =
        let index = parameters |> List.mapi (fun index parameter -> parameter.Variable, index) |> dict

        let complained = ResizeArray<Diagnostic>()
        let mutable spent = 0

        for struct (at, check, clash) in session.Checks do
            let fails (values: BigInteger[]) : (string * bool) option =
                let lookup variable =
                    match index.TryGetValue variable with
                    | true, found -> ValueSome values[found]
                    | _ -> ValueNone

                let value expr = Limits.evaluate lookup expr

                match check with
                | Check.Same(left, right) ->
                    match value left.Expr, value right.Expr with
                    | Limits.Value.Known a, Limits.Value.Known b -> if a = b then None else Some("", true)
                    | _ -> None
                | Check.Positive expr ->
                    match value expr with
                    | Limits.Value.Known a when a.IsInteger && a.Sign > 0 -> None
                    | Limits.Value.Known _ -> Some("", true)
                    | Limits.Value.Huge
                    | Limits.Value.Unknown -> None
                | Check.AtMost(expr, cap, what) ->
                    match value expr with
                    | Limits.Value.Known a when a.Abs > Rational.OfInt cap -> Some($"the {what} is {a}; the limit is {cap}", false)
                    | Limits.Value.Huge -> Some($"the {what} is beyond the limit of {cap}", false)
                    | Limits.Value.Known _
                    | Limits.Value.Unknown -> None
                | Check.Exponent expr ->
                    match value expr with
                    | Limits.Value.Known a when a.Abs > Rational.OfInt Limits.powerExponent ->
                        Some($"this exponent is beyond the limit of {Limits.powerExponent}", false)
                    | Limits.Value.Huge -> Some($"this exponent is beyond the limit of {Limits.powerExponent}", false)
                    | Limits.Value.Known _
                    | Limits.Value.Unknown -> None

            let dependsOnParameters =
                match check with
                | Check.Same(left, right) -> not (Numbering.variables left.Expr).IsEmpty || not (Numbering.variables right.Expr).IsEmpty
                | Check.Positive expr
                | Check.AtMost(expr, _, _)
                | Check.Exponent expr -> not (Numbering.variables expr).IsEmpty

            let candidates = if dependsOnParameters then instances else List.truncate 1 instances

            let mutable remaining = candidates
            let mutable stop = false

            while not stop && not remaining.IsEmpty && spent < checkBudget do
                spent <- spent + 1

                match fails remaining.Head with
                | None -> remaining <- remaining.Tail
                | Some(message, isClash) ->
                    stop <- true

                    let instance = if dependsOnParameters then instanceText session.Names parameters remaining.Head else ""

                    if isClash then
                        session.Clashes.Add { clash with Instance = instance }
                    else
                        let place = if instance = "" then "" else $" (at {instance})"

                        complained.Add { At = at; Text = clash.Text; Message = message + place; Suggestion = "" }

        session.Diagnostics.AddRange complained

    let private emptyContext names = { Names = names; Probabilistic = false; Depth = 0; Expanding = [] }

    /// The environment of a file's definitions, each seeing those before it; complaints about names given twice.
    let bindings (session: Session) (definitions: Definition list) : Bindings =
        definitions
        |> List.fold
            (fun (names: Bindings) definition ->
                if names.ContainsKey definition.Name then
                    session.Complain(emptyContext names, definition.At, $"'{definition.Name}' is defined a second time", "")

                Map.add definition.Name (Binding.Defined(definition, names)) names)
            Map.empty

    /// Complaints about definitions among `names` that nothing used.
    let unusedDefinitions (session: Session) (chosen: Definition -> bool) (names: Bindings) : unit =
        try
            for KeyValue(_, binding) in names do
                match binding with
                | Binding.Defined(definition, inner) when chosen definition && not (session.Used.Contains definition.At) ->
                    // Complaints are wanted, clashes are not: without a use there are no kinds.
                    let clashes, checks = session.Clashes.Count, session.Checks.Count
                    Elaborate.unused session (emptyContext inner) definition
                    session.Clashes.RemoveRange(clashes, session.Clashes.Count - clashes)
                    session.Checks.RemoveRange(checks, session.Checks.Count - checks)
                | Binding.Defined _
                | Binding.Bound _
                | Binding.Replaced _ -> ()
        with Outgrown(at, message) ->
            session.Complain(emptyContext names, at, message, "")

    [<RequireQualifiedAccess>]
    type Outcome =
        | Elaborated of ElaboratedClaim
        | IllTyped of IllTypedClaim
        | Invalid

    /// One claim; its complaints are in the session.
    let claim (session: Session) (definitions: Definition list) (fileNames: Bindings) (found: SurfaceClaim) : Outcome =
        let mutable context = emptyContext fileNames
        let declared = HashSet<string>()
        let parameters = ResizeArray<Parameter>()
        let declarations = ResizeArray<Declaration>()
        let conclusions = ResizeArray<Prop>()
        let texts = Dictionary<string, string>()
        let tags = ResizeArray<string>()
        let expectations = ResizeArray<SurfaceExpectation>()

        let complain at message = session.Complain(context, at, message, "")

        let own at name =
            if not (declared.Add name) then
                complain at $"'{name}' is declared a second time"

        let bindName name binding = context <- { context with Names = Map.add name binding context.Names }

        let once key text =
            if not (texts.TryAdd(key, text)) then
                complain found.At $"a claim has one '{key}'"

        let parameter (binder: SurfaceBinder) =
            own binder.At binder.Name

            let integer (inner: Term) =
                let expr, kind = Elaborate.term session context inner

                match Size.ofExpr session.IsInteger expr with
                | Some _ -> ()
                | None when kind = Kind.Unknown -> ()
                | None -> session.Clash(inner.At, session.KindText kind, "an integer expression in earlier parameters")

                expr

            let range =
                match binder.Range with
                | SurfaceRange.Between(low, high) ->
                    let a = integer low
                    Some(Range.Between(a, integer high))
                | SurfaceRange.Among items -> Some(Range.Among(items |> List.map integer))
                | SurfaceRange.Within _
                | SurfaceRange.Fibre _ ->
                    complain binder.At $"a parameter ranges over integers: {binder.Name} in 1..4 or {binder.Name} in {{2, 3}}"

                    None

            let variable = session.Fresh(binder.Name, true)
            bindName binder.Name (Binding.Bound(variable, Kind.scalar))

            match range with
            | Some range -> parameters.Add { Variable = variable; Range = range }
            | None -> ()

        let clause (inner: Clause) =
            match inner with
            | Clause.Title text -> once "title" text
            | Clause.Source text -> once "source" text
            | Clause.Note text -> once "note" text
            | Clause.Tagged found -> tags.AddRange found
            | Clause.For binders -> List.iter parameter binders
            | Clause.Let groups ->
                for names, domain in groups do
                    let core, kind = Elaborate.domain session context domain

                    let isInteger =
                        match core with
                        | Domain.Plain((ScalarSet.Bit | ScalarSet.Spin | ScalarSet.Integer _), []) -> true
                        | _ -> false

                    for at, name in names do
                        own at name
                        let variable = session.Fresh(name, isInteger)
                        session.NoteDomain(variable, core)
                        bindName name (Binding.Bound(variable, kind))
                        declarations.Add(Declaration.Object(variable, core))
            | Clause.Define definition ->
                own definition.At definition.Name
                bindName definition.Name (Binding.Defined(definition, context.Names))
            | Clause.Where term ->
                let prop, _ = Elaborate.formula session context term
                declarations.Add(Declaration.Hypothesis prop)
            | Clause.Show term ->
                let prop, _ = Elaborate.formula session context term
                conclusions.Add prop
            | Clause.Expect expectation -> expectations.Add expectation

        let heading () =
            let text key =
                match texts.TryGetValue key with
                | true, value -> value
                | _ -> ""

            { Id = found.Id
              Title = text "title"
              Source = text "source"
              Note = text "note"
              Tags = tags
              Position = found.At }

        /// A condition of `expect`, renumbered behind the parameters it speaks of, and its place.
        let condition (term: Term) : Prop * Position =
            let prop, _ = Elaborate.formula session context term

            let shell: Claim = { Parameters = List.ofSeq parameters; Declarations = []; Conclusions = [ prop ] }

            let known = parameters |> Seq.map (fun parameter -> parameter.Variable) |> set

            if session.Diagnostics.Count > 0 || session.Clashes.Count > 0 then
                prop, term.At
            elif Set.isSubset (Numbering.free prop) known then
                let found, _, _ = Numbering.renumber (fun variable -> session.Names[variable]) shell
                found.Conclusions.Head, term.At
            else
                complain term.At "the condition of 'expect' is over the integer parameters alone"
                prop, term.At

        let expectation () : Expectation =
            match List.ofSeq expectations with
            | [] -> Expectation.Unstated
            | SurfaceExpectation.Verdict word :: _ -> Expectation.Verdict word
            | SurfaceExpectation.HoldsIff term :: _ -> Expectation.HoldsIff(fst (condition term))
            | SurfaceExpectation.HoldsIf term :: _ -> Expectation.HoldsIf(fst (condition term))

        /// Checks that need the grid: empty ranges, sizes, caps. The claim is numbered in order.
        let walk (core: Claim) (names: string[]) : unit =
            let hypotheses =
                core.Declarations
                |> List.choose (fun declaration ->
                    match declaration with
                    | Declaration.Hypothesis prop -> Some prop
                    | Declaration.Object _ -> None)

            match Limits.grid core.Parameters [] with
            | Limits.Grid.TooMany -> complain found.At $"the claim has more instances than the limit of {Limits.instances}"
            | Limits.Grid.NoIntegers variable -> complain found.At $"the range of '{names[variable]}' has no integer bounds"
            | Limits.Grid.Instances [] -> complain found.At "the parameters have an empty range"
            | Limits.Grid.Instances _ ->
                match Limits.grid core.Parameters hypotheses with
                | Limits.Grid.Instances [] -> complain found.At "the 'where' over the parameters leaves no instance"
                | Limits.Grid.Instances chosen -> runChecks session (List.ofSeq parameters) chosen
                | Limits.Grid.TooMany
                | Limits.Grid.NoIntegers _ -> ()

        let illTyped expect =
            Outcome.IllTyped
                { Heading = heading ()
                  Expect = expect
                  Surface = found
                  Clashes = session.Clashes |> Seq.distinct |> Seq.sortBy (fun clash -> clash.At) |> ResizeArray }

        try
            List.iter clause found.Clauses

            if conclusions.Count = 0 then
                complain found.At $"the claim '{found.Id}' has no 'show'"

            if expectations.Count > 1 then
                complain found.At "a claim has one 'expect'"

            let expect = expectation ()
            unusedDefinitions session (fun definition -> declared.Contains definition.Name) context.Names

            if session.Diagnostics.Count > 0 then
                Outcome.Invalid
            elif session.Clashes.Count > 0 then
                illTyped expect
            else
                let core, names, depth =
                    Numbering.renumber
                        (fun variable -> session.Names[variable])
                        { Parameters = List.ofSeq parameters
                          Declarations = List.ofSeq declarations
                          Conclusions = List.ofSeq conclusions }

                if depth > Limits.depth then
                    complain
                        found.At
                        $"with its definitions expanded the claim's deepest expression has depth {depth}; the limit is {Limits.depth}"
                else
                    walk core names

                if session.Diagnostics.Count > 0 then
                    Outcome.Invalid
                elif session.Clashes.Count > 0 then
                    illTyped expect
                else
                    let name variable = names[variable]

                    Outcome.Elaborated
                        { Heading = heading ()
                          Expect = expect
                          Names = names
                          Core = core
                          Surface = found
                          Definitions = ResizeArray definitions
                          Hash = Hash.ofClaim core
                          Statement = Print.claim name core
                          Latex = Latex.claim name session.IsComplex core }
        with Outgrown(at, message) ->
            complain at message
            Outcome.Invalid
