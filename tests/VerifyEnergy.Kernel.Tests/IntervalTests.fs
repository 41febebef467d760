namespace VerifyEnergy.Kernel.Tests

open System
open System.Globalization
open System.IO
open System.Numerics
open Xunit
open VerifyEnergy.Kernel

module IntervalTests =
    let private number (text: string) =
        match Rational.TryParse text with
        | Some value -> value
        | None -> raise (FormatException $"'{text}' is no number.")

    let private two = Rational.OfInt 2

    let private point (text: string) = Interval.Point(number text)

    let private between low high = Interval.Between(number low, number high)

    let private isWithin (outer: Interval) (inner: Interval) =
        outer.IsWhole || not inner.IsWhole && outer.Low.CompareTo inner.Low <= 0 && inner.High.CompareTo outer.High <= 0

    let private meet (x: Interval) (y: Interval) = x.IsWhole || y.IsWhole || x.Low.CompareTo y.High <= 0 && y.Low.CompareTo x.High <= 0

    /// Width at most 2^(slack − bits), relative to the end that is farther from 0.
    let private isTight bits slack (x: Interval) =
        let size = if x.Low.Abs.CompareTo x.High.Abs > 0 then x.Low.Abs else x.High.Abs

        x.Width.CompareTo(size * two.Power(slack - bits)) <= 0

    let private functions =
        [ "exp", Interval.exp
          "log", Interval.log
          "sqrt", Interval.sqrt
          "sin", Interval.sin
          "cos", Interval.cos
          "sinh", Interval.sinh
          "cosh", Interval.cosh
          "tanh", Interval.tanh ]

    let private named name = functions |> List.find (fst >> (=) name) |> snd

    /// An interval, and a point in it: an end, or something between.
    let private intervalWithPoint (cases: Cases) =
        let a, b, t = cases.Rational(), cases.Rational(), cases.Small 4
        let low, high = (if a.CompareTo b <= 0 then a, b else b, a)
        let share = t * t / (t * t + Rational.One)

        match cases.Below 4 with
        | 0 -> Interval.Point a, a
        | 1 -> Interval.Between(low, high), low
        | 2 -> Interval.Between(low, high), high
        | _ -> Interval.Between(low, high), low + (high - low) * share

    [<Fact>]
    let ``Arithmetic encloses the exact results`` () =
        let cases = Cases 21

        for round in 1..4000 do
            let bits = 8 + round % 120
            let x, p = intervalWithPoint cases
            let y, q = intervalWithPoint cases
            let holds (result: Interval) exact = Assert.True(result.Contains exact)
            holds (Interval.add bits x y) (p + q)
            holds (Interval.subtract bits x y) (p - q)
            holds (Interval.multiply bits x y) (p * q)
            holds (Interval.negate x) -p
            holds (Interval.abs x) p.Abs
            holds (Interval.max x y) (if p.CompareTo q >= 0 then p else q)
            holds (Interval.min x y) (if p.CompareTo q <= 0 then p else q)
            let exponent = cases.Below 13 - 6

            if not q.IsZero then
                holds (Interval.divide bits x y) (p / q)
                holds (Interval.power bits y exponent) (q.Power exponent)

    [<Fact>]
    let ``Arithmetic at points is tight`` () =
        let cases = Cases 22

        for round in 1..2000 do
            let bits = 8 + round % 120
            let p, q = cases.Rational(), cases.Rational()
            let x, y = Interval.Point p, Interval.Point q

            // A far smaller summand costs one more unit of the last bit.
            Assert.True(isTight bits 2 (Interval.add bits x y))
            Assert.True(isTight bits 2 (Interval.subtract bits x y))
            Assert.True(isTight bits 1 (Interval.multiply bits x y))

            if not q.IsZero then
                Assert.True(isTight bits 1 (Interval.divide bits x y))
                Assert.True(isTight bits 2 (Interval.power bits y (cases.Below 41 - 20)))

    [<Fact>]
    let ``Arithmetic on wide intervals gives the exact range`` () =
        let check low high (x: Interval) =
            Assert.Equal(number low, x.Low)
            Assert.Equal(number high, x.High)

        let bits = 30
        check "-3" "5" (Interval.add bits (between "-1" "2") (between "-2" "3"))
        check "-4" "4" (Interval.subtract bits (between "-1" "2") (between "-2" "3"))
        check "-4" "6" (Interval.multiply bits (between "-1" "2") (between "-2" "3"))
        check "-6" "-1" (Interval.multiply bits (between "-2" "-1") (between "1" "3"))
        check "2" "6" (Interval.multiply bits (between "-3" "-2") (between "-2" "-1"))
        check "-3" "6" (Interval.multiply bits (between "-1" "2") (between "1" "3"))
        check "-6" "3" (Interval.multiply bits (between "-3" "-1") (between "-1" "2"))
        check "1/4" "2" (Interval.divide bits (between "1" "4") (between "2" "4"))
        check "0" "9" (Interval.power bits (between "-3" "2") 2)
        check "-27" "8" (Interval.power bits (between "-3" "2") 3)
        check "1/16" "1" (Interval.power bits (between "1" "4") -2)
        check "0" "3" (Interval.abs (between "-3" "2"))
        check "1" "1" (Interval.power bits (between "-3" "2") 0)
        check "-1" "4" (Interval.max (between "-3" "4") (between "-1" "2"))
        check "-3" "2" (Interval.min (between "-3" "4") (between "-1" "2"))

    [<Fact>]
    let ``Summands of very different size keep the bounds rigorous`` () =
        for exponent in [ 20; 60; 70; 500; 100000 ] do
            for s in [ -1; 1 ] do
                for t in [ -1; 1 ] do
                    let large = Rational.OfInt(3 * s)
                    let small = Rational.OfInt t * two.Power -exponent
                    let sum = Interval.add 64 (Interval.Point large) (Interval.Point small)
                    Assert.True(sum.Contains(large + small))
                    Assert.True(isTight 64 1 sum)

    let private reference =
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "reference", "functions.csv"))
        |> Array.filter (fun line -> not (line.StartsWith '#'))
        |> Array.skip 1
        |> Array.map (fun line ->
            let cells = line.Split ','

            let digits, exponent = (let mark = cells[2].IndexOf 'e' in cells[2].Substring(0, mark), cells[2].Substring(mark + 1))

            let power = (Rational.OfInt 10).Power(Int32.Parse(exponent, CultureInfo.InvariantCulture))

            let places = digits.Length - digits.IndexOf '.' - 1
            // Half a unit of the last digit, rounded up to one.
            let error = power * (Rational.OfInt 10).Power -places
            struct (cells[0], number cells[1], number digits * power, error))

    [<Fact>]
    let ``Reference values lie inside and intervals are tight`` () =
        Assert.InRange(reference.Length, 100, 1000)

        for struct (name, argument, value, error) in reference do
            for bits in [ 8; 24; 53; 113; 200 ] do
                let x = Interval.Point argument
                let result = if name = "pi" then Interval.pi bits else named name bits x
                let low, high = result.Low - error, result.High + error
                Assert.True(low.CompareTo value <= 0 && value.CompareTo high <= 0, $"{name}({argument}) at {bits} bits")
                Assert.True(isTight bits 2 result, $"{name}({argument}) at {bits} bits is wide")

    [<Fact>]
    let ``Functions of an interval enclose their values at its points`` () =
        let cases = Cases 23

        for round in 1..400 do
            let bits = 16 + round % 80
            let a, b = cases.Small 12, cases.Small 12
            let low, high = (if a.CompareTo b <= 0 then a, b else b, a)
            let x = Interval.Between(low, high)

            let inside = low + (high - low) * Rational.Create(BigInteger(cases.Below 8), BigInteger 7)

            for name, f in functions do
                let outer = f bits x
                let inner = f (bits + 60) (Interval.Point inside)

                let hasValue = (name <> "log" || inside.Sign > 0) && (name <> "sqrt" || inside.Sign >= 0)

                if hasValue then
                    Assert.True(isWithin outer inner, $"{name} of [{low}, {high}] at {inside}")

    [<Fact>]
    let ``Finer precision stays inside coarser`` () =
        let cases = Cases 24

        for _ in 1..60 do
            let x = Interval.Point((cases.Small 30).Abs + two.Power -40)

            for name, f in functions do
                for bits in [ 12; 60; 300 ] do
                    let fine, coarse = f (bits * 3) x, f bits x
                    Assert.True(meet fine coarse, $"{name} at {x.Low}")
                    Assert.True(isTight bits 2 coarse, $"{name} at {x.Low} is wide")
                    // What fine and coarse may differ by is one unit of the coarse one.
                    Assert.True((fine.Low - coarse.Low).CompareTo -coarse.Width >= 0)
                    Assert.True((coarse.High - fine.High).CompareTo -coarse.Width >= 0)

    [<Fact>]
    let ``Identities between functions hold`` () =
        let cases = Cases 25
        let bits = 100

        for _ in 1..300 do
            let x = cases.Small 40
            let at = Interval.Point x

            let holds (result: Interval) value = Assert.True(result.Contains value, $"at {x}")

            let square y = Interval.power bits y 2
            holds (Interval.log bits (Interval.exp bits at)) x
            holds (Interval.multiply bits (Interval.exp bits at) (Interval.exp bits (Interval.negate at))) Rational.One
            holds (Interval.add bits (square (Interval.sin bits at)) (square (Interval.cos bits at))) Rational.One

            holds (Interval.subtract bits (square (Interval.cosh bits at)) (square (Interval.sinh bits at))) Rational.One

            holds (square (Interval.sqrt bits (Interval.Point x.Abs))) x.Abs
            let quotient = Interval.divide bits (Interval.sinh bits at) (Interval.cosh bits at)
            Assert.True(meet quotient (Interval.tanh bits at))

            // sin 2x = 2 sin x cos x
            let double = Interval.multiply bits (Interval.Point two) (Interval.multiply bits (Interval.sin bits at) (Interval.cos bits at))

            Assert.True(meet double (Interval.sin bits (Interval.Point(x + x))))

    [<Fact>]
    let ``Sine and cosine find their extremes inside`` () =
        let tiny = two.Power -50
        let one = Rational.One

        let range (x: Interval) low high =
            Assert.True((x.Low - low).Abs.CompareTo tiny <= 0, $"{x.Low}")
            Assert.True((x.High - high).Abs.CompareTo tiny <= 0, $"{x.High}")

        let sinAt text = (Interval.sin 60 (point text)).Low
        let cosAt text = (Interval.cos 60 (point text)).Low
        range (Interval.sin 60 (between "0" "3")) Rational.Zero one
        range (Interval.sin 60 (between "0" "1")) Rational.Zero (sinAt "1")
        range (Interval.sin 60 (between "2" "4")) (sinAt "4") (sinAt "2")

        range (Interval.sin 60 (between "4" "5")) -one (sinAt "4" |> fun a -> if a.CompareTo(sinAt "5") > 0 then a else sinAt "5")

        range (Interval.sin 60 (between "-2" "2")) -one one
        range (Interval.cos 60 (between "-1" "2")) (cosAt "2") one
        range (Interval.cos 60 (between "3" "4")) -one (cosAt "4")
        range (Interval.cos 60 (between "1" "3")) (cosAt "3") (cosAt "1")
        range (Interval.cos 60 (between "0" "7")) -one one
        range (Interval.sin 60 (between "100" "1000")) -one one
        Assert.True((Interval.sin 60 (between "-100" "100")).High.IsOne)

    [<Fact>]
    let ``Exact values stay points`` () =
        let exact (expected: string) (x: Interval) = Assert.Equal(ValueSome(number expected), x.TryPoint)

        exact "0" (Interval.log 20 (point "1"))
        exact "1" (Interval.exp 20 (point "0"))
        exact "0" (Interval.sin 20 (point "0"))
        exact "1" (Interval.cos 20 (point "0"))
        exact "0" (Interval.sinh 20 (point "0"))
        exact "1" (Interval.cosh 20 (point "0"))
        exact "0" (Interval.tanh 20 (point "0"))
        exact "3/2" (Interval.sqrt 20 (point "9/4"))
        exact "1/3" (point "1/3")
        exact "-1/3" (Interval.negate (point "1/3"))
        exact "7" (Interval.add 8 (point "3") (point "4"))
        Assert.Equal(ValueNone, (Interval.add 8 (point "1/3") (point "0")).TryPoint)

    [<Fact>]
    let ``Huge and tiny arguments end at once in true bounds`` () =
        let huge = "1" + String('0', 3000)
        Assert.True((Interval.exp 64 (point huge)).IsWhole)
        Assert.True((Interval.sinh 64 (point huge)).IsWhole)
        Assert.True((Interval.sinh 64 (point ("-" + huge))).IsWhole)
        Assert.True((Interval.cosh 64 (point ("-" + huge))).IsWhole)
        let vanishing = Interval.exp 64 (point ("-" + huge))
        Assert.True(vanishing.Low.IsZero && vanishing.High.Sign > 0)
        Assert.True(vanishing.High.CompareTo(two.Power -1000000) < 0)
        let half = Interval.exp 64 (between ("-" + huge) "1")
        Assert.True(half.Low.IsZero && half.High.CompareTo(number "2.7182818284590453") < 0)
        Assert.True((Interval.exp 64 (between "-1" huge)).IsWhole)
        Assert.True((Interval.tanh 64 (point huge)).High.IsOne)
        Assert.True(isTight 64 1 (Interval.tanh 64 (point ("-" + huge))))
        Assert.True(isTight 64 2 (Interval.log 64 (point huge)))
        Assert.True((Interval.sin 64 (point huge)).Contains Rational.Zero)
        Assert.True((Interval.power 64 (point "3") Int32.MaxValue).IsWhole)
        Assert.True((Interval.power 64 (point "1/3") Int32.MinValue).IsWhole)
        let small = Interval.power 64 (point "1/3") Int32.MaxValue
        Assert.True(small.Low.IsZero && small.High.Sign > 0)
        let negative = Interval.power 64 (point "-1/3") Int32.MaxValue
        Assert.True(negative.High.IsZero && negative.Low.Sign < 0)
        let tiny = number "1e-3000"

        for name in [ "sin"; "sinh"; "tanh" ] do
            Assert.True(isTight 64 2 (named name 64 (Interval.Point tiny)), name)

        let nextToOne = Interval.log 64 (Interval.Point(Rational.One + tiny))
        Assert.True(isTight 64 2 nextToOne)
        Assert.True(nextToOne.Contains(tiny - tiny * tiny / two))

    [<Fact>]
    let ``Whole says nothing and infects what is unbounded`` () =
        let whole, one = Interval.Whole, point "1"

        Assert.True(whole.IsWhole && whole.Contains(number "-1e100") && whole.Sign.IsNone && whole.TryPoint.IsNone)

        Assert.Throws<ArgumentException>(fun () -> whole.Low |> ignore) |> ignore
        Assert.Throws<ArgumentException>(fun () -> whole.High |> ignore) |> ignore
        Assert.Throws<ArgumentException>(fun () -> whole.Width |> ignore) |> ignore
        Assert.Throws<ArgumentException>(fun () -> between "1" "0" |> ignore) |> ignore

        for result in
            [ Interval.add 9 whole one
              Interval.subtract 9 one whole
              Interval.multiply 9 (point "0") whole
              Interval.divide 9 one whole
              Interval.divide 9 one (between "-1" "1")
              Interval.divide 9 one (between "0" "1")
              Interval.divide 9 one (point "0")
              Interval.power 9 (between "-1" "1") -1
              Interval.exp 9 whole
              Interval.log 9 whole
              Interval.log 9 (between "0" "1")
              Interval.log 9 (between "-1" "1")
              Interval.sqrt 9 (point "-1")
              Interval.sqrt 9 whole
              Interval.abs whole
              Interval.max whole one ] do
            Assert.True result.IsWhole

        for result in [ Interval.sin 9 whole; Interval.cos 9 whole; Interval.tanh 9 whole ] do
            Assert.Equal(-Rational.One, result.Low)
            Assert.Equal(Rational.One, result.High)

        Assert.True((Interval.sqrt 9 (between "-1" "4")).Low.IsZero)

    [<Fact>]
    let ``Signs are given when they are sure`` () =
        Assert.Equal(ValueSome 1, (between "1/3" "2").Sign)
        Assert.Equal(ValueSome -1, (between "-2" "-1/3").Sign)
        Assert.Equal(ValueSome 0, (point "0").Sign)
        Assert.Equal(ValueNone, (between "0" "1").Sign)
        Assert.Equal(ValueNone, (between "-1" "1").Sign)
        Assert.False((between "0" "1").Contains(number "-1e-300"))

    [<Fact>]
    let ``Pi is refined and never contradicts itself`` () =
        for bits in [ 8; 1000; 20; 300; 3000; 64 ] do
            let pi = Interval.pi bits
            Assert.True(isTight bits 2 pi)
            Assert.True(meet pi (Interval.pi 4000))
            Assert.False(pi.Contains(number "22/7") && bits > 10)
            Assert.True((Interval.sin bits pi).Contains Rational.Zero)
