namespace VerifyEnergy.Claims

open System.Collections.Generic

/// How good a function's values are: exact algebra, a set that surely contains the value, or a number without guarantee.
type Exactness =
    | Exact = 0
    | Enclosure = 1
    | Estimate = 2

/// A size in a signature: a letter (bound where it first occurs), a product, a number, or the value of an argument (0-based).
[<RequireQualifiedAccess>]
type SizePattern =
    | Letter of string
    | Product of SizePattern * SizePattern
    | Fixed of int
    | ValueOf of Argument: int

/// A kind in a signature. `Vector` is a column or a row, `Same` repeats the first argument's shape, `Numeral` is that
/// very number, written out.
[<RequireQualifiedAccess>]
type Pattern =
    | Scalar
    /// An integer expression in the parameters and indices.
    | Integer
    | Numeral of int
    | Vector of SizePattern
    | Column of SizePattern
    | Square of SizePattern
    | Matrix of SizePattern * SizePattern
    | Array
    | Same
    | Map of SizePattern * SizePattern

/// What becomes of complex arguments.
type Field =
    /// The value is complex when an argument is.
    | Keeps = 0
    /// The value is real.
    | MakesReal = 1
    /// Complex arguments are a clash.
    | NeedsReal = 2

type Signature =
    {
        Arguments: Pattern list
        /// Any number ≥ 1 of arguments of the one kind given.
        Repeats: bool
        Result: Pattern
    }

/// One function of the language.
type Function =
    {
        Name: string
        Signatures: Signature list
        Field: Field
        /// Where the function is defined, as propositions over its arguments x, y, z (A, B for matrices); "" everywhere.
        Domain: string
        Exactness: Exactness
        /// The derivative in the first argument, in the language; "" when it has none there or is taken by a rule of its own.
        Derivative: string
        /// The function in LaTeX: \name{…} is applied to the arguments in parentheses.
        Latex: string
        Documentation: string
    }

