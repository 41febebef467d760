namespace VerifyEnergy.Kernel

// The one evaluator: the meaning of every expression and proposition, over any arithmetic.

/// Values of the binders in scope.
type Environment<'T> = Map<int, Value<'T>>

/// Evaluates over `arithmetic`. `domains` gives the domain of each declared object (derivatives need the coordinates, expectations
/// the laws). Raises Undefined, Unsupported, OutOfShape or StepsExhausted, which the callers in this project catch.
[<Sealed>]
type Evaluator<'T>(arithmetic: Arithmetic<'T>, steps: Steps, domains: Map<int, Domain>) =
    let functions = Functions<'T>(arithmetic)
    let algebra = functions.Algebra
    let sign x = arithmetic.Sign x

    /// Larger finite domains are refused.
    static let maxEnumerated = 1 <<< 22

    member _.Algebra = algebra
    member _.Arithmetic = arithmetic
    member _.Domains = domains

    // What functions give

    member _.ScalarOf(value: Value<'T>) = functions.ScalarOf value
    member _.RealOf(value: Value<'T>) = functions.RealOf value
    member _.Asymmetry(value: Value<'T>) = functions.Asymmetry value
    member _.Definite(strictly: bool, value: Value<'T>) = functions.Definite(strictly, value)

    // Integers

    member this.IntegerOf(environment: Environment<'T>, expr: Expr) : int =
        match expr with
        | Expr.Number r when r.IsInteger && r.TryInt.IsSome -> r.TryInt.Value
        | _ ->
            match arithmetic.TryRational((this.ScalarOf(this.Eval(environment, expr))).Re) with
            | ValueSome r ->
                match r.TryInt with
                | ValueSome n -> n
                | ValueNone -> raise (OutOfShape $"a whole number is needed, this is {r}")
            | ValueNone -> raise (Unsupported "a size or index that is not a known whole number")

    /// The size of an array: at least 1.
    member this.SizeOf(environment: Environment<'T>, expr: Expr) : int =
        let size = this.IntegerOf(environment, expr)

        if size < 1 then
            raise (OutOfShape $"a size ≥ 1 is needed, this is {size}")

        algebra.Extent(size, 1)

    // Ranges

    /// The values of a finite range in order; None for an infinite domain.
    member this.Values(environment: Environment<'T>, range: Range) : Value<'T> seq option =
        match range with
        | Range.Between(low, high) ->
            let low, high = this.IntegerOf(environment, low), this.IntegerOf(environment, high)
            Some(Seq.init (max 0 (high - low + 1)) (fun i -> algebra.Integer(low + i)))
        | Range.Among values -> Some(values |> Seq.map (fun e -> this.Eval(environment, e)))
        | Range.Fibre(map, value) ->
            let target = this.IntegerOf(environment, value)

            match this.Eval(environment, map) with
            | Value.Map(images, _) ->
                Some(
                    images |> Seq.indexed |> Seq.filter (fun (_, image) -> image = target) |> Seq.map (fun (x, _) -> algebra.Integer(x + 1))
                )
            | Value.Array _ -> raise (OutOfShape "fibre needs a map")
        | Range.Within domain -> this.FiniteDomain(environment, domain)

    /// The objects of a finite domain, lexicographic: the first entry changes slowest.
    member this.FiniteDomain(environment: Environment<'T>, domain: Domain) : Value<'T> seq option =
        let tuples (length: int) (choices: int[]) =
            let total = System.Numerics.BigInteger.Pow(System.Numerics.BigInteger choices.Length, length)

            if total > System.Numerics.BigInteger maxEnumerated then
                raise (Unsupported $"an enumeration of {total} objects")

            Seq.init (int total) (fun code ->
                let digits = Array.zeroCreate<int> length
                let mutable rest = code

                for position in length - 1 .. -1 .. 0 do
                    digits[position] <- choices[rest % choices.Length]
                    rest <- rest / choices.Length

                digits)

        match domain with
        | Domain.Plain((ScalarSet.Bit | ScalarSet.Spin | ScalarSet.Integer _) as set, sizes) ->
            let shape, rows, columns = this.PlainShape(environment, sizes)

            let choices =
                match set with
                | ScalarSet.Bit -> [| 0; 1 |]
                | ScalarSet.Spin -> [| -1; 1 |]
                | ScalarSet.Integer(low, high) ->
                    let low, high = this.IntegerOf(environment, low), this.IntegerOf(environment, high)

                    if int64 high - int64 low > int64 maxEnumerated then
                        raise (Unsupported $"an enumeration of {low}..{high}")

                    [| low..high |]
                | ScalarSet.Real
                | ScalarSet.Positive
                | ScalarSet.Nonnegative
                | ScalarSet.Complex -> [||]

            tuples (rows * columns) choices
            |> Seq.map (fun digits -> Value.Array(shape, rows, columns, digits |> Array.map (fun d -> algebra.Rational(Rational.OfInt d))))
            |> Some
        | Domain.Map(from, into) ->
            let from, into = this.SizeOf(environment, from), this.SizeOf(environment, into)

            tuples from [| 1..into |] |> Seq.map (fun images -> Value.Map(images, into)) |> Some
        | Domain.Plain _
        | Domain.Symmetric _
        | Domain.Psd _
        | Domain.Spd _
        | Domain.Orthogonal _
        | Domain.Diagonal _
        | Domain.Hermitian _
        | Domain.HermitianPsd _
        | Domain.HermitianPd _
        | Domain.Unitary _
        | Domain.Density _
        | Domain.Simplex _
        | Domain.Coupling _
        | Domain.Stochastic _
        | Domain.Random _ -> None

    /// Shape, rows and columns of `set[sizes]`.
    member this.PlainShape(environment: Environment<'T>, sizes: Expr list) =
        match sizes |> List.map (fun size -> this.SizeOf(environment, size)) with
        | [] -> Shape.Scalar, 1, 1
        | [ n ] -> Shape.Column, n, 1
        | [ n; m ] ->
            algebra.Extent(n, m) |> ignore
            Shape.Matrix, n, m
        | _ -> raise (OutOfShape "more than two sizes")

    /// All assignments of the binders, each an extended environment; None when one of them is infinite and unassigned.
    member this.Assignments(environment: Environment<'T>, binders: Binder list) : Environment<'T> seq option =
        match binders with
        | [] -> Some(Seq.singleton environment)
        | binder :: rest ->
            match this.Values(environment, binder.Range) with
            | None -> None
            | Some values ->
                values
                |> Seq.collect (fun value ->
                    steps.Spend 1L

                    match this.Assignments(Map.add binder.Variable value environment, rest) with
                    | Some inner -> inner
                    | None -> raise (Unsupported "a quantifier over finite and infinite sets at once"))
                |> Some

    member private this.FiniteAssignments(environment, binders) =
        match this.Assignments(environment, binders) with
        | Some assignments -> assignments
        | None -> raise (Unsupported "a sum over an infinite set")

    // Expressions

    member this.Eval(environment: Environment<'T>, expr: Expr) : Value<'T> =
        steps.Spend 1L
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack()

        match expr with
        | Expr.Number r -> algebra.Scalar(algebra.Rational r)
        | Expr.ImaginaryUnit ->
            algebra.Scalar { Re = arithmetic.OfRational Rational.Zero; Im = ValueSome(arithmetic.OfRational Rational.One) }
        | Expr.Variable v ->
            match Map.tryFind v environment with
            | Some value -> value
            | None -> raise (Unsupported $"object {v} has no value here")
        | Expr.Apply(name, arguments) -> functions.Apply(name, arguments |> List.map (fun e -> this.Eval(environment, e)))
        | Expr.Entry(array, subscripts) -> this.Select(environment, this.Eval(environment, array), subscripts)
        | Expr.Literal rows -> functions.Blocks(rows |> List.map (List.map (fun e -> this.Eval(environment, e))))
        | Expr.Table(body, binders) -> this.Tabulate(environment, body, binders)
        | Expr.Fold(fold, binders, body) ->
            let terms = this.FiniteAssignments(environment, binders) |> Seq.map (fun inner -> this.Eval(inner, body))

            let combine (x: Value<'T>) (y: Value<'T>) =
                match fold with
                | Fold.Sum -> algebra.Add(x, y)
                | Fold.Product -> algebra.Multiply(x, y)

            (None, terms)
            ||> Seq.fold (fun total term ->
                match total with
                | None -> Some term
                | Some total -> Some(combine total term))
            |> Option.defaultWith (fun () ->
                if not (this.IsScalar(environment, binders, body)) then
                    raise (Unsupported "an empty sum or product of arrays")

                match fold with
                | Fold.Sum -> algebra.Integer 0
                | Fold.Product -> algebra.Integer 1)
        | Expr.If(condition, thenBranch, elseBranch) ->
            match this.Truth(environment, condition) with
            | ValueSome true -> this.Eval(environment, thenBranch)
            | ValueSome false -> this.Eval(environment, elseBranch)
            | ValueNone -> raise (Unsupported "a condition that is not decided")
        | Expr.Statistic(statistic, arguments) -> this.Statistic(environment, statistic, arguments)
        | Expr.Probability event -> this.Probability(environment, event)
        | Expr.Density _ -> raise (Unsupported "a probability density")
        | Expr.Derivative(order, body, variable) -> this.Differentiate(environment, order, body, variable)

    /// Whether the body of an empty sum or product is surely a scalar; its zero or one has a shape that no term shows.
    member private this.IsScalar(environment: Environment<'T>, binders: Binder list, body: Expr) : bool =
        let scalar e = this.IsScalar(environment, binders, e)

        match body with
        | Expr.Number _
        | Expr.ImaginaryUnit
        | Expr.Probability _
        | Expr.Density _ -> true
        | Expr.Variable v ->
            match Map.tryFind v environment, List.tryFind (fun (b: Binder) -> b.Variable = v) binders with
            | Some(Value.Array(Shape.Scalar, _, _, _)), _ -> true
            | _, Some { Range = Range.Between _ | Range.Fibre _ | Range.Within(Domain.Plain(_, [])) } -> true
            | _, Some { Range = Range.Among values } -> List.forall scalar values
            | _, _ -> false
        | Expr.Apply(("+" | "-" | "neg" | "*" | "/" | "^" | ".*" | "'" | "re" | "im" | "conj"), arguments) -> List.forall scalar arguments
        | Expr.Apply(("inv" | "adj" | "diag" | "kron" | "I" | "ones" | "zeros" | "e" | "pushforward" | "marginal"), _) -> false
        | Expr.Apply(("apply" | "tr" | "det" | "rank" | "dot" | "frob2" | "norm2"), _)
        | Expr.Apply(("exp" | "log" | "sqrt" | "abs" | "sinh" | "cosh" | "tanh" | "sin" | "cos" | "pi" | "mod"), _)
        | Expr.Apply(("softplus" | "sigmoid" | "logsumexp" | "max" | "min" | "relu" | "lgamma" | "digamma" | "trigamma"), _)
        | Expr.Apply(("entropy" | "kl"), _) -> true
        | Expr.Apply _ -> false
        | Expr.Entry(_, subscripts) -> subscripts |> List.forall (fun s -> s.IsAt)
        | Expr.Fold(_, inner, body) -> this.IsScalar(environment, inner @ binders, body)
        | Expr.If(_, a, b) -> scalar a && scalar b
        | Expr.Statistic(_, arguments) -> List.forall scalar arguments
        | Expr.Literal _
        | Expr.Table _
        | Expr.Derivative _ -> false

    member private this.Select(environment, value, subscripts) =
        let indices extent subscript =
            let check i =
                if i < 1 || i > extent then
                    raise (OutOfShape $"index {i} outside 1..{extent}")

                i - 1

            match subscript with
            | Subscript.Whole -> [| 0 .. extent - 1 |], false
            | Subscript.At e -> [| check (this.IntegerOf(environment, e)) |], true
            | Subscript.Slice(first, last) ->
                let first, last = this.IntegerOf(environment, first), this.IntegerOf(environment, last)

                if first > last then
                    raise (OutOfShape $"the slice {first}..{last} is empty")

                [| check first .. check last |], false

        match value, subscripts with
        | Value.Array(Shape.Column, rows, _, entries), [ s ] ->
            match indices rows s with
            | [| i |], true -> algebra.Scalar entries[i]
            | chosen, _ -> Value.Array(Shape.Column, chosen.Length, 1, chosen |> Array.map (fun i -> entries[i]))
        | Value.Array(Shape.Row, _, columns, entries), [ s ] ->
            match indices columns s with
            | [| i |], true -> algebra.Scalar entries[i]
            | chosen, _ -> Value.Array(Shape.Row, 1, chosen.Length, chosen |> Array.map (fun i -> entries[i]))
        | Value.Array(_, rows, columns, entries), [ r; c ] ->
            let (chosenRows, oneRow), (chosenColumns, oneColumn) = indices rows r, indices columns c

            let picked =
                [| for i in chosenRows do
                       for j in chosenColumns -> entries[i * columns + j] |]

            match oneRow, oneColumn with
            | true, true -> algebra.Scalar picked[0]
            | true, false
            | false, true -> Value.Array(Shape.Column, picked.Length, 1, picked)
            | false, false -> Value.Array(Shape.Matrix, chosenRows.Length, chosenColumns.Length, picked)
        | Value.Array(_, rows, columns, _), _ -> raise (OutOfShape $"{subscripts.Length} indices of a {rows}×{columns} array")
        | Value.Map _, _ -> raise (OutOfShape "an index of a map; apply it as f(x)")

    member private this.Tabulate(environment, body, binders) =
        let along (environment: Environment<'T>) (binder: Binder) =
            match this.Values(environment, binder.Range) with
            | Some values -> values |> Seq.map (fun v -> Map.add binder.Variable v environment) |> Seq.toArray
            | None -> raise (Unsupported "a comprehension over an infinite set")

        let entry inner = this.ScalarOf(this.Eval(inner, body))

        match binders with
        | [ binder ] ->
            let entries = along environment binder |> Array.map entry
            Value.Array(Shape.Column, entries.Length, 1, entries)
        | [ outer; inner ] ->
            let lines = along environment outer |> Array.map (fun e -> along e inner |> Array.map entry)
            let width = if lines.Length = 0 then 0 else lines[0].Length
            Value.Array(Shape.Matrix, lines.Length, width, Array.concat lines)
        | _ -> raise (OutOfShape "a comprehension has one or two binders")

    // Derivatives, by dual numbers

    /// The independent coordinates of an object: sets of entries that move together (x_ij and x_ji on symmetric matrices).
    member private _.Coordinates(variable: int, rows: int, columns: int) : int list list =
        let entry i j = i * columns + j

        match Map.tryFind variable domains with
        | Some(Domain.Symmetric _ | Domain.Psd _ | Domain.Spd _) ->
            [ for i in 0 .. rows - 1 do
                  for j in i .. columns - 1 -> List.distinct [ entry i j; entry j i ] ]
        | Some(Domain.Diagonal _) -> [ for i in 0 .. rows - 1 -> [ entry i i ] ]
        | Some(Domain.Plain((ScalarSet.Real | ScalarSet.Positive | ScalarSet.Nonnegative), _) | Domain.Simplex _) ->
            [ for index in 0 .. rows * columns - 1 -> [ index ] ]
        | _ -> raise (Unsupported "a derivative in this kind of object")

    member private this.Differentiate(environment, order, body, variable) : Value<'T> =
        let shape, rows, columns =
            match Map.tryFind variable environment with
            | Some(Value.Array(shape, rows, columns, _)) -> shape, rows, columns
            | _ -> raise (Unsupported "a derivative in something that is not a real object")

        let coordinates = this.Coordinates(variable, rows, columns)
        let count = coordinates.Length
        let zero = arithmetic.OfRational Rational.Zero
        let one = arithmetic.OfRational Rational.One
        let dual = DualArithmetic<'T>(arithmetic) :> Arithmetic<Dual<'T>>
        let inDual = Evaluator<Dual<'T>>(dual, steps, domains)

        /// The environment with the object moving along one coordinate.
        let moving (coordinate: int list) =
            let lift (value: Value<'T>) (slope: int -> 'T voption) =
                match value with
                | Value.Map(images, into) -> Value.Map(images, into)
                | Value.Array(s, r, c, e) ->
                    Value.Array(
                        s,
                        r,
                        c,
                        e
                        |> Array.mapi (fun index entry ->
                            { Re = { Value = entry.Re; Slope = slope index }
                              Im = entry.Im |> ValueOption.map (fun im -> { Value = im; Slope = ValueNone }) })
                    )

            environment
            |> Map.map (fun v value ->
                if v = variable then
                    lift value (fun index -> if List.contains index coordinate then ValueSome one else ValueNone)
                else
                    lift value (fun _ -> ValueNone))

        let slopeOf (x: Dual<'T>) = ValueOption.defaultValue zero x.Slope

        let slope (e: Entry<Dual<'T>>) : Entry<'T> = { Re = slopeOf e.Re; Im = ValueOption.map slopeOf e.Im }

        match order with
        | DerivativeOrder.Gradient ->
            let partials = coordinates |> List.map (fun c -> slope (inDual.ScalarOf(inDual.Eval(moving c, body)))) |> List.toArray

            match Map.tryFind variable domains with
            | Some(Domain.Plain _) -> Value.Array(shape, rows, columns, partials)
            | _ -> Value.Array(Shape.Column, count, 1, partials)
        | DerivativeOrder.Jacobian ->
            let columnsOfJacobian =
                coordinates
                |> List.map (fun c ->
                    match inDual.Eval(moving c, body) with
                    | Value.Array(output, _, _, e) -> output, Array.map slope e
                    | Value.Map _ -> raise (OutOfShape "jacobian of a map"))

            let outputs = List.map fst columnsOfJacobian
            let columnsOfJacobian = columnsOfJacobian |> List.map snd |> List.toArray
            let height = columnsOfJacobian[0].Length

            if shape = Shape.Scalar && List.forall ((=) Shape.Scalar) outputs then
                algebra.Scalar columnsOfJacobian[0].[0]
            else
                Value.Array(
                    Shape.Matrix,
                    height,
                    count,
                    Array.init (height * count) (fun index -> columnsOfJacobian[index % count].[index / count])
                )
        | DerivativeOrder.Hessian ->
            // Each row of the Hessian is the gradient of one partial: a gradient inside a moving environment.
            let gradients =
                coordinates
                |> List.map (fun c ->
                    match inDual.Eval(moving c, Expr.Derivative(DerivativeOrder.Gradient, body, variable)) with
                    | Value.Array(_, _, _, e) -> Array.map slope e
                    | Value.Map _ -> raise (OutOfShape "hessian of a map"))
                |> List.toArray

            if shape = Shape.Scalar then
                algebra.Scalar gradients[0].[0]
            else
                Value.Array(Shape.Matrix, count, count, Array.concat gradients)

    // Expectations, on normal forms in the random letters

    member private this.InForms(environment: Environment<'T>) : Evaluator<NormalForm> * Environment<NormalForm> =
        let form x =
            match arithmetic.TryForm x with
            | ValueSome form -> form
            | ValueNone -> raise (Unsupported "an expectation over this scalar kind")

        let lift value =
            match value with
            | Value.Map(images, into) -> Value.Map(images, into)
            | Value.Array(s, r, c, e) -> Value.Array(s, r, c, e |> Array.map (fun e -> { Re = form e.Re; Im = ValueOption.map form e.Im }))

        let conditions condition f = arithmetic.Require(condition, arithmetic.OfForm f)

        let forms = FormArithmetic(steps, conditions)
        Evaluator<NormalForm>(forms, steps, domains), Map.map (fun _ -> lift) environment

    member private this.OfForms(value: Value<NormalForm>) : Value<'T> =
        match value with
        | Value.Map(images, into) -> Value.Map(images, into)
        | Value.Array(s, r, c, e) ->
            Value.Array(s, r, c, e |> Array.map (fun e -> { Re = arithmetic.OfForm e.Re; Im = ValueOption.map arithmetic.OfForm e.Im }))

    /// The random objects that the expression mentions, with their laws, in every combination of values of the discrete ones:
    /// (weight, environment, laws of the continuous letters).
    member this.Draws(environment: Environment<'T>, mentioned: Set<int>) : (Entry<'T> * Environment<'T> * Map<int, RandomLaw>) list =
        let form x =
            match arithmetic.TryForm x with
            | ValueSome f -> f
            | ValueNone -> raise (Unsupported "a law over this scalar kind")

        let letters owner shape rows columns =
            Value.Array(
                shape,
                rows,
                columns,
                Array.init (rows * columns) (fun index ->
                    algebra.Real(arithmetic.OfForm(Randomness.letter owner (index / columns) (index % columns))))
            )

        let covarianceOf value =
            match value with
            | Value.Array(_, rows, columns, entries) when rows = columns ->
                rows, Array2D.init rows rows (fun i j -> form (this.RealOf(algebra.Scalar entries[i * rows + j])))
            | Value.Array _
            | Value.Map _ -> raise (OutOfShape "a covariance is a square matrix")

        let random =
            mentioned
            |> Set.toList
            |> List.choose (fun v ->
                match Map.tryFind v domains with
                | Some(Domain.Random distribution) -> Some(v, distribution)
                | _ -> None)

        ([ algebra.OneEntry, environment, Map.empty ], random)
        ||> List.fold (fun draws (v, distribution) ->
            draws
            |> List.collect (fun (weight, environment, laws) ->
                let drawn value law = [ weight, Map.add v value environment, Map.add v law laws ]

                match distribution with
                | Distribution.Normal sizes ->
                    let shape, rows, columns = this.PlainShape(environment, sizes)

                    // Every entry is a letter of its own, so rows need no covariance.
                    drawn (letters v shape rows columns) (RandomLaw.Gaussian None)
                | Distribution.Gaussian(mean, covariance) ->
                    let size, matrix = covarianceOf (this.Eval(environment, covariance))

                    drawn (algebra.Add(this.Eval(environment, mean), letters v Shape.Column size 1)) (RandomLaw.Gaussian(Some matrix))
                | Distribution.Wishart(degrees, scale) ->
                    let size, matrix = covarianceOf (this.Eval(environment, scale))
                    let columns = letters v Shape.Matrix size (this.IntegerOf(environment, degrees))

                    drawn (algebra.Multiply(columns, algebra.Adjoint columns)) (RandomLaw.Gaussian(Some matrix))
                | Distribution.ChiSquare degrees ->
                    let column = letters v Shape.Column (this.IntegerOf(environment, degrees)) 1

                    drawn (algebra.Multiply(algebra.Adjoint column, column)) (RandomLaw.Gaussian None)
                | Distribution.Uniform(low, high) ->
                    let low, high = this.Eval(environment, low), this.Eval(environment, high)
                    let unit = letters v Shape.Scalar 1 1

                    drawn (algebra.Add(low, algebra.Multiply(algebra.Subtract(high, low), unit))) RandomLaw.Uniform
                | Distribution.Discrete probabilities ->
                    match this.Eval(environment, probabilities) with
                    | Value.Array(_, _, _, entries) ->
                        [ for i in 0 .. entries.Length - 1 ->
                              algebra.MultiplyEntries(weight, entries[i]), Map.add v (algebra.Integer(i + 1)) environment, laws ]
                    | Value.Map _ -> raise (OutOfShape "a law is a vector of probabilities")))

    member private this.Statistic(environment, statistic, arguments) : Value<'T> =
        let forms, lifted = this.InForms environment
        let inner: ArrayAlgebra<NormalForm> = forms.Algebra

        let expect expr : Value<NormalForm> =
            forms.Draws(lifted, Mentions.ofExpr expr)
            |> List.map (fun (weight, drawn, laws) ->
                let integrate (e: Entry<NormalForm>) : Entry<NormalForm> =
                    { Re = Randomness.expectation laws steps e.Re
                      Im = e.Im |> ValueOption.map (Randomness.expectation laws steps) }

                inner.Scale(weight, inner.Map(integrate, forms.Eval(drawn, expr))))
            |> List.reduce (fun x y -> inner.Add(x, y))

        let covariance x y =
            let product = Expr.Apply("*", [ x; Expr.Apply("'", [ y ]) ])
            inner.Subtract(expect product, inner.Multiply(expect x, inner.Adjoint(expect y)))

        match statistic, arguments with
        | Statistic.Expectation, [ x ] -> this.OfForms(expect x)
        | Statistic.Variance, [ x ] -> this.OfForms(covariance x x)
        | Statistic.Covariance, [ x; y ] -> this.OfForms(covariance x y)
        | _ -> raise (OutOfShape "E and Var take one argument, Cov two")

    /// P[event] when chance enters through laws with finitely many values alone.
    member private this.Probability(environment, event) : Value<'T> =
        let forms, lifted = this.InForms environment

        forms.Draws(lifted, Mentions.ofProp event)
        |> List.map (fun (weight, drawn, laws) ->
            if not (Map.isEmpty laws) then
                raise (Unsupported "the probability of an event of continuous objects")

            match forms.Truth(drawn, event) with
            | ValueSome true -> weight
            | ValueSome false -> forms.Algebra.ZeroEntry
            | ValueNone -> raise (Unsupported "an event that is not decided"))
        |> List.reduce (fun x y -> forms.Algebra.AddEntries(x, y))
        |> forms.Algebra.Scalar
        |> this.OfForms

    // Propositions: true, false, or not known in this arithmetic

    member this.Truth(environment: Environment<'T>, prop: Prop) : bool voption =
        steps.Spend 1L
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack()

        match prop with
        | Prop.Compare(relation, left, right) -> this.Compare(relation, this.Eval(environment, left), this.Eval(environment, right))
        | Prop.Has(Property.Psd, m) -> this.Definite(false, this.Eval(environment, m))
        | Prop.Has(Property.Pd, m) -> this.Definite(true, this.Eval(environment, m))
        | Prop.Has(Property.Symmetric, m) -> functions.AllZero(this.Asymmetry(this.Eval(environment, m)))
        | Prop.And(p, q) -> Logic.both (this.Truth(environment, p)) (fun () -> this.Truth(environment, q))
        | Prop.Or(p, q) ->
            Logic.negated (Logic.both (Logic.negated (this.Truth(environment, p))) (fun () -> Logic.negated (this.Truth(environment, q))))
        | Prop.Not p -> Logic.negated (this.Truth(environment, p))
        | Prop.Implies(p, q) ->
            Logic.negated (Logic.both (this.Truth(environment, p)) (fun () -> Logic.negated (this.Truth(environment, q))))
        | Prop.Iff(p, q) ->
            match this.Truth(environment, p), this.Truth(environment, q) with
            | ValueSome a, ValueSome b -> ValueSome((a = b))
            | _ -> ValueNone
        | Prop.Forall(binders, body) -> this.Quantified(environment, binders, body, false)
        | Prop.Exists(binders, body) -> Logic.negated (this.Quantified(environment, binders, body, true))
        | Prop.Approximately(x, y, tolerance, relative) ->
            let x, y = this.Eval(environment, x), this.Eval(environment, y)

            match algebra.Subtract(x, y), y with
            | Value.Array(_, _, _, gaps), Value.Array(_, _, _, scales) ->
                let square = arithmetic.OfRational(tolerance * tolerance)

                (ValueSome true, Seq.zip gaps scales)
                ||> Seq.fold (fun known (gap, scale) ->
                    Logic.both known (fun () ->
                        let allowed = if relative then arithmetic.Multiply(square, algebra.SquaredModulus scale) else square

                        sign (arithmetic.Subtract(allowed, algebra.SquaredModulus gap)) |> ValueOption.map (fun s -> s >= 0)))
            | _ -> raise (OutOfShape "≈ of maps")
        | Prop.SameLaw _ -> raise (Unsupported "equality in law")

    member private this.Compare(relation, left, right) : bool voption =
        let order accepted =
            let difference = arithmetic.Subtract(this.RealOf right, this.RealOf left)
            sign difference |> ValueOption.map accepted

        match relation with
        | Relation.Equal ->
            match left, right with
            | Value.Map(a, _), Value.Map(b, _) -> ValueSome((a = b))
            | _ ->
                match algebra.Subtract(left, right) with
                | Value.Array(_, _, _, entries) -> functions.AllZero entries
                | Value.Map _ -> ValueNone
        | Relation.NotEqual -> Logic.negated (this.Compare(Relation.Equal, left, right))
        | Relation.Less -> order (fun s -> s > 0)
        | Relation.LessEqual -> order (fun s -> s >= 0)
        | Relation.Greater -> order (fun s -> s < 0)
        | Relation.GreaterEqual -> order (fun s -> s <= 0)
        | Relation.Loewner -> this.Definite(false, algebra.Subtract(right, left))

    /// Whether a value has the shape and the field of the objects of a domain.
    member this.HasShape(environment: Environment<'T>, variable: int, domain: Domain) : bool =
        let matches shape rows columns value =
            match value with
            | Value.Array(s, r, c, entries) ->
                s = shape && r = rows && c = columns && (Domains.isComplex domain || entries |> Array.forall (fun e -> e.Im.IsNone))
            | Value.Map _ -> false

        let value = Map.find variable environment

        match domain with
        | Domain.Plain(_, sizes) ->
            let shape, rows, columns = this.PlainShape(environment, sizes)
            matches shape rows columns value
        | Domain.Simplex n -> matches Shape.Column (this.IntegerOf(environment, n)) 1 value
        | Domain.Stochastic(n, m) -> matches Shape.Matrix (this.IntegerOf(environment, n)) (this.IntegerOf(environment, m)) value
        | Domain.Coupling(a, b) ->
            match this.Eval(environment, a), this.Eval(environment, b) with
            | Value.Array(_, n, _, _), Value.Array(_, m, _, _) -> matches Shape.Matrix n m value
            | _ -> false
        | Domain.Symmetric n
        | Domain.Psd(n, _)
        | Domain.Spd n
        | Domain.Orthogonal n
        | Domain.Diagonal n
        | Domain.Hermitian n
        | Domain.HermitianPsd n
        | Domain.HermitianPd n
        | Domain.Unitary n
        | Domain.Density n ->
            let size = this.IntegerOf(environment, n)
            matches Shape.Matrix size size value
        | Domain.Map(from, into) ->
            match value with
            | Value.Map(images, bound) ->
                images.Length = this.IntegerOf(environment, from)
                && bound = this.IntegerOf(environment, into)
                && images |> Array.forall (fun i -> 1 <= i && i <= bound)
            | Value.Array _ -> false
        | Domain.Random _ -> false

    /// Whether a value belongs to a domain.
    member this.Contains(environment: Environment<'T>, variable: int, domain: Domain) : bool voption =
        if not (this.HasShape(environment, variable, domain)) then
            ValueSome false
        else
            match Domains.membership domain (Expr.Variable variable) with
            | None -> ValueSome true
            | Some prop -> this.Truth(environment, prop)

    /// Whether `body` (negated: its negation) holds for all assignments. A binder that a witness has assigned stands for itself, when
    /// it belongs to its domain: it can refute, not confirm.
    member private this.Quantified(environment, binders, body, negate) : bool voption =
        match binders with
        | [] ->
            let t = this.Truth(environment, body)
            if negate then Logic.negated t else t
        | binder :: rest ->
            let assigned =
                match binder.Range with
                | Range.Within domain when Map.containsKey binder.Variable environment ->
                    this.Contains(environment, binder.Variable, domain) = ValueSome true
                | _ -> false

            if assigned then
                match this.Quantified(environment, rest, body, negate) with
                | ValueSome false -> ValueSome false
                | _ -> ValueNone
            else
                match this.Values(environment, binder.Range) with
                | None -> ValueNone
                | Some values ->
                    use walk = values.GetEnumerator()
                    let mutable known = ValueSome true

                    while known <> ValueSome false && walk.MoveNext() do
                        let inner = Map.add binder.Variable walk.Current environment
                        known <- Logic.both known (fun () -> this.Quantified(inner, rest, body, negate))

                    known
