namespace VerifyEnergy.Kernel

// The elaborated claim: the data that engines attack and the checker believes.
// Matrices stay matrices and sizes stay integer expressions in the parameters; numbers are put in afterwards.
// A binder (parameter, object, index) is a number, unique in its claim; parameters come first: 0, 1, ….
// No name, title, tag or expectation stands here, so none of them can reach an engine.

/// The sets that the entries of a plain array are taken from. `Integer` is the finite range low..high.
[<RequireQualifiedAccess>]
type ScalarSet =
    | Real
    | Positive
    | Nonnegative
    | Complex
    | Bit
    | Spin
    | Integer of Low: Expr * High: Expr

/// The set an object ranges over. Sizes are integer expressions, ≥ 1.
and [<RequireQualifiedAccess>] Domain =
    /// No size: a scalar; one: a column; two: rows × columns.
    | Plain of Set: ScalarSet * Sizes: Expr list
    | Symmetric of Size: Expr
    /// Real, positive semidefinite; with `Rank` at most that rank.
    | Psd of Size: Expr * Rank: Expr option
    | Spd of Size: Expr
    | Orthogonal of Size: Expr
    | Diagonal of Size: Expr
    | Hermitian of Size: Expr
    | HermitianPsd of Size: Expr
    | HermitianPd of Size: Expr
    | Unitary of Size: Expr
    /// Hermitian positive definite with trace 1.
    | Density of Size: Expr
    | Simplex of Size: Expr
    /// Nonnegative matrices with row sums `First` and column sums `Second`.
    | Coupling of First: Expr * Second: Expr
    /// Nonnegative matrices whose rows sum to 1.
    | Stochastic of Rows: Expr * Columns: Expr
    /// Maps {1..From} → {1..Into}.
    | Map of From: Expr * Into: Expr
    | Random of Distribution

/// Laws of random objects. `Normal` holds independent standard normal entries.
and [<RequireQualifiedAccess>] Distribution =
    | Normal of Sizes: Expr list
    | Gaussian of Mean: Expr * Covariance: Expr
    | Wishart of Degrees: Expr * Scale: Expr
    | ChiSquare of Degrees: Expr
    | Uniform of Low: Expr * High: Expr
    /// Takes the values 1..N with the given probabilities.
    | Discrete of Probabilities: Expr

/// What a bound variable runs through.
and [<RequireQualifiedAccess>] Range =
    | Between of Low: Expr * High: Expr
    | Among of Expr list
    | Within of Domain
    /// The points that a map sends to a value.
    | Fibre of Map: Expr * Value: Expr

and Binder = { Variable: int; Range: Range }

and [<RequireQualifiedAccess>] Subscript =
    | Whole
    | At of Expr
    | Slice of From: Expr * Through: Expr

and [<RequireQualifiedAccess>] Fold =
    | Sum
    | Product

and [<RequireQualifiedAccess>] Statistic =
    | Expectation
    | Variance
    | Covariance

and [<RequireQualifiedAccess>] DerivativeOrder =
    | Gradient
    | Hessian
    | Jacobian

and [<RequireQualifiedAccess>] Expr =
    | Number of Rational
    | ImaginaryUnit
    | Variable of int
    /// A function of the registry, operators included: "+", "-", "*", "/", "^", ".*", "'" (adjoint), "neg".
    | Apply of Name: string * Arguments: Expr list
    | Entry of Expr * Subscript list
    /// A literal, row by row; entries may be blocks. One column of scalars is a column vector.
    | Literal of Expr list list
    /// A comprehension: one binder makes a column, two make a matrix (rows, columns).
    | Table of Body: Expr * Binder list
    | Fold of Fold * Binder list * Body: Expr
    | If of Prop * Then: Expr * Else: Expr
    | Statistic of Statistic * Expr list
    | Probability of Prop
    /// Density of a random expression at a point.
    | Density of Random: Expr * At: Expr
    /// Exact derivative of `Body` in the object `Variable`; on symmetric matrices in the coordinates x_ij, i ≤ j.
    | Derivative of DerivativeOrder * Body: Expr * Variable: int

and [<RequireQualifiedAccess>] Relation =
    | Equal
    | NotEqual
    | Less
    | LessEqual
    | Greater
    | GreaterEqual
    /// A ⪯ B: B − A is symmetric (Hermitian) and positive semidefinite.
    | Loewner

and [<RequireQualifiedAccess>] Property =
    | Psd
    | Pd
    | Symmetric

and [<RequireQualifiedAccess>] Law =
    | Of of Expr
    | Known of Distribution

and [<RequireQualifiedAccess>] Prop =
    | Compare of Relation * Expr * Expr
    | Has of Property * Expr
    | And of Prop * Prop
    | Or of Prop * Prop
    | Not of Prop
    | Implies of Prop * Prop
    | Iff of Prop * Prop
    | Forall of Binder list * Prop
    | Exists of Binder list * Prop
    /// |x − y| ≤ tolerance, entry by entry; `Relative` scales it by |y|.
    | Approximately of Expr * Expr * Tolerance: Rational * Relative: bool
    | SameLaw of Law * Law

/// An integer parameter; later ranges may use earlier parameters. `Range` is Between or Among.
type Parameter = { Variable: int; Range: Range }

[<RequireQualifiedAccess>]
type Declaration =
    | Object of Variable: int * Domain
    | Hypothesis of Prop

/// A claim: for all parameters, for all objects that meet the hypotheses, every conclusion holds.
type Claim = { Parameters: Parameter list; Declarations: Declaration list; Conclusions: Prop list }

/// The value of an object in a witness: exact, row by row; complex entries as pairs (real, imaginary).
[<RequireQualifiedAccess>]
type ObjectValue =
    | Array of Rows: int * Columns: int * Entries: struct (Rational * Rational)[]
    /// Images of 1..N, in 1..M.
    | Map of Images: int[]
