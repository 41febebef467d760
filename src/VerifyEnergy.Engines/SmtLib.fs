namespace VerifyEnergy.Engines

// SMT-LIB 2 text (Barrett, Fontaine, Tinelli: The SMT-LIB Standard 2.6): terms out, models in. Knows nothing of claims.

open System.Globalization
open System.Numerics
open System.Text
open VerifyEnergy.Kernel

/// An S-expression. Strings keep their quotes, quoted symbols lose their bars.
[<RequireQualifiedAccess>]
type SExpression =
    | Atom of string
    | List of SExpression list

/// What a model gives a constant.
[<RequireQualifiedAccess>]
type ModelValue =
    | Exact of Rational
    /// A real algebraic number as the solver wrote it: not usable as a witness here.
    | Algebraic of Text: string
    /// Anything else, as the solver wrote it.
    | Unreadable of Text: string

/// Reading and writing S-expressions. No recursion over untrusted text: a solver may nest as deep as its output cap allows.
[<RequireQualifiedAccess>]
module SExpression =
    let private isDelimiter (c: char) = System.Char.IsWhiteSpace c || c = '(' || c = ')' || c = ';' || c = '"' || c = '|'

    /// All expressions of a text; Error says what is broken, and where (offset from 0).
    let parse (text: string) : Result<SExpression list, string> =
        // The lists that are open, innermost first, each with its members so far, last first.
        let opened = System.Collections.Generic.Stack<SExpression list>()
        let mutable members: SExpression list = []
        let mutable position = 0
        let mutable problem = None

        let add expression = members <- expression :: members

        /// The offset behind the closing mark that matches the one at `start`; -1 when there is none.
        let closing (mark: char) start =
            match text.IndexOf(mark, start + 1) with
            | -1 -> -1
            | found -> found + 1

        while problem.IsNone && position < text.Length do
            match text[position] with
            | c when System.Char.IsWhiteSpace c -> position <- position + 1
            | ';' ->
                match text.IndexOf('\n', position) with
                | -1 -> position <- text.Length
                | found -> position <- found + 1
            | '(' ->
                opened.Push members
                members <- []
                position <- position + 1
            | ')' ->
                if opened.Count = 0 then
                    problem <- Some $"a bracket at {position} closes nothing"
                else
                    let inner = SExpression.List(List.rev members)
                    members <- opened.Pop()
                    add inner
                    position <- position + 1
            | '|' ->
                match closing '|' position with
                | -1 -> problem <- Some $"the quoted symbol at {position} does not end"
                | stop ->
                    add (SExpression.Atom(text.Substring(position + 1, stop - position - 2)))
                    position <- stop
            | '"' ->
                // A doubled quote stands for one.
                let mutable stop = closing '"' position

                while stop >= 0 && stop < text.Length && text[stop] = '"' do
                    stop <- closing '"' stop

                if stop < 0 then
                    problem <- Some $"the string at {position} does not end"
                else
                    add (SExpression.Atom(text.Substring(position, stop - position)))
                    position <- stop
            | _ ->
                let start = position

                while position < text.Length && not (isDelimiter text[position]) do
                    position <- position + 1

                add (SExpression.Atom(text.Substring(start, position - start)))

        match problem with
        | Some problem -> Error problem
        | None when opened.Count > 0 -> Error $"{opened.Count} brackets are not closed"
        | None -> Ok(List.rev members)

    /// The text on one line, cut after about `limit` characters.
    let toText (limit: int) (expression: SExpression) : string =
        let text = StringBuilder()
        let rest = System.Collections.Generic.Stack<Choice<SExpression, string>>()
        rest.Push(Choice1Of2 expression)

        while rest.Count > 0 && text.Length <= limit do
            match rest.Pop() with
            | Choice2Of2 separator -> text.Append separator |> ignore
            | Choice1Of2(SExpression.Atom atom) -> text.Append atom |> ignore
            | Choice1Of2(SExpression.List members) ->
                text.Append '(' |> ignore
                rest.Push(Choice2Of2 ")")

                members
                |> List.indexed
                |> List.rev
                |> List.iter (fun (index, inner) ->
                    rest.Push(Choice1Of2 inner)

                    if index > 0 then
                        rest.Push(Choice2Of2 " "))

        if rest.Count = 0 then text.ToString() else text.Append("…").ToString()

