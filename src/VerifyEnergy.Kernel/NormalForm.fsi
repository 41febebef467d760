namespace VerifyEnergy.Kernel

/// Arithmetic on normal forms. Division and log record conditions in the value's shape only; showing them is the
/// caller's work (see Obligation). Equations between forms hold wherever those conditions do: divisors ≠ 0, arguments
/// of log > 0, bases of fractional powers ≥ 0. x/x = 1 as a form; that x ≠ 0 is the caller's to show.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module NormalForm =
    val zero: NormalForm
    val one: NormalForm
    val rational: Rational -> NormalForm
    val letter: Letter -> NormalForm
    val polynomial: Polynomial -> NormalForm
    val add: NormalForm -> NormalForm -> NormalForm
    val subtract: NormalForm -> NormalForm -> NormalForm
    val negate: NormalForm -> NormalForm
    val multiply: NormalForm -> NormalForm -> NormalForm
    /// DivideByZeroException when the divisor is the zero form.
    val divide: NormalForm -> NormalForm -> NormalForm
    /// Any integer exponent; x^0 = 1.
    val power: NormalForm -> int -> NormalForm
    /// b^r for rational r; meant for b ≥ 0 (b > 0 when r < 0). Numbers split into primes (trial division up to 10⁴),
    /// visibly positive factors are split off, (p²)^(1/2) is |p|. ArgumentException for a negative number.
    val rationalPower: NormalForm -> Rational -> NormalForm
    /// exp: linear combinations of logs become powers, the rest group elements; over a nonconstant denominator one
    /// positive letter Function("exp", …) for each term.
    val exp: NormalForm -> NormalForm
    /// log of a form that is positive by the caller's obligation: numbers by primes, single terms split, exp undone.
    /// ArgumentException for a number ≤ 0.
    val log: NormalForm -> NormalForm
    /// |x|: by visible sign, else the letter Base(x²)^(1/2).
    val abs: NormalForm -> NormalForm
    /// Other functions ("sin", "cos", "lgamma", …) as letters; sin² + cos² = 1 is reduced; parity and the values at
    /// multiples of π/2 are used. The names exp, log, sqrt, abs, pi lead to the functions above.
    val apply: string -> NormalForm list -> NormalForm
    /// Sign that is visible: 1, −1, 0; ValueNone when not visible.
    val visibleSign: NormalForm -> int voption
    val visiblyNonnegative: NormalForm -> bool
    /// Replaces plain letters; compound letters are rebuilt from their replaced parts.
    val substitute: (Letter -> NormalForm option) -> NormalForm -> NormalForm
    /// Decides D = 0 for D linear in logs with rational coefficients by exponentiation, when plain zero is not visible:
    /// returns the equivalent form P − M with P/M = exp(N·D), P, M > 0, when it applies. The equivalence
    /// D = 0 ⇔ result = 0, and sign(D) = sign(result), holds wherever the logs are defined. None when a log is
    /// multiplied by a letter, the denominator is not constant, or an exponent would exceed 64.
    val tryExponentiate: NormalForm -> NormalForm option
    /// Enclosure of a form without Entry letters; Whole when it cannot be had.
    val enclose: bits: int -> NormalForm -> Interval
    /// "2*x3[1,2]^2 - 1/2", with the given names of Entry letters.
    val toText: (Letter -> string) -> NormalForm -> string
