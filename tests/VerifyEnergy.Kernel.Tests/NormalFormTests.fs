module VerifyEnergy.Kernel.Tests.NormalFormTests

open System
open System.Collections.Generic
open Xunit
open VerifyEnergy.Kernel

let private q p d = Rational.Create(Numerics.BigInteger(p: int), Numerics.BigInteger(d: int))

let private entry owner sign = Entry { Owner = owner; Part = 0; Row = 1; Column = 1; Sign = sign }

let private free owner = NormalForm.letter (entry owner LetterSign.Free)

let private positive owner = NormalForm.letter (entry owner LetterSign.Positive)

let private nonnegative owner = NormalForm.letter (entry owner LetterSign.Nonnegative)

let private int n = NormalForm.rational (Rational.OfInt n)
let private (+.) a b = NormalForm.add a b
let private (-.) a b = NormalForm.subtract a b
let private ( *. ) a b = NormalForm.multiply a b
let private (/.) a b = NormalForm.divide a b
let private exp u = NormalForm.exp u
let private log u = NormalForm.log u
let private sqrt u = NormalForm.rationalPower u (q 1 2)
let private power a n = NormalForm.power a n
let private x, y, z = free 1, free 2, free 3

let private name letter =
    match letter with
    | Entry e -> "xyzuvw"[e.Owner - 1] |> string
    | Pi
    | Exp _
    | Base _
    | Log _
    | Function _ -> "?"

let private text form = NormalForm.toText name form
let private isZero (form: NormalForm) = Assert.True(form.IsZero, text form)
let private isNotZero (form: NormalForm) = Assert.False(form.IsZero)

let private cosh u = (exp u +. exp (NormalForm.negate u)) /. int 2

let private tanh u =
    let square = exp (int 2 *. u)
    (square -. int 1) /. (square +. int 1)

let private softplus u = log (int 1 +. exp u)

// The naive route: terms one by one, in rational arithmetic.

let private evaluatePolynomial (at: Letter -> Rational) (p: Polynomial) =
    let mutable sum = Rational.Zero

    for struct (c, m) in p.Terms do
        let mutable product = c

        for struct (letter, exponent) in m.Factors do
            product <- product * (at letter).Power(exponent.TryInt.Value)

        sum <- sum + product

    sum

let private evaluate at (form: NormalForm) =
    let mutable value = evaluatePolynomial at form.Numerator

    for struct (factor, exponent) in form.Denominator do
        value <- value / (evaluatePolynomial at factor).Power exponent

    value

/// A random form with its value at a point, both built by the same operations.
let rec private random (source: Random) (at: Letter -> Rational) depth : struct (NormalForm * Rational) =
    if depth = 0 then
        if source.Next 3 = 0 then
            let value = q (source.Next(-6, 7)) (source.Next(1, 5))
            struct (NormalForm.rational value, value)
        else
            let letter = entry (source.Next(1, 5)) LetterSign.Free
            struct (NormalForm.letter letter, at letter)
    else
        let struct (a, v) = random source at (depth - 1)
        let struct (b, w) = random source at (depth - 1)

        match source.Next 5 with
        | 0 -> struct (a +. b, v + w)
        | 1 -> struct (a -. b, v - w)
        | 2
        | 3 -> struct (a *. b, v * w)
        | _ -> if w.IsZero then struct (a, v) else struct (a /. b, v / w)

[<Fact>]
let ``forms agree with naive evaluation at rational points`` () =
    let mutable compared = 0

    for seed in 1..150 do
        let source = Random seed
        let values = Dictionary<Letter, Rational>()

        let at letter =
            match values.TryGetValue letter with
            | true, value -> value
            | false, _ ->
                let value = q (source.Next(-40, 41)) (source.Next(1, 12))
                values[letter] <- value
                value

        let struct (form, expected) = random source at 4

        let isDefined = form.Denominator |> Array.forall (fun struct (f, _) -> not (evaluatePolynomial at f).IsZero)

        if isDefined then
            compared <- compared + 1
            Assert.Equal(expected, evaluate at form)

    Assert.True(compared > 140)

