namespace VerifyEnergy.Kernel

open System
open System.Collections.Generic

exception TooLarge of what: string

[<RequireQualifiedAccess>]
type LetterSign =
    | Free
    | Nonnegative
    | Positive

[<Struct>]
type EntryLetter = { Owner: int; Part: int; Row: int; Column: int; Sign: LetterSign }

[<CustomEquality; CustomComparison>]
type Letter =
    | Entry of EntryLetter
    | Pi
    | Exp of Monomial
    | Base of NormalForm
    | Log of NormalForm
    | Function of string * NormalForm list

    /// Whether only whole positive exponents make sense: all letters but Exp and Base.
    member letter.IsPlain =
        match letter with
        | Exp _
        | Base _ -> false
        | Entry _
        | Pi
        | Log _
        | Function _ -> true

    member letter.TryBase =
        match letter with
        | Base b -> ValueSome b.Numerator
        | Exp _
        | Entry _
        | Pi
        | Log _
        | Function _ -> ValueNone

    /// (t, p) when letter^t = p: b for a Base letter, t = 1; 1 − cos² for a sine, t = 2.
    member letter.TryRelation: struct (int * Polynomial) voption =
        match letter with
        | Base b -> ValueSome(struct (1, b.Numerator))
        | Function("sin", arguments) ->
            let square = Monomial([| Function("cos", arguments) |], [| Rational.OfInt 2 |])

            let one = Monomial([||], [||])
            ValueSome(struct (2, Polynomial [| struct (-Rational.One, square); struct (Rational.One, one) |]))
        | Exp _
        | Entry _
        | Pi
        | Log _
        | Function _ -> ValueNone

    member private letter.Rank =
        match letter with
        | Entry _ -> 0
        | Pi -> 1
        | Log _ -> 2
        | Function _ -> 3
        | Exp _ -> 4
        | Base _ -> 5

    static member private SignRank(sign: LetterSign) =
        match sign with
        | LetterSign.Free -> 0
        | LetterSign.Nonnegative -> 1
        | LetterSign.Positive -> 2

    member letter.Hash: uint64 =
        match letter with
        | Entry e ->
            let place = (uint64 (uint32 e.Owner) <<< 32) ||| uint64 (uint32 e.Part)
            let cell = (uint64 (uint32 e.Row) <<< 32) ||| uint64 (uint32 e.Column)

            StructuralHash.combine (StructuralHash.combine (StructuralHash.mix place) cell) (uint64 (Letter.SignRank e.Sign))
        | Pi -> StructuralHash.mix 3UL
        | Exp m -> StructuralHash.combine 4UL m.Hash
        | Base b -> StructuralHash.combine 5UL b.Hash
        | Log a -> StructuralHash.combine 6UL a.Hash
        | Function(name, arguments) ->
            let mutable h = StructuralHash.text name

            for a in arguments do
                h <- StructuralHash.combine h a.Hash

            h

    static member private CompareEntries(a: EntryLetter, b: EntryLetter) =
        if a.Owner <> b.Owner then compare a.Owner b.Owner
        elif a.Part <> b.Part then compare a.Part b.Part
        elif a.Row <> b.Row then compare a.Row b.Row
        elif a.Column <> b.Column then compare a.Column b.Column
        else compare (Letter.SignRank a.Sign) (Letter.SignRank b.Sign)

    static member Compare(a: Letter, b: Letter) : int =
        if obj.ReferenceEquals(a, b) then
            0
        else
            match a, b with
            | Entry x, Entry y -> Letter.CompareEntries(x, y)
            | Exp x, Exp y -> Monomial.Compare(x, y)
            | Base x, Base y
            | Log x, Log y -> NormalForm.Compare(x, y)
            | Function(f, xs), Function(g, ys) ->
                let byName = String.CompareOrdinal(f, g)

                if byName <> 0 then sign byName else List.compareWith (fun x y -> NormalForm.Compare(x, y)) xs ys
            | (Entry _ | Pi | Exp _ | Base _ | Log _ | Function _), _ -> compare a.Rank b.Rank

    override a.Equals other =
        match other with
        | :? Letter as b -> Letter.Compare(a, b) = 0
        | _ -> false

    override letter.GetHashCode() = int (letter.Hash >>> 32)

    interface IComparable with
        member a.CompareTo other =
            match other with
            | :? Letter as b -> Letter.Compare(a, b)
            | _ -> invalidArg (nameof other) "A letter is compared with letters only."

