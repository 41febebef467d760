namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// Changes a constructed object so that a hypothesis holds, for hypotheses of frequent shapes; other shapes leave it as it is.
/// The result is checked like any other object.
[<RequireQualifiedAccess>]
module internal Repair =
    let private r = Rational.OfInt

    /// Unit objects that span a space by linear combination; None when the space is no linear space.
    let private basis (space: Space) : ObjectValue list option =
        let unit rows columns (entries: (int * int * Complex.Number) list) =
            let x = Array2D.create rows columns Complex.zero

            for i, j, value in entries do
                x[i, j] <- value

            Space.ofMatrix x

        let imaginary: Complex.Number = struct (Rational.Zero, Rational.One)

        let symmetric n =
            [ for i in 0 .. n - 1 do
                  for j in i .. n - 1 -> unit n n [ i, j, Complex.one; j, i, Complex.one ] ]

        let all rows columns value =
            [ for i in 0 .. rows - 1 do
                  for j in 0 .. columns - 1 -> unit rows columns [ i, j, value ] ]

        match space with
        | Space.Entries(Slot.Free, rows, columns) -> Some(all rows columns Complex.one)
        | Space.ComplexEntries(rows, columns) -> Some(all rows columns Complex.one @ all rows columns imaginary)
        | Space.Symmetric n -> Some(symmetric n)
        | Space.Hermitian n ->
            Some(
                symmetric n
                @ [ for i in 0 .. n - 1 do
                        for j in i + 1 .. n - 1 -> unit n n [ i, j, imaginary; j, i, Complex.conjugate imaginary ] ]
            )
        | Space.Diagonal n -> Some [ for i in 0 .. n - 1 -> unit n n [ i, i, Complex.one ] ]
        | Space.Entries _
        | Space.Psd _
        | Space.Spd _
        | Space.Orthogonal _
        | Space.HermitianPsd _
        | Space.HermitianPd _
        | Space.Unitary _
        | Space.Density _
        | Space.Simplex _
        | Space.Coupling _
        | Space.Stochastic _
        | Space.Map _ -> None

    /// Objects of these spaces may be multiplied by positive numbers.
    let private isCone (space: Space) =
        match space with
        | Space.Entries((Slot.Nonnegative | Slot.Positive), _, _)
        | Space.Psd _
        | Space.Spd _
        | Space.HermitianPsd _
        | Space.HermitianPd _ -> true
        | Space.Entries _
        | Space.ComplexEntries _
        | Space.Symmetric _
        | Space.Orthogonal _
        | Space.Diagonal _
        | Space.Hermitian _
        | Space.Unitary _
        | Space.Density _
        | Space.Simplex _
        | Space.Coupling _
        | Space.Stochastic _
        | Space.Map _ -> false

    let private isDefinite space =
        isCone space
        && (match space with
            | Space.Entries _ -> false
            | _ -> true)

    /// A solution of A·x = b with as many zeros as elimination leaves; None when there is none.
    let private solve (a: Rational[,]) (b: Rational[]) : Rational[] option =
        let rows, columns = Array2D.length1 a, Array2D.length2 a
        let m = Array2D.init rows (columns + 1) (fun i j -> if j < columns then a[i, j] else b[i])
        let pivots = ResizeArray<int>()

        for column in 0 .. columns - 1 do
            let top = pivots.Count

            match seq { top .. rows - 1 } |> Seq.tryFind (fun i -> not m[i, column].IsZero) with
            | None -> ()
            | Some row ->
                for j in 0..columns do
                    let above = m[top, j]
                    m[top, j] <- m[row, j]
                    m[row, j] <- above

                let pivot = m[top, column]

                for j in 0..columns do
                    m[top, j] <- m[top, j] / pivot

                for i in 0 .. rows - 1 do
                    if i <> top && not m[i, column].IsZero then
                        let factor = m[i, column]

                        for j in 0..columns do
                            m[i, j] <- m[i, j] - factor * m[top, j]

                pivots.Add column

        if seq { pivots.Count .. rows - 1 } |> Seq.forall (fun i -> m[i, columns].IsZero) then
            let x = Array.create columns Rational.Zero
            pivots |> Seq.iteri (fun i column -> x[column] <- m[i, columns])
            Some x
        else
            None

    /// The object `value` changed towards `prop`; `value` itself where nothing is known to help.
    let meet
        (evaluator: Evaluator<Rational>)
        (environment: Environment<Rational>)
        (v: int)
        (space: Space)
        (value: Value<Rational>)
        (prop: Prop)
        : Value<Rational> =
        let algebra = evaluator.Algebra
        let isFree e = not (Set.contains v (Mentions.ofExpr e))
        let eval e = evaluator.Eval(environment, e)
        let at x e = evaluator.Eval(Map.add v x environment, e)
        let holds x = evaluator.Truth(Map.add v x environment, prop) = ValueSome true
        let scaled (t: Rational) x = algebra.Scale(algebra.Rational t, x)
        let square x = algebra.Multiply(x, algebra.Adjoint x)

        let entries x =
            match x with
            | Value.Array(_, _, _, entries) -> entries
            | Value.Map _ -> [||]

        /// Complex objects keep an imaginary part in every entry.
        let typed x =
            if Space.isComplex space then
                algebra.Map((fun e -> { e with Im = ValueSome(ValueOption.defaultValue Rational.Zero e.Im) }), x)
            else
                algebra.Map((fun e -> if (algebra.Imaginary e).IsNone then { e with Im = ValueNone } else e), x)

        let parts x =
            entries x
            |> Array.collect (fun e ->
                match e.Im with
                | ValueSome im -> [| e.Re; im |]
                | ValueNone -> [| e.Re; Rational.Zero |])

        /// A numbers-only measure of an object, for coefficients.
        let firstParts x = parts x |> Array.map (fun (p: Rational) -> p.Abs)

        let equation (left: Expr) (right: Expr) =
            let gap x = parts (algebra.Subtract(at x left, at x right))
            let here = gap value

            if here |> Array.forall (fun g -> g.IsZero) then
                value
            else
                match basis space with
                | Some units ->
                    let shaped data =
                        match value, data with
                        | Value.Array(shape, _, _, _), ObjectValue.Array(rows, columns, e) ->
                            typed (
                                Value.Array(
                                    shape,
                                    rows,
                                    columns,
                                    e
                                    |> Array.map (fun (struct (re, im)) -> { Re = re; Im = if im.IsZero then ValueNone else ValueSome im })
                                )
                            )
                        | Value.Map _, _
                        | _, ObjectValue.Map _ -> value

                    let units = units |> List.map shaped |> List.toArray
                    // Slopes along the units; the equation is affine exactly when the step found solves it.
                    let slopes = units |> Array.map (fun u -> Array.map2 (fun (a: Rational) b -> a - b) (gap (algebra.Add(value, u))) here)

                    match
                        solve (Array2D.init here.Length units.Length (fun i k -> slopes[k][i])) (Array.map (fun (g: Rational) -> -g) here)
                    with
                    | Some step -> typed ((value, Array.zip step units) ||> Array.fold (fun x (t, u) -> algebra.Add(x, scaled t u)))
                    | None -> value
                | None when isCone space ->
                    // Affine along the ray through the object: f(t·x) = f(0) + t·(f(x) − f(0)).
                    let origin = gap (scaled Rational.Zero value)

                    let factors =
                        Array.zip origin here
                        |> Array.filter (fun (a, b) -> a <> b)
                        |> Array.map (fun (a, b) -> a / (a - b))
                        |> Array.distinct

                    match factors with
                    | [| t |] when t.Sign > 0 -> scaled t value
                    | _ -> value
                | None -> value

        let scalar e = evaluator.RealOf(eval e)

        /// Reflected in the bound, or scaled below it where the domain wants positive numbers.
        let bounded strictly isUpper bound =
            if holds value then
                value
            else
                let x = evaluator.RealOf value
                let step = if x = bound && strictly then Rational.One else (x - bound).Abs
                let reflected = if isUpper then bound - step else bound + step

                let kept =
                    if isCone space && reflected.Sign <= 0 && bound.Sign > 0 then
                        bound * x / (Rational.One + x)
                    else
                        reflected

                algebra.RealScalar kept

        let commuting (other: Expr) =
            let a = eval other
            let coefficients = firstParts value
            let pick k = if k < coefficients.Length then coefficients[k] else Rational.One

            let size =
                match a with
                | Value.Array(_, rows, _, _) -> rows
                | Value.Map _ -> 1

            let identity = algebra.Identity size

            let polynomial =
                algebra.Add(
                    scaled (pick 0) identity,
                    algebra.Add(scaled (pick (coefficients.Length - 1)) a, scaled (pick 2) (algebra.Multiply(a, a)))
                )

            typed polynomial

        match prop with
        | Prop.Compare(Relation.Equal, Expr.Variable w, e)
        | Prop.Compare(Relation.Equal, e, Expr.Variable w) when w = v && isFree e -> typed (eval e)
        | Prop.Compare(Relation.Equal, Expr.Apply("*", [ a; b ]), Expr.Apply("*", [ c; d ])) when
            a = d && b = c && (a = Expr.Variable v) <> (b = Expr.Variable v)
            ->
            let other = if a = Expr.Variable v then b else a
            if isFree other && not (holds value) then commuting other else value
        | Prop.Compare(Relation.Equal, a, b) -> if holds value then value else equation a b
        | Prop.Compare(Relation.Loewner, e, Expr.Variable w) when w = v && isFree e ->
            if holds value then
                value
            else
                typed (algebra.Add(eval e, (if isDefinite space then value else square value)))
        | Prop.Compare(Relation.Loewner, Expr.Variable w, e) when w = v && isFree e ->
            if holds value then
                value
            elif isDefinite space then
                let bound = eval e

                // L·diag(t·d)·Lᵀ ⪯ L·diag(d)·Lᵀ for t in [0, 1]; complex bounds are scaled as a whole.
                let part k =
                    let weights = firstParts value
                    let w = weights[k % weights.Length]
                    w / (Rational.One + w)

                match algebra.TryRationalMatrix bound |> Option.bind Matrix.tryLdl with
                | Some(l, d) ->
                    let n = d.Length

                    let spread =
                        Array2D.init n n (fun i j ->
                            (Rational.Zero, seq { 0 .. n - 1 })
                            ||> Seq.fold (fun sum k -> sum + l[i, k] * part (2 * k * (n + 1)) * d[k] * l[j, k]))

                    typed (Value.Array(Shape.Matrix, n, n, Array.init (n * n) (fun k -> algebra.Rational spread[k / n, k % n])))
                | None -> typed (scaled (part 0) bound)
            else
                typed (algebra.Subtract(eval e, square value))
        | Prop.Compare(Relation.LessEqual, Expr.Variable w, e)
        | Prop.Compare(Relation.GreaterEqual, e, Expr.Variable w) when w = v && isFree e -> bounded false true (scalar e)
        | Prop.Compare(Relation.Less, Expr.Variable w, e)
        | Prop.Compare(Relation.Greater, e, Expr.Variable w) when w = v && isFree e -> bounded true true (scalar e)
        | Prop.Compare(Relation.GreaterEqual, Expr.Variable w, e)
        | Prop.Compare(Relation.LessEqual, e, Expr.Variable w) when w = v && isFree e -> bounded false false (scalar e)
        | Prop.Compare(Relation.Greater, Expr.Variable w, e)
        | Prop.Compare(Relation.Less, e, Expr.Variable w) when w = v && isFree e -> bounded true false (scalar e)
        | Prop.Compare _
        | Prop.Has _
        | Prop.And _
        | Prop.Or _
        | Prop.Not _
        | Prop.Implies _
        | Prop.Iff _
        | Prop.Forall _
        | Prop.Exists _
        | Prop.Approximately _
        | Prop.SameLaw _ -> value
