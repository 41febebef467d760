namespace VerifyEnergy.Kernel

open System.Collections.Generic
open System.Numerics

/// 64-bit hashes, the same in every process. Those of monomials add up under multiplication.
module internal StructuralHash =
    /// Finaliser of the splitmix64 generator (Steele, Lea, Flood 2014): a bijection of 64-bit words.
    let mix (x: uint64) =
        let x = (x ^^^ (x >>> 30)) * 0xBF58476D1CE4E5B9UL
        let x = (x ^^^ (x >>> 27)) * 0x94D049BB133111EBUL
        x ^^^ (x >>> 31)

    let combine (seed: uint64) (x: uint64) = mix (seed * 0x9E3779B97F4A7C15UL + x + 1UL)

    let text (value: string) =
        let mutable h = 7UL

        for c in value do
            h <- combine h (uint64 c)

        h

    let rational (value: Rational) = combine (uint64 (value.Numerator.GetHashCode())) (uint64 (value.Denominator.GetHashCode()))

module internal Exact =
    let same (a: Rational) (b: Rational) = EqualityComparer<Rational>.Default.Equals(a, b)

    let order (a: Rational) (b: Rational) = (a - b).Sign

/// Whole numbers: exact roots and factors.
module internal Integer =
    /// Trial division stops here; what is left is split no further, but for perfect powers.
    let private trialBound = 10_000

    let private maxBits = 16384L

    /// The largest r with r^k ≤ n, for n ≥ 0, k ≥ 1 (Newton from above).
    let root (k: int) (n: BigInteger) =
        if n.IsZero || n.IsOne || k = 1 then
            n
        else
            let bits = int (n.GetBitLength())
            let mutable r = BigInteger.One <<< ((bits + k - 1) / k)
            let mutable isFalling = true

            while isFalling do
                let next = (BigInteger(k - 1) * r + n / BigInteger.Pow(r, k - 1)) / BigInteger k

                if next < r then r <- next else isFalling <- false

            r

    /// The exact k-th root of n ≥ 0.
    let tryRoot k (n: BigInteger) =
        let r = root k n
        if BigInteger.Pow(r, k) = n then Some r else None

    /// The exact k-th root of a rational q ≥ 0.
    let tryRationalRoot k (q: Rational) =
        match tryRoot k q.Numerator, tryRoot k q.Denominator with
        | Some p, Some d -> Some(Rational.Create(p, d))
        | Some _, None
        | None, _ -> None

    /// n ≥ 1 as a product of powers b^e, b ≥ 2 distinct: primes up to the trial bound, and a cofactor with its perfect
    /// powers (2nd, 3rd, 5th, 7th) extracted. A cofactor below the square of the bound is prime. Numbers of more than
    /// 2¹⁴ bits stay whole.
    let factor (n: BigInteger) : struct (BigInteger * int) list =
        let factors = List<struct (BigInteger * int)>()
        let isLong = n.GetBitLength() > maxBits
        let mutable rest = if isLong then BigInteger.One else n
        let mutable candidate = 2

        while candidate <= trialBound && not rest.IsOne do
            let divisor = BigInteger candidate

            if divisor * divisor > rest then
                factors.Add(struct (rest, 1))
                rest <- BigInteger.One
            else
                let mutable exponent = 0

                while (rest % divisor).IsZero do
                    rest <- rest / divisor
                    exponent <- exponent + 1

                if exponent > 0 then
                    factors.Add(struct (divisor, exponent))

                candidate <- if candidate = 2 then 3 else candidate + 2

        let rec extract (cofactor: BigInteger) exponent =
            match List.tryPick (fun k -> tryRoot k cofactor |> Option.map (fun r -> r, k)) [ 2; 3; 5; 7 ] with
            | Some(r, k) -> extract r (exponent * k)
            | None -> factors.Add(struct (cofactor, exponent))

        if isLong then
            factors.Add(struct (n, 1))
        elif not rest.IsOne then
            extract rest 1

        List.ofSeq factors
