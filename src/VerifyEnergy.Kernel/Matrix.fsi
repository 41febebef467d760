namespace VerifyEnergy.Kernel

open System.Numerics

/// Exact linear algebra over the rationals. Matrices are `Rational[,]`, rows × columns, never changed in place.
[<RequireQualifiedAccess>]
module Matrix =
    val identity: size: int -> Rational[,]
    val transpose: Rational[,] -> Rational[,]
    /// (r × m) · (m × c); ArgumentException when the shapes do not fit.
    val multiply: Rational[,] -> Rational[,] -> Rational[,]
    val rank: Rational[,] -> int
    /// Square matrices (ArgumentException otherwise, as below); fraction-free elimination (Bareiss). 1 for size 0.
    val determinant: Rational[,] -> Rational
    /// None when singular.
    val tryInverse: Rational[,] -> Rational[,] option
    /// Coefficients c0..cn of det(x·I − A), constant first (Faddeev–LeVerrier).
    val characteristicPolynomial: Rational[,] -> Rational[]
    /// LDLᵀ of a symmetric matrix with exact zero-pivot handling: Some (unit lower-triangular L, diagonal d) with
    /// A = L·diag(d)·Lᵀ; None when a zero pivot has a nonzero column below it (then A is indefinite). ArgumentException when
    /// A is not symmetric.
    val tryLdl: Rational[,] -> (Rational[,] * Rational[]) option
    val isSymmetric: Rational[,] -> bool
    /// Symmetric and xᵀAx ≥ 0 for all x.
    val isPsd: Rational[,] -> bool
    /// Symmetric and xᵀAx > 0 for all x ≠ 0.
    val isPd: Rational[,] -> bool
    /// Rank modulo a prime: a lower bound of the rank over the rationals. None when the prime divides a denominator, and
    /// when the number given shows itself not to be a prime; the bound holds without a proof of primality.
    val rankModulo: prime: int64 -> Rational[,] -> int option
    /// Determinant of a square matrix modulo a prime, in 0 .. prime − 1. None as for `rankModulo`.
    val determinantModulo: prime: int64 -> Rational[,] -> int64 option