/// A random expression as a form, and its enclosure at a point by interval arithmetic alone; None outside its domain.
let rec private transcendental (source: Random) (at: Letter -> Rational) depth : struct (NormalForm * Interval) option =
    let bits = 160

    let letters = [ entry 1 LetterSign.Free; entry 2 LetterSign.Free; entry 3 LetterSign.Positive; entry 4 LetterSign.Nonnegative ]

    let below f = transcendental source at (depth - 1) |> Option.bind (fun (struct (a, v: Interval)) -> if v.IsWhole then None else f a v)

    let isPositive (v: Interval) = v.Sign = ValueSome 1

    if depth = 0 then
        if source.Next 3 = 0 then
            let value = q (source.Next(-4, 9)) (source.Next(1, 4))
            Some(struct (NormalForm.rational value, Interval.Point value))
        else
            let letter = letters[source.Next letters.Length]
            Some(struct (NormalForm.letter letter, Interval.Point(at letter)))
    else
        match source.Next 10 with
        | 0
        | 1 -> below (fun a v -> below (fun b w -> Some(struct (a +. b, Interval.add bits v w))))
        | 2
        | 3
        | 4 -> below (fun a v -> below (fun b w -> Some(struct (a *. b, Interval.multiply bits v w))))
        | 5 ->
            below (fun a v ->
                below (fun b w ->
                    if w.Sign = ValueSome 1 || w.Sign = ValueSome -1 then
                        Some(struct (a /. b, Interval.divide bits v w))
                    else
                        None))
        | 6 ->
            below (fun a v ->
                if v.High.Abs.Floor < Numerics.BigInteger 40 && v.Low.Abs.Floor < Numerics.BigInteger 40 then
                    Some(struct (exp a, Interval.exp bits v))
                else
                    None)
        | 7 -> below (fun a v -> if isPositive v then Some(struct (log a, Interval.log bits v)) else None)
        | 8 -> below (fun a v -> Some(struct (NormalForm.abs a, Interval.abs v)))
        | _ ->
            let exponent = q (source.Next(-5, 8)) (source.Next(2, 4))

            below (fun a v ->
                if isPositive v then
                    let logarithm = Interval.log bits v
                    let value = Interval.exp bits (Interval.multiply bits (Interval.Point exponent) logarithm)
                    Some(struct (NormalForm.rationalPower a exponent, value))
                else
                    None)

[<Fact>]
let ``rewritten functions keep their values`` () =
    let mutable compared = 0

    for seed in 1..1500 do
        let source = Random seed

        let point = [ for owner in 1..4 -> q ((if owner < 3 then source.Next(-6, 7) else source.Next(1, 7))) (source.Next(1, 4)) ]

        let at letter =
            match letter with
            | Entry e -> point[e.Owner - 1]
            | Pi
            | Exp _
            | Base _
            | Log _
            | Function _ -> invalidArg (nameof letter) "Only entries have a place in the point."

        let replace letter =
            match letter with
            | Entry _ -> Some(NormalForm.rational (at letter))
            | Pi
            | Exp _
            | Base _
            | Log _
            | Function _ -> None

        match transcendental source at 5 with
        | Some(struct (form, direct)) when not direct.IsWhole && direct.Width.Sign >= 0 ->
            let value = NormalForm.enclose 160 (NormalForm.substitute replace form)

            if not value.IsWhole then
                compared <- compared + 1

                let isDisjoint = (value.Low - direct.High).Sign > 0 || (direct.Low - value.High).Sign > 0

                Assert.False(isDisjoint, $"seed {seed}: {text form} at {point}: {value.Low} against {direct.Low}")
        | Some _
        | None -> ()

    Assert.True(compared > 500, $"{compared} compared")

[<Fact>]
let ``forms are a field`` () =
    for seed in 1..60 do
        let source = Random seed
        let at letter = q (1 + abs (hash letter % 17)) 3

        let draw () =
            let struct (form, _) = random source at 3
            form

        let a, b, c = draw (), draw (), draw ()
        isZero ((a +. b) +. c -. (a +. (b +. c)))
        isZero ((a *. b) *. c -. (a *. (b *. c)))
        isZero (a *. (b +. c) -. (a *. b +. a *. c))
        Assert.Equal(a +. b, b +. a)
        Assert.Equal(a *. b, b *. a)
        isZero (a -. a)

        if not b.IsZero then
            isZero (a /. b *. b -. a)
            isZero (power b -2 *. power b 2 -. int 1)

