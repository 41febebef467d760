namespace VerifyEnergy.Kernel.Tests

open System
open System.IO
open System.Numerics
open System.Reflection
open System.Runtime.Loader
open System.Text
open Xunit
open VerifyEnergy.Kernel

/// The definition of the rationals, word for word: pairs of big integers, reduced after each operation.
[<Struct; CustomEquality; NoComparison>]
type internal Pair =
    { P: BigInteger
      Q: BigInteger }

    static member Of(p: BigInteger, q: BigInteger) =
        let divisor = BigInteger.GreatestCommonDivisor(p, q) * BigInteger(if q.Sign < 0 then -1 else 1)

        { P = p / divisor; Q = q / divisor }

    override x.Equals other =
        match other with
        | :? Pair as y -> x.P = y.P && x.Q = y.Q
        | _ -> false

    override x.GetHashCode() = x.P.GetHashCode()
    override x.ToString() = $"{x.P}/{x.Q}"

/// Everything rationals answer on many cases, as text, so that two builds of the type can be compared.
type Transcript() =
    static member UsesFastPath() = Rational.usesFastPath

    static member Text() =
        let cases = Cases 7
        let text = StringBuilder()
        let write (value: Rational) = text.Append(value).Append ' ' |> ignore

        for _ in 1..3000 do
            let x, y = cases.Rational(), cases.Rational()
            let exponent = cases.Below 9 - 4
            List.iter write [ x; y; x + y; x - y; x * y; -x; x.Abs; Rational.OfInt exponent ]

            if not y.IsZero then
                List.iter write [ x / y; y.Reciprocal; y.Power exponent ]

            text.AppendLine(
                $"{x.Floor} {x.TryInt} {x.Sign} {x.IsZero} {x.IsOne} {x.IsInteger} {x.BitLength} {x.CompareTo y} {x.Equals y} {x = x + y - y} {(x + y - y).GetHashCode() = x.GetHashCode()} {(x - x).Equals Rational.Zero} {(x - x).Equals(Unchecked.defaultof<Rational>)}"
            )
            |> ignore

        for size in 1..5 do
            let a = cases.Matrix(size, size, cases.Rational)
            write (Matrix.determinant a)
            Matrix.characteristicPolynomial a |> Array.iter write
            Matrix.tryInverse a |> Option.iter (Seq.cast<Rational> >> Seq.iter write)

        text.ToString()

