namespace VerifyEnergy.Kernel

/// Exact arithmetic on polynomials. Products are taken modulo the relations of the letters: b^(1/2)·b^(1/2) = b for Base
/// letters, sin(u)² = 1 − cos(u)². These relations hold for the real functions, so every equation proved here does too.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Polynomial =
    /// Largest number of terms of a result, and 64 times that of term products in one multiplication; beyond it TooLarge.
    val maxTerms: int
    val zero: Polynomial
    val one: Polynomial
    val constant: Rational -> Polynomial
    val letter: Letter -> Polynomial
    val ofTerms: seq<struct (Rational * Monomial)> -> Polynomial
    val add: Polynomial -> Polynomial -> Polynomial
    val subtract: Polynomial -> Polynomial -> Polynomial
    val negate: Polynomial -> Polynomial
    val scale: Rational -> Polynomial -> Polynomial
    val multiply: Polynomial -> Polynomial -> Polynomial
    /// Exponents from 0 on; TooLarge beyond 4096 for more than one term, and beyond 10⁷ bits of a coefficient.
    val power: Polynomial -> int -> Polynomial
    /// The exact quotient: q with q·divisor = dividend. Found whenever the letters are free; in the presence of Base or
    /// sin letters None may also mean "not found". DivideByZeroException for the divisor 0.
    val tryDivide: dividend: Polynomial -> divisor: Polynomial -> Polynomial option
    /// q with q^k = p for k = 2, 3, …, with positive first coefficient if k is even; None when there is none or, with
    /// Base or sin letters, none was found.
    val internal tryRoot: k: int -> Polynomial -> Polynomial option
    /// (content, units, common, rest) with product p ≠ 0: units a monomial of Exp letters; common the greatest monomial
    /// of plain and Base letters in every term; rest with coprime whole coefficients, the first positive, and smallest
    /// exponent 0 of each letter.
    val internal split: Polynomial -> struct (Rational * Monomial * Monomial * Polynomial)
    /// All letters that occur, also inside Exp, Base, Log and Function letters, sorted, once each: plain letters and
    /// compound ones.
    val letters: Polynomial -> Letter list
    /// Sign of a letter wherever it has a value: ValueSome true > 0, ValueSome false ≥ 0, ValueNone not visible.
    val internal letterSign: Letter -> bool voption
    /// Sign that is visible: every term has a coefficient of that sign and factors that are even powers or letters known
    /// nonnegative (Positive counts; Exp letters are positive, Base letters nonnegative, positive if their base visibly
    /// is), and one term at least is nonzero for sure. 1 strictly positive, −1 strictly negative, 0 the zero polynomial;
    /// ValueNone when not visible.
    val visibleSign: Polynomial -> int voption
    /// As visibleSign but for ≥ 0: true when each term is visibly nonnegative (zero polynomial included).
    val visiblyNonnegative: Polynomial -> bool
    /// "2*x3[1,2]^2 - 1/2", with the given names of Entry letters.
    val toText: (Letter -> string) -> Polynomial -> string
