namespace VerifyEnergy.Claims

open System
open FParsec
open VerifyEnergy.Kernel

/// The grammar, in FParsec. Each clause is parsed by itself from its own characters; positions refer to the whole file.
module internal Grammar =
    type State =
        {
            Source: SourceText
            /// Constructs open at this point.
            Nesting: int ref
        }

    type private P<'a> = Parser<'a, State>

    // FParsec has a Position and a Reply status of the same names, Kernel's certificates a Term.
    type private Position = VerifyEnergy.Claims.Position
    type private Term = VerifyEnergy.Claims.Term

    let private fatal message : Reply<'a> = Reply(FatalError, messageError message)

    let private here: P<Position> = fun stream -> Reply(stream.UserState.Source.PositionAt(int stream.Index))

    /// Space and comments; leaves no trace in error messages.
    let blank: P<unit> =
        fun stream ->
            stream.SkipCharsOrNewlinesWhile(fun letter -> Char.IsWhiteSpace letter) |> ignore

            while stream.Peek() = '#' do
                stream.SkipCharsOrNewlinesWhile(fun letter -> letter <> '\n') |> ignore

                stream.SkipCharsOrNewlinesWhile(fun letter -> Char.IsWhiteSpace letter) |> ignore

            Reply(())

    let private token (parser: P<'a>) : P<'a> = parser .>> blank

    /// The first of the spellings that stands here, unless one of `except` does; fails without a trace but the label.
    /// Written on the stream itself, because it runs at every operator place.
    let private oneOf (label: string) (except: string list) (spellings: (string * 'a) list) : P<'a> =
        let missing = expected label

        fun stream ->
            if except |> List.exists stream.Match then
                Reply(Error, missing)
            else
                match spellings |> List.tryFind (fun (text, _) -> stream.Skip text) with
                | Some(_, meaning) ->
                    blank stream |> ignore
                    Reply meaning
                | None -> Reply(Error, missing)

    let private symbol (text: string) : P<unit> = oneOf $"'{text}'" [] [ text, () ]

    /// A symbol that goes on with an expression: one word for all of them keeps messages short.
    let private joint (text: string) : P<unit> = oneOf "an operator" [] [ text, () ]

    let private labelledWord (label: string) (text: string) : P<unit> =
        let missing = expected label

        fun stream ->
            if stream.Match text && not (Spelling.isNamePart (stream.Peek text.Length)) then
                stream.Skip text.Length
                blank stream |> ignore
                Reply(())
            else
                Reply(Error, missing)

    let private word (text: string) : P<unit> = labelledWord $"'{text}'" text

    let private rawName: P<string> = many1Satisfy2 Spelling.isNameStart Spelling.isNamePart |>> Spelling.latin

    /// An identifier that is no reserved word.
    let private name: P<string> =
        let unreserved: P<string> =
            fun stream ->
                let start = stream.State
                let reply = rawName stream

                if reply.Status = Ok && Words.reserved.Contains reply.Result then
                    stream.BacktrackTo start
                    Reply(Error, NoErrorMessages)
                else
                    reply

        token unreserved <?> "a name"

    let private number: P<Rational> =
        let digits = manySatisfy isDigit
        let digits1 = many1Satisfy isDigit

        let fraction = attempt (pchar '.' >>. digits1 |>> fun found -> "." + found) <|>% ""

        let exponent =
            attempt (
                anyOf "eE" >>. pipe2 ((pchar '-' >>% "-") <|> (pchar '+' >>% "") <|>% "") digits1 (fun sign found -> "e" + sign + found)
            )
            <|>% ""

        let text = pipe3 (followedByL (satisfy isDigit) "a number" >>. digits) fraction exponent (fun a b c -> a + b + c)

        token (
            text
            >>= fun found ->
                match Rational.TryParse found with
                | Some value -> preturn value
                | None -> fun _ -> fatal $"'{found}' is no number"
        )
        <?> "a number"

    let private quoted: P<string> =
        let plain = many1Satisfy (fun letter -> letter <> '"' && letter <> '\\' && letter <> '\n')

        let escape = pchar '\\' >>. (anyOf "\"\\" <?> "'\\\"' or '\\\\'") |>> string

        token (between (pchar '"') (pchar '"') (manyStrings (plain <|> escape))) <?> "a quoted text"

    /// Counts the constructs that are open, so that text without brackets cannot exhaust the stack either.
    let private nested (parser: P<'a>) : P<'a> =
        fun stream ->
            let nesting = stream.UserState.Nesting

            if nesting.Value >= Limits.nesting then
                fatal $"constructs are nested deeper than the limit of {Limits.nesting}"
            else
                nesting.Value <- nesting.Value + 1
                let reply = parser stream
                nesting.Value <- nesting.Value - 1
                reply

    let private limited (items: P<'a list>) : P<'a list> =
        items
        >>= fun found ->
            if List.length found > Limits.chainLength then
                fun _ -> fatal $"more than {Limits.chainLength} operators in a row"
            else
                preturn found

    let private expression, private expressionRef = createParserForwardedToRef<Term, State>()

    let private additive, private additiveRef = createParserForwardedToRef<Term, State>()

    let private multiplicative, private multiplicativeRef = createParserForwardedToRef<Term, State>()

    let private at (position: Position) (node: Node) : Term = { At = position; Node = node }

    let private comma = symbol ","

    let private inWord: P<unit> = (word "in" <|> symbol "∈") <?> "'in'"

    let private isProposition (term: Term) =
        let rec look (term: Term) =
            match term.Node with
            | Node.Compare _
            | Node.Approximately _
            | Node.Connect _
            | Node.Not _
            | Node.Quantify _ -> true
            | Node.Call(callee, _) -> callee = "psd" || callee = "pd" || callee = "symmetric"
            | Node.If(_, chosen, _) -> look chosen
            | Node.Number _
            | Node.Name _
            | Node.Negate _
            | Node.Binary _
            | Node.Adjoint _
            | Node.Index _
            | Node.Literal _
            | Node.Comprehension _
            | Node.Fold _
            | Node.Data _ -> false

        look term

    // Domains and binders

    let private bounds: P<Term * Term> = additive .>> symbol ".." .>>. additive

    /// In `int in a..b[n]` the size stands after the upper bound, where the grammar of terms takes it for an index.
    let rec private peelSizes (term: Term) : Term * Term list =
        match term.Node with
        | Node.Index(inner, subscripts) when
            subscripts
            |> List.forall (function
                | SurfaceSubscript.At _ -> true
                | SurfaceSubscript.Whole
                | SurfaceSubscript.Slice _ -> false)
            ->
            let sizes =
                subscripts
                |> List.choose (function
                    | SurfaceSubscript.At size -> Some size
                    | SurfaceSubscript.Whole
                    | SurfaceSubscript.Slice _ -> None)

            inner, sizes
        | Node.Binary(operator, left, right) ->
            let peeled, sizes = peelSizes right
            at term.At (Node.Binary(operator, left, peeled)), sizes
        | Node.Negate inner ->
            let peeled, sizes = peelSizes inner
            at term.At (Node.Negate peeled), sizes
        | _ -> term, []

    let private domainTail position (domainName: string) sizes arguments : P<SurfaceDomain> =
        let tail: P<(Term * Term) option * Term list> =
            if domainName = "int" then
                inWord >>. bounds
                |>> fun (low, high) ->
                    if List.isEmpty sizes then
                        let peeled, found = peelSizes high
                        Some(low, peeled), found
                    else
                        Some(low, high), sizes
            else
                preturn (None, sizes)

        let rank = opt (word "rank" >>. additive)

        pipe2 tail rank (fun (limits, sizes) rank ->
            { At = position; Name = domainName; Sizes = sizes; Arguments = arguments; Bounds = limits; Rank = rank })

    let private domain: P<SurfaceDomain> =
        let head =
            tuple4
                here
                (name <?> "a domain")
                (between (symbol "[") (symbol "]") (sepBy1 additive comma) <|>% [])
                (between (symbol "(") (symbol ")") (sepBy1 expression comma) <|>% [])

        head >>= fun (position, found, sizes, arguments) -> domainTail position found sizes arguments

    /// What stands after `in`: `{…}`, `a..b`, `fibre(f, y)` or a domain. A bound and a domain may both begin with a name.
    let private rangeAfterIn: P<SurfaceRange> =
        let among = between (symbol "{") (symbol "}") (sepBy1 additive comma) |>> SurfaceRange.Among

        let ofTerm (term: Term) : P<SurfaceRange> =
            let asDomain found sizes arguments = domainTail term.At found sizes arguments |>> SurfaceRange.Within

            let other: P<SurfaceRange> =
                match term.Node with
                | Node.Call("fibre", [ map; value ]) -> preturn (SurfaceRange.Fibre(term.At, map, value))
                | Node.Name found -> asDomain found [] []
                | Node.Call(found, arguments) -> asDomain found [] arguments
                | Node.Index({ Node = Node.Name found }, subscripts) ->
                    let sizes =
                        subscripts
                        |> List.choose (function
                            | SurfaceSubscript.At size -> Some size
                            | SurfaceSubscript.Whole
                            | SurfaceSubscript.Slice _ -> None)

                    if List.length sizes = List.length subscripts then
                        asDomain found sizes []
                    else
                        fail "a domain has sizes, no slices"
                | _ -> fail "a range is a..b, {a, b, …}, a domain or fibre(f, y)"

            (symbol ".." >>. additive |>> fun high -> SurfaceRange.Between(term, high)) <|> other

        among <|> (additive >>= ofTerm) <?> "a range"

    let private binder: P<SurfaceBinder> =
        let range = (inWord >>. rangeAfterIn) <|> (symbol ":" >>. domain |>> SurfaceRange.Within)

        pipe3 here name range (fun position found range -> { At = position; Name = found; Range = range })

    let private binders: P<SurfaceBinder list> = between (symbol "(") (symbol ")") (sepBy1 binder comma)

    // Terms

    let private literalOrComprehension: P<Node> =
        let comprehension body = symbol "|" >>. sepBy1 binder comma |>> fun found -> Node.Comprehension(body, found)

        let rest first =
            pipe2 (many (comma >>. expression)) (many (symbol ";" >>. sepBy1 expression comma)) (fun row rows ->
                Node.Literal((first :: row) :: rows))

        between (symbol "[") (symbol "]") (expression >>= fun first -> comprehension first <|> rest first)

    let private fold: P<Term> =
        let kind = (word "sum" >>% Fold.Sum) <|> (word "prod" >>% Fold.Product)

        pipe4 here kind binders (nested multiplicative) (fun position kind found body -> at position (Node.Fold(kind, found, body)))

    let private quantified: P<Term> =
        let kind = (word "forall" >>% Quantifier.Forall) <|> (word "exists" >>% Quantifier.Exists)

        pipe4 here kind binders expression (fun position kind found body -> at position (Node.Quantify(kind, found, body)))

    let private conditional: P<Term> =
        let head = tuple3 here (word "if" >>. expression) (word "then" >>. expression .>> word "else")

        // A proposition reaches to the end of the proposition, a term to the end of the sum.
        head
        >>= fun (position, condition, chosen) ->
            (if isProposition chosen then expression else nested additive)
            |>> fun otherwise -> at position (Node.If(condition, chosen, otherwise))

    let private named: P<Term> =
        here .>>. name
        >>= fun (position, found) ->
            let data = between (symbol "(") (symbol ")") quoted |>> fun path -> at position (Node.Data path)

            let call =
                between (symbol "(") (symbol ")") (sepBy expression comma)
                |>> fun arguments -> at position (Node.Call(found, arguments))

            if found = "data" then
                attempt data <|> call <|>% at position (Node.Name found)
            else
                call <|>% at position (Node.Name found)

    let private primary: P<Term> =
        choice
            [ pipe2 here number (fun position value -> at position (Node.Number value))
              between (symbol "(") (symbol ")") expression
              pipe2 here literalOrComprehension at
              named ]

    let private subscript: P<SurfaceSubscript> =
        let entry =
            expression
            >>= fun first -> (symbol ".." >>. additive |>> fun last -> SurfaceSubscript.Slice(first, last)) <|>% SurfaceSubscript.At first

        (symbol ":" >>% SurfaceSubscript.Whole) <|> entry

    let private postfix: P<Term> =
        let index =
            between (joint "[") (symbol "]") (sepBy1 subscript comma)
            |>> fun subscripts -> fun (inner: Term) -> at inner.At (Node.Index(inner, subscripts))

        let adjoint = here .>> joint "'" |>> fun _ -> fun (inner: Term) -> at inner.At (Node.Adjoint inner)

        pipe2 primary (limited (many (index <|> adjoint))) (fun first applied ->
            applied |> List.fold (fun inner apply -> apply inner) first)

    let private signs: P<Position list> = limited (many (here .>>? symbol "-"))

    let private negate (positions: Position list) (term: Term) : Term =
        List.foldBack (fun position inner -> at position (Node.Negate inner)) positions term

    let private power: P<Term> =
        let exponent = here .>>? joint "^" .>>. (signs .>>. postfix)

        // a^b^c = a^(b^c); a sign stands before the whole power: 2^-x^2 = 2^(-(x^2)).
        let rec build (head: Term) tail =
            match tail with
            | [] -> head
            | (position, (minus, next)) :: rest -> at position (Node.Binary("^", head, negate minus (build next rest)))

        pipe2
            postfix
            (many exponent
             >>= fun found ->
                 if List.length found > Limits.bracketDepth then
                     fun _ -> fatal $"more than {Limits.bracketDepth} powers in a row"
                 else
                     preturn found)
            build

    let private unary: P<Term> =
        let operand = choice [ fold; quantified; conditional; power ] <?> "an expression"

        pipe2 signs operand negate

    let private leftChain (operator: P<string>) (operand: P<Term>) : P<Term> =
        pipe2 operand (limited (many (tuple3 here operator operand))) (fun first rest ->
            rest |> List.fold (fun left (position, symbol, right) -> at position (Node.Binary(symbol, left, right))) first)

    do
        multiplicativeRef.Value <- leftChain (oneOf "an operator" [] [ "*", "*"; "/", "/"; ".*", ".*" ]) unary

        additiveRef.Value <- leftChain (oneOf "an operator" [] [ "+", "+"; "-", "-" ]) multiplicative

    // Propositions

    let private relation: P<Relation> =
        oneOf
            "an operator"
            [ "<=>"; "=>" ]
            [ "<<=", Relation.Loewner
              "⪯", Relation.Loewner
              "<=", Relation.LessEqual
              "≤", Relation.LessEqual
              ">=", Relation.GreaterEqual
              "≥", Relation.GreaterEqual
              "!=", Relation.NotEqual
              "≠", Relation.NotEqual
              "<", Relation.Less
              ">", Relation.Greater
              "=", Relation.Equal ]

    let private approximate: P<Term * bool> =
        let within =
            word "within"
            >>. ((word "rel" >>. additive |>> fun tolerance -> tolerance, true) <|> (additive |>> fun tolerance -> tolerance, false))

        within <|> (word "rel" >>. additive |>> fun tolerance -> tolerance, true)

    let private comparison: P<Term> =
        let similar = symbol "≈" <|> symbol "~="

        let chain (first: Term) =
            limited (many (tuple3 here relation additive))
            |>> fun rest ->
                // a <= b <= c means a <= b and b <= c.
                let links =
                    List.mapFold
                        (fun left (position, relation, right) -> at position (Node.Compare(relation, left, right)), right)
                        first
                        rest
                    |> fst

                match links with
                | [] -> first
                | head :: tail -> tail |> List.fold (fun all next -> at next.At (Node.Connect(Connective.And, all, next))) head

        additive
        >>= fun first ->
            (pipe3 here (similar >>. additive) approximate (fun position right (tolerance, relative) ->
                at position (Node.Approximately(first, right, tolerance, relative))))
            <|> chain first

    let private negation: P<Term> =
        pipe2 (limited (many (here .>>? word "not"))) comparison (fun positions inner ->
            List.foldBack (fun position found -> at position (Node.Not found)) positions inner)

    let private connected connective (separator: P<unit>) (operand: P<Term>) : P<Term> =
        pipe2 operand (limited (many (here .>>? separator .>>. operand))) (fun first rest ->
            rest |> List.fold (fun left (position, right) -> at position (Node.Connect(connective, left, right))) first)

    let private implication (operand: P<Term>) : P<Term> =
        let rec build (head: Term) tail =
            match tail with
            | [] -> head
            | (position, next) :: rest -> at position (Node.Connect(Connective.Implies, head, build next rest))

        pipe2
            operand
            (many (here .>>? joint "=>" .>>. operand)
             >>= fun found ->
                 if List.length found > Limits.bracketDepth then
                     fun _ -> fatal $"more than {Limits.bracketDepth} '=>' in a row"
                 else
                     preturn found)
            build

    do
        expressionRef.Value <-
            negation
            |> connected Connective.And (labelledWord "an operator" "and")
            |> connected Connective.Or (labelledWord "an operator" "or")
            |> implication
            |> connected Connective.Iff (joint "<=>")
            |> nested

    // Clauses

    let private kebab: P<string> =
        token (many1Satisfy2 Spelling.isNameStart (fun letter -> Spelling.isNamePart letter || letter = '-'))
        <?> "an id such as 'trace-product'"

    let private forClause: P<Clause> =
        let parameter =
            pipe3 here name (inWord >>. rangeAfterIn) (fun position found range -> { At = position; Name = found; Range = range })

        sepBy1 parameter comma |>> Clause.For

    let private letClause: P<Clause> =
        let group = sepBy1 (here .>>. name) comma .>> (symbol ":" <|> inWord) .>>. domain

        sepBy1 group comma |>> Clause.Let

    let private definition: P<Definition> =
        pipe4
            here
            name
            (between (symbol "(") (symbol ")") (sepBy name comma) <|>% [])
            (symbol "=" >>. expression)
            (fun position found parameters body -> { At = position; Name = found; Parameters = parameters; Body = body })

    let private expectation: P<SurfaceExpectation> =
        let verdict = choice [ for verdict in Words.verdicts -> word verdict >>% SurfaceExpectation.Verdict verdict ]

        let condition =
            word "holds"
            >>. ((word "iff" >>. expression |>> SurfaceExpectation.HoldsIff)
                 <|> (word "if" >>. expression |>> SurfaceExpectation.HoldsIf))

        verdict <|> condition <?> "a verdict, 'holds iff …' or 'holds if …'"

    [<RequireQualifiedAccess>]
    type Parsed =
        | Header of Position * string
        | Import of Position * string
        | Clause of Clause

    let clause (segment: Segment) : P<Parsed> =
        let clause parser = parser |>> Parsed.Clause

        match segment.Word with
        | "claim" -> here .>>. kebab |>> Parsed.Header
        | "import" -> here .>>. quoted |>> Parsed.Import
        | "title" -> quoted |>> Clause.Title |> clause
        | "source" -> quoted |>> Clause.Source |> clause
        | "note" -> quoted |>> Clause.Note |> clause
        | "tags" -> sepBy1 kebab comma |>> Clause.Tagged |> clause
        | "for" -> forClause |> clause
        | "let" -> letClause |> clause
        | "def" -> definition |>> Clause.Define |> clause
        | "where" -> expression |>> Clause.Where |> clause
        | "show" -> expression |>> Clause.Show |> clause
        | _ -> expectation |>> Clause.Expect |> clause
