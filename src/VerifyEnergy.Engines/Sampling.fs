namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

/// A few exact points, so that no proof is sought of what fails there.
[<RequireQualifiedAccess>]
module Sampling =
    [<Literal>]
    let private Points = 60

    /// Values of letters: small whole numbers, 0 and ±1 most often, of the letter's sign.
    let private value (random: RandomStream) (letter: Letter) : Rational option =
        match letter with
        | Letter.Entry entry ->
            let magnitude =
                match random.Int(0, 7) with
                | 0
                | 1
                | 2 -> 0
                | 3
                | 4
                | 5 -> 1
                | 6 -> 2
                | _ -> random.Int(3, 9)

            match entry.Sign with
            | LetterSign.Free -> Some(Rational.OfInt(if random.Int(0, 1) = 0 then magnitude else -magnitude))
            | LetterSign.Nonnegative -> Some(Rational.OfInt magnitude)
            | LetterSign.Positive -> Some(Rational.OfInt(max 1 magnitude))
        | Letter.Pi
        | Letter.Log _
        | Letter.Function _
        | Letter.Exp _
        | Letter.Base _ -> None

    let private evaluate (steps: Steps) (point: Dictionary<Letter, Rational>) (p: Polynomial) : Rational =
        steps.Spend(1L + int64 p.TermCount)

        (Rational.Zero, p.Terms)
        ||> Array.fold (fun sum (struct (coefficient, m)) ->
            (coefficient, m.Factors)
            ||> Array.fold (fun product (struct (letter, exponent)) ->
                match exponent.TryInt with
                | ValueSome power when not product.IsZero -> product * point[letter].Power power
                | ValueSome _
                | ValueNone -> product)
            |> (+) sum)

    /// Whether p ≥ 0 (p > 0 when strict) fails at some point that meets the premises. Only polynomials in plain entries are tried.
    let breaks (steps: Steps) (strict: bool) (premises: Premise list) (p: Polynomial) : bool =
        let letters = p :: List.map (fun h -> h.Polynomial) premises |> List.collect Polynomial.letters |> List.distinct |> List.sort

        let random = RandomStream.Create(0UL, "", [||], "points")
        let isPlain = letters |> List.forall (fun letter -> (value random letter).IsSome)

        let meets point (h: Premise) =
            let sign = (evaluate steps point h.Polynomial).Sign

            match h.Condition with
            | Condition.Zero -> sign = 0
            | Condition.Nonzero -> sign <> 0
            | Condition.Positive -> sign > 0
            | Condition.Nonnegative -> sign >= 0

        isPlain
        && Seq.init Points id
           |> Seq.exists (fun _ ->
               let point = Dictionary<Letter, Rational>()

               for letter in letters do
                   point[letter] <- value random letter |> Option.defaultValue Rational.Zero

               let sign = (evaluate steps point p).Sign
               (sign < 0 || strict && sign = 0) && premises |> List.forall (meets point))
