namespace VerifyEnergy.Kernel

// What belongs to each domain, said once as propositions of the core language, and which objects an expression mentions.

[<RequireQualifiedAccess>]
module Mentions =
    let rec private walkExpr (visit: int -> unit) (expr: Expr) : unit =
        match expr with
        | Expr.Number _
        | Expr.ImaginaryUnit -> ()
        | Expr.Variable v -> visit v
        | Expr.Apply(_, arguments)
        | Expr.Statistic(_, arguments) -> List.iter (walkExpr visit) arguments
        | Expr.Entry(array, subscripts) ->
            walkExpr visit array

            for s in subscripts do
                match s with
                | Subscript.Whole -> ()
                | Subscript.At e -> walkExpr visit e
                | Subscript.Slice(a, b) ->
                    walkExpr visit a
                    walkExpr visit b
        | Expr.Literal rows -> List.iter (List.iter (walkExpr visit)) rows
        | Expr.Table(body, binders)
        | Expr.Fold(_, binders, body) ->
            walkBinders visit binders
            walkExpr visit body
        | Expr.If(condition, a, b) ->
            walkProp visit condition
            walkExpr visit a
            walkExpr visit b
        | Expr.Probability event -> walkProp visit event
        | Expr.Density(x, at) ->
            walkExpr visit x
            walkExpr visit at
        | Expr.Derivative(_, body, v) ->
            visit v
            walkExpr visit body

    and private walkBinders visit binders =
        for binder in binders do
            match binder.Range with
            | Range.Between(a, b)
            | Range.Fibre(a, b) ->
                walkExpr visit a
                walkExpr visit b
            | Range.Among values -> List.iter (walkExpr visit) values
            | Range.Within domain -> walkDomain visit domain

    and private walkDomain visit domain =
        match domain with
        | Domain.Plain(set, sizes) ->
            List.iter (walkExpr visit) sizes

            match set with
            | ScalarSet.Integer(a, b) ->
                walkExpr visit a
                walkExpr visit b
            | ScalarSet.Real
            | ScalarSet.Positive
            | ScalarSet.Nonnegative
            | ScalarSet.Complex
            | ScalarSet.Bit
            | ScalarSet.Spin -> ()
        | Domain.Psd(n, Some r) ->
            walkExpr visit n
            walkExpr visit r
        | Domain.Symmetric n
        | Domain.Psd(n, None)
        | Domain.Spd n
        | Domain.Orthogonal n
        | Domain.Diagonal n
        | Domain.Hermitian n
        | Domain.HermitianPsd n
        | Domain.HermitianPd n
        | Domain.Unitary n
        | Domain.Density n
        | Domain.Simplex n -> walkExpr visit n
        | Domain.Coupling(a, b)
        | Domain.Stochastic(a, b)
        | Domain.Map(a, b) ->
            walkExpr visit a
            walkExpr visit b
        | Domain.Random distribution ->
            match distribution with
            | Distribution.Normal sizes -> List.iter (walkExpr visit) sizes
            | Distribution.Gaussian(a, b)
            | Distribution.Wishart(a, b)
            | Distribution.Uniform(a, b) ->
                walkExpr visit a
                walkExpr visit b
            | Distribution.ChiSquare a
            | Distribution.Discrete a -> walkExpr visit a

    and private walkProp visit prop =
        match prop with
        | Prop.Compare(_, a, b)
        | Prop.Approximately(a, b, _, _) ->
            walkExpr visit a
            walkExpr visit b
        | Prop.Has(_, m) -> walkExpr visit m
        | Prop.Not p -> walkProp visit p
        | Prop.And(p, q)
        | Prop.Or(p, q)
        | Prop.Implies(p, q)
        | Prop.Iff(p, q) ->
            walkProp visit p
            walkProp visit q
        | Prop.Forall(binders, p)
        | Prop.Exists(binders, p) ->
            walkBinders visit binders
            walkProp visit p
        | Prop.SameLaw(a, b) ->
            for law in [ a; b ] do
                match law with
                | Law.Of e -> walkExpr visit e
                | Law.Known d -> walkDomain visit (Domain.Random d)

    let private collect walk x =
        let found = System.Collections.Generic.HashSet<int>()
        walk (fun v -> found.Add v |> ignore) x
        Set.ofSeq found

    /// The binder numbers that occur in an expression.
    let ofExpr (expr: Expr) : Set<int> = collect walkExpr expr
    let ofProp (prop: Prop) : Set<int> = collect walkProp prop
    let ofDomain (domain: Domain) : Set<int> = collect walkDomain domain

