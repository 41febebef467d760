namespace VerifyEnergy.Engines

open System
open System.Numerics
open System.Security.Cryptography
open System.Text
open VerifyEnergy.Kernel

/// A counter-based stream: the n-th number depends on the key and n alone, so results are the same for any number of jobs.
/// The mixing function is SplitMix64's (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014) over key + n·γ.
[<Sealed>]
type RandomStream private (key: uint64) =
    let mutable counter = 0UL

    static let mix (z: uint64) =
        let z = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

    /// The stream of one seed, claim, instance and engine.
    static member Create(seed: uint64, claimHash: string, instance: int[], engine: string) =
        let text = String.Join('|', string seed, claimHash, String.Join(',', instance), engine)
        RandomStream(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes text), 0))

    /// A stream of its own for each label, independent of how much of this one was used.
    member _.Split(label: int) = RandomStream(mix (key ^^^ mix (uint64 label + 0x9E3779B97F4A7C15UL)))

    member _.NextUInt64() : uint64 =
        counter <- counter + 1UL
        mix (key + counter * 0x9E3779B97F4A7C15UL)

    /// Uniform in low..high, both included.
    member this.Int(low: int, high: int) : int =
        let width = uint64 (int64 high - int64 low + 1L)
        low + int (Math.BigMul(this.NextUInt64(), width) >>> 64 |> uint64)

    member this.Choose(items: 'T[]) : 'T = items[this.Int(0, items.Length - 1)]

    /// A rational with numerator in −size..size and denominator in 1..size.
    member this.Rational(size: int) : Rational = Rational.Create(BigInteger(this.Int(-size, size)), BigInteger(this.Int(1, max 1 size)))
