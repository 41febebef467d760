namespace VerifyEnergy.Engines.Tests

open VerifyEnergy.Kernel

/// Elaborated claims written down by hand: object k is binder k; sizes are numbers, so there are no parameters.
module internal CoreClaims =
    let number n = Expr.Number(Rational.OfInt n)
    let var v = Expr.Variable v
    let apply name arguments = Expr.Apply(name, arguments)
    let (+.) a b = apply "+" [ a; b ]
    let (-.) a b = apply "-" [ a; b ]
    let ( *. ) a b = apply "*" [ a; b ]
    let adjoint a = apply "'" [ a ]
    let tr a = apply "tr" [ a ]
    let rank a = apply "rank" [ a ]
    let compare relation a b = Prop.Compare(relation, a, b)
    let equal a b = compare Relation.Equal a b
    let atMost a b = compare Relation.LessEqual a b
    let loewner a b = compare Relation.Loewner a b
    let nonnegative a = compare Relation.GreaterEqual a (number 0)

    let real sizes = Domain.Plain(ScalarSet.Real, List.map number sizes)
    let psd n = Domain.Psd(number n, None)

    let object v domain = Declaration.Object(v, domain)
    let where prop = Declaration.Hypothesis prop

    let claim declarations conclusions : Claim = { Parameters = []; Declarations = declarations; Conclusions = conclusions }

    let target claim : VerifyEnergy.Engines.Target = { Claim = claim; Hash = Hash.ofClaim claim; Instance = [||] }

    let steps () = Steps 2_000_000_000L

    let certificate claim witness : Certificate = { ClaimHash = Hash.ofClaim claim; Instance = [||]; Body = Body.Witness witness }

    /// Whether the checker accepts the witness.
    let refutes claim witness =
        match Checker.check (claim, certificate claim witness, 1_000_000_000L) with
        | Ok(Checked.Fails _) -> true
        | Ok(Checked.Holds _)
        | Error _ -> false

    let isAdmissible claim point = Checker.isAdmissible (claim, [||], point, 1_000_000_000L)

    /// rank(V Vᵀ + W Wᵀ) ≤ k for V, W in real[n, k].
    let rankOfSum n k =
        claim
            [ object 0 (real [ n; k ]); object 1 (real [ n; k ]) ]
            [ atMost (rank ((var 0 *. adjoint (var 0)) +. (var 1 *. adjoint (var 1)))) (number k) ]

    /// 0 ⪯ A ⪯ B ⇒ A² ⪯ B².
    let squares n =
        claim [ object 0 (psd n); object 1 (psd n); where (loewner (var 0) (var 1)) ] [ loewner (var 0 *. var 0) (var 1 *. var 1) ]

    let tripleTrace n = claim [ object 0 (psd n); object 1 (psd n); object 2 (psd n) ] [ nonnegative (tr (var 0 *. var 1 *. var 2)) ]

    /// True for all n: ‖LᵀM‖².
    let trace n = claim [ object 0 (psd n); object 1 (psd n) ] [ nonnegative (tr (var 0 *. var 1)) ]
