namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

/// A few exact points, so that no proof is sought of what fails there.
[<RequireQualifiedAccess>]
module Sampling =
    [<Literal>]
    let private Points = 240

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

    /// Terms as coefficient and (place of the letter, power).
    let private terms (places: Dictionary<Letter, int>) (p: Polynomial) : (Rational * struct (int * int)[])[] =
        p.Terms
        |> Array.map (fun (struct (coefficient, m)) ->
            coefficient,
            m.Factors
            |> Array.map (fun (struct (letter, exponent)) -> struct (places[letter], exponent.TryInt |> ValueOption.defaultValue 0)))

    let private evaluate (steps: Steps) (point: Rational[]) (terms: (Rational * struct (int * int)[])[]) : Rational =
        steps.Spend(1L + int64 terms.Length)
        let mutable sum = Rational.Zero

        for coefficient, factors in terms do
            let mutable product = coefficient

            for struct (place, power) in factors do
                if not product.IsZero then
                    product <- product * point[place].Power power

            sum <- sum + product

        sum

    /// Whether p ≥ 0 (p > 0 when strict) fails at some point that meets the premises. Only polynomials in plain entries are tried.
    let breaks (steps: Steps) (strict: bool) (premises: Premise list) (p: Polynomial) : bool =
        let letters =
            p :: List.map (fun h -> h.Polynomial) premises
            |> Seq.collect Polynomial.letters
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        let random = RandomStream.Create(0UL, "", [||], "points")
        let isPlain = letters |> Array.forall (fun letter -> (value random letter).IsSome)

        if not isPlain then
            false
        else
            let places = Dictionary<Letter, int>()
            letters |> Array.iteri (fun place letter -> places[letter] <- place)
            let wanted = terms places p
            let premises = premises |> List.map (fun h -> h.Condition, terms places h.Polynomial)

            let meets point (condition, polynomial) =
                let sign = (evaluate steps point polynomial).Sign

                match condition with
                | Condition.Zero -> sign = 0
                | Condition.Nonzero -> sign <> 0
                | Condition.Positive -> sign > 0
                | Condition.Nonnegative -> sign >= 0

            Seq.init Points id
            |> Seq.exists (fun _ ->
                let point = letters |> Array.map (fun letter -> value random letter |> Option.defaultValue Rational.Zero)
                let sign = (evaluate steps point wanted).Sign
                (sign < 0 || strict && sign = 0) && premises |> List.forall (meets point))
