namespace VerifyEnergy.Engines.Tests

open VerifyEnergy.Kernel
open VerifyEnergy.Engines
open Xunit

module SmtLibTests =
    let private parsed text =
        match SExpression.parse text with
        | Ok expressions -> expressions |> List.map (SExpression.toText 1000) |> String.concat " "
        | Error problem -> "error: " + problem

    [<Theory>]
    [<InlineData("", "")>]
    [<InlineData("a (b  (c)\n()) ; comment ) (\n d", "a (b (c) ()) d")>]
    [<InlineData("(|a b| \"say \"\"no\"\" (\")", "(a b \"say \"\"no\"\" (\")")>]
    [<InlineData("x;", "x")>]
    let ``S-expressions are read`` (text: string, wanted: string) = Assert.Equal(wanted, parsed text)

    [<Theory>]
    [<InlineData("(a", "1 brackets are not closed")>]
    [<InlineData("a)", "a bracket at 1 closes nothing")>]
    [<InlineData("(|a)", "the quoted symbol at 1 does not end")>]
    [<InlineData("\"a", "the string at 0 does not end")>]
    [<InlineData("\"a\"\"", "the string at 0 does not end")>]
    let ``Broken text is an error`` (text: string, problem: string) = Assert.Equal("error: " + problem, parsed text)

    [<Fact>]
    let ``A million brackets are no danger`` () =
        let depth = 1_000_000
        let deep = System.String('(', depth) + System.String(')', depth)

        match SExpression.parse deep with
        | Ok [ single ] ->
            Assert.Equal(deep.Substring(0, 50), (SExpression.toText 100 single).Substring(0, 50))

            match Model.value single with
            | ModelValue.Unreadable _ -> ()
            | other -> Assert.Fail $"{other}"
        | other -> Assert.Fail $"{other}"

    let private valueOf text =
        match SExpression.parse text with
        | Ok [ expression ] -> Model.value expression
        | _ -> ModelValue.Unreadable "no single expression"

    [<Theory>]
    [<InlineData("2", "2")>]
    [<InlineData("2.0", "2")>]
    [<InlineData("0.125", "1/8")>]
    [<InlineData("(- 3)", "-3")>]
    [<InlineData("(- 3.5)", "-7/2")>]
    [<InlineData("(/ 1.0 3.0)", "1/3")>]
    [<InlineData("(- (/ 2.0 6.0))", "-1/3")>]
    [<InlineData("(/ (- 1) 3)", "-1/3")>]
    [<InlineData("(- (/ 2099.0 131072.0))", "-2099/131072")>]
    [<InlineData("(to_real 4)", "4")>]
    let ``Exact values are read exactly`` (text: string, wanted: string) =
        match valueOf text with
        | ModelValue.Exact value -> Assert.Equal(wanted, string value)
        | other -> Assert.Fail $"{other}"

    [<Theory>]
    [<InlineData("(root-obj (+ (^ x 2) (- 2)) 1)")>]
    [<InlineData("(- (root-obj (+ (^ x 2) (- 2)) 1))")>]
    [<InlineData("(_ real_algebraic_number <1*x^2 + (-2), (5/4, 3/2)>)")>]
    let ``Algebraic values are told apart`` (text: string) =
        match valueOf text with
        | ModelValue.Algebraic _ -> ()
        | other -> Assert.Fail $"{other}"

    [<Theory>]
    [<InlineData("1.4142?")>]
    [<InlineData("1e3")>]
    [<InlineData("1.2.3")>]
    [<InlineData(".5")>]
    [<InlineData("NaN")>]
    [<InlineData("(/ 1 0)")>]
    [<InlineData("(+ 1 2)")>]
    [<InlineData("(/ 0)")>]
    [<InlineData("()")>]
    [<InlineData("(- (- (- (- (- (- 1))))))")>]
    let ``Anything else is unreadable`` (text: string) =
        match valueOf text with
        | ModelValue.Unreadable _ -> ()
        | other -> Assert.Fail $"{other}"

    [<Fact>]
    let ``A numeral of more than ten thousand digits is left unread`` () =
        match valueOf (System.String('7', 10_000)), valueOf (System.String('7', 10_001)) with
        | ModelValue.Exact _, ModelValue.Unreadable _ -> ()
        | other -> Assert.Fail $"{other}"

    [<Theory>]
    [<InlineData("(\n  (define-fun x () Real\n    (/ 1.0 2.0))\n  (define-fun y () Int (- 3))\n)")>]
    [<InlineData("(model (define-fun x () Real 0.5) (define-fun y () Int (- 3)) (define-fun f ((a Real)) Real a))")>]
    [<InlineData("(define-fun |x| () Real 0.5)(define-fun y () Int (- 3))")>]
    let ``Models of every layout are read`` (text: string) =
        let wanted = Map.ofList [ "x", ModelValue.Exact(Rational.Create(1I, 2I)); "y", ModelValue.Exact(Rational.OfInt -3) ]

        match Model.parse text with
        | Ok model -> Assert.Equal<Map<string, ModelValue>>(wanted, model)
        | Error problem -> Assert.Fail problem
