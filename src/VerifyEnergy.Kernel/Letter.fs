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
type EntryLetter =
    {
        Owner: int
        Part: int
        Row: int
        Column: int
        Sign: LetterSign
    }

[<CustomEquality; CustomComparison>]
type Letter =
    | Entry of EntryLetter
    | Pi
    | Exp of Monomial
    | Base of NormalForm
    | Log of NormalForm
    | Function of string * NormalForm list

    member letter.IsUnit =
        match letter with
        | Exp _
        | Base _ -> true
        | Entry _
        | Pi
        | Log _
        | Function _ -> false

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

            StructuralHash.combine
                (StructuralHash.combine (StructuralHash.mix place) cell)
                (uint64 (Letter.SignRank e.Sign))
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
        if a.Owner <> b.Owner then
            compare a.Owner b.Owner
        elif a.Part <> b.Part then
            compare a.Part b.Part
        elif a.Row <> b.Row then
            compare a.Row b.Row
        elif a.Column <> b.Column then
            compare a.Column b.Column
        else
            compare (Letter.SignRank a.Sign) (Letter.SignRank b.Sign)

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

                if byName <> 0 then
                    sign byName
                else
                    List.compareWith (fun x y -> NormalForm.Compare(x, y)) xs ys
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

and [<Sealed>] Monomial
    private
    (
        plain: Letter[],
        powers: int[],
        units: Letter[],
        exponents: Rational[],
        degree: int,
        plainHash: uint64,
        unitHash: uint64,
        reducible: bool
    ) =

    /// Beyond this an exponent is refused, long before sums of exponents could wrap around.
    static let maxDegree = 1 <<< 28

    static let isReduciblePower letter power =
        match letter with
        | Function("sin", _) -> power >= 2
        | Function _
        | Entry _
        | Pi
        | Log _
        | Exp _
        | Base _ -> false

    static let isReducibleUnit letter (exponent: Rational) =
        match letter with
        | Base _ -> exponent.Floor.Sign <> 0
        | Exp _
        | Entry _
        | Pi
        | Log _
        | Function _ -> false

    static let hashUnits (units: Letter[]) (exponents: Rational[]) =
        let mutable h = 0UL

        for i in 0 .. units.Length - 1 do
            h <- h + StructuralHash.combine units[i].Hash (StructuralHash.rational exponents[i])

        h

    member _.Plain = plain
    member _.Powers = powers
    member _.Units = units
    member _.Exponents = exponents
    member _.Degree = degree
    member _.IsReducible = reducible
    member _.IsOne = plain.Length = 0 && units.Length = 0
    member private _.PlainHash = plainHash
    member private _.UnitHash = unitHash
    member _.Hash: uint64 = plainHash + unitHash

    member _.Factors =
        Array.init (plain.Length + units.Length) (fun i ->
            if i < plain.Length then
                struct (plain[i], Rational.OfInt powers[i])
            else
                struct (units[i - plain.Length], exponents[i - plain.Length]))

    static member OfParts(plain: Letter[], powers: int[], units: Letter[], exponents: Rational[]) : Monomial =
        let mutable degree = 0L
        let mutable hash = 0UL
        let mutable reducible = false

        for i in 0 .. plain.Length - 1 do
            degree <- degree + int64 powers[i]
            hash <- hash + uint64 powers[i] * plain[i].Hash
            reducible <- reducible || isReduciblePower plain[i] powers[i]

        for i in 0 .. units.Length - 1 do
            reducible <- reducible || isReducibleUnit units[i] exponents[i]

        if degree > int64 maxDegree then
            raise (TooLarge "the degree of a monomial")

        Monomial(plain, powers, units, exponents, int degree, hash, hashUnits units exponents, reducible)

    static member Product(a: Monomial, b: Monomial) : Monomial =
        if a.IsOne then
            b
        elif b.IsOne then
            a
        else
            let mutable reducible = false
            let degree = a.Degree + b.Degree

            if degree > maxDegree then
                raise (TooLarge "the degree of a monomial")

            let struct (plain, powers) =
                if a.Plain.Length = 0 then
                    struct (b.Plain, b.Powers)
                elif b.Plain.Length = 0 then
                    struct (a.Plain, a.Powers)
                else
                    let letters = List<Letter>(a.Plain.Length + b.Plain.Length)
                    let sums = List<int>(a.Plain.Length + b.Plain.Length)
                    let mutable i = 0
                    let mutable j = 0

                    while i < a.Plain.Length || j < b.Plain.Length do
                        let c =
                            if i = a.Plain.Length then 1
                            elif j = b.Plain.Length then -1
                            else Letter.Compare(a.Plain[i], b.Plain[j])

                        if c < 0 then
                            letters.Add a.Plain[i]
                            sums.Add a.Powers[i]
                            i <- i + 1
                        elif c > 0 then
                            letters.Add b.Plain[j]
                            sums.Add b.Powers[j]
                            j <- j + 1
                        else
                            let power = a.Powers[i] + b.Powers[j]
                            reducible <- reducible || isReduciblePower a.Plain[i] power
                            letters.Add a.Plain[i]
                            sums.Add power
                            i <- i + 1
                            j <- j + 1

                    struct (letters.ToArray(), sums.ToArray())

            if a.Units.Length = 0 || b.Units.Length = 0 then
                let source = if a.Units.Length = 0 then b else a
                let reducible = reducible || a.IsReducible || b.IsReducible

                Monomial(
                    plain,
                    powers,
                    source.Units,
                    source.Exponents,
                    degree,
                    a.PlainHash + b.PlainHash,
                    source.UnitHash,
                    reducible
                )
            else
                let letters = List<Letter>(a.Units.Length + b.Units.Length)
                let sums = List<Rational>(a.Units.Length + b.Units.Length)
                let mutable i = 0
                let mutable j = 0

                while i < a.Units.Length || j < b.Units.Length do
                    let c =
                        if i = a.Units.Length then 1
                        elif j = b.Units.Length then -1
                        else Letter.Compare(a.Units[i], b.Units[j])

                    if c < 0 then
                        letters.Add a.Units[i]
                        sums.Add a.Exponents[i]
                        i <- i + 1
                    elif c > 0 then
                        letters.Add b.Units[j]
                        sums.Add b.Exponents[j]
                        j <- j + 1
                    else
                        let exponent = a.Exponents[i] + b.Exponents[j]

                        if not exponent.IsZero then
                            letters.Add a.Units[i]
                            sums.Add exponent

                        i <- i + 1
                        j <- j + 1

                Monomial.OfParts(plain, powers, letters.ToArray(), sums.ToArray())

    static member Compare(a: Monomial, b: Monomial) : int =
        // The smaller letter weighs more: a letter that stands on one side only makes that side larger when its
        // exponent is positive.
        let rec byUnits i j =
            if i = a.Units.Length && j = b.Units.Length then
                0
            else
                let c =
                    if i = a.Units.Length then 1
                    elif j = b.Units.Length then -1
                    else Letter.Compare(a.Units[i], b.Units[j])

                if c < 0 then
                    a.Exponents[i].Sign
                elif c > 0 then
                    -b.Exponents[j].Sign
                else
                    let byExponent = Exact.order a.Exponents[i] b.Exponents[j]

                    if byExponent <> 0 then
                        byExponent
                    else
                        byUnits (i + 1) (j + 1)

        let rec byPlain i =
            if i = a.Plain.Length || i = b.Plain.Length then
                let byLength = compare a.Plain.Length b.Plain.Length
                if byLength <> 0 then byLength else byUnits 0 0
            else
                let c = Letter.Compare(a.Plain[i], b.Plain[i])

                if c <> 0 then
                    -c
                elif a.Powers[i] <> b.Powers[i] then
                    compare a.Powers[i] b.Powers[i]
                else
                    byPlain (i + 1)

        if obj.ReferenceEquals(a, b) then 0
        elif a.Degree <> b.Degree then compare a.Degree b.Degree
        else byPlain 0

    override a.Equals other =
        match other with
        | :? Monomial as b -> a.Hash = b.Hash && Monomial.Compare(a, b) = 0
        | _ -> false

    override a.GetHashCode() =
        let h = a.Hash
        int (h ^^^ (h >>> 32))

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

            if terms.Length = 1 && m.IsOne then
                ValueSome c
            else
                ValueNone

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
        | :? Polynomial as b ->
            obj.ReferenceEquals(a, b)
            || (a.TermCount = b.TermCount && a.Hash = b.Hash && Polynomial.Compare(a, b) = 0)
        | _ -> false

    override a.GetHashCode() = int (a.Hash >>> 32)

