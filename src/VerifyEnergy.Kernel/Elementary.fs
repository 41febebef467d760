namespace VerifyEnergy.Kernel

open System
open System.Collections.Generic

/// Powers with rational exponents, exp, log and abs of normal forms. Every rewriting is an equation of real functions
/// wherever the left side is defined: bases of powers ≥ 0, arguments of log > 0, divisors ≠ 0.
module internal Elementary =
    let private half = (Rational.OfInt 2).Reciprocal

    let private term coefficient factors = Fraction.polynomial (Polynomial.ofTerms [ struct (coefficient, Monomial.create factors) ])

    let private letter l = term Rational.One [ l, Rational.One ]

    let private wholePart (r: Rational) =
        match Rational.OfBigInteger(r.Floor).TryInt with
        | ValueSome n -> n
        | ValueNone -> raise (TooLarge $"the exponent {r}")

    /// b^r as b^⌊r⌋ times the letter of b to the fractional part. `b` is primitive, or a number that is no power.
    let private letterPower (b: Polynomial) (r: Rational) =
        let n = wholePart r
        let fraction = r - Rational.OfInt n
        let whole = Fraction.power (Fraction.polynomial b) n

        if fraction.IsZero then
            whole
        else
            Fraction.multiply whole (term Rational.One [ Base(Fraction.polynomial b), fraction ])

    /// q^r for q > 0.
    let private numberPower (q: Rational) (r: Rational) =
        let powers n sign = [ for struct (b, e) in Integer.factor n -> struct (b, Rational.OfInt(sign * e) * r) ]

        List.fold
            (fun product (struct (b, e)) -> Fraction.multiply product (letterPower (Polynomial.constant (Rational.OfBigInteger b)) e))
            Fraction.one
            (powers q.Numerator 1 @ powers q.Denominator -1)

    /// What is known of the sign of a factor.
    type private Sign =
        | Positive
        | Nonnegative
        | Unknown

    /// A factor of a form: letter^k for a plain letter, b^r for a Base letter, or a sum without common monomial.
    type private Factor =
        | Plain of Letter * int
        | Root of Letter * Polynomial * Rational
        | Sum of Polynomial

    let private expand factors =
        let ofFactor factor =
            match factor with
            | Plain(l, k) -> Polynomial.power (Polynomial.letter l) k
            | Root(l, _, r) -> Polynomial.ofTerms [ struct (Rational.One, Monomial.create [ l, r ]) ]
            | Sum p -> p

        List.fold (fun product f -> Polynomial.multiply product (ofFactor f)) Polynomial.one factors

    let private signOf factor =
        let ofLetter l =
            match Polynomial.letterSign l with
            | ValueSome true -> Positive
            | ValueSome false -> Nonnegative
            | ValueNone -> Unknown

        match factor with
        | Plain(l, k) when k % 2 = 0 && ofLetter l = Unknown -> Nonnegative
        | Plain(l, _)
        | Root(l, _, _) -> ofLetter l
        | Sum p when Polynomial.visibleSign p = ValueSome 1 -> Positive
        | Sum p when Polynomial.visiblyNonnegative p || (Polynomial.tryRoot 2 p).IsSome -> Nonnegative
        | Sum _ -> Unknown

    /// p ≠ 0 as |content|·units·Π factors; a negative sign goes to the sum.
    let private factorise (p: Polynomial) =
        let struct (content, units, common, rest) = Polynomial.split p
        let sum = if content.Sign < 0 then Polynomial.negate rest else rest

        let factors =
            [ for struct (letter, exponent) in common.Factors do
                  match letter.TryBase with
                  | ValueSome b -> Root(letter, b, exponent)
                  | ValueNone -> Plain(letter, wholePart exponent)
              if sum <> Polynomial.one then
                  Sum sum ]

        struct (content.Abs, units, factors)

    /// Splits factors, the product of which (over `below`, of unknown sign) is ≥ 0, into those that may be treated one by
    /// one and the product of the others. Positive factors always part; the nonnegative ones only when nothing of unknown
    /// sign remains, for else the rest could be negative where one of them vanishes.
    let private separate isAloneAbove factors =
        let positive, others = List.partition (fun f -> signOf f = Positive) factors

        if isAloneAbove && List.forall (fun f -> signOf f = Nonnegative) others then
            struct (factors, ValueNone)
        else
            struct (positive, ValueSome(expand others))

    let rec rationalPower (b: NormalForm) (r: Rational) : NormalForm =
        if r.IsInteger then
            Fraction.power b (wholePart r)
        elif b.IsZero then
            if r.Sign < 0 then raise (DivideByZeroException()) else Fraction.zero
        else
            // N/Πf^e with f ≠ 0: factors of unknown sign to an odd power are moved up, f·N/f^(e+1).
            let mutable numerator = b.Numerator
            let below = List<NormalForm>()

            for struct (f, e) in b.Factors do
                if Polynomial.visiblyNonnegative f then
                    below.Add(polynomialPower f (Rational.OfInt -e * r))
                else
                    if e % 2 <> 0 then
                        numerator <- Polynomial.multiply numerator f

                    let pairs = Rational.OfInt -((e + 1) / 2)
                    below.Add(polynomialPower (Polynomial.power f 2) (pairs * r))

            Seq.fold Fraction.multiply (polynomialPower numerator r) below

    /// p^r for p ≥ 0, p > 0 when r < 0.
    and private polynomialPower (p: Polynomial) (r: Rational) : NormalForm =
        let struct (content, units, factors) = factorise p
        let struct (apart, together) = separate true factors

        let split =
            [ numberPower content r
              Fraction.polynomial (Polynomial.ofTerms [ struct (Rational.One, Monomial.power units r) ])
              for factor in apart do
                  match factor with
                  | Plain(l, k) ->
                      if (Polynomial.letterSign l).IsSome then
                          letterPower (Polynomial.letter l) (Rational.OfInt k * r)
                      else
                          letterPower (Polynomial.power (Polynomial.letter l) 2) (Rational.OfInt(k / 2) * r)
                  | Root(_, b, s) -> rationalPower (Fraction.polynomial b) (s * r)
                  | Sum sum ->
                      match Polynomial.tryRoot 2 sum with
                      | Some root when Polynomial.visiblyNonnegative root -> rationalPower (Fraction.polynomial root) (Rational.OfInt 2 * r)
                      | Some root ->
                          // (q²)^r = q^(2⌊r⌋)·(q²)^(r−⌊r⌋): denominators keep the factor q itself.
                          let n = wholePart r
                          let whole = Fraction.power (Fraction.polynomial root) (2 * n)
                          Fraction.multiply whole (letterPower sum (r - Rational.OfInt n))
                      | None -> letterPower sum r ]

        let rest =
            match together with
            | ValueNone -> Fraction.one
            | ValueSome product ->
                match product.TryConstant with
                | ValueSome c -> invalidArg (nameof p) $"A negative number has no real power {r}: {content * c}."
                | ValueNone -> letterPower product r

        List.fold Fraction.multiply rest split

    let abs (a: NormalForm) =
        let ofPolynomial p =
            match Polynomial.visibleSign p with
            | ValueSome 1
            | ValueSome 0 -> Fraction.polynomial p
            | ValueSome _ -> Fraction.polynomial (Polynomial.negate p)
            | ValueNone ->
                if Polynomial.visiblyNonnegative p then
                    Fraction.polynomial p
                elif Polynomial.visiblyNonnegative (Polynomial.negate p) then
                    Fraction.polynomial (Polynomial.negate p)
                else
                    rationalPower (Fraction.polynomial (Polynomial.power p 2)) half

        Array.fold
            (fun quotient (struct (f, e)) -> Fraction.divide quotient (Fraction.power (ofPolynomial f) e))
            (ofPolynomial a.Numerator)
            a.Factors

    /// exp(c·t) for t a form that is no polynomial and has numerator one monomial.
    let private exponentialLetter (t: NormalForm) (c: Rational) = rationalPower (letter (Function("exp", [ t ]))) c

    let rec exp (u: NormalForm) : NormalForm =
        if u.IsPolynomial then
            // Terms fall and Exp letters are ordered like their monomials: reversed, the letters rise.
            let letters = List<Letter>()
            let exponents = List<Rational>()
            let powers = List<NormalForm>()

            for struct (c, m) in u.Numerator.Raw do
                match m.Letters with
                | [| Log a |] when m.Exponents[0].IsOne -> powers.Add(rationalPower a c)
                | _ ->
                    letters.Add(Exp m)
                    exponents.Add c

            letters.Reverse()
            exponents.Reverse()
            let units = Monomial(letters.ToArray(), exponents.ToArray())
            let unit = Fraction.polynomial (Polynomial [| struct (Rational.One, units) |])
            Seq.fold Fraction.multiply unit powers
        else
            let denominator = NormalForm(Polynomial.one, u.Factors)

            u.Numerator.Raw
            |> Array.map (fun struct (c, m) ->
                let single = Fraction.polynomial (Polynomial [| struct (Rational.One, m) |])
                let t = Fraction.multiply single denominator

                if t.IsPolynomial then
                    exp (Fraction.scale c t)
                else
                    // t keeps a coefficient ±1 only if the denominator's factors took none; scale it back to one.
                    let struct (d, _) = t.Numerator.Raw[0]
                    exponentialLetter (Fraction.scale d.Reciprocal t) (c * d))
            |> Array.fold Fraction.multiply Fraction.one

    let private numberLog (q: Rational) =
        let logs n sign =
            [| for struct (b, e) in Integer.factor n do
                   Fraction.scale (Rational.OfInt(sign * e)) (letter (Log(Fraction.rational (Rational.OfBigInteger b)))) |]

        Fraction.sum (Array.append (logs q.Numerator 1) (logs q.Denominator -1))

    let rec log (u: NormalForm) : NormalForm =
        if u.IsZero then
            invalidArg (nameof u) "log is not defined at 0."

        let struct (content, units, factors) = factorise u.Numerator

        let isSplit (struct (f, e)) = e % 2 = 0 || Polynomial.visiblyNonnegative f

        let below = Array.filter isSplit u.Factors
        let kept = Array.filter (isSplit >> not) u.Factors

        let struct (apart, together) = separate (kept.Length = 0) factors

        let fromUnits =
            [| for struct (letter, exponent) in units.Factors do
                   match letter with
                   | Exp m -> Fraction.polynomial (Polynomial [| struct (exponent, m) |])
                   | Base _
                   | Entry _
                   | Pi
                   | Log _
                   | Function _ -> () |]

        let fromFactors =
            [| for factor in apart do
                   match factor with
                   | Plain(Function("exp", [ t ]), k) -> Fraction.scale (Rational.OfInt k) t
                   | Plain(l, k) ->
                       if (Polynomial.letterSign l).IsSome then
                           Fraction.scale (Rational.OfInt k) (letter (Log(letter l)))
                       else
                           let square = Fraction.power (letter l) 2
                           Fraction.scale (Rational.OfInt(k / 2)) (letter (Log square))
                   | Root(_, b, s) -> Fraction.scale s (log (Fraction.polynomial b))
                   | Sum sum -> letter (Log(Fraction.polynomial sum)) |]

        let fromBelow =
            [| for struct (f, e) in below do
                   if Polynomial.visiblyNonnegative f then
                       Fraction.scale (Rational.OfInt -e) (log (Fraction.polynomial f))
                   else
                       let square = Fraction.polynomial (Polynomial.power f 2)
                       Fraction.scale (Rational.OfInt(-e / 2)) (log square) |]

        let rest =
            match together with
            | ValueNone -> [||]
            | ValueSome product ->
                match product.TryConstant with
                | ValueSome sign when kept.Length > 0 ->
                    // log(±1/d) = −log(±d).
                    let d = Polynomial.scale sign (Fraction.expand kept)
                    [| Fraction.negate (letter (Log(Fraction.polynomial d))) |]
                | ValueSome sign -> invalidArg (nameof u) $"log is not defined at {content * sign}."
                | ValueNone -> [| letter (Log(NormalForm(product, kept))) |]

        Fraction.sum (Array.concat [ [| numberLog content |]; fromUnits; fromFactors; fromBelow; rest ])
