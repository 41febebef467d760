namespace VerifyEnergy.Engines

open System.Numerics
open FsCheck
open FsCheck.FSharp
open VerifyEnergy.Kernel

/// An object and the free numbers that it was made from; shrinking works on the numbers, so it never leaves the domain.
type Made = { Space: Space; Numbers: Rational[]; Value: ObjectValue }

/// A point of an instance and the free numbers that it was made from.
type MadePoint = { Numbers: Rational[]; Draw: Lazy<Draw> }

/// FsCheck arbitraries for the domains of the claim language: exact values, constructed, with shrinkers that stay in the domain.
[<RequireQualifiedAccess>]
module Generators =
    /// Names the method in the ground of a `supported` verdict.
    let name = "constructed exact objects, small whole numbers and rationals first"

    let private fraction p q = Rational.Create(BigInteger(p: int), BigInteger(q: int))

    /// Whole numbers near 0 most often, then small fractions, then fractions up to the size.
    let rational: Gen<Rational> =
        Gen.sized (fun size ->
            let wide = max 2 size

            Gen.frequency
                [ 3, Gen.constant Rational.Zero
                  4, Gen.choose (-1, 1) |> Gen.map Rational.OfInt
                  4, Gen.choose (-3, 3) |> Gen.map Rational.OfInt
                  3, Gen.map2 fraction (Gen.choose (-6, 6)) (Gen.choose (1, 4))
                  2, Gen.map2 fraction (Gen.choose (-wide, wide)) (Gen.choose (1, wide)) ])

    /// Strictly simpler rationals, simplest first: by denominator, then |numerator|, then sign.
    let shrinkRational (x: Rational) : Rational seq =
        let weight (y: Rational) = struct (y.Denominator, BigInteger.Abs y.Numerator, (if y.Sign < 0 then 1 else 0))
        let whole = Rational.OfBigInteger x.Floor
        let half = Rational.Create(x.Numerator / 2I, x.Denominator)

        let rounded = [ for q in [ 2I; 3I; 4I ] -> Rational.Create((x * Rational.OfBigInteger q).Floor, q) ]

        [ Rational.Zero; Rational.One; Rational.OfInt -1; whole; whole + Rational.One; half; x - Rational.OfInt x.Sign; -x ]
        @ rounded
        |> Seq.filter (fun y -> weight y < weight x)
        |> Seq.distinct

    /// All zeros, then one half of the numbers set to 0, then one number made simpler.
    let shrinkNumbers (numbers: Rational[]) : Rational[] seq =
        let cleared first last = numbers |> Array.mapi (fun i x -> if first <= i && i < last then Rational.Zero else x)
        let n = numbers.Length

        let blocks =
            seq {
                let mutable width = n

                while width > 1 do
                    for start in 0..width .. n - 1 do
                        cleared start (start + width)

                    width <- (width + 1) / 2
            }

        let single =
            seq {
                for i in 0 .. n - 1 do
                    for simpler in shrinkRational numbers[i] do
                        Array.updateAt i simpler numbers
            }

        Seq.append blocks single |> Seq.filter ((<>) numbers)

    let private numbers length = Gen.arrayOfLength length rational

    let private make (space: Space) (numbers: Rational[]) : Made =
        { Space = space; Numbers = numbers; Value = Space.build space (Tape numbers) }

    /// The objects of one space.
    let arbitrary (space: Space) : Arbitrary<Made> =
        let length = Space.tapeLength space

        Arb.fromGenShrink (Gen.map (make space) (numbers length), (fun made -> Seq.map (make space) (shrinkNumbers made.Numbers)))

    /// The points of one instance; those that miss a hypothesis say so.
    let point (points: InstancePoints) : Arbitrary<MadePoint> =
        let make numbers = { Numbers = numbers; Draw = lazy (points.OfTape numbers) }

        Arb.fromGenShrink (Gen.map make (numbers points.TapeLength), (fun made -> Seq.map make (shrinkNumbers made.Numbers)))

    let real rows columns = arbitrary (Space.Entries(Slot.Free, rows, columns))
    let pos rows columns = arbitrary (Space.Entries(Slot.Positive, rows, columns))
    let nonneg rows columns = arbitrary (Space.Entries(Slot.Nonnegative, rows, columns))
    let complex rows columns = arbitrary (Space.ComplexEntries(rows, columns))
    let integers low high rows columns = arbitrary (Space.Entries(Slot.Whole(low, high), rows, columns))
    let bits size = arbitrary (Space.Entries(Slot.Whole(0, 1), size, 1))
    let spins size = arbitrary (Space.Entries(Slot.Sign, size, 1))
    let sym size = arbitrary (Space.Symmetric size)
    let psd size = arbitrary (Space.Psd(size, size))
    let psdOfRank size rank = arbitrary (Space.Psd(size, rank))
    let spd size = arbitrary (Space.Spd size)
    let orth size = arbitrary (Space.Orthogonal size)
    let diag size = arbitrary (Space.Diagonal size)
    let herm size = arbitrary (Space.Hermitian size)
    let hpsd size = arbitrary (Space.HermitianPsd size)
    let hpd size = arbitrary (Space.HermitianPd size)
    let unitary size = arbitrary (Space.Unitary size)
    let density size = arbitrary (Space.Density size)
    let simplex size = arbitrary (Space.Simplex size)
    let coupling first second = arbitrary (Space.Coupling(first, second))
    let stochastic rows columns = arbitrary (Space.Stochastic(rows, columns))
    let map from into = arbitrary (Space.Map(from, into))
