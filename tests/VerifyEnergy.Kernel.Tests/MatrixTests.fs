namespace VerifyEnergy.Kernel.Tests

open System
open System.Numerics
open Xunit
open VerifyEnergy.Kernel

module MatrixTests =
    let private size (a: Rational[,]) = Array2D.length1 a

    let private total (values: seq<Rational>) = Seq.fold (+) Rational.Zero values

    let rec private choices count from through =
        if count = 0 then
            [ [] ]
        else
            [ for first in from..through do
                  for rest in choices (count - 1) (first + 1) through -> first :: rest ]

    let private minor (rows: int list) (columns: int list) (a: Rational[,]) =
        let rows, columns = Array.ofList rows, Array.ofList columns
        Array2D.init rows.Length columns.Length (fun i j -> a[rows[i], columns[j]])

    /// Laplace expansion along the first row: the definition, unrolled.
    let rec private slowDeterminant (a: Rational[,]) =
        match size a with
        | 0 -> Rational.One
        | n ->
            total (
                seq {
                    for j in 0 .. n - 1 do
                        let rest =
                            minor
                                [ 1 .. n - 1 ]
                                [ for k in 0 .. n - 1 do
                                      if k <> j then
                                          k ]
                                a

                        let term = a[0, j] * slowDeterminant rest
                        if j % 2 = 0 then term else -term
                }
            )

    /// The largest order of a nonzero minor.
    let private slowRank (a: Rational[,]) =
        let rows, columns = Array2D.length1 a, Array2D.length2 a

        seq {
            for order in min rows columns .. -1 .. 1 do
                for r in choices order 0 (rows - 1) do
                    for c in choices order 0 (columns - 1) do
                        if not (slowDeterminant (minor r c a)).IsZero then
                            order
        }
        |> Seq.tryHead
        |> Option.defaultValue 0

    /// All principal minors, the definition-grade criterion for semidefiniteness.
    let private principalMinors (a: Rational[,]) =
        [ for order in 1 .. size a do
              for chosen in choices order 0 (size a - 1) -> slowDeterminant (minor chosen chosen a) ]

    let private equal (expected: Rational[,]) (actual: Rational[,]) = Assert.Equal<Rational[,]>(expected, actual)

    /// Entries small and often 0, so that singular matrices and row swaps are common.
    let private sparse (cases: Cases) rows columns =
        cases.Matrix(
            rows,
            columns,
            fun () ->
                match cases.Below 3 with
                | 0 -> Rational.Zero
                | 1 -> Rational.OfInt(cases.Below 5 - 2)
                | _ -> cases.Small 6
        )

    let private symmetric (cases: Cases) n =
        let a = sparse cases n n
        Array2D.init n n (fun i j -> if i <= j then a[i, j] else a[j, i])

    [<Fact>]
    let ``Determinants agree with the expansion into minors`` () =
        let cases = Cases 11

        for round in 1..300 do
            let n = round % 6
            let a = sparse cases n n
            Assert.Equal(slowDeterminant a, Matrix.determinant a)

        for n in 1..4 do
            let a = cases.Matrix(n, n, cases.Rational)
            Assert.Equal(slowDeterminant a, Matrix.determinant a)

    [<Fact>]
    let ``Ranks agree with the largest nonzero minor`` () =
        let cases = Cases 12

        for round in 1..200 do
            let rows, columns, inner = 1 + cases.Below 4, 1 + cases.Below 4, 1 + round % 3
            let a = Matrix.multiply (sparse cases rows inner) (sparse cases inner columns)
            Assert.Equal(slowRank a, Matrix.rank a)
            Assert.Equal(Matrix.rank a, Matrix.rank (Matrix.transpose a))

    [<Fact>]
    let ``Inverses multiply to the identity and exist with a nonzero determinant only`` () =
        let cases = Cases 13

        for round in 1..200 do
            let n = round % 6
            let a = sparse cases n n

            match Matrix.tryInverse a with
            | Some inverse ->
                equal (Matrix.identity n) (Matrix.multiply a inverse)
                equal (Matrix.identity n) (Matrix.multiply inverse a)
            | None -> Assert.True((slowDeterminant a).IsZero)

    [<Fact>]
    let ``Every matrix is a root of its characteristic polynomial`` () =
        let cases = Cases 14

        for round in 1..60 do
            let n = 1 + round % 5
            let a = sparse cases n n
            let coefficients = Matrix.characteristicPolynomial a
            Assert.Equal(n + 1, coefficients.Length)
            Assert.True coefficients[n].IsOne
            Assert.Equal(-(total (seq { for i in 0 .. n - 1 -> a[i, i] })), coefficients[n - 1])
            // The constant is det(−A); the polynomial is det(xI − A) at any x.
            let x = cases.Small 5

            let shifted = Array2D.init n n (fun i j -> (if i = j then x else Rational.Zero) - a[i, j])

            let value = Array.foldBack (fun c sum -> sum * x + c) coefficients Rational.Zero
            Assert.Equal(slowDeterminant shifted, value)

            let horner =
                Array.foldBack
                    (fun c sum -> Matrix.multiply sum a |> Array2D.mapi (fun i j entry -> if i = j then entry + c else entry))
                    coefficients
                    (Array2D.create n n Rational.Zero)

            equal (Array2D.create n n Rational.Zero) horner

    [<Fact>]
    let ``LDLᵀ multiplies back`` () =
        let cases = Cases 15
        let mutable found = 0

        for round in 1..300 do
            let n = 1 + round % 5
            let a = symmetric cases n

            match Matrix.tryLdl a with
            | Some(l, d) ->
                found <- found + 1
                let scaled = Array2D.mapi (fun _ j entry -> entry * d[j]) l
                equal a (Matrix.multiply scaled (Matrix.transpose l))

                for i in 0 .. n - 1 do
                    Assert.True l[i, i].IsOne

                    for j in i + 1 .. n - 1 do
                        Assert.True l[i, j].IsZero
            | None -> Assert.Contains(principalMinors a, (fun (m: Rational) -> m.Sign < 0))

        Assert.InRange(found, 100, 299)

    [<Fact>]
    let ``Definiteness agrees with the signs of all principal minors`` () =
        let cases = Cases 16
        let mutable psd, pd = 0, 0

        for round in 1..500 do
            let n = 1 + round % 4

            let a =
                if round % 2 = 0 then
                    symmetric cases n
                else
                    // Semidefinite of low rank, nudged every third time.
                    let b = sparse cases n (1 + cases.Below n)
                    let gram = Matrix.multiply b (Matrix.transpose b)

                    if round % 3 = 0 then
                        gram[n - 1, n - 1] <- gram[n - 1, n - 1] - Rational.Create(BigInteger.One, BigInteger.Pow(BigInteger 2, 200))

                    gram

            let minors = principalMinors a
            let isPsd = minors |> List.forall (fun m -> m.Sign >= 0)
            // Sylvester: leading minors suffice for strictness, so all of them do.
            let isPd = minors |> List.forall (fun m -> m.Sign > 0)
            Assert.Equal(isPsd, Matrix.isPsd a)
            Assert.Equal(isPd, Matrix.isPd a)
            psd <- psd + (if isPsd then 1 else 0)
            pd <- pd + (if isPd then 1 else 0)

        Assert.InRange(pd, 20, psd - 20)
        Assert.InRange(psd, 50, 450)

    [<Fact>]
    let ``A form without symmetry is not definite`` () =
        let a = array2D [ [ Rational.One; Rational.OfInt 1 ]; [ -Rational.One; Rational.One ] ]

        Assert.False(Matrix.isSymmetric a)
        Assert.False(Matrix.isPsd a)
        Assert.False(Matrix.isPd a)
        Assert.False(Matrix.isPsd (Array2D.create 1 2 Rational.One))
        Assert.Throws<ArgumentException>(fun () -> Matrix.tryLdl a |> ignore)

    let private residue (prime: int64) (x: Rational) =
        let p = BigInteger prime
        let inverse = BigInteger.ModPow(x.Denominator, p - BigInteger 2, p)
        int64 (((x.Numerator * inverse) % p + p) % p)

    [<Fact>]
    let ``Modular determinants and ranks follow the rational ones`` () =
        let cases = Cases 17
        let largest = 9223372036854775783L

        for round in 1..200 do
            let n = 1 + round % 4
            let a = sparse cases n n

            for prime in [ 7L; 101L; 2147483647L; largest ] do
                Assert.Equal(Some(residue prime (slowDeterminant a)), Matrix.determinantModulo prime a)
                Assert.InRange((Matrix.rankModulo prime a).Value, 0, Matrix.rank a)

            // Minors of such small entries are no multiples of these primes.
            Assert.Equal(Some(Matrix.rank a), Matrix.rankModulo 2147483647L a)
            Assert.Equal(Some(Matrix.rank a), Matrix.rankModulo largest a)

    [<Fact>]
    let ``A rank may drop modulo a prime and never rises modulo anything`` () =
        let a = array2D [ [ Rational.OfInt 7; Rational.Zero ]; [ Rational.Zero; Rational.One ] ]

        Assert.Equal(Some 1, Matrix.rankModulo 7L a)
        Assert.Equal(Some 2, Matrix.rankModulo 5L a)
        Assert.Equal(None, Matrix.rankModulo 14L a)
        Assert.Equal(None, Matrix.rankModulo 1L a)
        Assert.Equal(None, Matrix.rankModulo 0L a)
        Assert.Equal(None, Matrix.rankModulo -7L a)
        Assert.Equal(None, Matrix.determinantModulo 7L (array2D [ [ (Rational.OfInt 7).Reciprocal ] ]))

        let cases = Cases 18

        for composite in [ 4L; 6L; 9L; 15L; 91L; 4611686014132420609L ] do
            for _ in 1..100 do
                let b = Matrix.multiply (sparse cases 4 2) (sparse cases 2 4)

                match Matrix.rankModulo composite b with
                | Some found -> Assert.InRange(found, 0, Matrix.rank b)
                | None -> ()

    [<Fact>]
    let ``Arguments stay as they were`` () =
        let cases = Cases 19
        let a = symmetric cases 4
        let copy = Array2D.copy a
        Matrix.determinant a |> ignore
        Matrix.rank a |> ignore
        Matrix.tryInverse a |> ignore
        Matrix.tryLdl a |> ignore
        Matrix.characteristicPolynomial a |> ignore
        Matrix.rankModulo 101L a |> ignore
        equal copy a

    [<Fact>]
    let ``Shapes that do not fit are refused`` () =
        let wide = Array2D.create 2 3 Rational.One

        let refused (action: unit -> 'T) = Assert.Throws<ArgumentException>(fun () -> action () |> ignore) |> ignore

        refused (fun () -> Matrix.multiply wide wide)
        refused (fun () -> Matrix.determinant wide)
        refused (fun () -> Matrix.tryInverse wide)
        refused (fun () -> Matrix.characteristicPolynomial wide)
        refused (fun () -> Matrix.determinantModulo 7L wide)
