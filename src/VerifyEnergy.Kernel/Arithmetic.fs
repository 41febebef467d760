namespace VerifyEnergy.Kernel

/// What an expression needs of its context to be defined.
[<RequireQualifiedAccess>]
type Condition =
    | Nonzero
    | Positive
    | Nonnegative
    | Zero

/// The one interface for scalars: rationals, intervals, normal forms and dual numbers implement it, and one evaluator
/// (Evaluate) serves them all. Precision and step limits belong to the arithmetic, not to the values, so this is an object
/// and not a set of static members.
type Arithmetic<'T> =
    abstract OfRational: Rational -> 'T
    abstract Add: 'T * 'T -> 'T
    abstract Subtract: 'T * 'T -> 'T
    abstract Negate: 'T -> 'T
    abstract Multiply: 'T * 'T -> 'T
    /// The divisor is nonzero by a requirement already made.
    abstract Divide: 'T * 'T -> 'T
    /// The value when it is known to be that rational.
    abstract TryRational: 'T -> Rational voption
    /// −1, 0 or 1 when surely so.
    abstract Sign: 'T -> int voption
    /// base^exponent for a rational, non-integer exponent; the base is ≥ 0 by a requirement already made.
    abstract Power: 'T * Rational -> 'T
    /// exp, log, sin, cos, abs, pi, lgamma, digamma, trigamma; arguments meet their domain by a requirement already made.
    abstract Apply: string * 'T list -> 'T
    /// A side condition on a value: checked at once where signs are known, kept as an obligation where they are not.
    abstract Require: Condition * 'T -> unit
    /// The value of a normal form, and back: expectations are taken on normal forms.
    abstract OfForm: NormalForm -> 'T
    abstract TryForm: 'T -> NormalForm voption

/// The expression has no value here: a side condition fails surely.
exception Undefined of reason: string

/// This arithmetic cannot say: an irrational value among rationals, an undecided sign, a function it lacks.
exception Unsupported of reason: string

/// An index or size outside the shape: the instance is ill-typed.
exception OutOfShape of reason: string

/// The step limit ran out.
exception StepsExhausted

/// Counted work. One unit is about one scalar operation; NormalForm products count their term pairs.
[<Sealed>]
type Steps(limit: int64) =
    let mutable spent = 0L
    member _.Spent = spent
    member _.Limit = limit

    member _.Spend(units: int64) =
        spent <- spent + units

        if spent > limit then
            raise StepsExhausted
