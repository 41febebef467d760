namespace VerifyEnergy.Engines

open System.Collections.Generic
open VerifyEnergy.Kernel

/// weight·(Σ coefficient·monomial)², the monomials of one parity.
type GramSquare = { Weight: Rational; Root: (Rational * int[]) list }

/// Sums of squares that are visible: p = Σ q_ij·b_i·b_j over monomials b, with a matrix q whose entries are fixed by p, or chosen by a
/// few exact rules where several products give one monomial of p; LDLᵀ decides whether q is positive semidefinite and gives the squares.
[<RequireQualifiedAccess>]
module Gram =
    /// Most monomials in a basis.
    [<Literal>]
    let MaxBasis = 240

    let private unordered (chart: Chart) (basis: int[][]) =
        let classes = Dictionary<string, int>()

        let parities =
            basis
            |> Array.map (fun b ->
                let parity = chart.Parity b

                match classes.TryGetValue parity with
                | true, number -> number
                | false, _ ->
                    let number = classes.Count
                    classes[parity] <- number
                    number)

        seq {
            for i in 0 .. basis.Length - 1 do
                for j in i .. basis.Length - 1 do
                    if parities[i] = parities[j] then
                        struct (i, j)
        }

    /// Roots of the even monomials with a positive coefficient: the corners of every basis are among them.
    let private corners (p: Sparse) : int[][] =
        Sparse.sorted p
        |> Array.choose (fun (monomial, coefficient) ->
            if coefficient.Sign > 0 && Powers.isSquare monomial then Some(Powers.root monomial) else None)

    /// Boxes with at most this many points are searched point by point.
    [<Literal>]
    let private MaxBox = 400

    /// Adds monomials between the corners, inside their bounding box: all of them when the box is small, else quotients of monomials
    /// of p, and midpoints.
    let private fill (steps: Steps) (p: Sparse) (corners: int[][]) : int[][] =
        if corners.Length = 0 then
            corners
        else
            let known = HashSet<int[]>(corners, Powers.comparer)
            let monomials = Sparse.sorted p |> Array.map fst
            let basis = List<int[]>(corners)
            let low, high = Array.reduce (Array.map2 min) corners, Array.reduce (Array.map2 max) corners
            let degrees = corners |> Array.map Array.sum
            let least, most = Array.min degrees, Array.max degrees

            let inside (b: int[]) =
                Array.forall2 (<=) low b && Array.forall2 (<=) b high && (let degree = Array.sum b in least <= degree && degree <= most)

            let add b =
                if basis.Count < MaxBasis && inside b && known.Add b then
                    basis.Add b

            let rec points place (chosen: int list) =
                if place < 0 then
                    add (List.toArray chosen)
                else
                    for power in low[place] .. high[place] do
                        points (place - 1) (power :: chosen)

            let size = Array.map2 (fun a b -> b - a + 1) low high |> Array.fold (fun size width -> min (MaxBox + 1) (size * width)) 1

            if size <= MaxBox then
                steps.Spend(int64 size)
                points (low.Length - 1) []

            let mutable next = 0

            while next < basis.Count && basis.Count < MaxBasis do
                let b = basis[next]
                next <- next + 1
                steps.Spend(int64 (p.Count + next) * int64 b.Length / 8L + 1L)

                for monomial in monomials do
                    add (Powers.divide monomial b)

                for other in 0 .. next - 2 do
                    let product = Powers.multiply b basis[other]

                    if Powers.isSquare product then
                        add (Powers.root product)

            basis.ToArray()

    /// Drops monomials whose square cannot occur, until none is left; None when a square with a negative coefficient cannot be made up for.
    let rec private prune (steps: Steps) (chart: Chart) (p: Sparse) (basis: int[][]) : int[][] option =
        steps.Spend(int64 basis.Length * int64 basis.Length)
        let mixed = HashSet<int[]>(Powers.comparer)

        for struct (i, j) in unordered chart basis do
            if i <> j then
                mixed.Add(Powers.multiply basis[i] basis[j]) |> ignore

        let square b = Powers.multiply b b

        let negative b =
            match p.TryGetValue(square b) with
            | true, coefficient -> coefficient.Sign < 0
            | false, _ -> false

        if basis |> Array.exists (fun b -> negative b && not (mixed.Contains(square b))) then
            None
        else
            let kept = basis |> Array.filter (fun b -> p.ContainsKey(square b) || mixed.Contains(square b))

            if kept.Length = basis.Length then Some basis else prune steps chart p kept

    /// The products of the basis that give each monomial of p; None when one is missing.
    let private products (steps: Steps) chart (p: Sparse) (basis: int[][]) : (Rational * struct (int * int) list)[] option =
        let found = Dictionary<int[], List<struct (int * int)>>(Powers.comparer)

        for struct (i, j) in unordered chart basis do
            steps.Spend 1L
            let product = Powers.multiply basis[i] basis[j]

            if p.ContainsKey product then
                match found.TryGetValue product with
                | true, places -> places.Add(struct (i, j))
                | false, _ -> found[product] <- List [ struct (i, j) ]

        if found.Count < p.Count then
            None
        else
            Sparse.sorted p |> Array.map (fun (monomial, coefficient) -> coefficient, List.ofSeq found[monomial]) |> Some

    /// Ways to share a coefficient among the products that give its monomial, as shares that sum to 1.
    let private rules (basis: int[][]) (p: Sparse) : (struct (int * int) list -> Rational list) list =
        let isDiagonal (struct (i, j)) = i = j

        let weigh (weights: Rational list) =
            let total = List.reduce (+) weights
            weights |> List.map (fun w -> w / total)

        let diagonalFirst places =
            if List.exists isDiagonal places then
                places |> List.map (fun place -> if isDiagonal place then Rational.One else Rational.Zero)
            else
                places |> List.map (fun _ -> Rational.One) |> weigh

        let evenly places = places |> List.map (fun place -> Rational.OfInt(if isDiagonal place then 1 else 2)) |> weigh

        let room b =
            match p.TryGetValue(Powers.multiply b b) with
            | true, coefficient when coefficient.Sign > 0 -> coefficient
            | _ -> Rational.Zero

        /// Cross terms go where the squares on both sides have most room.
        let widest places =
            let width (struct (i, j)) = room basis[i] * room basis[j]
            let best = places |> List.map width |> List.max

            if List.exists isDiagonal places then
                diagonalFirst places
            else
                places |> List.map (fun place -> if width place = best then Rational.One else Rational.Zero) |> weigh

        /// Only between monomials whose squares occur.
        let supported places =
            let usable = places |> List.map (fun (struct (i, j)) -> not (room basis[i]).IsZero && not (room basis[j]).IsZero)

            if List.exists id usable then
                places
                |> List.map2
                    (fun isUsable place -> if isUsable then Rational.OfInt(if isDiagonal place then 1 else 2) else Rational.Zero)
                    usable
                |> weigh
            else
                evenly places

        [ diagonalFirst; evenly; widest; supported ]

    /// The squares of a positive semidefinite matrix in the basis, block by block; `last` is eliminated last.
    let squares
        (steps: Steps)
        (basis: int[][])
        (entries: Dictionary<struct (int * int), Rational>)
        (last: int -> bool)
        : GramSquare list option =
        let neighbours = Array.init basis.Length (fun _ -> List<int>())

        for KeyValue(struct (i, j), value) in entries do
            if not value.IsZero && i <> j then
                neighbours[i].Add j
                neighbours[j].Add i

        let seen = Array.zeroCreate<bool> basis.Length

        let rec connect (found: List<int>) start =
            if not seen[start] then
                seen[start] <- true
                found.Add start

                for next in neighbours[start] do
                    connect found next

        let entry i j =
            match entries.TryGetValue(if i <= j then struct (i, j) else struct (j, i)) with
            | true, value -> value
            | false, _ -> Rational.Zero

        let block (members: int[]) =
            let size = members.Length
            steps.Spend(int64 size * int64 size * int64 size / 6L + 1L)
            let matrix = Array2D.init size size (fun a b -> entry members[a] members[b])

            match Matrix.tryLdl matrix with
            | Some(lower, pivots) when pivots |> Array.forall (fun d -> d.Sign >= 0) ->
                Some
                    [ for k in 0 .. size - 1 do
                          if pivots[k].Sign > 0 then
                              { Weight = pivots[k]
                                Root =
                                  [ for i in k .. size - 1 do
                                        if not lower[i, k].IsZero then
                                            lower[i, k], basis[members[i]] ] } ]
            | Some _
            | None -> None

        let rec blocks start found =
            if start = basis.Length then
                Some(List.concat (List.rev found))
            elif seen[start] then
                blocks (start + 1) found
            else
                let members = List<int>()
                connect members start
                let members = members.ToArray() |> Array.sortBy (fun i -> struct (last i, i))

                // A diagonal entry below zero spoils the block before any elimination.
                if members |> Array.exists (fun i -> (entry i i).Sign < 0) then
                    None
                else
                    match block members with
                    | Some squares -> blocks (start + 1) (squares :: found)
                    | None -> None

        blocks 0 []

    /// Bases to try: the corners alone, then with the monomials between them.
    let bases (steps: Steps) (chart: Chart) (p: Sparse) : int[][] seq =
        let corners = corners p

        if corners.Length = 0 || corners.Length > MaxBasis then
            Seq.empty
        else
            seq {
                // The squares of corners occur, so nothing is to be dropped.
                corners
                let filled = fill steps p corners

                if filled.Length > corners.Length then
                    yield! Option.toList (prune steps chart p filled)
            }

    /// p as a sum of squares, or None when these rules show none. With `last`, that monomial stands alone in its square if it can.
    let tryDecompose (steps: Steps) (chart: Chart) (last: int[] option) (p: Sparse) : GramSquare list option =
        let attempt (basis: int[][]) =
            match products steps chart p basis with
            | None -> None
            | Some places ->
                let isLast =
                    match last with
                    | Some monomial -> fun i -> Powers.comparer.Equals(basis[i], monomial)
                    | None -> fun _ -> false

                let isUnique = places |> Array.forall (fun (_, products) -> products.Tail.IsEmpty)
                let rules = rules basis p

                (if isUnique then List.take 1 rules else rules)
                |> List.tryPick (fun rule ->
                    let entries = Dictionary<struct (int * int), Rational>()

                    for coefficient, products in places do
                        for struct (i, j), share in List.zip products (rule products) do
                            if not share.IsZero then
                                let value = coefficient * share
                                entries[struct (i, j)] <- if i = j then value else value / Rational.OfInt 2

                    squares steps basis entries isLast)

        if p.Count = 0 then Some [] else bases steps chart p |> Seq.tryPick attempt
