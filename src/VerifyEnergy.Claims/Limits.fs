namespace VerifyEnergy.Claims

open System.Numerics
open VerifyEnergy.Kernel

/// The caps of the language, in one place. A text beyond one of them gets a diagnostic, never a crash or a hang.
[<RequireQualifiedAccess>]
module Limits =
    /// Characters of one file, imports and data files each for themselves.
    let fileLength = 1 <<< 20
    /// Brackets of any kind that are open at once.
    let bracketDepth = 200
    /// Constructs open at once without brackets: `if … else if … else`, `forall(…) forall(…)`, `sum(…) sum(…)`.
    let nesting = 400
    /// Operators of one level in a row: 1 + 1 + … + 1.
    let chainLength = 10_000
    /// Digits of a numeral, before and after its point together.
    let numeralLength = 1_000
    /// Size of the decimal exponent in 1e-9.
    let decimalExponent = 1_000
    /// Size of an integer exponent in a power, after folding of integer constants.
    let powerExponent = 1_000_000
    /// Characters of a name or claim id.
    let nameLength = 64
    /// Nodes of an elaborated claim, after definitions are expanded.
    let nodes = 200_000
    /// Depth of an elaborated claim's trees, after definitions are expanded.
    let depth = 500
    /// Terms of a sum, product or quantifier over integers or a finite domain.
    let terms = 1_000_000
    /// Rows or columns of a matrix.
    let matrixSide = 64
    /// Entries of a vector.
    let vectorLength = 4_096
    /// Instances of a claim: combinations of its integer parameters.
    let instances = 10_000
    /// Imports that one file reaches, directly and indirectly.
    let imports = 100

    /// The value of an expression in integers, as far as it can be had cheaply.
    [<RequireQualifiedAccess>]
    type internal Value =
        | Known of Rational
        /// Beyond any cap of this table, in absolute value.
        | Huge
        /// Not an expression in known integers, or undefined.
        | Unknown

    /// Values with more bits than this are `Huge`: every cap above is far below.
    let private hugeBits = 4_096L

    /// Evaluates sums, products, quotients, powers, max, min, mod and abs of numbers and of the variables that `lookup` knows.
    let rec internal evaluate (lookup: int -> BigInteger voption) (expr: Expr) : Value =
        let clip (value: Rational) = if value.BitLength > hugeBits then Value.Huge else Value.Known value

        let both left right operation =
            match evaluate lookup left, evaluate lookup right with
            | Value.Known x, Value.Known y -> operation x y
            | Value.Unknown, _
            | _, Value.Unknown -> Value.Unknown
            | Value.Huge, _
            | _, Value.Huge -> Value.Huge

        let pick choose first rest =
            rest
            |> List.fold
                (fun best next ->
                    match best, evaluate lookup next with
                    | Value.Known x, Value.Known y -> Value.Known(if choose (compare x y) then x else y)
                    | Value.Unknown, _
                    | _, Value.Unknown -> Value.Unknown
                    | Value.Huge, _
                    | _, Value.Huge -> Value.Huge)
                (evaluate lookup first)

        match expr with
        | Expr.Number value -> clip value
        | Expr.Variable variable ->
            match lookup variable with
            | ValueSome value -> clip (Rational.OfBigInteger value)
            | ValueNone -> Value.Unknown
        | Expr.Apply("+", [ x; y ]) -> both x y (fun a b -> clip (a + b))
        | Expr.Apply("-", [ x; y ]) -> both x y (fun a b -> clip (a - b))
        | Expr.Apply("*", [ x; y ]) -> both x y (fun a b -> clip (a * b))
        | Expr.Apply("/", [ x; y ]) -> both x y (fun a b -> if b.IsZero then Value.Unknown else clip (a / b))
        | Expr.Apply("neg", [ x ]) -> both (Expr.Number Rational.Zero) x (fun a b -> clip (a - b))
        | Expr.Apply("abs", [ x ]) -> both x x (fun a _ -> Value.Known a.Abs)
        | Expr.Apply("mod", [ x; y ]) ->
            both x y (fun a b -> if b.IsZero then Value.Unknown else clip (a - b * Rational.OfBigInteger (a / b).Floor))
        | Expr.Apply("max", first :: rest) -> pick (fun order -> order >= 0) first rest
        | Expr.Apply("min", first :: rest) -> pick (fun order -> order <= 0) first rest
        | Expr.Apply("^", [ x; y ]) ->
            match evaluate lookup x, evaluate lookup y with
            | Value.Known b, Value.Known e when e.IsInteger ->
                let trivial = b.IsZero || b.Abs.IsOne

                match e.TryInt with
                | ValueSome exponent when trivial || int64 (abs exponent) * b.BitLength <= hugeBits ->
                    if b.IsZero && exponent < 0 then Value.Unknown
                    elif trivial && not b.IsZero then Value.Known(b.Power(exponent % 2))
                    elif b.IsZero then Value.Known(if exponent = 0 then Rational.One else b)
                    else clip (b.Power exponent)
                | ValueSome _ -> Value.Huge
                | ValueNone -> if trivial then Value.Unknown else Value.Huge
            | Value.Known b, Value.Huge when not (b.IsZero || b.Abs.IsOne) -> Value.Huge
            | Value.Huge, Value.Known e when e.Sign > 0 -> Value.Huge
            | _ -> Value.Unknown
        // Anything else is no expression in the parameters alone.
        | _ -> Value.Unknown

    let private known lookup expr : Rational voption =
        match evaluate lookup expr with
        | Value.Known value -> ValueSome value
        | Value.Huge
        | Value.Unknown -> ValueNone

    /// The truth of a proposition in known integers; None when it is not one or cannot be had cheaply.
    let rec internal holds (lookup: int -> BigInteger voption) (prop: Prop) : bool option =
        match prop with
        | Prop.Compare(relation, left, right) ->
            match known lookup left, known lookup right with
            | ValueSome x, ValueSome y ->
                match relation with
                | Relation.Equal -> Some((x = y))
                | Relation.NotEqual -> Some((x <> y))
                | Relation.Less -> Some(x < y)
                | Relation.LessEqual -> Some(x <= y)
                | Relation.Greater -> Some(x > y)
                | Relation.GreaterEqual -> Some(x >= y)
                | Relation.Loewner -> None
            | _ -> None
        | Prop.And(left, right) ->
            match holds lookup left, holds lookup right with
            | Some false, _
            | _, Some false -> Some false
            | Some true, Some true -> Some true
            | None, _
            | _, None -> None
        | Prop.Or(left, right) ->
            match holds lookup left, holds lookup right with
            | Some true, _
            | _, Some true -> Some true
            | Some false, Some false -> Some false
            | None, _
            | _, None -> None
        | Prop.Not inner -> holds lookup inner |> Option.map not
        | Prop.Implies(left, right) -> holds lookup (Prop.Or(Prop.Not left, right))
        | Prop.Iff(left, right) -> Option.map2 (=) (holds lookup left) (holds lookup right)
        | Prop.Has _
        | Prop.Forall _
        | Prop.Exists _
        | Prop.Approximately _
        | Prop.SameLaw _ -> None

    /// What became of walking the grid of a claim's parameters.
    [<RequireQualifiedAccess>]
    type internal Grid =
        /// One array per instance: the value of parameter 0, 1, ….
        | Instances of BigInteger[] list
        | TooMany
        /// The bounds of this parameter are no integers.
        | NoIntegers of Variable: int

    /// All combinations of the parameters that no hypothesis over parameters alone excludes, in lexicographic order.
    let internal grid (parameters: Parameter list) (hypotheses: Prop list) : Grid =
        let count = List.length parameters

        let lookupIn (values: BigInteger[]) known variable =
            if variable >= 0 && variable < known then ValueSome values[variable] else ValueNone

        let rec extend (partial: BigInteger[] list) index remaining =
            match remaining with
            | [] -> Grid.Instances partial
            | (parameter: Parameter) :: rest ->
                let integer lookup expr =
                    match known lookup expr with
                    | ValueSome value when value.IsInteger -> ValueSome value.Numerator
                    | _ -> ValueNone

                let extensions (values: BigInteger[]) : Result<BigInteger seq, unit> =
                    let lookup = lookupIn values index

                    match parameter.Range with
                    | Range.Between(low, high) ->
                        match integer lookup low, integer lookup high with
                        | ValueSome a, ValueSome b ->
                            Ok(Seq.unfold (fun next -> if next > b then None else Some(next, next + BigInteger.One)) a)
                        | _ -> Error()
                    | Range.Among items ->
                        let found = items |> List.map (integer lookup)

                        if found |> List.forall ValueOption.isSome then
                            Ok(found |> List.map ValueOption.get |> List.distinct |> List.toSeq)
                        else
                            Error()
                    | Range.Within _
                    | Range.Fibre _ -> Error()

                let next = ResizeArray()
                let mutable broken = false
                let mutable full = false

                for values in partial do
                    if not broken && not full then
                        match extensions values with
                        | Error() -> broken <- true
                        | Ok found ->
                            use items = found.GetEnumerator()

                            while not full && items.MoveNext() do
                                if next.Count >= instances then full <- true else next.Add(Array.append values [| items.Current |])

                if broken then Grid.NoIntegers parameter.Variable
                elif full then Grid.TooMany
                else extend (List.ofSeq next) (index + 1) rest

        match extend [ [||] ] 0 parameters with
        | Grid.Instances all ->
            all
            |> List.filter (fun values ->
                hypotheses |> List.forall (fun hypothesis -> holds (lookupIn values count) hypothesis <> Some false))
            |> Grid.Instances
        | other -> other
