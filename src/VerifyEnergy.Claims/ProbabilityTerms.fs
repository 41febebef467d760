namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// Expectations, probabilities, densities and laws: the places where random objects stand.
module internal ProbabilityTerms =
    open KindRules

    let private nothing = Expr.Number Rational.Zero

    let isUnbound (context: Context) name = not (context.Names.ContainsKey name)

    let isLaw (context: Context) (term: Term) =
        match term.Node with
        | Node.Name name
        | Node.Call(name, _)
        | Node.Index({ Node = Node.Name name }, _) -> List.contains name DomainTerms.laws && isUnbound context name
        | _ -> false

    let statistic (down: Descent) (session: Session) (context: Context) (at: Position) name subscripts =
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
                let expr, kind = down.Term session inside inner

                match kind with
                | Kind.Value value when value.Random = Randomness.Constant ->
                    session.Clash(inner.Start, session.KindText kind + " (a constant)", "a random object")
                | Kind.Map _ -> session.Clash(inner.Start, session.KindText kind, "a random object")
                | Kind.Value _
                | Kind.Unknown -> ()

                expr, kind

            let settled (value: ValueKind) shape = Kind.Value { value with Shape = shape; Random = Randomness.Constant; Stochastic = false }

            match name, arguments with
            | "P", [ event ] ->
                let prop, randomness = down.Formula session inside event

                if randomness = Randomness.Constant && session.Clashes.Count = 0 && session.Diagnostics.Count = 0 then
                    session.Clash(event.Start, "a proposition about constants", "an event")

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
                         session.Clash(inner.Start, session.KindText kind, "a scalar or column ('Var')")
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
                             second.Start,
                             session.KindText right,
                             $"a scalar or column, as its partner in 'Cov' (a {session.KindText left})"
                         )

                         Kind.Unknown
                 | _ -> Kind.Unknown)
            | _, _ ->
                let count = if name = "Cov" then 2 else 1

                session.Complain(context, at, $"'{name}[…]' takes {count} arguments, not {arguments.Length}", "")

                nothing, Kind.Unknown

    let density (down: Descent) (session: Session) (context: Context) (at: Position) arguments =
        match arguments with
        | [ first; second ] ->
            let inside = { context with Probabilistic = true }
            let random, randomKind = down.Term session inside first
            let point, pointKind = down.Term session context second

            match randomKind with
            | Kind.Value { Random = Randomness.Constant } ->
                session.Clash(first.Start, session.KindText randomKind + " (a constant)", "a random object")
            | Kind.Value { Random = Randomness.Atomic } ->
                session.Clash(first.Start, session.KindText randomKind + " (atoms)", "a random object with a density")
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
                                first.Start,
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
            | Kind.Map _ -> session.Clash(first.Start, session.KindText randomKind, "a random object")
            | Kind.Unknown -> ()

            match randomKind, pointKind with
            | Kind.Value a, Kind.Value b -> agree session second.Start { a with Random = b.Random } b
            | Kind.Value _, Kind.Map _ -> session.Clash(second.Start, session.KindText pointKind, "a point")
            | _ -> ()

            Expr.Density(random, point), withRandomness (randomness pointKind) Kind.scalar
        | _ ->
            session.Complain(context, at, $"'pdf' takes 2 arguments, not {arguments.Length}", "")
            nothing, Kind.Unknown

    // Binders and domains

    let law (down: Descent) (session: Session) (context: Context) (found: Term) : (Law * SizedShape) option =
        let known name sizes arguments =
            let surface: SurfaceDomain = { At = found.At; Name = name; Sizes = sizes; Arguments = arguments; Bounds = None; Rank = None }

            DomainTerms.distribution down session context surface |> Option.map (fun (law, shape) -> Law.Known law, shape)

        match found.Node with
        | Node.Call("law", [ inner ]) when isUnbound context "law" ->
            let inside = { context with Probabilistic = true }
            let expr, kind = down.Term session inside inner

            match kind with
            | Kind.Value { Random = Randomness.Constant; Shape = SizedShape.Column _ } ->
                Some(Law.Known(Distribution.Discrete expr), SizedShape.Scalar)
            | Kind.Value { Random = Randomness.Constant } ->
                session.Clash(inner.Start, session.KindText kind + " (a constant)", "a random object")
                None
            | Kind.Value value -> Some(Law.Of expr, value.Shape)
            | Kind.Map _ ->
                session.Clash(inner.Start, session.KindText kind, "a random object")
                None
            | Kind.Unknown -> None
        | Node.Name name when List.contains name DomainTerms.laws && isUnbound context name -> known name [] []
        | Node.Call(name, arguments) when List.contains name DomainTerms.laws && isUnbound context name -> known name [] arguments
        | Node.Index({ Node = Node.Name name }, subscripts) when List.contains name DomainTerms.laws && isUnbound context name ->
            subscripts
            |> List.choose (function
                | SurfaceSubscript.At size -> Some size
                | SurfaceSubscript.Whole
                | SurfaceSubscript.Slice _ -> None)
            |> fun sizes -> known name sizes []
        | _ ->
            let _, kind = down.Term session { context with Probabilistic = true } found

            if kind <> Kind.Unknown then
                session.Clash(found.At, session.KindText kind, "a law")

            None
