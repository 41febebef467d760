namespace VerifyEnergy.Kernel

// Symbolic objects: letters for the entries of each domain, the facts that membership gives, and substitutions that are onto.
// Substitutions come from this closed list only: Cholesky A = LLᵀ (every PSD matrix has one with lower-triangular L and
// diagonal ≥ 0; > 0 when definite; n × r for rank ≤ r, by QR of any factor), its complex form, LL*/tr(LL*) for densities, and
// B = A + MMᵀ under A ⪯ B.

/// A condition on a normal form.
type Fact = { Condition: Condition; Form: NormalForm }

/// An object as letters. `Factors` rewrites entry letters in terms of independent letters of known sign.
type SymbolicObject = { Value: Value<NormalForm>; Facts: Fact list; Factors: (Letter * NormalForm) list }

[<RequireQualifiedAccess>]
module Objects =
    // Families of letters of one object.
    let private realPart = 0
    let private imaginaryPart = 1
    let private factorReal = 2
    let private factorImaginary = 3
    /// Factor of B − A when a hypothesis A ⪯ B replaces the entries of B (and one more for its imaginary part).
    let private gapReal = 4
    let private gapImaginary = 5
    let private testReal = 6
    let private testImaginary = 7

    let private entryLetter owner part row column sign =
        Letter.Entry { Owner = owner; Part = part; Row = row; Column = column; Sign = sign }

    let private form letter = NormalForm.letter letter
    let private real f : Entry<NormalForm> = { Re = f; Im = ValueNone }
    let private sum forms = Seq.fold NormalForm.add NormalForm.zero forms

    let private difference from forms = Seq.fold NormalForm.subtract from forms

    let private matrix rows columns entry =
        Value.Array(Shape.Matrix, rows, columns, Array.init (rows * columns) (fun index -> entry (index / columns) (index % columns)))

    /// A lower-triangular factor with `width` columns whose diagonal has the given sign: entries (real, imaginary).
    let private triangular owner partReal partImaginary isComplex width diagonal i k =
        if k > i || k >= width then
            NormalForm.zero, NormalForm.zero
        elif k = i then
            form (entryLetter owner partReal i k diagonal), NormalForm.zero
        else
            form (entryLetter owner partReal i k LetterSign.Free),
            (if isComplex then form (entryLetter owner partImaginary i k LetterSign.Free) else NormalForm.zero)

    /// Entry (i, j) of L·L*: real and imaginary part.
    let private gram width (factor: int -> int -> NormalForm * NormalForm) i j =
        let terms =
            [ for k in 0 .. min (min i j) (width - 1) do
                  let (a, b), (c, d) = factor i k, factor j k
                  // (a + ib)(c − id)
                  NormalForm.add (NormalForm.multiply a c) (NormalForm.multiply b d),
                  NormalForm.subtract (NormalForm.multiply b c) (NormalForm.multiply a d) ]

        sum (List.map fst terms), sum (List.map snd terms)

    let private zero f = { Condition = Condition.Zero; Form = f }

    let private nonnegative f = { Condition = Condition.Nonnegative; Form = f }

    /// Letters of a symmetric (Hermitian) matrix.
    let private hermitian owner isComplex size =
        let upper i j =
            let i, j = min i j, max i j
            form (entryLetter owner realPart i j LetterSign.Free)

        let imaginary i j =
            if not isComplex then
                ValueNone
            elif i = j then
                ValueSome NormalForm.zero
            else
                let letter = form (entryLetter owner imaginaryPart (min i j) (max i j) LetterSign.Free)
                ValueSome(if i < j then letter else NormalForm.negate letter)

        matrix size size (fun i j -> { Re = upper i j; Im = imaginary i j })

    /// Rewrites the letters of a symmetric (Hermitian) matrix by the given entries.
    let private rewrite owner isComplex size (entry: int -> int -> NormalForm * NormalForm) =
        [ for i in 0 .. size - 1 do
              for j in i .. size - 1 do
                  let re, im = entry i j
                  entryLetter owner realPart i j LetterSign.Free, re

                  if isComplex && i < j then
                      entryLetter owner imaginaryPart i j LetterSign.Free, im ]

    let private semidefinite owner isComplex size width diagonal =
        let factor = triangular owner factorReal factorImaginary isComplex width diagonal

        { Value = hermitian owner isComplex size
          Facts = []
          Factors = rewrite owner isComplex size (gram width factor) }

    /// ρ = LL*/tr(LL*), L lower-triangular with positive diagonal; the last diagonal entry is 1 minus the others.
    let private density owner size =
        let factor = triangular owner factorReal factorImaginary true size LetterSign.Positive
        let trace = sum [ for i in 0 .. size - 1 -> fst (gram size factor i i) ]

        let scaled i j =
            let re, im = gram size factor i j
            NormalForm.divide re trace, NormalForm.divide im trace

        let value =
            match hermitian owner true size with
            | Value.Array(shape, rows, columns, entries) ->
                let entries = Array.copy entries
                let others = [ for i in 0 .. size - 2 -> entries[i * size + i].Re ]

                entries[size * size - 1] <- { Re = difference NormalForm.one others; Im = ValueSome NormalForm.zero }

                Value.Array(shape, rows, columns, entries)
            | Value.Map _ as map -> map

        { Value = value; Facts = []; Factors = rewrite owner true size scaled }

    /// Nonnegative letters with the last one fixed by the total.
    let private simplexRow owner row length =
        let letters = [ for i in 0 .. length - 2 -> form (entryLetter owner realPart row i LetterSign.Nonnegative) ]

        let last = difference NormalForm.one letters
        letters @ [ last ], [ nonnegative last ]

    /// QᵀQ = QQᵀ = I as equations.
    let private unitaryFacts (algebra: ArrayAlgebra<NormalForm>) size value =
        let equations product =
            match algebra.Subtract(product, algebra.Identity size) with
            | Value.Array(_, _, _, entries) ->
                [ for e in entries do
                      zero e.Re

                      match e.Im with
                      | ValueSome im -> zero im
                      | ValueNone -> () ]
            | Value.Map _ -> []

        let adjoint = algebra.Adjoint value

        equations (algebra.Multiply(adjoint, value)) @ equations (algebra.Multiply(value, adjoint))
        |> List.filter (fun f -> not f.Form.IsZero)

    let private plain value = { Value = value; Facts = []; Factors = [] }

    /// The object `owner` of an infinite domain, as letters; None for finite and random domains.
    let introduce
        (evaluator: Evaluator<NormalForm>)
        (environment: Environment<NormalForm>)
        (owner: int)
        (domain: Domain)
        : SymbolicObject option =
        let size e = evaluator.SizeOf(environment, e)

        let vector e =
            match evaluator.Eval(environment, e) with
            | Value.Array(_, _, _, entries) -> entries |> Array.map (fun e -> e.Re)
            | Value.Map _ -> raise (OutOfShape "a marginal is a vector")

        match domain with
        | Domain.Plain(set, sizes) ->
            let shape, rows, columns = evaluator.PlainShape(environment, sizes)

            let entries isComplex sign =
                Array.init (rows * columns) (fun index ->
                    let letter part s = form (entryLetter owner part (index / columns) (index % columns) s)

                    { Re = letter realPart sign
                      Im = if isComplex then ValueSome(letter imaginaryPart LetterSign.Free) else ValueNone })

            let array isComplex sign = Some(plain (Value.Array(shape, rows, columns, entries isComplex sign)))

            match set with
            | ScalarSet.Real -> array false LetterSign.Free
            | ScalarSet.Positive -> array false LetterSign.Positive
            | ScalarSet.Nonnegative -> array false LetterSign.Nonnegative
            | ScalarSet.Complex -> array true LetterSign.Free
            | ScalarSet.Bit
            | ScalarSet.Spin
            | ScalarSet.Integer _ -> None
        | Domain.Symmetric n -> Some(plain (hermitian owner false (size n)))
        | Domain.Hermitian n -> Some(plain (hermitian owner true (size n)))
        | Domain.Psd(n, None) -> Some(semidefinite owner false (size n) (size n) LetterSign.Nonnegative)
        | Domain.Psd(n, Some r) ->
            let width = min (size n) (evaluator.IntegerOf(environment, r))
            Some(semidefinite owner false (size n) width LetterSign.Nonnegative)
        | Domain.Spd n -> Some(semidefinite owner false (size n) (size n) LetterSign.Positive)
        | Domain.HermitianPsd n -> Some(semidefinite owner true (size n) (size n) LetterSign.Nonnegative)
        | Domain.HermitianPd n -> Some(semidefinite owner true (size n) (size n) LetterSign.Positive)
        | Domain.Density n -> Some(density owner (size n))
        | Domain.Diagonal n ->
            let n = size n

            matrix n n (fun i j -> real (if i = j then form (entryLetter owner realPart i j LetterSign.Free) else NormalForm.zero))
            |> plain
            |> Some
        | Domain.Orthogonal n
        | Domain.Unitary n ->
            let n = size n

            let entry i j =
                { Re = form (entryLetter owner realPart i j LetterSign.Free)
                  Im =
                    if Domains.isComplex domain then
                        ValueSome(form (entryLetter owner imaginaryPart i j LetterSign.Free))
                    else
                        ValueNone }

            let value = matrix n n entry

            Some { Value = value; Facts = unitaryFacts evaluator.Algebra n value; Factors = [] }
        | Domain.Simplex n ->
            let entries, facts = simplexRow owner 0 (size n)

            Some
                { Value = Value.Array(Shape.Column, entries.Length, 1, entries |> List.map real |> List.toArray)
                  Facts = facts
                  Factors = [] }
        | Domain.Stochastic(n, m) ->
            let rows = [ for i in 0 .. size n - 1 -> simplexRow owner i (size m) ]

            Some
                { Value = Value.Array(Shape.Matrix, size n, size m, rows |> List.collect fst |> List.map real |> List.toArray)
                  Facts = List.collect snd rows
                  Factors = [] }
        | Domain.Coupling(a, b) ->
            let a, b = vector a, vector b
            let n, m = a.Length, b.Length
            let free i j = form (entryLetter owner realPart i j LetterSign.Nonnegative)

            let rec entry i j =
                if i < n - 1 && j < m - 1 then free i j
                elif j = m - 1 && i < n - 1 then difference a[i] [ for c in 0 .. m - 2 -> free i c ]
                else difference b[j] [ for r in 0 .. n - 2 -> entry r j ]

            let border =
                [ for i in 0 .. n - 1 do
                      for j in 0 .. m - 1 do
                          if i = n - 1 || j = m - 1 then
                              nonnegative (entry i j) ]

            Some
                { Value = matrix n m (fun i j -> real (entry i j))
                  Facts = zero (NormalForm.subtract (sum a) (sum b)) :: border
                  Factors = [] }
        | Domain.Map _
        | Domain.Random _ -> None

    /// Under left ⪯ B the letters of B become left + MMᵀ. `left` is symmetric, as entries (real, imaginary) without letters of B.
    let above (owner: int) (isComplex: bool) (size: int) (left: int -> int -> NormalForm * NormalForm) =
        let factor = triangular owner gapReal gapImaginary isComplex size LetterSign.Nonnegative

        rewrite owner isComplex size (fun i j ->
            let (re, im), (gapRe, gapIm) = left i j, gram size factor i j
            NormalForm.add re gapRe, NormalForm.add im gapIm)

    /// An arbitrary vector to test the form of a matrix with: its `index`-th use in an obligation has letters of its own.
    let testVector (index: int) (isComplex: bool) (size: int) : Entry<NormalForm>[] =
        Array.init size (fun i ->
            { Re = form (entryLetter (-1 - index) testReal i 0 LetterSign.Free)
              Im =
                if isComplex then
                    ValueSome(form (entryLetter (-1 - index) testImaginary i 0 LetterSign.Free))
                else
                    ValueNone })
