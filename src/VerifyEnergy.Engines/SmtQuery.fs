namespace VerifyEnergy.Engines

// One goal of an obligation as a question to an SMT solver: letters with their signs, facts, and not the goal.
// The question may be weaker than that (a fact left out), never stronger, unless it says that it is incomplete.

open System.Numerics
open System.Text
open VerifyEnergy.Kernel

/// Where a question looks for letters.
[<RequireQualifiedAccess>]
type SmtRange =
    /// Whole numbers of at most this size: a model is a small witness, `unsat` says nothing.
    | Integers of Bound: int
    /// All reals.
    | Reals

/// A question, with the letters behind its names.
type SmtQuery =
    {
        Range: SmtRange
        Text: string
        Letters: (string * Letter) list
        /// Every point that breaks the goal satisfies the text, so `unsat` means that the goal holds. Never so over whole numbers.
        IsComplete: bool
    }

[<RequireQualifiedAccess>]
type SmtTranslation =
    /// No point can break the goal: its negation is visibly false.
    | Settled
    | Ask of SmtQuery
    | NotExpressible of Reason: string

/// Conditions on polynomials in Entry letters, closed under negation.
[<RequireQualifiedAccess>]
type private Formula =
    | True
    | False
    | Atom of Condition * Polynomial
    | And of Formula list
    | Or of Formula list

/// A part that cannot be said in polynomials.
exception private Inexpressible of reason: string

[<RequireQualifiedAccess>]
module private Formula =
    let private isEntry letter =
        match letter with
        | Letter.Entry _ -> true
        | Letter.Pi
        | Letter.Exp _
        | Letter.Base _
        | Letter.Log _
        | Letter.Function _ -> false

    /// The condition, decided where the sign is visible.
    let atom (condition: Condition) (polynomial: Polynomial) : Formula =
        let decided truth = if truth then Formula.True else Formula.False

        if not (Polynomial.letters polynomial |> List.forall isEntry) then
            raise (Inexpressible "a function that is no polynomial")

        match condition, Polynomial.visibleSign polynomial with
        | Condition.Zero, ValueSome sign -> decided (sign = 0)
        | Condition.Nonzero, ValueSome sign -> decided (sign <> 0)
        | Condition.Positive, ValueSome sign -> decided (sign > 0)
        | Condition.Nonnegative, ValueSome sign -> decided (sign >= 0)
        | Condition.Nonnegative, ValueNone when Polynomial.visiblyNonnegative polynomial -> Formula.True
        | Condition.Positive, ValueNone when Polynomial.visiblyNonnegative (Polynomial.negate polynomial) -> Formula.False
        | (Condition.Zero | Condition.Nonzero | Condition.Positive | Condition.Nonnegative), ValueNone ->
            Formula.Atom(condition, polynomial)

    let conjunction (parts: Formula list) : Formula =
        if List.contains Formula.False parts then
            Formula.False
        else
            match
                parts
                |> List.collect (fun part ->
                    match part with
                    | Formula.True -> []
                    | Formula.And inner -> inner
                    | Formula.False
                    | Formula.Atom _
                    | Formula.Or _ -> [ part ])
            with
            | [] -> Formula.True
            | [ part ] -> part
            | parts -> Formula.And parts

    let disjunction (parts: Formula list) : Formula =
        if List.contains Formula.True parts then
            Formula.True
        else
            match
                parts
                |> List.collect (fun part ->
                    match part with
                    | Formula.False -> []
                    | Formula.Or inner -> inner
                    | Formula.True
                    | Formula.Atom _
                    | Formula.And _ -> [ part ])
            with
            | [] -> Formula.False
            | [ part ] -> part
            | parts -> Formula.Or parts

    let rec polynomials (formula: Formula) : Polynomial list =
        match formula with
        | Formula.True
        | Formula.False -> []
        | Formula.Atom(_, polynomial) -> [ polynomial ]
        | Formula.And parts
        | Formula.Or parts -> List.collect polynomials parts

