namespace VerifyEnergy.Kernel

open System
open System.Globalization
open System.Numerics

module private Small =
    let isOn =
        match AppContext.TryGetSwitch "VerifyEnergy.Kernel.SmallRationals" with
        | true, isOn -> isOn
        | false, _ -> true

    /// Small parts lie in −(2⁶³−1) .. 2⁶³−1, symmetric so that a sign never overflows.
    let bound = BigInteger Int64.MaxValue

    /// Products and two-term sums of products of numbers of this range stay in 64 bits.
    let isHalf (x: int64) = x >= -0x7fff_ffffL && x <= 0x7fff_ffffL

    let wide (x: int64) : Int128 = Int128.op_Implicit x

    let isNarrow (x: Int128) = x <= wide Int64.MaxValue && x >= wide -Int64.MaxValue

    let narrow (x: Int128) : int64 = Int128.op_Explicit x

    let big (x: Int128) : BigInteger = BigInteger.op_Implicit x

    let magnitude (x: int64) = if x < 0L then uint64 -x else uint64 x

    /// Binary gcd of a ≥ 0 and b > 0, after one division that evens out their lengths.
    let gcd (a: uint64) (b: uint64) =
        let a = a % b

        if a = 0UL then
            b
        elif a = 1UL then
            1UL
        else
            let shift = BitOperations.TrailingZeroCount(a ||| b)
            let mutable a = a >>> BitOperations.TrailingZeroCount a
            let mutable b = b >>> BitOperations.TrailingZeroCount b

            while a <> b do
                if a > b then
                    a <- a - b
                    a <- a >>> BitOperations.TrailingZeroCount a
                else
                    b <- b - a
                    b <- b >>> BitOperations.TrailingZeroCount b

            a <<< shift

