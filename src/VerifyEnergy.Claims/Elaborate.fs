namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// From surface terms to core expressions: names are resolved, definitions expanded where they stand (lexically, so no
/// index of the place of use can catch a name of the definition), kinds checked.
module internal Elaborate =
    type private Range = VerifyEnergy.Kernel.Range

    /// Deeper recursion than any tree within the cap needs: the claim's depth is beyond the cap for certain.
    let private recursion = 10 * Limits.depth

    let private nothing = Expr.Number Rational.Zero
    let private absurd = Prop.Compare(Relation.Equal, nothing, nothing)

    let private statistics = [ "E"; "Var"; "Cov"; "P" ]
    let private propositions = [ "psd"; "pd"; "symmetric" ]
    let private derivatives = [ "grad"; "hessian"; "jacobian" ]
    let private laws = [ "law"; "normal"; "gaussian"; "wishart"; "chi2"; "uniform" ]

    let private knownNames (context: Context) =
        Seq.concat
            [ context.Names |> Map.toSeq |> Seq.map fst
              Functions.all |> Seq.map (fun entry -> entry.Name)
              Seq.ofList (statistics @ propositions @ derivatives @ [ "pdf"; "law"; "data"; "i"; "pi" ]) ]

    let private unknownName (session: Session) (context: Context) at name =
        let message =
            if List.contains name Words.domains then
                $"'{name}' is a domain; declare an object in it with 'let'"
            else
                $"unknown name '{name}'"

        session.Complain(context, at, message, Spelling.suggest (knownNames context) name)

    let private randomness kind =
        match kind with
        | Kind.Value found -> found.Random
        | Kind.Map _
        | Kind.Unknown -> Randomness.Constant

    let private sameSize (session: Session) at found wanted (left: Size) (right: Size) =
        session.Later(at, Check.Same(left, right), found, wanted)

    /// Shapes agree; sizes that differ by form wait for the grid.
    let private agree (session: Session) at (left: ValueKind) (right: ValueKind) : unit =
        let found = session.KindText(Kind.Value right)
        let wanted = "a " + session.KindText(Kind.Value left)
        let size = sameSize session at found wanted

        match left.Shape, right.Shape with
        | SizedShape.Scalar, SizedShape.Scalar -> ()
        | SizedShape.Column a, SizedShape.Column b
        | SizedShape.Row a, SizedShape.Row b -> size a b
        | SizedShape.Matrix(a, b), SizedShape.Matrix(c, d) ->
            size a c
            size b d
        | SizedShape.Scalar, _
        | SizedShape.Column _, _
        | SizedShape.Row _, _
        | SizedShape.Matrix _, _ -> session.Clash(at, found, wanted)

    let private joined (left: ValueKind) (right: ValueKind) shape : Kind =
        Kind.Value
            { Shape = shape
              Complex = left.Complex || right.Complex
              Random = Randomness.join left.Random right.Random
              Stochastic = false }

    /// Two values of one shape.
    let private pairwise (session: Session) at left right : Kind =
        match left, right with
        | Kind.Unknown, _
        | _, Kind.Unknown -> Kind.Unknown
        | Kind.Map _, _ ->
            session.Clash(at, session.KindText left, "a number, vector or matrix")
            Kind.Unknown
        | _, Kind.Map _ ->
            session.Clash(at, session.KindText right, "a number, vector or matrix")
            Kind.Unknown
        | Kind.Value a, Kind.Value b ->
            agree session at a b
            joined a b a.Shape

    let private product (session: Session) at left right : Kind =
        match left, right with
        | Kind.Value a, Kind.Value b ->
            let inner m k =
                sameSize
                    session
                    at
                    (session.KindText right)
                    $"a factor with {session.SizeText m} rows, after a {session.KindText left},"
                    m
                    k

            match a.Shape, b.Shape with
            | SizedShape.Scalar, shape
            | shape, SizedShape.Scalar -> joined a b shape
            | SizedShape.Row m, SizedShape.Column k ->
                inner m k
                joined a b SizedShape.Scalar
            | SizedShape.Column m, SizedShape.Row k -> joined a b (SizedShape.Matrix(m, k))
            | SizedShape.Matrix(n, m), SizedShape.Column k ->
                inner m k
                joined a b (SizedShape.Column n)
            | SizedShape.Row m, SizedShape.Matrix(k, p) ->
                inner m k
                joined a b (SizedShape.Row p)
            | SizedShape.Matrix(n, m), SizedShape.Matrix(k, p) ->
                inner m k
                joined a b (SizedShape.Matrix(n, p))
            | SizedShape.Column _, (SizedShape.Column _ | SizedShape.Matrix _)
            | SizedShape.Row _, SizedShape.Row _
            | SizedShape.Matrix _, SizedShape.Row _ ->
                session.Clash(at, session.KindText right, $"a right factor of a {session.KindText left}")
                Kind.Unknown
        | _ -> pairwise session at left right

    let private wantScalar (session: Session) at wanted kind : unit =
        match kind with
        | Kind.Unknown -> ()
        | Kind.Value { Shape = SizedShape.Scalar } -> ()
        | Kind.Value _
        | Kind.Map _ -> session.Clash(at, session.KindText kind, wanted)

    let private wantReal (session: Session) at wanted kind : unit =
        match kind with
        | Kind.Value { Complex = true } -> session.Clash(at, session.KindText kind, wanted)
        | Kind.Value _
        | Kind.Map _
        | Kind.Unknown -> ()

    let private wantConstant (session: Session) at wanted kind : unit =
        if randomness kind <> Randomness.Constant then
            session.Clash(at, session.KindText kind, wanted)

    /// Square matrix: its side, or None after a clash.
    let private wantSquare (session: Session) at wanted kind : Size option =
        match kind with
        | Kind.Unknown -> None
        | Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
            sameSize session at (session.KindText kind) wanted rows columns
            Some rows
        | Kind.Value _
        | Kind.Map _ ->
            session.Clash(at, session.KindText kind, wanted)
            None

    let private integerSize (session: Session) at (expr: Expr) kind : Size =
        match Size.ofExpr session.IsInteger expr with
        | Some size -> size
        | None ->
            if kind <> Kind.Unknown then
                session.Clash(at, session.KindText kind, "an integer expression in the parameters")

            Size.one

    // Functions of the registry

    let private signatureText (name: string) (signature: Signature) : string =
        let rec size pattern =
            match pattern with
            | SizePattern.Letter letter -> letter
            | SizePattern.Product(left, right) -> size left + "·" + size right
            | SizePattern.Fixed value -> string value
            | SizePattern.ValueOf index -> [| "x"; "y"; "z" |][min index 2]

        let pattern found =
            match found with
            | Pattern.Scalar -> "scalar"
            | Pattern.Integer -> "integer"
            | Pattern.Numeral value -> string value
            | Pattern.Vector n -> $"vector of length {size n}"
            | Pattern.Column n -> $"column of length {size n}"
            | Pattern.Square n -> $"square matrix {size n}×{size n}"
            | Pattern.Matrix(n, m) -> $"matrix {size n}×{size m}"
            | Pattern.Array -> "number, vector or matrix"
            | Pattern.Same -> "the same"
            | Pattern.Map(n, m) -> $"map {{1..{size n}}} → {{1..{size m}}}"

        let repeats = if signature.Repeats then ", …" else ""

        name + "(" + System.String.Join(", ", signature.Arguments |> List.map pattern) + repeats + ")"

    /// Whether a kind could meet a pattern, sizes left aside.
    let private couldMeet (pattern: Pattern) (expr: Expr) kind =
        match pattern, kind with
        | _, Kind.Unknown -> true
        | Pattern.Map _, Kind.Map _ -> true
        | Pattern.Map _, Kind.Value _ -> false
        | _, Kind.Map _ -> false
        | Pattern.Numeral value, Kind.Value _ -> expr = Expr.Number(Rational.OfInt value)
        | (Pattern.Scalar | Pattern.Integer), Kind.Value found -> found.Shape.IsScalar
        | Pattern.Vector _, Kind.Value found -> found.Shape.IsColumn || found.Shape.IsRow
        | Pattern.Column _, Kind.Value found -> found.Shape.IsColumn
        | (Pattern.Square _ | Pattern.Matrix _), Kind.Value found -> found.Shape.IsMatrix
        | (Pattern.Array | Pattern.Same), Kind.Value _ -> true

    let private patternText pattern =
        match pattern with
        | Pattern.Scalar -> "a scalar"
        | Pattern.Integer -> "an integer expression in the parameters"
        | Pattern.Numeral value -> $"the numeral {value}"
        | Pattern.Vector _ -> "a vector"
        | Pattern.Column _ -> "a column"
        | Pattern.Square _ -> "a square matrix"
        | Pattern.Matrix _ -> "a matrix"
        | Pattern.Array
        | Pattern.Same -> "a number, vector or matrix"
        | Pattern.Map _ -> "a map"

    let private applySignature
        (session: Session)
        (entry: Function)
        (signature: Signature)
        (arguments: (Position * Expr * Kind) list)
        : Kind =
        let sizes = System.Collections.Generic.Dictionary<string, Size>()

        let meet at kind wanted pattern (size: Size) =
            match pattern with
            | SizePattern.Letter letter ->
                match sizes.TryGetValue letter with
                | true, known -> sameSize session at (session.KindText kind) $"{wanted} of size {session.SizeText known}" known size
                | _ -> sizes[letter] <- size
            | SizePattern.Fixed value -> sameSize session at (session.KindText kind) $"{wanted} of size {value}" (Size.ofInt value) size
            // Products and values of arguments stand in results only.
            | SizePattern.Product _
            | SizePattern.ValueOf _ -> ()

        let patterns =
            if signature.Repeats then
                arguments |> List.map (fun _ -> signature.Arguments.Head)
            else
                signature.Arguments

        for pattern, (at, expr, kind) in List.zip patterns arguments do
            let wanted = patternText pattern

            if entry.Field = Field.NeedsReal then
                wantReal session at "a real value" kind

            match pattern, kind with
            | Pattern.Map(n, m), Kind.Map(from, into) ->
                meet at kind wanted n from
                meet at kind wanted m into
            | Pattern.Integer, Kind.Value _ ->
                session.Later(at, Check.Positive (integerSize session at expr kind).Expr, session.KindText kind, "a size ≥ 1")
            | Pattern.Square n, Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
                sameSize session at (session.KindText kind) wanted rows columns
                meet at kind wanted n rows
            | Pattern.Matrix(n, m), Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
                meet at kind wanted n rows
                meet at kind wanted m columns
            | Pattern.Vector n, Kind.Value { Shape = (SizedShape.Column size | SizedShape.Row size) }
            | Pattern.Column n, Kind.Value { Shape = SizedShape.Column size } -> meet at kind wanted n size
            // The shape was found fit by couldMeet; the rest has no sizes.
            | _, (Kind.Value _ | Kind.Map _ | Kind.Unknown) -> ()

        let rec size pattern =
            match pattern with
            | SizePattern.Letter letter ->
                match sizes.TryGetValue letter with
                | true, known -> known
                | _ -> Size.one
            | SizePattern.Product(left, right) -> Size.product (size left) (size right)
            | SizePattern.Fixed value -> Size.ofInt value
            | SizePattern.ValueOf index ->
                let at, expr, kind = List.item index arguments
                integerSize session at expr kind

        let unknown = arguments |> List.exists (fun (_, _, kind) -> kind = Kind.Unknown)

        let shape =
            match signature.Result with
            | Pattern.Scalar
            | Pattern.Integer
            | Pattern.Numeral _
            | Pattern.Map _ -> Some SizedShape.Scalar
            | Pattern.Vector n
            | Pattern.Column n -> if unknown then None else Some(SizedShape.Column(size n))
            | Pattern.Square n -> if unknown then None else Some(SizedShape.Matrix(size n, size n))
            | Pattern.Matrix(n, m) -> if unknown then None else Some(SizedShape.Matrix(size n, size m))
            | Pattern.Array
            | Pattern.Same ->
                match arguments with
                | (_, _, Kind.Value first) :: _ -> Some first.Shape
                | _ -> None

        match shape with
        | None -> Kind.Unknown
        | Some shape ->
            let complex =
                entry.Field = Field.Keeps
                && arguments
                   |> List.exists (fun (_, _, kind) ->
                       match kind with
                       | Kind.Value found -> found.Complex
                       | Kind.Map _
                       | Kind.Unknown -> false)

            Kind.Value
                { Shape = shape
                  Complex = complex
                  Random = arguments |> List.fold (fun sum (_, _, kind) -> Randomness.join sum (randomness kind)) Randomness.Constant
                  Stochastic = false }

    let private applyFunction (session: Session) (context: Context) at (entry: Function) (arguments: (Position * Expr * Kind) list) : Kind =
        let fits count (signature: Signature) = if signature.Repeats then count >= 1 else List.length signature.Arguments = count

        match entry.Signatures |> List.filter (fits arguments.Length) with
        | [] ->
            let forms = entry.Signatures |> List.map (signatureText entry.Name) |> Spelling.alternatives

            session.Complain(context, at, $"'{entry.Name}' does not take {arguments.Length} arguments: {forms}", "")
            Kind.Unknown
        | candidates ->
            let patterns (signature: Signature) =
                if signature.Repeats then
                    arguments |> List.map (fun _ -> signature.Arguments.Head)
                else
                    signature.Arguments

            let misfit signature =
                List.zip (patterns signature) arguments
                |> List.tryFind (fun (pattern, (_, expr, kind)) -> not (couldMeet pattern expr kind))

            match candidates |> List.tryFind (fun signature -> (misfit signature).IsNone) with
            | Some signature -> applySignature session entry signature arguments
            | None ->
                let misfits = candidates |> List.choose misfit
                let _, (place, _, kind) = misfits.Head

                let wanted = misfits |> List.map (fst >> patternText) |> List.distinct |> Spelling.alternatives

                session.Clash(place, session.KindText kind, $"{wanted} ('{entry.Name}')")
                Kind.Unknown

    // Terms

    let private deeper (context: Context) at =
        if context.Depth > recursion then
            raise (Outgrown(at, $"the claim's expressions are deeper than the limit of {Limits.depth}"))

        { context with Depth = context.Depth + 1 }

    let private isUnbound (context: Context) name = not (context.Names.ContainsKey name)

    let private isLaw (context: Context) (term: Term) =
        match term.Node with
        | Node.Name name
        | Node.Call(name, _)
        | Node.Index({ Node = Node.Name name }, _) -> List.contains name laws && isUnbound context name
        | _ -> false

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
        | Node.Index({ Node = Node.Name name }, subscripts) when isUnbound context name && List.contains name statistics ->
            statisticTerm session context at name subscripts
        | Node.Index(inner, subscripts) -> indexTerm session context at inner subscripts
        | Node.Literal rows -> literalTerm session context at rows
        | Node.Comprehension(body, binders) -> tableTerm session context at body binders
        | Node.Fold(fold, binders, body) ->
            let inside, core, random = bind session context true binders
            let expr, kind = term session inside body

            match fold, kind with
            | Fold.Product, Kind.Value { Shape = SizedShape.Matrix _ } -> wantSquare session body.At "a square matrix" kind |> ignore
            | Fold.Product, Kind.Value { Shape = (SizedShape.Column _ | SizedShape.Row _) }
            | _, Kind.Map _ -> session.Clash(body.At, session.KindText kind, "a scalar")
            | (Fold.Sum | Fold.Product), _ -> ()

            Expr.Fold(fold, core, expr), withRandomness random kind
        | Node.If(condition, chosen, otherwise) ->
            let prop, random = formula session context condition
            let yes, yesKind = term session context chosen
            let no, noKind = term session context otherwise

            Expr.If(prop, yes, no), withRandomness random (pairwise session otherwise.At yesKind noKind)
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

    and private withRandomness random kind =
        match kind with
        | Kind.Value value -> Kind.Value { value with Random = Randomness.join random value.Random; Stochastic = false }
        | Kind.Map _
        | Kind.Unknown -> kind

    and private capShape (session: Session) at (shape: SizedShape) : unit =
        let side (size: Size) = session.Later(at, Check.AtMost(size.Expr, Limits.matrixSide, "matrix side"), "", "")

        match shape with
        | SizedShape.Scalar -> ()
        | SizedShape.Column size
        | SizedShape.Row size -> session.Later(at, Check.AtMost(size.Expr, Limits.vectorLength, "vector length"), "", "")
        | SizedShape.Matrix(rows, columns) ->
            side rows
            side columns

    and private nameTerm (session: Session) (context: Context) (at: Position) (name: string) : Expr * Kind =
        match Map.tryFind name context.Names with
        | Some(Binding.Bound(variable, kind)) -> Expr.Variable variable, kind
        | Some(Binding.Replaced(expr, kind, nodes)) ->
            session.Count(at, nodes)
            expr, kind
        | Some(Binding.Defined(definition, names)) ->
            if definition.Parameters.IsEmpty then
                term session (expanding context at definition names) definition.Body
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

    and private expanding (context: Context) at (definition: Definition) names =
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

            Some(expanding context at definition names)

    and private callTerm (session: Session) (context: Context) (at: Position) callee arguments =
        let evaluated () =
            arguments
            |> List.map (fun argument ->
                let expr, kind = term session context argument
                argument.At, expr, kind)

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
        | None when List.contains callee derivatives -> derivativeTerm session context at callee arguments
        | None when callee = "pdf" -> densityTerm session context at arguments
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
                let kind = applyFunction session context at entry found

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
            wantScalar session right.At "a scalar divisor" rightKind

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
            wantScalar session right.At "a scalar exponent" rightKind
            session.Later(right.At, Check.Exponent y, "", "")

            let kind =
                match leftKind, rightKind with
                | Kind.Value a, Kind.Value b ->
                    match a.Shape with
                    | SizedShape.Scalar -> joined a b SizedShape.Scalar
                    | SizedShape.Matrix _ ->
                        match wantSquare session left.At "a square matrix" leftKind with
                        | Some _ -> joined a b a.Shape
                        | None -> Kind.Unknown
                    | SizedShape.Column _
                    | SizedShape.Row _ ->
                        session.Clash(left.At, session.KindText leftKind, "a scalar or square matrix")
                        Kind.Unknown
                | _ -> pairwise session at leftKind rightKind

            Expr.Apply("^", [ x; y ]), kind

    and private subscript
        (session: Session)
        (context: Context)
        (found: SurfaceSubscript)
        : Subscript * (Position * Size) option * Randomness =
        let index (inner: Term) =
            let expr, kind = term session context inner
            wantScalar session inner.At "an index" kind
            wantReal session inner.At "an index" kind
            expr, kind

        match found with
        | SurfaceSubscript.Whole -> Subscript.Whole, None, Randomness.Constant
        | SurfaceSubscript.At inner ->
            let expr, kind = index inner
            Subscript.At expr, None, randomness kind
        | SurfaceSubscript.Slice(first, last) ->
            let low, lowKind = index first
            let high, highKind = index last

            let span = Size.span (integerSize session first.At low lowKind) (integerSize session last.At high highKind)

            Subscript.Slice(low, high), Some(first.At, span), Randomness.Constant

    and private indexTerm (session: Session) (context: Context) (at: Position) inner subscripts =
        let expr, kind = term session context inner
        let found = subscripts |> List.map (subscript session context)
        let core = found |> List.map (fun (core, _, _) -> core)

        let random = found |> List.fold (fun sum (_, _, random) -> Randomness.join sum random) Randomness.Constant

        // The extent of a subscript: None a single entry, Some a vector of that length.
        let extent (core, size, _) whole =
            match core, size with
            | Subscript.At _, _ -> None
            | _, Some(_, span) -> Some span
            | _, None -> Some whole

        let result =
            match kind with
            | Kind.Unknown -> Kind.Unknown
            | Kind.Map _ ->
                session.Clash(at, session.KindText kind, "a vector or matrix (a map is applied: f(x))")
                Kind.Unknown
            | Kind.Value value ->
                let shaped shape = withRandomness random (Kind.Value { value with Shape = shape })

                match value.Shape, found with
                | SizedShape.Column size, [ one ] ->
                    match extent one size with
                    | None -> shaped SizedShape.Scalar
                    | Some length -> shaped (SizedShape.Column length)
                | SizedShape.Row size, [ one ] ->
                    match extent one size with
                    | None -> shaped SizedShape.Scalar
                    | Some length -> shaped (SizedShape.Row length)
                | SizedShape.Matrix(rows, columns), [ first; second ] ->
                    match extent first rows, extent second columns with
                    | None, None -> shaped SizedShape.Scalar
                    // Slices of one row or one column are vectors, and vectors are columns.
                    | Some length, None
                    | None, Some length -> shaped (SizedShape.Column length)
                    | Some height, Some width -> shaped (SizedShape.Matrix(height, width))
                | (SizedShape.Column _ | SizedShape.Row _), _ ->
                    session.Clash(at, session.KindText kind, $"an array with {found.Length} subscripts")
                    Kind.Unknown
                | SizedShape.Matrix _, _ ->
                    session.Clash(at, session.KindText kind, $"an array with {found.Length} subscripts")
                    Kind.Unknown
                | SizedShape.Scalar, _ ->
                    session.Clash(at, session.KindText kind, "a vector or matrix")
                    Kind.Unknown

        Expr.Entry(expr, core), result

    and private literalTerm (session: Session) (context: Context) (at: Position) rows =
        let found =
            rows
            |> List.map (
                List.map (fun entry ->
                    let expr, kind = term session context entry
                    entry.At, expr, kind)
            )

        let core = found |> List.map (List.map (fun (_, expr, _) -> expr))
        let all = List.concat found

        let values =
            all
            |> List.choose (fun (_, _, kind) ->
                match kind with
                | Kind.Value value -> Some value
                | Kind.Map _
                | Kind.Unknown -> None)

        for place, _, kind in all do
            match kind with
            | Kind.Map _ -> session.Clash(place, session.KindText kind, "a number, vector or matrix")
            | Kind.Value _
            | Kind.Unknown -> ()

        if values.Length < all.Length then
            Expr.Literal core, Kind.Unknown
        else
            let block kind : Size * Size =
                match kind with
                | Kind.Value { Shape = SizedShape.Column size } -> size, Size.one
                | Kind.Value { Shape = SizedShape.Row size } -> Size.one, size
                | Kind.Value { Shape = SizedShape.Matrix(height, width) } -> height, width
                | Kind.Value { Shape = SizedShape.Scalar }
                | Kind.Map _
                | Kind.Unknown -> Size.one, Size.one

            let total sizes = sizes |> List.reduce Size.sum

            let rowHeight row =
                let (_, _, first) = List.head row
                let height = fst (block first)

                for place, _, kind in List.tail row do
                    sameSize session place (session.KindText kind) $"a block with {session.SizeText height} rows" height (fst (block kind))

                height

            let rowWidth row = row |> List.map (fun (_, _, kind) -> snd (block kind)) |> total

            let heights = found |> List.map rowHeight
            let widths = found |> List.map rowWidth

            for row, width in List.zip found widths do
                let (place, _, _) = List.head row

                sameSize
                    session
                    place
                    $"a row of width {session.SizeText width}"
                    $"a row of width {session.SizeText widths.Head}"
                    widths.Head
                    width

            let oneColumn = rows |> List.forall (fun row -> List.length row = 1)

            let shape =
                if oneColumn && values |> List.forall (fun value -> value.Shape.IsScalar || value.Shape.IsColumn) then
                    SizedShape.Column(total heights)
                elif List.length rows = 1 && values |> List.forall (fun value -> value.Shape.IsScalar || value.Shape.IsRow) then
                    SizedShape.Row widths.Head
                else
                    SizedShape.Matrix(total heights, widths.Head)

            capShape session at shape

            Expr.Literal core,
            Kind.Value
                { Shape = shape
                  Complex = values |> List.exists (fun value -> value.Complex)
                  Random = values |> List.fold (fun sum value -> Randomness.join sum value.Random) Randomness.Constant
                  Stochastic = false }

    and private tableTerm (session: Session) (context: Context) (at: Position) body binders =
        let inside, core, random = bind session context true binders
        let expr, kind = term session inside body
        wantScalar session body.At "a scalar entry" kind

        let length (binder: Binder) =
            match rangeCount session binder.Range with
            | Some count ->
                match Size.ofExpr session.IsInteger count with
                | Some size -> size
                | None -> Size.one
            | None -> Size.one

        let own = core |> List.map (fun (binder: Binder) -> binder.Variable) |> set

        for binder, surface in List.zip core binders do
            match binder.Range with
            | Range.Between(low, high) ->
                if Numbering.variables low + Numbering.variables high |> Set.intersect own |> Set.isEmpty |> not then
                    session.Clash(surface.At, "a range that another index of the comprehension changes", "a fixed range")
            | Range.Fibre _ -> session.Clash(surface.At, "a fibre", "a range of known length")
            | Range.Among _
            | Range.Within _ -> ()

        let shape =
            match core with
            | [ one ] -> Some(SizedShape.Column(length one))
            | [ rows; columns ] -> Some(SizedShape.Matrix(length rows, length columns))
            | _ ->
                session.Complain(context, at, "a comprehension has one index (a column) or two (a matrix)", "")
                None

        let result =
            match shape, kind with
            | Some shape, Kind.Value value ->
                capShape session at shape

                match shape with
                | SizedShape.Column size -> session.Later(at, Check.Positive size.Expr, "an empty comprehension", "a size ≥ 1")
                | SizedShape.Matrix(rows, columns) ->
                    session.Later(at, Check.Positive rows.Expr, "an empty comprehension", "a size ≥ 1")
                    session.Later(at, Check.Positive columns.Expr, "an empty comprehension", "a size ≥ 1")
                | SizedShape.Scalar
                | SizedShape.Row _ -> ()

                withRandomness random (Kind.Value { value with Shape = shape })
            | _ -> Kind.Unknown

        Expr.Table(expr, core), result

    and private statisticTerm (session: Session) (context: Context) (at: Position) name subscripts =
        let inside = { context with Probabilistic = true }

        let arguments =
            subscripts
            |> List.map (function
                | SurfaceSubscript.At inner -> Some inner
                | SurfaceSubscript.Whole
                | SurfaceSubscript.Slice _ -> None)

        if arguments |> List.exists Option.isNone then
            session.Complain(context, at, $"'{name}[…]' takes expressions, no slices", "")
            nothing, Kind.Unknown
        else
            let arguments = arguments |> List.map Option.get

            let random (inner: Term) =
                let expr, kind = term session inside inner

                match kind with
                | Kind.Value value when value.Random = Randomness.Constant ->
                    session.Clash(inner.At, session.KindText kind + " (a constant)", "a random object")
                | Kind.Map _ -> session.Clash(inner.At, session.KindText kind, "a random object")
                | Kind.Value _
                | Kind.Unknown -> ()

                expr, kind

            let settled (value: ValueKind) shape = Kind.Value { value with Shape = shape; Random = Randomness.Constant; Stochastic = false }

            match name, arguments with
            | "P", [ event ] ->
                let prop, randomness = formula session inside event

                if randomness = Randomness.Constant && session.Clashes.Count = 0 && session.Diagnostics.Count = 0 then
                    session.Clash(event.At, "a proposition about constants", "an event")

                Expr.Probability prop, Kind.scalar
            | "E", [ inner ] ->
                let expr, kind = random inner

                Expr.Statistic(Statistic.Expectation, [ expr ]),
                (match kind with
                 | Kind.Value value -> settled value value.Shape
                 | Kind.Map _
                 | Kind.Unknown -> Kind.Unknown)
            | "Var", [ inner ] ->
                let expr, kind = random inner

                Expr.Statistic(Statistic.Variance, [ expr ]),
                (match kind with
                 | Kind.Value value ->
                     match value.Shape with
                     | SizedShape.Scalar -> settled value SizedShape.Scalar
                     | SizedShape.Column size -> settled value (SizedShape.Matrix(size, size))
                     | SizedShape.Row _
                     | SizedShape.Matrix _ ->
                         session.Clash(inner.At, session.KindText kind, "a scalar or column ('Var')")
                         Kind.Unknown
                 | Kind.Map _
                 | Kind.Unknown -> Kind.Unknown)
            | "Cov", [ first; second ] ->
                let x, left = random first
                let y, right = random second

                Expr.Statistic(Statistic.Covariance, [ x; y ]),
                (match left, right with
                 | Kind.Value a, Kind.Value b ->
                     let either = { a with Complex = a.Complex || b.Complex }

                     match a.Shape, b.Shape with
                     | SizedShape.Scalar, SizedShape.Scalar -> settled either SizedShape.Scalar
                     | SizedShape.Column n, SizedShape.Column m -> settled either (SizedShape.Matrix(n, m))
                     | (SizedShape.Scalar | SizedShape.Column _ | SizedShape.Row _ | SizedShape.Matrix _), _ ->
                         session.Clash(
                             second.At,
                             session.KindText right,
                             $"a scalar or column, as its partner in 'Cov' (a {session.KindText left})"
                         )

                         Kind.Unknown
                 | _ -> Kind.Unknown)
            | _, _ ->
                let count = if name = "Cov" then 2 else 1

                session.Complain(context, at, $"'{name}[…]' takes {count} arguments, not {arguments.Length}", "")

                nothing, Kind.Unknown

    and private derivativeTerm (session: Session) (context: Context) (at: Position) callee arguments =
        match arguments with
        | [ body; { Node = Node.Name name } as place ] ->
            let expr, bodyKind = term session context body
            let object, objectKind = term session context place
            wantReal session body.At "a real expression (derivatives are real)" bodyKind
            wantReal session place.At "a real object (derivatives are real)" objectKind
            wantConstant session body.At "a constant expression" bodyKind

            match object, objectKind, bodyKind with
            | Expr.Variable variable, Kind.Value value, Kind.Value inner when not value.Complex ->
                let domain = session.DomainOf variable

                let coordinates =
                    match domain, value.Shape with
                    | Some(Domain.Symmetric _ | Domain.Psd _ | Domain.Spd _), SizedShape.Matrix(side, _) -> Some(Size.triangle side)
                    | Some(Domain.Diagonal _), SizedShape.Matrix(side, _) -> Some side
                    | _, SizedShape.Matrix(rows, columns) -> Some(Size.product rows columns)
                    | _, (SizedShape.Column size | SizedShape.Row size) -> Some size
                    | _, SizedShape.Scalar -> None

                let symmetric =
                    match domain with
                    | Some(Domain.Symmetric _ | Domain.Psd _ | Domain.Spd _ | Domain.Diagonal _) -> true
                    | _ -> false

                let continuous =
                    match domain with
                    | Some(Domain.Plain((ScalarSet.Real | ScalarSet.Positive | ScalarSet.Nonnegative), _)) -> true
                    | Some(Domain.Simplex _ | Domain.Coupling _ | Domain.Stochastic _ | Domain.Orthogonal _) -> true
                    | _ -> symmetric

                if not continuous then
                    session.Clash(place.At, session.KindText objectKind, "an object with freely moving real entries")

                let result =
                    match callee with
                    | "grad" ->
                        wantScalar session body.At "a scalar ('grad')" bodyKind

                        match coordinates with
                        | Some size when symmetric -> SizedShape.Column size
                        | Some _
                        | None -> value.Shape
                    | "hessian" ->
                        wantScalar session body.At "a scalar ('hessian')" bodyKind

                        match coordinates with
                        | Some size -> SizedShape.Matrix(size, size)
                        | None -> SizedShape.Scalar
                    | _ ->
                        let length =
                            match inner.Shape with
                            | SizedShape.Scalar -> Some Size.one
                            | SizedShape.Column size -> Some size
                            | SizedShape.Row _
                            | SizedShape.Matrix _ ->
                                session.Clash(body.At, session.KindText bodyKind, "a column ('jacobian')")
                                None

                        match length, coordinates with
                        | Some rows, Some columns -> SizedShape.Matrix(rows, columns)
                        | Some rows, None -> SizedShape.Matrix(rows, Size.one)
                        | None, _ -> SizedShape.Scalar

                let order =
                    match callee with
                    | "grad" -> DerivativeOrder.Gradient
                    | "hessian" -> DerivativeOrder.Hessian
                    | _ -> DerivativeOrder.Jacobian

                capShape session at result
                Expr.Derivative(order, expr, variable), Kind.real result
            | Expr.Variable _, _, _ -> nothing, Kind.Unknown
            | _ ->
                if objectKind <> Kind.Unknown then
                    session.Complain(context, place.At, $"'{name}' is no declared object; a derivative is taken in one", "")

                nothing, Kind.Unknown
        | [ _; place ] ->
            session.Complain(context, place.At, $"the second argument of '{callee}' is the name of an object", "")
            nothing, Kind.Unknown
        | _ ->
            session.Complain(context, at, $"'{callee}' takes 2 arguments, not {arguments.Length}", "")
            nothing, Kind.Unknown

    and private densityTerm (session: Session) (context: Context) (at: Position) arguments =
        match arguments with
        | [ first; second ] ->
            let inside = { context with Probabilistic = true }
            let random, randomKind = term session inside first
            let point, pointKind = term session context second

            match randomKind with
            | Kind.Value { Random = Randomness.Constant } ->
                session.Clash(first.At, session.KindText randomKind + " (a constant)", "a random object")
            | Kind.Value { Random = Randomness.Atomic } ->
                session.Clash(first.At, session.KindText randomKind + " (atoms)", "a random object with a density")
            | Kind.Value { Random = Randomness.Continuous } ->
                match random with
                | Expr.Variable variable ->
                    match session.DomainOf variable with
                    | Some(Domain.Random(Distribution.Wishart(degrees, _))) ->
                        match randomKind with
                        | Kind.Value { Shape = SizedShape.Matrix(side, _) } ->
                            // S = X·X' with k < n columns has rank k: no density on the n×n matrices.
                            let slack = Expr.Apply("+", [ Expr.Apply("-", [ degrees; side.Expr ]); Expr.Number Rational.One ])

                            session.Later(
                                first.At,
                                Check.Positive slack,
                                "a Wishart law with fewer degrees of freedom than its side (no density)",
                                "a random object with a density"
                            )
                        | Kind.Value _
                        | Kind.Map _
                        | Kind.Unknown -> ()
                    | Some _
                    | None -> ()
                | _ -> ()
            | Kind.Map _ -> session.Clash(first.At, session.KindText randomKind, "a random object")
            | Kind.Unknown -> ()

            match randomKind, pointKind with
            | Kind.Value a, Kind.Value b -> agree session second.At { a with Random = b.Random } b
            | Kind.Value _, Kind.Map _ -> session.Clash(second.At, session.KindText pointKind, "a point")
            | _ -> ()

            Expr.Density(random, point), withRandomness (randomness pointKind) Kind.scalar
        | _ ->
            session.Complain(context, at, $"'pdf' takes 2 arguments, not {arguments.Length}", "")
            nothing, Kind.Unknown

    // Binders and domains

    /// The number of values of a range, where it is finite and known.
    and private rangeCount (session: Session) (range: Range) : Expr option =
        let number value = Expr.Number(Rational.OfInt value)

        let spanOf low high =
            match Size.ofExpr session.IsInteger low, Size.ofExpr session.IsInteger high with
            | Some first, Some last -> Some (Size.span first last).Expr
            | _ -> None

        let power (count: Expr) (sizes: Expr list) =
            match sizes with
            | [] -> count
            | first :: rest ->
                let entries = rest |> List.fold (fun product size -> Expr.Apply("*", [ product; size ])) first

                Expr.Apply("^", [ count; entries ])

        match range with
        | Range.Between(low, high) -> spanOf low high
        | Range.Among items -> Some(number (List.length items))
        | Range.Within(Domain.Plain((ScalarSet.Bit | ScalarSet.Spin), sizes)) -> Some(power (number 2) sizes)
        | Range.Within(Domain.Plain(ScalarSet.Integer(low, high), sizes)) -> spanOf low high |> Option.map (fun count -> power count sizes)
        | Range.Within(Domain.Map(from, into)) -> Some(Expr.Apply("^", [ into; from ]))
        | Range.Within _
        | Range.Fibre _ -> None

    /// Binders of a sum, table or quantifier, each in the scope of those before it. `finite` refuses infinite domains.
    and private bind (session: Session) (context: Context) finite (binders: SurfaceBinder list) : Context * Binder list * Randomness =
        let step (context: Context, random) (found: SurfaceBinder) =
            let scalar (inner: Term) =
                let expr, kind = term session context inner
                wantScalar session inner.At "an integer" kind
                wantReal session inner.At "an integer" kind
                expr, kind

            let range, kind, isInteger, more =
                match found.Range with
                | SurfaceRange.Between(low, high) ->
                    let a, lowKind = scalar low
                    let b, highKind = scalar high

                    // Kinds of tables need the length; sums need an integer expression as well.
                    let known expr kind at = integerSize session at expr kind |> ignore

                    known a lowKind low.At
                    known b highKind high.At
                    Range.Between(a, b), Kind.scalar, true, Randomness.Constant
                | SurfaceRange.Among items ->
                    let all = items |> List.map scalar

                    let whole = all |> List.forall (fun (expr, _) -> (Size.ofExpr session.IsInteger expr).IsSome)

                    let random = all |> List.fold (fun sum (_, kind) -> Randomness.join sum (randomness kind)) Randomness.Constant

                    Range.Among(all |> List.map fst), Kind.scalar, whole, random
                | SurfaceRange.Within domain ->
                    let core, kind = domainTerm session context domain

                    let isInteger =
                        match core with
                        | Domain.Plain((ScalarSet.Bit | ScalarSet.Spin | ScalarSet.Integer _), []) -> true
                        | _ -> false

                    match core with
                    | Domain.Random _ -> session.Clash(domain.At, "a law", "a set (random objects are declared with 'let')")
                    | _ ->
                        if finite && kind <> Kind.Unknown && (rangeCount session (Range.Within core)).IsNone then
                            session.Clash(domain.At, $"the infinite domain '{domain.Name}'", "a finite domain")

                    Range.Within core, kind, isInteger, Randomness.Constant
                | SurfaceRange.Fibre(_, map, value) ->
                    let f, mapKind = term session context map

                    match mapKind with
                    | Kind.Map _
                    | Kind.Unknown -> ()
                    | Kind.Value _ -> session.Clash(map.At, session.KindText mapKind, "a map ('fibre')")

                    let y, valueKind = scalar value
                    Range.Fibre(f, y), Kind.scalar, true, randomness valueKind

            match rangeCount session range with
            | Some count -> session.Later(found.At, Check.AtMost(count, Limits.terms, "number of terms"), "", "")
            | None -> ()

            let variable = session.Fresh(found.Name, isInteger)

            match range with
            | Range.Within domain -> session.NoteDomain(variable, domain)
            | Range.Between _
            | Range.Among _
            | Range.Fibre _ -> ()

            session.Count(found.At, 1)

            let next = { context with Names = Map.add found.Name (Binding.Bound(variable, kind)) context.Names }

            let binder: Binder = { Variable = variable; Range = range }
            binder, (next, Randomness.join random more)

        let core, (inside, random) = List.mapFold step (context, Randomness.Constant) binders

        inside, core, random

    and private sizeTerm (session: Session) (context: Context) (found: Term) : Size =
        let expr, kind = term session context found
        let size = integerSize session found.At expr kind
        session.Later(found.At, Check.Positive size.Expr, $"size {session.SizeText size}", "a size ≥ 1")
        size

    and domainTerm (session: Session) (context: Context) (found: SurfaceDomain) : Domain * Kind =
        let at = found.At
        let failed = Domain.Plain(ScalarSet.Real, []), Kind.Unknown

        let complain message suggestion =
            session.Complain(context, at, message, suggestion)
            failed

        let sizes () = found.Sizes |> List.map (sizeTerm session context)

        let wrongForm form = complain $"this domain is written {form}" ""

        let shaped (sizes: Size list) =
            match sizes with
            | [] -> Some SizedShape.Scalar
            | [ size ] -> Some(SizedShape.Column size)
            | [ rows; columns ] -> Some(SizedShape.Matrix(rows, columns))
            | _ -> None

        let finish domain (kind: ValueKind) =
            capShape session at kind.Shape
            domain, Kind.Value kind

        let plain (set: ScalarSet) =
            let all = sizes ()

            match shaped all with
            | None -> complain $"'{found.Name}' has at most two sizes" ""
            | Some shape ->
                finish
                    (Domain.Plain(set, all |> List.map (fun (size: Size) -> size.Expr)))
                    { Kind.value shape with Complex = (set = ScalarSet.Complex) }

        let square complex (make: Expr -> Domain) =
            match sizes () with
            | [ size ] -> finish (make size.Expr) { Kind.value (SizedShape.Matrix(size, size)) with Complex = complex }
            | _ -> wrongForm $"{found.Name}[n]"

        let random (law: Distribution) shape =
            finish
                (Domain.Random law)
                { Kind.value shape with
                    Random =
                        match law with
                        | Distribution.Discrete _ -> Randomness.Atomic
                        | Distribution.Normal _
                        | Distribution.Gaussian _
                        | Distribution.Wishart _
                        | Distribution.ChiSquare _
                        | Distribution.Uniform _ -> Randomness.Continuous }

        let noArguments = found.Arguments.IsEmpty
        let noSizes = found.Sizes.IsEmpty

        if found.Rank.IsSome && found.Name <> "psd" then
            complain "'rank' stands after psd[n] only" ""
        elif
            not noArguments
            && not (List.contains found.Name [ "coupling"; "gaussian"; "wishart"; "chi2"; "uniform"; "law" ])
            && List.contains found.Name Words.domains
        then
            complain $"'{found.Name}' takes its sizes in square brackets" ""
        else
            match found.Name with
            | "real" -> plain ScalarSet.Real
            | "pos" -> plain ScalarSet.Positive
            | "nonneg" -> plain ScalarSet.Nonnegative
            | "complex" -> plain ScalarSet.Complex
            | "bit"
            | "bits" -> plain ScalarSet.Bit
            | "spin"
            | "spins" -> plain ScalarSet.Spin
            | "int" ->
                match found.Bounds with
                | Some(low, high) ->
                    let bound (inner: Term) =
                        let expr, kind = term session context inner
                        integerSize session inner.At expr kind

                    let a, b = bound low, bound high
                    plain (ScalarSet.Integer(a.Expr, b.Expr))
                | None -> wrongForm "int in a..b"
            | "sym" -> square false Domain.Symmetric
            | "psd" ->
                match found.Rank with
                | None -> square false (fun size -> Domain.Psd(size, None))
                | Some rank ->
                    let expr, kind = term session context rank
                    let limit = integerSize session rank.At expr kind
                    square false (fun size -> Domain.Psd(size, Some limit.Expr))
            | "spd" -> square false Domain.Spd
            | "orth" -> square false Domain.Orthogonal
            | "diag" -> square false Domain.Diagonal
            | "herm" -> square true Domain.Hermitian
            | "hpsd" -> square true Domain.HermitianPsd
            | "hpd" -> square true Domain.HermitianPd
            | "unitary" -> square true Domain.Unitary
            | "density" -> square true Domain.Density
            | "simplex" ->
                match sizes () with
                | [ size ] -> finish (Domain.Simplex size.Expr) (Kind.value (SizedShape.Column size))
                | _ -> wrongForm "simplex[n]"
            | "stochastic" ->
                match sizes () with
                | [ rows; columns ] ->
                    finish
                        (Domain.Stochastic(rows.Expr, columns.Expr))
                        { Kind.value (SizedShape.Matrix(rows, columns)) with Stochastic = true }
                | _ -> wrongForm "stochastic[n, m]"
            | "map" ->
                match sizes () with
                | [ from; into ] -> Domain.Map(from.Expr, into.Expr), Kind.Map(from, into)
                | _ -> wrongForm "map[N, M]"
            | "coupling" ->
                match found.Arguments with
                | [ first; second ] when noSizes ->
                    let column (inner: Term) =
                        let expr, kind = term session context inner
                        wantReal session inner.At "a real column (a marginal)" kind
                        wantConstant session inner.At "a constant column (a marginal)" kind

                        match kind with
                        | Kind.Value { Shape = SizedShape.Column size } -> expr, size
                        | Kind.Unknown -> expr, Size.one
                        | Kind.Value _
                        | Kind.Map _ ->
                            session.Clash(inner.At, session.KindText kind, "a column (a marginal)")
                            expr, Size.one

                    let a, rows = column first
                    let b, columns = column second
                    finish (Domain.Coupling(a, b)) (Kind.value (SizedShape.Matrix(rows, columns)))
                | _ -> wrongForm "coupling(a, b)"
            | name when List.contains name laws ->
                match distribution session context found with
                | Some(law, shape) -> random law shape
                | None -> failed
            | name -> complain $"unknown domain '{name}'" (Spelling.suggest Words.domains name)

    /// A law by name, with the shape of its values; None after a complaint.
    and private distribution (session: Session) (context: Context) (found: SurfaceDomain) : (Distribution * SizedShape) option =
        let at = found.At

        let wrongForm form =
            session.Complain(context, at, $"this law is written {form}", "")
            None

        let parameter wanted (inner: Term) =
            let expr, kind = term session { context with Probabilistic = true } inner
            wantReal session inner.At wanted kind
            wantConstant session inner.At wanted kind
            inner.At, expr, kind

        let scalar wanted (inner: Term) =
            let place, expr, kind = parameter wanted inner
            wantScalar session place wanted kind
            expr

        match found.Name, found.Sizes, found.Arguments with
        | "normal", sizes, [] ->
            match sizes |> List.map (sizeTerm session context) with
            | [] -> Some(Distribution.Normal [], SizedShape.Scalar)
            | [ size ] -> Some(Distribution.Normal [ size.Expr ], SizedShape.Column size)
            | [ rows; columns ] -> Some(Distribution.Normal [ rows.Expr; columns.Expr ], SizedShape.Matrix(rows, columns))
            | _ -> wrongForm "normal, normal[n] or normal[n, k]"
        | "gaussian", [], [ mean; covariance ] ->
            let meanAt, mu, meanKind = parameter "a constant real column (a mean)" mean

            let place, sigma, kind = parameter "a constant real square matrix (a covariance)" covariance

            match meanKind, kind with
            | Kind.Value { Shape = SizedShape.Scalar }, Kind.Value { Shape = SizedShape.Scalar } ->
                Some(Distribution.Gaussian(mu, sigma), SizedShape.Scalar)
            | Kind.Value { Shape = SizedShape.Column size }, _ ->
                match wantSquare session place "a square matrix (a covariance)" kind with
                | Some side -> sameSize session place (session.KindText kind) $"a covariance of side {session.SizeText size}" size side
                | None -> ()

                Some(Distribution.Gaussian(mu, sigma), SizedShape.Column size)
            | Kind.Unknown, _ -> None
            | _ ->
                session.Clash(meanAt, session.KindText meanKind, "a column (a mean)")
                None
        | "wishart", [], [ degrees; scale ] ->
            let k = scalar "a scalar (degrees of freedom)" degrees
            let place, sigma, kind = parameter "a constant real square matrix (a scale)" scale

            wantSquare session place "a square matrix (a scale)" kind
            |> Option.map (fun side -> Distribution.Wishart(k, sigma), SizedShape.Matrix(side, side))
        | "chi2", [], [ degrees ] -> Some(Distribution.ChiSquare(scalar "a scalar (degrees of freedom)" degrees), SizedShape.Scalar)
        | "uniform", [], [ low; high ] ->
            Some(Distribution.Uniform(scalar "a scalar bound" low, scalar "a scalar bound" high), SizedShape.Scalar)
        | "law", [], [ probabilities ] ->
            let place, p, kind = parameter "a constant probability vector" probabilities

            match kind with
            | Kind.Value { Shape = SizedShape.Column _ } -> Some(Distribution.Discrete p, SizedShape.Scalar)
            | Kind.Unknown -> None
            | Kind.Value _
            | Kind.Map _ ->
                session.Clash(place, session.KindText kind, "a column of probabilities")
                None
        | "normal", _, _ -> wrongForm "normal, normal[n] or normal[n, k]"
        | "gaussian", _, _ -> wrongForm "gaussian(mu, Sigma)"
        | "wishart", _, _ -> wrongForm "wishart(k, Sigma)"
        | "chi2", _, _ -> wrongForm "chi2(k)"
        | "uniform", _, _ -> wrongForm "uniform(a, b)"
        | _, _, _ -> wrongForm "law(p)"

    // Propositions

    and private lawTerm (session: Session) (context: Context) (found: Term) : (Law * SizedShape) option =
        let known name sizes arguments =
            let surface: SurfaceDomain = { At = found.At; Name = name; Sizes = sizes; Arguments = arguments; Bounds = None; Rank = None }

            distribution session context surface |> Option.map (fun (law, shape) -> Law.Known law, shape)

        match found.Node with
        | Node.Call("law", [ inner ]) when isUnbound context "law" ->
            let inside = { context with Probabilistic = true }
            let expr, kind = term session inside inner

            match kind with
            | Kind.Value { Random = Randomness.Constant; Shape = SizedShape.Column _ } ->
                Some(Law.Known(Distribution.Discrete expr), SizedShape.Scalar)
            | Kind.Value { Random = Randomness.Constant } ->
                session.Clash(inner.At, session.KindText kind + " (a constant)", "a random object")
                None
            | Kind.Value value -> Some(Law.Of expr, value.Shape)
            | Kind.Map _ ->
                session.Clash(inner.At, session.KindText kind, "a random object")
                None
            | Kind.Unknown -> None
        | Node.Name name when List.contains name laws && isUnbound context name -> known name [] []
        | Node.Call(name, arguments) when List.contains name laws && isUnbound context name -> known name [] arguments
        | Node.Index({ Node = Node.Name name }, subscripts) when List.contains name laws && isUnbound context name ->
            subscripts
            |> List.choose (function
                | SurfaceSubscript.At size -> Some size
                | SurfaceSubscript.Whole
                | SurfaceSubscript.Slice _ -> None)
            |> fun sizes -> known name sizes []
        | _ ->
            let _, kind = term session { context with Probabilistic = true } found

            if kind <> Kind.Unknown then
                session.Clash(found.At, session.KindText kind, "a law")

            None

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
        | Node.Compare(relation, left, right) when isLaw context left || isLaw context right ->
            let first = lawTerm session context left
            let second = lawTerm session context right

            match relation, first, second with
            | (Relation.Equal | Relation.NotEqual), Some(a, leftShape), Some(b, rightShape) ->
                agree session right.At (Kind.value leftShape) (Kind.value rightShape)
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
            | Relation.NotEqual -> pairwise session right.At leftKind rightKind |> ignore
            | Relation.Less
            | Relation.LessEqual
            | Relation.Greater
            | Relation.GreaterEqual ->
                wantScalar session left.At "a scalar (matrices are ordered by <<=)" leftKind
                wantScalar session right.At "a scalar (matrices are ordered by <<=)" rightKind
            | Relation.Loewner ->
                wantSquare session left.At "a square matrix" leftKind |> ignore
                wantSquare session right.At "a square matrix" rightKind |> ignore
                pairwise session right.At leftKind rightKind |> ignore

            Prop.Compare(relation, x, y), Randomness.join (randomness leftKind) (randomness rightKind)
        | Node.Approximately(left, right, tolerance, relative) ->
            let x, leftKind = settledTerm session context left
            let y, rightKind = settledTerm session context right
            pairwise session right.At leftKind rightKind |> ignore
            let limit, _ = term session context tolerance

            let value =
                match Limits.evaluate (fun _ -> ValueNone) limit with
                | Limits.Value.Known value when value.Sign > 0 -> value
                | Limits.Value.Known _
                | Limits.Value.Huge
                | Limits.Value.Unknown ->
                    session.Complain(context, tolerance.At, "a tolerance is a positive number", "")
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
            let inside, core, random = bind session context false binders
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
        | Node.Call(callee, [ inner ]) when isUnbound context callee && List.contains callee propositions ->
            let expr, kind = settledTerm session context inner
            wantSquare session inner.At $"a square matrix ('{callee}')" kind |> ignore

            let property =
                match callee with
                | "psd" -> Property.Psd
                | "pd" -> Property.Pd
                | _ -> Property.Symmetric

            Prop.Has(property, expr), randomness kind
        | Node.Call(callee, arguments) when isUnbound context callee && List.contains callee propositions ->
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
                formula session (expanding context at definition names) definition.Body
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
