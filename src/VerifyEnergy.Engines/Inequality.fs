namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

/// weight · Π hypotheses · multiplier · root², before letters are numbered.
type WeightedSquare = { Weight: Rational; Hypotheses: int list; Multiplier: Monomial; Root: Polynomial }

/// What stands in force beside an inequality: polynomials with the condition that is known of each.
type Premise = { Index: int; Condition: Condition; Polynomial: Polynomial }

/// Ways to write a polynomial as a sum of squares times hypotheses and nonnegative letters, modulo equations. Each way is cheap and
/// exact; together they propose, and the checker decides.
[<RequireQualifiedAccess>]
module Inequality =
    let private one = Polynomial.one

    let private lettersOf (polynomials: Polynomial seq) : Letter[] =
        polynomials
        |> Seq.collect (fun p -> p.Terms |> Seq.collect (fun (struct (_, m)) -> m.Factors |> Seq.map (fun (struct (l, _)) -> l)))
        |> Seq.distinct
        |> Seq.sort
        |> Seq.toArray

    let private degree (p: Polynomial) =
        p.Terms
        |> Array.fold
            (fun most (struct (_, m)) ->
                let total = m.Factors |> Array.fold (fun sum (struct (_, exponent)) -> sum + exponent) Rational.Zero
                if total.CompareTo most > 0 then total else most)
            Rational.Zero

    let private plain weight root = { Weight = weight; Hypotheses = []; Multiplier = Monomial.one; Root = root }

    /// Whether the square is surely positive: what makes a sum strict.
    let isStrict (premises: Premise list) (square: WeightedSquare) : bool =
        Polynomial.visibleSign (Polynomial.ofTerms [ struct (Rational.One, square.Multiplier) ]) = ValueSome 1
        && (match Polynomial.visibleSign square.Root with
            | ValueSome sign -> sign <> 0
            | ValueNone -> false)
        && square.Hypotheses
           |> List.forall (fun h -> premises |> List.exists (fun p -> p.Index = h && p.Condition = Condition.Positive))

    let private squaresOf (chart: Chart) (squares: GramSquare list) : WeightedSquare list =
        squares
        |> List.map (fun s ->
            { Weight = s.Weight
              Hypotheses = []
              Multiplier = chart.Odd(snd s.Root.Head)
              Root = s.Root |> List.map (fun (coefficient, powers) -> struct (coefficient, chart.Half powers)) |> Polynomial.ofTerms })

    /// Sums of squares of p. When one of them must be positive, each monomial that surely is gets its chance to stand alone.
    let private squaresWith decompose (steps: Steps) (strict: bool) (p: Polynomial) : WeightedSquare list seq =
        let chart = Chart(lettersOf [ p ], [ p ], true)

        match chart.TrySparse p with
        | None -> Seq.empty
        | Some sparse ->
            let alone =
                if strict then
                    Sparse.sorted sparse
                    |> Array.choose (fun (m, c) ->
                        if c.Sign > 0 && Powers.isSquare m && chart.IsPositive m then Some(Powers.root m) else None)
                    |> Array.truncate 4
                    |> Array.toList
                else
                    []

            seq {
                match decompose steps chart (List.tryHead alone) sparse with
                | None ->
                    // The order of elimination does not change definiteness: other monomials would fail too.
                    ()
                | Some squares ->
                    squaresOf chart squares

                    for last in List.truncate 3 (List.skip (min 1 alone.Length) alone) do
                        match decompose steps chart (Some last) sparse with
                        | Some squares -> squaresOf chart squares
                        | None -> ()
            }

    let private gram steps strict p = squaresWith Gram.tryDecompose steps strict p

    /// The same by search in floating point.
    let private searched steps strict p =
        let decompose steps chart (last: int[] option) sparse =
            match Seq.tryLast (Gram.bases steps chart sparse) with
            | Some basis ->
                let isLast i =
                    match last with
                    | Some monomial -> Powers.comparer.Equals(basis[i], monomial)
                    | None -> false

                GramSearch.tryFind steps sparse basis isLast
            | None -> None

        squaresWith decompose steps strict p

    // Hypotheses as letters

    /// A letter that stands for a hypothesis.
    type private Slack = { Premise: Premise; Letter: Letter }

    let private slack (premise: Premise) : Slack =
        { Premise = premise
          Letter =
            Letter.Entry
                { Owner = System.Int32.MinValue + premise.Index
                  Part = 0
                  Row = 0
                  Column = 0
                  Sign = if premise.Condition = Condition.Positive then LetterSign.Positive else LetterSign.Nonnegative } }

    /// Puts the hypotheses back for their letters. In a root of one term they stand as hypotheses too, so that positive ones are seen.
    let private resolve (slacks: Slack list) (square: WeightedSquare) : WeightedSquare =
        let split (m: Monomial) =
            let found, others =
                m.Factors
                |> Array.toList
                |> List.partition (fun (struct (letter, _)) -> slacks |> List.exists (fun s -> s.Letter = letter))

            let hypotheses =
                [ for struct (letter, exponent) in found do
                      match exponent.TryInt with
                      | ValueSome count ->
                          for s in slacks do
                              if s.Letter = letter then
                                  yield! List.replicate count s.Premise.Index
                      | ValueNone -> () ]

            hypotheses, Monomial.create (others |> List.map (fun (struct (letter, exponent)) -> letter, exponent))

        let hypotheses, multiplier = split square.Multiplier

        match square.Root.Terms with
        | [| struct (coefficient, m) |] ->
            let inRoot, m = split m

            { square with
                Hypotheses = square.Hypotheses @ hypotheses @ inRoot @ inRoot
                Multiplier = multiplier
                Root = Polynomial.ofTerms [ struct (coefficient, m) ] }
        | _ ->
            { square with
                Hypotheses = square.Hypotheses @ hypotheses
                Multiplier = multiplier
                Root = (square.Root, slacks) ||> List.fold (fun root s -> Cofactors.replace s.Letter s.Premise.Polynomial root) }

    /// Linear hypotheses as new letters that replace old ones of unknown sign: x = y − s becomes x ≥ … with s ≥ 0 a letter.
    let private shift (premises: Premise list) (p: Polynomial) : Slack list * (Polynomial -> Polynomial) =
        let rec next slacks (change: Polynomial -> Polynomial) (rest: Premise list) =
            match rest with
            | [] -> List.rev slacks, change
            | premise :: rest ->
                match Cofactors.solve Cofactors.isFree (change premise.Polynomial) with
                | None -> next slacks change rest
                | Some(letter, coefficient, value) ->
                    let s = slack premise
                    let value = Polynomial.add value (Polynomial.scale coefficient.Reciprocal (Polynomial.letter s.Letter))
                    next (s :: slacks) (change >> Cofactors.replace letter value) rest

        let slacks, change = next [] id premises
        // Nothing is gained when p does not meet any of the letters.
        if (Polynomial.subtract (change p) p).IsZero then [], id else slacks, change

    // 1 written as a homogeneous polynomial

    let private degreeIn (letters: HashSet<Letter>) (m: Monomial) =
        m.Factors
        |> Array.fold (fun sum (struct (letter, exponent)) -> if letters.Contains letter then sum + exponent else sum) Rational.Zero

    /// p made homogeneous in the letters of `unity`, a homogeneous polynomial that equals 1.
    let private homogenise (steps: Steps) (unity: Polynomial) (p: Polynomial) : Polynomial option =
        let letters = HashSet<Letter>(lettersOf [ unity ])
        let struct (_, first) = unity.Terms[0]
        let weight = degreeIn letters first

        let isHomogeneous = unity.Terms |> Array.forall (fun (struct (_, m)) -> degreeIn letters m = weight)
        let degrees = p.Terms |> Array.map (fun (struct (_, m)) -> degreeIn letters m)

        if not isHomogeneous || weight.Sign <= 0 || degrees.Length = 0 then
            None
        else
            let most = Array.max degrees
            let gaps = degrees |> Array.map (fun d -> ((most - d) / weight).TryInt)

            if gaps |> Array.exists (fun gap -> gap.IsNone || gap.Value > 6) then
                None
            elif gaps |> Array.forall (fun gap -> gap = ValueSome 0) then
                None
            else
                let powers = Array.scan (fun power _ -> Polynomial.multiply power unity) one [| 1 .. Array.max gaps |> ValueOption.get |]

                (Polynomial.zero, Array.zip p.Terms gaps)
                ||> Array.fold (fun sum (term, gap) ->
                    let power = powers[gap.Value]
                    steps.Spend(int64 power.TermCount)
                    Polynomial.add sum (Polynomial.multiply (Polynomial.ofTerms [ term ]) power))
                |> Some

    let private constantOf (p: Polynomial) =
        p.Terms |> Array.tryPick (fun (struct (c, m)) -> if m.IsOne then Some c else None) |> Option.defaultValue Rational.Zero

    /// Polynomials that equal 1: from equations N = c, and from hypotheses c − N ≥ 0 with the hypothesis as a letter.
    let private unities (premises: Premise list) : (Slack list * Polynomial) list =
        premises
        |> List.choose (fun premise ->
            let c = constantOf premise.Polynomial
            let rest = Polynomial.subtract premise.Polynomial (Polynomial.constant c)

            if c.IsZero || rest.IsZero then
                None
            else
                match premise.Condition with
                | Condition.Zero -> Some([], Polynomial.scale (-c.Reciprocal) rest)
                | Condition.Nonnegative
                | Condition.Positive ->
                    let s = slack premise
                    Some([ s ], Polynomial.scale c.Reciprocal (Polynomial.subtract (Polynomial.letter s.Letter) rest))
                | Condition.Nonzero -> None)

    // Linear programming over given products

    [<Literal>]
    let private MaxTable = 60_000

    /// Nonnegative combinations of squares of monomials and of sums and differences of two, times at most two hypotheses.
    let private combinations (steps: Steps) strict (premises: Premise list) (p: Polynomial) : WeightedSquare list option =
        let known = premises |> List.filter (fun h -> h.Condition = Condition.Nonnegative || h.Condition = Condition.Positive)
        let equations = premises |> List.filter (fun h -> h.Condition = Condition.Zero)

        let most = premises |> List.map (fun h -> degree h.Polynomial) |> List.fold max (degree p)

        let products =
            let singles = List.truncate 12 known |> List.filter (fun h -> (degree h.Polynomial).CompareTo most <= 0)

            [ [], one
              for h in singles do
                  [ h ], h.Polynomial

              for i, h in List.indexed singles do
                  for other in List.skip i singles do
                      if (degree h.Polynomial + degree other.Polynomial).CompareTo most <= 0 && other.Index <> h.Index then
                          [ h; other ], Polynomial.multiply h.Polynomial other.Polynomial ]

        let letters = lettersOf (p :: List.map snd products @ (equations |> List.map (fun h -> h.Polynomial)))
        let chart = Chart(letters, p :: List.map snd products, true)
        let single place = Array.init letters.Length (fun other -> if other = place then 1 else 0)
        let small = Array.zeroCreate<int> letters.Length :: [ for place in 0 .. letters.Length - 1 -> single place ]

        match chart.TrySparse p with
        | None -> None
        | Some wanted ->
            let roots = Gram.bases steps chart wanted |> Seq.tryLast |> Option.defaultValue [||] |> Array.toList

            let columns = List<WeightedSquare * Sparse>()
            let rows = Dictionary<int[], int>(Powers.comparer)

            let place monomial =
                match rows.TryGetValue monomial with
                | true, row -> row
                | false, _ ->
                    let row = rows.Count
                    rows[monomial] <- row
                    row

            for KeyValue(monomial, _) in wanted do
                place monomial |> ignore

            let add (hypotheses: Premise list) (factor: Sparse) (root: (Rational * int[]) list) =
                if rows.Count * (columns.Count + 1) <= MaxTable then
                    let square = Sparse.empty ()

                    for c, m in root do
                        for d, n in root do
                            Sparse.accumulate square (Powers.multiply m n) (c * d)

                    let product = Sparse.multiply steps factor square

                    for KeyValue(monomial, _) in product do
                        place monomial |> ignore

                    let found = (squaresOf chart [ { Weight = Rational.One; Root = root } ]).Head
                    columns.Add({ found with Hypotheses = hypotheses |> List.map (fun h -> h.Index) }, product)

            for hypotheses, factor in products do
                match chart.TrySparse factor with
                | None -> ()
                | Some table ->
                    let room = most - degree factor

                    let basis =
                        if hypotheses.IsEmpty then
                            List.distinct (small @ roots)
                        else
                            small
                            |> List.filter (fun b ->
                                (degree (Polynomial.ofTerms [ struct (Rational.One, chart.Half b) ]) * Rational.OfInt 2).CompareTo room
                                <= 0)

                    for b in basis do
                        add hypotheses table [ Rational.One, b ]

                    if hypotheses.IsEmpty || basis.Length <= 5 then
                        for i, b in List.indexed basis do
                            for other in List.skip (i + 1) basis do
                                if chart.Parity b = chart.Parity other then
                                    add hypotheses table [ Rational.One, b; Rational.One, other ]
                                    add hypotheses table [ Rational.One, b; -Rational.One, other ]

            // Equations times 1 and times letters, with both signs: they are found again by Cofactors.
            let free =
                [ for h in equations do
                      match chart.TrySparse h.Polynomial with
                      | None -> ()
                      | Some table ->
                          for b in small do
                              let squared = Powers.multiply b b
                              let factor = if chart.IsNonnegative |> Array.exists id then squared else b
                              let product = Sparse.empty ()

                              for KeyValue(m, c) in table do
                                  product[Powers.multiply m factor] <- c
                                  place (Powers.multiply m factor) |> ignore

                              product ]

            if rows.Count * (columns.Count + 2 * free.Length) > 2 * MaxTable then
                None
            else
                let column sign (table: Sparse) =
                    table |> Seq.map (fun (KeyValue(m, c)) -> rows[m], (if sign then c else -c)) |> Seq.toArray

                let table =
                    [| for _, product in columns do
                           column true product
                       for product in free do
                           column true product
                           column false product |]

                let right = Array.create rows.Count Rational.Zero

                for KeyValue(m, c) in wanted do
                    right[rows[m]] <- c

                let objective =
                    Array.init table.Length (fun k ->
                        if strict && k < columns.Count && isStrict premises (fst columns[k]) then
                            Rational.One
                        else
                            Rational.Zero)

                LinearProgram.tryMaximise steps table right objective
                |> Option.map (fun solution ->
                    [ for k in 0 .. columns.Count - 1 do
                          if solution[k].Sign > 0 then
                              { fst columns[k] with Weight = solution[k] } ])

    /// λ with λ·h cancelling a monomial of p; 1 when there is nothing to cancel.
    let private ratios (p: Polynomial) (h: Polynomial) : Rational list =
        if p.IsZero then
            [ Rational.One ]
        else
            let coefficients = Dictionary<Monomial, Rational>()

            for struct (c, m) in p.Terms do
                coefficients[m] <- c

            [ for struct (c, m) in h.Terms do
                  match coefficients.TryGetValue m with
                  | true, wanted -> wanted / c
                  | false, _ -> () ]
            |> List.distinct
            |> List.truncate 4

    /// Candidate sums of squares for p ≥ 0 (with one surely positive square where `strict`), cheapest first; each equals p up to a
    /// combination of the equations among the premises.
    let candidates (steps: Steps) (strict: bool) (premises: Premise list) (p: Polynomial) : WeightedSquare list seq =
        let equations = premises |> List.filter (fun h -> h.Condition = Condition.Zero && not h.Polynomial.IsZero)

        let solved = Cofactors.eliminate (equations |> List.map (fun h -> h.Index, h.Polynomial))
        let isSolved (h: Premise) = solved |> List.exists (fun s -> s.Equation = h.Index)

        // Everything in the letters that are left.
        let premises =
            premises
            |> List.filter (isSolved >> not)
            |> List.map (fun h -> { h with Polynomial = Cofactors.reduce solved h.Polynomial })
            |> List.filter (fun h -> not h.Polynomial.IsZero)

        let p = Cofactors.reduce solved p
        let hypotheses = premises |> List.filter (fun h -> h.Condition = Condition.Nonnegative || h.Condition = Condition.Positive)
        let remaining = premises |> List.filter (fun h -> h.Condition = Condition.Zero)
        let useful = hypotheses |> List.truncate 8

        seq {
            yield! gram steps strict p

            let slacks, change = shift useful p

            if not slacks.IsEmpty then
                let shifted = change p
                yield! gram steps strict shifted |> Seq.map (List.map (resolve slacks))

                // Hypotheses that are no letters yet, in the new ones.
                for h in useful do
                    if slacks |> List.forall (fun s -> s.Premise.Index <> h.Index) then
                        for ratio in ratios shifted (change h.Polynomial) do
                            if ratio.Sign > 0 then
                                let rest = Polynomial.subtract shifted (Polynomial.scale ratio (change h.Polynomial))
                                let used = { plain ratio one with Hypotheses = [ h.Index ] }
                                yield! gram steps strict rest |> Seq.map (fun squares -> used :: List.map (resolve slacks) squares)

            for h in useful do
                match Polynomial.tryDivide p h.Polynomial with
                | Some quotient when not quotient.IsZero ->
                    yield! gram steps strict quotient |> Seq.map (List.map (fun s -> { s with Hypotheses = h.Index :: s.Hypotheses }))
                | Some _
                | None -> ()

                for ratio in ratios p h.Polynomial do
                    if ratio.Sign > 0 then
                        let rest = Polynomial.subtract p (Polynomial.scale ratio h.Polynomial)
                        let used = { plain ratio one with Hypotheses = [ h.Index ] }
                        yield! gram steps strict rest |> Seq.map (fun squares -> used :: squares)

            for h in List.truncate 8 remaining do
                for ratio in ratios p h.Polynomial do
                    yield! gram steps strict (Polynomial.subtract p (Polynomial.scale ratio h.Polynomial))

            for slacks, unity in unities (List.truncate 4 remaining @ useful) do
                match homogenise steps unity p with
                | Some homogeneous -> yield! gram steps strict homogeneous |> Seq.map (List.map (resolve slacks))
                | None -> ()

            // Without hypotheses the search finds what linear programming would, and more.
            if hypotheses.IsEmpty then
                yield! searched steps strict p

            match combinations steps strict (remaining @ useful) p with
            | Some squares -> squares
            | None -> ()

            if not hypotheses.IsEmpty then
                yield! searched steps strict p

            if not slacks.IsEmpty then
                yield! searched steps strict (change p) |> Seq.map (List.map (resolve slacks))
        }
