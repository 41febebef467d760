namespace VerifyEnergy.Engines.Tests

open System.Diagnostics
open Xunit
open Xunit.Abstractions
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open CoreClaims

type SmallestTests(output: ITestOutputHelper) =
    let integers rows columns (entries: int list) =
        ObjectValue.Array(rows, columns, entries |> List.map (fun x -> struct (Rational.OfInt x, Rational.Zero)) |> List.toArray)

    /// A witness of one seed, from random points alone.
    let anyWitness claim seed =
        let points = InstancePoints(claim, [||], steps ())
        let length = points.TapeLength
        let stream = RandomStream.Create(seed, "smallest", [||], "test")

        Seq.initInfinite (fun case -> points.Random(stream, case, length))
        |> Seq.choose (fun draw ->
            match draw with
            | Draw.Admissible point when points.Judge point = Standing.Violated -> Some point
            | Draw.IllDefined point -> Some point
            | Draw.Admissible _
            | Draw.Rejected -> None)
        |> Seq.head

    let show (point: Point) =
        point
        |> List.map (fun (_, data) ->
            match data with
            | ObjectValue.Map images -> $"%A{images}"
            | ObjectValue.Array(_, columns, entries) ->
                entries
                |> Array.chunkBySize columns
                |> Array.map (fun row ->
                    row |> Array.map (fun (struct (a, b)) -> if b.IsZero then string a else $"{a}+{b}i") |> String.concat ",")
                |> String.concat ";")
        |> String.concat " | "

    let least name claim seed =
        let known = anyWitness claim seed
        let clock = Stopwatch.StartNew()
        let smallest = Smallest.find claim [||] known
        output.WriteLine $"{name}: {show smallest.Witness} ({smallest.Minimal}) {clock.ElapsedMilliseconds} ms"
        Assert.True(refutes claim smallest.Witness)
        smallest

    [<Fact>]
    member _.``squares of ordered matrices: the known minimum, from twenty seeds``() =
        let claim = squares 2

        for seed in 1UL .. 20UL do
            let smallest = least "squares" claim seed
            Assert.Equal<Point>([ 0, integers 2 2 [ 0; 0; 0; 1 ]; 1, integers 2 2 [ 1; 1; 1; 2 ] ], smallest.Witness)
            Assert.Contains("no witness has entries in {−1, 0, 1}, 36 points exhausted", smallest.Minimal)

    [<Fact>]
    member _.``rank of a sum: zeros and ones, as few as possible``() =
        let smallest = least "rank 2 1" (rankOfSum 2 1) 1UL
        Assert.Equal<Point>([ 0, integers 2 1 [ 0; 1 ]; 1, integers 2 1 [ 1; 0 ] ], smallest.Witness)
        Assert.Contains("{−1, 0, 1}", smallest.Minimal)

        for n in 2..4 do
            for k in 1 .. n - 1 do
                let claim = rankOfSum n k
                let smallest = least $"rank {n} {k}" claim 2UL
                let measured = Smallest.measure claim smallest.Witness
                Assert.Equal(k + 1, measured.Nonzeros)
                Assert.Equal(k + 1, measured.RankSum)
                Assert.True(measured.Height.IsOne && measured.Denominator.IsOne)

    [<Fact>]
    member _.``triple traces``() =
        let smallest = least "triple trace" (tripleTrace 2) 1UL
        Assert.Equal(3, (Smallest.measure (tripleTrace 2) smallest.Witness).RankSum)

        for seed in 2UL .. 5UL do
            Assert.Equal<Point>(smallest.Witness, (least "triple trace" (tripleTrace 2) seed).Witness)

        least "triple trace 3" (tripleTrace 3) 1UL |> ignore

    [<Fact>]
    member _.``every false claim, from several seeds``() =
        for name, claim in SearchTests.falseClaims do
            let first = least name claim 1UL

            for seed in 2UL .. 4UL do
                Assert.Equal<Point>(first.Witness, (least name claim seed).Witness)

    [<Fact>]
    member _.``scalars: minimality is proved``() =
        let x = object 0 (real [])
        let quotient = claim [ x ] [ equal (apply "/" [ var 0; var 0 ]) (number 1) ]
        let zero = least "x/x" quotient 1UL
        Assert.Equal<Point>([ 0, integers 1 1 [ 0 ] ], zero.Witness)
        Assert.True zero.IsProved

        // x² ≤ 8 fails first at 3.
        let square = claim [ x ] [ atMost (var 0 *. var 0) (number 8) ]
        let three = least "square" square 1UL
        Assert.Equal<Point>([ 0, integers 1 1 [ 3 ] ], three.Witness)
        Assert.True three.IsProved
        Assert.Equal("minimal: every smaller point excluded, 5 points tried", three.Minimal)

    [<Fact>]
    member _.``fractions where whole numbers do not do``() =
        // p'p = 1 holds at the vertices of the simplex alone.
        let norm = adjoint (var 0) *. var 0
        let claim = claim [ object 0 (Domain.Simplex(number 3)) ] [ equal norm (number 1) ]
        let smallest = least "vertices" claim 1UL
        let half = Rational.Create(1I, 2I)
        let zero = Rational.Zero
        Assert.Equal<Point>([ 0, ObjectValue.Array(3, 1, [| for x in [ zero; half; half ] -> struct (x, zero) |]) ], smallest.Witness)
        Assert.True smallest.IsProved

    [<Fact>]
    member _.``minimality is not claimed where smaller points are not excluded``() =
        let smallest = least "squares" (squares 2) 1UL
        Assert.False smallest.IsProved

    [<Fact>]
    member _.``the order of points``() =
        let claim = claim [ object 0 (real [ 2 ]) ] [ equal (var 0) (var 0) ]
        let at a b : Point = [ 0, ObjectValue.Array(2, 1, [| struct (a, Rational.Zero); struct (b, Rational.Zero) |]) ]
        let whole a b = at (Rational.OfInt a) (Rational.OfInt b)

        let ascending =
            [ whole 0 0
              whole 0 1
              whole 0 -1
              whole 1 0
              whole -1 0
              whole 1 1
              whole 1 -1
              whole 0 2
              whole 2 0
              whole 0 3
              at Rational.Zero (Rational.Create(1I, 2I)) ]

        let measures = ascending |> List.map (Smallest.measure claim)
        Assert.Equal<Measure>(measures, List.sort measures)
        Assert.Equal(measures.Length, (List.distinct measures).Length)
