namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

// The surface tree: what was written, with positions, before definitions are expanded and names are resolved.
// Terms and propositions share one type, because only names and kinds tell `E[x]` the entry from `E[x]` the expectation.

/// How two propositions are joined.
[<RequireQualifiedAccess>]
type Connective =
    | And
    | Or
    | Implies
    | Iff

[<RequireQualifiedAccess>]
type Quantifier =
    | Forall
    | Exists

/// A term or proposition with the position that a message about it points at.
type Term =
    { At: Position
      Node: Node }

    /// Where the text of the term begins; for operators `At` is the place of the sign.
    member this.Start: Position =
        match this.Node with
        | Node.Binary(_, left, _)
        | Node.Compare(_, left, _)
        | Node.Approximately(left, _, _, _)
        | Node.Connect(_, left, _)
        | Node.Index(left, _)
        | Node.Adjoint left -> left.Start
        | Node.Number _
        | Node.Name _
        | Node.Call _
        | Node.Negate _
        | Node.Literal _
        | Node.Comprehension _
        | Node.Fold _
        | Node.If _
        | Node.Data _
        | Node.Not _
        | Node.Quantify _ -> this.At

and [<RequireQualifiedAccess>] Node =
    | Number of Rational
    | Name of string
    /// A registered function, a definition, a map or a proposition such as `psd(…)`.
    | Call of Callee: string * Arguments: Term list
    | Negate of Term
    /// "+", "-", "*", "/", ".*" or "^".
    | Binary of Operator: string * Term * Term
    | Adjoint of Term
    /// An entry or slice, or `E[…]`, `Var[…]`, `Cov[…]`, `P[…]` where that name is not bound.
    | Index of Term * SurfaceSubscript list
    | Literal of Term list list
    | Comprehension of Body: Term * SurfaceBinder list
    | Fold of Fold * SurfaceBinder list * Body: Term
    | If of Condition: Term * Then: Term * Else: Term
    | Data of Path: string
    | Compare of Relation * Term * Term
    | Approximately of Term * Term * Tolerance: Term * Relative: bool
    | Connect of Connective * Term * Term
    | Not of Term
    | Quantify of Quantifier * SurfaceBinder list * Body: Term

and [<RequireQualifiedAccess>] SurfaceSubscript =
    | Whole
    | At of Term
    | Slice of From: Term * Through: Term

and SurfaceBinder = { At: Position; Name: string; Range: SurfaceRange }

and [<RequireQualifiedAccess>] SurfaceRange =
    | Between of Low: Term * High: Term
    | Among of Term list
    | Within of SurfaceDomain
    | Fibre of At: Position * Map: Term * Value: Term

/// A domain by name: `psd[n] rank r` has sizes and a rank, `wishart(k, Sigma)` arguments, `int in 0..3` bounds.
and SurfaceDomain =
    { At: Position
      Name: string
      Sizes: Term list
      Arguments: Term list
      Bounds: (Term * Term) option
      Rank: Term option }

/// `def Name(Parameters) = Body`; without parameters a plain abbreviation.
type Definition = { At: Position; Name: string; Parameters: string list; Body: Term }

/// What a claim is expected to come out as; the condition is over the integer parameters.
[<RequireQualifiedAccess>]
type SurfaceExpectation =
    | Verdict of string
    | HoldsIff of Term
    | HoldsIf of Term

[<RequireQualifiedAccess>]
type Clause =
    | Title of string
    | Source of string
    | Note of string
    | Tagged of string list
    | For of SurfaceBinder list
    /// Each group of names with its domain.
    | Let of ((Position * string) list * SurfaceDomain) list
    | Define of Definition
    | Where of Term
    | Show of Term
    | Expect of SurfaceExpectation

/// A claim as written: its clauses in order. `Id` is kebab-case.
type SurfaceClaim = { At: Position; Id: string; Clauses: Clause list }

module internal Words =
    let clauses = [ "claim"; "title"; "source"; "note"; "tags"; "for"; "let"; "def"; "where"; "show"; "expect"; "import" ]

    let reserved = set (clauses @ [ "sum"; "prod"; "if"; "then"; "else"; "forall"; "exists"; "in"; "and"; "or"; "not"; "within" ])

    let verdicts = List.map Verdict.name Verdict.all

    let domains =
        [ "real"
          "pos"
          "nonneg"
          "int"
          "bit"
          "bits"
          "spin"
          "spins"
          "complex"
          "sym"
          "psd"
          "spd"
          "orth"
          "diag"
          "herm"
          "hpsd"
          "hpd"
          "unitary"
          "density"
          "simplex"
          "coupling"
          "stochastic"
          "map"
          "normal"
          "gaussian"
          "wishart"
          "chi2"
          "uniform"
          "law" ]