/// Models as z3 and cvc5 print them.
[<RequireQualifiedAccess>]
module Model =
    /// Longer numerals are left unread: a witness of that size helps nobody.
    let private maxDigits = 10_000

    let private shownCharacters = 200

    let private numeral (text: string) : Rational option =
        let isNumeral =
            text.Length <= maxDigits
            && text.Length > 0
            && System.Char.IsAsciiDigit text[0]
            && text |> Seq.forall (fun c -> System.Char.IsAsciiDigit c || c = '.')
            && (text |> Seq.filter ((=) '.') |> Seq.length) <= 1

        if not isNumeral then
            None
        else
            match text.IndexOf '.' with
            | -1 -> Some(Rational.OfBigInteger(BigInteger.Parse(text, CultureInfo.InvariantCulture)))
            | point ->
                let digits = text.Remove(point, 1)
                let scale = BigInteger.Pow(10I, digits.Length - point)
                Some(Rational.Create(BigInteger.Parse(digits, CultureInfo.InvariantCulture), scale))

    /// Numerals under "-" and "/", at most this deep; solvers use two.
    let rec private rational (depth: int) (expression: SExpression) : Rational option =
        match expression with
        | SExpression.Atom text -> numeral text
        | SExpression.List _ when depth = 0 -> None
        | SExpression.List [ SExpression.Atom "-"; inner ] -> rational (depth - 1) inner |> Option.map (~-)
        | SExpression.List [ SExpression.Atom "/"; above; below ] ->
            match rational (depth - 1) above, rational (depth - 1) below with
            | Some above, Some below when not below.IsZero -> Some(above / below)
            | Some _, Some _
            | Some _, None
            | None, _ -> None
        // A conversion that some versions print around whole numbers.
        | SExpression.List [ SExpression.Atom "to_real"; inner ] -> rational (depth - 1) inner
        | SExpression.List _ -> None

    /// z3: (root-obj polynomial index); cvc5: (_ real_algebraic_number <polynomial, bounds>).
    let private isAlgebraic (expression: SExpression) =
        match expression with
        | SExpression.List(SExpression.Atom "root-obj" :: _)
        | SExpression.List(SExpression.Atom "_" :: SExpression.Atom "real_algebraic_number" :: _)
        | SExpression.List [ SExpression.Atom "-"; SExpression.List(SExpression.Atom "root-obj" :: _) ] -> true
        | SExpression.List _
        | SExpression.Atom _ -> false

    let value (expression: SExpression) : ModelValue =
        match rational 4 expression with
        | Some exact -> ModelValue.Exact exact
        | None ->
            let text = SExpression.toText shownCharacters expression

            if isAlgebraic expression then ModelValue.Algebraic text else ModelValue.Unreadable text

    /// The constants of a solver's output after `sat`: (define-fun name () Sort value) at the top, inside a list, or inside
    /// (model …). Functions with arguments are passed over. Error when the output is no list of S-expressions.
    let parse (output: string) : Result<Map<string, ModelValue>, string> =
        let definition expression =
            match expression with
            | SExpression.List [ SExpression.Atom "define-fun"
                                 SExpression.Atom name
                                 SExpression.List []
                                 SExpression.Atom("Real" | "Int")
                                 body ] -> Some(name, value body)
            | SExpression.List _
            | SExpression.Atom _ -> None

        let members expression =
            match expression with
            | SExpression.List(SExpression.Atom "define-fun" :: _) -> [ expression ]
            | SExpression.List inner -> inner
            | SExpression.Atom _ -> []

        SExpression.parse output |> Result.map (List.collect members >> List.choose definition >> Map.ofList)
