namespace VerifyEnergy.Engines

open System.Numerics
open VerifyEnergy.Kernel

// The grid of verdicts over the integer parameters, and the simplest condition that fits it.
// The class of conditions: up to two atoms joined by `and` or `or`; an atom is x = c, x >= c, x <= c, x >= y, x > y, x = y,
// x >= y + c, x + y >= c, x + y <= c, x + y >= z, or a parity of x or x + y. Only what separates the grid is said: a condition never
// speaks beyond it.

/// What one instance says about a condition: it holds, it fails, or it says nothing (vacuous).
[<RequireQualifiedAccess>]
type Cell =
    | Holds
    | Fails
    | Silent

[<RequireQualifiedAccess>]
module Sweep =
    let private number (n: int) = Expr.Number(Rational.OfBigInteger(BigInteger n))

    let private variable v = Expr.Variable v
    let private plus a b = Expr.Apply("+", [ a; b ])

    let private compare relation a b = Prop.Compare(relation, a, b)

    /// A condition with its value at an instance.
    type private Atom = { Prop: Prop; Test: int[] -> bool }

    /// Atoms, simplest first, with constants taken from the values that occur.
    let private atoms (parameters: int list) (instances: int[] list) : Atom list =
        let count = parameters.Length
        let values i = instances |> List.map (fun x -> x[i]) |> List.distinct |> List.sort
        let v i = variable parameters[i]
        let all = [ 0 .. count - 1 ]

        let pairs =
            [ for i in all do
                  for j in all do
                      if i <> j then
                          i, j ]

        let unordered = pairs |> List.filter (fun (i, j) -> i < j)

        let sums (i, j) = instances |> List.map (fun x -> x[i] + x[j]) |> List.distinct |> List.sort

        let parity expr r = compare Relation.Equal (Expr.Apply("mod", [ expr; number 2 ])) (number r)

        [ for i in all do
              for c in values i do
                  { Prop = compare Relation.Equal (v i) (number c); Test = fun x -> x[i] = c }
          for i in all do
              for c in values i do
                  { Prop = compare Relation.GreaterEqual (v i) (number c); Test = fun x -> x[i] >= c }
          for i in all do
              for c in values i do
                  { Prop = compare Relation.LessEqual (v i) (number c); Test = fun x -> x[i] <= c }
          for i, j in pairs do
              { Prop = compare Relation.GreaterEqual (v i) (v j); Test = fun x -> x[i] >= x[j] }
          for i, j in pairs do
              { Prop = compare Relation.Greater (v i) (v j); Test = fun x -> x[i] > x[j] }
          for i, j in unordered do
              { Prop = compare Relation.Equal (v i) (v j); Test = fun x -> x[i] = x[j] }
          for i, j in unordered do
              { Prop = compare Relation.NotEqual (v i) (v j); Test = fun x -> x[i] <> x[j] }
          for i, j in pairs do
              for c in 1..3 do
                  { Prop = compare Relation.GreaterEqual (v i) (plus (v j) (number c)); Test = fun x -> x[i] >= x[j] + c }
          for i, j in unordered do
              for c in sums (i, j) do
                  { Prop = compare Relation.GreaterEqual (plus (v i) (v j)) (number c); Test = fun x -> x[i] + x[j] >= c }

                  { Prop = compare Relation.LessEqual (plus (v i) (v j)) (number c); Test = fun x -> x[i] + x[j] <= c }
          for i, j in unordered do
              for k in all do
                  if k <> i && k <> j then
                      { Prop = compare Relation.GreaterEqual (plus (v i) (v j)) (v k); Test = fun x -> x[i] + x[j] >= x[k] }
          for i in all do
              for r in 0..1 do
                  { Prop = parity (v i) r; Test = fun x -> x[i] % 2 = r }
          for i, j in unordered do
              for r in 0..1 do
                  { Prop = parity (plus (v i) (v j)) r; Test = fun x -> (x[i] + x[j]) % 2 = r } ]

    /// The simplest condition that holds exactly where the claim does; None when it holds everywhere, nowhere, or the class has none.
    let condition (claim: Claim) (cells: (int[] * Cell) list) : Prop option =
        let spoken = cells |> List.filter (fun (_, cell) -> cell <> Cell.Silent)
        let holds = spoken |> List.map (fun (_, cell) -> cell = Cell.Holds) |> List.toArray

        if holds.Length = 0 || Array.forall id holds || not (Array.exists id holds) then
            None
        else
            let parameters = claim.Parameters |> List.map (fun p -> p.Variable)
            let points = spoken |> List.map fst

            let tabulated =
                atoms parameters points
                |> List.map (fun atom -> atom, points |> List.map atom.Test |> List.toArray)
                |> List.distinctBy snd

            let fits (table: bool[]) = table = holds

            let single = tabulated |> List.tryFind (fun (_, table) -> fits table)

            match single with
            | Some(atom, _) -> Some atom.Prop
            | None ->
                let indexed = List.toArray tabulated

                seq {
                    for total in 1 .. 2 * (indexed.Length - 1) do
                        for i in max 0 (total - indexed.Length + 1) .. (total - 1) / 2 do
                            let (a, x), (b, y) = indexed[i], indexed[total - i]
                            Prop.And(a.Prop, b.Prop), Array.map2 (&&) x y
                            Prop.Or(a.Prop, b.Prop), Array.map2 (||) x y
                }
                |> Seq.tryFind (fun (_, table) -> fits table)
                |> Option.map fst

    /// Whether a condition over the parameters holds at an instance.
    let holdsAt (claim: Claim) (condition: Prop) (instance: int[]) : bool =
        let evaluator = Evaluator<Rational>(RationalArithmetic.Instance, Steps 100000L, Map.empty)

        try
            evaluator.Truth(Grid.environment evaluator.Algebra claim instance, condition) = ValueSome true
        with
        | Undefined _
        | Unsupported _
        | OutOfShape _
        | StepsExhausted -> false