and [<Sealed>] NormalForm(numerator: Polynomial, denominator: struct (Polynomial * int)[]) =
    member _.Numerator = numerator
    member _.Factors = denominator
    member _.Denominator = Array.copy denominator
    member _.IsPolynomial = denominator.Length = 0
    member _.IsZero = numerator.IsZero

    member _.TryRational =
        if denominator.Length = 0 then
            numerator.TryConstant
        else
            ValueNone

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
    let one = Monomial.OfParts([||], [||], [||], [||])

    let multiply a b = Monomial.Product(a, b)

    let private single (letter: Letter, exponent: Rational) =
        if exponent.IsZero then
            one
        elif letter.IsUnit then
            match letter with
            | Base b when not b.IsPolynomial ->
                invalidArg (nameof letter) "The base of a power is a polynomial; its denominator is split off first."
            | Base _ when exponent.Sign < 0 ->
                invalidArg (nameof exponent) $"A Base letter takes positive exponents, not {exponent}."
            | Base _
            | Exp _
            | Entry _
            | Pi
            | Log _
            | Function _ -> Monomial.OfParts([||], [||], [| letter |], [| exponent |])
        else
            match exponent.TryInt with
            | ValueSome power when power > 0 -> Monomial.OfParts([| letter |], [| power |], [||], [||])
            | ValueSome _
            | ValueNone ->
                invalidArg (nameof exponent) $"A plain letter takes whole exponents from 1 on, not {exponent}."

    let create factors =
        List.fold (fun product factor -> multiply product (single factor)) one factors

    let unitPower (m: Monomial) (r: Rational) =
        if r.IsZero then
            one
        else
            Monomial.OfParts(m.Plain, m.Powers, m.Units, Array.map (fun e -> e * r) m.Exponents)

    let tryDivide (dividend: Monomial) (divisor: Monomial) =
        if divisor.IsOne then
            ValueSome dividend
        else
            let plain = List<Letter>(dividend.Plain.Length)
            let powers = List<int>(dividend.Plain.Length)
            let mutable possible = dividend.Degree >= divisor.Degree
            let mutable i = 0
            let mutable j = 0

            while possible && i < dividend.Plain.Length do
                let c =
                    if j = divisor.Plain.Length then
                        -1
                    else
                        Letter.Compare(dividend.Plain[i], divisor.Plain[j])

                if c > 0 then
                    possible <- false
                else
                    let power = dividend.Powers[i] - (if c = 0 then divisor.Powers[j] else 0)
                    possible <- power >= 0

                    if power > 0 then
                        plain.Add dividend.Plain[i]
                        powers.Add power

                    i <- i + 1
                    j <- if c = 0 then j + 1 else j

            if not possible || j < divisor.Plain.Length then
                ValueNone
            else
                let rest =
                    Monomial.OfParts(plain.ToArray(), powers.ToArray(), dividend.Units, dividend.Exponents)

                let inverse =
                    Monomial.OfParts([||], [||], divisor.Units, Array.map (fun (e: Rational) -> -e) divisor.Exponents)

                let quotient = multiply rest inverse

                let isNegativeBase k =
                    match quotient.Units[k] with
                    | Base _ -> quotient.Exponents[k].Sign < 0
                    | Exp _
                    | Entry _
                    | Pi
                    | Log _
                    | Function _ -> false

                if Seq.exists isNegativeBase (seq { 0 .. quotient.Units.Length - 1 }) then
                    ValueNone
                else
                    ValueSome quotient
