namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// The way back into terms and propositions, for constructs that are elaborated in files of their own.
type internal Descent = { Term: Session -> Context -> Term -> Expr * Kind; Formula: Session -> Context -> Term -> Prop * Randomness }

/// Domains, laws and binders.
module internal DomainTerms =
    open KindRules

    type private Range = VerifyEnergy.Kernel.Range

    let laws = [ "law"; "normal"; "gaussian"; "wishart"; "chi2"; "uniform" ]

    /// The number of values of a range, where it is finite and known.
    let rangeCount (session: Session) (range: Range) : Expr option =
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

    let sizeTerm (down: Descent) (session: Session) (context: Context) (found: Term) : Size =
        let expr, kind = down.Term session context found
        let size = integerSize session found.At expr kind
        session.Later(found.At, Check.Positive size.Expr, $"size {session.SizeText size}", "a size ≥ 1")
        size

    /// A law by name, with the shape of its values; None after a complaint.
    let distribution (down: Descent) (session: Session) (context: Context) (found: SurfaceDomain) : (Distribution * SizedShape) option =
        let at = found.At

        let wrongForm form =
            session.Complain(context, at, $"this law is written {form}", "")
            None

        let parameter wanted (inner: Term) =
            let expr, kind = down.Term session { context with Probabilistic = true } inner
            wantReal session inner.Start wanted kind
            wantConstant session inner.Start wanted kind
            inner.Start, expr, kind

        let scalar wanted (inner: Term) =
            let place, expr, kind = parameter wanted inner
            wantScalar session place wanted kind
            expr

        match found.Name, found.Sizes, found.Arguments with
        | "normal", sizes, [] ->
            match sizes |> List.map (sizeTerm down session context) with
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

    let domainTerm (down: Descent) (session: Session) (context: Context) (found: SurfaceDomain) : Domain * Kind =
        let at = found.At
        let failed = Domain.Plain(ScalarSet.Real, []), Kind.Unknown

        let complain message suggestion =
            session.Complain(context, at, message, suggestion)
            failed

        let sizes () = found.Sizes |> List.map (sizeTerm down session context)

        let wrongForm form = complain $"this domain is written {form}" ""

        let shaped (sizes: Size list) =
            match sizes with
            | [] -> Some SizedShape.Scalar
            | [ size ] -> Some(SizedShape.Column size)
            | [ rows; columns ] -> Some(SizedShape.Matrix(rows, columns))
            | _ -> None

        let finish domain (kind: ValueKind) =
            session.IsComplex <- session.IsComplex || kind.Complex
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
                        let expr, kind = down.Term session context inner
                        integerSize session inner.Start expr kind

                    let a, b = bound low, bound high
                    plain (ScalarSet.Integer(a.Expr, b.Expr))
                | None -> wrongForm "int in a..b"
            | "sym" -> square false Domain.Symmetric
            | "psd" ->
                match found.Rank with
                | None -> square false (fun size -> Domain.Psd(size, None))
                | Some rank ->
                    let expr, kind = down.Term session context rank
                    let limit = integerSize session rank.Start expr kind
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
                        let expr, kind = down.Term session context inner
                        wantReal session inner.Start "a real column (a marginal)" kind
                        wantConstant session inner.Start "a constant column (a marginal)" kind

                        match kind with
                        | Kind.Value { Shape = SizedShape.Column size } -> expr, size
                        | Kind.Unknown -> expr, Size.one
                        | Kind.Value _
                        | Kind.Map _ ->
                            session.Clash(inner.Start, session.KindText kind, "a column (a marginal)")
                            expr, Size.one

                    let a, rows = column first
                    let b, columns = column second
                    finish (Domain.Coupling(a, b)) (Kind.value (SizedShape.Matrix(rows, columns)))
                | _ -> wrongForm "coupling(a, b)"
            | name when List.contains name laws ->
                match distribution down session context found with
                | Some(law, shape) -> random law shape
                | None -> failed
            | name -> complain $"unknown domain '{name}'" (Spelling.suggest Words.domains name)

    /// Binders of a sum, table or quantifier, each in the scope of those before it. `finite` refuses infinite domains.
    let bind
        (down: Descent)
        (session: Session)
        (context: Context)
        finite
        (binders: SurfaceBinder list)
        : Context * Binder list * Randomness =
        let step (context: Context, random) (found: SurfaceBinder) =
            let scalar (inner: Term) =
                let expr, kind = down.Term session context inner
                wantScalar session inner.Start "an integer" kind
                wantReal session inner.Start "an integer" kind
                expr, kind

            let range, kind, isInteger, more =
                match found.Range with
                | SurfaceRange.Between(low, high) ->
                    let a, lowKind = scalar low
                    let b, highKind = scalar high

                    // Kinds of tables need the length; sums need an integer expression as well.
                    let known expr kind at = integerSize session at expr kind |> ignore

                    known a lowKind low.Start
                    known b highKind high.Start
                    Range.Between(a, b), Kind.scalar, true, Randomness.Constant
                | SurfaceRange.Among items ->
                    let all = items |> List.map scalar

                    let whole = all |> List.forall (fun (expr, _) -> (Size.ofExpr session.IsInteger expr).IsSome)

                    let random = all |> List.fold (fun sum (_, kind) -> Randomness.join sum (randomness kind)) Randomness.Constant

                    Range.Among(all |> List.map fst), Kind.scalar, whole, random
                | SurfaceRange.Within domain ->
                    let core, kind = domainTerm down session context domain

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
                    let f, mapKind = down.Term session context map

                    match mapKind with
                    | Kind.Map _
                    | Kind.Unknown -> ()
                    | Kind.Value _ -> session.Clash(map.Start, session.KindText mapKind, "a map ('fibre')")

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
