namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// How kinds combine. Shapes are decided at once; sizes that differ by form wait for the grid (Session.Later).
module internal KindRules =
    let randomness kind =
        match kind with
        | Kind.Value found -> found.Random
        | Kind.Map _
        | Kind.Unknown -> Randomness.Constant

    let withRandomness random kind =
        match kind with
        | Kind.Value value -> Kind.Value { value with Random = Randomness.join random value.Random; Stochastic = false }
        | Kind.Map _
        | Kind.Unknown -> kind

    let sameSize (session: Session) at found wanted (left: Size) (right: Size) = session.Later(at, Check.Same(left, right), found, wanted)

    /// Shapes agree; sizes that differ by form wait for the grid.
    let agree (session: Session) at (left: ValueKind) (right: ValueKind) : unit =
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

    let joined (left: ValueKind) (right: ValueKind) shape : Kind =
        Kind.Value
            { Shape = shape
              Complex = left.Complex || right.Complex
              Random = Randomness.join left.Random right.Random
              Stochastic = false }

    /// Two values of one shape.
    let pairwise (session: Session) at left right : Kind =
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

    let product (session: Session) at left right : Kind =
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

    let wantScalar (session: Session) at wanted kind : unit =
        match kind with
        | Kind.Unknown -> ()
        | Kind.Value { Shape = SizedShape.Scalar } -> ()
        | Kind.Value _
        | Kind.Map _ -> session.Clash(at, session.KindText kind, wanted)

    let wantReal (session: Session) at wanted kind : unit =
        match kind with
        | Kind.Value { Complex = true } -> session.Clash(at, session.KindText kind, wanted)
        | Kind.Value _
        | Kind.Map _
        | Kind.Unknown -> ()

    let wantConstant (session: Session) at wanted kind : unit =
        if randomness kind <> Randomness.Constant then
            session.Clash(at, session.KindText kind, wanted)

    /// Square matrix: its side, or None after a clash.
    let wantSquare (session: Session) at wanted kind : Size option =
        match kind with
        | Kind.Unknown -> None
        | Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
            sameSize session at (session.KindText kind) wanted rows columns
            Some rows
        | Kind.Value _
        | Kind.Map _ ->
            session.Clash(at, session.KindText kind, wanted)
            None

    let integerSize (session: Session) at (expr: Expr) kind : Size =
        match Size.ofExpr session.IsInteger expr with
        | Some size -> size
        | None ->
            if kind <> Kind.Unknown then
                session.Clash(at, session.KindText kind, "an integer expression in the parameters")

            Size.one

    // Functions of the registry

    let capShape (session: Session) at (shape: SizedShape) : unit =
        let side (size: Size) = session.Later(at, Check.AtMost(size.Expr, Limits.matrixSide, "matrix side"), "", "")

        match shape with
        | SizedShape.Scalar -> ()
        | SizedShape.Column size
        | SizedShape.Row size -> session.Later(at, Check.AtMost(size.Expr, Limits.vectorLength, "vector length"), "", "")
        | SizedShape.Matrix(rows, columns) ->
            side rows
            side columns
