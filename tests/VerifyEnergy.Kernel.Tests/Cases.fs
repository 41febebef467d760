namespace VerifyEnergy.Kernel.Tests

open System
open System.Numerics
open VerifyEnergy.Kernel

/// Deterministic pseudo-random cases: the seed is the case, so a failure repeats.
type internal Cases(seed: int) =
    let random = Random seed

    member _.Below(limit: int) = random.Next limit

    /// Small integers, the borders of 32 and 64 bits with their neighbours, and numbers of a few hundred bits.
    member x.Integer() =
        let near (center: BigInteger) = (if random.Next 2 = 0 then center else -center) + BigInteger(random.Next 7 - 3)

        match random.Next 8 with
        | 0 -> BigInteger.Zero
        | 1
        | 2 -> BigInteger(random.Next 41 - 20)
        | 3 -> near (BigInteger Int32.MaxValue)
        | 4 -> near (BigInteger Int64.MaxValue)
        | 5 -> near (BigInteger UInt64.MaxValue)
        | 6 -> BigInteger(random.NextInt64()) * BigInteger(random.Next 2 * 2 - 1)
        | _ ->
            let bytes = Array.zeroCreate<byte>(1 + random.Next 40)
            random.NextBytes bytes
            BigInteger bytes

    member x.Nonzero() =
        let value = x.Integer()
        if value.IsZero then x.Nonzero() else value

    member x.Rational() = Rational.Create(x.Integer(), (if random.Next 3 = 0 then BigInteger.One else x.Nonzero()))

    /// p/q with |p| ≤ size and 1 ≤ q ≤ size.
    member _.Small(size: int) = Rational.Create(BigInteger(random.Next(2 * size + 1) - size), BigInteger(1 + random.Next size))

    member x.Matrix(rows: int, columns: int, entry: unit -> Rational) = Array2D.init rows columns (fun _ _ -> entry ())
