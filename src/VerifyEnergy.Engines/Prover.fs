namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// Searches proofs of the goals of one case.
[<Sealed>]
type internal ProofSearch(target: Target, steps: Steps, case: Case) =
    /// Candidates that are tried for one inequality.
    [<Literal>]
    let MaxCandidates = 60

    let normal facts goal = Checker.shows (steps, case, facts, Proof.Normal, goal)

    let numbered (letters: Letter[]) : Polynomial -> PolynomialData option =
        let places = letters |> Array.mapi (fun index letter -> letter, index) |> Map.ofArray

        fun p ->
            let factors (m: Monomial) = m.Factors |> Array.map (fun (struct (letter, exponent)) -> Map.tryFind letter places, exponent)

            let terms = p.Terms |> Array.map (fun (struct (coefficient, m)) -> coefficient, factors m)

            if terms |> Array.forall (fun (_, factors) -> factors |> Array.forall (fun (place, _) -> place.IsSome)) then
                Some [ for coefficient, factors in terms -> coefficient, [ for place, exponent in factors -> place.Value, exponent ] ]
            else
                None

    /// All or nothing.
    let sequence (items: 'T option list) = if List.forall Option.isSome items then Some(List.choose id items) else None

    /// The certificate's form of squares and cofactors.
    let written letters negated (squares: WeightedSquare list) (cofactors: (int * Polynomial) list) : Proof option =
        let data = numbered letters

        let square (s: WeightedSquare) : Square option =
            match data s.Root, data (Polynomial.ofTerms [ struct (Rational.One, s.Multiplier) ]) with
            | Some root, Some [ _, multiplier ] ->
                Some { Weight = s.Weight; Hypotheses = s.Hypotheses; Multiplier = multiplier; Root = root }
            | _ -> None

        let squares = squares |> List.map square |> sequence

        let cofactors = cofactors |> List.map (fun (index, c) -> data c |> Option.map (fun c -> index, c)) |> sequence

        Option.map2 (fun squares cofactors -> Proof.Squares(negated, squares, cofactors)) squares cofactors

    let expanded (polynomials: Polynomial[]) (s: WeightedSquare) : Polynomial =
        let product (p: Polynomial) (q: Polynomial) =
            steps.Spend(1L + int64 p.TermCount * int64 q.TermCount / 8L)
            Polynomial.multiply p q

        (product (Polynomial.ofTerms [ struct (s.Weight, s.Multiplier) ]) (product s.Root s.Root), s.Hypotheses)
        ||> List.fold (fun value h -> product value polynomials[h])

    /// The inequality and its premises in the entries of some objects themselves: each subset of objects that keeps its entries,
    /// with the way back to factors.
    let unfactored (facts: Fact list) (goal: Fact) : (Polynomial * Premise list * (Polynomial -> Polynomial option)) seq =
        let factors = case.Factors()

        let owner letter =
            match letter with
            | Letter.Entry entry -> Some entry.Owner
            | Letter.Pi
            | Letter.Log _
            | Letter.Function _
            | Letter.Exp _
            | Letter.Base _ -> None

        let owners = Polynomial.letters goal.Form.Numerator |> List.filter factors.ContainsKey |> List.choose owner |> List.distinct

        let back (p: Polynomial) =
            let form = NormalForm.substitute (fun letter -> Map.tryFind letter factors) (NormalForm.polynomial p)
            if form.IsPolynomial then Some form.Numerator else None

        if not goal.Form.IsPolynomial || owners.IsEmpty then
            Seq.empty
        else
            // Which objects are written in factors: none, all but one, one alone.
            [ []
              for kept in owners do
                  List.except [ kept ] owners

              for only in owners do
                  [ only ] ]
            |> List.distinct
            |> List.filter (fun chosen -> chosen.Length < owners.Length)
            |> Seq.choose (fun chosen ->
                let replaced letter =
                    match owner letter with
                    | Some o when List.contains o chosen -> Map.tryFind letter factors
                    | Some _
                    | None -> None

                let partly form =
                    let form = NormalForm.substitute replaced form
                    if form.IsPolynomial then Some form.Numerator else None

                let premises =
                    facts
                    |> List.indexed
                    |> List.choose (fun (index, f) ->
                        partly f.Form |> Option.map (fun p -> { Index = index; Condition = f.Condition; Polynomial = p }))

                partly goal.Form |> Option.map (fun p -> p, premises, back))

    let equality facts (fact: Fact) : Proof option =
        let wanted, polynomials, letters = Checker.statement (case, facts, fact)

        let equations =
            facts
            |> List.indexed
            |> List.choose (fun (index, f) -> if f.Condition = Condition.Zero then Some(index, polynomials[index]) else None)

        Cofactors.express steps equations wanted |> Option.bind (written letters false [])

    let inequality facts (fact: Fact) : Proof option =
        let wanted, polynomials, letters = Checker.statement (case, facts, fact)
        let strict = fact.Condition <> Condition.Nonnegative

        let premises = facts |> List.mapi (fun index f -> { Index = index; Condition = f.Condition; Polynomial = polynomials[index] })

        let equations = premises |> List.filter (fun h -> h.Condition = Condition.Zero) |> List.map (fun h -> h.Index, h.Polynomial)

        let attempt negated =
            let p = if negated then Polynomial.negate wanted else wanted

            let unfactored =
                if negated || not (NormalForm.tryExponentiate fact.Form).IsNone then
                    Seq.empty
                else
                    unfactored facts fact
                    |> Seq.collect (fun (p, premises, back) ->
                        Inequality.candidates steps strict premises p
                        |> Seq.choose (fun squares ->
                            squares |> List.map (fun s -> back s.Root |> Option.map (fun root -> { s with Root = root })) |> sequence))

            let finish (squares: WeightedSquare list) =
                if strict && not (squares |> List.exists (Inequality.isStrict premises)) then
                    None
                else
                    let rest = (p, squares) ||> List.fold (fun rest s -> Polynomial.subtract rest (expanded polynomials s))

                    [ Cofactors.express; Cofactors.tryExpress ]
                    |> List.tryPick (fun express ->
                        express steps equations rest
                        |> Option.bind (written letters negated squares)
                        |> Option.filter (fun proof -> Checker.shows (steps, case, facts, proof, Goal.Fact fact)))

            // 0 > 0 from equations alone: −1 as a combination of them.
            let unit: WeightedSquare = { Weight = Rational.One; Hypotheses = []; Multiplier = Monomial.one; Root = Polynomial.one }

            if strict && p.IsZero && (finish [ unit ]).IsSome then
                finish [ unit ]
            elif Sampling.breaks steps strict premises p then
                None
            else
                Seq.append (Inequality.candidates steps strict premises p) unfactored
                |> Seq.truncate MaxCandidates
                |> Seq.tryPick finish

        if fact.Condition = Condition.Nonzero then
            attempt false |> Option.orElseWith (fun () -> attempt true)
        else
            attempt false

    member private _.Fact(facts, fact: Fact) : Proof option =
        let search () =
            match fact.Condition with
            | Condition.Zero -> equality facts fact
            | Condition.Nonnegative
            | Condition.Positive
            | Condition.Nonzero -> inequality facts fact

        match Attempt.run search with
        | Ok found -> found
        | Error _ -> None

    /// A minor of full size that is nonzero; those near the upper left first.
    member private this.Rank(facts, matrix: Value<NormalForm>, rank: int) : Proof option =
        match matrix with
        | Value.Array(_, rows, columns, entries) when rank <= min rows columns && rank <= 6 ->
            let algebra = ArrayAlgebra<NormalForm>(FormArithmetic(steps, (fun _ _ -> ())))

            seq {
                for r in Obligation.subsets rows rank do
                    for c in Obligation.subsets columns rank do
                        r, c
            }
            |> Seq.truncate 100
            |> Seq.tryPick (fun (r, c) ->
                let minor = algebra.Minor(columns, entries, r, c)

                let parts =
                    match minor.Im with
                    | ValueSome im -> [ minor.Re; im ]
                    | ValueNone -> [ minor.Re ]

                parts
                |> List.filter (fun form -> not form.IsZero)
                |> List.tryPick (fun form ->
                    this.Prove(facts, Goal.Fact { Condition = Condition.Nonzero; Form = form })
                    |> Option.map (fun proof -> Proof.Minor(List.ofArray r, List.ofArray c, proof))))
        | Value.Array _
        | Value.Map _ -> None

    member this.Prove(facts: Fact list, goal: Goal) : Proof option =
        steps.Spend 1L

        match goal with
        | Goal.Given(added, inner) -> this.Prove(facts @ added, inner)
        | Goal.Open _ -> None
        | Goal.All goals ->
            let rec each found goals =
                match goals with
                | [] -> Some(List.rev found)
                | first :: rest ->
                    match this.Prove(facts, first) with
                    | Some proof -> each (proof :: found) rest
                    | None -> None

            each [] goals
            |> Option.map (fun proofs -> if proofs |> List.forall ((=) Proof.Normal) then Proof.Normal else Proof.All proofs)
        | Goal.Any goals ->
            if normal facts goal then
                Some Proof.Normal
            else
                goals
                |> Seq.indexed
                |> Seq.tryPick (fun (index, inner) -> this.Prove(facts, inner) |> Option.map (fun proof -> Proof.Branch(index, proof)))
        | Goal.Exists(binders, body) ->
            Terms.tuples target steps case binders
            |> Seq.tryPick (fun (terms, values) ->
                match Attempt.run (fun () -> this.Prove(facts, body values)) with
                | Ok(Some proof) -> Some(Proof.Terms(terms, proof))
                | Ok None
                | Error _ -> None)
        | Goal.RankAtLeast(matrix, rank) -> if normal facts goal then Some Proof.Normal else this.Rank(facts, matrix, rank)
        | Goal.Fact fact -> if normal facts goal then Some Proof.Normal else this.Fact(facts, fact)

[<RequireQualifiedAccess>]
module private Walk =
    /// The proofs of the goals of each case that the Normal rule does not show, or where none was found.
    let cases (target: Target) (steps: Steps) : Result<int * ((int * int) * Proof) list, string> =
        let proofs = ResizeArray<(int * int) * Proof>()
        let mutable count = 0
        let mutable missing = None
        use walk = (Obligation.ofInstance target.Claim target.Instance steps).GetEnumerator()

        while missing.IsNone && walk.MoveNext() do
            let case = walk.Current
            let search = ProofSearch(target, steps, case)

            case.Definedness :: case.Conclusions
            |> List.iteri (fun index goal ->
                if missing.IsNone then
                    match search.Prove(case.Hypotheses, goal) with
                    | Some Proof.Normal -> ()
                    | Some proof -> proofs.Add((count, index), proof)
                    | None ->
                        missing <-
                            Some(
                                if index = 0 then
                                    $"case {count}: no proof of a side condition"
                                else
                                    $"case {count}: no proof of conclusion {index}"
                            ))

            count <- count + 1

        match missing with
        | Some reason -> Error reason
        | None -> Ok(count, List.ofSeq proofs)

    /// Proofs that the hypotheses of each case contradict each other.
    let contradictions (target: Target) (steps: Steps) : Result<int * (int * Proof) list, string> =
        let impossible = Goal.Fact { Condition = Condition.Positive; Form = NormalForm.zero }

        let proofs = ResizeArray<int * Proof>()
        let mutable count = 0
        let mutable missing = None
        use walk = (Obligation.ofInstance target.Claim target.Instance steps).GetEnumerator()

        while missing.IsNone && walk.MoveNext() do
            let case = walk.Current

            match ProofSearch(target, steps, case).Prove(case.Hypotheses, impossible) with
            | Some Proof.Normal -> ()
            | Some proof -> proofs.Add(count, proof)
            | None -> missing <- Some $"case {count}: no contradiction among the hypotheses"

            count <- count + 1

        match missing with
        | Some reason -> Error reason
        | None -> Ok(count, List.ofSeq proofs)

    let propose (target: Target) (cancellation: System.Threading.CancellationToken) (work: unit -> Result<Body, string>) =
        seq {
            match Attempt.run work with
            | Ok(Ok body) -> Proposal.Certificate { ClaimHash = target.Hash; Instance = target.Instance; Body = body }
            | Ok(Error reason)
            | Error reason -> Proposal.Note reason
        }
        |> Proposals.ofSeq cancellation

    let hasHypotheses (target: Target) =
        target.Claim.Declarations
        |> List.exists (fun declaration ->
            match declaration with
            | Declaration.Hypothesis _ -> true
            | Declaration.Object _ -> false)

/// Proves each goal by the normal form, by squares with hypotheses and cofactors, by minors, or by naming objects.
[<Sealed>]
type SquaresEngine() =
    interface IEngine with
        member _.Name = "squares"
        member _.Version = "1"
        member _.Applies _ = true

        member _.Propose(target, steps, _, cancellation) =
            Walk.propose target cancellation (fun () -> Walk.cases target steps |> Result.map Body.Cases)

/// Shows that no object meets the hypotheses.
[<Sealed>]
type VacuityEngine() =
    interface IEngine with
        member _.Name = "vacuity"
        member _.Version = "2"
        member _.Applies target = Walk.hasHypotheses target

        member _.Propose(target, steps, _, cancellation) =
            Walk.propose target cancellation (fun () ->
                Walk.contradictions target steps
                |> Result.map (fun (count, proofs) -> if count = 0 then Body.Cases(0, []) else Body.Empty(count, proofs)))
