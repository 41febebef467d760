namespace VerifyEnergy.Claims

open System.Collections.Generic
open VerifyEnergy.Kernel

/// Renumbering of binders in the order in which a claim mentions them, so that the core claim depends neither on names nor
/// on how its text was split into definitions; and the display names that go with the numbers.
module internal Numbering =
    type private Range = VerifyEnergy.Kernel.Range

    /// Free and bound variables of an expression.
    let variables (expr: Expr) : Set<int> =
        let found = HashSet<int>()

        let rec inExpr expr =
            match expr with
            | Expr.Number _
            | Expr.ImaginaryUnit -> ()
            | Expr.Variable variable -> found.Add variable |> ignore
            | Expr.Apply(_, arguments)
            | Expr.Statistic(_, arguments) -> List.iter inExpr arguments
            | Expr.Entry(inner, subscripts) ->
                inExpr inner

                for subscript in subscripts do
                    match subscript with
                    | Subscript.Whole -> ()
                    | Subscript.At index -> inExpr index
                    | Subscript.Slice(first, last) ->
                        inExpr first
                        inExpr last
            | Expr.Literal rows -> List.iter (List.iter inExpr) rows
            | Expr.Table(body, _)
            | Expr.Fold(_, _, body) -> inExpr body
            | Expr.If(_, chosen, otherwise) ->
                inExpr chosen
                inExpr otherwise
            | Expr.Probability _ -> ()
            | Expr.Density(random, point) ->
                inExpr random
                inExpr point
            | Expr.Derivative(_, body, variable) ->
                inExpr body
                found.Add variable |> ignore

        inExpr expr
        Set.ofSeq found

    /// Variables of a proposition over plain arithmetic; −1 stands for anything else in it.
    let rec free (prop: Prop) : Set<int> =
        match prop with
        | Prop.Compare(_, left, right) -> variables left + variables right
        | Prop.And(left, right)
        | Prop.Or(left, right)
        | Prop.Implies(left, right)
        | Prop.Iff(left, right) -> free left + free right
        | Prop.Not inner -> free inner
        | Prop.Has _
        | Prop.Forall _
        | Prop.Exists _
        | Prop.Approximately _
        | Prop.SameLaw _ -> Set.singleton -1

    /// What a claim's text uses of the names that binders could hide.
    let private builtins (claim: Claim) : HashSet<string> =
        let found = HashSet<string>()
        let note name = found.Add name |> ignore

        let rec expr inner =
            match inner with
            | Expr.Number _
            | Expr.Variable _ -> ()
            | Expr.ImaginaryUnit -> note "i"
            | Expr.Apply(name, arguments) ->
                note name
                List.iter expr arguments
            | Expr.Entry(body, subscripts) ->
                expr body

                for subscript in subscripts do
                    match subscript with
                    | Subscript.Whole -> ()
                    | Subscript.At index -> expr index
                    | Subscript.Slice(first, last) ->
                        expr first
                        expr last
            | Expr.Literal rows -> List.iter (List.iter expr) rows
            | Expr.Table(body, binders)
            | Expr.Fold(_, binders, body) ->
                List.iter binder binders
                expr body
            | Expr.If(condition, chosen, otherwise) ->
                prop condition
                expr chosen
                expr otherwise
            | Expr.Statistic(statistic, arguments) ->
                match statistic with
                | Statistic.Expectation -> note "E"
                | Statistic.Variance -> note "Var"
                | Statistic.Covariance -> note "Cov"

                List.iter expr arguments
            | Expr.Probability event ->
                note "P"
                prop event
            | Expr.Density(random, point) ->
                note "pdf"
                expr random
                expr point
            | Expr.Derivative(order, body, _) ->
                match order with
                | DerivativeOrder.Gradient -> note "grad"
                | DerivativeOrder.Hessian -> note "hessian"
                | DerivativeOrder.Jacobian -> note "jacobian"

                expr body

        and range inner =
            match inner with
            | Range.Between(low, high) ->
                expr low
                expr high
            | Range.Among items -> List.iter expr items
            | Range.Within inside -> domain inside
            | Range.Fibre(map, value) ->
                expr map
                expr value

        and binder (found: Binder) = range found.Range

        and distribution law =
            match law with
            | Distribution.Normal sizes ->
                note "normal"
                List.iter expr sizes
            | Distribution.Gaussian(mean, covariance) ->
                note "gaussian"
                expr mean
                expr covariance
            | Distribution.Wishart(degrees, scale) ->
                note "wishart"
                expr degrees
                expr scale
            | Distribution.ChiSquare degrees ->
                note "chi2"
                expr degrees
            | Distribution.Uniform(low, high) ->
                note "uniform"
                expr low
                expr high
            | Distribution.Discrete probabilities ->
                note "law"
                expr probabilities

        and domain inner =
            match inner with
            | Domain.Plain(set, sizes) ->
                match set with
                | ScalarSet.Integer(low, high) ->
                    expr low
                    expr high
                | ScalarSet.Real
                | ScalarSet.Positive
                | ScalarSet.Nonnegative
                | ScalarSet.Complex
                | ScalarSet.Bit
                | ScalarSet.Spin -> ()

                List.iter expr sizes
            | Domain.Symmetric size
            | Domain.Spd size
            | Domain.Orthogonal size
            | Domain.Diagonal size
            | Domain.Hermitian size
            | Domain.HermitianPsd size
            | Domain.HermitianPd size
            | Domain.Unitary size
            | Domain.Density size
            | Domain.Simplex size
            | Domain.Psd(size, None) -> expr size
            | Domain.Psd(first, Some second)
            | Domain.Coupling(first, second)
            | Domain.Stochastic(first, second)
            | Domain.Map(first, second) ->
                expr first
                expr second
            | Domain.Random law -> distribution law

        and law inner =
            match inner with
            | Law.Of random ->
                note "law"
                expr random
            | Law.Known known -> distribution known

        and prop inner =
            match inner with
            | Prop.Compare(_, left, right)
            | Prop.Approximately(left, right, _, _) ->
                expr left
                expr right
            | Prop.Has(property, body) ->
                match property with
                | Property.Psd -> note "psd"
                | Property.Pd -> note "pd"
                | Property.Symmetric -> note "symmetric"

                expr body
            | Prop.And(left, right)
            | Prop.Or(left, right)
            | Prop.Implies(left, right)
            | Prop.Iff(left, right) ->
                prop left
                prop right
            | Prop.Not body -> prop body
            | Prop.Forall(binders, body)
            | Prop.Exists(binders, body) ->
                List.iter binder binders
                prop body
            | Prop.SameLaw(left, right) ->
                law left
                law right

        for parameter in claim.Parameters do
            range parameter.Range

        for declaration in claim.Declarations do
            match declaration with
            | Declaration.Object(_, inner) -> domain inner
            | Declaration.Hypothesis hypothesis -> prop hypothesis

        List.iter prop claim.Conclusions
        found

    /// Variables in scope, by their old numbers, with the names that they show.
    type private Scope = { Numbers: Map<int, int>; Shown: Set<string> }

    /// The claim with binders numbered in order of appearance, the display name of each number, and the depth of its deepest
    /// tree. Display names in one scope differ, and hide no function that the claim uses.
    let renumber (nameOf: int -> string) (claim: Claim) : Claim * string[] * int =
        let hidden = builtins claim
        let names = ResizeArray<string>()
        let mutable deepest = 0

        let fresh (scope: Scope) (variable: int) : Scope * int =
            let wanted = nameOf variable

            let free (candidate: string) =
                not (scope.Shown.Contains candidate) && not (hidden.Contains candidate) && not (Words.reserved.Contains candidate)

            let shown =
                if free wanted then
                    wanted
                else
                    Seq.initInfinite (fun index -> wanted + string (index + 1)) |> Seq.find free

            let number = names.Count
            names.Add shown

            { Numbers = Map.add variable number scope.Numbers; Shown = Set.add shown scope.Shown }, number

        let renamed scope variable = Map.find variable scope.Numbers

        let rec expr depth (scope: Scope) (inner: Expr) : Expr =
            deepest <- max deepest depth
            let here = expr (depth + 1) scope

            match inner with
            | Expr.Number _
            | Expr.ImaginaryUnit -> inner
            | Expr.Variable variable -> Expr.Variable(renamed scope variable)
            | Expr.Apply(name, arguments) -> Expr.Apply(name, List.map here arguments)
            | Expr.Entry(body, subscripts) ->
                let body = here body

                let subscript found =
                    match found with
                    | Subscript.Whole -> Subscript.Whole
                    | Subscript.At index -> Subscript.At(here index)
                    | Subscript.Slice(first, last) ->
                        let low = here first
                        Subscript.Slice(low, here last)

                Expr.Entry(body, List.map subscript subscripts)
            | Expr.Literal rows -> Expr.Literal(List.map (List.map here) rows)
            | Expr.Table(body, found) ->
                let inside, core = binders (depth + 1) scope found
                Expr.Table(expr (depth + 1) inside body, core)
            | Expr.Fold(fold, found, body) ->
                let inside, core = binders (depth + 1) scope found
                Expr.Fold(fold, core, expr (depth + 1) inside body)
            | Expr.If(condition, chosen, otherwise) ->
                let test = prop (depth + 1) scope condition
                let yes = here chosen
                Expr.If(test, yes, here otherwise)
            | Expr.Statistic(statistic, arguments) -> Expr.Statistic(statistic, List.map here arguments)
            | Expr.Probability event -> Expr.Probability(prop (depth + 1) scope event)
            | Expr.Density(random, point) ->
                let x = here random
                Expr.Density(x, here point)
            | Expr.Derivative(order, body, variable) -> Expr.Derivative(order, here body, renamed scope variable)

        and binders depth scope (found: Binder list) : Scope * Binder list =
            let step scope (binder: Binder) =
                let inner = range depth scope binder.Range
                let inside, number = fresh scope binder.Variable
                let core: Binder = { Variable = number; Range = inner }
                core, inside

            let core, inside = List.mapFold step scope found
            inside, core

        and range depth scope found =
            let here = expr depth scope

            match found with
            | Range.Between(low, high) ->
                let a = here low
                Range.Between(a, here high)
            | Range.Among items -> Range.Among(List.map here items)
            | Range.Within inner -> Range.Within(domain depth scope inner)
            | Range.Fibre(map, value) ->
                let f = here map
                Range.Fibre(f, here value)

        and domain depth scope found =
            let here = expr depth scope

            let both make first second =
                let a = here first
                make (a, here second)

            match found with
            | Domain.Plain(set, sizes) ->
                let sizes = List.map here sizes

                let set =
                    match set with
                    | ScalarSet.Integer(low, high) -> both ScalarSet.Integer low high
                    | ScalarSet.Real
                    | ScalarSet.Positive
                    | ScalarSet.Nonnegative
                    | ScalarSet.Complex
                    | ScalarSet.Bit
                    | ScalarSet.Spin -> set

                Domain.Plain(set, sizes)
            | Domain.Symmetric size -> Domain.Symmetric(here size)
            | Domain.Psd(size, rank) ->
                let side = here size
                Domain.Psd(side, Option.map here rank)
            | Domain.Spd size -> Domain.Spd(here size)
            | Domain.Orthogonal size -> Domain.Orthogonal(here size)
            | Domain.Diagonal size -> Domain.Diagonal(here size)
            | Domain.Hermitian size -> Domain.Hermitian(here size)
            | Domain.HermitianPsd size -> Domain.HermitianPsd(here size)
            | Domain.HermitianPd size -> Domain.HermitianPd(here size)
            | Domain.Unitary size -> Domain.Unitary(here size)
            | Domain.Density size -> Domain.Density(here size)
            | Domain.Simplex size -> Domain.Simplex(here size)
            | Domain.Coupling(first, second) -> both Domain.Coupling first second
            | Domain.Stochastic(rows, columns) -> both Domain.Stochastic rows columns
            | Domain.Map(from, into) -> both Domain.Map from into
            | Domain.Random law -> Domain.Random(distribution depth scope law)

        and distribution depth scope found =
            let here = expr depth scope

            let both make first second =
                let a = here first
                make (a, here second)

            match found with
            | Distribution.Normal sizes -> Distribution.Normal(List.map here sizes)
            | Distribution.Gaussian(mean, covariance) -> both Distribution.Gaussian mean covariance
            | Distribution.Wishart(degrees, scale) -> both Distribution.Wishart degrees scale
            | Distribution.ChiSquare degrees -> Distribution.ChiSquare(here degrees)
            | Distribution.Uniform(low, high) -> both Distribution.Uniform low high
            | Distribution.Discrete probabilities -> Distribution.Discrete(here probabilities)

        and law depth scope found =
            match found with
            | Law.Of random -> Law.Of(expr depth scope random)
            | Law.Known known -> Law.Known(distribution depth scope known)

        and prop depth (scope: Scope) (inner: Prop) : Prop =
            deepest <- max deepest depth
            let here = prop (depth + 1) scope
            let value = expr (depth + 1) scope

            let both make left right =
                let a = here left
                make (a, here right)

            match inner with
            | Prop.Compare(relation, left, right) ->
                let x = value left
                Prop.Compare(relation, x, value right)
            | Prop.Has(property, body) -> Prop.Has(property, value body)
            | Prop.And(left, right) -> both Prop.And left right
            | Prop.Or(left, right) -> both Prop.Or left right
            | Prop.Not body -> Prop.Not(here body)
            | Prop.Implies(left, right) -> both Prop.Implies left right
            | Prop.Iff(left, right) -> both Prop.Iff left right
            | Prop.Forall(found, body) ->
                let inside, core = binders (depth + 1) scope found
                Prop.Forall(core, prop (depth + 1) inside body)
            | Prop.Exists(found, body) ->
                let inside, core = binders (depth + 1) scope found
                Prop.Exists(core, prop (depth + 1) inside body)
            | Prop.Approximately(left, right, tolerance, relative) ->
                let x = value left
                Prop.Approximately(x, value right, tolerance, relative)
            | Prop.SameLaw(left, right) ->
                let first = law (depth + 1) scope left
                Prop.SameLaw(first, law (depth + 1) scope right)

        let empty = { Numbers = Map.empty; Shown = Set.empty }

        let parameters, scope =
            claim.Parameters
            |> List.mapFold
                (fun scope parameter ->
                    let inner = range 1 scope parameter.Range
                    let inside, number = fresh scope parameter.Variable
                    let core: Parameter = { Variable = number; Range = inner }
                    core, inside)
                empty

        let declarations, scope =
            claim.Declarations
            |> List.mapFold
                (fun scope declaration ->
                    match declaration with
                    | Declaration.Object(variable, inner) ->
                        let inside, number = fresh scope variable
                        // The domain stands outside the object's own scope, but after its number.
                        let core = domain 1 { inside with Numbers = Map.add variable number scope.Numbers } inner

                        Declaration.Object(number, core), inside
                    | Declaration.Hypothesis hypothesis -> Declaration.Hypothesis(prop 1 scope hypothesis), scope)
                scope

        let conclusions = claim.Conclusions |> List.map (prop 1 scope)

        { Parameters = parameters; Declarations = declarations; Conclusions = conclusions }, names.ToArray(), deepest
