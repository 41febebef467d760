module VerifyEnergy.Claims.Tests.MessageTests

open Xunit
open VerifyEnergy.Claims
open VerifyEnergy.Claims.Tests.Reader

let private all (text: string) =
    let file = Claims.Parse(text, "paper.claim")

    let clashes =
        file.Claims
        |> Seq.collect (fun claim ->
            match claim with
            | ParsedClaim.IllTyped found -> found.Clashes |> Seq.map (fun clash -> clash.Render())
            | ParsedClaim.Elaborated _ -> Seq.empty)

    Seq.append (file.Diagnostics |> Seq.map (fun diagnostic -> diagnostic.Render())) clashes |> String.concat "\n"

let private expect (text: string) (expected: string) = Assert.Equal(expected.Trim('\n').Replace("\r", ""), all text)

[<Fact>]
let ``A misspelt function`` () =
    expect
        "claim c\n  let A : real[2,2]\n  show tarce(A) = dett(A)"
        """
paper.claim:3:8: error: unknown name 'tarce'
    show tarce(A) = dett(A)
         ^
paper.claim:3:19: error: unknown name 'dett'
    show tarce(A) = dett(A)
                    ^
  did you mean 'det'?"""

[<Fact>]
let ``A misspelt variable, domain, clause word and verdict`` () =
    expect
        "claim c\n  let Sigma : psdd[2]\n  show tr(sigma) = 0\nclaim d\n  let Sigma : psd[2]\n  show tr(sigma) = 0\nclaim e\n  shwo 1 = 1\nclaim f\n  show 1 = 1 expct proved\nclaim g show 1 = 1 expect prooved"
        """
paper.claim:2:15: error: unknown domain 'psdd'
    let Sigma : psdd[2]
                ^
  did you mean 'psd'?
paper.claim:3:11: error: unknown name 'sigma'
    show tr(sigma) = 0
            ^
  did you mean 'Sigma'?
paper.claim:6:11: error: unknown name 'sigma'
    show tr(sigma) = 0
            ^
  did you mean 'Sigma'?
paper.claim:8:3: error: unexpected 'shwo'; expected the next clause
    shwo 1 = 1
    ^
  did you mean 'show'?
paper.claim:10:14: error: unexpected 'expct'; expected an operator or the next clause
    show 1 = 1 expct proved
               ^
  did you mean 'expect'?
paper.claim:11:27: error: unexpected 'prooved'; expected a verdict, 'holds iff …' or 'holds if …'
  claim g show 1 = 1 expect prooved
                            ^
  did you mean 'proved'?"""

[<Fact>]
let ``A bad bracket leaves the other clauses and claims readable`` () =
    expect
        "claim c\n  let A : real[2,2\n  show det(A = 0\nclaim d show 1 = 1 +\nclaim f show tr(I(2)) = 2"
        """
paper.claim:2:19: error: the 'let' clause ends too early; expected ',', ']' or an operator
    let A : real[2,2
                    ^
paper.claim:3:17: error: the 'show' clause ends too early; expected ')', ',' or an operator
    show det(A = 0
                  ^
paper.claim:4:21: error: the 'show' clause ends too early; expected '-' or an expression
  claim d show 1 = 1 +
                      ^"""

[<Fact>]
let ``Wrong numbers of arguments`` () =
    expect
        "claim c let A : real[2,2] def f(x) = x\n  show det(A, A) = f(1, 2) + f"
        """
paper.claim:2:8: error: 'det' does not take 2 arguments: det(matrix n×n)
    show det(A, A) = f(1, 2) + f
         ^
paper.claim:2:20: error: 'f' takes 1 arguments, not 2
    show det(A, A) = f(1, 2) + f
                     ^
paper.claim:2:30: error: 'f' is defined with 1 arguments and stands here without
    show det(A, A) = f(1, 2) + f
                               ^"""

[<Fact>]
let ``A mistake inside a definition names the place of use`` () =
    expect
        "def f(x) = y + x\nclaim c\n  show f(1) = 2"
        """
paper.claim:1:12: error: unknown name 'y' (in the definition of 'f', used at 3:8)
  def f(x) = y + x
             ^"""

[<Fact>]
let ``A definition that nothing uses is checked for its names`` () =
    expect
        "def f(x) = y + x\ndef g(x) = tr(x) + sum(i in 1..x) i\nclaim c\n  def h = sqr(2)\n  show 1 = 1"
        """
paper.claim:1:12: error: unknown name 'y'
  def f(x) = y + x
             ^
paper.claim:4:11: error: unknown name 'sqr'
    def h = sqr(2)
            ^
  did you mean 'sqrt'?"""

[<Fact>]
let ``Names given twice, claims given twice, nothing to show`` () =
    expect
        "def a = 1\ndef a = 2\nclaim c\n  let x : real, x : real\n  show x = 1 expect proved expect refuted\nclaim c let y : real\nclaim Not_kebab show 1 = 1"
        """
paper.claim:2:5: error: 'a' is defined a second time
  def a = 2
      ^
paper.claim:6:7: error: a claim 'c' stands above already
  claim c let y : real
        ^
paper.claim:7:7: error: the claim id 'Not_kebab' is not kebab-case, such as 'trace-product'
  claim Not_kebab show 1 = 1
        ^"""

[<Fact>]
let ``Clauses out of place`` () =
    expect
        "show 1 = 1\nclaim c\n  import \"a.claim\"\n  show 1 = 1\n  let real : real"
        """
paper.claim:1:1: error: a 'show' clause stands inside a claim
  show 1 = 1
  ^
paper.claim:3:3: error: an import stands before the first claim
    import "a.claim"
    ^"""

[<Fact>]
let ``A clash shows the line and both kinds`` () =
    expect
        "claim c\n  for n in 2..3\n  let W : real[n,1]\n  show det(W) = 0"
        """
paper.claim:4:12: error: ill-typed: matrix n×1 where a square matrix is meant, at n = 2
    show det(W) = 0
             ^"""

[<Fact>]
let ``Parameters`` () =
    expect
        "claim a for n in 3..2 show n = 1\nclaim b for n in real show n = 1\nclaim d let x : real for n in 1..x show n = 1\nclaim f for n in 1..3 show n = 1 expect holds iff m = 1\nclaim g let x : real for n in 1..3 show n = 1 expect holds iff x = 1"
        """
paper.claim:1:7: error: the parameters have an empty range
  claim a for n in 3..2 show n = 1
        ^
paper.claim:2:13: error: a parameter ranges over integers: n in 1..4 or n in {2, 3}
  claim b for n in real show n = 1
              ^
paper.claim:4:51: error: unknown name 'm'
  claim f for n in 1..3 show n = 1 expect holds iff m = 1
                                                    ^
paper.claim:5:66: error: the condition of 'expect' is over the integer parameters alone
  claim g let x : real for n in 1..3 show n = 1 expect holds iff x = 1
                                                                   ^
paper.claim:3:34: error: ill-typed: scalar where an integer expression in earlier parameters is meant
  claim d let x : real for n in 1..x show n = 1
                                   ^"""
