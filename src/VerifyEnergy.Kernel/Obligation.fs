namespace VerifyEnergy.Kernel

// What must be shown: the one place where a claim and an instance become conditions on normal forms.

/// A condition to be shown, for all values of the letters.
[<RequireQualifiedAccess>]
type Goal =
    | Fact of Fact
    | All of Goal list
    | Any of Goal list
    /// The goal under further facts.
    | Given of Fact list * Goal
    | RankAtLeast of Value<NormalForm> * int
    /// Some objects of these binders satisfy the rest; a certificate names them.
    | Exists of Binder list * (Value<NormalForm> list -> Goal)
    /// Not expressible here.
    | Open of Reason: string

/// The obligation for one choice of the finite objects.
type Case =
    {
        /// The values of the finite objects, in declaration order.
        Finite: (int * Value<NormalForm>) list
        Hypotheses: Fact list
        /// The letters that the objects are written in, sorted: certificates name letters by their place here.
        Letters: unit -> Letter list
        /// Entry letters in terms of independent letters of known sign; applying it loses no object.
        Factors: unit -> Map<Letter, NormalForm>
        /// Those of Factors that rest on domains alone, not on a hypothesis.
        DomainFactors: unit -> Map<Letter, NormalForm>
        /// Side conditions of hypotheses and laws. Whether a hypothesis has a meaning must not rest on it or on later ones, so this is
        /// shown from DomainFactors and from the facts that stand in it, never from Hypotheses.
        Definedness: Goal
        /// One goal for each `show`, its side conditions included.
        Conclusions: Goal list
    }

