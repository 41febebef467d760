namespace VerifyEnergy.Kernel

open System.Numerics

/// A quick refusal of divisibility: the images of two polynomials in one letter over a prime field, all other letters
/// replaced by fixed numbers. Division commutes with this map, so a nonzero remainder refutes divisibility; a zero
/// remainder says nothing.
module internal Image =
    /// 2³¹ − 1, a prime; products of residues fit in 64 bits.
    let private prime = 2147483647L
    let private maxDegree = 1024

    let private residue (n: BigInteger) =
        let r = int64 (BigInteger.Remainder(n, BigInteger prime))
        if r < 0L then r + prime else r

    let private inverse (value: int64) = int64 (BigInteger.ModPow(BigInteger value, BigInteger(prime - 2L), BigInteger prime))

    let private isMultiple (dividend: int64[]) (divisor: int64[]) =
        match Array.tryFindIndexBack (fun c -> c <> 0L) divisor with
        | None -> true
        | Some degree ->
            let remainder = Array.copy dividend
            let unit = inverse divisor[degree]

            for top in remainder.Length - 1 .. -1 .. degree do
                let factor = remainder[top] * unit % prime

                for k in 0..degree do
                    let place = top - degree + k
                    remainder[place] <- (remainder[place] + (prime - factor) * divisor[k]) % prime

            Array.forall (fun c -> c = 0L) remainder

    /// False only if `divisor` ≠ 0 does not divide `dividend`; both without negative exponents.
    let mayDivide (dividend: Polynomial) (divisor: Polynomial) =
        let isFree (lattice: Lattice) = Array.forall (fun (l: Letter) -> l.TryRelation.IsNone) lattice.Letters

        match Lattice.TryCreate [ dividend; divisor ] with
        | Some lattice when isFree lattice ->
            let above = lattice.Vectors dividend
            let below = lattice.Vectors divisor
            let size = lattice.Letters.Length

            let degrees (vectors: int[][]) = Array.init size (fun i -> vectors |> Array.fold (fun d v -> max d v[i]) 0)

            let high = degrees above
            let low = degrees below

            if Array.exists2 (<) high low then
                false
            elif Array.max high > maxDegree then
                true
            else
                let main = Seq.minBy (fun i -> high[i]) (Seq.filter (fun i -> low[i] > 0) (seq { 0 .. size - 1 }))

                let powers =
                    Array.init size (fun i ->
                        let value = 1L + int64 (StructuralHash.mix (uint64 i) % uint64 (prime - 1L))
                        Array.scan (fun p _ -> p * value % prime) 1L (Array.zeroCreate<int> high[i]))

                let image (p: Polynomial) (vectors: int[][]) =
                    let coefficients = Array.zeroCreate<int64>(high[main] + 1)
                    let mutable exists = true

                    for k in 0 .. vectors.Length - 1 do
                        let struct (c, _) = p.Raw[k]
                        let denominator = residue c.Denominator
                        exists <- exists && denominator <> 0L
                        let mutable value = residue c.Numerator

                        if denominator <> 1L then
                            value <- value * inverse denominator % prime

                        for i in 0 .. size - 1 do
                            if i <> main then
                                value <- value * powers[i].[vectors[k].[i]] % prime

                        let place = vectors[k].[main]
                        coefficients[place] <- (coefficients[place] + value) % prime

                    if exists then ValueSome coefficients else ValueNone

                match image dividend above, image divisor below with
                | ValueSome a, ValueSome b -> isMultiple a b
                | ValueSome _, ValueNone
                | ValueNone, _ -> true
        | Some _
        | None -> true
