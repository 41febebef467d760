namespace VerifyEnergy.Claims

open System
open System.Numerics
open VerifyEnergy.Kernel

/// A size: an integer expression in parameters and indices, with its polynomial for comparison. What is no polynomial
/// (max, mod, 2^n, …) enters as a letter of its own, so that equal polynomials mean equal sizes but not the converse.
[<CustomEquality; NoComparison>]
type internal Size =
    {
        Expr: Expr
        /// Coefficients by monomial; a monomial lists letters with their powers ≥ 1, sorted.
        Terms: Map<(string * int) list, Rational>
    }

    override this.Equals(other: obj) =
        match other with
        | :? Size as size -> this.Terms = size.Terms
        | _ -> false

    override this.GetHashCode() = hash this.Terms

[<RequireQualifiedAccess>]
module internal Size =
    /// Polynomials with more terms than this are compared at instances only.
    let private termLimit = 200

    let private normal terms = terms |> Map.filter (fun _ (value: Rational) -> not value.IsZero)

    let private add left right =
        (left, right)
        ||> Map.fold (fun sum monomial value ->
            match Map.tryFind monomial sum with
            | Some found -> Map.add monomial (found + value) sum
            | None -> Map.add monomial value sum)
        |> normal

    let private times (left: (string * int) list) (right: (string * int) list) =
        left @ right
        |> List.groupBy fst
        |> List.map (fun (letter, powers) -> letter, powers |> List.sumBy snd)
        |> List.sortBy fst

    let private multiply left right =
        seq {
            for KeyValue(a, x: Rational) in left do
                for KeyValue(b, y) in right do
                    yield Map.ofList [ times a b, x * y ]
        }
        |> Seq.fold add Map.empty

    let private constant value = normal (Map.ofList [ [], value ])

    let private opaque (expr: Expr) = Map.ofList [ [ Print.expr Hash.name expr, 1 ], Rational.One ]

    /// None when the expression is none in integer variables alone.
    let ofExpr (isInteger: int -> bool) (expr: Expr) : Size option =
        let rec terms expr =
            match expr with
            | Expr.Number value -> Some(constant value)
            | Expr.Variable variable when isInteger variable -> Some(Map.ofList [ [ Hash.name variable, 1 ], Rational.One ])
            | Expr.Apply("neg", [ x ]) -> terms x |> Option.map (multiply (constant (-Rational.One)))
            | Expr.Apply("+", [ x; y ]) -> Option.map2 add (terms x) (terms y)
            | Expr.Apply("-", [ x; y ]) -> Option.map2 (fun a b -> add a (multiply (constant (-Rational.One)) b)) (terms x) (terms y)
            | Expr.Apply("*", [ x; y ]) ->
                Option.map2 (fun a b -> if Map.count a * Map.count b > termLimit then opaque expr else multiply a b) (terms x) (terms y)
            | Expr.Apply("/", [ x; Expr.Number divisor ]) when not divisor.IsZero ->
                terms x |> Option.map (multiply (constant divisor.Reciprocal))
            | Expr.Apply("^", [ x; Expr.Number power ]) when power.IsInteger && power.Sign >= 0 ->
                match terms x, power.TryInt with
                | Some a, ValueSome count when count <= 8 && pown (Map.count a) count <= termLimit ->
                    Some(Seq.replicate count a |> Seq.fold multiply (constant Rational.One))
                | Some _, _ -> Some(opaque expr)
                | None, _ -> None
            | Expr.Apply(("max" | "min" | "mod" | "abs" | "^" | "/"), arguments) ->
                if arguments |> List.forall (fun argument -> Option.isSome (terms argument)) then
                    Some(opaque expr)
                else
                    None
            // Nothing else is an integer expression in the parameters.
            | _ -> None

        terms expr |> Option.map (fun found -> { Expr = expr; Terms = found })

    let ofInt (value: int) : Size = { Expr = Expr.Number(Rational.OfInt value); Terms = constant (Rational.OfInt value) }

    let one = ofInt 1

    let private combine name operation folded left right =
        { Expr =
            match left.Expr, right.Expr with
            | Expr.Number x, Expr.Number y -> Expr.Number(folded x y)
            | _ -> Expr.Apply(name, [ left.Expr; right.Expr ])
          Terms = operation left.Terms right.Terms }

    let sum left right = combine "+" add (fun (x: Rational) y -> x + y) left right

    let product left right = combine "*" multiply (fun (x: Rational) y -> x * y) left right

    /// last − first + 1.
    let span (first: Size) (last: Size) : Size =
        let terms = add (add last.Terms (multiply (constant (-Rational.One)) first.Terms)) (constant Rational.One)

        if first.Terms = one.Terms then
            last
        else
            let expr =
                match first.Expr, last.Expr with
                | Expr.Number a, Expr.Number b -> Expr.Number(b - a + Rational.One)
                | _ -> Expr.Apply("+", [ Expr.Apply("-", [ last.Expr; first.Expr ]); Expr.Number Rational.One ])

            { Expr = expr; Terms = terms }

    /// n(n+1)/2, the number of coordinates x_ij, i ≤ j.
    let triangle (side: Size) : Size =
        let twice = product side (sum side one)

        { Expr =
            match twice.Expr with
            | Expr.Number value -> Expr.Number(value / Rational.OfInt 2)
            | _ -> Expr.Apply("/", [ twice.Expr; Expr.Number(Rational.OfInt 2) ])
          Terms = multiply (constant (Rational.OfInt 2).Reciprocal) twice.Terms }

    /// Where equal: no instance can tell them apart.
    let same (left: Size) (right: Size) : bool = left.Terms = right.Terms

