namespace VerifyEnergy.Engines

open System
open System.Collections.Generic
open System.Numerics
open VerifyEnergy.Kernel

/// A polynomial as a table from whole exponents (one for each letter of a chart) to nonzero coefficients.
type Sparse = Dictionary<int[], Rational>

/// Monomials as whole exponents.
[<RequireQualifiedAccess>]
module Powers =
    let comparer: IEqualityComparer<int[]> =
        { new IEqualityComparer<int[]> with
            member _.Equals(x, y) = MemoryExtensions.SequenceEqual(ReadOnlySpan x, ReadOnlySpan y)

            member _.GetHashCode x =
                let mutable hash = HashCode()

                for power in x do
                    hash.Add power

                hash.ToHashCode() }

    let multiply (x: int[]) (y: int[]) : int[] = Array.map2 (+) x y
    let divide (x: int[]) (y: int[]) : int[] = Array.map2 (-) x y
    let isSquare (x: int[]) : bool = x |> Array.forall (fun power -> power &&& 1 = 0)
    /// The root of a square; exponents round down otherwise.
    let root (x: int[]) : int[] = x |> Array.map (fun power -> power >>> 1)

[<RequireQualifiedAccess>]
module Sparse =
    let empty () = Sparse(Powers.comparer)

    /// Adds coefficient·monomial to the table.
    let accumulate (table: Sparse) (monomial: int[]) (coefficient: Rational) : unit =
        match table.TryGetValue monomial with
        | true, known ->
            let sum = known + coefficient
            if sum.IsZero then table.Remove monomial |> ignore else table[monomial] <- sum
        | false, _ ->
            if not coefficient.IsZero then
                table[monomial] <- coefficient

    /// Terms in an order that does not depend on the table's history.
    let sorted (table: Sparse) : (int[] * Rational)[] =
        table |> Seq.map (fun (KeyValue(m, c)) -> m, c) |> Seq.toArray |> Array.sortWith (fun (x, _) (y, _) -> compare y x)

    let multiply (steps: Steps) (x: Sparse) (y: Sparse) : Sparse =
        steps.Spend(1L + int64 x.Count * int64 y.Count)
        let product = empty ()

        for KeyValue(m, c) in x do
            for KeyValue(n, d) in y do
                accumulate product (Powers.multiply m n) (c * d)

        product

/// Letters numbered, with whole exponents. A letter known nonnegative may be written as the square of its root: then every
/// polynomial in it is even in the root, and a sum of squares in roots is a sum of squares times such letters.
[<Sealed>]
type Chart(letters: Letter[], polynomials: Polynomial seq, useRoots: bool) =
    let places = Dictionary<Letter, int>()

    do letters |> Array.iteri (fun index letter -> places[letter] <- index)

    /// The plain letter whose root a Base letter is.
    let tryBase letter =
        match letter with
        | Letter.Base form when useRoots && form.IsPolynomial ->
            match form.Numerator.Terms with
            | [| struct (coefficient, monomial) |] when coefficient.IsOne ->
                match monomial.Factors with
                | [| struct (inner, exponent) |] when exponent.IsOne && places.ContainsKey inner -> Some inner
                | _ -> None
            | _ -> None
        | Letter.Base _
        | Letter.Entry _
        | Letter.Pi
        | Letter.Log _
        | Letter.Function _
        | Letter.Exp _ -> None

    /// Base letters written as fractional powers of the letter inside, by that letter's place.
    let roots = Dictionary<int, Letter>()

    do
        for letter in letters do
            match tryBase letter with
            | Some inner ->
                roots[places[inner]] <- letter
                places[letter] <- places[inner]
            | None -> ()

    let isNonnegative = letters |> Array.map (fun letter -> useRoots && Polynomial.visiblyNonnegative (Polynomial.letter letter))

    let isPositive = letters |> Array.map (fun letter -> Polynomial.visibleSign (Polynomial.letter letter) = ValueSome 1)

    /// Common denominators of the exponents of each letter: exponents of exponentials and roots may be fractions.
    let denominators =
        let common = Array.create letters.Length BigInteger.One

        for p in polynomials do
            for struct (_, monomial) in p.Terms do
                for struct (letter, exponent) in monomial.Factors do
                    match places.TryGetValue letter with
                    | true, place ->
                        let d = exponent.Denominator
                        common[place] <- common[place] / BigInteger.GreatestCommonDivisor(common[place], d) * d
                    | false, _ -> ()

        common

    let unit (place: int) = Rational.OfBigInteger denominators[place] * Rational.OfInt(if isNonnegative[place] then 2 else 1)

    /// letter^exponent as factors of a monomial.
    let power place (exponent: Rational) =
        match roots.TryGetValue place with
        | true, root when not exponent.IsInteger ->
            let whole = Rational.OfBigInteger exponent.Floor
            [ letters[place], whole; root, exponent - whole ]
        | _ -> [ letters[place], exponent ]

    member _.Letters = letters
    member _.IsNonnegative = isNonnegative

    /// Whether the monomial's letters are all positive.
    member _.IsPositive(powers: int[]) = powers |> Seq.indexed |> Seq.forall (fun (place, power) -> power = 0 || isPositive[place])

    /// None when a letter is not in the chart, or an exponent is out of range.
    member _.TryPowers(monomial: Monomial) : int[] option =
        let powers = Array.zeroCreate<int> letters.Length

        let fits =
            monomial.Factors
            |> Array.forall (fun (struct (letter, exponent)) ->
                match places.TryGetValue letter with
                | true, place ->
                    match (exponent * unit place).TryInt with
                    | ValueSome power when abs power < 1_000_000 ->
                        powers[place] <- powers[place] + power
                        true
                    | ValueSome _
                    | ValueNone -> false
                | false, _ -> false)

        if fits then Some powers else None

    member this.TrySparse(polynomial: Polynomial) : Sparse option =
        let table = Sparse.empty ()

        let fits =
            polynomial.Terms
            |> Array.forall (fun (struct (coefficient, monomial)) ->
                match this.TryPowers monomial with
                | Some powers ->
                    Sparse.accumulate table powers coefficient
                    true
                | None -> false)

        if fits then Some table else None

    /// The monomial of the letters' even part: rooted letters by the half of their exponent, rounded down.
    member _.Half(powers: int[]) : Monomial =
        Monomial.create
            [ for place in 0 .. powers.Length - 1 do
                  let half = if isNonnegative[place] then powers[place] >>> 1 else powers[place]

                  if half <> 0 then
                      yield! power place (Rational.OfInt half / Rational.OfBigInteger denominators[place]) ]

    /// The letters whose root stands with an odd exponent: b_i·b_j is this monomial times even parts when both have it.
    member _.Odd(powers: int[]) : Monomial =
        Monomial.create
            [ for place in 0 .. powers.Length - 1 do
                  if isNonnegative[place] && powers[place] &&& 1 = 1 then
                      yield! power place (Rational.One / Rational.OfBigInteger denominators[place]) ]

    /// Products of monomials with different parities never occur in a polynomial of the letters.
    member _.Parity(powers: int[]) : string =
        String(powers |> Array.mapi (fun place power -> if isNonnegative[place] && power &&& 1 = 1 then '1' else '0'))

    /// The polynomial with these terms, in letters; for charts without roots.
    member this.Polynomial(terms: seq<int[] * Rational>) : Polynomial =
        terms |> Seq.map (fun (powers, coefficient) -> struct (coefficient, this.Half powers)) |> Polynomial.ofTerms
