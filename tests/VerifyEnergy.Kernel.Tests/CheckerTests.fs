namespace VerifyEnergy.Kernel.Tests

open System
open System.IO
open System.Reflection
open VerifyEnergy.Kernel
open Xunit

/// Who may say that something is proved, and on what.
module CheckerTests =
    let private rational n d = Rational.Create(bigint (n: int), bigint (d: int))

    let private square weight root : Square = { Weight = weight; Hypotheses = []; Multiplier = []; Root = root }

    // x² + y² − 2xy = (x − y)², letters x, y numbered 0, 1.
    let private claimText = "let x, y : real show x^2 + y^2 >= 2*x*y"
    let private root: PolynomialData = [ Rational.One, [ 0, Rational.One ]; -Rational.One, [ 1, Rational.One ] ]
    let private body proof = Body.Cases(1, [ (0, 1), proof ])
    let private valid = Proof.Squares(false, [ square Rational.One root ], [])

    let private mutants: Body list =
        let proof squares = body (Proof.Squares(false, squares, []))
        let only = square Rational.One root
        let withRoot root = proof [ square Rational.One root ]

        [ for weight in [ rational 2 1; rational -1 1; Rational.Zero; rational 1 2 ] do
              proof [ square weight root ]

          proof []
          proof [ only; only ]
          body (Proof.Squares(true, [ only ], []))
          body (Proof.Squares(false, [ only ], [ 0, root ]))
          body (Proof.Squares(false, [ only ], [ -1, [] ]))

          for index in [ -1; 2; Int32.MinValue; Int32.MaxValue ] do
              withRoot [ Rational.One, [ 0, Rational.One ]; -Rational.One, [ index, Rational.One ] ]
              proof [ { only with Hypotheses = [ index ] } ]
              proof [ { only with Multiplier = [ index, Rational.One ] } ]

          for exponent in [ rational -1 1; rational 1 2; rational 2 1; rational 1000000000 1; rational 3 2 ] do
              withRoot [ Rational.One, [ 0, exponent ]; -Rational.One, [ 1, Rational.One ] ]
              proof [ { only with Multiplier = [ 0, exponent ] } ]

          withRoot []
          withRoot [ Rational.One, [ 0, Rational.One ] ]
          withRoot [ Rational.One, [ 0, Rational.One ]; Rational.One, [ 1, Rational.One ] ]
          proof [ { only with Multiplier = [ 0, Rational.One ] } ]
          proof [ { only with Hypotheses = [ 0 ] } ]
          Body.Cases(0, [ (0, 1), valid ])
          Body.Cases(2, [ (0, 1), valid ])
          Body.Cases(-1, [ (0, 1), valid ])
          Body.Cases(1, [ (0, 0), valid ])
          Body.Cases(1, [ (1, 1), valid ])
          Body.Cases(1, [ (0, 2), valid ])
          Body.Cases(1, [ (0, -1), valid ])
          Body.Cases(1, [])
          Body.Empty(1, [ 0, valid ])
          Body.Empty(0, [])
          Body.Witness []
          body Proof.Normal
          body (Proof.All [ valid ])
          body (Proof.All [])
          body (Proof.Branch(0, valid))
          body (Proof.Minor([ 0 ], [ 0 ], valid))
          body (Proof.ModularRank(7L, [ 0 ], [ 0 ]))
          body (Proof.Terms([], valid)) ]

    [<Fact>]
    let ``A mutated certificate is refused, for the claim and for its false twin`` () =
        Assert.Equal(Answer.Holds, ClaimText.judge claimText (body valid))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x, y : real show x^2 + y^2 >= 3*x*y" (body valid))

        for index, mutant in List.indexed mutants do
            Assert.Equal((index, Answer.Rejected), (index, ClaimText.judge claimText mutant))
            Assert.Equal((index, Answer.Rejected), (index, ClaimText.judge "let x, y : real show x^2 + y^2 >= 3*x*y" mutant))

    [<Fact>]
    let ``A negative weight is refused even where the sum is right`` () =
        // 3x² − 2x² = x² and x² − 2x² = −x².
        let x: PolynomialData = [ Rational.One, [ 0, Rational.One ] ]
        let sum a b = body (Proof.Squares(false, [ square (Rational.OfInt a) x; square (Rational.OfInt b) x ], []))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real show -x^2 >= 0" (sum 1 -2))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real show 3*x^2 - x >= 0" (sum 1 -2))
        Assert.Equal(Answer.Holds, ClaimText.judge "let x : real show (2*x + 1)^2 - 4*x - 1 >= 0" (sum 3 1))

    [<Fact>]
    let ``An equation is not shown by squares, nor an order by equations of other signs`` () =
        let one: PolynomialData = [ Rational.One, [] ]
        let byFact = Proof.Squares(false, [ { square Rational.One one with Hypotheses = [ 0 ] } ], [])
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real where x >= 0 show x = 0" (body byFact))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real where x >= 0 show x > 0" (body byFact))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real where x != 0 show x > 0" (body byFact))
        let byEquation = Proof.Squares(false, [], [ 0, one ])
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real where x >= 0 show x = 0" (body byEquation))
        Assert.Equal(Answer.Rejected, ClaimText.judge "let x : real where x*x = 0 show x > 0" (body byEquation))
        Assert.Equal(Answer.Holds, ClaimText.judge "let x, y : real where x = y show x - y >= 0" (body byEquation))

    [<Fact>]
    let ``A modular rank is a lower bound, whatever the modulus`` () =
        let rank text prime rows columns = ClaimText.judge $"show rank({text}) >= 2" (body (Proof.ModularRank(prime, rows, columns)))

        Assert.Equal(Answer.Holds, rank "[1, 2; 3, 4]" 7L [ 0; 1 ] [ 0; 1 ])

        for modulus in -3L .. 60L do
            Assert.Equal(Answer.Rejected, rank "[1, 2; 2, 4]" modulus [ 0; 1 ] [ 0; 1 ])

        for rows in [ [ 0; 0 ]; [ 0 ]; [ 0; 2 ]; [ -1; 0 ]; [] ] do
            Assert.Equal(Answer.Rejected, rank "[1, 2; 3, 4]" 7L rows [ 0; 1 ])

    [<Fact>]
    let ``A named term has the shape and the domain of its binder`` () =
        let term shape rows columns entries = { Shape = shape; Rows = rows; Columns = columns; Entries = entries }
        let letter: PolynomialData = [ Rational.One, [ 0, Rational.One ] ]
        let judge text term = ClaimText.judge text (body (Proof.Terms([ term ], Proof.Normal)))
        let isReal = "let a : real show exists(x : real) x = a"

        Assert.Equal(Answer.Holds, judge isReal (term Shape.Scalar 1 1 [ letter, None ]))
        Assert.Equal(Answer.Rejected, judge isReal (term Shape.Scalar 1 1 [ letter, Some [] ]))
        Assert.Equal(Answer.Rejected, judge isReal (term Shape.Column 1 1 [ letter, None ]))
        Assert.Equal(Answer.Rejected, judge isReal (term Shape.Scalar -1 -1 [ letter, None ]))
        Assert.Equal(Answer.Rejected, judge isReal (term Shape.Scalar 1 2 [ letter, None ]))
        Assert.Equal(Answer.Rejected, judge isReal (term Shape.Scalar 1 1 [ [ Rational.One, [ 1, Rational.One ] ], None ]))
        Assert.Equal(Answer.Rejected, judge "let a : real show exists(x : pos) x = a" (term Shape.Scalar 1 1 [ letter, None ]))
        Assert.Equal(Answer.Rejected, judge "let a : real show exists(x : psd[1]) x[1,1] = a" (term Shape.Matrix 1 1 [ letter, None ]))
        Assert.Equal(Answer.Holds, judge "let a : nonneg show exists(x : psd[1]) x[1,1] = a" (term Shape.Matrix 1 1 [ letter, None ]))

    [<Fact>]
    let ``A witness names the objects of the claim, each once, with their shapes`` () =
        let text = "let x : real show x^2 > 0"
        let judge objects = ClaimText.judge text (Body.Witness objects)
        let zero = ClaimText.scalar 0 1

        Assert.Equal(Answer.Fails false, judge [ 0, zero ])
        Assert.Equal(Answer.Rejected, judge [ 0, ClaimText.scalar 1 1 ])
        Assert.Equal(Answer.Rejected, judge [])
        Assert.Equal(Answer.Rejected, judge [ 0, zero; 1, zero ])
        Assert.Equal(Answer.Rejected, judge [ 0, zero; 0, ClaimText.scalar 1 1 ])
        Assert.Equal(Answer.Rejected, judge [ 0, ObjectValue.Map [| 1 |] ])
        Assert.Equal(Answer.Rejected, judge [ 0, ObjectValue.Array(1, 1, [||]) ])
        Assert.Equal(Answer.Rejected, judge [ 0, ObjectValue.Array(-1, -1, [| struct (Rational.Zero, Rational.Zero) |]) ])
        Assert.Equal(Answer.Rejected, judge [ 0, ObjectValue.Array(1, 1, [| struct (Rational.Zero, Rational.One) |]) ])
        let two = Array.replicate 2 (struct (Rational.Zero, Rational.Zero))
        Assert.Equal(Answer.Rejected, judge [ 0, ObjectValue.Array(2, 1, two) ])

    [<Theory>]
    [<InlineData("let x : pos show x > 1", 1, 1, true)>]
    [<InlineData("let x : pos show x > 1", 0, 1, false)>]
    [<InlineData("let x : real where x > 3 show x > 5", 4, 1, true)>]
    [<InlineData("let x : real where x > 3 show x > 5", 2, 1, false)>]
    [<InlineData("let x : real show x*x != 2", 1, 1, false)>]
    [<InlineData("let x : nonneg show sqrt(x) <= x", 1, 4, true)>]
    [<InlineData("let x : pos show exp(x) < 5/2", 1, 1, true)>]
    [<InlineData("let x : pos show exp(x) < 3", 1, 1, false)>]
    let ``A witness meets domains and hypotheses and breaks the conclusion`` text numerator denominator breaks =
        let expected = if breaks then Answer.Fails false else Answer.Rejected
        Assert.Equal(expected, ClaimText.atScalar text numerator denominator)

    [<Fact>]
    let ``A certificate belongs to one claim and one instance`` () =
        let claim = ClaimText.core "for n in 1..3 let x : real[n] show norm2(x)^2 >= 0"
        let certificate instance = { ClaimHash = Hash.ofClaim claim; Instance = instance; Body = Body.Cases(1, []) }
        let judge certificate = ClaimText.answer (Checker.check (claim, certificate, 1_000_000L))

        Assert.Equal(Answer.Holds, judge (certificate [| 3 |]))

        for instance in [ [||]; [| 0 |]; [| 4 |]; [| 1; 1 |] ] do
            Assert.Equal(Answer.Rejected, judge (certificate instance))

        let other = ClaimText.core "for n in 1..3 let x : real[n] show norm2(x)^2 >= -1"
        Assert.Equal(Answer.Rejected, judge { certificate [| 3 |] with ClaimHash = Hash.ofClaim other })
        Assert.Equal(Answer.Rejected, judge { certificate [| 3 |] with ClaimHash = "" })

    [<Fact>]
    let ``Writing to an instance after the check moves no theorem`` () =
        let claim = ClaimText.core "for n in 1..2 let A, B : real[n,n] show A*B = B*A"
        let instance = [| 1 |]
        let certificate = { ClaimHash = Hash.ofClaim claim; Instance = instance; Body = Body.Cases(1, []) }

        match Checker.check (claim, certificate, 1_000_000L) with
        | Ok(Checked.Holds theorem) ->
            instance[0] <- 2
            theorem.Instance[0] <- 2
            theorem.Certificate.Instance[0] <- 2
            Assert.Equal<int>([| 1 |], theorem.Instance)

            let outcome = Outcome.Holds theorem
            let verdict, settled = Checker.conclude (claim, [ [| 1 |], outcome; [| 2 |], outcome ], 1_000_000L)
            Assert.Equal(Verdict.Undecided, verdict)
            Assert.Equal<Verdict list>([ Verdict.Proved; Verdict.Undecided ], settled |> List.map (snd >> Verdict.ofOutcome))
        | other -> Assert.Fail $"{other}"

    [<Fact>]
    let ``The step limit is kept`` () =
        let claim = ClaimText.core "let v, w : bits[12] show dot(v, w) <= 12"
        Assert.Equal(Answer.Rejected, ClaimText.answer (ClaimText.checkWithin 10_000L claim (Body.Cases(1 <<< 24, []))))

    [<Fact>]
    let ``Nobody but the checker makes theorems and refutations`` () =
        for kind in [ typeof<Theorem>; typeof<Refutation> ] do
            Assert.True kind.IsSealed
            Assert.Empty(kind.GetConstructors())
            // Not from storage either: nothing that a serializer would call, no field that it could set.
            Assert.False(typeof<Runtime.Serialization.ISerializable>.IsAssignableFrom kind)
            Assert.Empty(kind.GetCustomAttributes<SerializableAttribute>())
            Assert.All(kind.GetProperties(), fun property -> Assert.False property.CanWrite)
            Assert.Empty(kind.GetFields())
            Assert.Empty(kind.GetMethods(BindingFlags.Static ||| BindingFlags.Public))

        let makers =
            [ for found in typeof<Theorem>.Assembly.GetExportedTypes() do
                  for m in found.GetMethods(BindingFlags.Static ||| BindingFlags.Public ||| BindingFlags.DeclaredOnly) do
                      if m.ReturnType.ToString().Contains "Checked" && found <> typeof<Checked> then
                          m.Name ]

        Assert.Equal<string list>([ "check" ], makers)

        Assert.DoesNotContain(
            typeof<Theorem>.Assembly.GetCustomAttributes<Runtime.CompilerServices.InternalsVisibleToAttribute>(),
            fun _ -> true
        )

    [<Fact>]
    let ``The word is written down in one place`` () =
        let rec root (folder: string) =
            if File.Exists(Path.Combine(folder, "VerifyEnergy.sln")) then
                folder
            else
                root (Path.GetFullPath(Path.Combine(folder, "..")))

        let sources =
            [ for extension in [ "*.fs"; "*.fsi"; "*.cs" ] do
                  yield!
                      Directory.EnumerateFiles(Path.Combine(root AppContext.BaseDirectory, "src"), extension, SearchOption.AllDirectories) ]
            |> List.filter (fun path -> not (path.Contains $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))

        let written =
            sources
            |> List.filter (fun path -> (File.ReadAllText path).Contains "\"proved\"")
            |> List.map (fun path -> FileInfo(path).Name)

        Assert.Equal<string list>([ "Checker.fs" ], written)
