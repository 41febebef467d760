namespace VerifyEnergy.Kernel

/// A closed interval [Low, High] that surely contains the value it stands for; end points are exact dyadic or rational
/// numbers, or the interval is `Interval.Whole` (nothing known). Every operation rounds outward to `bits` bits.
[<Sealed>]
type Interval =
    static member Whole: Interval
    static member Point: Rational -> Interval
    /// ArgumentException when low > high.
    static member Between: low: Rational * high: Rational -> Interval
    member IsWhole: bool
    /// ArgumentException on Whole.
    member Low: Rational
    member High: Rational
    /// High − Low; ArgumentException on Whole.
    member Width: Rational
    member Contains: Rational -> bool
    /// −1, 0 or 1 when every point has that sign; ValueNone otherwise.
    member Sign: int voption
    /// The value when Low = High.
    member TryPoint: Rational voption

/// Rigorous arithmetic and functions. `bits` ≥ 8 is the working precision; results are tight to a few ulps of it, relative
/// to the result, also next to its zeros. Whole gives Whole, except to the bounded sin, cos and tanh. Results beyond
/// 2^(2^24) become Whole, results closer to 0 than 2^−(2^24) get the end 0 or ±2^−(2^24).
[<RequireQualifiedAccess>]
module Interval =
    val add: bits: int -> Interval -> Interval -> Interval
    val subtract: bits: int -> Interval -> Interval -> Interval
    val negate: Interval -> Interval
    val multiply: bits: int -> Interval -> Interval -> Interval
    /// Whole when the divisor contains 0.
    val divide: bits: int -> Interval -> Interval -> Interval
    val power: bits: int -> Interval -> int -> Interval
    val abs: Interval -> Interval
    val max: Interval -> Interval -> Interval
    val min: Interval -> Interval -> Interval
    /// Of the points ≥ 0 in the argument; Whole when there are none.
    val sqrt: bits: int -> Interval -> Interval
    /// Upper ends beyond 2^20 give Whole, lower ends beyond −2^20 give 0.
    val exp: bits: int -> Interval -> Interval
    /// Whole when the argument is not surely positive.
    val log: bits: int -> Interval -> Interval
    /// [−1, 1] beyond ±2^4097, as for cos.
    val sin: bits: int -> Interval -> Interval
    val cos: bits: int -> Interval -> Interval
    val sinh: bits: int -> Interval -> Interval
    val cosh: bits: int -> Interval -> Interval
    val tanh: bits: int -> Interval -> Interval
    val pi: bits: int -> Interval
