namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// From surface terms to core expressions: names are resolved, definitions expanded where they stand (lexically, so no
/// index of the place of use can catch a name of the definition), kinds checked.
module internal Elaborate =
    open KindRules

    /// Deeper recursion than any tree within the cap needs: the claim's depth is beyond the cap for certain.
    let private recursion = 10 * Limits.depth

    let private nothing = Expr.Number Rational.Zero

    let private absurd = Prop.Compare(Relation.Equal, nothing, nothing)

    let private statistics = [ "E"; "Var"; "Cov"; "P" ]

    let private propositions = [ "psd"; "pd"; "symmetric" ]

    let private derivatives = [ "grad"; "hessian"; "jacobian" ]

    let private knownNames (context: Context) =
        Seq.concat
            [ context.Names |> Map.toSeq |> Seq.map fst
              Functions.all |> Seq.map (fun entry -> entry.Name)
              Seq.ofList (statistics @ propositions @ derivatives @ [ "pdf"; "law"; "data"; "i"; "pi" ]) ]

    let private unknownName (session: Session) (context: Context) at name =
        let message =
            if List.contains name statistics then
                $"'{name}' takes square brackets: {name}[…]"
            elif List.contains name derivatives || List.contains name propositions || name = "pdf" then
                $"'{name}' is a function: write {name}(…)"
            elif List.contains name Words.domains then
                $"'{name}' is a domain; declare an object in it with 'let'"
            else
                $"unknown name '{name}'"

        session.Complain(context, at, message, Spelling.suggest (knownNames context) name)

    let private deeper (context: Context) at =
        if context.Depth > recursion then
            raise (Outgrown(at, $"the claim's expressions are deeper than the limit of {Limits.depth}"))

        { context with Depth = context.Depth + 1 }

    let rec term (session: Session) (outer: Context) (found: Term) : Expr * Kind =
        let context = deeper outer found.At
        let at = found.At
        session.Count(at, 1)

        match found.Node with
        | Node.Number value -> Expr.Number value, Kind.scalar
        | Node.Name name -> nameTerm session context at name
        | Node.Call(callee, arguments) -> callTerm session context at callee arguments
        | Node.Negate inner ->
            match term session context inner with
            | Expr.Number value, kind -> Expr.Number(-value), kind
            | expr, kind -> Expr.Apply("neg", [ expr ]), pairwise session at kind kind
        | Node.Binary(operator, left, right) -> binaryTerm session context at operator left right
        | Node.Adjoint inner ->
            let expr, kind = term session context inner

            let adjoint =
                match kind with
                | Kind.Value value ->
                    let shape =
                        match value.Shape with
                        | SizedShape.Scalar -> SizedShape.Scalar
                        | SizedShape.Column size -> SizedShape.Row size
                        | SizedShape.Row size -> SizedShape.Column size
                        | SizedShape.Matrix(rows, columns) -> SizedShape.Matrix(columns, rows)

                    Kind.Value { value with Shape = shape; Stochastic = false }
                | Kind.Map _ -> pairwise session at kind kind
                | Kind.Unknown -> Kind.Unknown

            Expr.Apply("'", [ expr ]), adjoint
        | Node.Index({ Node = Node.Name name }, subscripts) when ProbabilityTerms.isUnbound context name && List.contains name statistics ->
            ProbabilityTerms.statistic (descent ()) session context at name subscripts
        | Node.Index(inner, subscripts) -> ArrayTerms.index (descent ()) session context at inner subscripts
        | Node.Literal rows -> ArrayTerms.literal (descent ()) session context at rows
        | Node.Comprehension(body, binders) -> ArrayTerms.table (descent ()) session context at body binders
        | Node.Fold(fold, binders, body) ->
            let inside, core, random = DomainTerms.bind (descent ()) session context true binders
            let expr, kind = term session inside body

            match fold, kind with
            | Fold.Product, Kind.Value { Shape = SizedShape.Matrix _ } -> wantSquare session body.Start "a square matrix" kind |> ignore
            | Fold.Product, Kind.Value { Shape = (SizedShape.Column _ | SizedShape.Row _) }
            | _, Kind.Map _ -> session.Clash(body.Start, session.KindText kind, "a scalar")
            | (Fold.Sum | Fold.Product), _ -> ()

            Expr.Fold(fold, core, expr), withRandomness random kind
        | Node.If(condition, chosen, otherwise) ->
            let prop, random = formula session context condition
            let yes, yesKind = term session context chosen
            let no, noKind = term session context otherwise

            Expr.If(prop, yes, no), withRandomness random (pairwise session otherwise.Start yesKind noKind)
        | Node.Data path ->
            match session.Data(at, path) with
            | Error message ->
                session.Complain(context, at, message, "")
                nothing, Kind.Unknown
            | Ok values ->
                let rows, columns = Array2D.length1 values, Array2D.length2 values
                session.Count(at, rows * columns)

                let shape =
                    if columns = 1 then SizedShape.Column(Size.ofInt rows)
                    elif rows = 1 then SizedShape.Row(Size.ofInt columns)
                    else SizedShape.Matrix(Size.ofInt rows, Size.ofInt columns)

                capShape session at shape

                let literal = [ for row in 0 .. rows - 1 -> [ for column in 0 .. columns - 1 -> Expr.Number values[row, column] ] ]

                Expr.Literal literal, Kind.real shape
        | Node.Compare _
        | Node.Approximately _
        | Node.Connect _
        | Node.Not _
        | Node.Quantify _ ->
            session.Clash(at, "a proposition", "a number, vector or matrix")
            nothing, Kind.Unknown

    and private descent () : Descent = { Term = term; Formula = formula }

    and private nameTerm (session: Session) (context: Context) (at: Position) (name: string) : Expr * Kind =
        match Map.tryFind name context.Names with
        | Some(Binding.Bound(variable, kind)) -> Expr.Variable variable, kind
        | Some(Binding.Replaced(expr, kind, nodes)) ->
            session.Count(at, nodes)
            expr, kind
        | Some(Binding.Defined(definition, names)) ->
            if definition.Parameters.IsEmpty then
                term session (expanding session context at definition names) definition.Body
            else
                session.Complain(
                    context,
                    at,
                    $"'{name}' is defined with {definition.Parameters.Length} arguments and stands here without",
                    ""
                )

                nothing, Kind.Unknown
        | None ->
            match name with
            | "i" -> Expr.ImaginaryUnit, Kind.Value { Kind.value SizedShape.Scalar with Complex = true }
            | "pi" -> Expr.Apply("pi", []), Kind.scalar
            | _ when (Functions.tryFind name).IsSome ->
                session.Complain(context, at, $"'{name}' is a function: write {name}(…)", "")
                nothing, Kind.Unknown
            | _ ->
                unknownName session context at name
                nothing, Kind.Unknown

    and private expanding (session: Session) (context: Context) at (definition: Definition) names =
        session.Used.Add definition.At |> ignore

        { context with Names = names; Expanding = (definition.Name, at) :: context.Expanding }

    /// The context of a definition's body at a call; None after a complaint.
    and private callDefinition (session: Session) (context: Context) at (definition: Definition) names (arguments: Term list) =
        if definition.Parameters.Length <> arguments.Length then
            session.Complain(context, at, $"'{definition.Name}' takes {definition.Parameters.Length} arguments, not {arguments.Length}", "")

            None
        else
            let names =
                List.zip definition.Parameters arguments
                |> List.fold
                    (fun names (parameter, argument) ->
                        let before = session.Nodes
                        let expr, kind = term session context argument
                        Map.add parameter (Binding.Replaced(expr, kind, session.Nodes - before)) names)
                    names

            Some(expanding session context at definition names)

    and private callTerm (session: Session) (context: Context) (at: Position) callee arguments =
        let evaluated () =
            arguments
            |> List.map (fun argument ->
                let expr, kind = term session context argument
                argument.Start, expr, kind)

        match Map.tryFind callee context.Names with
        | Some(Binding.Defined(definition, names)) ->
            match callDefinition session context at definition names arguments with
            | Some inside -> term session inside definition.Body
            | None -> nothing, Kind.Unknown
        | Some(Binding.Bound _ | Binding.Replaced _) ->
            let expr, kind = nameTerm session context at callee

            match kind, evaluated () with
            | Kind.Map _, [ place, point, pointKind ] ->
                wantScalar session place "a point of a map's domain" pointKind
                wantReal session place "a point of a map's domain" pointKind
                Expr.Apply("apply", [ expr; point ]), withRandomness (randomness pointKind) Kind.scalar
            | Kind.Map _, points ->
                session.Complain(context, at, $"a map takes 1 argument, not {points.Length}", "")
                nothing, Kind.Unknown
            | Kind.Unknown, _ -> nothing, Kind.Unknown
            | Kind.Value value, _ ->
                let hint =
                    if value.Shape.IsScalar then
                        "a map or function (a product is written with *)"
                    else
                        "a map or function"

                session.Clash(at, session.KindText kind, hint)
                nothing, Kind.Unknown
        | None when List.contains callee derivatives -> DerivativeTerms.derivative (descent ()) session context at callee arguments
        | None when callee = "pdf" -> ProbabilityTerms.density (descent ()) session context at arguments
        | None when callee = "law" ->
            session.Clash(at, "a law", "a number, vector or matrix (laws are compared with = alone)")
            nothing, Kind.Unknown
        | None when List.contains callee propositions ->
            session.Clash(at, "a proposition", "a number, vector or matrix")
            nothing, Kind.Unknown
        | None ->
            match Functions.tryFind callee with
            | ValueSome entry ->
                let found = evaluated ()
                let kind = Application.apply session context at entry found

                match kind with
                | Kind.Value { Shape = shape } -> capShape session at shape
                | Kind.Map _
                | Kind.Unknown -> ()

                Expr.Apply(callee, found |> List.map (fun (_, expr, _) -> expr)), kind
            | ValueNone ->
                unknownName session context at callee
                evaluated () |> ignore
                nothing, Kind.Unknown

    and private binaryTerm (session: Session) (context: Context) (at: Position) operator left right =
        let x, leftKind = term session context left
        let y, rightKind = term session context right

        match operator with
        | "+"
        | "-"
        | ".*" -> Expr.Apply(operator, [ x; y ]), pairwise session at leftKind rightKind
        | "*" -> Expr.Apply(operator, [ x; y ]), product session at leftKind rightKind
        | "/" ->
            wantScalar session right.Start "a scalar divisor" rightKind

            match x, y with
            // A quotient of numerals is a number, so that 1/10 and 0.1 are the same text.
            | Expr.Number a, Expr.Number b when not b.IsZero -> Expr.Number(a / b), Kind.scalar
            | _ ->
                let kind =
                    match leftKind, rightKind with
                    | Kind.Value a, Kind.Value b -> joined a b a.Shape
                    | _ -> pairwise session at leftKind rightKind

                Expr.Apply("/", [ x; y ]), kind
        | _ ->
            wantScalar session right.Start "a scalar exponent" rightKind
            session.Later(right.Start, Check.Exponent y, "", "")

            let kind =
                match leftKind, rightKind with
                | Kind.Value a, Kind.Value b ->
                    match a.Shape with
                    | SizedShape.Scalar -> joined a b SizedShape.Scalar
                    | SizedShape.Matrix _ ->
                        match wantSquare session left.Start "a square matrix" leftKind with
                        | Some _ -> joined a b a.Shape
                        | None -> Kind.Unknown
                    | SizedShape.Column _
                    | SizedShape.Row _ ->
                        session.Clash(left.Start, session.KindText leftKind, "a scalar or square matrix")
                        Kind.Unknown
                | _ -> pairwise session at leftKind rightKind

            Expr.Apply("^", [ x; y ]), kind

    /// A term of a proposition; outside of E, P, … it is no random object.
    and private settledTerm (session: Session) (context: Context) (found: Term) =
        let expr, kind = term session context found

        if not context.Probabilistic then
            wantConstant session found.At "a constant (random objects stand inside E, Var, Cov, P, law and pdf)" kind

        expr, kind

    and formula (session: Session) (outer: Context) (found: Term) : Prop * Randomness =
        let context = deeper outer found.At
        let at = found.At
        session.Count(at, 1)

        match found.Node with
        | Node.Compare(relation, left, right) when ProbabilityTerms.isLaw context left || ProbabilityTerms.isLaw context right ->
            let first = ProbabilityTerms.law (descent ()) session context left
            let second = ProbabilityTerms.law (descent ()) session context right

            match relation, first, second with
            | (Relation.Equal | Relation.NotEqual), Some(a, leftShape), Some(b, rightShape) ->
                agree session right.Start (Kind.value leftShape) (Kind.value rightShape)
                let same = Prop.SameLaw(a, b)
                (if relation = Relation.Equal then same else Prop.Not same), Randomness.Constant
            | (Relation.Equal | Relation.NotEqual), _, _ -> absurd, Randomness.Constant
            | _, _, _ ->
                session.Clash(at, "a law", "a number (laws are compared with = alone)")
                absurd, Randomness.Constant
        | Node.Compare(relation, left, right) ->
            let x, leftKind = settledTerm session context left
            let y, rightKind = settledTerm session context right

            match relation with
            | Relation.Equal
            | Relation.NotEqual -> pairwise session right.Start leftKind rightKind |> ignore
            | Relation.Less
            | Relation.LessEqual
            | Relation.Greater
            | Relation.GreaterEqual ->
                wantScalar session left.Start "a scalar (matrices are ordered by <<=)" leftKind
                wantScalar session right.Start "a scalar (matrices are ordered by <<=)" rightKind
            | Relation.Loewner ->
                wantSquare session left.Start "a square matrix" leftKind |> ignore
                wantSquare session right.Start "a square matrix" rightKind |> ignore
                pairwise session right.Start leftKind rightKind |> ignore

            Prop.Compare(relation, x, y), Randomness.join (randomness leftKind) (randomness rightKind)
        | Node.Approximately(left, right, tolerance, relative) ->
            let x, leftKind = settledTerm session context left
            let y, rightKind = settledTerm session context right
            pairwise session right.Start leftKind rightKind |> ignore
            let limit, _ = term session context tolerance

            let value =
                match Limits.evaluate (fun _ -> ValueNone) limit with
                | Limits.Value.Known value when value.Sign > 0 -> value
                | Limits.Value.Known _
                | Limits.Value.Huge
                | Limits.Value.Unknown ->
                    session.Complain(context, tolerance.Start, "a tolerance is a positive number", "")
                    Rational.One

            Prop.Approximately(x, y, value, relative), Randomness.join (randomness leftKind) (randomness rightKind)
        | Node.Connect(connective, left, right) ->
            let a, leftRandom = formula session context left
            let b, rightRandom = formula session context right

            let prop =
                match connective with
                | Connective.And -> Prop.And(a, b)
                | Connective.Or -> Prop.Or(a, b)
                | Connective.Implies -> Prop.Implies(a, b)
                | Connective.Iff -> Prop.Iff(a, b)

            prop, Randomness.join leftRandom rightRandom
        | Node.Not inner ->
            let prop, random = formula session context inner
            Prop.Not prop, random
        | Node.Quantify(quantifier, binders, body) ->
            let inside, core, random = DomainTerms.bind (descent ()) session context false binders
            let prop, bodyRandom = formula session inside body

            let quantified =
                match quantifier with
                | Quantifier.Forall -> Prop.Forall(core, prop)
                | Quantifier.Exists -> Prop.Exists(core, prop)

            quantified, Randomness.join random bodyRandom
        | Node.If(condition, chosen, otherwise) ->
            // `if c then p else q` of propositions: each guarded by the condition.
            let test, first = formula session context condition
            let yes, second = formula session context chosen
            // Elaborated twice, because it stands twice: the count of nodes is that of the tree.
            let again, _ = formula session context condition
            let no, third = formula session context otherwise

            Prop.And(Prop.Implies(test, yes), Prop.Implies(Prop.Not again, no)), Randomness.join first (Randomness.join second third)
        | Node.Call(callee, [ inner ]) when ProbabilityTerms.isUnbound context callee && List.contains callee propositions ->
            let expr, kind = settledTerm session context inner
            wantSquare session inner.Start $"a square matrix ('{callee}')" kind |> ignore

            let property =
                match callee with
                | "psd" -> Property.Psd
                | "pd" -> Property.Pd
                | _ -> Property.Symmetric

            Prop.Has(property, expr), randomness kind
        | Node.Call(callee, arguments) when ProbabilityTerms.isUnbound context callee && List.contains callee propositions ->
            session.Complain(context, at, $"'{callee}' takes 1 argument, not {arguments.Length}", "")
            absurd, Randomness.Constant
        | Node.Call(callee, arguments) ->
            match Map.tryFind callee context.Names with
            | Some(Binding.Defined(definition, names)) ->
                match callDefinition session context at definition names arguments with
                | Some inside -> formula session inside definition.Body
                | None -> absurd, Randomness.Constant
            | Some(Binding.Bound _ | Binding.Replaced _)
            | None -> notFormula session context found
        | Node.Name name ->
            match Map.tryFind name context.Names with
            | Some(Binding.Defined(definition, names)) when definition.Parameters.IsEmpty ->
                formula session (expanding session context at definition names) definition.Body
            | Some(Binding.Defined _ | Binding.Bound _ | Binding.Replaced _)
            | None -> notFormula session context found
        | Node.Number _
        | Node.Negate _
        | Node.Binary _
        | Node.Adjoint _
        | Node.Index _
        | Node.Literal _
        | Node.Comprehension _
        | Node.Fold _
        | Node.Data _ -> notFormula session context found

    and private notFormula (session: Session) (context: Context) found =
        let _, kind = term session context found

        if kind <> Kind.Unknown then
            session.Clash(found.At, session.KindText kind, "a proposition")

        absurd, Randomness.Constant

    let domain (session: Session) (context: Context) (found: SurfaceDomain) : Domain * Kind =
        DomainTerms.domainTerm (descent ()) session context found

    /// A definition that no claim uses: complaints about its names. Kinds of its parameters are not known.
    let unused (session: Session) (context: Context) (definition: Definition) : unit =
        let names =
            definition.Parameters
            |> List.fold
                (fun names parameter -> Map.add parameter (Binding.Bound(session.Fresh(parameter, true), Kind.Unknown)) names)
                context.Names

        let inside = { context with Names = names }

        match definition.Body.Node with
        | Node.Compare _
        | Node.Approximately _
        | Node.Connect _
        | Node.Not _
        | Node.Quantify _ -> formula session inside definition.Body |> ignore
        | Node.Call(callee, _) when List.contains callee propositions -> formula session inside definition.Body |> ignore
        | Node.Number _
        | Node.Name _
        | Node.Call _
        | Node.Negate _
        | Node.Binary _
        | Node.Adjoint _
        | Node.Index _
        | Node.Literal _
        | Node.Comprehension _
        | Node.Fold _
        | Node.If _
        | Node.Data _ -> term session inside definition.Body |> ignore