/// The shape of a value; columns and rows are other kinds than matrices with one column or row.
[<RequireQualifiedAccess>]
type internal SizedShape =
    | Scalar
    | Column of Size
    | Row of Size
    | Matrix of Rows: Size * Columns: Size

/// Whether a value is a constant or random, and then whether its law may have a density.
[<RequireQualifiedAccess>]
type internal Randomness =
    | Constant
    | Continuous
    /// Built from discrete random objects alone: the law has atoms only.
    | Atomic

[<RequireQualifiedAccess>]
module internal Randomness =
    let join left right =
        match left, right with
        | Randomness.Constant, other
        | other, Randomness.Constant -> other
        | Randomness.Atomic, Randomness.Atomic -> Randomness.Atomic
        | Randomness.Continuous, _
        | _, Randomness.Continuous -> Randomness.Continuous

type internal ValueKind =
    {
        Shape: SizedShape
        /// Entries may have an imaginary part.
        Complex: bool
        Random: Randomness
        /// A row-stochastic matrix, declared as such: a kernel, which is no map.
        Stochastic: bool
    }

[<RequireQualifiedAccess>]
type internal Kind =
    | Value of ValueKind
    | Map of From: Size * Into: Size
    /// After a complaint: fits everywhere, so that one mistake is reported once.
    | Unknown

[<RequireQualifiedAccess>]
module internal Kind =
    let value (shape: SizedShape) : ValueKind = { Shape = shape; Complex = false; Random = Randomness.Constant; Stochastic = false }

    let real (shape: SizedShape) : Kind = Kind.Value(value shape)

    let scalar = real SizedShape.Scalar

    let shapeText (text: Size -> string) (shape: SizedShape) : string =
        match shape with
        | SizedShape.Scalar -> "scalar"
        | SizedShape.Column size -> $"column of length {text size}"
        | SizedShape.Row size -> $"row of length {text size}"
        | SizedShape.Matrix(rows, columns) ->
            let side size =
                let found: string = text size
                // 2n×(k + 1): a side that is a sum needs parentheses.
                if found.Contains ' ' then "(" + found + ")" else found

            $"matrix {side rows}×{side columns}"

    let text (size: Size -> string) (kind: Kind) : string =
        match kind with
        | Kind.Unknown -> "unknown"
        | Kind.Map(from, into) -> $"map {{1..{size from}}} → {{1..{size into}}}"
        | Kind.Value found ->
            let randomness =
                match found.Random with
                | Randomness.Constant -> ""
                | Randomness.Continuous -> "random "
                | Randomness.Atomic -> "discrete random "

            let field = if found.Complex then "complex " else ""
            let kernel = if found.Stochastic then "stochastic " else ""
            let suffix = if found.Stochastic then " (a kernel)" else ""
            randomness + field + kernel + shapeText size found.Shape + suffix
