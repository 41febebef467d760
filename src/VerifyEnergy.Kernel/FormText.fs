namespace VerifyEnergy.Kernel

open System.Text

/// Polynomials and normal forms as text, "2*x^2 - 1/2" or "(x + 1)/(y*z)"; `name` names the Entry letters.
module internal FormText =
    let private half = (Rational.OfInt 2).Reciprocal

    let private isAtom (text: string) = not (String.exists (fun c -> " +-*/^".Contains c) text)

    let private bracket text = if isAtom text then text else $"({text})"

    let private exponent (r: Rational) =
        if r.IsOne then ""
        elif r.IsInteger && r.Sign > 0 then $"^{r}"
        else $"^({r})"

    let rec ofPolynomial (name: Letter -> string) (p: Polynomial) : string =
        let text = StringBuilder()

        for struct (c, m) in p.Raw do
            let sign = if text.Length = 0 then (if c.Sign < 0 then "-" else "") else (if c.Sign < 0 then " - " else " + ")

            let size = c.Abs

            let body =
                if m.IsOne then string size
                elif size.IsOne then ofMonomial name m
                else $"{size}*{ofMonomial name m}"

            text.Append(sign).Append(body) |> ignore

        if text.Length = 0 then "0" else text.ToString()

    and private ofMonomial name (m: Monomial) =
        m.Factors
        |> Array.map (fun struct (l, e) ->
            match l with
            | Exp inner -> $"exp({ofPolynomial name (Polynomial [| struct (e, inner) |])})"
            | Base b when Exact.same e half -> $"sqrt({ofForm name b})"
            | Base b -> $"({ofForm name b}){exponent e}"
            | Entry _
            | Pi
            | Log _
            | Function _ -> ofLetter name l + exponent e)
        |> String.concat "*"

    and private ofLetter name l =
        match l with
        | Entry _ -> name l
        | Pi -> "pi"
        | Exp m -> $"exp({ofMonomial name m})"
        | Base b -> $"({ofForm name b})"
        | Log a -> $"log({ofForm name a})"
        | Function(f, arguments) ->
            let inner = arguments |> List.map (ofForm name) |> String.concat ", "
            $"{f}({inner})"

    and ofForm name (a: NormalForm) : string =
        if a.IsPolynomial then
            ofPolynomial name a.Numerator
        else
            let below =
                a.Factors
                |> Array.map (fun struct (f, e) -> bracket (ofPolynomial name f) + exponent (Rational.OfInt e))
                |> String.concat "*"

            let isSingle = a.Factors.Length = 1
            $"{bracket (ofPolynomial name a.Numerator)}/{(if isSingle then below else bracket below)}"