/// The registry: every function of the language. Later work and users add entries; nothing else knows a function's kinds.
[<RequireQualifiedAccess>]
module Functions =
    let private n = SizePattern.Letter "n"
    let private m = SizePattern.Letter "m"
    let private scalar = Pattern.Scalar

    let private signature arguments result = { Arguments = arguments; Repeats = false; Result = result }

    let private repeated argument result = { Arguments = [ argument ]; Repeats = true; Result = result }

    let private define name signatures field domain exactness derivative latex documentation =
        { Name = name
          Signatures = signatures
          Field = field
          Domain = domain
          Exactness = exactness
          Derivative = derivative
          Latex = latex
          Documentation = documentation }

    let private matrixFunctions =
        let square = Pattern.Square n
        let matrix = Pattern.Matrix(n, m)
        let operator name = $"\\operatorname{{{name}}}"

        [ define "tr" [ signature [ square ] scalar ] Field.Keeps "" Exactness.Exact "" (operator "tr") "trace"
          define "det" [ signature [ square ] scalar ] Field.Keeps "" Exactness.Exact "" "\\det" "determinant"
          define
              "rank"
              [ signature [ matrix ] scalar ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              (operator "rank")
              "rank over the real (complex) numbers"
          define "inv" [ signature [ square ] square ] Field.Keeps "det(A) != 0" Exactness.Exact "" (operator "inv") "inverse matrix"
          define "adj" [ signature [ square ] square ] Field.Keeps "" Exactness.Exact "" (operator "adj") "adjugate: A*adj(A) = det(A)*I(n)"
          define
              "diag"
              [ signature [ Pattern.Column n ] square; signature [ square ] (Pattern.Column n) ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              (operator "diag")
              "diagonal matrix of a vector; diagonal of a matrix"
          define
              "I"
              [ signature [ Pattern.Integer ] (Pattern.Square(SizePattern.ValueOf 0)) ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              "I"
              "identity matrix of that side"
          define
              "ones"
              [ signature [ Pattern.Integer ] (Pattern.Column(SizePattern.ValueOf 0))
                signature [ Pattern.Integer; Pattern.Integer ] (Pattern.Matrix(SizePattern.ValueOf 0, SizePattern.ValueOf 1)) ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              "\\mathbf{1}"
              "all entries 1: a column, or a matrix of rows × columns"
          define
              "zeros"
              [ signature [ Pattern.Integer ] (Pattern.Column(SizePattern.ValueOf 0))
                signature [ Pattern.Integer; Pattern.Integer ] (Pattern.Matrix(SizePattern.ValueOf 0, SizePattern.ValueOf 1)) ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              "\\mathbf{0}"
              "all entries 0: a column, or a matrix of rows × columns"
          define
              "e"
              [ signature [ scalar; Pattern.Integer ] (Pattern.Column(SizePattern.ValueOf 1)) ]
              Field.MakesReal
              "1 <= x and x <= y"
              Exactness.Exact
              ""
              "e"
              "e(i, n): column i of the identity matrix of side n"
          define
              "kron"
              [ signature
                    [ matrix; Pattern.Matrix(SizePattern.Letter "p", SizePattern.Letter "q") ]
                    (Pattern.Matrix(SizePattern.Product(n, SizePattern.Letter "p"), SizePattern.Product(m, SizePattern.Letter "q")))
                signature [ Pattern.Column n; Pattern.Column m ] (Pattern.Column(SizePattern.Product(n, m))) ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              (operator "kron")
              "Kronecker product"
          define
              "frob2"
              [ signature [ Pattern.Array ] scalar ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              (operator "frob2")
              "sum of the squared absolute values of the entries"
          define
              "norm2"
              [ signature [ Pattern.Vector n ] scalar ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              (operator "norm2")
              "Euclidean length of a vector"
          define
              "dot"
              [ signature [ Pattern.Vector n; Pattern.Vector n ] scalar ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              (operator "dot")
              "inner product of two vectors; conjugates the first" ]

    let private scalarFunctions =
        let real name domain derivative latex documentation =
            define name [ signature [ scalar ] scalar ] Field.NeedsReal domain Exactness.Exact derivative latex documentation

        [ define "exp" [ signature [ scalar ] scalar ] Field.Keeps "" Exactness.Exact "exp(x)" "\\exp" "exponential function"
          define "log" [ signature [ scalar ] scalar ] Field.Keeps "x > 0" Exactness.Exact "1/x" "\\log" "natural logarithm"
          define
              "sqrt"
              [ signature [ scalar ] scalar ]
              Field.Keeps
              "x >= 0"
              Exactness.Exact
              "1/(2*sqrt(x))"
              "\\sqrt"
              "nonnegative square root"
          define "abs" [ signature [ scalar ] scalar ] Field.MakesReal "" Exactness.Exact "x/abs(x)" "\\operatorname{abs}" "absolute value"
          real "sinh" "" "cosh(x)" "\\sinh" "hyperbolic sine"
          real "cosh" "" "sinh(x)" "\\cosh" "hyperbolic cosine"
          real "tanh" "" "1 - tanh(x)^2" "\\tanh" "hyperbolic tangent"
          real "softplus" "" "sigmoid(x)" "\\operatorname{softplus}" "log(1 + exp(x))"
          real "sigmoid" "" "sigmoid(x)*(1 - sigmoid(x))" "\\operatorname{sigmoid}" "1/(1 + exp(-x))"
          real "relu" "" "if x > 0 then 1 else 0" "\\operatorname{relu}" "max(x, 0)"
          real "sin" "" "cos(x)" "\\sin" "sine"
          real "cos" "" "-sin(x)" "\\cos" "cosine"
          real "lgamma" "x > 0" "digamma(x)" "\\log\\Gamma" "logarithm of the gamma function"
          real "digamma" "x > 0" "trigamma(x)" "\\psi" "derivative of lgamma"
          real "trigamma" "x > 0" "" "\\psi_1" "derivative of digamma"
          define
              "logsumexp"
              [ signature [ Pattern.Vector n ] scalar; repeated scalar scalar ]
              Field.NeedsReal
              ""
              Exactness.Exact
              ""
              "\\operatorname{logsumexp}"
              "log of the sum of the exponentials"
          define
              "max"
              [ signature [ Pattern.Vector n ] scalar; repeated scalar scalar ]
              Field.NeedsReal
              ""
              Exactness.Exact
              ""
              "\\max"
              "largest of its arguments or of a vector's entries"
          define
              "min"
              [ signature [ Pattern.Vector n ] scalar; repeated scalar scalar ]
              Field.NeedsReal
              ""
              Exactness.Exact
              ""
              "\\min"
              "smallest of its arguments or of a vector's entries"
          define
              "mod"
              [ signature [ scalar; scalar ] scalar ]
              Field.NeedsReal
              "y != 0"
              Exactness.Exact
              ""
              "\\operatorname{mod}"
              "x − y·⌊x/y⌋"
          define "pi" [ signature [] scalar ] Field.MakesReal "" Exactness.Exact "" "\\pi" "the number π"
          define
              "re"
              [ signature [ Pattern.Array ] Pattern.Same ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              "\\operatorname{Re}"
              "real part, entry by entry"
          define
              "im"
              [ signature [ Pattern.Array ] Pattern.Same ]
              Field.MakesReal
              ""
              Exactness.Exact
              ""
              "\\operatorname{Im}"
              "imaginary part, entry by entry"
          define
              "conj"
              [ signature [ Pattern.Array ] Pattern.Same ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              "\\operatorname{conj}"
              "complex conjugate, entry by entry" ]

    let private probabilityFunctions =
        let matrix = Pattern.Matrix(n, m)

        [ define
              "entropy"
              [ signature [ Pattern.Vector n ] scalar; signature [ matrix ] scalar ]
              Field.NeedsReal
              "every entry is >= 0"
              Exactness.Exact
              ""
              "\\operatorname{entropy}"
              "−Σ p log p, with 0 log 0 = 0"
          define
              "kl"
              [ signature [ Pattern.Vector n; Pattern.Vector n ] scalar; signature [ matrix; matrix ] scalar ]
              Field.NeedsReal
              "q > 0 wherever p > 0"
              Exactness.Exact
              ""
              "\\operatorname{kl}"
              "relative entropy Σ p log(p/q)"
          define
              "pushforward"
              [ signature [ Pattern.Map(n, m); Pattern.Column n ] (Pattern.Column m) ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              "\\operatorname{pushforward}"
              "image of a measure under a map: entry y is the sum over fibre(f, y)"
          define
              "marginal"
              [ signature [ matrix; Pattern.Numeral 1 ] (Pattern.Column n)
                signature [ matrix; Pattern.Numeral 2 ] (Pattern.Column m) ]
              Field.Keeps
              ""
              Exactness.Exact
              ""
              "\\operatorname{marginal}"
              "row sums (1) or column sums (2) of a joint law" ]

    let private numericFunctions =
        let square = Pattern.Square n
        let matrix = Pattern.Matrix(n, m)

        let numeric (name: string) signatures domain exactness documentation =
            let escaped = name.Replace("_", "\\_")

            define name signatures Field.MakesReal domain exactness "" $"\\operatorname{{{escaped}}}" documentation

        let gaussians = [ square; square ]

        [ numeric "lmin" [ signature [ square ] scalar ] "A is symmetric (Hermitian)" Exactness.Enclosure "smallest eigenvalue"
          numeric "lmax" [ signature [ square ] scalar ] "A is symmetric (Hermitian)" Exactness.Enclosure "largest eigenvalue"
          { numeric "sqrtm" [ signature [ square ] square ] "psd(A)" Exactness.Enclosure "positive semidefinite square root" with
              Field = Field.Keeps }
          { numeric "expm" [ signature [ square ] square ] "" Exactness.Enclosure "matrix exponential" with
              Field = Field.Keeps }
          { numeric "logm" [ signature [ square ] square ] "pd(A)" Exactness.Enclosure "logarithm of a positive definite matrix" with
              Field = Field.Keeps }
          numeric "nuclear" [ signature [ matrix ] scalar ] "" Exactness.Enclosure "sum of the singular values"
          numeric "opnorm" [ signature [ matrix ] scalar ] "" Exactness.Enclosure "largest singular value"
          numeric
              "bures2"
              [ signature gaussians scalar ]
              "psd(A) and psd(B)"
              Exactness.Enclosure
              "squared Bures distance tr(A) + tr(B) − 2·tr(sqrtm(sqrtm(A)·B·sqrtm(A)))"
          numeric
              "brenier_gaussian"
              [ signature gaussians square ]
              "pd(A) and psd(B)"
              Exactness.Enclosure
              "matrix of the optimal map from N(0, A) to N(0, B)"
          numeric
              "transport"
              [ signature [ matrix; Pattern.Column n; Pattern.Column m ] matrix ]
              "both marginals have the same sum"
              Exactness.Estimate
              "optimal plan for a cost matrix and two marginals"
          numeric
              "transport_cost"
              [ signature [ matrix; Pattern.Column n; Pattern.Column m ] scalar ]
              "both marginals have the same sum"
              Exactness.Enclosure
              "least cost of a plan for a cost matrix and two marginals"
          numeric
              "sinkhorn"
              [ signature [ matrix; Pattern.Column n; Pattern.Column m; scalar ] matrix ]
              "the last argument, the regularisation, is > 0"
              Exactness.Estimate
              "entropy-regularised plan for a cost matrix and two marginals"
          numeric
              "ising_logz"
              [ signature [ square; Pattern.Column n ] scalar ]
              ""
              Exactness.Enclosure
              "log Σ exp(½·s'·J·s + dot(h, s)) over spins s, for couplings J and fields h"
          numeric
              "rbm_logz"
              [ signature [ Pattern.Column n; Pattern.Column m; matrix ] scalar ]
              ""
              Exactness.Enclosure
              "log Σ exp(dot(a, v) + dot(b, h) + v'·W·h) over bits v, h, for biases a, b and weights W"
          numeric
              "decimate"
              [ signature [ scalar ] scalar ]
              ""
              Exactness.Enclosure
              "coupling of the 1-D spin chain after every second spin is summed out"
          numeric
              "coarse_grain"
              [ signature [ Pattern.Map(n, m); square ] (Pattern.Square m) ]
              ""
              Exactness.Enclosure
              "sums of a matrix over the blocks of a map" ]

    /// All entries, by group and then in the order of the documentation.
    let all: IReadOnlyList<Function> =
        List.concat [ matrixFunctions; scalarFunctions; probabilityFunctions; numericFunctions ] |> ResizeArray :> IReadOnlyList<Function>

    let private byName = dict [ for entry in all -> entry.Name, entry ]

    let internal tryFind (name: string) : Function voption =
        match byName.TryGetValue name with
        | true, found -> ValueSome found
        | _ -> ValueNone
