namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

/// Consequences of equations: p = Σ cofactor·equation, by exact linear algebra over the monomials that can occur.
[<RequireQualifiedAccess>]
module Cofactors =
    /// Most unknown coefficients, and most monomials.
    [<Literal>]
    let MaxUnknowns = 1500

    /// An equation that gives a letter: letter = Value, where earlier letters are already replaced.
    type Solved = { Equation: int; Letter: Letter; Value: Polynomial }

    let isFree (letter: Letter) : bool =
        match letter with
        | Letter.Entry entry -> entry.Sign = LetterSign.Free
        | Letter.Pi
        | Letter.Log _
        | Letter.Function _
        | Letter.Exp _
        | Letter.Base _ -> false

    /// The polynomial with a letter replaced.
    let replace (letter: Letter) (value: Polynomial) (p: Polynomial) : Polynomial =
        if Polynomial.letters p |> List.contains letter then
            let form = NormalForm.polynomial value

            (NormalForm.substitute (fun l -> if l = letter then Some form else None) (NormalForm.polynomial p)).Numerator
        else
            p

    /// A letter with the given property that stands in p only as c·letter: with p = c·letter + rest, (letter, c, −rest/c).
    let solve (accept: Letter -> bool) (p: Polynomial) : (Letter * Rational * Polynomial) option =
        let occurrences = Dictionary<Letter, int>()

        for struct (_, monomial) in p.Terms do
            for struct (letter, _) in monomial.Factors do
                // Letters inside compound letters count too, so that replacing stays linear.
                for inner in Polynomial.letters (Polynomial.letter letter) do
                    match occurrences.TryGetValue inner with
                    | true, count -> occurrences[inner] <- count + 1
                    | false, _ -> occurrences[inner] <- 1

        p.Terms
        |> Array.tryPick (fun (struct (coefficient, monomial)) ->
            match monomial.Factors with
            | [| struct (letter, exponent) |] when exponent.IsOne && accept letter && occurrences[letter] = 1 ->
                let term = Polynomial.ofTerms [ struct (coefficient, monomial) ]
                Some(letter, coefficient, Polynomial.scale (-coefficient.Reciprocal) (Polynomial.subtract p term))
            | _ -> None)

    /// Solves the equations for letters of unknown sign, one after the other.
    let eliminate (equations: (int * Polynomial) list) : Solved list =
        let rec next (solved: Solved list) (rest: (int * Polynomial) list) =
            match
                rest |> List.tryPick (fun (index, p) -> solve isFree p |> Option.map (fun (letter, _, value) -> index, letter, value))
            with
            | None -> List.rev solved
            | Some(index, letter, value) ->
                let others =
                    rest |> List.filter (fun (other, _) -> other <> index) |> List.map (fun (other, q) -> other, replace letter value q)

                next ({ Equation = index; Letter = letter; Value = value } :: solved) others

        next [] equations

    /// p with the solved letters replaced.
    let reduce (solved: Solved list) (p: Polynomial) : Polynomial = (p, solved) ||> List.fold (fun p s -> replace s.Letter s.Value p)

    /// Columns of the linear system: monomial·equation.
    let private columns (steps: Steps) (equations: (int * Sparse) list) (targets: HashSet<int[]>) rounds =
        let found = HashSet<struct (int * string)>()
        let columns = List<struct (int * int[] * Sparse)>()
        let reached = HashSet<int[]>(targets, Powers.comparer)
        let mutable frontier = targets |> Seq.sort |> Seq.toArray
        let degree = if frontier.Length = 0 then 0 else frontier |> Array.map Array.sum |> Array.max
        let mutable round = 0

        while round < rounds && frontier.Length > 0 && columns.Count < MaxUnknowns do
            let added = HashSet<int[]>(Powers.comparer)

            for index, equation in equations do
                let terms = Sparse.sorted equation |> Array.map fst
                let top = terms |> Array.map Array.sum |> Array.max
                // At first only the terms of highest degree are matched, where the target reaches it: products stay in its degree.
                let leading = if round = 0 && top <= degree then terms |> Array.filter (fun t -> Array.sum t = top) else terms

                for monomial in frontier do
                    for term in leading do
                        steps.Spend 4L
                        let factor = Powers.divide monomial term

                        if
                            Array.forall (fun power -> power >= 0) factor
                            && columns.Count < MaxUnknowns
                            && found.Add(struct (index, System.String.Join(',', factor)))
                        then
                            let product = Sparse.empty ()

                            for KeyValue(m, c) in equation do
                                let m = Powers.multiply m factor
                                product[m] <- c

                                if reached.Add m then
                                    added.Add m |> ignore

                            columns.Add(struct (index, factor, product))

            frontier <- added |> Seq.sort |> Seq.toArray
            round <- round + 1

        columns.ToArray()

    /// A solution x of Σ x_k·column_k = target by sparse elimination, smallest rows first; None when there is none.
    let private solveLinear (steps: Steps) (columns: Sparse[]) (target: Sparse) : Rational[] option =
        let rows = Dictionary<int[], SortedDictionary<int, Rational>>(Powers.comparer)

        let row monomial =
            match rows.TryGetValue monomial with
            | true, row -> row
            | false, _ ->
                let row = SortedDictionary<int, Rational>()
                rows[monomial] <- row
                row

        // The right-hand side is the column after the last.
        let right = columns.Length

        columns |> Array.iteri (fun k column -> Seq.iter (fun (KeyValue(m, c)) -> (row m)[k] <- c) column)

        for KeyValue(m, c) in target do
            (row m)[right] <- c

        let pending =
            rows
            |> Seq.map (fun (KeyValue(m, row)) -> m, row)
            |> Seq.sortBy (fun (m, row) -> row.Count, m)
            |> Seq.map snd
            |> Seq.toArray

        let pivots = Dictionary<int, SortedDictionary<int, Rational>>()

        let subtract (row: SortedDictionary<int, Rational>) factor (other: SortedDictionary<int, Rational>) =
            steps.Spend(int64 other.Count)

            for KeyValue(k, c) in other do
                let value =
                    match row.TryGetValue k with
                    | true, known -> known - factor * c
                    | false, _ -> -(factor * c)

                if value.IsZero then row.Remove k |> ignore else row[k] <- value

        let firstPivot (row: SortedDictionary<int, Rational>) = row.Keys |> Seq.tryFind (fun k -> k < right && pivots.ContainsKey k)

        let consistent =
            pending
            |> Array.forall (fun row ->
                let mutable known = firstPivot row

                while known.IsSome do
                    subtract row row[known.Value] pivots[known.Value]
                    known <- firstPivot row

                match row.Keys |> Seq.tryHead with
                | None -> true
                | Some k when k = right -> false
                | Some k ->
                    let scale = row[k].Reciprocal

                    for key in Seq.toArray row.Keys do
                        row[key] <- row[key] * scale

                    pivots[k] <- row
                    true)

        if not consistent then
            None
        else
            // Unknowns without a pivot are 0; the others follow from the last on.
            let solution = Array.create columns.Length Rational.Zero
            let order = pivots.Keys |> Seq.toArray
            let known = HashSet<int>()

            let rec value k =
                if known.Add k then
                    match pivots.TryGetValue k with
                    | true, row ->
                        let mutable sum =
                            match row.TryGetValue right with
                            | true, c -> c
                            | false, _ -> Rational.Zero

                        for KeyValue(other, c) in row do
                            if other <> k && other <> right && pivots.ContainsKey other then
                                value other
                                sum <- sum - c * solution[other]

                        solution[k] <- sum
                    | false, _ -> ()

            for k in order do
                value k

            Some solution

    /// Cofactors with target = Σ cofactor·equation, numbered as the equations are; None when none of low degree were found.
    let tryExpress (steps: Steps) (equations: (int * Polynomial) list) (target: Polynomial) : (int * Polynomial) list option =
        let equations = equations |> List.filter (fun (_, p) -> not p.IsZero)

        if target.IsZero then
            Some []
        elif equations.IsEmpty then
            None
        else
            let polynomials = target :: List.map snd equations

            let letters =
                polynomials
                |> Seq.collect (fun p -> p.Terms |> Seq.collect (fun (struct (_, m)) -> m.Factors |> Seq.map (fun (struct (l, _)) -> l)))
                |> Seq.distinct
                |> Seq.sort
                |> Seq.toArray

            let chart = Chart(letters, polynomials, false)

            let sparse = equations |> List.choose (fun (index, p) -> chart.TrySparse p |> Option.map (fun table -> index, table))

            match chart.TrySparse target with
            | None -> None
            | Some wanted ->
                let attempt rounds =
                    let columns = columns steps sparse (HashSet<int[]>(wanted.Keys, Powers.comparer)) rounds

                    solveLinear steps (columns |> Array.map (fun (struct (_, _, product)) -> product)) wanted
                    |> Option.map (fun solution ->
                        Array.zip columns solution
                        |> Array.filter (fun (_, value) -> not value.IsZero)
                        |> Array.groupBy (fun (struct (index, _, _), _) -> index)
                        |> Array.map (fun (index, terms) ->
                            index, chart.Polynomial(terms |> Array.map (fun (struct (_, factor, _), value) -> factor, value)))
                        |> Array.toList)

                [ 1; 2; 3 ] |> List.tryPick attempt

    /// As `tryExpress`, but equations that give a letter are used by replacing it, at any degree.
    let express (steps: Steps) (equations: (int * Polynomial) list) (target: Polynomial) : (int * Polynomial) list option =
        let scaled factor (cofactors: Map<int, Polynomial>) = cofactors |> Map.map (fun _ c -> Polynomial.multiply factor c)

        let plus (a: Map<int, Polynomial>) (b: Map<int, Polynomial>) =
            (a, b)
            ||> Map.fold (fun sum index c ->
                let known = Map.tryFind index sum |> Option.defaultValue Polynomial.zero
                Map.add index (Polynomial.add known c) sum)

        // Each solved equation with the letters before it replaced, and how it comes from the equations as given.
        let walk (known: (Solved * Polynomial * Map<int, Polynomial>) list) (p: Polynomial) =
            ((p, Some Map.empty), known)
            ||> List.fold (fun (p, cofactors) (s, reduced, origin) ->
                steps.Spend(int64 p.TermCount + 1L)
                let next = replace s.Letter s.Value p
                let gap = Polynomial.subtract p next

                match cofactors with
                | Some _ when gap.IsZero -> next, cofactors
                | Some cofactors ->
                    next, Polynomial.tryDivide gap reduced |> Option.map (fun quotient -> plus cofactors (scaled quotient origin))
                | None -> next, None)

        let given = Map.ofList equations

        let solved =
            ([], eliminate equations)
            ||> List.fold (fun known s ->
                match walk known given[s.Equation] with
                | reduced, Some used ->
                    let origin = plus (Map.ofList [ s.Equation, Polynomial.one ]) (scaled (Polynomial.constant (Rational.OfInt -1)) used)
                    known @ [ s, reduced, origin ]
                | _, None -> known)

        match walk solved target with
        | _, None -> tryExpress steps equations target
        | remainder, Some cofactors ->
            tryExpress steps equations remainder
            |> Option.map (fun others -> plus cofactors (Map.ofList others) |> Map.filter (fun _ c -> not c.IsZero) |> Map.toList)
