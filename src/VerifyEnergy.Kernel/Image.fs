namespace VerifyEnergy.Kernel

open System.Collections.Generic
open System.Numerics

/// A quick refusal of divisibility: the images of two polynomials in one letter over a prime field, all other letters
/// replaced by fixed numbers. Division commutes with this map, so a nonzero remainder refutes divisibility; a zero
/// remainder says nothing.
module internal Image =
    /// 2³¹ − 1, a prime; products of residues fit in 64 bits.
    let private prime = 2147483647L
    let private maxDegree = 512

    let private residue (n: BigInteger) =
        let r = int64 (BigInteger.Remainder(n, BigInteger prime))
        if r < 0L then r + prime else r

    let private power (value: int64) (exponent: int) =
        let mutable result = 1L
        let mutable square = value
        let mutable e = exponent

        while e > 0 do
            if e &&& 1 = 1 then
                result <- result * square % prime

            square <- square * square % prime
            e <- e >>> 1

        result

    let private inverse value = power value (int prime - 2)

    /// The letters that no relation binds, each with the common denominator of its exponents; None when another occurs.
    let private freeLetters (polynomials: Polynomial list) =
        let scales = SortedDictionary<Letter, int>()
        let mutable isFree = true

        for p in polynomials do
            for struct (_, m) in p.Raw do
                for letter in m.Plain do
                    match letter with
                    | Function("sin", _) -> isFree <- false
                    | Function _
                    | Entry _
                    | Pi
                    | Exp _
                    | Base _
                    | Log _ -> scales[letter] <- 1

                for i in 0 .. m.Units.Length - 1 do
                    match m.Units[i] with
                    | Base _ -> isFree <- false
                    | Entry _
                    | Pi
                    | Exp _
                    | Log _
                    | Function _ ->
                        let known =
                            match scales.TryGetValue m.Units[i] with
                            | true, scale -> BigInteger scale
                            | false, _ -> BigInteger.One

                        let d = m.Exponents[i].Denominator
                        let common = known / BigInteger.GreatestCommonDivisor(known, d) * d

                        if common > BigInteger maxDegree then
                            isFree <- false
                        else
                            scales[m.Units[i]] <- int common

        if isFree then Some scales else None

    let private exponents (scales: SortedDictionary<Letter, int>) (m: Monomial) =
        seq {
            for i in 0 .. m.Plain.Length - 1 do
                struct (m.Plain[i], ValueSome m.Powers[i])

            for i in 0 .. m.Units.Length - 1 do
                struct (m.Units[i], (m.Exponents[i] * Rational.OfInt scales[m.Units[i]]).TryInt)
        }

    let private degreeIn scales main (p: Polynomial) =
        let mutable degree = 0

        for struct (_, m) in p.Raw do
            for struct (letter, exponent) in exponents scales m do
                match exponent with
                | ValueSome e when e > degree && Letter.Compare(letter, main) = 0 -> degree <- e
                | ValueSome _
                | ValueNone -> ()

        degree

    /// Coefficients by ascending powers of `main`; None when a coefficient or exponent has no image.
    let private image scales (values: Dictionary<Letter, int64>) main degree (p: Polynomial) =
        let coefficients = Array.zeroCreate<int64>(degree + 1)
        let mutable exists = true

        for struct (c, m) in p.Raw do
            let mutable place = 0
            let denominator = residue c.Denominator
            let mutable value = residue c.Numerator

            if denominator <> 1L then
                value <- value * inverse denominator % prime

            exists <- exists && denominator <> 0L

            for struct (letter, exponent) in exponents scales m do
                match exponent with
                | ValueSome e when e >= 0 ->
                    if Letter.Compare(letter, main) = 0 then
                        place <- e
                    else
                        value <- value * power values[letter] e % prime
                | ValueSome _
                | ValueNone -> exists <- false

            if exists then
                coefficients[place] <- (coefficients[place] + value) % prime

        if exists then Some coefficients else None

    let private isMultiple (dividend: int64[]) (divisor: int64[]) =
        let remainder = Array.copy dividend

        match Array.tryFindIndexBack (fun c -> c <> 0L) divisor with
        | None -> true
        | Some degree ->
            let unit = inverse divisor[degree]

            for top in remainder.Length - 1 .. -1 .. degree do
                let factor = remainder[top] * unit % prime

                if factor <> 0L then
                    for k in 0..degree do
                        let place = top - degree + k
                        remainder[place] <- (remainder[place] + (prime - factor) * divisor[k]) % prime

            Array.forall (fun c -> c = 0L) remainder

    /// False only if `divisor` ≠ 0 does not divide `dividend`; both without negative exponents.
    let mayDivide (dividend: Polynomial) (divisor: Polynomial) =
        match freeLetters [ divisor ], freeLetters [ dividend; divisor ] with
        | Some own, Some scales ->
            let values = Dictionary<Letter, int64>()

            for letter in scales.Keys do
                values[letter] <- 1L + int64 (StructuralHash.mix (uint64 values.Count) % uint64 (prime - 1L))

            let degrees =
                [
                    for main in own.Keys -> struct (main, degreeIn scales main dividend, degreeIn scales main divisor)
                ]

            if List.exists (fun struct (_, p, d) -> p < d) degrees then
                false
            else
                match List.filter (fun struct (_, p, _) -> p <= maxDegree) degrees with
                | [] -> true
                | candidates ->
                    let struct (main, p, d) = List.minBy (fun struct (_, p, _) -> p) candidates

                    match image scales values main p dividend, image scales values main d divisor with
                    | Some a, Some b -> isMultiple a b
                    | Some _, None
                    | None, _ -> true
        | Some _, None
        | None, _ -> true
