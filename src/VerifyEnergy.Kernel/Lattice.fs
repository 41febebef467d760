namespace VerifyEnergy.Kernel

open System.Collections.Generic
open System.Numerics

/// Monomials of some polynomials as vectors of whole exponents, one place for each letter, in increasing order of
/// letters. The exponents of a letter are multiplied by their common denominator, its scale.
[<Sealed>]
type internal Lattice private (letters: Letter[], scales: Rational[]) =
    static let maxExponent = 1 <<< 24

    let places =
        let table = Dictionary<Letter, int>()
        Array.iteri (fun i letter -> table[letter] <- i) letters
        table

    member _.Letters = letters

    /// None when a denominator or an exponent is out of all proportion.
    static member TryCreate(polynomials: Polynomial list) : Lattice option =
        let found = SortedDictionary<Letter, struct (BigInteger * BigInteger)>()

        for p in polynomials do
            for struct (_, m) in p.Raw do
                for i in 0 .. m.Letters.Length - 1 do
                    let d = m.Exponents[i].Denominator
                    let size = BigInteger.Abs m.Exponents[i].Numerator

                    found[m.Letters[i]] <-
                        match found.TryGetValue m.Letters[i] with
                        | true, struct (known, largest) when known = d -> struct (known, BigInteger.Max(largest, size))
                        | true, struct (known, largest) ->
                            let common = known / BigInteger.GreatestCommonDivisor(known, d) * d
                            struct (common, BigInteger.Max(largest, size))
                        | false, _ -> struct (d, size)

        // The exponent n/d becomes n·(scale/d), at most n·scale.
        let isSmall (struct (scale: BigInteger, largest)) = largest * scale < BigInteger maxExponent

        if Seq.forall isSmall found.Values then
            let scales = [| for struct (d, _) in found.Values -> Rational.OfBigInteger d |]
            Some(Lattice(Array.ofSeq found.Keys, scales))
        else
            None

    /// One vector for each term.
    member _.Vectors(p: Polynomial) : int[][] =
        p.Raw
        |> Array.map (fun struct (_, m) ->
            let vector = Array.zeroCreate letters.Length

            for i in 0 .. m.Letters.Length - 1 do
                let place = places[m.Letters[i]]
                vector[place] <- int (m.Exponents[i] * scales[place]).Numerator

            vector)

    member _.Monomial(vector: int[]) : Monomial =
        let present =
            [| for i in 0 .. vector.Length - 1 do
                   if vector[i] <> 0 then
                       i |]

        Monomial(Array.map (fun i -> letters[i]) present, Array.map (fun i -> Rational.OfInt vector[i] / scales[i]) present)
