namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// Entries and slices, literals and comprehensions.
module internal ArrayTerms =
    open KindRules

    type private Range = VerifyEnergy.Kernel.Range

    let private subscript
        (down: Descent)
        (session: Session)
        (context: Context)
        (found: SurfaceSubscript)
        : Subscript * (Position * Size) option * Randomness =
        let index (inner: Term) =
            let expr, kind = down.Term session context inner
            wantScalar session inner.Start "an index" kind
            wantReal session inner.Start "an index" kind
            expr, kind

        match found with
        | SurfaceSubscript.Whole -> Subscript.Whole, None, Randomness.Constant
        | SurfaceSubscript.At inner ->
            let expr, kind = index inner
            Subscript.At expr, None, randomness kind
        | SurfaceSubscript.Slice(first, last) ->
            let low, lowKind = index first
            let high, highKind = index last

            let span = Size.span (integerSize session first.Start low lowKind) (integerSize session last.Start high highKind)

            Subscript.Slice(low, high), Some(first.Start, span), Randomness.Constant

    let index (down: Descent) (session: Session) (context: Context) (at: Position) inner subscripts =
        let expr, kind = down.Term session context inner
        let found = subscripts |> List.map (subscript down session context)
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

    let literal (down: Descent) (session: Session) (context: Context) (at: Position) rows =
        let found =
            rows
            |> List.map (
                List.map (fun entry ->
                    let expr, kind = down.Term session context entry
                    entry.Start, expr, kind)
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

    let table (down: Descent) (session: Session) (context: Context) (at: Position) body binders =
        let inside, core, random = DomainTerms.bind down session context true binders
        let expr, kind = down.Term session inside body
        wantScalar session body.Start "a scalar entry" kind

        let length (binder: Binder) =
            match DomainTerms.rangeCount session binder.Range with
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
