namespace VerifyEnergy.Claims

open System
open VerifyEnergy.Kernel

/// Claims in LaTeX (amsmath), without surrounding $. Display only: nothing is read back from it.
[<RequireQualifiedAccess>]
module Latex =
    type private Range = VerifyEnergy.Kernel.Range

    // How tightly constructs bind, as in Kernel's canonical text.
    let private whole, private implication, private disjunction, private conjunction = 0, 2, 3, 4

    let private comparison, private sum, private product, private sign, private power, private atom = 6, 7, 8, 9, 10, 11

    let private greek =
        set
            [ "alpha"
              "beta"
              "gamma"
              "delta"
              "epsilon"
              "zeta"
              "eta"
              "theta"
              "iota"
              "kappa"
              "lambda"
              "mu"
              "nu"
              "xi"
              "rho"
              "sigma"
              "tau"
              "phi"
              "chi"
              "psi"
              "omega"
              "Gamma"
              "Delta"
              "Theta"
              "Lambda"
              "Xi"
              "Sigma"
              "Phi"
              "Psi"
              "Omega" ]

    /// A name: Greek letters by their command, long names upright, digits at the end as an index.
    let symbol (name: string) : string =
        let stem = name.TrimEnd([| '0' .. '9' |])
        let digits = name.Substring stem.Length

        let shown =
            if greek.Contains stem then "\\" + stem
            elif stem.Length = 1 then stem
            else "\\mathrm{" + stem.Replace("_", "\\_") + "}"

        if digits = "" || stem = "" then
            (if stem = "" then name else shown)
        else
            shown + "_{" + digits + "}"

    /// How binders are named, and the sign of the adjoint: ⊤ in claims about real objects, * where complex ones occur.
    type private Notation = { Of: int -> string; Adjoint: string }

    let private brackets (wanted: int) (binds: int) (text: string) = if binds < wanted then "\\left(" + text + "\\right)" else text

    let private commas (texts: string list) = String.Join(", ", texts)

    let private number (value: Rational) : int * string =
        if value.IsInteger then
            (if value.Sign < 0 then sign else atom), value.ToString()
        else
            let front = if value.Sign < 0 then "-" else ""
            (if value.Sign < 0 then sign else product), $"{front}\\frac{{{value.Abs.Numerator}}}{{{value.Denominator}}}"

    let private relation found =
        match found with
        | Relation.Equal -> "="
        | Relation.NotEqual -> "\\neq"
        | Relation.Less -> "<"
        | Relation.LessEqual -> "\\le"
        | Relation.Greater -> ">"
        | Relation.GreaterEqual -> "\\ge"
        | Relation.Loewner -> "\\preceq"

    let rec private expression (name: Notation) (wanted: int) (found: Expr) : string =
        let at place inner = expression name place inner
        let enclosed inner = "\\left(" + at whole inner + "\\right)"

        let binary left operator right binds rightBinds = brackets wanted binds (at binds left + operator + at rightBinds right)

        match found with
        | Expr.Number value ->
            let binds, text = number value
            brackets wanted binds text
        | Expr.ImaginaryUnit -> "\\mathrm{i}"
        | Expr.Variable variable -> symbol (name.Of variable)
        | Expr.Apply("+", [ left; right ]) -> binary left " + " right sum product
        | Expr.Apply("-", [ left; right ]) -> binary left " - " right sum product
        | Expr.Apply("*", [ Expr.Number _ as left; (Expr.Number _ as right) ]) -> binary left " \\cdot " right product sign
        | Expr.Apply("*", [ left; right ]) -> binary left " \\, " right product power
        | Expr.Apply("/", [ left; right ]) -> brackets wanted atom ("\\frac{" + at whole left + "}{" + at whole right + "}")
        | Expr.Apply(".*", [ left; right ]) -> binary left " \\odot " right product sign
        | Expr.Apply("neg", [ inner ]) -> brackets wanted sign ("-" + at sign inner)
        | Expr.Apply("^", [ left; right ]) -> brackets wanted power (at atom left + "^{" + at whole right + "}")
        | Expr.Apply("'", [ inner ]) -> brackets wanted power (at atom inner + name.Adjoint)
        | Expr.Apply("apply", [ map; point ]) -> at atom map + enclosed point
        | Expr.Apply("sqrt", [ inner ]) -> "\\sqrt{" + at whole inner + "}"
        | Expr.Apply("abs", [ inner ]) -> "\\left|" + at whole inner + "\\right|"
        | Expr.Apply("norm2", [ inner ]) -> "\\left\\|" + at whole inner + "\\right\\|"
        | Expr.Apply("frob2", [ inner ]) -> "\\left\\|" + at whole inner + "\\right\\|_F^2"
        | Expr.Apply("inv", [ inner ]) -> brackets wanted power (at atom inner + "^{-1}")
        | Expr.Apply("dot", [ left; right ]) -> "\\langle " + at whole left + ", " + at whole right + " \\rangle"
        | Expr.Apply("kron", [ left; right ]) -> binary left " \\otimes " right product sign
        | Expr.Apply("conj", [ inner ]) -> "\\overline{" + at whole inner + "}"
        | Expr.Apply("I", [ size ]) -> "I_{" + at whole size + "}"
        | Expr.Apply("e", [ index; _ ]) -> "e_{" + at whole index + "}"
        | Expr.Apply(callee, arguments) ->
            let operator =
                match Functions.tryFind callee with
                | ValueSome entry -> entry.Latex
                | ValueNone -> "\\operatorname{" + callee.Replace("_", "\\_") + "}"

            if arguments.IsEmpty then
                operator
            else
                operator + "\\left(" + commas (arguments |> List.map (at whole)) + "\\right)"
        | Expr.Entry(inner, subscripts) -> at atom inner + "_{" + commas (subscripts |> List.map (subscript name)) + "}"
        | Expr.Literal rows ->
            let row entries = String.Join(" & ", entries |> List.map (at whole))

            "\\begin{pmatrix}" + String.Join(" \\\\ ", rows |> List.map row) + "\\end{pmatrix}"
        | Expr.Table(body, binders) -> "\\left[" + at whole body + "\\right]_{" + bindersText name binders + "}"
        | Expr.Fold(fold, binders, body) ->
            let operator =
                match fold with
                | Fold.Sum -> "\\sum"
                | Fold.Product -> "\\prod"

            brackets wanted sum (operator + "_{" + bindersText name binders + "} " + at product body)
        | Expr.If(condition, chosen, otherwise) ->
            "\\begin{cases}"
            + at whole chosen
            + " & \\text{if } "
            + proposition name whole condition
            + " \\\\ "
            + at whole otherwise
            + " & \\text{else}\\end{cases}"
        | Expr.Statistic(statistic, arguments) ->
            let operator =
                match statistic with
                | Statistic.Expectation -> "\\mathbb{E}"
                | Statistic.Variance -> "\\operatorname{Var}"
                | Statistic.Covariance -> "\\operatorname{Cov}"

            operator + "\\left[" + commas (arguments |> List.map (at whole)) + "\\right]"
        | Expr.Probability event -> "\\mathbb{P}\\left[" + proposition name whole event + "\\right]"
        | Expr.Density(random, point) -> "p_{" + at whole random + "}" + enclosed point
        | Expr.Derivative(order, body, variable) ->
            let object = symbol (name.Of variable)

            match order with
            | DerivativeOrder.Gradient -> $"\\nabla_{{{object}}} " + enclosed body
            | DerivativeOrder.Hessian -> $"\\nabla^2_{{{object}}} " + enclosed body
            | DerivativeOrder.Jacobian -> $"D_{{{object}}} " + enclosed body

    and private subscript (name: Notation) found =
        match found with
        | Subscript.Whole -> ":"
        | Subscript.At index -> expression name whole index
        | Subscript.Slice(first, last) -> expression name sum first + "..." + expression name sum last

    and private distribution (name: Notation) found =
        let at = expression name whole

        match found with
        | Distribution.Normal [] -> "\\mathcal{N}(0, 1)"
        | Distribution.Normal sizes -> "\\mathcal{N}(0, 1)^{" + String.Join(" \\times ", sizes |> List.map at) + "}"
        | Distribution.Gaussian(mean, covariance) -> $"\\mathcal{{N}}\\left({at mean}, {at covariance}\\right)"
        | Distribution.Wishart(degrees, scale) -> $"\\mathcal{{W}}\\left({at degrees}, {at scale}\\right)"
        | Distribution.ChiSquare degrees -> $"\\chi^2_{{{at degrees}}}"
        | Distribution.Uniform(low, high) -> $"\\mathcal{{U}}\\left({at low}, {at high}\\right)"
        | Distribution.Discrete probabilities -> $"\\operatorname{{law}}\\left({at probabilities}\\right)"

    and private domain (name: Notation) found =
        let at = expression name whole

        let sized set sizes =
            match sizes with
            | [] -> set
            | _ -> set + "^{" + String.Join(" \\times ", sizes |> List.map (expression name product)) + "}"

        let family (symbol: string) size = symbol + "(" + at size + ")"

        match found with
        | Domain.Plain(set, sizes) ->
            match set with
            | ScalarSet.Real -> sized "\\mathbb{R}" sizes
            | ScalarSet.Positive when sizes.IsEmpty -> "\\mathbb{R}_{>0}"
            | ScalarSet.Positive -> sized "\\mathbb{R}_{>0}" sizes
            | ScalarSet.Nonnegative -> sized "\\mathbb{R}_{\\ge 0}" sizes
            | ScalarSet.Complex -> sized "\\mathbb{C}" sizes
            | ScalarSet.Bit -> sized "\\{0, 1\\}" sizes
            | ScalarSet.Spin -> sized "\\{-1, 1\\}" sizes
            | ScalarSet.Integer(low, high) -> sized $"\\{{{at low}, \\dots, {at high}\\}}" sizes
        | Domain.Symmetric size -> family "\\mathrm{Sym}" size
        | Domain.Psd(size, None) -> family "\\mathrm{PSD}" size
        | Domain.Psd(size, Some rank) -> family "\\mathrm{PSD}" size + "_{\\operatorname{rank} \\le " + at rank + "}"
        | Domain.Spd size -> family "\\mathrm{SPD}" size
        | Domain.Orthogonal size -> family "\\mathrm{O}" size
        | Domain.Diagonal size -> family "\\mathrm{Diag}" size
        | Domain.Hermitian size -> family "\\mathrm{Herm}" size
        | Domain.HermitianPsd size -> family "\\mathrm{HPSD}" size
        | Domain.HermitianPd size -> family "\\mathrm{HPD}" size
        | Domain.Unitary size -> family "\\mathrm{U}" size
        | Domain.Density size -> family "\\mathrm{Density}" size
        | Domain.Simplex size -> family "\\Delta" size
        | Domain.Coupling(first, second) -> $"\\Pi({at first}, {at second})"
        | Domain.Stochastic(rows, columns) -> $"\\mathrm{{Stoch}}({at rows}, {at columns})"
        | Domain.Map(from, into) -> $"\\{{1..{at from}\\}} \\to \\{{1..{at into}\\}}"
        | Domain.Random law -> distribution name law

    and private rangeText (name: Notation) (found: Range) =
        let at = expression name whole

        match found with
        | Range.Between(low, high) -> $" = {at low}..{at high}"
        | Range.Among items -> " \\in \\{" + commas (items |> List.map at) + "\\}"
        | Range.Within inner -> " \\in " + domain name inner
        | Range.Fibre(map, value) -> " \\in " + expression name atom map + "^{-1}(" + at value + ")"

    and private bindersText (name: Notation) (found: Binder list) =
        commas (found |> List.map (fun (binder: Binder) -> symbol (name.Of binder.Variable) + rangeText name binder.Range))

    and private law (name: Notation) found =
        match found with
        | Law.Of random -> "\\operatorname{law}\\left(" + expression name whole random + "\\right)"
        | Law.Known known -> distribution name known

    and private proposition (name: Notation) (wanted: int) (found: Prop) : string =
        let at place inner = proposition name place inner
        let term = expression name sum

        let joined left word right binds rightBinds = brackets wanted binds (at binds left + " " + word + " " + at rightBinds right)

        let quantified symbol binders body = brackets wanted whole (symbol + " " + bindersText name binders + ": \\; " + at whole body)

        match found with
        | Prop.Compare(kind, left, right) -> brackets wanted comparison (term left + " " + relation kind + " " + term right)
        | Prop.Has(Property.Psd, inner) -> brackets wanted comparison (term inner + " \\succeq 0")
        | Prop.Has(Property.Pd, inner) -> brackets wanted comparison (term inner + " \\succ 0")
        | Prop.Has(Property.Symmetric, inner) -> brackets wanted comparison (term inner + " = " + expression name atom inner + name.Adjoint)
        | Prop.And(left, right) -> joined left "\\land" right conjunction (conjunction + 1)
        | Prop.Or(left, right) -> joined left "\\lor" right disjunction conjunction
        | Prop.Not inner -> "\\lnot " + at comparison inner
        | Prop.Implies(left, right) -> brackets wanted implication (at disjunction left + " \\Rightarrow " + at implication right)
        | Prop.Iff(left, right) -> joined left "\\Leftrightarrow" right 1 implication
        | Prop.Forall(binders, body) -> quantified "\\forall" binders body
        | Prop.Exists(binders, body) -> quantified "\\exists" binders body
        | Prop.Approximately(left, right, tolerance, relative) ->
            let _, limit = number tolerance
            let word = if relative then "rel" else "abs"

            brackets wanted comparison (term left + " \\approx_{" + word + ", " + limit + "} " + term right)
        | Prop.SameLaw(left, right) -> brackets wanted comparison (law name left + " = " + law name right)

    let private notation name complex = { Of = name; Adjoint = (if complex then "^{*}" else "^{\\top}") }

    /// An expression; `name` gives the display name of each binder, `complex` says whether its claim speaks of complex objects.
    let expr (name: int -> string) (complex: bool) (found: Expr) : string = expression (notation name complex) whole found

    /// A proposition.
    let prop (name: int -> string) (complex: bool) (found: Prop) : string = proposition (notation name complex) whole found

    /// The whole claim: parameters and objects as ∀, hypotheses before ⇒, conclusions joined by ∧.
    let claim (shown: int -> string) (complex: bool) (found: Claim) : string =
        let name = notation shown complex

        let bound =
            [ for parameter in found.Parameters -> symbol (name.Of parameter.Variable) + rangeText name parameter.Range
              for declaration in found.Declarations do
                  match declaration with
                  | Declaration.Object(variable, Domain.Random law) -> yield symbol (name.Of variable) + " \\sim " + distribution name law
                  | Declaration.Object(variable, inner) -> yield symbol (name.Of variable) + " \\in " + domain name inner
                  | Declaration.Hypothesis _ -> () ]

        let hypotheses =
            [ for declaration in found.Declarations do
                  match declaration with
                  | Declaration.Hypothesis hypothesis -> yield proposition name (conjunction + 1) hypothesis
                  | Declaration.Object _ -> () ]

        let conjunctionOf texts = String.Join(" \\land ", (texts: string list))

        let conclusion =
            match found.Conclusions with
            | [ only ] -> proposition name (if hypotheses.IsEmpty then whole else implication) only
            | several -> several |> List.map (proposition name (conjunction + 1)) |> conjunctionOf

        let statement = if hypotheses.IsEmpty then conclusion else conjunctionOf hypotheses + " \\Rightarrow " + conclusion

        if bound.IsEmpty then statement else "\\forall \\, " + commas bound + ": \\; " + statement
