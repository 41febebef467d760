namespace VerifyEnergy.Kernel

open System.Numerics

/// mantissa · 2^exponent / divisor with divisor > 0; not reduced. The divisor is 1 in every rounded result.
[<Struct; NoEquality; NoComparison>]
type internal EndPoint = { Mantissa: BigInteger; Exponent: int64; Divisor: BigInteger }

module internal EndPoint =
    let dyadic mantissa exponent = { Mantissa = mantissa; Exponent = exponent; Divisor = BigInteger.One }

    let ofInt (value: int) = dyadic (BigInteger value) 0L

    let zero = ofInt 0
    let one = ofInt 1

    let length (value: BigInteger) = BigInteger.Abs(value).GetBitLength()

    /// floor(value · 2^shift).
    let shift (value: BigInteger) (shift: int64) = if shift >= 0L then value <<< int shift else value >>> int -shift

    let ofRational (x: Rational) =
        let denominator = x.Denominator

        if denominator.IsPowerOfTwo then
            dyadic x.Numerator (1L - length denominator)
        else
            { Mantissa = x.Numerator; Exponent = 0L; Divisor = denominator }

    let toRational x =
        if x.Exponent >= 0L then
            Rational.Create(shift x.Mantissa x.Exponent, x.Divisor)
        else
            Rational.Create(x.Mantissa, shift x.Divisor -x.Exponent)

    let sign x = x.Mantissa.Sign

    let isZero x = x.Mantissa.IsZero

    /// For x ≠ 0: 2^(top − 1) < |x| < 2^(top + 1).
    let top x = length x.Mantissa - length x.Divisor + x.Exponent

    let negate x = { x with Mantissa = -x.Mantissa }

    let abs x = { x with Mantissa = BigInteger.Abs x.Mantissa }

    let scale (power: int64) x = { x with Exponent = x.Exponent + power }

    let multiply x y = { Mantissa = x.Mantissa * y.Mantissa; Exponent = x.Exponent + y.Exponent; Divisor = x.Divisor * y.Divisor }

    let divide x y =
        let flip = if sign y < 0 then BigInteger.MinusOne else BigInteger.One

        { Mantissa = x.Mantissa * y.Divisor * flip
          Exponent = x.Exponent - y.Exponent
          Divisor = x.Divisor * y.Mantissa * flip }

    /// Exact; the exponents are near each other.
    let add x y =
        let exponent = if x.Exponent < y.Exponent then x.Exponent else y.Exponent

        { Mantissa = shift (x.Mantissa * y.Divisor) (x.Exponent - exponent) + shift (y.Mantissa * x.Divisor) (y.Exponent - exponent)
          Exponent = exponent
          Divisor = x.Divisor * y.Divisor }

    let compare x y =
        let s = sign x

        if s <> sign y then
            if s < sign y then -1 else 1
        elif s = 0 then
            0
        else
            let lead = top x - top y

            if lead >= 2L then s
            elif lead <= -2L then -s
            else sign (add x (negate y))

    let least x y = if compare x y <= 0 then x else y

    let greatest x y = if compare x y >= 0 then x else y

    let floor x =
        let quotient (numerator: BigInteger) (divisor: BigInteger) =
            let mutable remainder = BigInteger.Zero
            let result = BigInteger.DivRem(numerator, divisor, &remainder)

            if remainder.Sign < 0 then result - BigInteger.One else result

        if x.Divisor.IsOne then shift x.Mantissa x.Exponent
        elif x.Exponent >= 0L then quotient (shift x.Mantissa x.Exponent) x.Divisor
        else quotient x.Mantissa (shift x.Divisor -x.Exponent)

    /// The largest number of at most `bits` bits that is found ≤ x, a dyadic one.
    let rec roundDown (bits: int) x =
        if x.Divisor.IsOne then
            let excess = length x.Mantissa - int64 bits

            if excess <= 0L then x else dyadic (x.Mantissa >>> int excess) (x.Exponent + excess)
        else
            let wanted = int64 bits + 2L + length x.Divisor - length x.Mantissa
            let extra = if wanted > 0L then wanted else 0L
            let quotient = floor { x with Exponent = extra }
            roundDown bits (dyadic quotient (x.Exponent - extra))

    let roundUp bits x = negate (roundDown bits (negate x))

    /// A lower bound of x + y; a summand far below the last bit of the other only moves that bit.
    let addDown bits x y =
        if isZero x then
            roundDown bits y
        elif isZero y then
            roundDown bits x
        else
            let large, small = if top x >= top y then x, y else y, x
            let reach = top large - int64 bits - 6L

            if top small + 1L > reach then roundDown bits (add large small)
            elif sign small > 0 then roundDown bits large
            else roundDown bits (add large (dyadic BigInteger.MinusOne reach))

    let addUp bits x y = negate (addDown bits (negate x) (negate y))
