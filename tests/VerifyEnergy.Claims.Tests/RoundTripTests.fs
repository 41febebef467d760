module VerifyEnergy.Claims.Tests.RoundTripTests

open System
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Claims

/// Core claims at random, kinds in order: the generator knows nothing of the grammar, so printing and reading are tested
/// against a third thing. Variables: n = 0 and k = 1 are parameters, the objects follow.
type private Generator(seed: int) =
    let random = Random seed
    let mutable next = 100
    let number value = Expr.Number(Rational.OfInt value)
    let pick (items: 'T[]) = items[random.Next items.Length]
    let n, k = Expr.Variable 0, Expr.Variable 1
    let square, psd, u, v, t, map, noise, scatter = 10, 11, 12, 13, 14, 15, 16, 17
    let bits, whole, complex = 18, 19, 20

    let fresh () =
        next <- next + 1
        next

    let numeral () =
        match random.Next 5 with
        | 0 -> Rational.OfInt(-(random.Next 9) - 1)
        | 1 -> Rational.Create(Numerics.BigInteger(random.Next(1, 9)), Numerics.BigInteger(random.Next(2, 7)))
        | 2 -> Rational.Create(Numerics.BigInteger(-random.Next(1, 9)), Numerics.BigInteger(random.Next(2, 7)))
        | _ -> Rational.OfInt(random.Next 12)

    let isNumber expr =
        match expr with
        | Expr.Number _ -> true
        | _ -> false

    /// Elaboration folds these, so they do not occur in what it makes.
    let negate expr = if isNumber expr then expr else Expr.Apply("neg", [ expr ])

    let quotient left right = if isNumber left && isNumber right then left else Expr.Apply("/", [ left; right ])

    let between low high : Binder = { Variable = fresh (); Range = Range.Between(low, high) }

    member this.Index(indices: int list) : Expr =
        match indices with
        | [] -> number 1
        | _ when random.Next 3 = 0 -> number (random.Next(1, 3))
        | _ -> Expr.Variable(List.item (random.Next indices.Length) indices)

    /// A scalar; inside an expectation (`random`) it may hold random letters.
    member this.Scalar(depth: int, indices: int list) : Expr =
        let scalar () = this.Scalar(depth - 1, indices)
        let index () = this.Index indices

        if depth = 0 then
            match random.Next 6 with
            | 0 -> Expr.Variable t
            | 1 -> Expr.Entry(Expr.Variable u, [ Subscript.At(index ()) ])
            | 2 -> Expr.Entry(Expr.Variable square, [ Subscript.At(index ()); Subscript.At(index ()) ])
            | 3 -> index ()
            | 4 -> Expr.Apply("pi", [])
            | _ -> Expr.Number(numeral ())
        else
            match random.Next 25 with
            | 0 -> Expr.Apply("+", [ scalar (); scalar () ])
            | 1 -> Expr.Apply("-", [ scalar (); scalar () ])
            | 2
            | 3 -> Expr.Apply("*", [ scalar (); scalar () ])
            | 4 -> quotient (scalar ()) (scalar ())
            | 5 -> Expr.Apply("^", [ scalar (); Expr.Number(numeral ()) ])
            | 6 -> negate (scalar ())
            | 7 -> Expr.Apply(pick [| "tr"; "det" |], [ this.Square(depth - 1, indices) ])
            | 8 -> Expr.Apply("dot", [ this.Column(depth - 1, indices); this.Column(depth - 1, indices) ])
            | 9 -> Expr.Apply(pick [| "exp"; "log"; "sqrt"; "abs"; "tanh"; "relu" |], [ scalar () ])
            | 10 -> Expr.Apply("max", [ scalar (); scalar (); scalar () ])
            | 11 -> Expr.If(this.Prop(depth - 1, indices), scalar (), scalar ())
            | 12 ->
                let binder = between (number 1) (pick [| n; k; number 2 |])
                Expr.Fold(pick [| Fold.Sum; Fold.Product |], [ binder ], this.Scalar(depth - 1, binder.Variable :: indices))
            | 13 ->
                let outer = between (number 1) n
                let inner = between (number 1) (Expr.Variable outer.Variable)
                Expr.Fold(Fold.Sum, [ outer; inner ], this.Scalar(depth - 1, inner.Variable :: outer.Variable :: indices))
            | 14 ->
                let domain = Domain.Plain(pick [| ScalarSet.Bit; ScalarSet.Spin; ScalarSet.Integer(number -1, k) |], [ n ])
                let binder: Binder = { Variable = fresh (); Range = Range.Within domain }
                let entry = Expr.Entry(Expr.Variable binder.Variable, [ Subscript.At(index ()) ])
                Expr.Fold(Fold.Sum, [ binder ], Expr.Apply("*", [ entry; scalar () ]))
            | 15 ->
                let binder: Binder = { Variable = fresh (); Range = Range.Fibre(Expr.Variable map, index ()) }
                Expr.Fold(Fold.Sum, [ binder ], this.Scalar(depth - 1, binder.Variable :: indices))
            | 16 ->
                let items = [ for _ in 0 .. random.Next 3 -> number (random.Next(1, 5)) ]
                let binder: Binder = { Variable = fresh (); Range = Range.Among items }
                Expr.Fold(Fold.Product, [ binder ], this.Scalar(depth - 1, binder.Variable :: indices))
            | 17 -> Expr.Apply("apply", [ Expr.Variable map; index () ])
            | 18 ->
                let row = Expr.Apply("'", [ this.Column(depth - 1, indices) ])
                Expr.Apply("*", [ row; this.Column(depth - 1, indices) ])
            | 19 ->
                let letter = Expr.Entry(Expr.Variable noise, [ Subscript.At(index ()) ])
                Expr.Statistic(Statistic.Expectation, [ Expr.Apply("*", [ letter; scalar () ]) ])
            | 20 ->
                let letter () = Expr.Entry(Expr.Variable noise, [ Subscript.At(index ()) ])
                Expr.Statistic(Statistic.Covariance, [ letter (); Expr.Apply("+", [ letter (); scalar () ]) ])
            | 21 ->
                let letter = Expr.Entry(Expr.Variable noise, [ Subscript.At(index ()) ])
                Expr.Probability(Prop.And(this.Prop(depth - 1, indices), Prop.Compare(Relation.Less, letter, scalar ())))
            | 22 -> Expr.Density(Expr.Variable noise, this.Column(depth - 1, indices))
            | 23 ->
                let body = Expr.Apply("*", [ Expr.Variable t; scalar () ])
                Expr.Derivative(pick [| DerivativeOrder.Gradient; DerivativeOrder.Hessian |], body, t)
            | _ ->
                let array = Expr.Literal [ [ scalar (); scalar () ]; [ scalar (); scalar () ] ]
                Expr.Entry(array, [ Subscript.At(number 1); Subscript.At(number 2) ])

    /// A column of length n.
    member this.Column(depth: int, indices: int list) : Expr =
        let column () = this.Column(depth - 1, indices)

        if depth = 0 then
            Expr.Variable(pick [| u; v; bits; whole |])
        else
            match random.Next 11 with
            | 0 -> Expr.Apply(pick [| "+"; "-"; ".*" |], [ column (); column () ])
            | 1 -> Expr.Apply("*", [ this.Scalar(depth - 1, indices); column () ])
            | 2 -> Expr.Apply("*", [ this.Square(depth - 1, indices); column () ])
            | 3 -> Expr.Entry(this.Square(depth - 1, indices), [ Subscript.At(this.Index indices); Subscript.Whole ])
            | 4 -> Expr.Entry(Expr.Variable square, [ Subscript.Whole; Subscript.At(this.Index indices) ])
            | 5 -> Expr.Entry(column (), [ Subscript.Slice(number 1, n) ])
            | 6 ->
                let binder = between (number 1) n
                Expr.Table(this.Scalar(depth - 1, binder.Variable :: indices), [ binder ])
            | 7 -> Expr.Apply("e", [ this.Index indices; n ])
            | 8 -> quotient (column ()) (this.Scalar(depth - 1, indices))
            | 9 ->
                let real = Expr.Apply("dot", [ Expr.Variable u; Expr.Apply("*", [ Expr.Variable square; Expr.Variable v ]) ])
                Expr.Derivative(DerivativeOrder.Gradient, real, u)
            | _ -> negate (column ())

    /// An n×n matrix.
    member this.Square(depth: int, indices: int list) : Expr =
        let part () = this.Square(depth - 1, indices)

        if depth = 0 then
            Expr.Variable(pick [| square; psd |])
        else
            match random.Next 13 with
            | 0 -> Expr.Apply(pick [| "+"; "-"; ".*"; "*" |], [ part (); part () ])
            | 1 -> Expr.Apply("*", [ part (); part () ])
            | 2 -> Expr.Apply("'", [ part () ])
            | 3 -> Expr.Apply("I", [ n ])
            | 4 -> Expr.Apply("inv", [ part () ])
            | 5 -> Expr.Apply("^", [ part (); number (random.Next 4) ])
            | 6 -> Expr.Apply("diag", [ this.Column(depth - 1, indices) ])
            | 7 -> Expr.Apply("*", [ this.Column(depth - 1, indices); Expr.Apply("'", [ this.Column(depth - 1, indices) ]) ])
            | 8 ->
                let row = between (number 1) n
                let column = between (number 1) n
                Expr.Table(this.Scalar(depth - 1, [ row.Variable; column.Variable ] @ indices), [ row; column ])
            | 9 -> Expr.Entry(part (), [ Subscript.Slice(number 1, n); Subscript.Whole ])
            | 10 -> Expr.Statistic(Statistic.Variance, [ Expr.Variable noise ])
            | 11 -> Expr.Statistic(Statistic.Expectation, [ Expr.Variable scatter ])
            | _ -> negate (part ())

    member this.Prop(depth: int, indices: int list) : Prop =
        let prop () = this.Prop(depth - 1, indices)
        let scalar () = this.Scalar(max 0 (depth - 1), indices)

        let order () =
            pick [| Relation.Equal; Relation.NotEqual; Relation.Less; Relation.LessEqual; Relation.Greater; Relation.GreaterEqual |]

        if depth <= 0 then
            Prop.Compare(order (), scalar (), scalar ())
        else
            match random.Next 15 with
            | 0 -> Prop.And(prop (), prop ())
            | 1 -> Prop.Or(prop (), prop ())
            | 2 -> Prop.Not(prop ())
            | 3 -> Prop.Implies(prop (), prop ())
            | 4 -> Prop.Iff(prop (), prop ())
            | 5 ->
                let binder = between (number 1) n
                Prop.Forall([ binder ], this.Prop(depth - 1, binder.Variable :: indices))
            | 6 ->
                let domain = Domain.Plain(ScalarSet.Positive, [])
                let first: Binder = { Variable = fresh (); Range = Range.Within domain }
                let second: Binder = { Variable = fresh (); Range = Range.Within(Domain.Simplex n) }

                let sum =
                    Expr.Apply(
                        "*",
                        [ Expr.Variable first.Variable; Expr.Entry(Expr.Variable second.Variable, [ Subscript.At(this.Index indices) ]) ]
                    )

                Prop.Exists([ first; second ], Prop.And(Prop.Compare(Relation.Less, sum, scalar ()), prop ()))
            | 7 -> Prop.Has(pick [| Property.Psd; Property.Pd; Property.Symmetric |], this.Square(depth - 1, indices))
            | 8 -> Prop.Compare(Relation.Loewner, this.Square(depth - 1, indices), this.Square(depth - 1, indices))
            | 9 -> Prop.Compare(Relation.Equal, this.Column(depth - 1, indices), this.Column(depth - 1, indices))
            | 10 -> Prop.Approximately(scalar (), scalar (), (numeral ()).Abs + Rational.One, random.Next 2 = 0)
            | 11 ->
                let letter = Expr.Entry(Expr.Variable noise, [ Subscript.At(this.Index indices) ])
                let law = pick [| Distribution.Normal []; Distribution.ChiSquare k; Distribution.Uniform(scalar (), scalar ()) |]
                Prop.SameLaw(Law.Of(Expr.Apply("+", [ letter; scalar () ])), Law.Known law)
            | 12 ->
                let z = Expr.Variable complex

                Prop.Compare(
                    Relation.Equal,
                    Expr.Apply("*", [ z; Expr.ImaginaryUnit ]),
                    Expr.Apply("+", [ Expr.Apply("conj", [ z ]); scalar () ])
                )
            | _ -> Prop.Compare(order (), scalar (), scalar ())

    member this.Claim() : Claim =
        let plain set sizes = Domain.Plain(set, sizes)

        { Parameters =
            [ { Variable = 0; Range = Range.Between(number 2, number 3) }; { Variable = 1; Range = Range.Among [ number 2; n ] } ]
          Declarations =
            [ Declaration.Object(square, plain ScalarSet.Real [ n; n ])
              Declaration.Object(psd, (if random.Next 2 = 0 then Domain.Psd(n, None) else Domain.Psd(n, Some k)))
              Declaration.Object(u, plain ScalarSet.Real [ n ])
              Declaration.Object(v, plain ScalarSet.Nonnegative [ n ])
              Declaration.Object(t, plain ScalarSet.Real [])
              Declaration.Object(map, Domain.Map(n, k))
              Declaration.Object(noise, Domain.Random(Distribution.Normal [ n ]))
              Declaration.Object(scatter, Domain.Random(Distribution.Wishart(k, Expr.Variable psd)))
              Declaration.Object(bits, plain ScalarSet.Bit [ n ])
              Declaration.Object(whole, plain (ScalarSet.Integer(number -1, Expr.Apply("-", [ k; number 1 ]))) [ n ])
              Declaration.Object(complex, plain ScalarSet.Complex [])
              Declaration.Hypothesis(this.Prop(2, [])) ]
          Conclusions = [ for _ in 0 .. random.Next 2 -> this.Prop(random.Next(1, 5), []) ] }

let private readBack (text: string) : Claim =
    let file = Claims.Parse("claim c\n" + text, "generated.claim")

    match List.ofSeq file.Claims, file.Diagnostics.Count with
    | [ ParsedClaim.Elaborated claim ], 0 -> claim.Core
    | [ ParsedClaim.IllTyped claim ], 0 ->
        Assert.Fail((Seq.head claim.Clashes).Render() + "\n" + text)
        failwith "unreachable"
    | _ ->
        Assert.Fail(Reader.rendered file + "\n" + text)
        failwith "unreachable"

/// parse ∘ print = identity on generated core claims, with canonical names and with display names.
[<Fact>]
let ``Printing and reading generated claims`` () =
    let letters = [| "n"; "k"; "A"; "B"; "u"; "i"; "E"; "x"; "tr" |]
    let mutable compared = 0

    for seed in 1..600 do
        let raw = Generator(seed).Claim()
        let claim, names, _ = Numbering.renumber (fun variable -> letters[variable % letters.Length]) raw
        let canonical = Print.claim Hash.name claim

        // A generated hypothesis over the parameters alone may leave no instance, which is an error of its own.
        let isEmpty =
            (Claims.Parse("claim c " + canonical, "generated.claim")).Diagnostics
            |> Seq.exists (fun diagnostic -> diagnostic.Message.Contains "leaves no instance")

        if not isEmpty then
            compared <- compared + 1
            Assert.True((claim = readBack canonical), canonical)
            let shown = Print.claim (fun variable -> names[variable]) claim
            Assert.True((claim = readBack shown), shown)
            Assert.Equal(canonical, Print.claim Hash.name (readBack shown))

    Assert.True(compared > 500, $"{compared} claims compared")
