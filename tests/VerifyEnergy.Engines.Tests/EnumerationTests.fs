namespace VerifyEnergy.Engines.Tests

open Xunit
open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open CoreClaims

/// The enumeration of objects against all arrays, one by one, in the checker's hands.
module EnumerationTests =
    let private spaces: (string * Space * Domain * int * int) list =
        let n = number 2
        let plain set sizes = Domain.Plain(set, List.map number sizes)

        [ "pos", Space.Entries(Slot.Positive, 2, 1), plain ScalarSet.Positive [ 2 ], 2, 1
          "spins", Space.Entries(Slot.Sign, 2, 1), plain ScalarSet.Spin [ 2 ], 2, 1
          "int", Space.Entries(Slot.Whole(-1, 3), 2, 1), plain (ScalarSet.Integer(number -1, number 3)) [ 2 ], 2, 1
          "complex", Space.ComplexEntries(1, 2), plain ScalarSet.Complex [ 1; 2 ], 1, 2
          "sym", Space.Symmetric 2, Domain.Symmetric n, 2, 2
          "psd", Space.Psd(2, 2), Domain.Psd(n, None), 2, 2
          "psd rank 1", Space.Psd(2, 1), Domain.Psd(n, Some(number 1)), 2, 2
          "spd", Space.Spd 2, Domain.Spd n, 2, 2
          "orth", Space.Orthogonal 2, Domain.Orthogonal n, 2, 2
          "diag", Space.Diagonal 2, Domain.Diagonal n, 2, 2
          "herm", Space.Hermitian 2, Domain.Hermitian n, 2, 2
          "hpsd", Space.HermitianPsd 2, Domain.HermitianPsd n, 2, 2
          "hpd", Space.HermitianPd 2, Domain.HermitianPd n, 2, 2
          "unitary", Space.Unitary 2, Domain.Unitary n, 2, 2
          "density", Space.Density 2, Domain.Density n, 2, 2
          "simplex", Space.Simplex 2, Domain.Simplex n, 2, 1
          "stochastic", Space.Stochastic(2, 2), Domain.Stochastic(n, n), 2, 2 ]

    /// All arrays with numerators in −height..height.
    let private arrays isComplex rows columns denominator height =
        let parts = rows * columns * (if isComplex then 2 else 1)

        let rec tuples count =
            if count = 0 then
                [ [] ]
            else
                [ for x in -height .. height do
                      for rest in tuples (count - 1) -> x :: rest ]

        let exact x = Rational.Create(System.Numerics.BigInteger(x: int), System.Numerics.BigInteger(denominator: int))

        tuples parts
        |> List.map (fun numbers ->
            let numbers = List.toArray numbers

            let entry k =
                if isComplex then
                    struct (exact numbers[2 * k], exact numbers[2 * k + 1])
                else
                    struct (exact numbers[k], Rational.Zero)

            ObjectValue.Array(rows, columns, Array.init (rows * columns) entry))

    let names: TheoryData<string> =
        let data = TheoryData<string>()

        for name, _, _, _, _ in spaces do
            data.Add name

        data

    [<Theory; MemberData(nameof names)>]
    let ``all small objects, and only they`` (name: string) =
        let _, space, domain, rows, columns = spaces |> List.find (fun (other, _, _, _, _) -> other = name)
        let claim = claim [ object 0 domain ] [ equal (number 0) (number 0) ]
        let isComplex = Space.isComplex space
        let square = rows = 2 && columns = 2

        for denominator, height in (if isComplex && square then [ 1, 1; 2, 1 ] else [ 1, 2; 2, 2 ]) do
            let expected =
                arrays isComplex rows columns denominator height |> List.filter (fun data -> isAdmissible claim [ 0, data ] = Ok true)

            let found =
                Enumeration.upTo ignore space (ObjectValues.shape domain) denominator height 100 100_000
                |> Option.get
                |> Array.map (fun candidate -> candidate.Data)

            Assert.Equal(List.length expected, found.Length)
            Assert.Equal<Set<string>>(expected |> List.map (sprintf "%A") |> Set.ofList, found |> Array.map (sprintf "%A") |> Set.ofArray)