[<RequireQualifiedAccess>]
module Grid =
    let private evaluator steps = Evaluator<Rational>(RationalArithmetic.Instance, steps, Map.empty)

    /// Parameter values as an environment for any arithmetic.
    let environment (algebra: ArrayAlgebra<'T>) (claim: Claim) (instance: int[]) : Environment<'T> =
        claim.Parameters |> List.mapi (fun index parameter -> parameter.Variable, algebra.Integer instance[index]) |> Map.ofList

    /// All instances, in order of the parameters; hypotheses over the parameters alone pick them. Raises OutOfShape, Unsupported or
    /// StepsExhausted when the grid itself cannot be walked.
    let instances (claim: Claim) (steps: Steps) : int[] list =
        let rationals = evaluator steps
        let parameters = claim.Parameters |> List.map (fun p -> p.Variable) |> Set.ofList

        let conditions =
            claim.Declarations
            |> List.choose (fun declaration ->
                match declaration with
                | Declaration.Hypothesis prop when Set.isSubset (Mentions.ofProp prop) parameters -> Some prop
                | Declaration.Hypothesis _
                | Declaration.Object _ -> None)

        let rec walk (environment: Environment<Rational>) (chosen: int list) (rest: Parameter list) =
            match rest with
            | [] ->
                if conditions |> List.forall (fun c -> rationals.Truth(environment, c) = ValueSome true) then
                    [ List.rev chosen |> List.toArray ]
                else
                    []
            | parameter :: rest ->
                match rationals.Values(environment, parameter.Range) with
                | None -> raise (Unsupported "an infinite parameter")
                | Some values ->
                    [ for value in values do
                          steps.Spend 1L
                          let n = rationals.IntegerOf(Map.ofList [ 0, value ], Expr.Variable 0)
                          yield! walk (Map.add parameter.Variable value environment) (n :: chosen) rest ]

        walk Map.empty [] claim.Parameters

[<RequireQualifiedAccess>]
module Obligation =
    /// ¬p pushed inside, where that is a proposition of the language.
    let rec private negation (prop: Prop) : Prop option =
        let compare relation a b = Some(Prop.Compare(relation, a, b))

        match prop with
        | Prop.Compare(Relation.Equal, a, b) -> compare Relation.NotEqual a b
        | Prop.Compare(Relation.NotEqual, a, b) -> compare Relation.Equal a b
        | Prop.Compare(Relation.Less, a, b) -> compare Relation.GreaterEqual a b
        | Prop.Compare(Relation.LessEqual, a, b) -> compare Relation.Greater a b
        | Prop.Compare(Relation.Greater, a, b) -> compare Relation.LessEqual a b
        | Prop.Compare(Relation.GreaterEqual, a, b) -> compare Relation.Less a b
        | Prop.Compare(Relation.Loewner, _, _)
        | Prop.Has _
        | Prop.Approximately _
        | Prop.SameLaw _ -> None
        | Prop.Not p -> Some p
        | Prop.And(p, q) -> Option.map2 (fun p q -> Prop.Or(p, q)) (negation p) (negation q)
        | Prop.Or(p, q) -> Option.map2 (fun p q -> Prop.And(p, q)) (negation p) (negation q)
        | Prop.Implies(p, q) -> negation q |> Option.map (fun q -> Prop.And(p, q))
        | Prop.Iff(p, q) -> negation q |> Option.map (fun q -> Prop.Iff(p, q))
        | Prop.Forall(binders, p) -> negation p |> Option.map (fun p -> Prop.Exists(binders, p))
        | Prop.Exists(binders, p) -> negation p |> Option.map (fun p -> Prop.Forall(binders, p))

    /// Subsets of {0..count−1} of this size, in order.
    let subsets (count: int) (size: int) : int[] list =
        let rec choose first size =
            if size = 0 then
                [ [] ]
            else
                [ for i in first .. count - size do
                      for rest in choose (i + 1) (size - 1) -> i :: rest ]

        choose 0 size |> List.map List.toArray

    let private maxMinors = System.Numerics.BigInteger 20_000

    /// The number of subsets.
    let private choices (count: int) (size: int) : System.Numerics.BigInteger =
        (System.Numerics.BigInteger.One, seq { 1..size })
        ||> Seq.fold (fun product k -> product * System.Numerics.BigInteger(count - size + k) / System.Numerics.BigInteger k)

    /// Lowers the propositions of one claim at one instance.
    type private Lowering(steps: Steps, domains: Map<int, Domain>) =
        let mutable conditions = ResizeArray<Fact>()
        let mutable factors: Map<Letter, NormalForm> = Map.empty
        let mutable domainFactors: Map<Letter, NormalForm> = Map.empty
        let mutable tests = 0

        /// Objects whose letters a hypothesis A ⪯ B has replaced already. The letters of the gap B − A are one family for each B, and other
        /// factors may mention them, so a second replacement would give them two meanings at once.
        let raisedAbove = System.Collections.Generic.HashSet<int>()

        /// Letters of the values in scope, and those that these are written in.
        let inScope (environment: Environment<NormalForm>) : Set<Letter> =
            let entries (form: NormalForm) =
                [ form.Numerator
                  for struct (f, _) in form.Denominator do
                      f ]
                |> List.collect Polynomial.letters
                |> List.filter (fun l -> l.IsEntry)

            let ofValue value =
                match value with
                | Value.Map _ -> []
                | Value.Array(_, _, _, e) ->
                    [ for e in e do
                          yield! entries e.Re
                          yield! e.Im |> ValueOption.map entries |> ValueOption.defaultValue [] ]

            let direct = environment |> Map.toList |> List.collect (snd >> ofValue)

            let below = direct |> List.collect (fun l -> Map.tryFind l factors |> Option.map entries |> Option.defaultValue [])

            Set.ofList (direct @ below)

        let require condition form = conditions.Add { Condition = condition; Form = form }

        let evaluator = Evaluator<NormalForm>(FormArithmetic(steps, require), steps, domains)

        let algebra = evaluator.Algebra
        let goal condition form = Goal.Fact { Condition = condition; Form = form }

        let vanishing (entries: Entry<NormalForm> seq) =
            [ for e in entries do
                  goal Condition.Zero e.Re

                  match e.Im with
                  | ValueSome im -> goal Condition.Zero im
                  | ValueNone -> () ]

        member _.Evaluator = evaluator
        member _.Factors = factors
        member _.DomainFactors = domainFactors

        /// Adds substitutions, expressed in the factors already known.
        member _.AddFactors(added: (Letter * NormalForm) list) =
            let current = factors
            let known form = NormalForm.substitute (fun l -> Map.tryFind l current) form
            factors <- (factors, added) ||> List.fold (fun map (letter, form) -> Map.add letter (known form) map)

        /// The result of `work` and the side conditions that it met.
        member _.Capture(work: unit -> 'R) : 'R * Goal list =
            let outer = conditions
            conditions <- ResizeArray()

            try
                let result = work ()
                result, [ for c in conditions -> Goal.Fact c ]
            finally
                conditions <- outer

        /// True or false where this is decided without proof, with the side conditions met on the way.
        member this.Decide(environment, prop) : bool voption * Goal list =
            this.Capture(fun () ->
                try
                    evaluator.Truth(environment, prop)
                with Unsupported _ ->
                    ValueNone)

        /// Facts that a true proposition gives; what is not understood gives none, which is sound for a hypothesis.
        member this.FactsOf(environment: Environment<NormalForm>, prop: Prop) : Fact list =
            let fact condition form = { Condition = condition; Form = form }

            let gap left right =
                NormalForm.subtract
                    (evaluator.RealOf(evaluator.Eval(environment, right)))
                    (evaluator.RealOf(evaluator.Eval(environment, left)))

            let definite strictly value =
                let struct (size, entries) = algebra.Square value

                let symmetric =
                    [ for e in evaluator.Asymmetry value do
                          fact Condition.Zero e.Re

                          match e.Im with
                          | ValueSome im -> fact Condition.Zero im
                          | ValueNone -> () ]

                let minors =
                    [ for mask in 1 .. (1 <<< min size 6) - 1 do
                          let rows = [| 0 .. size - 1 |] |> Array.filter (fun i -> mask &&& (1 <<< i) <> 0)

                          fact
                              (if strictly then Condition.Positive else Condition.Nonnegative)
                              (algebra.Minor(size, entries, rows, rows)).Re ]

                List.filter (fun f -> not f.Form.IsZero) symmetric @ minors

            /// rank ≤ k: the (k+1)-minors vanish. rank ≥ k: the squares of the k-minors have a positive sum.
            let rankFacts (m: Expr) (bound: Expr) isUpper isLower =
                match evaluator.Eval(environment, m), (evaluator.RealOf(evaluator.Eval(environment, bound))).TryRational with
                | Value.Array(_, rows, columns, entries), ValueSome bound ->
                    let minors order =
                        if order < 1 || order > min rows columns || choices rows order * choices columns order > maxMinors then
                            None
                        else
                            Some
                                [ for r in subsets rows order do
                                      for c in subsets columns order -> algebra.Minor(columns, entries, r, c) ]

                    let upper =
                        if isUpper && bound.Sign >= 0 && bound < Rational.OfInt(min rows columns) then
                            [ for minor in minors (int bound.Floor + 1) |> Option.defaultValue [] do
                                  fact Condition.Zero minor.Re

                                  match minor.Im with
                                  | ValueSome im -> fact Condition.Zero im
                                  | ValueNone -> () ]
                        else
                            []

                    let lower =
                        if isLower && bound > Rational.OfInt(min rows columns) then
                            [ fact Condition.Positive NormalForm.zero ]
                        elif isLower && bound.Sign > 0 then
                            match minors (-(int (-bound).Floor)) with
                            | Some found ->
                                [ fact Condition.Positive (found |> List.map algebra.SquaredModulus |> List.reduce NormalForm.add) ]
                            | None -> []
                        else
                            []

                    upper @ lower
                | _ -> []

            try
                match prop with
                | Prop.And(p, q) -> this.FactsOf(environment, p) @ this.FactsOf(environment, q)
                | Prop.Compare(Relation.Equal, Expr.Apply("rank", [ m ]), k)
                | Prop.Compare(Relation.Equal, k, Expr.Apply("rank", [ m ])) -> rankFacts m k true true
                | Prop.Compare(Relation.LessEqual, Expr.Apply("rank", [ m ]), k)
                | Prop.Compare(Relation.GreaterEqual, k, Expr.Apply("rank", [ m ])) -> rankFacts m k true false
                | Prop.Compare(Relation.GreaterEqual, Expr.Apply("rank", [ m ]), k)
                | Prop.Compare(Relation.LessEqual, k, Expr.Apply("rank", [ m ])) -> rankFacts m k false true
                | Prop.Compare(Relation.Equal, a, b) ->
                    match algebra.Subtract(evaluator.Eval(environment, a), evaluator.Eval(environment, b)) with
                    | Value.Array(_, _, _, entries) ->
                        [ for e in entries do
                              fact Condition.Zero e.Re

                              match e.Im with
                              | ValueSome im -> fact Condition.Zero im
                              | ValueNone -> () ]
                    | Value.Map _ -> []
                | Prop.Compare(Relation.NotEqual, a, b) ->
                    match algebra.Subtract(evaluator.Eval(environment, a), evaluator.Eval(environment, b)) with
                    | Value.Array(Shape.Scalar, _, _, [| { Re = re; Im = ValueNone } |]) -> [ fact Condition.Nonzero re ]
                    | _ -> []
                | Prop.Compare(Relation.Less, a, b)
                | Prop.Compare(Relation.Greater, b, a) -> [ fact Condition.Positive (gap a b) ]
                | Prop.Compare(Relation.LessEqual, a, b)
                | Prop.Compare(Relation.GreaterEqual, b, a) -> [ fact Condition.Nonnegative (gap a b) ]
                | Prop.Compare(Relation.Loewner, a, b) ->
                    definite false (algebra.Subtract(evaluator.Eval(environment, b), evaluator.Eval(environment, a)))
                | Prop.Has(Property.Psd, m) -> definite false (evaluator.Eval(environment, m))
                | Prop.Has(Property.Pd, m) -> definite true (evaluator.Eval(environment, m))
                | Prop.Has(Property.Symmetric, m) ->
                    evaluator.Asymmetry(evaluator.Eval(environment, m)) |> List.map (fun e -> fact Condition.Zero e.Re)
                | Prop.Not p ->
                    match negation p with
                    | Some opposite -> this.FactsOf(environment, opposite)
                    | None -> []
                | Prop.Forall(binders, body) ->
                    match evaluator.Assignments(environment, binders) with
                    | Some assignments ->
                        [ for inner in assignments do
                              yield! this.FactsOf(inner, body) ]
                    | None -> []
                | Prop.Or _
                | Prop.Implies _
                | Prop.Iff _
                | Prop.Exists _
                | Prop.Approximately _
                | Prop.SameLaw _ -> []
            with Unsupported _ ->
                []

        /// psd(M): Hermitian, and the form is nonnegative on an arbitrary vector; pd(M): leading minors positive (Sylvester).
        member private this.Definite(strictly: bool, value: Value<NormalForm>) : Goal =
            let struct (size, entries) = algebra.Square value
            let symmetric = vanishing (evaluator.Asymmetry value)

            let form () =
                if size = 1 then
                    entries[0].Re
                else
                    let isComplex = entries |> Array.exists (fun e -> e.Im.IsSome)
                    let z = Objects.testVector tests isComplex size
                    tests <- tests + 1

                    [ for i in 0 .. size - 1 do
                          for j in 0 .. size - 1 ->
                              let product = algebra.MultiplyEntries(entries[i * size + j], z[j])
                              (algebra.MultiplyEntries(algebra.Conjugate z[i], product)).Re ]
                    |> List.reduce NormalForm.add

            let definite =
                if strictly then
                    [ for k in 1..size ->
                          let leading = [| 0 .. k - 1 |]
                          goal Condition.Positive (algebra.Minor(size, entries, leading, leading)).Re ]
                else
                    [ goal Condition.Nonnegative (form ()) ]

            Goal.All(symmetric @ definite)

        member private this.Compare(environment, relation, left: Expr, right: Expr) : Goal =
            let value e = evaluator.Eval(environment, e)

            let order condition left right =
                let gap () = NormalForm.subtract (evaluator.RealOf(value right)) (evaluator.RealOf(value left))

                goal condition (gap ())

            let integer e =
                match (evaluator.RealOf(value e)).TryRational with
                | ValueSome r -> r
                | ValueNone -> raise (Unsupported "a rank compared with something unknown")

            let atMost m (bound: Rational) =
                match m with
                | Value.Array(_, rows, columns, entries) ->
                    if bound >= Rational.OfInt(min rows columns) then
                        Goal.All []
                    elif bound.Sign < 0 then
                        Goal.Open "a negative rank"
                    elif choices rows (int bound.Floor + 1) * choices columns (int bound.Floor + 1) > maxMinors then
                        Goal.Open "a rank that too many minors bound"
                    else
                        let order = int bound.Floor + 1

                        Goal.All(
                            [ for r in subsets rows order do
                                  for c in subsets columns order do
                                      yield! vanishing [ algebra.Minor(columns, entries, r, c) ] ]
                        )
                | Value.Map _ -> Goal.Open "rank of a map"

            let atLeast m (bound: Rational) =
                match m with
                | Value.Array(_, rows, columns, _) when bound.Sign > 0 ->
                    if bound > Rational.OfInt(min rows columns) then
                        Goal.Open "a rank beyond the size"
                    else
                        // ⌈bound⌉
                        Goal.RankAtLeast(m, -(int (-bound).Floor))
                | Value.Array _ -> Goal.All []
                | Value.Map _ -> Goal.Open "rank of a map"

            let half = Rational.Create(1I, 2I)

            match relation, left, right with
            | Relation.LessEqual, Expr.Apply("rank", [ m ]), bound
            | Relation.GreaterEqual, bound, Expr.Apply("rank", [ m ]) -> atMost (value m) (integer bound)
            | Relation.Less, Expr.Apply("rank", [ m ]), bound
            | Relation.Greater, bound, Expr.Apply("rank", [ m ]) -> atMost (value m) (integer bound - half)
            | Relation.GreaterEqual, Expr.Apply("rank", [ m ]), bound
            | Relation.LessEqual, bound, Expr.Apply("rank", [ m ]) -> atLeast (value m) (integer bound)
            | Relation.Greater, Expr.Apply("rank", [ m ]), bound
            | Relation.Less, bound, Expr.Apply("rank", [ m ]) -> atLeast (value m) (integer bound + half)
            | Relation.Equal, Expr.Apply("rank", [ m ]), bound
            | Relation.Equal, bound, Expr.Apply("rank", [ m ]) ->
                let m, bound = value m, integer bound
                Goal.All [ atMost m bound; atLeast m bound ]
            | Relation.Equal, _, _ ->
                match value left, value right with
                | Value.Map(a, _), Value.Map(b, _) -> if a = b then Goal.All [] else Goal.Open "two different maps"
                | a, b ->
                    match algebra.Subtract(a, b) with
                    | Value.Array(_, _, _, entries) -> Goal.All(vanishing entries)
                    | Value.Map _ -> Goal.Open "a map"
            | Relation.NotEqual, _, _ ->
                match algebra.Subtract(value left, value right) with
                | Value.Array(_, _, _, entries) ->
                    let parts =
                        [ for e in entries do
                              goal Condition.Nonzero e.Re

                              match e.Im with
                              | ValueSome im -> goal Condition.Nonzero im
                              | ValueNone -> () ]

                    Goal.Any parts
                | Value.Map _ -> Goal.Open "a map"
            | Relation.Less, _, _ -> order Condition.Positive left right
            | Relation.LessEqual, _, _ -> order Condition.Nonnegative left right
            | Relation.Greater, _, _ -> order Condition.Positive right left
            | Relation.GreaterEqual, _, _ -> order Condition.Nonnegative right left
            | Relation.Loewner, _, _ -> this.Definite(false, algebra.Subtract(value right, value left))

        /// The goal that a proposition makes, its side conditions first.
        member this.Lower(environment: Environment<NormalForm>, prop: Prop) : Goal =
            steps.Spend 1L
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack()

            let guarded work =
                try
                    let goal, conditions = this.Capture work

                    if conditions.IsEmpty then goal else Goal.All(conditions @ [ goal ])
                with
                | Unsupported reason -> Goal.Open reason
                | Undefined reason -> Goal.Open reason

            match prop with
            | Prop.Compare(relation, left, right) -> guarded (fun () -> this.Compare(environment, relation, left, right))
            | Prop.Has(property, Expr.Variable v) when
                (match Map.tryFind v domains with
                 | Some domain -> Domains.grants domain property
                 | None -> false)
                ->
                Goal.All []
            | Prop.Has(Property.Psd, m) -> guarded (fun () -> this.Definite(false, evaluator.Eval(environment, m)))
            | Prop.Has(Property.Pd, m) -> guarded (fun () -> this.Definite(true, evaluator.Eval(environment, m)))
            | Prop.Has(Property.Symmetric, m) ->
                guarded (fun () -> Goal.All(vanishing (evaluator.Asymmetry(evaluator.Eval(environment, m)))))
            | Prop.And(p, q) ->
                let first = this.Lower(environment, p)
                Goal.All [ first; this.Under(environment, p, fun () -> this.Lower(environment, q)) ]
            | Prop.Implies(p, q) -> this.Under(environment, p, fun () -> this.Lower(environment, q))
            | Prop.Or(p, q) ->
                // Either p, or q where p fails.
                match negation p with
                | Some opposite ->
                    Goal.Any [ this.Lower(environment, p); this.Under(environment, opposite, fun () -> this.Lower(environment, q)) ]
                | None -> Goal.All [ this.Defined(environment, p); Goal.Any [ this.Lower(environment, p); this.Lower(environment, q) ] ]
            | Prop.Iff(p, q) -> Goal.All [ this.Lower(environment, Prop.Implies(p, q)); this.Lower(environment, Prop.Implies(q, p)) ]
            | Prop.Not p ->
                match negation p with
                | Some opposite -> this.Lower(environment, opposite)
                | None ->
                    match this.Decide(environment, p) with
                    | ValueSome false, conditions -> Goal.All conditions
                    | _ -> Goal.Open "a negated order or law"
            | Prop.Forall(binders, body) -> guarded (fun () -> this.Introduce(environment, binders, fun inner -> this.Lower(inner, body)))
            | Prop.Exists(binders, body) ->
                guarded (fun () ->
                    match evaluator.Assignments(environment, binders) with
                    | Some assignments ->
                        // Goals stay in memory.
                        let assignments =
                            [ for inner in assignments do
                                  steps.Spend 100L
                                  inner ]

                        Goal.All
                            [ for inner in assignments do
                                  this.Defined(inner, body)

                              Goal.Any [ for inner in assignments -> this.Lower(inner, body) ] ]
                    | None ->
                        Goal.Exists(
                            binders,
                            fun values ->
                                let inner =
                                    (environment, List.zip binders values)
                                    ||> List.fold (fun env (binder, value) -> Map.add binder.Variable value env)

                                let named = inScope (Map.ofList (List.mapi (fun index value -> index, value) values))

                                // A term must not depend on objects that are introduced after it.
                                if not (Set.isSubset named (inScope environment)) then
                                    raise (Unsupported "a term that mentions letters out of its scope")

                                Goal.All((binders |> List.map (fun binder -> this.Member(inner, binder))) @ [ this.Lower(inner, body) ])
                        ))
            | Prop.Approximately(x, y, tolerance, relative) ->
                guarded (fun () ->
                    let y = evaluator.Eval(environment, y)

                    match algebra.Subtract(evaluator.Eval(environment, x), y), y with
                    | Value.Array(_, _, _, gaps), Value.Array(_, _, _, scales) ->
                        let square = NormalForm.rational (tolerance * tolerance)

                        Goal.All
                            [ for gap, scale in Array.zip gaps scales ->
                                  let allowed = if relative then NormalForm.multiply square (algebra.SquaredModulus scale) else square

                                  goal Condition.Nonnegative (NormalForm.subtract allowed (algebra.SquaredModulus gap)) ]
                    | _ -> Goal.Open "≈ of maps")
            | Prop.SameLaw _ -> Goal.Open "equality in law"

        /// `goal` where `hypothesis` holds.
        member private this.Under(environment, hypothesis: Prop, goal: unit -> Goal) : Goal =
            match this.Decide(environment, hypothesis) with
            | ValueSome true, conditions -> Goal.All(conditions @ [ goal () ])
            | ValueSome false, conditions -> Goal.All conditions
            | ValueNone, _ ->
                let facts, conditions = this.Capture(fun () -> this.FactsOf(environment, hypothesis))

                // The side conditions of the whole hypothesis, also of parts that give no facts.
                Goal.All(conditions @ [ this.Defined(environment, hypothesis); Goal.Given(facts, goal ()) ])

        /// The side conditions of a proposition, each where it is reached: `and`, `or` and `=>` guard what stands right of them. All values
        /// of a quantifier must have a meaning.
        member private this.Defined(environment: Environment<NormalForm>, prop: Prop) : Goal =
            steps.Spend 1L

            // `guard` is defined by a goal beside this one.
            let where guard (goal: unit -> Goal) =
                match this.Decide(environment, guard) with
                | ValueSome true, _ -> goal ()
                | ValueSome false, _ -> Goal.All []
                | ValueNone, _ ->
                    let facts, _ = this.Capture(fun () -> this.FactsOf(environment, guard))
                    Goal.Given(facts, goal ())

            let conditionsOf work =
                try
                    Goal.All(snd (this.Capture work))
                with
                | Unsupported reason
                | Undefined reason -> Goal.Open reason

            match prop with
            | Prop.Compare(relation, a, b) -> conditionsOf (fun () -> this.Touch(environment, relation, a, b))
            | Prop.Has(_, m) -> conditionsOf (fun () -> evaluator.Eval(environment, m) |> ignore)
            | Prop.Approximately(a, b, _, _) -> conditionsOf (fun () -> this.Touch(environment, Relation.Equal, a, b))
            | Prop.SameLaw _ -> Goal.Open "equality in law as a hypothesis"
            | Prop.Not p -> this.Defined(environment, p)
            | Prop.And(p, q)
            | Prop.Implies(p, q) -> Goal.All [ this.Defined(environment, p); where p (fun () -> this.Defined(environment, q)) ]
            | Prop.Or(p, q) ->
                let right () = this.Defined(environment, q)

                Goal.All
                    [ this.Defined(environment, p)
                      match negation p with
                      | Some opposite -> where opposite right
                      | None -> right () ]
            | Prop.Iff(p, q) -> Goal.All [ this.Defined(environment, p); this.Defined(environment, q) ]
            | Prop.Forall(binders, p)
            | Prop.Exists(binders, p) ->
                match evaluator.Assignments(environment, binders) with
                | Some assignments -> Goal.All [ for inner in assignments -> this.Defined(inner, p) ]
                | None -> Goal.Open "a quantified hypothesis"

        /// Evaluates both sides of a relation, for their side conditions; an order needs real sides.
        member private _.Touch(environment: Environment<NormalForm>, relation: Relation, left: Expr, right: Expr) : unit =
            let rec touch (expr: Expr) : Value<NormalForm> option =
                try
                    Some(evaluator.Eval(environment, expr))
                with Unsupported reason ->
                    match expr with
                    // Defined wherever their arguments are; another function may have had a condition of its own.
                    | Expr.Apply(("rank" | "+" | "-" | "neg" | "*" | ".*" | "'" | "tr" | "det"), arguments) ->
                        for argument in arguments do
                            touch argument |> ignore

                        None
                    | _ -> raise (Unsupported reason)

            for value in [ touch left; touch right ] do
                match value, relation with
                | Some value, (Relation.Less | Relation.LessEqual | Relation.Greater | Relation.GreaterEqual) ->
                    evaluator.RealOf value |> ignore
                | Some _, (Relation.Equal | Relation.NotEqual | Relation.Loewner)
                | None, _ -> ()

        /// Runs `body` for all values of the binders: finite ones are enumerated, the others become letters.
        member private this.Introduce(environment, binders: Binder list, body) : Goal =
            match binders with
            | [] -> body environment
            | binder :: rest ->
                match evaluator.Values(environment, binder.Range), binder.Range with
                | Some values, _ ->
                    Goal.All
                        [ for value in values do
                              // Goals stay in memory.
                              steps.Spend 100L
                              this.Introduce(Map.add binder.Variable value environment, rest, body) ]
                | None, Range.Within domain ->
                    match this.IntroduceObject(environment, binder.Variable, domain) with
                    | Some(value, facts) -> Goal.Given(facts, this.Introduce(Map.add binder.Variable value environment, rest, body))
                    | None -> Goal.Open "a quantifier over random objects"
                | None, (Range.Between _ | Range.Among _ | Range.Fibre _) -> Goal.Open "an infinite range"

        /// An object of an infinite domain as letters, its factors recorded.
        member this.IntroduceObject(environment, variable, domain) : (Value<NormalForm> * Fact list) option =
            Objects.introduce evaluator environment variable domain
            |> Option.map (fun symbolic ->
                for letter, form in symbolic.Factors do
                    match Map.tryFind letter factors with
                    | Some known when not (NormalForm.subtract known form).IsZero ->
                        raise (Unsupported "one quantified object with several factorisations")
                    | Some _
                    | None -> factors <- Map.add letter form factors

                    domainFactors <- Map.add letter form domainFactors

                symbolic.Value, symbolic.Facts)

        member private this.Member(environment, binder: Binder) : Goal =
            match binder.Range with
            | Range.Within domain ->
                if evaluator.HasShape(environment, binder.Variable, domain) then
                    match Domains.membership domain (Expr.Variable binder.Variable) with
                    | Some prop -> this.Lower(environment, prop)
                    | None -> Goal.All []
                else
                    Goal.Open "an object of the wrong shape"
            | Range.Between _
            | Range.Among _
            | Range.Fibre _ -> Goal.Open "a finite range among infinite ones"

        /// Uses left ⪯ B (B an object with symmetric letters that `left` does not mention) as B = left + MMᵀ.
        member private this.Raise(left: Value<NormalForm>, b: int, domain: Domain) : unit =
            let isComplex = Domains.isComplex domain
            let struct (size, entries) = algebra.Square left
            let current = factors
            let known form = NormalForm.substitute (fun l -> Map.tryFind l current) form

            let symmetric =
                evaluator.Asymmetry left
                |> List.forall (fun e ->
                    (known e.Re).IsZero
                    && (match e.Im with
                        | ValueSome im -> (known im).IsZero
                        | ValueNone -> true))

            let real = entries |> Array.forall (fun e -> e.Im.IsNone || (algebra.Imaginary e).IsNone)

            if symmetric && (isComplex || real) && raisedAbove.Add b then
                let entry i j =
                    let e = entries[i * size + j]
                    known e.Re, known (ValueOption.defaultValue NormalForm.zero e.Im)

                this.AddFactors(Objects.above b isComplex size entry)

        /// A hypothesis: facts, side conditions, and a factorisation where it has that shape. No facts when it is surely false wherever
        /// its side conditions hold.
        member this.Assume(environment: Environment<NormalForm>, prop: Prop) : Fact list option * Goal list =
            match this.Decide(environment, prop) with
            | ValueSome false, conditions -> None, conditions
            | ValueSome true, conditions -> Some [], conditions
            | ValueNone, _ ->
                let facts, conditions = this.Capture(fun () -> this.FactsOf(environment, prop))

                let rec raiseFrom prop =
                    let raised (left: Value<NormalForm>) mentioned b =
                        match Map.tryFind b domains with
                        | Some(Domain.Symmetric _ | Domain.Psd(_, None) | Domain.Hermitian _ | Domain.HermitianPsd _ as domain) when
                            not (Set.contains b mentioned)
                            ->
                            this.Raise(left, b, domain)
                        | _ -> ()

                    match prop with
                    | Prop.And(p, q) ->
                        raiseFrom p
                        raiseFrom q
                    | Prop.Compare(Relation.Loewner, left, Expr.Variable b) ->
                        raised (evaluator.Eval(environment, left)) (Mentions.ofExpr left) b
                    | Prop.Has(Property.Psd, Expr.Variable b) ->
                        let struct (size, _) = algebra.Square(Map.find b environment)
                        let none = Array.replicate (size * size) algebra.ZeroEntry
                        raised (Value.Array(Shape.Matrix, size, size, none)) Set.empty b
                    | _ -> ()

                try
                    this.Capture(fun () -> raiseFrom prop) |> ignore
                with
                | Unsupported _
                | Undefined _ -> ()

                Some facts, conditions @ [ this.Defined(environment, prop) ]

    let rec private isEmpty (goal: Goal) =
        match goal with
        | Goal.All goals -> List.forall isEmpty goals
        | Goal.Given(_, goal) -> isEmpty goal
        | Goal.Fact _
        | Goal.Any _
        | Goal.RankAtLeast _
        | Goal.Exists _
        | Goal.Open _ -> false

    /// −1 > 0.
    let private impossible: Fact = { Condition = Condition.Positive; Form = NormalForm.rational (Rational.OfInt -1) }

    /// One case: the finite objects are fixed, everything else is letters. None when a hypothesis is surely false, and the hypotheses up to
    /// it have a meaning everywhere; without that the case stays, as one of contradictory hypotheses whose side conditions are to be shown.
    let private oneCase (claim: Claim) domains (steps: Steps) instance (finite: (int * Value<NormalForm>) list) : Case option =
        // A case is prepared before any of its propositions is counted.
        steps.Spend 500L
        let lowering = Lowering(steps, domains)
        let evaluator = lowering.Evaluator

        let start = (Grid.environment evaluator.Algebra claim instance, finite) ||> List.fold (fun env (v, value) -> Map.add v value env)

        let rec declare environment (facts: Fact list) definedness declarations =
            match declarations with
            | [] ->
                let letters () =
                    let inForm (form: NormalForm) =
                        Polynomial.letters form.Numerator
                        @ (form.Denominator |> Seq.collect (fun (struct (f, _)) -> Polynomial.letters f) |> Seq.toList)

                    [ for KeyValue(letter, form) in lowering.Factors do
                          letter
                          yield! inForm form

                      for KeyValue(_, value) in environment do
                          match value with
                          | Value.Map _ -> ()
                          | Value.Array(_, _, _, entries) ->
                              for e in entries do
                                  yield! inForm e.Re

                                  match e.Im with
                                  | ValueSome im -> yield! inForm im
                                  | ValueNone -> () ]
                    |> List.distinct
                    |> List.sort

                Some
                    { Finite = finite
                      Hypotheses = facts
                      Letters = letters
                      Factors = fun () -> lowering.Factors
                      DomainFactors = fun () -> lowering.DomainFactors
                      Definedness = Goal.All(List.rev definedness)
                      Conclusions = claim.Conclusions |> List.map (fun prop -> lowering.Lower(environment, prop)) }
            | Declaration.Object(v, _) :: rest when Map.containsKey v environment -> declare environment facts definedness rest
            | Declaration.Object(_, Domain.Random distribution) :: rest ->
                let exists =
                    match Domains.lawExists domains distribution with
                    | Some prop -> [ Goal.Given(facts, lowering.Lower(environment, prop)) ]
                    | None -> []

                declare environment facts (exists @ definedness) rest
            | Declaration.Object(v, domain) :: rest ->
                let introduced, conditions = lowering.Capture(fun () -> lowering.IntroduceObject(environment, v, domain))

                match introduced with
                | Some(value, added) ->
                    declare (Map.add v value environment) (facts @ added) (Goal.Given(facts, Goal.All conditions) :: definedness) rest
                | None -> raise (Unsupported "an object of this domain")
            | Declaration.Hypothesis prop :: rest ->
                let added, conditions = lowering.Assume(environment, prop)
                let definedness = Goal.Given(facts, Goal.All conditions) :: definedness

                match added with
                | None when List.forall isEmpty definedness -> None
                | None -> declare environment (facts @ [ impossible ]) definedness rest
                | Some added -> declare environment (facts @ added) definedness rest

        declare start [] [] claim.Declarations

    /// The domains of the declared objects.
    let domains (claim: Claim) : Map<int, Domain> =
        claim.Declarations
        |> List.choose (fun declaration ->
            match declaration with
            | Declaration.Object(v, domain) -> Some(v, domain)
            | Declaration.Hypothesis _ -> None)
        |> Map.ofList

    /// All values of the finite objects, in order.
    let finiteAssignments (evaluator: Evaluator<'T>) (claim: Claim) (start: Environment<'T>) : (int * Value<'T>) list seq =
        let rec walk environment chosen declarations =
            match declarations with
            | [] -> Seq.singleton (List.rev chosen)
            | Declaration.Object(v, domain) :: rest ->
                match evaluator.FiniteDomain(environment, domain) with
                | Some values -> values |> Seq.collect (fun value -> walk (Map.add v value environment) ((v, value) :: chosen) rest)
                | None -> walk environment chosen rest
            | Declaration.Hypothesis _ :: rest -> walk environment chosen rest

        walk start [] claim.Declarations

    /// The obligation of one instance: a case for each choice of the finite objects that the hypotheses allow. Walking it raises
    /// Unsupported, Undefined, OutOfShape, TooLarge or StepsExhausted.
    let ofInstance (claim: Claim) (instance: int[]) (steps: Steps) : Case seq =
        let domains = domains claim
        let evaluator = Lowering(steps, domains).Evaluator

        finiteAssignments evaluator claim (Grid.environment evaluator.Algebra claim instance)
        |> Seq.choose (oneCase claim domains steps instance)