module RationalTests =
    let private pair (x: Rational) = { P = x.Numerator; Q = x.Denominator }

    let private agree (expected: Pair) (actual: Rational) =
        Assert.Equal(expected, pair actual)
        // One value has one representation: built from parts and computed, it is equal and hashes alike.
        let built = Rational.Create(expected.P, expected.Q)
        Assert.True(built.Equals actual)
        Assert.Equal(0, built.CompareTo actual)
        Assert.Equal(built.GetHashCode(), actual.GetHashCode())

    [<Fact>]
    let ``Operations agree with pairs of big integers`` () =
        let cases = Cases 1

        for _ in 1..20000 do
            let x, y = cases.Rational(), cases.Rational()
            let a, b = pair x, pair y
            agree (Pair.Of(a.P * b.Q + b.P * a.Q, a.Q * b.Q)) (x + y)
            agree (Pair.Of(a.P * b.Q - b.P * a.Q, a.Q * b.Q)) (x - y)
            agree (Pair.Of(a.P * b.P, a.Q * b.Q)) (x * y)
            agree (Pair.Of(-a.P, a.Q)) -x
            agree (Pair.Of(BigInteger.Abs a.P, a.Q)) x.Abs
            Assert.Equal(sign (compare (a.P * b.Q) (b.P * a.Q)), x.CompareTo y)
            Assert.Equal((a = b), (x = y))
            Assert.Equal(a.P.Sign, x.Sign)

            if not y.IsZero then
                agree (Pair.Of(a.P * b.Q, a.Q * b.P)) (x / y)
                agree (Pair.Of(b.Q, b.P)) y.Reciprocal

            let floor = x.Floor
            Assert.True(floor * a.Q <= a.P && a.P < (floor + BigInteger.One) * a.Q)

    [<Fact>]
    let ``Field laws hold`` () =
        let cases = Cases 2

        for _ in 1..5000 do
            let x, y, z = cases.Rational(), cases.Rational(), cases.Rational()
            Assert.Equal(x + y, y + x)
            Assert.Equal(x * y, y * x)
            Assert.Equal((x + y) + z, x + (y + z))
            Assert.Equal((x * y) * z, x * (y * z))
            Assert.Equal(x * (y + z), x * y + x * z)
            Assert.Equal(x, x + y - y)
            Assert.True((x - x).IsZero)

            if not x.IsZero then
                Assert.True((x * x.Reciprocal).IsOne)
                Assert.Equal(y, y / x * x)

    [<Fact>]
    let ``Parts at the border of 64 bits are exact`` () =
        let border = BigInteger Int64.MaxValue

        for d in -3 .. 3 do
            for e in -3 .. 3 do
                let p, q = border + BigInteger d, -border + BigInteger e
                let x, y = Rational.OfBigInteger p, Rational.OfBigInteger q
                agree (Pair.Of(p + q, BigInteger.One)) (x + y)
                agree (Pair.Of(p - q, BigInteger.One)) (x - y)
                agree (Pair.Of(p + p, BigInteger.One)) (x + x)
                agree (Pair.Of(q + q, BigInteger.One)) (y + y)
                agree (Pair.Of(p * q, BigInteger.One)) (x * y)
                agree (Pair.Of(p, q)) (x / y)
                agree (Pair.Of(p * p + q * q, p * q)) (x / y + y / x)
                agree (Pair.Of(p * p - q * q, p * q)) (x / y - y / x)

    [<Fact>]
    let ``Powers are repeated products`` () =
        let cases = Cases 3

        for _ in 1..300 do
            let x = cases.Rational()
            let mutable product = Rational.One

            for exponent in 0..12 do
                Assert.Equal(product, x.Power exponent)

                if not x.IsZero then
                    Assert.Equal(product.Reciprocal, x.Power -exponent)

                product <- product * x

        Assert.Equal(Rational.One, (-Rational.One).Power Int32.MinValue)
        Assert.Equal(-Rational.One, (-Rational.One).Power Int32.MaxValue)
        Assert.True((Rational.Zero.Power Int32.MaxValue).IsZero)

    [<Fact>]
    let ``Division by zero is refused`` () =
        let refused (action: unit -> Rational) = Assert.Throws<DivideByZeroException>(fun () -> action () |> ignore) |> ignore

        refused (fun () -> Rational.Create(BigInteger.One, BigInteger.Zero))
        refused (fun () -> Rational.One / Rational.Zero)
        refused (fun () -> Rational.Zero.Reciprocal)
        refused (fun () -> Rational.Zero.Power -1)

    [<Fact>]
    let ``Text round-trips`` () =
        let cases = Cases 4

        for _ in 1..3000 do
            let x = cases.Rational()
            Assert.Equal(Some x, Rational.TryParse(x.ToString()))

    [<Theory>]
    [<InlineData("3", "3")>]
    [<InlineData("-3/7", "-3/7")>]
    [<InlineData("6/4", "3/2")>]
    [<InlineData("0.125", "1/8")>]
    [<InlineData("-0.50", "-1/2")>]
    [<InlineData("1e-9", "1/1000000000")>]
    [<InlineData("2.5E+3", "2500")>]
    [<InlineData("-0", "0")>]
    [<InlineData("9223372036854775808", "9223372036854775808")>]
    [<InlineData("-9223372036854775808/9223372036854775809", "-9223372036854775808/9223372036854775809")>]
    let ``Numbers are read exactly`` (text: string, expected: string) =
        Assert.Equal(Some expected, Rational.TryParse text |> Option.map string)

    [<Theory>]
    [<InlineData("")>]
    [<InlineData("-")>]
    [<InlineData("+1")>]
    [<InlineData("--1")>]
    [<InlineData("1.")>]
    [<InlineData(".5")>]
    [<InlineData("1.2.3")>]
    [<InlineData("1/0")>]
    [<InlineData("1/-2")>]
    [<InlineData("1/2/3")>]
    [<InlineData("1.5/2")>]
    [<InlineData("1e")>]
    [<InlineData("1e1.5")>]
    [<InlineData("e5")>]
    [<InlineData("1e999999999")>]
    [<InlineData(" 1")>]
    [<InlineData("1,5")>]
    [<InlineData("NaN")>]
    [<InlineData("٣")>]
    let ``Other text is no number`` (text: string) = Assert.Equal(None, Rational.TryParse text)

    [<Fact>]
    let ``The default value is zero`` () =
        let zero = Unchecked.defaultof<Rational>
        Assert.True zero.IsZero
        Assert.Equal(Rational.Zero, zero)
        Assert.Equal(Rational.Zero.GetHashCode(), zero.GetHashCode())
        Assert.Equal(Rational.One, zero + Rational.One)
        Assert.Equal(BigInteger.One, zero.Denominator)

    [<Fact>]
    let ``Integers come back as int in exactly the range of int`` () =
        for d in -2 .. 2 do
            for border in [ Int32.MinValue; 0; Int32.MaxValue ] do
                let value = int64 border + int64 d

                let expected =
                    if value >= int64 Int32.MinValue && value <= int64 Int32.MaxValue then
                        ValueSome(int value)
                    else
                        ValueNone

                Assert.Equal(expected, Rational.OfBigInteger(BigInteger value).TryInt)

        Assert.Equal(ValueNone, Rational.Create(BigInteger.One, BigInteger 2).TryInt)

    [<Fact>]
    let ``Small operations allocate nothing`` () =
        if Rational.usesFastPath then
            let x, y = Rational.Create(BigInteger 355, BigInteger 113), Rational.Create(BigInteger -22, BigInteger 7)

            let run count =
                let mutable sum = Rational.Zero

                for _ in 1..count do
                    sum <- (x + y) * (x - y) / (sum * sum + x) - Rational.OfInt 3
                    sum <- if sum.CompareTo x < 0 && not (sum.Equals y) then y else x

                sum

            run 100 |> ignore
            let before = GC.GetAllocatedBytesForCurrentThread()
            run 1000 |> ignore
            Assert.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before)

    /// A second copy of the kernel and of these tests, with its own statics.
    type private SecondCopy(folder: string) =
        inherit AssemblyLoadContext("second copy")

        override x.Load name =
            match name.Name with
            | null -> null
            | "VerifyEnergy.Kernel"
            | "VerifyEnergy.Kernel.Tests" -> x.LoadFromAssemblyPath(Path.Combine(folder, $"{name.Name}.dll"))
            | _ -> null

    [<Fact>]
    let ``The fast path on and off give the same answers`` () =
        let switchName = "VerifyEnergy.Kernel.SmallRationals"
        let here = Rational.usesFastPath
        let expected = Transcript.Text()
        let own = Assembly.GetExecutingAssembly()

        let call (name: string) =
            AppContext.SetSwitch(switchName, not here)

            try
                let copy = SecondCopy(string (Path.GetDirectoryName own.Location))

                match copy.LoadFromAssemblyName(own.GetName()).GetType(typeof<Transcript>.FullName |> string) with
                | null -> null, null
                | transcript ->
                    let invoke (name: string) =
                        match transcript.GetMethod name with
                        | null -> null
                        | found -> found.Invoke(null, [||])

                    invoke "UsesFastPath", invoke name
            finally
                AppContext.SetSwitch(switchName, here)

        let usesFastPath, text = call "Text"
        Assert.Equal(box (not here), usesFastPath)
        Assert.Equal(expected, string text)
