namespace VerifyEnergy.Engines.Tests

open System
open System.Threading
open System.Threading.Tasks
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open VerifyEnergy.Provers
open Xunit

/// Needs a real prover: skipped, by name, where it is not installed, but run (and red) under CI.
[<AttributeUsage(AttributeTargets.Method)>]
type ProverFactAttribute(kind: ProverKind) as self =
    inherit FactAttribute()

    static let installation = lazy (ProverInstallation.Find())

    do
        installation.Value.Missing
        |> Seq.tryFind (fun missing -> missing.Kind = kind)
        |> Option.iter (fun missing ->
            if Environment.GetEnvironmentVariable "CI" <> "true" then
                self.Skip <- $"{missing.Name}: {missing.Reason}; {missing.Remedy}")

    static member Prover(kind: ProverKind) : Prover = Prover(installation.Value.Found |> Seq.find (fun found -> found.Kind = kind))

/// Claims of the core language, written by hand.
module private Core =
    let number n = Expr.Number(Rational.OfInt n)
    let ratio p q = Expr.Number(Rational.Create(Numerics.BigInteger(p: int), Numerics.BigInteger(q: int)))
    let var v = Expr.Variable v
    let apply name arguments = Expr.Apply(name, arguments)
    let (+.) a b = apply "+" [ a; b ]
    let ( *. ) a b = apply "*" [ a; b ]
    let (/.) a b = apply "/" [ a; b ]
    let (-.) a b = apply "-" [ a; b ]
    let (>=.) a b = Prop.Compare(Relation.GreaterEqual, a, b)
    let (>.) a b = Prop.Compare(Relation.Greater, a, b)
    let (=.) a b = Prop.Compare(Relation.Equal, a, b)
    let real = Domain.Plain(ScalarSet.Real, [])
    let psd n = Domain.Psd(number n, None)
    let at v i = Expr.Entry(var v, [ Subscript.At(number i) ])

    let claim objects hypotheses conclusions : Claim =
        { Parameters = []
          Declarations =
            (objects |> List.map (fun (v, domain) -> Declaration.Object(v, domain)))
            @ (hypotheses |> List.map Declaration.Hypothesis)
          Conclusions = conclusions }

    let x, y, z = var 0, var 1, var 2
    let trace m = apply "tr" [ m ]

    /// x² + y² ≥ 2xy.
    let means = claim [ 0, real; 1, real ] [] [ (x *. x) +. (y *. y) >=. (number 2 *. x *. y) ]
    /// Its false twin.
    let badMeans = claim [ 0, real; 1, real ] [] [ (x *. x) +. (y *. y) >=. (number 3 *. x *. y) ]
    /// √2 is missing.
    let noRoot = claim [ 0, real ] [] [ Prop.Compare(Relation.NotEqual, x *. x, number 2) ]

