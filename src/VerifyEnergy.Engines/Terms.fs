namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// Objects to name for an `exists`, written in the letters of a case.
[<RequireQualifiedAccess>]
module Terms =
    /// Most tuples of objects that are offered for one `exists`.
    [<Literal>]
    let MaxTuples = 80

    type private Forms = Value<NormalForm>

    /// The matrices of factor letters, such as L in A = LLᵀ, cut or padded with zeros to a shape.
    let private factorMatrices (case: Case) (rows: int) (columns: int) (isComplex: bool) : Forms list =
        let letters =
            case.Factors()
            |> Map.toList
            |> List.collect (fun (_, form) -> Polynomial.letters form.Numerator)
            |> List.choose (fun letter ->
                match letter with
                | Letter.Entry entry -> Some entry
                | Letter.Pi
                | Letter.Log _
                | Letter.Function _
                | Letter.Exp _
                | Letter.Base _ -> None)
            |> List.distinct

        // Parts come in pairs: real, imaginary.
        [ for (owner, pair), family in letters |> List.groupBy (fun e -> e.Owner, e.Part / 2) do
              let find part i j =
                  family
                  |> List.tryFind (fun e -> e.Part = 2 * pair + part && e.Row = i && e.Column = j)
                  |> Option.map (fun e -> NormalForm.letter (Letter.Entry e))
                  |> Option.defaultValue NormalForm.zero

              if family |> List.forall (fun e -> e.Owner = owner && e.Row < rows && e.Column < columns) then
                  Value.Array(
                      Shape.Matrix,
                      rows,
                      columns,
                      Array.init (rows * columns) (fun at ->
                          { Re = find 0 (at / columns) (at % columns)
                            Im = if isComplex then ValueSome(find 1 (at / columns) (at % columns)) else ValueNone })
                  ) ]

    /// The objects of the claim as letters, in declaration order.
    let private objects (target: Target) (evaluator: Evaluator<NormalForm>) (case: Case) : Forms list =
        let start =
            (Grid.environment evaluator.Algebra target.Claim target.Instance, case.Finite)
            ||> List.fold (fun env (v, value) -> Map.add v value env)

        let _, found =
            ((start, []), target.Claim.Declarations)
            ||> List.fold (fun (environment, found) declaration ->
                match declaration with
                | Declaration.Object(v, domain) when not (Map.containsKey v environment) ->
                    match Objects.introduce evaluator environment v domain with
                    | Some symbolic -> Map.add v symbolic.Value environment, symbolic.Value :: found
                    | None -> environment, found
                | Declaration.Object _
                | Declaration.Hypothesis _ -> environment, found)

        List.rev found

    /// Shape, rows, columns and field of a domain whose objects can be named.
    let private shapeOf (evaluator: Evaluator<NormalForm>) environment (domain: Domain) : (Shape * int * int * bool) option =
        let size e = evaluator.IntegerOf(environment, e)
        let square n = Some(Shape.Matrix, size n, size n, Domains.isComplex domain)

        match domain with
        | Domain.Plain(_, sizes) ->
            let shape, rows, columns = evaluator.PlainShape(environment, sizes)
            Some(shape, rows, columns, Domains.isComplex domain)
        | Domain.Symmetric n
        | Domain.Psd(n, _)
        | Domain.Spd n
        | Domain.Orthogonal n
        | Domain.Diagonal n
        | Domain.Hermitian n
        | Domain.HermitianPsd n
        | Domain.HermitianPd n
        | Domain.Unitary n
        | Domain.Density n -> square n
        | Domain.Simplex n -> Some(Shape.Column, size n, 1, false)
        | Domain.Stochastic(n, m) -> Some(Shape.Matrix, size n, size m, false)
        | Domain.Coupling _
        | Domain.Map _
        | Domain.Random _ -> None

    let private fits (shape, rows, columns, isComplex) (value: Forms) =
        match value with
        | Value.Array(s, r, c, entries) ->
            s = shape
            && r = rows
            && c = columns
            && (isComplex || entries |> Array.forall (fun e -> e.Im.IsNone || e.Im.Value.IsZero))
        | Value.Map _ -> false

    /// Simplest first: factors, the objects, constants, then transposes, negatives, sums, differences and products of objects.
    let private candidates (algebra: ArrayAlgebra<NormalForm>) (case: Case) (objects: Forms list) wanted : Forms list =
        let shape, rows, columns, isComplex = wanted
        let number (n: int) = algebra.Rational(Rational.OfInt n)
        let constant entry = Value.Array(shape, rows, columns, Array.init (rows * columns) entry)

        let constants =
            [ constant (fun _ -> number 0)
              if rows = columns then
                  constant (fun at -> number (if at / columns = at % columns then 1 else 0))

              constant (fun _ -> number 1)
              if shape = Shape.Scalar then
                  for n in [ -1; 2; -2; 3; -3 ] do
                      constant (fun _ -> number n)
              elif columns = 1 then
                  for unit in 0 .. rows - 1 do
                      constant (fun at -> number (if at = unit then 1 else 0)) ]

        let derived = objects |> List.collect (fun a -> [ algebra.Adjoint a; algebra.Map(algebra.NegateEntry, a) ])

        let sameShape (a: Forms) (b: Forms) =
            match a, b with
            | Value.Array(s, r, c, _), Value.Array(t, q, d, _) -> s = t && r = q && c = d
            | Value.Map _, _
            | _, Value.Map _ -> false

        let multiplies (a: Forms) (b: Forms) =
            match a, b with
            | Value.Array(s, _, c, _), Value.Array(t, r, _, _) -> s = Shape.Scalar || t = Shape.Scalar || c = r
            | Value.Map _, _
            | _, Value.Map _ -> false

        let pairs =
            let both = objects @ List.map algebra.Adjoint objects

            [ for a in objects do
                  for b in both do
                      if sameShape a b then
                          algebra.Add(a, b)
                          algebra.Subtract(a, b)

              for a in both do
                  for b in both do
                      if multiplies a b then
                          algebra.Multiply(a, b) ]

        (if shape = Shape.Matrix then factorMatrices case rows columns isComplex else [])
        @ objects
        @ constants
        @ derived
        @ pairs
        |> List.filter (fits wanted)

    /// By letter numbers; None when an entry is no polynomial in the letters of the case.
    let private numbered (letters: Letter[]) isComplex (value: Forms) : TermObject option =
        let places = letters |> Array.mapi (fun index letter -> letter, index) |> Map.ofArray

        let data (form: NormalForm) : PolynomialData option =
            let isNumbered =
                form.Numerator.Terms
                |> Array.forall (fun (struct (_, m)) -> m.Factors |> Array.forall (fun (struct (l, _)) -> places.ContainsKey l))

            if form.IsPolynomial && isNumbered then
                Some
                    [ for struct (coefficient, m) in form.Numerator.Terms ->
                          coefficient, [ for struct (letter, exponent) in m.Factors -> places[letter], exponent ] ]
            else
                None

        match value with
        | Value.Map _ -> None
        | Value.Array(shape, rows, columns, entries) ->
            let read =
                entries
                |> Array.map (fun e ->
                    match data e.Re, e.Im with
                    | Some re, ValueSome im when isComplex -> data im |> Option.map (fun im -> re, Some im)
                    | Some re, ValueNone when isComplex -> Some(re, Some [])
                    | re, _ -> re |> Option.map (fun re -> re, None))

            if read |> Array.forall Option.isSome then
                Some { Shape = shape; Rows = rows; Columns = columns; Entries = read |> Array.map Option.get |> Array.toList }
            else
                None

    /// Tuples of objects for the binders, as the certificate writes them, with their values.
    let tuples (target: Target) (steps: Steps) (case: Case) (binders: Binder list) : (TermObject list * Forms list) seq =
        let evaluator = Evaluator<NormalForm>(FormArithmetic(steps, (fun _ _ -> ())), steps, Obligation.domains target.Claim)

        let environment = Grid.environment evaluator.Algebra target.Claim target.Instance
        let letters = case.Letters() |> List.toArray
        let objects = objects target evaluator case

        let choices =
            binders
            |> List.map (fun binder ->
                match binder.Range with
                | Range.Within domain ->
                    match shapeOf evaluator environment domain with
                    | None -> []
                    | Some wanted ->
                        let _, _, _, isComplex = wanted

                        candidates evaluator.Algebra case objects wanted
                        |> List.choose (fun value -> numbered letters isComplex value |> Option.map (fun term -> term, value))
                        |> List.distinctBy fst
                | Range.Between _
                | Range.Among _
                | Range.Fibre _ -> [])

        let rec combine choices =
            match choices with
            | [] -> Seq.singleton []
            | first :: rest ->
                seq {
                    for choice in first do
                        for others in combine rest do
                            choice :: others
                }

        combine choices |> Seq.truncate MaxTuples |> Seq.map List.unzip
