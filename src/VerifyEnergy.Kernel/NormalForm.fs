namespace VerifyEnergy.Kernel

open System.Collections.Generic
open System.Numerics

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module NormalForm =
    let zero = Fraction.zero
    let one = Fraction.one
    let rational value = Fraction.rational value

    let letter letter = Fraction.polynomial (Polynomial.letter letter)

    let polynomial p = Fraction.polynomial p
    let add a b = Fraction.add a b
    let subtract a b = Fraction.subtract a b
    let negate a = Fraction.negate a
    let multiply a b = Fraction.multiply a b
    let divide a b = Fraction.divide a b
    let power a exponent = Fraction.power a exponent
    let rationalPower b r = Elementary.rationalPower b r
    let exp u = Elementary.exp u
    let log u = Elementary.log u
    let abs a = Elementary.abs a

    let private half = (Rational.OfInt 2).Reciprocal

    let visibleSign (a: NormalForm) =
        Array.fold
            (fun sign (struct (f, e)) ->
                match sign with
                | ValueSome s ->
                    // A factor of the denominator is nonzero: even powers are positive.
                    if e % 2 = 0 || Polynomial.visiblyNonnegative f then ValueSome s
                    elif Polynomial.visiblyNonnegative (Polynomial.negate f) then ValueSome -s
                    else ValueNone
                | ValueNone -> ValueNone)
            (Polynomial.visibleSign a.Numerator)
            a.Factors

    let visiblyNonnegative (a: NormalForm) =
        let isPositive (struct (f, e)) = e % 2 = 0 || Polynomial.visiblyNonnegative f

        Polynomial.visiblyNonnegative a.Numerator && Array.forall isPositive a.Factors

    /// ±u with positive first coefficient, and whether the sign was turned.
    let private unsigned (u: NormalForm) =
        let isNegative =
            not u.IsZero
            && (let struct (leading, _) = u.Numerator.Raw[0]
                leading.Sign < 0)

        struct ((if isNegative then negate u else u), isNegative)

    /// u/(π/2) when that is whole, modulo 4.
    let private quarterTurns (u: NormalForm) =
        if u.IsZero then
            ValueSome 0
        elif u.IsPolynomial && u.Numerator.TermCount = 1 then
            let struct (c, m) = u.Numerator.Raw[0]
            let turns = c + c

            match m.Letters with
            | [| Pi |] when m.Exponents[0].IsOne && turns.IsInteger ->
                let modulo = BigInteger.Remainder(turns.Numerator, BigInteger 4)
                ValueSome((int modulo + 4) % 4)
            | _ -> ValueNone
        else
            ValueNone

    let private sine u =
        match quarterTurns u with
        | ValueSome turns -> rational (Rational.OfInt [| 0; 1; 0; -1 |].[turns])
        | ValueNone ->
            let struct (argument, isNegative) = unsigned u
            let value = letter (Function("sin", [ argument ]))
            if isNegative then negate value else value

    let private cosine u =
        match quarterTurns u with
        | ValueSome turns -> rational (Rational.OfInt [| 1; 0; -1; 0 |].[turns])
        | ValueNone ->
            let struct (argument, _) = unsigned u
            letter (Function("cos", [ argument ]))

    let apply name (arguments: NormalForm list) =
        match name, arguments with
        | "exp", [ u ] -> exp u
        | "log", [ u ] -> log u
        | "sqrt", [ u ] -> rationalPower u half
        | "abs", [ u ] -> abs u
        | "pi", [] -> letter Pi
        | "sin", [ u ] -> sine u
        | "cos", [ u ] -> cosine u
        | _, _ -> letter (Function(name, arguments))

    let substitute (replace: Letter -> NormalForm option) (form: NormalForm) =
        let known = Dictionary<Letter, NormalForm>()

        let rec ofForm (a: NormalForm) =
            Array.fold (fun quotient (struct (f, e)) -> divide quotient (power (ofPolynomial f) e)) (ofPolynomial a.Numerator) a.Factors

        and ofPolynomial (p: Polynomial) = p.Raw |> Array.map (fun struct (c, m) -> Fraction.scale c (ofMonomial m)) |> Fraction.sum

        and ofMonomial (m: Monomial) = Array.fold (fun product (struct (l, e)) -> multiply product (ofPower l e)) one m.Factors

        and ofPower l (exponent: Rational) =
            match l with
            | Exp m -> exp (Fraction.scale exponent (ofMonomial m))
            | Base b -> rationalPower (ofForm b) exponent
            | Entry _
            | Pi
            | Log _
            | Function _ -> rationalPower (ofLetter l) exponent

        and ofLetter l =
            match known.TryGetValue l with
            | true, value -> value
            | false, _ ->
                let value =
                    match replace l with
                    | Some value -> value
                    | None ->
                        match l with
                        | Entry _
                        | Pi
                        | Exp _
                        | Base _ -> letter l
                        | Log a -> log (ofForm a)
                        | Function(name, arguments) -> apply name (List.map ofForm arguments)

                known[l] <- value
                value

        ofForm form

    /// Exponents of tryExponentiate stay within this.
    let private maxExponentiated = BigInteger 64

    let tryExponentiate (form: NormalForm) =
        let mutable common = BigInteger.One
        let mutable applies = form.IsPolynomial
        let logs = List<struct (Rational * NormalForm)>()
        let rest = List<struct (Rational * Monomial)>()

        for struct (c, m) in form.Numerator.Raw do
            let isLog letter =
                match letter with
                | Log _ -> true
                | Entry _
                | Pi
                | Exp _
                | Base _
                | Function _ -> false

            match m.Letters with
            | [| Log u |] when m.Exponents[0].IsOne ->
                logs.Add(struct (c, u))
                let d = c.Denominator
                common <- common / BigInteger.GreatestCommonDivisor(common, d) * d
            | letters ->
                applies <- applies && not (Array.exists isLog letters)
                rest.Add(struct (c, m))

        let n = Rational.OfBigInteger common

        let isSmall (struct (c: Rational, _)) = (n * c).Abs.Floor <= maxExponentiated

        if applies && logs.Count > 0 && common <= maxExponentiated && Seq.forall isSmall logs then
            try
                let product sign =
                    logs
                    |> Seq.filter (fun struct (c, _) -> c.Sign = sign)
                    |> Seq.map (fun struct (c, u) -> rationalPower u (n * c.Abs))
                    |> Seq.fold multiply one

                let remainder = exp (polynomial (Polynomial.scale n (Polynomial(rest.ToArray()))))
                Some(subtract (multiply (product 1) remainder) (product -1))
            with TooLarge _ ->
                None
        else
            None

    let enclose (bits: int) (form: NormalForm) =
        let known = Dictionary<Letter, Interval>()

        let rec ofForm (a: NormalForm) =
            Array.fold
                (fun quotient (struct (f, e)) -> Interval.divide bits quotient (Interval.power bits (ofPolynomial f) e))
                (ofPolynomial a.Numerator)
                a.Factors

        and ofPolynomial (p: Polynomial) =
            Array.fold
                (fun sum (struct (c, m)) -> Interval.add bits sum (Interval.multiply bits (Interval.Point c) (ofMonomial m)))
                (Interval.Point Rational.Zero)
                p.Raw

        and ofMonomial (m: Monomial) =
            m.Factors
            |> Array.fold (fun product (struct (l, e)) -> Interval.multiply bits product (ofPower l e)) (Interval.Point Rational.One)

        and ofPower l (exponent: Rational) =
            match l, exponent.TryInt with
            | Exp m, _ -> Interval.exp bits (Interval.multiply bits (Interval.Point exponent) (ofMonomial m))
            | _, ValueSome k -> Interval.power bits (ofLetter l) k
            | Base b, ValueNone when Exact.same exponent half -> Interval.sqrt bits (ofForm b)
            | (Base _ | Entry _ | Pi | Log _ | Function _), ValueNone ->
                // Whole unless the base is surely positive.
                let logarithm = Interval.log bits (ofLetter l)
                Interval.exp bits (Interval.multiply bits (Interval.Point exponent) logarithm)

        and ofLetter l =
            match known.TryGetValue l with
            | true, value -> value
            | false, _ ->
                let value =
                    match l with
                    | Entry _ -> Interval.Whole
                    | Pi -> Interval.pi bits
                    | Exp m -> Interval.exp bits (ofMonomial m)
                    | Base b -> ofForm b
                    | Log a -> Interval.log bits (ofForm a)
                    | Function("exp", [ u ]) -> Interval.exp bits (ofForm u)
                    | Function("sin", [ u ]) -> Interval.sin bits (ofForm u)
                    | Function("cos", [ u ]) -> Interval.cos bits (ofForm u)
                    | Function _ -> Interval.Whole

                known[l] <- value
                value

        ofForm form

    let toText name form = FormText.ofForm name form