[<RequireQualifiedAccess>]
module Domains =
    let private number n = Expr.Number(Rational.OfInt n)
    let private apply name arguments = Expr.Apply(name, arguments)
    let private equal a b = Prop.Compare(Relation.Equal, a, b)
    let private all props = List.reduce (fun p q -> Prop.And(p, q)) props

    // Binders of these propositions are negative, so that they meet no binder of a claim.
    let private upTo v size : Binder = { Variable = v; Range = Range.Between(number 1, size) }

    let private entry x subscripts = Expr.Entry(x, subscripts |> List.map (fun v -> Subscript.At(Expr.Variable v)))

    let private entrywise (sizes: Expr list) x (prop: Expr -> Prop) =
        match sizes with
        | [] -> prop x
        | [ n ] -> Prop.Forall([ upTo -1 n ], prop (entry x [ -1 ]))
        | n :: m :: _ -> Prop.Forall([ upTo -1 n; upTo -2 m ], prop (entry x [ -1; -2 ]))

    let private nonnegative e = Prop.Compare(Relation.GreaterEqual, e, number 0)

    let private total n x = Expr.Fold(Fold.Sum, [ upTo -1 n ], entry x [ -1 ])

    let private marginal x side = apply "marginal" [ x; number side ]

    let private isUnitary n x =
        all
            [ equal (apply "*" [ apply "'" [ x ]; x ]) (apply "I" [ n ])
              equal (apply "*" [ x; apply "'" [ x ] ]) (apply "I" [ n ]) ]

    /// What an array of the right shape and field must satisfy to belong to the domain; None when nothing more.
    let membership (domain: Domain) (x: Expr) : Prop option =
        match domain with
        | Domain.Plain(set, sizes) ->
            match set with
            | ScalarSet.Real
            | ScalarSet.Complex -> None
            | ScalarSet.Positive -> Some(entrywise sizes x (fun e -> Prop.Compare(Relation.Greater, e, number 0)))
            | ScalarSet.Nonnegative -> Some(entrywise sizes x nonnegative)
            | ScalarSet.Bit -> Some(entrywise sizes x (fun e -> Prop.Or(equal e (number 0), equal e (number 1))))
            | ScalarSet.Spin -> Some(entrywise sizes x (fun e -> Prop.Or(equal e (number -1), equal e (number 1))))
            | ScalarSet.Integer(low, high) ->
                Some(
                    entrywise sizes x (fun e ->
                        all
                            [ Prop.Compare(Relation.LessEqual, low, e)
                              Prop.Compare(Relation.LessEqual, e, high)
                              equal (apply "mod" [ e; number 1 ]) (number 0) ])
                )
        | Domain.Symmetric _
        | Domain.Hermitian _ -> Some(Prop.Has(Property.Symmetric, x))
        | Domain.Psd(_, None)
        | Domain.HermitianPsd _ -> Some(Prop.Has(Property.Psd, x))
        | Domain.Psd(_, Some rank) -> Some(all [ Prop.Has(Property.Psd, x); Prop.Compare(Relation.LessEqual, apply "rank" [ x ], rank) ])
        | Domain.Spd _
        | Domain.HermitianPd _ -> Some(Prop.Has(Property.Pd, x))
        | Domain.Orthogonal n
        | Domain.Unitary n -> Some(isUnitary n x)
        | Domain.Diagonal n ->
            Some(
                Prop.Forall(
                    [ upTo -1 n; upTo -2 n ],
                    Prop.Or(equal (Expr.Variable -1) (Expr.Variable -2), equal (entry x [ -1; -2 ]) (number 0))
                )
            )
        | Domain.Density _ -> Some(all [ Prop.Has(Property.Pd, x); equal (apply "tr" [ x ]) (number 1) ])
        | Domain.Simplex n -> Some(all [ entrywise [ n ] x nonnegative; equal (total n x) (number 1) ])
        | Domain.Coupling(a, b) ->
            // The shape is that of the marginals, so their lengths need not be named.
            Some(all [ Prop.Compare(Relation.GreaterEqual, apply "min" [ x ], number 0); equal (marginal x 1) a; equal (marginal x 2) b ])
        | Domain.Stochastic(n, m) -> Some(all [ entrywise [ n; m ] x nonnegative; equal (marginal x 1) (apply "ones" [ n ]) ])
        | Domain.Map _
        | Domain.Random _ -> None

    /// What the parameters of a law must satisfy for it to exist; None when their domains grant it.
    let lawExists (domains: Map<int, Domain>) (distribution: Distribution) : Prop option =
        match distribution with
        | Distribution.Normal _ -> None
        // An object of the simplex is a law by its domain.
        | Distribution.Discrete(Expr.Variable p) when
            (match Map.tryFind p domains with
             | Some(Domain.Simplex _) -> true
             | _ -> false)
            ->
            None
        | Distribution.Gaussian(_, covariance)
        | Distribution.Wishart(_, covariance) -> Some(Prop.Has(Property.Psd, covariance))
        | Distribution.ChiSquare _ -> None
        | Distribution.Uniform(low, high) -> Some(Prop.Compare(Relation.Less, low, high))
        | Distribution.Discrete p ->
            Some(
                all
                    [ Prop.Compare(Relation.GreaterEqual, apply "min" [ p ], number 0)
                      equal (apply "tr" [ apply "diag" [ p ] ]) (number 1) ]
            )

    let isComplex (domain: Domain) : bool =
        match domain with
        | Domain.Plain(ScalarSet.Complex, _)
        | Domain.Hermitian _
        | Domain.HermitianPsd _
        | Domain.HermitianPd _
        | Domain.Unitary _
        | Domain.Density _ -> true
        | Domain.Plain _
        | Domain.Symmetric _
        | Domain.Psd _
        | Domain.Spd _
        | Domain.Orthogonal _
        | Domain.Diagonal _
        | Domain.Simplex _
        | Domain.Coupling _
        | Domain.Stochastic _
        | Domain.Map _
        | Domain.Random _ -> false

    /// A property that every object of the domain has by definition.
    let grants (domain: Domain) (property: Property) : bool =
        match domain, property with
        | (Domain.Spd _ | Domain.HermitianPd _ | Domain.Density _), (Property.Psd | Property.Pd | Property.Symmetric)
        | (Domain.Psd _ | Domain.HermitianPsd _), (Property.Psd | Property.Symmetric)
        | (Domain.Symmetric _ | Domain.Hermitian _ | Domain.Diagonal _), Property.Symmetric -> true
        | (Domain.Spd _ | Domain.HermitianPd _ | Domain.Density _ | Domain.Psd _ | Domain.HermitianPsd _ | Domain.Symmetric _ | Domain.Hermitian _ | Domain.Diagonal _ | Domain.Plain _ | Domain.Orthogonal _ | Domain.Unitary _ | Domain.Simplex _ | Domain.Coupling _ | Domain.Stochastic _ | Domain.Map _ | Domain.Random _),
          _ -> false