/// Letters strictly increase, exponents are nonzero.
and [<Sealed>] Monomial(letters: Letter[], exponents: Rational[]) =
    /// Beyond this a degree is refused.
    static let maxDegree = Rational.OfInt(1 <<< 24)

    let mutable degree = Rational.Zero
    let mutable hash = 0UL
    let mutable reducible = false

    do
        for i in 0 .. letters.Length - 1 do
            let letter = letters[i]
            hash <- hash + StructuralHash.combine letter.Hash (StructuralHash.rational exponents[i])

            if letter.IsPlain then
                degree <- degree + exponents[i]

            match letter.TryRelation with
            | ValueSome(struct (threshold, _)) -> reducible <- reducible || Exact.order exponents[i] (Rational.OfInt threshold) >= 0
            | ValueNone -> ()

        if Exact.order degree maxDegree > 0 then
            raise (TooLarge "the degree of a monomial")

    member _.Letters = letters
    member _.Exponents = exponents
    member _.Degree = degree
    member _.IsReducible = reducible
    member _.IsOne = letters.Length = 0
    member _.Hash: uint64 = hash

    member _.Factors = Array.map2 (fun l e -> struct (l, e)) letters exponents

    /// a·b^sign for sign = ±1.
    static member Combine(a: Monomial, b: Monomial, sign: Rational) : Monomial =
        if b.IsOne then
            a
        else
            let merged = List<Letter>(a.Letters.Length + b.Letters.Length)
            let sums = List<Rational>(a.Letters.Length + b.Letters.Length)
            let mutable i = 0
            let mutable j = 0

            while i < a.Letters.Length || j < b.Letters.Length do
                let order =
                    if i = a.Letters.Length then 1
                    elif j = b.Letters.Length then -1
                    else Letter.Compare(a.Letters[i], b.Letters[j])

                let letter = if order <= 0 then a.Letters[i] else b.Letters[j]

                let exponent =
                    if order < 0 then a.Exponents[i]
                    elif order > 0 then sign * b.Exponents[j]
                    else a.Exponents[i] + sign * b.Exponents[j]

                if not exponent.IsZero then
                    merged.Add letter
                    sums.Add exponent

                i <- if order <= 0 then i + 1 else i
                j <- if order >= 0 then j + 1 else j

            Monomial(merged.ToArray(), sums.ToArray())

    static member Compare(a: Monomial, b: Monomial) : int =
        // The smaller letter weighs more: where a letter stands on one side only, the sign of its exponent decides.
        let rec from i =
            let order =
                if i = a.Letters.Length then (if i = b.Letters.Length then 0 else 1)
                elif i = b.Letters.Length then -1
                else Letter.Compare(a.Letters[i], b.Letters[i])

            if order < 0 then
                a.Exponents[i].Sign
            elif order > 0 then
                -b.Exponents[i].Sign
            elif i = a.Letters.Length then
                0
            else
                let byExponent = Exact.order a.Exponents[i] b.Exponents[i]
                if byExponent <> 0 then byExponent else from (i + 1)

        if obj.ReferenceEquals(a, b) then
            0
        else
            let byDegree = Exact.order a.Degree b.Degree
            if byDegree <> 0 then byDegree else from 0

    override a.Equals other =
        match other with
        | :? Monomial as b -> a.Hash = b.Hash && Monomial.Compare(a, b) = 0
        | _ -> false

    override _.GetHashCode() = int (hash ^^^ (hash >>> 32))

    interface IComparable with
        member a.CompareTo other =
            match other with
            | :? Monomial as b -> Monomial.Compare(a, b)
            | _ -> invalidArg (nameof other) "A monomial is compared with monomials only."

