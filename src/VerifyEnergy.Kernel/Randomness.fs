namespace VerifyEnergy.Kernel

// Exact expectations: random objects become polynomials in independent standard letters, and letters are integrated out
// (Isserlis' theorem for Gaussian letters, moments 1/(m+1) for uniform ones). L. Isserlis, Biometrika 12 (1918) 134–139.

/// One random object, with its parameters evaluated.
[<RequireQualifiedAccess>]
type RandomLaw =
    /// Rows × columns letters; columns are independent, rows of one column have this covariance (None: the identity).
    | Gaussian of Covariance: NormalForm[,] option
    /// Letters uniform on [0, 1].
    | Uniform

[<RequireQualifiedAccess>]
module Randomness =
    /// The family of letters that stand for randomness.
    let private part = 8

    let letter (owner: int) (row: int) (column: int) : NormalForm =
        NormalForm.letter (Letter.Entry { Owner = owner; Part = part; Row = row; Column = column; Sign = LetterSign.Free })

    let private isRandom letter =
        match letter with
        | Letter.Entry e -> e.Part = part
        | Letter.Pi
        | Letter.Exp _
        | Letter.Base _
        | Letter.Log _
        | Letter.Function _ -> false

    /// E of a product of centred jointly Gaussian letters, by pairing the first with each other one.
    let rec private isserlis
        (steps: Steps)
        (memo: System.Collections.Generic.Dictionary<int list, NormalForm>)
        (covariance: int -> int -> NormalForm)
        (rows: int list)
        : NormalForm =
        match rows with
        | [] -> NormalForm.one
        | _ when rows.Length % 2 = 1 -> NormalForm.zero
        | first :: rest ->
            match memo.TryGetValue rows with
            | true, value -> value
            | false, _ ->
                steps.Spend(int64 rows.Length * int64 rows.Length)

                let value =
                    (NormalForm.zero, List.indexed rest)
                    ||> List.fold (fun sum (index, partner) ->
                        let pair = covariance first partner

                        if pair.IsZero then
                            sum
                        else
                            let others = List.removeAt index rest
                            NormalForm.add sum (NormalForm.multiply pair (isserlis steps memo covariance others)))

                memo[rows] <- value
                value

    /// Moments of a higher order are refused: the recursion is half as deep.
    let private maxDegree = 200L

    let private identity i j = if i = j then NormalForm.one else NormalForm.zero

    /// E[form] over the letters of these objects. Unsupported when a letter stands below a fraction or inside another function.
    let expectation (laws: Map<int, RandomLaw>) (steps: Steps) (form: NormalForm) : NormalForm =
        for struct (factor, _) in form.Denominator do
            if Polynomial.letters factor |> List.exists isRandom then
                raise (Unsupported "the expectation of a quotient of random values")

        let memos = laws |> Map.map (fun _ _ -> System.Collections.Generic.Dictionary<int list, NormalForm>(HashIdentity.Structural))

        let moment (powers: struct (EntryLetter * int)[]) : NormalForm =
            powers
            |> Array.groupBy (fun (struct (l, _)) -> l.Owner, l.Column)
            |> Array.map (fun ((owner, _), group) ->
                match Map.find owner laws with
                | RandomLaw.Gaussian covariance ->
                    let degree = group |> Array.sumBy (fun (struct (_, power)) -> int64 power)

                    if degree > maxDegree then
                        raise (TooLarge $"a Gaussian moment of order {degree}")

                    let rows = group |> Seq.collect (fun (struct (l, power)) -> Seq.replicate power l.Row) |> Seq.sort |> Seq.toList

                    let pair =
                        match covariance with
                        | Some matrix -> fun i j -> matrix[i, j]
                        | None -> identity

                    isserlis steps memos[owner] pair rows
                | RandomLaw.Uniform ->
                    group
                    |> Array.map (fun (struct (_, power)) ->
                        NormalForm.rational (Rational.Create(1I, System.Numerics.BigInteger(power + 1))))
                    |> Array.fold NormalForm.multiply NormalForm.one)
            |> Array.fold NormalForm.multiply NormalForm.one

        // Terms with the same random part share one moment.
        let groups = System.Collections.Generic.Dictionary<Monomial, ResizeArray<struct (Rational * Monomial)>>()

        for struct (coefficient, monomial) in form.Numerator.Terms do
            let random, rest = monomial.Factors |> Array.partition (fun (struct (l, _)) -> isRandom l)

            for struct (l, _) in rest do
                match l with
                | Letter.Entry _
                | Letter.Pi -> ()
                | Letter.Exp _
                | Letter.Base _
                | Letter.Log _
                | Letter.Function _ ->
                    if Polynomial.letters (Polynomial.letter l) |> List.exists isRandom then
                        raise (Unsupported "the expectation of a function that is not a polynomial")

            let create factors = Monomial.create (factors |> Array.map (fun (struct (l, r)) -> l, r) |> Array.toList)

            let key = create random

            match groups.TryGetValue key with
            | true, terms -> terms.Add(struct (coefficient, create rest))
            | false, _ -> groups[key] <- ResizeArray [ struct (coefficient, create rest) ]

        let denominator =
            (NormalForm.one, form.Denominator)
            ||> Array.fold (fun product (struct (factor, power)) ->
                NormalForm.multiply product (NormalForm.power (NormalForm.polynomial factor) power))

        let numerator =
            (NormalForm.zero, groups)
            ||> Seq.fold (fun sum (KeyValue(random, terms)) ->
                let powers =
                    random.Factors
                    |> Array.choose (fun (struct (l, r)) ->
                        match l with
                        | Letter.Entry e -> Some(struct (e, r.TryInt.Value))
                        | Letter.Pi
                        | Letter.Exp _
                        | Letter.Base _
                        | Letter.Log _
                        | Letter.Function _ -> None)

                let weight = NormalForm.polynomial (Polynomial.ofTerms terms)
                NormalForm.add sum (NormalForm.multiply weight (moment powers)))

        NormalForm.divide numerator denominator