/// Two representations, of which each value has exactly one.
/// Small: `parts` is null and the value is numerator/(denominatorMinusOne + 1); 0 is always small, so default is 0.
/// Large: `parts` holds numerator and denominator; used when they do not fit, and for all but 0 with the fast path off.
[<Struct; CustomEquality; CustomComparison>]
type Rational =
    val private numerator: int64
    val private denominatorMinusOne: int64
    val private parts: BigInteger[] | null

    private new(numerator: int64, denominator: int64) = { numerator = numerator; denominatorMinusOne = denominator - 1L; parts = null }

    private new(parts: BigInteger[]) = { numerator = 0L; denominatorMinusOne = 0L; parts = parts }

    /// Parts already in lowest terms, denominator positive.
    static member private Reduced(numerator: BigInteger, denominator: BigInteger) =
        if numerator.IsZero then
            Rational()
        elif Small.isOn && denominator <= Small.bound && BigInteger.Abs numerator <= Small.bound then
            Rational(int64 numerator, int64 denominator)
        else
            Rational [| numerator; denominator |]

    /// The same for the results of small operations.
    static member private Reduced(numerator: Int128, denominator: Int128) =
        if Small.isNarrow numerator && Small.isNarrow denominator then
            Rational(Small.narrow numerator, Small.narrow denominator)
        else
            Rational [| Small.big numerator; Small.big denominator |]

    static member Zero = Rational()
    static member One = Rational.OfInt 1

    static member OfInt(value: int) =
        if Small.isOn || value = 0 then
            Rational(int64 value, 1L)
        else
            Rational [| BigInteger value; BigInteger.One |]

    static member OfBigInteger(value: BigInteger) = Rational.Reduced(value, BigInteger.One)

    static member Create(numerator: BigInteger, denominator: BigInteger) =
        if denominator.IsZero then
            raise (DivideByZeroException $"The rational {numerator}/0 does not exist.")

        let divisor = BigInteger.GreatestCommonDivisor(numerator, denominator)
        let divisor = if denominator.Sign < 0 then -divisor else divisor

        if divisor.IsOne then
            Rational.Reduced(numerator, denominator)
        else
            Rational.Reduced(numerator / divisor, denominator / divisor)

    member private x.SmallDenominator = x.denominatorMinusOne + 1L

    member x.Numerator =
        match x.parts with
        | null -> BigInteger x.numerator
        | parts -> parts[0]

    member x.Denominator =
        match x.parts with
        | null -> BigInteger x.SmallDenominator
        | parts -> parts[1]

    member x.IsZero = isNull x.parts && x.numerator = 0L

    member x.IsOne =
        match x.parts with
        | null -> x.numerator = 1L && x.denominatorMinusOne = 0L
        | parts -> parts[0].IsOne && parts[1].IsOne

    member x.IsInteger =
        match x.parts with
        | null -> x.denominatorMinusOne = 0L
        | parts -> parts[1].IsOne

    member x.Sign =
        match x.parts with
        | null -> sign x.numerator
        | parts -> parts[0].Sign

    static member (~-)(x: Rational) =
        match x.parts with
        | null -> Rational(-x.numerator, x.SmallDenominator)
        | parts -> Rational [| -parts[0]; parts[1] |]

    member x.Abs = if x.Sign < 0 then -x else x

    member x.Reciprocal =
        match x.parts with
        | null ->
            if x.numerator > 0L then Rational(x.SmallDenominator, x.numerator)
            elif x.numerator < 0L then Rational(-x.SmallDenominator, -x.numerator)
            else raise (DivideByZeroException "0 has no reciprocal.")
        | parts -> if parts[0].Sign > 0 then Rational [| parts[1]; parts[0] |] else Rational [| -parts[1]; -parts[0] |]

    member x.Floor =
        match x.parts with
        | null ->
            let quotient = x.numerator / x.SmallDenominator

            if x.numerator < 0L && quotient * x.SmallDenominator <> x.numerator then
                BigInteger(quotient - 1L)
            else
                BigInteger quotient
        | parts ->
            let mutable remainder = BigInteger.Zero
            let quotient = BigInteger.DivRem(parts[0], parts[1], &remainder)

            if remainder.Sign < 0 then quotient - BigInteger.One else quotient

    member x.TryInt =
        match x.parts with
        | null ->
            if x.denominatorMinusOne = 0L && x.numerator >= int64 Int32.MinValue && x.numerator <= int64 Int32.MaxValue then
                ValueSome(int x.numerator)
            else
                ValueNone
        | parts ->
            if parts[1].IsOne && parts[0] >= BigInteger Int32.MinValue && parts[0] <= BigInteger Int32.MaxValue then
                ValueSome(int parts[0])
            else
                ValueNone

    member x.BitLength = BigInteger.Max(BigInteger.Abs x.Numerator, x.Denominator).GetBitLength()

    member x.Equals(y: Rational) =
        match x.parts, y.parts with
        | null, null -> x.numerator = y.numerator && x.denominatorMinusOne = y.denominatorMinusOne
        | null, _
        | _, null -> false
        | p, q -> p[0] = q[0] && p[1] = q[1]

    member x.CompareTo(y: Rational) =
        match x.parts, y.parts with
        | null, null ->
            if x.denominatorMinusOne = y.denominatorMinusOne then
                compare x.numerator y.numerator
            else
                let left = Small.wide x.numerator * Small.wide y.SmallDenominator
                left.CompareTo(Small.wide y.numerator * Small.wide x.SmallDenominator)
        | _ ->
            match compare x.Sign y.Sign with
            | 0 -> sign ((x.Numerator * y.Denominator).CompareTo(y.Numerator * x.Denominator))
            | different -> different

    override x.Equals(other: obj | null) =
        match other with
        | :? Rational as y -> x.Equals y
        | _ -> false

    override x.GetHashCode() =
        match x.parts with
        | null ->
            let mixed = x.numerator * 0x1e3779b97f4a7c15L + x.denominatorMinusOne * 0x2545f4914f6cdd1dL

            int (mixed ^^^ (mixed >>> 32))
        | parts -> parts[0].GetHashCode() * 31 + parts[1].GetHashCode()

    override x.ToString() =
        let text (part: BigInteger) = part.ToString CultureInfo.InvariantCulture

        if x.IsInteger then text x.Numerator else text x.Numerator + "/" + text x.Denominator

    interface IEquatable<Rational> with
        member x.Equals y = x.Equals y

    interface IComparable<Rational> with
        member x.CompareTo y = x.CompareTo y

    interface IComparable with
        member x.CompareTo other =
            match other with
            | :? Rational as y -> x.CompareTo y
            | _ -> raise (ArgumentException $"A rational compares with rationals only, not with %O{other}.")

    static member private AddLarge(x: Rational, y: Rational) =
        if x.IsInteger && y.IsInteger then
            Rational.Reduced(x.Numerator + y.Numerator, BigInteger.One)
        else
            let b, d = x.Denominator, y.Denominator
            let g = BigInteger.GreatestCommonDivisor(b, d)

            if g.IsOne then
                Rational.Reduced(x.Numerator * d + y.Numerator * b, b * d)
            else
                let b' = b / g
                let t = x.Numerator * (d / g) + y.Numerator * b'
                let h = BigInteger.GreatestCommonDivisor(t, g)
                Rational.Reduced(t / h, b' * (d / h))

    /// Knuth, The Art of Computer Programming 2, 4.5.1: with g = gcd(b, d) only gcd(numerator, g) is left to cancel.
    static member private AddSmall(x: Rational, y: Rational) =
        let a, b = x.numerator, x.SmallDenominator
        let c, d = y.numerator, y.SmallDenominator

        if b = 1L && d = 1L then
            let sum = a + c
            // Overflow flips the sign of the sum against both summands; −2⁶³ is no small part.
            if ((a ^^^ sum) &&& (c ^^^ sum)) >= 0L && sum <> Int64.MinValue then
                Rational(sum, 1L)
            else
                Rational.Reduced(Small.wide a + Small.wide c, Small.wide 1L)
        else
            let g =
                if b = 1L || d = 1L then 1UL
                elif b = d then uint64 b
                else Small.gcd (uint64 b) (uint64 d)

            let b' = b / int64 g
            let d' = d / int64 g

            if Small.isHalf a && Small.isHalf b && Small.isHalf c && Small.isHalf d then
                let t = a * d' + c * b'

                if g = 1UL then
                    Rational(t, b * d)
                else
                    let h = int64 (Small.gcd (Small.magnitude t) g)
                    Rational(t / h, b' * (d / h))
            else
                // |t| < 2 · 2¹²⁶ fits in 128 bits.
                let t = Small.wide a * Small.wide d' + Small.wide c * Small.wide b'

                if g = 1UL then
                    Rational.Reduced(t, Small.wide b * Small.wide d)
                else
                    let residue = Small.magnitude (Small.narrow (t % Small.wide (int64 g)))
                    let h = int64 (Small.gcd residue g)
                    Rational.Reduced(t / Small.wide h, Small.wide b' * Small.wide (d / h))

    static member private MultiplySmall(a: int64, b: int64, c: int64, d: int64) =
        let g = if d = 1L then 1L else int64 (Small.gcd (Small.magnitude a) (uint64 d))

        let h = if b = 1L then 1L else int64 (Small.gcd (Small.magnitude c) (uint64 b))

        let a, d = (if g = 1L then a, d else a / g, d / g)
        let c, b = (if h = 1L then c, b else c / h, b / h)

        if Small.isHalf a && Small.isHalf b && Small.isHalf c && Small.isHalf d then
            Rational(a * c, b * d)
        else
            Rational.Reduced(Small.wide a * Small.wide c, Small.wide b * Small.wide d)

    static member private MultiplyLarge(x: Rational, y: Rational) =
        let a, b, c, d = x.Numerator, x.Denominator, y.Numerator, y.Denominator
        let g = BigInteger.GreatestCommonDivisor(a, d)
        let h = BigInteger.GreatestCommonDivisor(c, b)
        Rational.Reduced((a / g) * (c / h), (b / h) * (d / g))

    static member (+)(x: Rational, y: Rational) =
        if isNull x.parts && isNull y.parts then Rational.AddSmall(x, y) else Rational.AddLarge(x, y)

    static member (-)(x: Rational, y: Rational) = x + -y

    static member (*)(x: Rational, y: Rational) =
        if isNull x.parts && isNull y.parts then
            Rational.MultiplySmall(x.numerator, x.SmallDenominator, y.numerator, y.SmallDenominator)
        elif x.IsZero || y.IsZero then
            Rational()
        else
            Rational.MultiplyLarge(x, y)

    static member (/)(x: Rational, y: Rational) =
        if y.IsZero then
            raise (DivideByZeroException $"{x} cannot be divided by 0.")

        x * y.Reciprocal

    member x.Power(exponent: int) =
        if exponent = 0 then
            Rational.One
        elif x.IsZero then
            if exponent < 0 then
                raise (DivideByZeroException $"0 has no power {exponent}.")

            x
        elif x.IsOne then
            x
        elif (-x).IsOne then
            if exponent % 2 = 0 then Rational.One else x
        elif exponent < 0 then
            // In two steps, since −exponent may overflow.
            x.Reciprocal * x.Reciprocal.Power -(exponent + 1)
        elif exponent = 1 then
            x
        elif exponent = 2 then
            x * x
        else
            // Powers of coprime parts are coprime.
            Rational.Reduced(BigInteger.Pow(x.Numerator, exponent), BigInteger.Pow(x.Denominator, exponent))

    static member TryParse(text: string) =
        let digitLimit = 100_000

        let isDigits (part: string) = part <> "" && part.Length <= digitLimit && part |> String.forall Char.IsAsciiDigit

        let number (digits: string) = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture)

        let isNegative = text.StartsWith '-'
        let magnitude = if isNegative then text.Substring 1 else text

        let decimalValue (mantissa: string) (exponent: int) =
            let whole, fraction =
                match mantissa.IndexOf '.' with
                | -1 -> mantissa, ""
                | point -> mantissa.Substring(0, point), mantissa.Substring(point + 1)

            if isDigits whole && (fraction = "" && not (mantissa.Contains '.') || isDigits fraction) then
                let digits = number (whole + fraction)
                let scale = exponent - fraction.Length

                if scale >= 0 then
                    Some(Rational.OfBigInteger(digits * BigInteger.Pow(BigInteger 10, scale)))
                else
                    Some(Rational.Create(digits, BigInteger.Pow(BigInteger 10, -scale)))
            else
                None

        let value =
            match magnitude.IndexOf '/', magnitude.IndexOfAny [| 'e'; 'E' |] with
            | -1, -1 -> decimalValue magnitude 0
            | -1, mark ->
                let exponent = magnitude.Substring(mark + 1)
                let isDown = exponent.StartsWith '-'

                let size = if isDown || exponent.StartsWith '+' then exponent.Substring 1 else exponent

                if isDigits size && size.Length <= 6 && int size <= digitLimit then
                    decimalValue (magnitude.Substring(0, mark)) (if isDown then -(int size) else int size)
                else
                    None
            | slash, _ ->
                let above, below = magnitude.Substring(0, slash), magnitude.Substring(slash + 1)

                if isDigits above && isDigits below && below |> String.exists ((<>) '0') then
                    Some(Rational.Create(number above, number below))
                else
                    None

        value |> Option.map (fun value -> if isNegative then -value else value)

module Rational =
    let usesFastPath = Small.isOn
