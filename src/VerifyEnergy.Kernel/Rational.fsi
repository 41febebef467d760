namespace VerifyEnergy.Kernel

open System
open System.Numerics

/// An exact rational number p/q in lowest terms, q > 0; the default value is 0.
/// Small values (both parts in 64 bits) take a checked fast path; every operation is exact either way.
[<Struct; CustomEquality; CustomComparison>]
type Rational =
    interface IComparable<Rational>
    interface IComparable
    interface IEquatable<Rational>

    val private numerator: int64
    val private denominatorMinusOne: int64
    val private parts: BigInteger[] | null

    static member Zero: Rational
    static member One: Rational
    static member OfInt: value: int -> Rational
    static member OfBigInteger: value: BigInteger -> Rational
    /// numerator/denominator; DivideByZeroException when the denominator is 0.
    static member Create: numerator: BigInteger * denominator: BigInteger -> Rational
    /// "3", "-3/7", "0.125", "1e-9": exact; None when the text is no number, and when it has more than 100,000 digits,
    /// written out or by its exponent.
    static member TryParse: text: string -> Rational option

    member Numerator: BigInteger
    member Denominator: BigInteger
    member IsZero: bool
    member IsOne: bool
    member IsInteger: bool
    /// −1, 0 or 1.
    member Sign: int
    member Abs: Rational
    /// 1/x; DivideByZeroException at 0.
    member Reciprocal: Rational
    member Floor: BigInteger
    /// The value as an int when it is an integer in that range.
    member TryInt: int voption
    /// x^exponent for any integer exponent; DivideByZeroException for 0 to a negative power.
    member Power: exponent: int -> Rational
    /// Number of bits of the larger of numerator and denominator.
    member BitLength: int64
    /// The same answers as `=` and `compare`, without boxing.
    member Equals: Rational -> bool
    member CompareTo: Rational -> int
    /// "p" or "p/q".
    override ToString: unit -> string

    static member (+): Rational * Rational -> Rational
    static member (-): Rational * Rational -> Rational
    static member (*): Rational * Rational -> Rational
    /// DivideByZeroException when the divisor is 0.
    static member (/): Rational * Rational -> Rational
    static member (~-): Rational -> Rational

/// Whether small rationals use the 64-bit fast path. On unless the AppContext switch
/// "VerifyEnergy.Kernel.SmallRationals" is false; the test suite runs both ways and compares.
module Rational =
    val usesFastPath: bool
