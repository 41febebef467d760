namespace VerifyEnergy.Kernel

/// A claim holds at one instance: made by the checker alone, from an accepted certificate.
[<Sealed; AutoSerializable(false)>]
type Theorem =
    member ClaimHash: string
    /// Parameter values, in order.
    member Instance: int[]
    /// Number of choices of the finite objects that were walked.
    member Cases: int
    /// True when no object meets the hypotheses, so that the claim says nothing here.
    member IsVacuous: bool
    member Certificate: Certificate

/// A concrete witness breaks a claim at one instance: made by the checker alone.
[<Sealed; AutoSerializable(false)>]
type Refutation =
    member ClaimHash: string
    member Instance: int[]
    member Witness: (int * ObjectValue) list
    /// Numbers (from 0) of the conclusions that fail.
    member Failing: int list
    /// Why the claim is not even defined at the witness, when that is how it fails.
    member Undefined: string option
    member Certificate: Certificate

[<RequireQualifiedAccess>]
type Checked =
    | Holds of Theorem
    | Fails of Refutation

/// What is known of one instance. The first three rest on a certificate; the others state their own ground.
[<RequireQualifiedAccess>]
type Outcome =
    | Holds of Theorem
    | Fails of Refutation
    | Vacuous of Theorem
    | Attested of Ground: string
    | Supported of Ground: string
    | IllTyped of Clash: string
    | Undecided of Reason: string

[<RequireQualifiedAccess>]
type Verdict =
    | Proved
    | Attested
    | Refuted
    | Supported
    | Vacuous
    | IllTyped
    | Undecided

[<RequireQualifiedAccess>]
module Verdict =
    /// The word for a verdict, as users and files see it.
    val name: Verdict -> string
    val all: Verdict list
    val ofOutcome: Outcome -> Verdict

[<RequireQualifiedAccess>]
module Checker =
    /// Changes whenever the checker's judgement may: part of every cache key.
    val version: string

    /// Accepts or rejects a certificate for a claim: makes the obligation itself, within a limit of counted steps. Total: every
    /// failure is a reason.
    val check: claim: Claim * certificate: Certificate * stepLimit: int64 -> Result<Checked, string>

    /// Whether a proof shows one goal of a case under the facts in force: the question that `check` asks of every goal. It makes no
    /// theorem. Raises what the kernel raises.
    val shows: steps: Steps * case: Case * facts: Fact list * proof: Proof * goal: Goal -> bool

    /// What a Squares proof of this goal speaks of: the polynomial to be shown zero, nonzero, positive or nonnegative, the
    /// polynomials of the facts, and the letters that such a proof numbers.
    val statement: case: Case * facts: Fact list * goal: Fact -> Polynomial * Polynomial[] * Letter[]

    /// Whether exact objects belong to their domains and meet all hypotheses at an instance; Error when it cannot be decided.
    val isAdmissible: claim: Claim * instance: int[] * objects: (int * ObjectValue) list * stepLimit: int64 -> Result<bool, string>

    /// The claim's verdict from the outcomes of its instances. The grid is walked here: an instance without an outcome is
    /// undecided, an outcome for another claim or instance counts for nothing.
    val conclude: claim: Claim * outcomes: (int[] * Outcome) list * stepLimit: int64 -> Verdict * (int[] * Outcome) list
