namespace VerifyEnergy.Kernel

/// What is known of the sign of a letter, by its meaning.
[<RequireQualifiedAccess>]
type LetterSign =
    | Free
    | Nonnegative
    | Positive

/// An independent real number: the entry (Row, Column) of object `Owner`. `Part` separates real (0) and imaginary (1)
/// parts and further families of letters that belong to the same object (factor entries, auxiliary vectors, …).
[<Struct>]
type EntryLetter =
    { Owner: int
      Part: int
      Row: int
      Column: int
      Sign: LetterSign }

/// The letters that polynomials are written in. Letters are compared by structure.
[<CustomEquality; CustomComparison>]
type Letter =
    | Entry of EntryLetter
    /// The number π.
    | Pi
    /// exp(m) for the monomial m (coefficient 1, m ≠ 1 or m = 1 for the number e); exponents may be any rational.
    | Exp of Monomial
    /// b^r for a normal form b ≥ 0 and an exponent 0 < r < 1 (integer parts are multiplied out).
    | Base of NormalForm
    /// log(a), a > 0 by a side condition.
    | Log of NormalForm
    /// Another real function of the registry, by name; arguments are normal forms.
    | Function of string * NormalForm list

    interface System.IComparable

/// A product of letters: whole positive exponents for plain letters, rational nonzero exponents for `Exp` and `Base`.
and [<CustomEquality; CustomComparison; Sealed>] Monomial =
    interface System.IComparable
    /// The letters with their exponents, in increasing order of letters.
    member Factors: struct (Letter * Rational)[]
    member IsOne: bool

/// A sum of monomials with rational coefficients, canonical: equal polynomials are structurally equal.
and [<CustomEquality; NoComparison; Sealed>] Polynomial =
    member TermCount: int
    member IsZero: bool
    /// The terms in the canonical (graded lexicographic, descending) order.
    member Terms: struct (Rational * Monomial)[]
    /// The value of a constant polynomial.
    member TryConstant: Rational voption

/// Numerator over a product of powers of polynomials. The denominator's factors are side conditions: each is nonzero
/// where the form is defined, by the caller's obligation; nothing is cancelled silently except exact common factors
/// among those recorded there.
and [<CustomEquality; NoComparison; Sealed>] NormalForm =
    member Numerator: Polynomial
    /// Primitive, nonconstant factors with exponents ≥ 1.
    member Denominator: struct (Polynomial * int)[]
    member IsPolynomial: bool
    member IsZero: bool
    member TryRational: Rational voption

/// A computation outgrew its limit (terms of an intermediate polynomial).
exception TooLarge of what: string

[<RequireQualifiedAccess>]
module Monomial =
    val one: Monomial
    val create: (Letter * Rational) list -> Monomial
    val multiply: Monomial -> Monomial -> Monomial

[<RequireQualifiedAccess>]
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
    val power: Polynomial -> int -> Polynomial
    /// Exact quotient when the divisor divides the dividend.
    val tryDivide: dividend: Polynomial -> divisor: Polynomial -> Polynomial option
    /// All letters that occur, also inside Exp, Base, Log and Function letters, sorted, once each; plain letters only
    /// (the compound letters themselves are returned too).
    val letters: Polynomial -> Letter list
    /// Sign that is visible: every term has a coefficient of that sign and factors that are even powers or letters known
    /// nonnegative (Positive counts; Exp letters are positive, Base letters nonnegative, positive if their base visibly is).
    /// 1 strictly positive, −1 strictly negative, 0 the zero polynomial; ValueNone when not visible.
    val visibleSign: Polynomial -> int voption
    /// As visibleSign but for ≥ 0: true when each term is visibly nonnegative (zero polynomial included).
    val visiblyNonnegative: Polynomial -> bool
    /// "2*x3[1,2]^2 - 1/2", with the given letter names.
    val toText: (Letter -> string) -> Polynomial -> string

/// Arithmetic on normal forms. Division and log record conditions in the value's shape only; showing them is the
/// caller's work (see Obligation).
[<RequireQualifiedAccess>]
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
    /// b^r for rational r; meant for b ≥ 0 (b > 0 when r < 0).
    val rationalPower: NormalForm -> Rational -> NormalForm
    /// exp: linear combinations of logs become powers, the rest group elements.
    val exp: NormalForm -> NormalForm
    /// log of a form that is positive by the caller's obligation: numbers by primes, single terms split, exp undone.
    val log: NormalForm -> NormalForm
    /// |x|: by visible sign, else the letter Base(x²)^(1/2).
    val abs: NormalForm -> NormalForm
    /// Other functions ("sin", "cos", "lgamma", …) as letters; sin² + cos² = 1 is reduced; parity and value at 0 are used.
    val apply: string -> NormalForm list -> NormalForm
    /// Sign that is visible: 1, −1, 0; ValueNone when not visible.
    val visibleSign: NormalForm -> int voption
    val visiblyNonnegative: NormalForm -> bool
    /// Replaces plain letters; compound letters are rebuilt from their replaced parts.
    val substitute: (Letter -> NormalForm option) -> NormalForm -> NormalForm
    /// Decides D = 0 for D linear in logs with rational coefficients by exponentiation, when plain zero is not visible:
    /// returns the equivalent form exp(N·D) − 1 (numerator cleared) when it applies. The equivalence D = 0 ⇔ result = 0,
    /// and sign(D) = sign(result), holds wherever the logs are defined.
    val tryExponentiate: NormalForm -> NormalForm option
    /// Enclosure of a form without Entry letters; Whole when it cannot be had.
    val enclose: bits: int -> NormalForm -> Interval
    val toText: (Letter -> string) -> NormalForm -> string