[<RequireQualifiedAccess>]
module SmtQuery =
    /// Above this many terms in all no solver here ends, and the text outgrows its use as evidence.
    let maxTerms = 20_000

    /// A condition on N/D as conditions on polynomials: each factor of D is nonzero, and N times the factors of odd power has the sign.
    let private onForm (condition: Condition) (form: NormalForm) : Formula =
        let denominator = form.Denominator |> Array.toList

        let nonzero = denominator |> List.map (fun (struct (factor, _)) -> Formula.atom Condition.Nonzero factor)

        let signed =
            match condition with
            | Condition.Zero
            | Condition.Nonzero -> form.Numerator
            | Condition.Positive
            | Condition.Nonnegative ->
                (form.Numerator, denominator)
                ||> List.fold (fun product (struct (factor, power)) ->
                    match Polynomial.visibleSign factor with
                    | ValueSome 1 -> product
                    | _ when power % 2 = 0 -> product
                    | _ -> Polynomial.multiply product factor)

        Formula.conjunction (nonzero @ [ Formula.atom condition signed ])

    let private rewrite (factors: Map<Letter, NormalForm>) (form: NormalForm) =
        if factors.IsEmpty then
            form
        else
            NormalForm.substitute (fun letter -> Map.tryFind letter factors) form

    /// Facts that cannot be said are left out: the question becomes weaker.
    let private assumed (factors: Map<Letter, NormalForm>) (facts: Fact list) : Formula =
        facts
        |> List.map (fun fact ->
            try
                onForm fact.Condition (rewrite factors fact.Form)
            with Inexpressible _ ->
                Formula.True)
        |> Formula.conjunction

    let private broken (factors: Map<Letter, NormalForm>) (fact: Fact) : Formula =
        let form = rewrite factors fact.Form

        match fact.Condition with
        | Condition.Zero -> onForm Condition.Nonzero form
        | Condition.Nonzero -> onForm Condition.Zero form
        | Condition.Positive -> onForm Condition.Nonnegative (NormalForm.negate form)
        | Condition.Nonnegative -> onForm Condition.Positive (NormalForm.negate form)

    /// Every minor of this order vanishes.
    let private rankBelow (steps: Steps) (factors: Map<Letter, NormalForm>) (matrix: Value<NormalForm>) (order: int) : Formula =
        match matrix with
        | Value.Map _ -> raise (Inexpressible "the rank of a map")
        | Value.Array(_, rows, columns, entries) ->
            let algebra = ArrayAlgebra<NormalForm>(FormArithmetic(steps, fun _ _ -> ()))

            let entries =
                entries |> Array.map (fun entry -> { Re = rewrite factors entry.Re; Im = ValueOption.map (rewrite factors) entry.Im })

            [ for rowSet in Obligation.subsets rows order do
                  for columnSet in Obligation.subsets columns order do
                      let minor = algebra.Minor(columns, entries, rowSet, columnSet)
                      onForm Condition.Zero minor.Re

                      match minor.Im with
                      | ValueSome imaginary -> onForm Condition.Zero imaginary
                      | ValueNone -> () ]
            |> Formula.conjunction

    let private owners (formula: Formula) : Set<int> =
        Formula.polynomials formula
        |> List.collect Polynomial.letters
        |> List.choose (fun letter ->
            match letter with
            | Letter.Entry entry -> Some entry.Owner
            | Letter.Pi
            | Letter.Exp _
            | Letter.Base _
            | Letter.Log _
            | Letter.Function _ -> None)
        |> Set.ofList

    /// The points that break a goal, and why some may be missing (the first reason); `objects` are the owners of declared objects.
    let private negation
        (steps: Steps)
        (factors: Map<Letter, NormalForm>)
        (objects: Set<int>)
        (goal: Goal)
        : struct (Formula * string option) =
        let mutable gap = None

        let leaveOut reason =
            if gap.IsNone then
                gap <- Some reason

        let rec negate (goal: Goal) : Formula =
            steps.Spend 1L

            try
                match goal with
                | Goal.Fact fact -> broken factors fact
                | Goal.All goals -> goals |> List.map negate |> Formula.disjunction
                | Goal.Any goals ->
                    let branches = goals |> List.map negate

                    // Each branch holds for all values of the letters that it introduces, so each may be broken at other values. Letters
                    // that two branches share are taken at the same value here, which may miss points.
                    let introduced = branches |> List.map (fun branch -> Set.difference (owners branch) objects)

                    if (introduced |> List.sumBy Set.count) > (Set.unionMany introduced).Count then
                        leaveOut "a choice between statements about all objects"

                    Formula.conjunction branches
                | Goal.Given(facts, goal) -> Formula.conjunction [ assumed factors facts; negate goal ]
                | Goal.RankAtLeast(matrix, order) -> rankBelow steps factors matrix order
                | Goal.Exists _ ->
                    leaveOut "an object whose existence is claimed"
                    Formula.False
                | Goal.Open reason ->
                    leaveOut reason
                    Formula.False
            with Inexpressible reason ->
                leaveOut reason
                Formula.False

        let formula = negate goal
        struct (formula, gap)

    // Text

    /// An injective name: owner, part, row and column, 1-based, and the sign.
    let private nameOf (letter: Letter) : string =
        match letter with
        | Letter.Entry entry ->
            let owner = if entry.Owner >= 0 then $"x{entry.Owner}" else $"t{-entry.Owner}"

            let sign =
                match entry.Sign with
                | LetterSign.Free -> ""
                | LetterSign.Nonnegative -> "_nonneg"
                | LetterSign.Positive -> "_pos"

            $"{owner}_{entry.Part}_{entry.Row + 1}_{entry.Column + 1}{sign}"
        | Letter.Pi
        | Letter.Exp _
        | Letter.Base _
        | Letter.Log _
        | Letter.Function _ -> raise (Inexpressible "a function that is no polynomial")

    let private numeral (range: SmtRange) (value: BigInteger) =
        let digits = BigInteger.Abs(value).ToString(System.Globalization.CultureInfo.InvariantCulture)

        let digits =
            match range with
            | SmtRange.Integers _ -> digits
            | SmtRange.Reals -> digits + ".0"

        if value.Sign < 0 then $"(- {digits})" else digits

    /// The polynomial times the least positive number that makes its coefficients whole.
    let private writePolynomial (range: SmtRange) (text: StringBuilder) (polynomial: Polynomial) : unit =
        let terms = polynomial.Terms

        let scale =
            (BigInteger.One, terms)
            ||> Array.fold (fun scale (struct (coefficient, _)) ->
                scale / BigInteger.GreatestCommonDivisor(scale, coefficient.Denominator) * coefficient.Denominator)

        let product (struct (coefficient: Rational, monomial: Monomial)) =
            let whole = coefficient.Numerator * (scale / coefficient.Denominator)

            let powers =
                [ for struct (letter, exponent) in monomial.Factors do
                      match exponent.TryInt with
                      | ValueSome count when count > 0 -> yield! List.replicate count (nameOf letter)
                      | _ -> raise (Inexpressible "a power that is not whole") ]

            match powers with
            | [] -> numeral range whole
            | [ name ] when whole.IsOne -> name
            | names when whole.IsOne -> "(* " + String.concat " " names + ")"
            | names -> $"""(* {numeral range whole} {String.concat " " names})"""

        match terms with
        | [||] -> text.Append(numeral range BigInteger.Zero) |> ignore
        | [| term |] -> text.Append(product term) |> ignore
        | terms ->
            text.Append "(+" |> ignore

            for term in terms do
                text.Append(' ').Append(product term) |> ignore

            text.Append ')' |> ignore

    let rec private writeFormula (range: SmtRange) (text: StringBuilder) (formula: Formula) : unit =
        let connective (name: string) parts =
            text.Append('(').Append(name) |> ignore

            for part in parts do
                text.Append ' ' |> ignore
                writeFormula range text part

            text.Append ')' |> ignore

        let zero = numeral range BigInteger.Zero

        let compare (before: string) polynomial (after: string) =
            text.Append before |> ignore
            writePolynomial range text polynomial
            text.Append(' ').Append(zero).Append(after) |> ignore

        match formula with
        | Formula.True -> text.Append "true" |> ignore
        | Formula.False -> text.Append "false" |> ignore
        | Formula.And parts -> connective "and" parts
        | Formula.Or parts -> connective "or" parts
        | Formula.Atom(Condition.Zero, polynomial) -> compare "(= " polynomial ")"
        | Formula.Atom(Condition.Nonzero, polynomial) -> compare "(not (= " polynomial "))"
        | Formula.Atom(Condition.Positive, polynomial) -> compare "(> " polynomial ")"
        | Formula.Atom(Condition.Nonnegative, polynomial) -> compare "(>= " polynomial ")"

    let private write (range: SmtRange) (heading: string list) (formula: Formula) : string * (string * Letter) list =
        let letters =
            Formula.polynomials formula
            |> List.collect Polynomial.letters
            |> List.distinct
            |> List.sort
            |> List.map (fun letter -> nameOf letter, letter)

        let text = StringBuilder()
        let line (content: string) = text.Append(content).Append('\n') |> ignore

        for remark in heading do
            line ("; " + remark.ReplaceLineEndings(" "))

        line "(set-option :produce-models true)"

        let logic, sort =
            match range with
            | SmtRange.Integers _ -> "QF_NIA", "Int"
            | SmtRange.Reals -> "QF_NRA", "Real"

        line $"(set-logic {logic})"

        for name, letter in letters do
            line $"(declare-fun {name} () {sort})"

            match letter with
            | Letter.Entry { Sign = LetterSign.Nonnegative } -> line $"(assert (>= {name} {numeral range BigInteger.Zero}))"
            | Letter.Entry { Sign = LetterSign.Positive } -> line $"(assert (> {name} {numeral range BigInteger.Zero}))"
            | Letter.Entry { Sign = LetterSign.Free }
            | Letter.Pi
            | Letter.Exp _
            | Letter.Base _
            | Letter.Log _
            | Letter.Function _ -> ()

            match range with
            | SmtRange.Integers bound -> line $"(assert (and (<= (- {bound}) {name}) (<= {name} {bound})))"
            | SmtRange.Reals -> ()

        let conjuncts =
            match formula with
            | Formula.And parts -> parts
            | Formula.True
            | Formula.False
            | Formula.Atom _
            | Formula.Or _ -> [ formula ]

        for conjunct in conjuncts do
            text.Append "(assert " |> ignore
            writeFormula range text conjunct
            line ")"

        line "(check-sat)"
        line "(get-model)"
        text.ToString(), letters

    let private ask (range: SmtRange) (heading: string list) (formula: Formula) (gap: string option) : SmtTranslation =
        match formula, gap with
        | Formula.False, None -> SmtTranslation.Settled
        | Formula.False, Some reason -> SmtTranslation.NotExpressible reason
        | (Formula.True | Formula.Atom _ | Formula.And _ | Formula.Or _), _ ->
            let terms = Formula.polynomials formula |> List.sumBy (fun polynomial -> polynomial.TermCount)

            if terms > maxTerms then
                SmtTranslation.NotExpressible $"{terms} terms, more than {maxTerms}"
            else
                let text, letters = write range heading formula

                SmtTranslation.Ask { Range = range; Text = text; Letters = letters; IsComplete = range = SmtRange.Reals && gap.IsNone }

    let private guarded (work: unit -> SmtTranslation) : SmtTranslation =
        try
            work ()
        with
        | Inexpressible reason -> SmtTranslation.NotExpressible reason
        | TooLarge what -> SmtTranslation.NotExpressible $"too large: {what}"
        | Unsupported reason
        | Undefined reason -> SmtTranslation.NotExpressible reason

    /// "The facts hold and the goal does not". `factors` rewrite letters into independent ones, `objects` are the binders of declared
    /// objects; `heading` becomes comment lines. Raises StepsExhausted.
    let refuting
        (steps: Steps)
        (range: SmtRange)
        (heading: string list)
        (factors: Map<Letter, NormalForm>)
        (objects: Set<int>)
        (facts: Fact list)
        (goal: Goal)
        : SmtTranslation =
        guarded (fun () ->
            let struct (negated, gap) = negation steps factors objects goal
            ask range heading (Formula.conjunction [ assumed factors facts; negated ]) gap)

    /// "The facts hold": a model is a candidate for objects that meet the hypotheses, `unsat` suggests that there are none.
    let satisfying (range: SmtRange) (heading: string list) (factors: Map<Letter, NormalForm>) (facts: Fact list) : SmtTranslation =
        guarded (fun () -> ask range heading (assumed factors facts) None)