[<Fact>]
let ``products packed into words agree with products term by term`` () =
    let letters = [ for owner in 1..6 -> entry owner LetterSign.Free ]

    let polynomial (source: Random) =
        Polynomial.ofTerms
            [ for _ in 1..40 do
                  let factors = [ for l in letters -> l, Rational.OfInt(if source.Next 2 = 0 then 0 else source.Next 5) ]

                  let units =
                      [ Exp Monomial.one, q (source.Next(-7, 8)) 6
                        Exp(Monomial.create [ letters.Head, Rational.One ]), q (source.Next(-3, 4)) 2 ]

                  struct (q (source.Next(-9, 10)) (source.Next(1, 4)), Monomial.create (factors @ units)) ]

    for seed in 1..4 do
        let source = Random seed
        let p, r = polynomial source, polynomial source

        let naive =
            Polynomial.ofTerms
                [ for struct (c, m) in p.Terms do
                      for struct (d, n) in r.Terms do
                          struct (c * d, Monomial.multiply m n) ]

        Assert.Equal(naive, Polynomial.multiply p r)
        Assert.Equal(Some p, Polynomial.tryDivide naive r)
        Assert.Equal(None, Polynomial.tryDivide (Polynomial.add naive Polynomial.one) r)

[<Fact>]
let ``equal forms are equal whatever the order of construction`` () =
    let terms = [ x *. y; power z 2; int 3; exp x *. y; sqrt (int 2) *. z; log (x +. y) ]

    let forward = List.reduce (+.) terms
    let backward = List.reduceBack (+.) terms
    Assert.Equal(forward, backward)
    Assert.Equal(forward.GetHashCode(), backward.GetHashCode())
    Assert.Equal(NormalForm.abs (forward *. x), NormalForm.abs (NormalForm.negate x *. backward))

[<Fact>]
let ``denominators equal up to a constant coincide`` () =
    let sum = x /. (int 2 *. y -. int 2 *. z) +. x /. (int 3 *. z -. int 3 *. y)
    Assert.Single sum.Denominator |> ignore
    isZero (sum -. x /. (int 6 *. (y -. z)))
    Assert.Equal(x +. y, (x *. x -. y *. y) /. (x -. y))
    isNotZero ((x *. x -. y *. y) /. (x -. y) -. (x -. y))
    let struct (factor, exponent) = Assert.Single((int 1 /. power (y -. x) 3).Denominator)
    Assert.Equal(3, exponent)
    Assert.Equal((x -. y).Numerator, factor)

[<Fact>]
let ``x over x is one as a form and leaves no denominator`` () =
    Assert.Equal(int 1, x /. x)
    Assert.Throws<DivideByZeroException>(fun () -> x /. (x -. x) |> ignore)

[<Fact>]
let ``exponentials are a group`` () =
    Assert.Equal(exp (x +. y), exp x *. exp y)
    Assert.Equal(int 1, exp x *. exp (NormalForm.negate x))
    Assert.Equal(exp (x -. y *. y), exp x /. exp (y *. y))
    Assert.Equal(power (exp (x /. int 3)) 3, exp x)
    Assert.Equal(int 1, exp (x /. y) *. exp (NormalForm.negate x /. y))
    Assert.Equal(exp ((x +. z) /. y), exp (x /. y) *. exp (z /. y))
    isNotZero (exp (x +. y) -. exp x -. exp y)
    isNotZero (exp (x *. y) -. exp x *. exp y)

[<Fact>]
let ``decimation of the spin chain`` () =
    let renormalised = log (cosh (int 2 *. x)) /. int 2
    isZero (tanh renormalised -. power (tanh x) 2)
    isNotZero (tanh (log (cosh (int 2 *. x))) -. power (tanh x) 2)
    isNotZero (tanh renormalised -. tanh x)

[<Fact>]
let ``softplus sums out a hidden unit`` () =
    Assert.Equal(int 1 +. exp x, exp (softplus x))

    let product = List.fold (fun p b -> p *. exp (softplus b)) (int 1) [ x; y; z ]

    let sum isKept =
        seq { 0..7 }
        |> Seq.filter isKept
        |> Seq.map (fun bits ->
            [ x; y; z ] |> List.indexed |> List.fold (fun s (j, b) -> if (bits >>> j) &&& 1 = 1 then s +. b else s) (int 0) |> exp)
        |> Seq.reduce (+.)

    Assert.Equal(sum (fun _ -> true), product)
    isNotZero (sum (fun bits -> bits <> 5) -. product)

