namespace VerifyEnergy.Kernel

open System
open System.Collections.Generic
open System.Numerics
open System.Runtime.InteropServices

// GetValueRefOrAddDefault is annotated for references; a Rational is a struct and never null.
#nowarn "3265"

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Polynomial =
    let maxTerms = 200_000
    let private maxProducts = 64L * int64 maxTerms
    let private maxExponent = 4096
    let private maxBits = 10_000_000L

    let zero = Polynomial [||]

    let private single (coefficient: Rational) monomial =
        if coefficient.IsZero then zero else Polynomial [| struct (coefficient, monomial) |]

    let constant value = single value Monomial.one
    let one = constant Rational.One

    let private checkCount count =
        if count > maxTerms then
            raise (TooLarge $"a polynomial of {count} terms")

    /// From distinct irreducible monomials with nonzero coefficients.
    let private sorted (terms: struct (Rational * Monomial)[]) =
        checkCount terms.Length
        Array.Sort(terms, Comparison(fun (struct (_, a)) (struct (_, b)) -> Monomial.Compare(b, a)))
        Polynomial terms

    let scale (factor: Rational) (p: Polynomial) =
        if factor.IsZero then zero
        elif factor.IsOne then p
        else Polynomial(Array.map (fun struct (c, m) -> struct (factor * c, m)) p.Raw)

    let negate p = scale -Rational.One p

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

            while i < a.Length && j < b.Length do
                let struct (c, m) = a[i]
                let struct (d, n) = b[j]
                let order = Monomial.Compare(m, n)

                if order > 0 then
                    sum.Add a[i]
                elif order < 0 then
                    sum.Add b[j]
                elif not (c + d).IsZero then
                    sum.Add(struct (c + d, m))

                i <- if order >= 0 then i + 1 else i
                j <- if order <= 0 then j + 1 else j

            sum.AddRange(ArraySegment(a, i, a.Length - i))
            sum.AddRange(ArraySegment(b, j, b.Length - j))
            checkCount sum.Count
            Polynomial(sum.ToArray())

    let subtract p q = add p (negate q)

    let private accumulate (sums: Dictionary<'Key, Rational>) (key: 'Key) (value: Rational) =
        let mutable isKnown = false
        let sum = &CollectionsMarshal.GetValueRefOrAddDefault(sums, key, &isKnown)
        sum <- sum + value

    let private nonzero (sums: Dictionary<Monomial, Rational>) =
        [| for pair in sums do
               if not pair.Value.IsZero then
                   struct (pair.Value, pair.Key) |]

    let private times (coefficient: Rational) (monomial: Monomial) (p: Polynomial) =
        Array.map (fun struct (c, m) -> struct (coefficient * c, Monomial.multiply monomial m)) p.Raw

    /// The first letter of a reducible monomial to rewrite: letter^(t·k) = p^k, as (letter, t, k, p).
    let private reduction (m: Monomial) =
        let tryAt i =
            match m.Letters[i].TryRelation with
            | ValueSome(struct (t, p)) ->
                let k = (m.Exponents[i] / Rational.OfInt t).Floor

                if k.Sign > 0 then Some(struct (m.Letters[i], t, k, p)) else None
            | ValueNone -> None

        Seq.pick tryAt (seq { 0 .. m.Letters.Length - 1 })

    /// Rewrites reducible monomials (distinct, coefficients nonzero) by the relations of their letters. Terminates: a
    /// relation brings in parts of the rewritten letter, or a cosine, which no relation rewrites.
    let rec private settle (terms: struct (Rational * Monomial)[]) : Polynomial =
        match Array.tryFind (fun struct (_, m: Monomial) -> m.IsReducible) terms with
        | None -> sorted terms
        | Some(struct (_, reducible)) ->
            let struct (letter, t, k, replacement) = reduction reducible
            let exponent = Rational.OfBigInteger(BigInteger t * k)
            let part = Monomial([| letter |], [| exponent |])

            let isSame (struct (_, m: Monomial)) =
                m.IsReducible
                && (let struct (other, _, n, _) = reduction m
                    n = k && Letter.Compare(other, letter) = 0)

            let same, rest = Array.partition isSame terms

            let lowered = Array.map (fun struct (c, m) -> struct (c, Monomial.Combine(m, part, -Rational.One))) same

            match (Rational.OfBigInteger k).TryInt with
            | ValueSome n -> add (settle rest) (multiply (settle lowered) (power replacement n))
            | ValueNone -> raise (TooLarge $"the exponent {k}")

    and multiply (p: Polynomial) (q: Polynomial) : Polynomial =
        let products = int64 p.TermCount * int64 q.TermCount

        if products = 0L then
            zero
        elif products > maxProducts then
            raise (TooLarge $"a product of {p.TermCount} by {q.TermCount} terms")
        elif q.TermCount = 1 && p.TermCount > 1 then
            multiply q p
        elif p.TermCount = 1 then
            let struct (c, m) = p.Raw[0]

            if m.IsOne then
                scale c q
            else
                // The order is compatible with products: the terms stay sorted when nothing is rewritten.
                let terms = times c m q
                let isReducible = Array.exists (fun struct (_, m: Monomial) -> m.IsReducible) terms
                if isReducible then settle terms else Polynomial terms
        else
            match (if products < 64L then None else tryPacked p q) with
            | Some product -> product
            | None ->
                let sums = Dictionary<Monomial, Rational>()

                for struct (c, m) in p.Raw do
                    for struct (d, n) in q.Raw do
                        accumulate sums (Monomial.multiply m n) (c * d)

                settle (nonzero sums)

    /// The product with monomials packed into 64-bit words, one field of bits for each letter, wide enough for every
    /// exponent of the product: words add up without a carry between fields. None when 64 bits do not suffice.
    and private tryPacked (p: Polynomial) (q: Polynomial) : Polynomial option =
        match Lattice.TryCreate [ p; q ] with
        | None -> None
        | Some lattice ->
            let size = lattice.Letters.Length
            let left = lattice.Vectors p
            let right = lattice.Vectors q

            let lowest (vectors: int[][]) i = Array.fold (fun e (v: int[]) -> min e v[i]) 0 vectors

            let highest (vectors: int[][]) i = Array.fold (fun e (v: int[]) -> max e v[i]) 0 vectors

            let leftBase = Array.init size (lowest left)
            let rightBase = Array.init size (lowest right)

            let widths =
                Array.init size (fun i ->
                    let range = highest left i - leftBase[i] + highest right i - rightBase[i]
                    32 - BitOperations.LeadingZeroCount(uint32 range))

            if Array.sum widths > 64 then
                None
            else
                let shifts = Array.scan (+) 0 widths

                let pack (lowest: int[]) (vector: int[]) =
                    let mutable word = 0UL

                    for i in 0 .. size - 1 do
                        if widths[i] > 0 then
                            word <- word ||| (uint64 (vector[i] - lowest[i]) <<< shifts[i])

                    word

                let unpack (word: uint64) =
                    Array.init size (fun i ->
                        let field = if widths[i] = 0 then 0UL else (word >>> shifts[i]) &&& ((1UL <<< widths[i]) - 1UL)

                        int field + leftBase[i] + rightBase[i])

                let leftWords = Array.map (pack leftBase) left
                let rightWords = Array.map (pack rightBase) right
                let sums = Dictionary<uint64, Rational>()

                for i in 0 .. leftWords.Length - 1 do
                    let struct (c, _) = p.Raw[i]

                    for j in 0 .. rightWords.Length - 1 do
                        let struct (d, _) = q.Raw[j]
                        accumulate sums (leftWords[i] + rightWords[j]) (c * d)

                let terms =
                    [| for pair in sums do
                           if not pair.Value.IsZero then
                               struct (pair.Value, lattice.Monomial(unpack pair.Key)) |]

                Some(settle terms)

    and power (p: Polynomial) (exponent: int) : Polynomial =
        if exponent < 0 then
            invalidArg (nameof exponent) $"Polynomials take exponents from 0 on, not {exponent}."
        elif exponent = 0 then
            one
        elif exponent = 1 || p.IsZero then
            p
        elif p.TermCount = 1 then
            let struct (c, m) = p.Raw[0]

            if not c.Abs.IsOne && c.BitLength * int64 exponent > maxBits then
                raise (TooLarge $"the power {exponent} of a number of {c.BitLength} bits")

            settle [| struct (c.Power exponent, Monomial.power m (Rational.OfInt exponent)) |]
        elif exponent > maxExponent then
            raise (TooLarge $"the power {exponent} of a polynomial")
        else
            // For sparse polynomials repeated multiplication is faster than squaring.
            Seq.fold (fun product _ -> multiply product p) p (seq { 2..exponent })

    let ofTerms (terms: seq<struct (Rational * Monomial)>) =
        let sums = Dictionary<Monomial, Rational>()

        for struct (c, m) in terms do
            accumulate sums m c

        settle (nonzero sums)

    let letter letter = ofTerms [ struct (Rational.One, Monomial.create [ letter, Rational.One ]) ]

    /// The smallest exponents over all terms of p ≠ 0; a letter absent from a term counts 0.
    let private smallest (p: Polynomial) =
        let found = SortedDictionary<Letter, struct (Rational * int)>()

        for struct (_, m) in p.Raw do
            for i in 0 .. m.Letters.Length - 1 do
                let e = m.Exponents[i]

                match found.TryGetValue m.Letters[i] with
                | true, struct (known, count) -> found[m.Letters[i]] <- struct ((if Exact.order e known < 0 then e else known), count + 1)
                | false, _ -> found[m.Letters[i]] <- struct (e, 1)

        [ for pair in found do
              let struct (lower, count) = pair.Value

              if count = p.TermCount || lower.Sign < 0 then
                  pair.Key, lower ]

    let private isExp (letter: Letter) = not letter.IsPlain && letter.TryBase.IsNone

    let split (p: Polynomial) =
        let units, common = smallest p |> List.partition (fst >> isExp)
        let units = Monomial.create units
        let common = Monomial.create common
        let mutable numerators = BigInteger.Zero
        let mutable denominators = BigInteger.One

        for struct (c, _) in p.Raw do
            numerators <- BigInteger.GreatestCommonDivisor(numerators, c.Numerator)
            let shared = BigInteger.GreatestCommonDivisor(denominators, c.Denominator)
            denominators <- denominators / shared * c.Denominator

        let struct (leading, _) = p.Raw[0]
        let content = Rational.Create(BigInteger leading.Sign * numerators, denominators)
        let divisor = Monomial.multiply units common

        let rest = Array.map (fun struct (c, m) -> struct (c / content, Monomial.Combine(m, divisor, -Rational.One))) p.Raw

        struct (content, units, common, Polynomial rest)

    /// Long division of polynomials without negative exponents; every step subtracts an exact multiple of the divisor,
    /// so a remainder of zero proves the quotient.
    let private longDivide (dividend: Polynomial) (divisor: Polynomial) =
        let struct (leading, leadingMonomial) = divisor.Raw[0]
        let remainder = Dictionary<Monomial, Rational>()

        let pending = PriorityQueue<Monomial, Monomial>(Comparer.Create(fun a b -> Monomial.Compare(b, a)))

        let quotient = List<struct (Rational * Monomial)>()

        let subtractTerm c m =
            // Only a coefficient that is absent or zero has no place in the queue.
            match remainder.TryGetValue m with
            | true, known when not known.IsZero -> ()
            | true, _
            | false, _ -> pending.Enqueue(m, m)

            accumulate remainder m -c

        for struct (c, m) in dividend.Raw do
            subtractTerm -c m

        let mutable isPossible = true

        while isPossible && pending.Count > 0 do
            let top = pending.Dequeue()
            let coefficient = remainder[top]

            if not coefficient.IsZero then
                match Monomial.tryDivide top leadingMonomial with
                | ValueSome m when m.Exponents |> Array.forall (fun e -> e.Sign > 0) ->
                    let c = coefficient / leading
                    let product = multiply (single c m) divisor

                    let reaches = Array.tryHead product.Raw |> Option.exists (fun struct (_, n) -> Monomial.Compare(n, top) = 0)

                    quotient.Add(struct (c, m))

                    for struct (d, n) in product.Raw do
                        subtractTerm d n

                    // A relation may have rewritten the leading product; then nothing was gained.
                    isPossible <- reaches && remainder[top].IsZero && int64 quotient.Count * int64 divisor.TermCount <= maxProducts
                | ValueSome _
                | ValueNone -> isPossible <- false

        if isPossible then Some(ofTerms quotient) else None

    let tryDivide (dividend: Polynomial) (divisor: Polynomial) =
        if divisor.IsZero then
            raise (DivideByZeroException())
        elif dividend.IsZero then
            Some zero
        elif divisor.TermCount = 1 then
            let struct (c, m) = divisor.Raw[0]
            let quotients = Array.map (fun struct (_, n) -> Monomial.tryDivide n m) dividend.Raw

            if Array.forall (fun (q: Monomial voption) -> q.IsSome) quotients then
                Some(Polynomial(Array.map2 (fun struct (d, _) (q: Monomial voption) -> struct (d / c, q.Value)) dividend.Raw quotients))
            else
                None
        else
            // Exp letters are units: both sides are shifted to smallest exponents 0.
            let shift p =
                let units = smallest p |> List.filter (fst >> isExp) |> Monomial.create
                struct (units, Polynomial(times Rational.One (Monomial.power units -Rational.One) p))

            let struct (dividendUnits, p) = shift dividend
            let struct (divisorUnits, d) = shift divisor
            let struct (_, top) = p.Raw[0]
            let struct (_, leading) = d.Raw[0]

            if (Monomial.tryDivide top leading).IsNone || not (Image.mayDivide p d) then
                None
            else
                longDivide p d
                |> Option.map (multiply (single Rational.One (Monomial.Combine(dividendUnits, divisorUnits, -Rational.One))))

    let private tryTermRoot k (struct (c: Rational, m: Monomial)) =
        let degree = Rational.OfInt k

        let isPower (letter: Letter) (e: Rational) = not letter.IsPlain || (e / degree).IsInteger

        if (c.Sign > 0 || k % 2 = 1) && Array.forall2 isPower m.Letters m.Exponents then
            Integer.tryRationalRoot k c.Abs
            |> Option.map (fun root -> struct (Rational.OfInt c.Sign * root, Monomial.power m degree.Reciprocal))
        else
            None

    let tryRoot k (p: Polynomial) =
        if p.IsZero then
            Some zero
        else
            match tryTermRoot k p.Raw[0], tryTermRoot k p.Raw[p.TermCount - 1] with
            | Some(struct (c, m)), Some(struct (_, last)) ->
                // Digit by digit: the next term of the root r is the leading term of p − r^k over k·(first term)^(k−1).
                let slope = single (Rational.OfInt k * c.Power(k - 1)) (Monomial.power m (Rational.OfInt(k - 1)))

                let rec extend (root: Polynomial) (rest: Polynomial) steps =
                    if rest.IsZero then
                        Some root
                    else
                        match tryDivide (Polynomial [| rest.Raw[0] |]) slope with
                        | Some next when steps > 0 && isWithin next ->
                            let longer = add root next

                            let gain = if k = 2 then multiply next (add root longer) else subtract (power longer k) (power root k)

                            extend longer (subtract rest gain) (steps - 1)
                        | Some _
                        | None -> None

                // The exponents of a letter in r^k span k times those in r, so each term of a root lies in p's span over k.
                and isWithin next =
                    let struct (_, reached) = next.Raw[0]

                    Monomial.Compare(reached, last) >= 0
                    && Array.forall2
                        (fun letter (e: Rational) ->
                            let exponents =
                                p.Raw
                                |> Array.map (fun struct (_, term) ->
                                    match Array.tryFindIndex ((=) letter) term.Letters with
                                    | Some at -> term.Exponents[at]
                                    | None -> Rational.Zero)

                            let scaled = e * Rational.OfInt k

                            Array.exists (fun x -> Exact.order x scaled <= 0) exponents
                            && Array.exists (fun x -> Exact.order x scaled >= 0) exponents)
                        reached.Letters
                        reached.Exponents

                let first = single c m
                extend first (subtract p (power first k)) (p.TermCount + 16)
            | Some _, None
            | None, _ -> None

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

        for i in 0 .. m.Letters.Length - 1 do
            match letterSign m.Letters[i] with
            | ValueSome positive -> isPositive <- isPositive && positive
            | ValueNone ->
                isPositive <- false
                isNonnegative <- isNonnegative && m.Exponents[i].Numerator.IsEven

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

            if isVisible && isStrict then ValueSome leading.Sign else ValueNone

    let visiblyNonnegative (p: Polynomial) = Array.forall (fun struct (c: Rational, m) -> c.Sign > 0 && (monomialSign m).IsSome) p.Raw

    let letters (p: Polynomial) =
        let found = SortedSet<Letter>()

        let rec visit (p: Polynomial) =
            for struct (_, m) in p.Raw do
                visitMonomial m

        and visitMonomial (m: Monomial) = Array.iter visitLetter m.Letters

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