module SmtTests =
    open Core

    let private steps () = Steps 200_000_000L

    let private wait (task: Task<'T>) = task.GetAwaiter().GetResult()

    let private run prover answer (output: string) =
        ProverRun(answer, "scripted", prover, "0", [||], output, "", Nullable 0, TimeSpan.Zero, Nullable TimeSpan.Zero, [||])

    /// A solver that answers by a function of the text.
    let private scripted name (answer: string -> ProverAnswer * string) : SmtSolver =
        { Name = name
          Version = "0"
          Caution = None
          Run =
            Func<_, _, _>(fun text _ ->
                let answer, output = answer text
                Task.FromResult(run name answer output)) }

    let private always answer output = scripted "scripted" (fun _ -> answer, output)
    let private unsat = always ProverAnswer.Unsat "unsat\n"

    let private attempt solvers claim = wait (Smt.attempt (claim, [||], solvers, steps (), CancellationToken.None))

    let private caps = ProverCaps(TimeSpan.FromSeconds 20., TimeSpan.FromSeconds 20., 1L <<< 30)
    let private installed kind = Smt.solver (ProverFactAttribute.Prover kind) caps
    let private z3 () = installed ProverKind.Z3

    let private describe (outcome: SmtOutcome) =
        let lines =
            [ $"{outcome.Verdict}"
              yield! outcome.Notes
              for run in outcome.Runs do
                  $"case {run.Case} goal {run.Goal} {run.Range}: {run.Run.Answer} {run.Run.Reason}\n{run.Text}{run.Run.StandardOutput}" ]

        String.concat "\n" lines

    let private witnessOf outcome =
        match outcome.Verdict with
        | SmtVerdict.Refuted refutation -> refutation.Witness
        | SmtVerdict.Attested _
        | SmtVerdict.Open _ ->
            Assert.Fail(describe outcome)
            []

    let private isAttested outcome =
        match outcome.Verdict with
        | SmtVerdict.Attested _ -> ()
        | SmtVerdict.Refuted _
        | SmtVerdict.Open _ -> Assert.Fail(describe outcome)

    let private isOpen (words: string) outcome =
        match outcome.Verdict with
        | SmtVerdict.Open reason -> Assert.Contains(words, reason)
        | SmtVerdict.Refuted _
        | SmtVerdict.Attested _ -> Assert.Fail(describe outcome)

    let private scalar (value: int) = ObjectValue.Array(1, 1, [| struct (Rational.OfInt value, Rational.Zero) |])

    // The text

    [<Fact>]
    let ``The text of a question, whole`` () =
        let claim =
            claim [ 0, real; 1, Domain.Plain(ScalarSet.Positive, []) ] [ x >. ratio 1 2 ] [ (ratio 2 3 *. x *. x *. y) >=. (y /. x) ]

        let texts = ResizeArray<string>()

        attempt
            [ scripted "s" (fun text ->
                  texts.Add text
                  ProverAnswer.Unknown, "unknown\n") ]
            claim
        |> ignore

        let wanted =
            $"""; claim {Hash.ofClaim claim}
; parameters [], case 0, goal 1: the hypotheses and not the goal
(set-option :produce-models true)
(set-logic QF_NRA)
(declare-fun x0_0_1_1 () Real)
(declare-fun x1_0_1_1_pos () Real)
(assert (> x1_0_1_1_pos 0.0))
(assert (> (+ (* 2.0 x0_0_1_1) (- 1.0)) 0.0))
(assert (or (= x0_0_1_1 0.0) (and (not (= x0_0_1_1 0.0)) (> (+ (* (- 2.0) x0_0_1_1 x0_0_1_1 x0_0_1_1 x0_0_1_1 x1_0_1_1_pos) (* 3.0 x0_0_1_1 x1_0_1_1_pos)) 0.0))))
(check-sat)
(get-model)
"""

        Assert.Equal(4, texts.Count)
        Assert.Contains("(set-logic QF_NIA)", texts[0])
        Assert.Contains("(assert (and (<= (- 1) x0_0_1_1) (<= x0_0_1_1 1)))", texts[0])
        Assert.Contains("(assert (and (<= (- 3) x0_0_1_1) (<= x0_0_1_1 3)))", texts[2])
        Assert.Equal(wanted.ReplaceLineEndings "\n", texts[3])

    // Lying solvers

    [<Fact>]
    let ``A solver that always says unsat reaches attested, never more`` () =
        for claim in [ means; badMeans ] do
            match (attempt [ unsat ] claim).Verdict with
            | SmtVerdict.Attested [ "scripted 0" ] -> ()
            | other -> Assert.Fail $"{other}"

    [<Theory>]
    [<InlineData("sat\n")>]
    [<InlineData("sat\n(")>]
    [<InlineData("sat\n()")>]
    [<InlineData("sat\n((define-fun x0_0_1_1 () Real 1.0)(define-fun x1_0_1_1 () Real 5.0))")>]
    [<InlineData("sat\n((define-fun x0_0_1_1 () Real (/ 1.0 0.0)))")>]
    [<InlineData("sat\n((define-fun x0_0_1_1 () Real (root-obj (+ (^ x 2) (- 2)) 1)))")>]
    let ``A made-up model refutes nothing true`` (output: string) =
        let outcome = attempt [ always ProverAnswer.Sat output ] means
        isOpen "no solver" outcome
        Assert.Contains(outcome.Notes, fun note -> note.Contains "the model is no witness")

    [<Fact>]
    let ``A model outside the hypotheses refutes nothing`` () =
        let claim = claim [ 0, real ] [ x >. number 2 ] [ x *. x >. number 4 ]
        let outcome = attempt [ always ProverAnswer.Sat "sat\n((define-fun x0_0_1_1 () Real 1.0))" ] claim
        isOpen "no solver" outcome

    [<Fact>]
    let ``A right model refutes, whoever gives it`` () =
        let model = always ProverAnswer.Sat "sat\n((define-fun x0_0_1_1 () Int 1)(define-fun x1_0_1_1 () Int 1))"
        Assert.Equal<(int * ObjectValue) list>([ 0, scalar 1; 1, scalar 1 ], witnessOf (attempt [ unsat; model ] badMeans))

    [<Fact>]
    let ``Solvers that contradict each other attest nothing`` () =
        let outcome = attempt [ unsat; scripted "other" (fun _ -> ProverAnswer.Sat, "sat\n()") ] means
        isOpen "no solver" outcome
        Assert.Contains(outcome.Notes, fun note -> note.Contains "scripted 0 says unsat, other 0 says sat")

    [<Fact>]
    let ``Unsat over whole numbers alone attests nothing`` () =
        let answer (text: string) = if text.Contains "QF_NIA" then ProverAnswer.Unsat, "unsat\n" else ProverAnswer.Unknown, "unknown\n"
        isOpen "no solver" (attempt [ scripted "s" answer ] means)

    [<Fact>]
    let ``Every question must be answered by the same solver`` () =
        let first = (x *. x) +. (y *. y) >=. (number 2 *. x *. y)
        let second = (x *. x) +. (y *. y) >=. (number -2 *. x *. y)
        let both = claim [ 0, real; 1, real ] [] [ first; second ]

        let only goal =
            scripted $"goal{goal}" (fun text ->
                if text.Contains $"goal {goal}:" then
                    ProverAnswer.Unsat, "unsat\n"
                else
                    ProverAnswer.Unknown, "unknown\n")

        isOpen "no solver" (attempt [ only 1; only 2 ] both)
        isAttested (attempt [ unsat ] both)

    [<Fact>]
    let ``A solver cut off by a cap is not asked again over that range`` () =
        let first = (x *. x) +. (y *. y) >=. (number 2 *. x *. y)
        let second = (x *. x) +. (y *. y) >=. (number -2 *. x *. y)
        let outcome = attempt [ always ProverAnswer.TimedOut "" ] (claim [ 0, real; 1, real ] [] [ first; second ])

        Assert.Equal<(int * SmtRange) list>(
            [ 1, SmtRange.Integers 1; 1, SmtRange.Reals ],
            outcome.Runs |> List.map (fun run -> run.Goal, run.Range)
        )

        isOpen "no solver" outcome

    [<Fact>]
    let ``What is no polynomial condition is never attested`` () =
        let exponential = claim [ 0, real ] [] [ apply "exp" [ x ] >=. (x +. number 1) ]
        let exists = claim [ 0, real ] [] [ Prop.Exists([ { Variable = 1; Range = Range.Within real } ], y >. x) ]
        let half = claim [ 0, real; 1, real ] [] [ Prop.And(apply "exp" [ x ] >=. (x +. number 1), x *. x >=. y) ]

        for claim in [ exponential; exists; half ] do
            match (attempt [ unsat ] claim).Verdict with
            | SmtVerdict.Open _ -> ()
            | other -> Assert.Fail $"{other}"

    [<Fact>]
    let ``Nothing is attested where nobody was asked`` () =
        isOpen "nothing to ask" (attempt [ unsat ] (claim [ 0, real ] [] [ x *. x >=. number 0 ]))
        isOpen "no solver is installed" (attempt [] means)

    [<Fact>]
    let ``The meaning of a hypothesis may not rest on it`` () =
        // 1/x > 0 has no meaning at 0, though where it holds x is not 0.
        let claim = claim [ 0, real ] [ number 1 /. x >. number 0 ] [ x >. number 0 ]
        let model = always ProverAnswer.Sat "sat\n((define-fun x0_0_1_1 () Int 0))"
        let outcome = attempt [ model ] claim
        Assert.Equal<(int * ObjectValue) list>([ 0, scalar 0 ], witnessOf outcome)
        Assert.Equal(0, outcome.Runs.Head.Goal)

    [<Fact>]
    let ``The engine hands on proposals and keeps every run`` () =
        let kept = ResizeArray<string>()
        let engine = Smt.engine ([ unsat ], Action<_, _>(fun _ run -> kept.Add run.Text))
        let target = { Claim = means; Hash = Hash.ofClaim means; Instance = [||] }
        let random = RandomStream.Create(0UL, target.Hash, [||], engine.Name)
        let stream = engine.Propose(target, steps (), random, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None)

        Assert.True(engine.Applies target)
        Assert.True((stream.MoveNextAsync().AsTask() |> wait))

        match stream.Current with
        | Proposal.Attest ground -> Assert.StartsWith("unsat by scripted 0", ground)
        | other -> Assert.Fail $"{other}"

        Assert.Equal(4, kept.Count)

    // Real solvers

    [<ProverFact(ProverKind.Z3)>]
    let ``z3 attests true claims`` () =
        let entry i j = Expr.Entry(var 0, [ Subscript.At(number i); Subscript.At(number j) ])

        for claim in
            [ means
              claim [ 0, psd 2; 1, psd 2 ] [] [ trace (x *. y) >=. number 0 ]
              claim [ 0, real ] [ x >. number 1 ] [ number 1 /. (x -. number 1) >. number 0 ]
              claim [ 0, real ] [ number 1 >=. (x *. x) ] [ Prop.Has(Property.Psd, Expr.Literal [ [ number 1; x ]; [ x; number 1 ] ]) ]
              claim [ 0, real ] [] [ Prop.Or(x >=. number 1, number 2 >=. x) ]
              claim [ 0, Domain.Simplex(number 2) ] [] [ ratio 1 4 >=. (at 0 1 *. at 0 2) ]
              claim [ 0, Domain.Orthogonal(number 2) ] [] [ number 1 >=. (entry 1 1 *. entry 1 1) ]
              claim [ 0, Domain.Orthogonal(number 2) ] [] [ apply "rank" [ x ] >=. number 2 ] ] do
            isAttested (attempt [ z3 () ] claim)

    [<ProverFact(ProverKind.Z3)>]
    let ``z3 refutes false claims with models that the checker confirms`` () =
        let column n = Domain.Plain(ScalarSet.Real, [ number n; number 1 ])
        let forall = Prop.Forall([ { Variable = 1; Range = Range.Within real } ], (x *. x) +. y >=. number 0)
        let order a b = Prop.Compare(Relation.Loewner, a, b)

        for claim in
            [ badMeans
              claim [ 0, real ] [] [ (x /. x) =. number 1 ]
              claim [ 0, real ] [] [ forall ]
              claim [ 0, psd 2; 1, psd 2 ] [ order x y ] [ order (x *. x) (y *. y) ]
              claim [ 0, psd 2; 1, psd 2; 2, psd 2 ] [] [ trace (x *. y *. z) >=. number 0 ]
              claim [ 0, real ] [ x >. number 1 ] [ number 1 /. (x -. number 1) >. ratio 1 10 ]
              claim [ 0, real ] [] [ Prop.Has(Property.Psd, Expr.Literal [ [ number 1; x ]; [ x; number 1 ] ]) ]
              claim [ 0, Domain.Simplex(number 2) ] [] [ ratio 1 5 >=. (at 0 1 *. at 0 2) ]
              claim [ 0, column 2; 1, column 2 ] [] [ number 1 >=. apply "rank" [ (x *. apply "'" [ x ]) +. (y *. apply "'" [ y ]) ] ]
              claim [ 0, psd 2 ] [] [ apply "rank" [ x ] >=. number 1 ]
              claim [ 0, Domain.Plain(ScalarSet.Complex, []) ] [] [ apply "re" [ x *. x ] >=. number 0 ]
              claim [ 0, Domain.Density(number 2) ] [] [ ratio 9 10 >=. apply "re" [ trace (x *. x) ] ] ] do
            Assert.NotEmpty(witnessOf (attempt [ z3 () ] claim))

    [<ProverFact(ProverKind.Z3)>]
    let ``An irrational model is told and not used`` () =
        let outcome = attempt [ z3 () ] noRoot
        isOpen "no solver" outcome
        Assert.Contains(outcome.Notes, fun note -> note.Contains "is algebraic: (root-obj")

    [<ProverFact(ProverKind.Z3)>]
    let ``Small whole numbers come first`` () =
        let outcome = attempt [ z3 () ] badMeans
        let run = Assert.Single outcome.Runs
        Assert.Equal(SmtRange.Integers 1, run.Range)

        for _, value in witnessOf outcome do
            match value with
            | ObjectValue.Array(_, _, entries) ->
                for struct (entry, _) in entries do
                    Assert.True(entry.IsInteger && entry.Abs <= Rational.One)
            | ObjectValue.Map _ -> Assert.Fail "a map"

    [<ProverFact(ProverKind.Cvc5)>]
    let ``cvc5 attests and refutes`` () =
        let cvc5 = [ installed ProverKind.Cvc5 ]
        isAttested (attempt cvc5 (claim [ 0, real ] [ x >. number 1 ] [ x *. x >. number 1 ]))
        Assert.NotEmpty(witnessOf (attempt cvc5 badMeans))

    [<ProverFact(ProverKind.Z3)>]
    let ``The ground names solver, version, options and known weakness`` () =
        let solvers = [ z3 () ]
        let ground = Smt.ground solvers (attempt solvers means)
        Assert.StartsWith($"unsat by z3 {solvers.Head.Version} (-in -smt2", ground)

        match solvers.Head.Caution with
        | Some caution -> Assert.Contains(caution, ground)
        | None -> Assert.DoesNotContain("[", ground)