[<Fact>]
let ``logarithms of numbers split into primes`` () =
    isZero (log (int 12) -. int 2 *. log (int 2) -. log (int 3))
    isZero (log (NormalForm.rational (q 9 10)) -. log (int 9) +. log (int 10))
    isNotZero (log (int 12) -. log (int 2) -. log (int 3))
    Assert.Equal(NormalForm.rational (q 5 3), exp (log (int 5) -. log (int 3)))
    Assert.Throws<ArgumentException>(fun () -> log (int -2) |> ignore)

[<Fact>]
let ``logarithms split only where signs are visible`` () =
    let a, b = positive 4, positive 5
    isZero (log (a *. b) -. log a -. log b)
    isZero (log (a /. b) -. log a +. log b)
    isZero (log (a *. x) -. log a -. log x)
    isNotZero (log (x *. y) -. log x -. log y)
    isNotZero (log (x *. x) -. int 2 *. log x)
    isZero (log (int 3 *. exp (x *. y) *. a) -. x *. y -. log (int 3) -. log a)
    isZero (log (sqrt a) -. log a /. int 2)
    isZero (log (int 1 /. (x -. y)) +. log (x -. y))

[<Fact>]
let ``square roots`` () =
    Assert.Equal(NormalForm.rational (q 3 4), sqrt (NormalForm.rational (q 9 16)))
    Assert.Equal(int 2 *. sqrt (int 2), sqrt (int 8))
    Assert.Equal(sqrt (int 6), sqrt (int 2) *. sqrt (int 3))
    Assert.Equal(int 2, sqrt (int 2) *. sqrt (int 2))
    isZero (int 1 /. (int 1 +. sqrt (int 2)) -. (sqrt (int 2) -. int 1))
    isNotZero (int 1 /. (int 1 +. sqrt (int 2)) -. (sqrt (int 2) +. int 1))
    isNotZero (sqrt (int 2) +. sqrt (int 3) -. sqrt (int 5))
    let a = positive 4
    Assert.Equal(a, sqrt a *. sqrt a)
    Assert.Equal(a, sqrt (a *. a))
    isZero (sqrt a /. a -. int 1 /. sqrt a)
    isZero (sqrt (a +. int 1) *. sqrt (a +. int 1) /. (a +. int 1) -. int 1)

    isZero (NormalForm.rationalPower a (q 2 3) *. NormalForm.rationalPower a (q 5 6) -. a *. sqrt a)

    isZero (NormalForm.rationalPower (sqrt a) (q 1 2) -. NormalForm.rationalPower a (q 1 4))
    Assert.Throws<ArgumentException>(fun () -> sqrt (int -2) |> ignore)

[<Fact>]
let ``the root of a square is the absolute value`` () =
    isNotZero (sqrt (x *. x) -. x)
    Assert.Equal(NormalForm.abs x, sqrt (x *. x))
    Assert.Equal(NormalForm.abs (x -. y), sqrt (power (y -. x) 2))
    Assert.Equal(x *. x, NormalForm.abs x *. NormalForm.abs x)
    Assert.Equal(NormalForm.abs x *. NormalForm.abs y, NormalForm.abs (x *. y))
    Assert.Equal(NormalForm.abs x /. NormalForm.abs y, NormalForm.abs (x /. y))
    Assert.Equal(x *. x +. int 1, NormalForm.abs (int -1 -. x *. x))
    isNotZero (NormalForm.abs (x +. y) -. NormalForm.abs x -. NormalForm.abs y)
    // x may be negative where y is: the root of the product does not part.
    isNotZero (sqrt (x *. y) -. sqrt x *. sqrt y)

[<Fact>]
let ``sines and cosines`` () =
    let sin u = NormalForm.apply "sin" [ u ]
    let cos u = NormalForm.apply "cos" [ u ]
    let pi = NormalForm.apply "pi" []
    isZero (power (sin x) 2 +. power (cos x) 2 -. int 1)
    isZero (power (sin x) 5 -. sin x *. power (int 1 -. power (cos x) 2) 2)
    isZero (sin (y -. x) +. sin (x -. y))
    isZero (cos (y -. x) -. cos (x -. y))
    isNotZero (power (sin x) 2 -. power (cos x) 2 -. int 1)
    Assert.Equal(int 0, sin pi)
    Assert.Equal(int -1, cos pi)
    Assert.Equal(int -1, sin (pi *. NormalForm.rational (q -1 2)))

