namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// Exact derivatives: grad, hessian and jacobian in a declared object.
module internal DerivativeTerms =
    open KindRules

    let private nothing = Expr.Number Rational.Zero

    let derivative (down: Descent) (session: Session) (context: Context) (at: Position) callee arguments =
        match arguments with
        | [ body; { Node = Node.Name name } as place ] ->
            let expr, bodyKind = down.Term session context body
            let object, objectKind = down.Term session context place
            wantReal session body.Start "a real expression (derivatives are real)" bodyKind
            wantReal session place.Start "a real object (derivatives are real)" objectKind
            wantConstant session body.Start "a constant expression" bodyKind

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
                    session.Clash(place.Start, session.KindText objectKind, "an object with freely moving real entries")

                let result =
                    match callee with
                    | "grad" ->
                        wantScalar session body.Start "a scalar ('grad')" bodyKind

                        match coordinates with
                        | Some size when symmetric -> SizedShape.Column size
                        | Some _
                        | None -> value.Shape
                    | "hessian" ->
                        wantScalar session body.Start "a scalar ('hessian')" bodyKind

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
                                session.Clash(body.Start, session.KindText bodyKind, "a column ('jacobian')")
                                None

                        match length, coordinates with
                        | Some rows, Some columns -> SizedShape.Matrix(rows, columns)
                        | Some _, None when inner.Shape.IsScalar -> SizedShape.Scalar
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
                    session.Complain(context, place.Start, $"'{name}' is no declared object; a derivative is taken in one", "")

                nothing, Kind.Unknown
        | [ _; place ] ->
            session.Complain(context, place.Start, $"the second argument of '{callee}' is the name of an object", "")
            nothing, Kind.Unknown
        | _ ->
            session.Complain(context, at, $"'{callee}' takes 2 arguments, not {arguments.Length}", "")
            nothing, Kind.Unknown
