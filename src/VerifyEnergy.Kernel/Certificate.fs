namespace VerifyEnergy.Kernel

// What engines hand to the checker. A certificate carries no trust: every number in it is used only in a computation that the
// checker repeats.

/// A polynomial by numbered letters: coefficient and (letter, exponent) pairs. Which letters the numbers mean is fixed by the
/// obligation: in Squares, the sorted letters of the target and the hypotheses; in Terms, the letters of the case.
type PolynomialData = (Rational * (int * Rational) list) list

/// weight · Π hypotheses · multiplier · root², weight > 0. Hypotheses are numbered among the facts in force; the multiplier is a
/// monomial of letters that is visibly nonnegative.
type Square = { Weight: Rational; Hypotheses: int list; Multiplier: (int * Rational) list; Root: PolynomialData }

/// An object named for an `exists`: entries as (real, imaginary) polynomials.
type TermObject = { Shape: Shape; Rows: int; Columns: int; Entries: (PolynomialData * PolynomialData option) list }

[<RequireQualifiedAccess>]
type Proof =
    /// The normal form shows it: zero, a visible sign, an enclosed number, or a hypothesis itself.
    | Normal
    /// target (or −target) = Σ squares + Σ cofactor · equation, equations numbered among the facts in force.
    | Squares of Negated: bool * Squares: Square list * Cofactors: (int * PolynomialData) list
    | All of Proof list
    | Branch of int * Proof
    /// A minor with these rows and columns that the inner proof shows nonzero.
    | Minor of Rows: int list * Columns: int list * Proof
    /// A minor of a rational matrix that is nonzero modulo a prime < 2³¹.
    | ModularRank of Prime: int64 * Rows: int list * Columns: int list
    | Terms of TermObject list * Proof

[<RequireQualifiedAccess>]
type Body =
    /// `Count` cases; goal 0 of a case is its definedness, goal s its s-th conclusion; goals not listed are Normal.
    | Cases of Count: int * Proofs: ((int * int) * Proof) list
    /// Every case's hypotheses contradict each other: proofs of 0 > 0, by case; cases not listed are Normal.
    | Empty of Count: int * Proofs: (int * Proof) list
    /// Values of the objects, and of binders of an outermost forall, that break the claim.
    | Witness of (int * ObjectValue) list

type Certificate =
    {
        /// Canonical hash of the claim.
        ClaimHash: string
        /// Parameter values, in order.
        Instance: int[]
        Body: Body
    }

[<RequireQualifiedAccess>]
module Certificate =
    /// Version of the certificate's meaning; written beside every certificate.
    let schema = "verify-energy/certificate/1"

    let rec private kindOfProof (proof: Proof) : string =
        match proof with
        | Proof.Normal -> "identity"
        | Proof.Squares(_, [], _) -> "cofactors"
        | Proof.Squares _ -> "squares"
        | Proof.All proofs -> kindOfProofs proofs
        | Proof.Branch(_, proof) -> kindOfProof proof
        | Proof.Minor _ -> "minors"
        | Proof.ModularRank _ -> "modular-rank"
        | Proof.Terms _ -> "terms"

    and private kindOfProofs proofs =
        match proofs |> List.map kindOfProof |> List.filter ((<>) "identity") with
        | [] -> "identity"
        | kind :: _ -> kind

    /// "identity", "enumeration", "squares", "minors", "modular-rank", "terms", "empty" or "witness".
    let kind (certificate: Certificate) : string =
        match certificate.Body with
        | Body.Cases(count, proofs) ->
            match kindOfProofs (List.map snd proofs) with
            | "identity" when count > 1 -> "enumeration"
            | kind -> kind
        | Body.Empty _ -> "empty"
        | Body.Witness _ -> "witness"