[<Fact>]
let ``visible signs`` () =
    let a, b = positive 4, nonnegative 5
    Assert.Equal(ValueSome 1, NormalForm.visibleSign (x *. x +. int 1))
    Assert.Equal(ValueSome -1, NormalForm.visibleSign (NormalForm.negate (a *. exp x)))
    Assert.Equal(ValueSome 0, NormalForm.visibleSign (int 0))
    Assert.Equal(ValueNone, NormalForm.visibleSign (x *. x))
    Assert.Equal(ValueNone, NormalForm.visibleSign b)
    Assert.Equal(ValueNone, NormalForm.visibleSign (x *. x -. int 1))
    Assert.Equal(ValueNone, NormalForm.visibleSign (a /. x))
    Assert.Equal(ValueSome 1, NormalForm.visibleSign (a /. (x *. x)))
    Assert.True(NormalForm.visiblyNonnegative (x *. x *. b +. sqrt b))
    Assert.False(NormalForm.visiblyNonnegative (x *. b))

[<Fact>]
let ``exponentiation decides equations between logarithms`` () =
    let difference = int 2 *. log (x +. y) -. log (x *. x +. int 2 *. x *. y +. y *. y)
    isNotZero difference
    isZero (NormalForm.tryExponentiate difference).Value

    let strict = log (int 1 +. exp x) /. int 2 -. log (int 1 +. exp (int 2 *. x)) /. int 3

    let form = (NormalForm.tryExponentiate strict).Value
    isZero (form -. (power (int 1 +. exp x) 3 -. power (int 1 +. exp (int 2 *. x)) 2))
    Assert.Equal(None, NormalForm.tryExponentiate (x *. log y))
    Assert.Equal(None, NormalForm.tryExponentiate (x +. y))
    Assert.Equal(None, NormalForm.tryExponentiate (log (x +. y) *. int 65))

[<Fact>]
let ``substitution rebuilds compound letters`` () =
    let form = exp (x *. y) +. log (x +. y) +. sqrt (x +. int 7) /. y

    let replace letter =
        match letter with
        | Entry { Owner = 1 } -> Some(int 2)
        | Entry { Owner = 2 } -> Some(log (int 5) +. int 0)
        | _ -> None

    let expected = int 25 +. log (int 2 +. log (int 5)) +. int 3 /. log (int 5)
    Assert.Equal(expected, NormalForm.substitute replace form)

[<Fact>]
let ``enclosures contain the value and are tight`` () =
    let pi = NormalForm.apply "pi" []
    // exp(π√163) is within 10⁻¹² of a whole number, and below it.
    let ramanujan = NormalForm.enclose 128 (exp (pi *. sqrt (int 163)))
    let near = Rational.TryParse "262537412640768744" |> Option.get
    Assert.True((ramanujan.High - near).Sign < 0)
    Assert.True((ramanujan.Low - near + q 1 1000000000).Sign > 0)
    Assert.Equal(ValueSome 1, (NormalForm.enclose 64 (log (int 3) -. int 1)).Sign)

    Assert.Equal(ValueSome -1, (NormalForm.enclose 64 (sqrt (int 2) +. sqrt (int 3) -. pi -. NormalForm.rational (q 1 200))).Sign)

    Assert.True((NormalForm.enclose 64 (x +. int 1)).IsWhole)

[<Fact>]
let ``letters inside compound letters are found`` () =
    let form = exp (x *. y) +. log (z +. int 1)
    let names = Polynomial.letters form.Numerator |> List.map name
    Assert.Equal<string list>([ "x"; "y"; "z"; "?"; "?" ], names)

[<Fact>]
let ``limits are kept`` () =
    let long =
        Polynomial.ofTerms [ for k in 0..3999 -> struct (Rational.One, Monomial.create [ entry 1 LetterSign.Free, Rational.OfInt k ]) ]

    Assert.Throws<TooLarge>(fun () -> Polynomial.multiply long long |> ignore) |> ignore
    Assert.Throws<TooLarge>(fun () -> power (int 2) Int32.MaxValue |> ignore) |> ignore

    Assert.Throws<TooLarge>(fun () -> power (power x 10_000) 10_000 |> ignore)

[<Fact>]
let ``text of forms`` () =
    let form = int 2 *. x *. x -. NormalForm.rational (q 1 2) *. y
    Assert.Equal("2*x^2 - 1/2*y", text form)
    Assert.Equal("(2*x^2 - 1/2*y)/(z*(y + 1)^2)", text (form /. (z *. power (y +. int 1) 2)))
    Assert.Equal("log(x + y)*exp(1/2*x)*sqrt(2)", text (sqrt (int 2) *. log (x +. y) *. exp (x /. int 2)))
