namespace VerifyEnergy.Kernel

open System
open System.Security.Cryptography
open System.Text

// The elaborated claim as text in the claim language. Elaborating that text gives the same claim again (for claims that
// elaboration makes: signs and quotients of numerals are folded into Expr.Number, binders are numbered in order of
// appearance). The canonical hash is taken from this text with binders named by number.

/// Canonical text of claims. `name` gives each binder's name; names in one scope must differ and hide no function used there.
[<RequireQualifiedAccess>]
module Print =
    // How tightly a construct binds; an operand that binds less tightly than its place asks for stands in parentheses.
    // Quantifiers and `if` reach to the end, so they stand bare only where the place asks for a `Whole`.
    [<Literal>]
    let private Whole = 0

    [<Literal>]
    let private Equivalence = 1

    [<Literal>]
    let private Implication = 2

    [<Literal>]
    let private Disjunction = 3

    [<Literal>]
    let private Conjunction = 4

    [<Literal>]
    let private Negation = 5

    [<Literal>]
    let private Comparison = 6

    [<Literal>]
    let private Sum = 7

    [<Literal>]
    let private Product = 8

    [<Literal>]
    let private Sign = 9

    [<Literal>]
    let private Power = 10

    [<Literal>]
    let private Atom = 11

    let private bracket (wanted: int) (binds: int) (text: string) : string = if binds < wanted then "(" + text + ")" else text

    let private commas (texts: string list) = String.Join(", ", texts)

    let private relation (found: Relation) : string =
        match found with
        | Relation.Equal -> "="
        | Relation.NotEqual -> "!="
        | Relation.Less -> "<"
        | Relation.LessEqual -> "<="
        | Relation.Greater -> ">"
        | Relation.GreaterEqual -> ">="
        | Relation.Loewner -> "<<="

    let private property (found: Property) : string =
        match found with
        | Property.Psd -> "psd"
        | Property.Pd -> "pd"
        | Property.Symmetric -> "symmetric"

    let private number (value: Rational) : struct (int * string) =
        let binds =
            if not value.IsInteger then Product
            elif value.Sign < 0 then Sign
            else Atom

        struct (binds, value.ToString())

    let rec private expression (name: int -> string) (wanted: int) (expr: Expr) : string =
        let at place inner = expression name place inner

        let binary left operator right binds rightBinds = bracket wanted binds (at binds left + operator + at rightBinds right)

        match expr with
        | Expr.Number value ->
            let struct (binds, text) = number value
            bracket wanted binds text
        | Expr.ImaginaryUnit -> "i"
        | Expr.Variable variable -> name variable
        | Expr.Apply("+", [ left; right ]) -> binary left " + " right Sum (lastOfSum right)
        | Expr.Apply("-", [ left; right ]) -> binary left " - " right Sum (lastOfSum right)
        | Expr.Apply("*", [ left; right ]) -> binary left "*" right Product Sign
        | Expr.Apply("/", [ left; right ]) -> binary left "/" right Product Sign
        | Expr.Apply(".*", [ left; right ]) -> binary left " .* " right Product Sign
        | Expr.Apply("neg", [ inner ]) ->
            // A minus before a numeral would be read as part of the number.
            match inner with
            | Expr.Number _ -> bracket wanted Sign ("-(" + at Whole inner + ")")
            | _ -> bracket wanted Sign ("-" + at Sign inner)
        | Expr.Apply("^", [ left; right ]) -> bracket wanted Power (at Atom left + "^" + at Power right)
        | Expr.Apply("'", [ inner ]) -> at Atom inner + "'"
        | Expr.Apply("apply", [ map; point ]) -> at Atom map + "(" + at Whole point + ")"
        | Expr.Apply(constant, []) -> constant
        | Expr.Apply(callee, arguments) -> callee + "(" + commas (arguments |> List.map (at Whole)) + ")"
        | Expr.Entry(inner, subscripts) -> at Atom inner + "[" + commas (subscripts |> List.map (subscript name)) + "]"
        | Expr.Literal rows ->
            let row entries = commas (entries |> List.map (at Whole))

            "[" + String.Join("; ", rows |> List.map row) + "]"
        | Expr.Table(body, found) -> "[" + at Whole body + " | " + binders name found + "]"
        | Expr.Fold(fold, found, body) ->
            let word =
                match fold with
                | Fold.Sum -> "sum"
                | Fold.Product -> "prod"

            bracket wanted Sum (word + "(" + binders name found + ") " + at (lastOfSum body) body)
        | Expr.If(condition, chosen, otherwise) ->
            bracket wanted Whole ("if " + proposition name Whole condition + " then " + at Sum chosen + " else " + at Sum otherwise)
        | Expr.Statistic(statistic, arguments) ->
            let word =
                match statistic with
                | Statistic.Expectation -> "E"
                | Statistic.Variance -> "Var"
                | Statistic.Covariance -> "Cov"

            word + "[" + commas (arguments |> List.map (at Whole)) + "]"
        | Expr.Probability event -> "P[" + proposition name Whole event + "]"
        | Expr.Density(random, point) -> "pdf(" + at Whole random + ", " + at Whole point + ")"
        | Expr.Derivative(order, body, variable) ->
            let word =
                match order with
                | DerivativeOrder.Gradient -> "grad"
                | DerivativeOrder.Hessian -> "hessian"
                | DerivativeOrder.Jacobian -> "jacobian"

            word + "(" + at Whole body + ", " + name variable + ")"

    // A sum or product at the end of a term needs no parentheses: its body stops at the next + or −.
    and private lastOfSum (term: Expr) : int =
        match term with
        | Expr.Fold _ -> Sum
        | _ -> Product

    and private subscript name (found: Subscript) : string =
        match found with
        | Subscript.Whole -> ":"
        | Subscript.At index -> expression name Sum index
        | Subscript.Slice(first, last) -> expression name Sum first + ".." + expression name Sum last

    and private distribution name (found: Distribution) : string =
        let at = expression name Whole

        match found with
        | Distribution.Normal [] -> "normal"
        | Distribution.Normal sizes -> "normal[" + commas (sizes |> List.map at) + "]"
        | Distribution.Gaussian(mean, covariance) -> "gaussian(" + at mean + ", " + at covariance + ")"
        | Distribution.Wishart(degrees, scale) -> "wishart(" + at degrees + ", " + at scale + ")"
        | Distribution.ChiSquare degrees -> "chi2(" + at degrees + ")"
        | Distribution.Uniform(low, high) -> "uniform(" + at low + ", " + at high + ")"
        | Distribution.Discrete probabilities -> "law(" + at probabilities + ")"

    and private domainText name (found: Domain) : string =
        let at = expression name Sum

        let sized word sizes = if List.isEmpty sizes then word else word + "[" + commas (sizes |> List.map at) + "]"

        match found with
        | Domain.Plain(set, sizes) ->
            match set with
            | ScalarSet.Real -> sized "real" sizes
            | ScalarSet.Positive -> sized "pos" sizes
            | ScalarSet.Nonnegative -> sized "nonneg" sizes
            | ScalarSet.Complex -> sized "complex" sizes
            | ScalarSet.Bit -> sized "bit" sizes
            | ScalarSet.Spin -> sized "spin" sizes
            | ScalarSet.Integer(low, high) ->
                // Parentheses keep a bound that ends in an index from being read as a size.
                sized "int" sizes + " in " + at low + ".." + expression name Atom high
        | Domain.Symmetric size -> sized "sym" [ size ]
        | Domain.Psd(size, None) -> sized "psd" [ size ]
        | Domain.Psd(size, Some rank) -> sized "psd" [ size ] + " rank " + at rank
        | Domain.Spd size -> sized "spd" [ size ]
        | Domain.Orthogonal size -> sized "orth" [ size ]
        | Domain.Diagonal size -> sized "diag" [ size ]
        | Domain.Hermitian size -> sized "herm" [ size ]
        | Domain.HermitianPsd size -> sized "hpsd" [ size ]
        | Domain.HermitianPd size -> sized "hpd" [ size ]
        | Domain.Unitary size -> sized "unitary" [ size ]
        | Domain.Density size -> sized "density" [ size ]
        | Domain.Simplex size -> sized "simplex" [ size ]
        | Domain.Coupling(first, second) -> "coupling(" + expression name Whole first + ", " + expression name Whole second + ")"
        | Domain.Stochastic(rows, columns) -> sized "stochastic" [ rows; columns ]
        | Domain.Map(from, into) -> sized "map" [ from; into ]
        | Domain.Random law -> distribution name law

    and private range name (found: VerifyEnergy.Kernel.Range) : string =
        let at = expression name Sum

        match found with
        | VerifyEnergy.Kernel.Range.Between(low, high) -> " in " + at low + ".." + at high
        | VerifyEnergy.Kernel.Range.Among items -> " in {" + commas (items |> List.map at) + "}"
        | VerifyEnergy.Kernel.Range.Within inner -> " : " + domainText name inner
        | VerifyEnergy.Kernel.Range.Fibre(map, value) -> " in fibre(" + expression name Whole map + ", " + expression name Whole value + ")"

    and private binders name (found: Binder list) : string =
        commas (found |> List.map (fun (binder: Binder) -> name binder.Variable + range name binder.Range))

    and private law name (found: Law) : string =
        match found with
        | Law.Of random -> "law(" + expression name Whole random + ")"
        | Law.Known known -> distribution name known

    and private proposition (name: int -> string) (wanted: int) (prop: Prop) : string =
        let at place inner = proposition name place inner
        let term = expression name Sum

        match prop with
        | Prop.Compare(found, left, right) -> bracket wanted Comparison (term left + " " + relation found + " " + term right)
        | Prop.Has(found, inner) -> property found + "(" + expression name Whole inner + ")"
        | Prop.And(left, right) -> bracket wanted Conjunction (at Conjunction left + " and " + at Negation right)
        | Prop.Or(left, right) -> bracket wanted Disjunction (at Disjunction left + " or " + at Conjunction right)
        | Prop.Not inner -> bracket wanted Negation ("not " + at Negation inner)
        | Prop.Implies(left, right) -> bracket wanted Implication (at Disjunction left + " => " + at Implication right)
        | Prop.Iff(left, right) -> bracket wanted Equivalence (at Equivalence left + " <=> " + at Implication right)
        | Prop.Forall(found, body) -> quantified name wanted "forall" found body
        | Prop.Exists(found, body) -> quantified name wanted "exists" found body
        | Prop.Approximately(left, right, tolerance, relative) ->
            let word = if relative then " rel " else " within "
            let struct (_, limit) = number tolerance
            bracket wanted Comparison (term left + " ≈ " + term right + word + limit)
        | Prop.SameLaw(left, right) -> bracket wanted Comparison (law name left + " = " + law name right)

    and private quantified name wanted word found body =
        bracket wanted Whole (word + "(" + binders name found + ") " + proposition name Whole body)

    /// The expression, in the language.
    let expr (name: int -> string) (found: Expr) : string = expression name Whole found

    /// The proposition, in the language.
    let prop (name: int -> string) (found: Prop) : string = proposition name Whole found

    /// The domain, in the language.
    let domain (name: int -> string) (found: Domain) : string = domainText name found

    /// The claim's clauses, one per line, without `claim` and its id.
    let claim (name: int -> string) (found: Claim) : string =
        let lines = ResizeArray<string>()

        if not found.Parameters.IsEmpty then
            found.Parameters
            |> List.map (fun parameter -> name parameter.Variable + range name parameter.Range)
            |> commas
            |> fun text -> lines.Add("for " + text)

        for declaration in found.Declarations do
            match declaration with
            | Declaration.Object(variable, inner) -> lines.Add("let " + name variable + " : " + domainText name inner)
            | Declaration.Hypothesis hypothesis -> lines.Add("where " + prop name hypothesis)

        for conclusion in found.Conclusions do
            lines.Add("show " + prop name conclusion)

        String.Join("\n", lines)

/// The canonical hash of a claim.
[<RequireQualifiedAccess>]
module Hash =
    /// The canonical name of a binder.
    let name (variable: int) : string = "x" + string variable

    /// SHA-256 of the canonical text in UTF-8, 64 lowercase hexadecimal digits. Names, layout and the splitting of a text
    /// into definitions do not enter; the order of terms does.
    let ofClaim (claim: Claim) : string = Print.claim name claim |> Encoding.UTF8.GetBytes |> SHA256.HashData |> Convert.ToHexStringLower
