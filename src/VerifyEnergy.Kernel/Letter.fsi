namespace VerifyEnergy.Kernel

/// A computation outgrew its limit (terms of an intermediate polynomial, exponents, digits).
exception TooLarge of what: string

/// What is known of the sign of a letter, by its meaning.
[<RequireQualifiedAccess>]
type LetterSign =
    | Free
    | Nonnegative
    | Positive

/// An independent real number: the entry (Row, Column) of object `Owner`. `Part` separates real (0) and imaginary (1)
/// parts and further families of letters that belong to the same object (factor entries, auxiliary vectors, …).
/// All five fields make the letter: the same entry with another `Sign` is another letter.
[<Struct>]
type EntryLetter = { Owner: int; Part: int; Row: int; Column: int; Sign: LetterSign }

/// The letters that polynomials are written in. Letters are compared by structure, in the order Entry, Pi, Log,
/// Function, Exp, Base.
[<CustomEquality; CustomComparison>]
type Letter =
    | Entry of EntryLetter
    /// The number π.
    | Pi
    /// exp(m) for the monomial m (coefficient 1, m ≠ 1 or m = 1 for the number e); exponents may be any rational.
    | Exp of Monomial
    /// b^r for a polynomial b ≥ 0 and an exponent 0 < r < 1 (integer parts are multiplied out).
    | Base of NormalForm
    /// log(a), a > 0 by a side condition.
    | Log of NormalForm
    /// Another real function of the registry, by name; arguments are normal forms. sin(u)² is replaced by 1 − cos(u)².
    | Function of string * NormalForm list

    interface System.IComparable

    /// All letters but Exp and Base: only whole positive exponents make sense.
    member internal IsPlain: bool
    /// The base of a Base letter.
    member internal TryBase: Polynomial voption
    /// (t, p) when letter^t = p: b for a Base letter, t = 1; 1 − cos(u)² for sin(u), t = 2.
    member internal TryRelation: struct (int * Polynomial) voption
    static member internal Compare: Letter * Letter -> int

/// A product of letters: whole positive exponents for plain letters, rational nonzero exponents for `Exp`, rational
/// positive ones for `Base`.
and [<Sealed>] Monomial =
    interface System.IComparable
    /// The letters with their exponents, in increasing order of letters.
    member Factors: struct (Letter * Rational)[]
    member IsOne: bool
    /// From increasing letters with nonzero exponents.
    internal new: letters: Letter[] * exponents: Rational[] -> Monomial
    /// The letters, increasing, with their nonzero exponents; not to be changed.
    member internal Letters: Letter[]
    member internal Exponents: Rational[]
    /// Some power is to be rewritten: Base to an exponent ≥ 1, or sin to an exponent ≥ 2.
    member internal IsReducible: bool
    /// a·b^sign for sign = ±1.
    static member internal Combine: a: Monomial * b: Monomial * sign: Rational -> Monomial
    /// By the sum of the exponents of plain letters, then lexicographic; compatible with products.
    static member internal Compare: Monomial * Monomial -> int

/// A sum of monomials with rational coefficients, canonical: equal polynomials are structurally equal.
and [<Sealed>] Polynomial =
    internal new: terms: struct (Rational * Monomial)[] -> Polynomial
    member TermCount: int
    member IsZero: bool
    /// The terms in the canonical (graded lexicographic, descending) order; a fresh array.
    member Terms: struct (Rational * Monomial)[]
    /// The value of a constant polynomial.
    member TryConstant: Rational voption
    /// The terms themselves, not to be changed.
    member internal Raw: struct (Rational * Monomial)[]
    static member internal Compare: Polynomial * Polynomial -> int

/// Numerator over a product of powers of polynomials. The denominator's factors are side conditions: each is nonzero
/// where the form is defined, by the caller's obligation; nothing is cancelled silently except exact common factors
/// among those recorded there. Each factor is a single plain letter or a polynomial with coprime whole coefficients,
/// positive first coefficient and no common monomial.
and [<Sealed>] NormalForm =
    internal new: numerator: Polynomial * denominator: struct (Polynomial * int)[] -> NormalForm
    member Numerator: Polynomial
    /// Primitive, nonconstant factors with exponents ≥ 1; a fresh array.
    member Denominator: struct (Polynomial * int)[]
    member IsPolynomial: bool
    /// Exactly when the numerator is the zero polynomial.
    member IsZero: bool
    member TryRational: Rational voption
    /// The factors themselves, in increasing order; not to be changed.
    member internal Factors: struct (Polynomial * int)[]

[<RequireQualifiedAccess>]
module Monomial =
    val one: Monomial
    /// ArgumentException for a negative or fractional exponent of a plain letter, a negative one of a Base letter, and a
    /// Base letter whose base is a fraction. Exponent 0 is dropped.
    val create: (Letter * Rational) list -> Monomial
    /// Exponents are added; a Base letter to an exponent ≥ 1 is rewritten when the monomial enters a polynomial.
    val multiply: Monomial -> Monomial -> Monomial
    /// dividend/divisor when no plain or Base letter is left with a negative exponent.
    val internal tryDivide: dividend: Monomial -> divisor: Monomial -> Monomial voption
    /// m^r; meant for monomials of Exp letters alone, and for exact roots.
    val internal power: Monomial -> Rational -> Monomial
