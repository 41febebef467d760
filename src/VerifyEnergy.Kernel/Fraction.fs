namespace VerifyEnergy.Kernel

open System
open System.Collections.Generic

/// Arithmetic of normal forms as fractions: numerator over powers of primitive polynomials.
module internal Fraction =
    let polynomial p = NormalForm(p, [||])
    let rational value = polynomial (Polynomial.constant value)
    let zero = polynomial Polynomial.zero
    let one = polynomial Polynomial.one

    let expand (factors: struct (Polynomial * int)[]) =
        Array.fold (fun product (struct (f, e)) -> Polynomial.multiply product (Polynomial.power f e)) Polynomial.one factors

    /// Merges two increasing lists of factors; `join` gives the exponent from both (0 where absent).
    let private mergeFactors join (a: struct (Polynomial * int)[]) (b: struct (Polynomial * int)[]) =
        let merged = List<struct (Polynomial * int)>()
        let mutable i = 0
        let mutable j = 0

        while i < a.Length || j < b.Length do
            let order =
                if i = a.Length then
                    1
                elif j = b.Length then
                    -1
                else
                    let struct (f, _) = a[i]
                    let struct (g, _) = b[j]
                    Polynomial.Compare(f, g)

            let struct (factor, exponent) =
                if order < 0 then
                    let struct (f, e) = a[i]
                    struct (f, join e 0)
                elif order > 0 then
                    let struct (g, d) = b[j]
                    struct (g, join 0 d)
                else
                    let struct (f, e) = a[i]
                    let struct (_, d) = b[j]
                    struct (f, join e d)

            if exponent > 0 then
                merged.Add(struct (factor, exponent))

            i <- if order <= 0 then i + 1 else i
            j <- if order >= 0 then j + 1 else j

        merged.ToArray()

    let private checkedSum (a: int) (b: int) =
        if a + b < 0 then
            raise (TooLarge "an exponent of a denominator")

        a + b

    /// Divides each factor out of the numerator as long as it goes.
    let private cancel (numerator: Polynomial) (factors: struct (Polynomial * int)[]) =
        if numerator.IsZero then
            struct (numerator, [||])
        elif factors.Length = 0 then
            struct (numerator, factors)
        else
            let mutable rest = numerator
            let left = List<struct (Polynomial * int)>()

            for struct (factor, exponent) in factors do
                let mutable e = exponent
                let mutable goesOn = true

                while goesOn && e > 0 do
                    match Polynomial.tryDivide rest factor with
                    | Some quotient ->
                        rest <- quotient
                        e <- e - 1
                    | None -> goesOn <- false

                if e > 0 then
                    left.Add(struct (factor, e))

            struct (rest, left.ToArray())

    let private reduced numerator factors =
        let struct (rest, left) = cancel numerator factors
        NormalForm(rest, left)

    let scale (factor: Rational) (a: NormalForm) =
        if factor.IsZero then zero else NormalForm(Polynomial.scale factor a.Numerator, a.Factors)

    let negate (a: NormalForm) = NormalForm(Polynomial.negate a.Numerator, a.Factors)

    let add (a: NormalForm) (b: NormalForm) =
        if a.IsZero then
            b
        elif b.IsZero then
            a
        elif a.IsPolynomial && b.IsPolynomial then
            polynomial (Polynomial.add a.Numerator b.Numerator)
        else
            let common = mergeFactors max a.Factors b.Factors
            let missing (form: NormalForm) = mergeFactors (-) common form.Factors
            let left = Polynomial.multiply a.Numerator (expand (missing a))
            let right = Polynomial.multiply b.Numerator (expand (missing b))
            reduced (Polynomial.add left right) common

    let subtract a b = add a (negate b)

    /// The sum by halves, so that long sums of polynomials cost n log n.
    let sum (forms: NormalForm[]) =
        let rec between low high =
            if high = low then
                zero
            elif high = low + 1 then
                forms[low]
            else
                let middle = low + (high - low) / 2
                add (between low middle) (between middle high)

        between 0 forms.Length

    let multiply (a: NormalForm) (b: NormalForm) =
        if a.IsZero || b.IsZero then
            zero
        elif a.IsPolynomial && b.IsPolynomial then
            polynomial (Polynomial.multiply a.Numerator b.Numerator)
        else
            let struct (p, under) = cancel a.Numerator b.Factors
            let struct (q, below) = cancel b.Numerator a.Factors
            reduced (Polynomial.multiply p q) (mergeFactors checkedSum below under)

    /// p as a power f^e of a polynomial that is no square, cube or fifth power itself, so that 1/f and 1/f² share f.
    let rec private rootFactor (p: Polynomial) exponent : struct (Polynomial * int) =
        match List.tryPick (fun k -> Polynomial.tryRoot k p |> Option.map (fun r -> struct (r, k))) [ 2; 3; 5 ] with
        | Some(struct (r, k)) -> rootFactor r (exponent * k)
        | None -> struct (p, exponent)

    /// 1/p for p ≠ 0. Exp letters move up; a Base letter is rationalised: 1/b^r = b^(1−r)/b.
    let rec private reciprocal (p: Polynomial) : NormalForm =
        let struct (content, units, common, rest) = Polynomial.split p
        let factors = List<struct (Polynomial * int)>()
        let mutable up = Monomial.power units -Rational.One
        let mutable bases = one

        for struct (letter, exponent) in common.Factors do
            match letter.TryBase, exponent.TryInt with
            | ValueSome b, _ ->
                up <- Monomial.multiply up (Monomial.create [ letter, Rational.One - exponent ])
                bases <- multiply bases (reciprocal b)
            | ValueNone, ValueSome power -> factors.Add(struct (Polynomial.letter letter, power))
            | ValueNone, ValueNone -> raise (TooLarge "an exponent of a denominator")

        if rest.TryConstant.IsNone then
            factors.Add(rootFactor rest 1)

        let numerator = Polynomial.ofTerms [ struct (content.Reciprocal, up) ]
        let order (struct (f, _)) (struct (g, _)) = Polynomial.Compare(f, g)
        multiply bases (NormalForm(numerator, factors.ToArray() |> Array.sortWith order))

    let divide (a: NormalForm) (b: NormalForm) =
        if b.IsZero then
            raise (DivideByZeroException())
        elif a.IsZero then
            zero
        else
            let positivePart x y = max 0 (x - y)
            let under = mergeFactors positivePart a.Factors b.Factors
            let up = mergeFactors positivePart b.Factors a.Factors

            match b.Numerator.TryConstant with
            | ValueSome c -> reduced (Polynomial.scale c.Reciprocal (Polynomial.multiply a.Numerator (expand up))) under
            | ValueNone -> multiply (reduced (Polynomial.multiply a.Numerator (expand up)) under) (reciprocal b.Numerator)

    let power (a: NormalForm) (exponent: int) =
        if exponent = 0 then
            one
        else
            let size = if exponent = Int32.MinValue then raise (TooLarge "an exponent") else abs exponent

            let checkedProduct e =
                if int64 e * int64 size > int64 Int32.MaxValue then
                    raise (TooLarge "an exponent of a denominator")

                e * size

            let raised =
                NormalForm(Polynomial.power a.Numerator size, Array.map (fun struct (f, e) -> struct (f, checkedProduct e)) a.Factors)

            if exponent > 0 then raised else divide one raised
