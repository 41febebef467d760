namespace VerifyEnergy.Engines.Tests

open System.Linq
open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open CoreClaims

module PointsTests =
    let private stream seed = RandomStream.Create(seed, "points", [||], "test")

    /// Every domain, at a size.
    let domains n : (string * Domain) list =
        let size = number n
        let plain set sizes = Domain.Plain(set, List.map number sizes)

        [ "real", plain ScalarSet.Real []
          "real[n]", plain ScalarSet.Real [ n ]
          "real[n,m]", plain ScalarSet.Real [ n; n + 1 ]
          "pos[n]", plain ScalarSet.Positive [ n ]
          "nonneg[n,m]", plain ScalarSet.Nonnegative [ n + 1; n ]
          "complex[n,n]", plain ScalarSet.Complex [ n; n ]
          "bits", plain ScalarSet.Bit [ n ]
          "spins", plain ScalarSet.Spin [ n ]
          "int in -3..5", plain (ScalarSet.Integer(number -3, number 5)) [ n ]
          "int in 2..3", plain (ScalarSet.Integer(number 2, number 3)) [ n ]
          "sym", Domain.Symmetric size
          "psd", Domain.Psd(size, None)
          "psd rank 1", Domain.Psd(size, Some(number 1))
          "spd", Domain.Spd size
          "orth", Domain.Orthogonal size
          "diag", Domain.Diagonal size
          "herm", Domain.Hermitian size
          "hpsd", Domain.HermitianPsd size
          "hpd", Domain.HermitianPd size
          "unitary", Domain.Unitary size
          "density", Domain.Density size
          "simplex", Domain.Simplex size
          "stochastic", Domain.Stochastic(size, number (n + 1))
          "map", Domain.Map(size, number 3) ]

    let private always = equal (number 0) (number 0)

    let names: TheoryData<string> =
        let data = TheoryData<string>()

        for name, _ in domains 1 do
            data.Add name

        data

    [<Theory; MemberData(nameof names)>]
    let ``every constructed object belongs to its domain`` (name: string) =
        for n in 1..3 do
            let domain = domains n |> List.find (fst >> (=) name) |> snd
            let claim = claim [ object 0 domain ] [ always ]
            let points = InstancePoints(claim, [||], steps ())
            let drawn = points.All(stream 1UL) |> Seq.truncate 90 |> Seq.toList
            Assert.Equal(90, drawn.Length)

            for point in drawn do
                Assert.Equal(Ok true, isAdmissible claim point)

            // Not one object again and again.
            if n > 1 then
                Assert.True((List.distinct drawn).Length >= 4)

    [<Fact>]
    let ``a changed object does not belong to its domain`` () =
        let claim = claim [ object 0 (psd 2) ] [ always ]
        let point = InstancePoints(claim, [||], steps ()).All(stream 1UL).First()

        let broken =
            point
            |> List.map (fun (v, data) ->
                match data with
                | ObjectValue.Array(r, c, entries) ->
                    v, ObjectValue.Array(r, c, Array.updateAt 0 (struct (Rational.OfInt -1, Rational.Zero)) entries)
                | ObjectValue.Map _ -> v, data)

        Assert.Equal(Ok false, isAdmissible claim broken)

    [<Fact>]
    let ``couplings have the marginals that were drawn before them`` () =
        let claim =
            claim
                [ object 0 (Domain.Simplex(number 3)); object 1 (Domain.Simplex(number 2)); object 2 (Domain.Coupling(var 0, var 1)) ]
                [ always ]

        let points = InstancePoints(claim, [||], steps ())

        for point in points.All(stream 2UL) |> Seq.truncate 100 do
            Assert.Equal(Ok true, isAdmissible claim point)

    let private rejections claim =
        let points = InstancePoints(claim, [||], steps ())
        let length = points.TapeLength
        let draws = List.init 100 (fun case -> points.Random(stream 3UL, case, length))

        for draw in draws do
            match draw with
            | Draw.Admissible point -> Assert.Equal(Ok true, isAdmissible claim point)
            | Draw.IllDefined _ -> Assert.Fail "the hypothesis is defined everywhere"
            | Draw.Rejected -> ()

        draws |> List.filter ((=) Draw.Rejected) |> List.length

    let private complexSquare n = Domain.Plain(ScalarSet.Complex, [ number n; number n ])

    /// Hypotheses whose shape is known are met by construction.
    let hypotheses: (string * Claim) list =
        let pair domain = [ object 0 domain; object 1 domain ]

        [ "A <<= B", pair (psd 3) @ [ where (loewner (var 0) (var 1)) ]
          "B <<= A, B last", pair (psd 3) @ [ where (loewner (var 1) (var 0)) ]
          "A <<= B, hermitian", pair (Domain.Hermitian(number 2)) @ [ where (loewner (var 0) (var 1)) ]
          "A*B = B*A", pair (psd 3) @ [ where (equal (var 0 *. var 1) (var 1 *. var 0)) ]
          "A*B = B*A, spd", pair (Domain.Spd(number 2)) @ [ where (equal (var 1 *. var 0) (var 0 *. var 1)) ]
          "B = A'", pair (complexSquare 2) @ [ where (equal (var 1) (adjoint (var 0))) ]
          "tr(rho) = 1, rho nonzero", [ object 0 (Domain.HermitianPsd(number 2)); where (equal (tr (var 0)) (number 1)) ]
          "x <= y", pair (real []) @ [ where (atMost (var 0) (var 1)) ]
          "y < x, positive", pair (Domain.Plain(ScalarSet.Positive, [])) @ [ where (compare Relation.Less (var 1) (var 0)) ]
          "u'x = 3", pair (real [ 3 ]) @ [ where (equal (apply "dot" [ apply "ones" [ number 3 ]; var 1 ]) (number 3)) ]
          "tr(X) = tr(Y), sym", pair (Domain.Symmetric(number 2)) @ [ where (equal (tr (var 0)) (tr (var 1))) ] ]
        |> List.map (fun (name, declarations) -> name, claim declarations [ always ])

    let hypothesisNames: TheoryData<string> =
        let data = TheoryData<string>()

        for name, _ in hypotheses do
            data.Add name

        data

    [<Theory; MemberData(nameof hypothesisNames)>]
    let ``frequent hypotheses are met by construction`` (name: string) =
        // Zero objects may miss an equation such as tr(rho) = 1.
        Assert.True(rejections (hypotheses |> List.find (fst >> (=) name) |> snd) <= 20)

    [<Fact>]
    let ``a hypothesis of no known shape is checked, not assumed`` () =
        let claim = claim [ object 0 (real []); where (equal (var 0 *. var 0) (number 2)) ] [ always ]
        Assert.Equal(100, rejections claim)

    [<Fact>]
    let ``values are found for the binders of an outer forall`` () =
        // forall(x : real[2]) x'Ax ≥ 0 fails for symmetric A; the witness names x.
        let binder: Binder = { Variable = 5; Range = Range.Within(real [ 2 ]) }
        let form = adjoint (var 5) *. var 0 *. var 5
        let claim = claim [ object 0 (Domain.Symmetric(number 2)) ] [ Prop.Forall([ binder ], nonnegative form) ]
        let points = InstancePoints(claim, [||], steps ())

        let broken =
            points.All(stream 4UL)
            |> Seq.truncate 100
            |> Seq.filter (fun point -> points.Judge point = Standing.Violated)
            |> Seq.toList

        Assert.NotEmpty broken
        Assert.True(broken |> List.forall (refutes claim))

    [<Fact>]
    let ``the same stream gives the same points`` () =
        let claim = squares 2
        let draw seed = InstancePoints(claim, [||], steps ()).All(stream seed) |> Seq.truncate 100 |> Seq.toList
        Assert.Equal<Point>(draw 7UL, draw 7UL)
        Assert.NotEqual<Point list>(draw 7UL, draw 8UL)
