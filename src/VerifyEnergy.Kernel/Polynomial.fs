namespace VerifyEnergy.Kernel

open System
open System.Collections.Generic
open System.Numerics

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Polynomial =
    let maxTerms = 200_000
    let private maxProducts = 64L * int64 maxTerms
    let private maxExponent = 4096
    let private maxBits = 10_000_000L

    let zero = Polynomial [||]

    let constant (value: Rational) =
        if value.IsZero then
            zero
        else
            Polynomial [| struct (value, Monomial.one) |]

    let one = constant Rational.One

    let private checkCount count =
        if count > maxTerms then
            raise (TooLarge $"a polynomial of {count} terms")

    /// From distinct irreducible monomials with nonzero coefficients.
    let private sorted (terms: struct (Rational * Monomial)[]) =
        checkCount terms.Length

        Array.Sort(terms, Comparison(fun (struct (_, a)) (struct (_, b)) -> Monomial.Compare(b, a)))

        Polynomial terms

    let negate (p: Polynomial) =
        Polynomial(Array.map (fun struct (c: Rational, m) -> struct (-c, m)) p.Raw)

    let scale (factor: Rational) (p: Polynomial) =
        if factor.IsZero then
            zero
        elif factor.IsOne then
            p
        else
            Polynomial(Array.map (fun struct (c, m) -> struct (factor * c, m)) p.Raw)

    let add (p: Polynomial) (q: Polynomial) =
        if p.IsZero then
            q
        elif q.IsZero then
            p
        else
            let a = p.Raw
            let b = q.Raw
            let sum = List<struct (Rational * Monomial)>(a.Length + b.Length)
            let mutable i = 0
            let mutable j = 0

            while i < a.Length || j < b.Length do
                if j = b.Length then
                    sum.Add a[i]
                    i <- i + 1
                elif i = a.Length then
                    sum.Add b[j]
                    j <- j + 1
                else
                    let struct (c, m) = a[i]
                    let struct (d, n) = b[j]
                    let order = Monomial.Compare(m, n)

                    if order > 0 then
                        sum.Add a[i]
                        i <- i + 1
                    elif order < 0 then
                        sum.Add b[j]
                        j <- j + 1
                    else
                        let coefficient = c + d

                        if not coefficient.IsZero then
                            sum.Add(struct (coefficient, m))

                        i <- i + 1
                        j <- j + 1

            checkCount sum.Count
            Polynomial(sum.ToArray())

    let subtract p q = add p (negate q)

    let private accumulate (sums: Dictionary<Monomial, Rational>) (coefficient: Rational) monomial =
        match sums.TryGetValue monomial with
        | true, known -> sums[monomial] <- known + coefficient
        | false, _ -> sums[monomial] <- coefficient

    let private nonzero (sums: Dictionary<Monomial, Rational>) =
        [|
            for pair in sums do
                if not pair.Value.IsZero then
                    struct (pair.Value, pair.Key)
        |]

    /// The first power in a reducible monomial that a relation rewrites: letter^(t·k) = relation^k, as
    /// (letter, t, k, relation).
    let private relation (m: Monomial) =
        let plain =
            seq {
                for i in 0 .. m.Plain.Length - 1 do
                    match m.Plain[i] with
                    | Function("sin", arguments) when m.Powers[i] >= 2 ->
                        let cosine = Monomial.create [ Function("cos", arguments), Rational.OfInt 2 ]

                        let squared =
                            Polynomial [| struct (-Rational.One, cosine); struct (Rational.One, Monomial.one) |]

                        struct (m.Plain[i], 2, m.Powers[i] / 2, squared)
                    | Function _
                    | Entry _
                    | Pi
                    | Log _
                    | Exp _
                    | Base _ -> ()
            }

        let units =
            seq {
                for i in 0 .. m.Units.Length - 1 do
                    match m.Units[i] with
                    | Base b when m.Exponents[i].Floor.Sign > 0 ->
                        match Rational.OfBigInteger(m.Exponents[i].Floor).TryInt with
                        | ValueSome k -> struct (m.Units[i], 1, k, b.Numerator)
                        | ValueNone -> raise (TooLarge $"the exponent {m.Exponents[i]}")
                    | Base _
                    | Exp _
                    | Entry _
                    | Pi
                    | Log _
                    | Function _ -> ()
            }

        Seq.head (Seq.append plain units)

    let private multiplyTerm (coefficient: Rational) (monomial: Monomial) (p: Polynomial) =
        Array.map (fun struct (c, m) -> struct (coefficient * c, Monomial.multiply monomial m)) p.Raw

    /// Rewrites reducible monomials. Terminates: a relation brings in only letters that are parts of the rewritten one,
    /// or a cosine, which no relation rewrites.
    let rec private settle (terms: struct (Rational * Monomial)[]) : Polynomial =
        match Array.tryFind (fun struct (_, m: Monomial) -> m.IsReducible) terms with
        | None -> sorted terms
        | Some(struct (_, reducible)) ->
            let struct (letter, threshold, k, replacement) = relation reducible
            let part = Monomial.create [ letter, Rational.OfInt(threshold * k) ]
            let rest = List()
            let lowered = List()

            for struct (c, m) in terms do
                let isSame =
                    m.IsReducible
                    && (let struct (other, _, n, _) = relation m
                        n = k && Letter.Compare(other, letter) = 0)

                match (if isSame then Monomial.tryDivide m part else ValueNone) with
                | ValueSome quotient -> lowered.Add(struct (c, quotient))
                | ValueNone -> rest.Add(struct (c, m))

            add (settle (rest.ToArray())) (multiply (settle (lowered.ToArray())) (power replacement k))

    and multiply (p: Polynomial) (q: Polynomial) : Polynomial =
        let products = int64 p.TermCount * int64 q.TermCount

        if products = 0L then
            zero
        elif products > maxProducts then
            raise (TooLarge $"a product of {p.TermCount} by {q.TermCount} terms")
        elif p.TermCount = 1 || q.TermCount = 1 then
            let single, other = if p.TermCount = 1 then p, q else q, p
            let struct (c, m) = single.Raw[0]

            if m.IsOne then
                scale c other
            else
                // The order is compatible with products, so the terms stay sorted when nothing is rewritten.
                let terms = multiplyTerm c m other

                if Array.exists (fun struct (_, m: Monomial) -> m.IsReducible) terms then
                    settle terms
                else
                    Polynomial terms
        else
            let sums = Dictionary<Monomial, Rational>()

            for struct (c, m) in p.Raw do
                for struct (d, n) in q.Raw do
                    accumulate sums (c * d) (Monomial.multiply m n)

            settle (nonzero sums)

    and power (p: Polynomial) (exponent: int) : Polynomial =
        if exponent < 0 then
            invalidArg (nameof exponent) $"Polynomials take exponents from 0 on, not {exponent}."
        elif exponent = 0 then
            one
        elif exponent = 1 || p.IsZero then
            p
        elif p.TermCount = 1 then
            let struct (c, m) = p.Raw[0]

            if int64 m.Degree * int64 exponent > int64 (1 <<< 28) then
                raise (TooLarge $"the power {exponent} of a monomial")

            if
                not (c.IsOne || Exact.same c -Rational.One)
                && c.BitLength * int64 exponent > maxBits
            then
                raise (TooLarge $"the power {exponent} of a number of {c.BitLength} bits")

            let factors =
                [
                    for struct (letter, e) in m.Factors do
                        letter, e * Rational.OfInt exponent
                ]

            settle [| struct (c.Power exponent, Monomial.create factors) |]
        elif exponent > maxExponent then
            raise (TooLarge $"the power {exponent} of a polynomial")
        else
            // For sparse polynomials repeated multiplication is faster than squaring.
            Seq.fold (fun product _ -> multiply product p) p (seq { 2..exponent })

    let ofTerms (terms: seq<struct (Rational * Monomial)>) =
        let sums = Dictionary<Monomial, Rational>()

        for struct (c, m) in terms do
            accumulate sums c m

        settle (nonzero sums)

    let letter letter =
        ofTerms [ struct (Rational.One, Monomial.create [ letter, Rational.One ]) ]

    /// Smallest exponents, over all terms, of the units that `isWanted` selects; a letter absent from a term counts 0.
    let private smallestUnits isWanted (p: Polynomial) =
        let smallest = SortedDictionary<Letter, struct (Rational * int)>()

        for struct (_, m) in p.Raw do
            for i in 0 .. m.Units.Length - 1 do
                if isWanted m.Units[i] then
                    let exponent = m.Exponents[i]

                    match smallest.TryGetValue m.Units[i] with
                    | true, struct (known, count) ->
                        let lower = if Exact.order exponent known < 0 then exponent else known
                        smallest[m.Units[i]] <- struct (lower, count + 1)
                    | false, _ -> smallest[m.Units[i]] <- struct (exponent, 1)

        Monomial.create
            [
                for pair in smallest do
                    let struct (lower, count) = pair.Value

                    if count = p.TermCount || lower.Sign < 0 then
                        pair.Key, lower
            ]

    let private isExp letter =
        match letter with
        | Exp _ -> true
        | Entry _
        | Pi
        | Base _
        | Log _
        | Function _ -> false

    let commonMonomial (p: Polynomial) =
        let plain = Dictionary<Letter, int>()
        let struct (_, first) = p.Raw[0]

        for i in 0 .. first.Plain.Length - 1 do
            plain[first.Plain[i]] <- first.Powers[i]

        let mutable next = 1

        while plain.Count > 0 && next < p.TermCount do
            let struct (_, m) = p.Raw[next]
            let present = Dictionary<Letter, int>()

            for i in 0 .. m.Plain.Length - 1 do
                match plain.TryGetValue m.Plain[i] with
                | true, known -> present[m.Plain[i]] <- min known m.Powers[i]
                | false, _ -> ()

            for known in List(plain.Keys) do
                match present.TryGetValue known with
                | true, lower -> plain[known] <- lower
                | false, _ -> plain.Remove known |> ignore

            next <- next + 1

        let factors = [ for pair in plain -> pair.Key, Rational.OfInt pair.Value ]
        Monomial.multiply (Monomial.create factors) (smallestUnits (isExp >> not) p)

    let private shiftUnits (p: Polynomial) =
        let units = smallestUnits isExp p

        if units.IsOne then
            struct (units, p)
        else
            let back = Monomial.unitPower units -Rational.One
            struct (units, Polynomial(multiplyTerm Rational.One back p))

    let primitive (p: Polynomial) =
        let struct (units, shifted) = shiftUnits p
        let mutable numerators = BigInteger.Zero
        let mutable denominators = BigInteger.One

        for struct (c, _) in shifted.Raw do
            numerators <- BigInteger.GreatestCommonDivisor(numerators, c.Numerator)
            let common = BigInteger.GreatestCommonDivisor(denominators, c.Denominator)
            denominators <- denominators / common * c.Denominator

        let struct (leading, _) = shifted.Raw[0]

        let content = Rational.Create(BigInteger leading.Sign * numerators, denominators)

        struct (content, units, scale content.Reciprocal shifted)

    /// Long division of polynomials without common Exp factors; every step subtracts an exact multiple of the divisor,
    /// so a remainder of zero proves the quotient.
    let private longDivide (dividend: Polynomial) (divisor: Polynomial) =
        let struct (leading, leadingMonomial) = divisor.Raw[0]
        let remainder = Dictionary<Monomial, Rational>()

        let descending =
            Comparer<Monomial>.Create(Comparison(fun a b -> Monomial.Compare(b, a)))

        let pending = PriorityQueue<Monomial, Monomial>(descending)

        for struct (c, m) in dividend.Raw do
            remainder[m] <- c
            pending.Enqueue(m, m)

        let quotient = List<struct (Rational * Monomial)>()
        let mutable isPossible = true
        let mutable work = 0L

        while isPossible && pending.Count > 0 do
            let top = pending.Dequeue()

            match remainder.TryGetValue top with
            | true, coefficient when not coefficient.IsZero ->
                match Monomial.tryDivide top leadingMonomial with
                | ValueSome m when m.Exponents |> Array.forall (fun e -> e.Sign > 0) ->
                    let c = coefficient / leading
                    quotient.Add(struct (c, m))
                    work <- work + int64 divisor.TermCount
                    isPossible <- work <= maxProducts
                    let product = multiply (Polynomial [| struct (c, m) |]) divisor
                    let struct (_, reached) = product.Raw[0]
                    // A relation may have rewritten the leading product; then nothing was gained.
                    isPossible <- isPossible && Monomial.Compare(reached, top) = 0

                    for struct (d, n) in product.Raw do
                        match remainder.TryGetValue n with
                        | true, known ->
                            // A coefficient that returns from zero has left the queue.
                            if known.IsZero then
                                pending.Enqueue(n, n)

                            remainder[n] <- known - d
                        | false, _ ->
                            remainder[n] <- -d
                            pending.Enqueue(n, n)

                    isPossible <- isPossible && remainder[top].IsZero
                | ValueSome _
                | ValueNone -> isPossible <- false
            | true, _
            | false, _ -> ()

        if isPossible then
            Some(settle (quotient.ToArray()))
        else
            None

    let tryDivide (dividend: Polynomial) (divisor: Polynomial) =
        if divisor.IsZero then
            raise (DivideByZeroException())
        elif dividend.IsZero then
            Some zero
        elif divisor.TermCount = 1 then
            let struct (c, m) = divisor.Raw[0]

            if m.IsOne then
                Some(scale c.Reciprocal dividend)
            else
                let quotients = Array.map (fun struct (_, n) -> Monomial.tryDivide n m) dividend.Raw

                if Array.forall (fun (q: Monomial voption) -> q.IsSome) quotients then
                    let terms =
                        Array.map2
                            (fun struct (d, _) (q: Monomial voption) -> struct (d / c, q.Value))
                            dividend.Raw
                            quotients

                    Some(Polynomial terms)
                else
                    None
        else
            let struct (dividendUnits, p) = shiftUnits dividend
            let struct (divisorUnits, d) = shiftUnits divisor
            let struct (_, top) = p.Raw[0]
            let struct (_, leading) = d.Raw[0]

            if (Monomial.tryDivide top leading).IsNone || not (Image.mayDivide p d) then
                None
            else
                longDivide p d
                |> Option.map (fun q ->
                    let units =
                        Monomial.multiply dividendUnits (Monomial.unitPower divisorUnits -Rational.One)

                    multiply (Polynomial [| struct (Rational.One, units) |]) q)

    let private tryMonomialRoot (m: Monomial) =
        if Array.forall (fun power -> power % 2 = 0) m.Powers then
            let half = Rational.Create(BigInteger.One, BigInteger 2)

            ValueSome(
                Monomial.OfParts(
                    m.Plain,
                    Array.map (fun power -> power / 2) m.Powers,
                    m.Units,
                    Array.map (fun e -> e * half) m.Exponents
                )
            )
        else
            ValueNone

    let private tryTermRoot (struct (c: Rational, m)) =
        if c.Sign > 0 then
            match Integer.trySquareRoot c, tryMonomialRoot m with
            | Some root, ValueSome monomial -> ValueSome(struct (root, monomial))
            | Some _, ValueNone
            | None, _ -> ValueNone
        else
            ValueNone

    let tryRoot (p: Polynomial) =
        if p.IsZero then
            Some zero
        else
            match tryTermRoot p.Raw[0], tryTermRoot p.Raw[p.TermCount - 1] with
            | ValueSome(struct (c, m)), ValueSome _ ->
                // Digit by digit: the next term of the root is the leading term of the rest over twice the first.
                let rec extend (root: Polynomial) (rest: Polynomial) steps =
                    if rest.IsZero then
                        Some root
                    elif steps = 0 then
                        None
                    else
                        let struct (d, n) = rest.Raw[0]

                        match Monomial.tryDivide n m with
                        | ValueSome quotient ->
                            let next = Polynomial [| struct (d / (c + c), quotient) |]
                            let twice = add (scale (Rational.OfInt 2) root) next
                            extend (add root next) (subtract rest (multiply next twice)) (steps - 1)
                        | ValueNone -> None

                let first = Polynomial [| struct (c, m) |]
                extend first (subtract p (multiply first first)) (p.TermCount + 16)
            | ValueSome _, ValueNone
            | ValueNone, _ -> None

    let rec letterSign (letter: Letter) =
        match letter with
        | Entry e ->
            match e.Sign with
            | LetterSign.Free -> ValueNone
            | LetterSign.Nonnegative -> ValueSome false
            | LetterSign.Positive -> ValueSome true
        | Pi
        | Exp _
        | Function("exp", _) -> ValueSome true
        | Base b -> ValueSome(visibleSign b.Numerator = ValueSome 1)
        | Log a ->
            match a.TryRational with
            | ValueSome value when Exact.order value Rational.One > 0 -> ValueSome true
            | ValueSome _
            | ValueNone -> ValueNone
        | Function _ -> ValueNone

    /// ValueSome true: positive; ValueSome false: nonnegative.
    and private monomialSign (m: Monomial) =
        let mutable isNonnegative = true
        let mutable isPositive = true

        for i in 0 .. m.Plain.Length - 1 do
            match letterSign m.Plain[i] with
            | ValueSome positive -> isPositive <- isPositive && positive
            | ValueNone ->
                isPositive <- false
                isNonnegative <- isNonnegative && m.Powers[i] % 2 = 0

        for letter in m.Units do
            match letterSign letter with
            | ValueSome positive -> isPositive <- isPositive && positive
            | ValueNone -> isNonnegative <- false

        if isNonnegative then ValueSome isPositive else ValueNone

    and visibleSign (p: Polynomial) =
        if p.IsZero then
            ValueSome 0
        else
            let struct (leading, _) = p.Raw[0]
            let mutable isVisible = true
            let mutable isStrict = false

            for struct (c, m) in p.Raw do
                if isVisible then
                    match monomialSign m with
                    | ValueSome positive ->
                        isVisible <- c.Sign = leading.Sign
                        isStrict <- isStrict || positive
                    | ValueNone -> isVisible <- false

            if isVisible && isStrict then
                ValueSome leading.Sign
            else
                ValueNone

    let visiblyNonnegative (p: Polynomial) =
        Array.forall (fun struct (c: Rational, m) -> c.Sign > 0 && (monomialSign m).IsSome) p.Raw

    let letters (p: Polynomial) =
        let found = SortedSet<Letter>()

        let rec visit (p: Polynomial) =
            for struct (_, m) in p.Raw do
                visitMonomial m

        and visitMonomial (m: Monomial) =
            Array.iter visitLetter m.Plain
            Array.iter visitLetter m.Units

        and visitForm (form: NormalForm) =
            visit form.Numerator

            for struct (factor, _) in form.Factors do
                visit factor

        and visitLetter letter =
            if found.Add letter then
                match letter with
                | Entry _
                | Pi -> ()
                | Exp m -> visitMonomial m
                | Base a
                | Log a -> visitForm a
                | Function(_, arguments) -> List.iter visitForm arguments

        visit p
        List.ofSeq found

    let toText name p = FormText.ofPolynomial name p