and [<Sealed>] Polynomial(terms: struct (Rational * Monomial)[]) =
    let hash =
        lazy
            (let mutable h = 11UL

             for struct (c, m) in terms do
                 h <- StructuralHash.combine h (m.Hash + StructuralHash.rational c)

             h)

    member _.Raw = terms
    member _.Hash: uint64 = hash.Value
    member _.TermCount = terms.Length
    member _.IsZero = terms.Length = 0
    member _.Terms = Array.copy terms

    member _.TryConstant =
        if terms.Length = 0 then
            ValueSome Rational.Zero
        else
            let struct (c, m) = terms[0]

            if terms.Length = 1 && m.IsOne then ValueSome c else ValueNone

    static member Compare(a: Polynomial, b: Polynomial) : int =
        let x = a.Raw
        let y = b.Raw

        let rec from i =
            if i = x.Length || i = y.Length then
                compare x.Length y.Length
            else
                let struct (c, m) = x[i]
                let struct (d, n) = y[i]
                let byMonomial = Monomial.Compare(m, n)

                if byMonomial <> 0 then
                    byMonomial
                else
                    let byCoefficient = Exact.order c d
                    if byCoefficient <> 0 then byCoefficient else from (i + 1)

        if obj.ReferenceEquals(a, b) then 0 else from 0

    override a.Equals other =
        match other with
        | :? Polynomial as b -> obj.ReferenceEquals(a, b) || (a.TermCount = b.TermCount && a.Hash = b.Hash && Polynomial.Compare(a, b) = 0)
        | _ -> false

    override a.GetHashCode() = int (a.Hash >>> 32)

and [<Sealed>] NormalForm(numerator: Polynomial, denominator: struct (Polynomial * int)[]) =
    member _.Numerator = numerator
    member _.Factors = denominator
    member _.Denominator = Array.copy denominator
    member _.IsPolynomial = denominator.Length = 0
    member _.IsZero = numerator.IsZero

    member _.TryRational = if denominator.Length = 0 then numerator.TryConstant else ValueNone

    member _.Hash: uint64 =
        let mutable h = numerator.Hash

        for struct (factor, exponent) in denominator do
            h <- StructuralHash.combine h (factor.Hash + uint64 exponent)

        h

    static member Compare(a: NormalForm, b: NormalForm) : int =
        let x = a.Factors
        let y = b.Factors

        let rec from i =
            if i = x.Length || i = y.Length then
                compare x.Length y.Length
            else
                let struct (f, e) = x[i]
                let struct (g, d) = y[i]
                let byFactor = Polynomial.Compare(f, g)

                if byFactor <> 0 then byFactor
                elif e <> d then compare e d
                else from (i + 1)

        if obj.ReferenceEquals(a, b) then
            0
        else
            let byNumerator = Polynomial.Compare(a.Numerator, b.Numerator)
            if byNumerator <> 0 then byNumerator else from 0

    override a.Equals other =
        match other with
        | :? NormalForm as b -> NormalForm.Compare(a, b) = 0
        | _ -> false

    override a.GetHashCode() = int (a.Hash >>> 32)

[<RequireQualifiedAccess>]
module Monomial =
    let one = Monomial([||], [||])

    let multiply (a: Monomial) (b: Monomial) = if a.IsOne then b else Monomial.Combine(a, b, Rational.One)

    let create (factors: (Letter * Rational) list) =
        for letter, exponent in factors do
            match letter with
            | Base b when not b.IsPolynomial ->
                invalidArg (nameof factors) "The base of a power is a polynomial; its denominator is split off first."
            | Base _ when exponent.Sign < 0 -> invalidArg (nameof factors) $"A Base letter takes positive exponents, not {exponent}."
            | Entry _
            | Pi
            | Log _
            | Function _ when exponent.Sign < 0 || not exponent.IsInteger ->
                invalidArg (nameof factors) $"A plain letter takes whole exponents from 0 on, not {exponent}."
            | Base _
            | Exp _
            | Entry _
            | Pi
            | Log _
            | Function _ -> ()

        factors
        |> List.filter (fun (_, exponent) -> not exponent.IsZero)
        |> List.fold (fun product (letter, exponent) -> multiply product (Monomial([| letter |], [| exponent |]))) one

    let power (m: Monomial) (r: Rational) = if r.IsZero then one else Monomial(m.Letters, Array.map (fun e -> e * r) m.Exponents)

    let tryDivide (dividend: Monomial) (divisor: Monomial) =
        let quotient = Monomial.Combine(dividend, divisor, -Rational.One)

        let isProper (letter: Letter) (exponent: Rational) = exponent.Sign > 0 || not (letter.IsPlain || letter.TryBase.IsSome)

        if Array.forall2 isProper quotient.Letters quotient.Exponents then ValueSome quotient else ValueNone
