namespace VerifyEnergy.Kernel

open System
open System.Numerics

[<RequireQualifiedAccess>]
module Matrix =
    let private rows (a: Rational[,]) = Array2D.length1 a
    let private columns (a: Rational[,]) = Array2D.length2 a

    let private squareSize (a: Rational[,]) =
        if rows a <> columns a then
            raise (ArgumentException $"A square matrix is needed, this one is {rows a} × {columns a}.")

        rows a

    let private swapRows (a: 'T[,]) i j =
        if i <> j then
            for column in 0 .. Array2D.length2 a - 1 do
                let kept = a[i, column]
                a[i, column] <- a[j, column]
                a[j, column] <- kept

    let identity size = Array2D.init size size (fun i j -> if i = j then Rational.One else Rational.Zero)

    let transpose (a: Rational[,]) = Array2D.init (columns a) (rows a) (fun i j -> a[j, i])

    let multiply (a: Rational[,]) (b: Rational[,]) =
        if columns a <> rows b then
            raise (ArgumentException $"A {rows a} × {columns a} matrix cannot multiply a {rows b} × {columns b} matrix.")

        Array2D.init (rows a) (columns b) (fun i j ->
            let mutable sum = Rational.Zero

            for k in 0 .. columns a - 1 do
                if not a[i, k].IsZero && not b[k, j].IsZero then
                    sum <- sum + a[i, k] * b[k, j]

            sum)

    /// Each row times the least common multiple of its denominators, and the product of those multiples.
    let private clearDenominators (a: Rational[,]) =
        let integers = Array2D.create (rows a) (columns a) BigInteger.Zero
        let mutable scale = BigInteger.One

        for i in 0 .. rows a - 1 do
            let mutable multiple = BigInteger.One

            for j in 0 .. columns a - 1 do
                if not a[i, j].IsInteger then
                    let denominator = a[i, j].Denominator

                    multiple <- multiple / BigInteger.GreatestCommonDivisor(multiple, denominator) * denominator

            for j in 0 .. columns a - 1 do
                integers[i, j] <- a[i, j].Numerator * (multiple / a[i, j].Denominator)

            scale <- scale * multiple

        integers, scale

    /// Fraction-free elimination in place (Bareiss 1968, one-step). All divisions are exact, since every entry is a minor
    /// of the original rows and the pivot columns. Gives the rank and, for a square matrix of full rank, its determinant.
    let private eliminate (a: BigInteger[,]) =
        let height, width = Array2D.length1 a, Array2D.length2 a
        let mutable rank = 0
        let mutable previous = BigInteger.One
        let mutable isOdd = false
        let mutable column = 0

        while rank < height && column < width do
            let mutable pivotRow = rank

            while pivotRow < height && a[pivotRow, column].IsZero do
                pivotRow <- pivotRow + 1

            if pivotRow < height then
                swapRows a rank pivotRow
                isOdd <- isOdd <> (pivotRow <> rank)
                let pivot = a[rank, column]

                for i in rank + 1 .. height - 1 do
                    let factor = a[i, column]

                    for j in column + 1 .. width - 1 do
                        a[i, j] <- (pivot * a[i, j] - factor * a[rank, j]) / previous

                    a[i, column] <- BigInteger.Zero

                previous <- pivot
                rank <- rank + 1

            column <- column + 1

        struct (rank, (if isOdd then -previous else previous))

    let rank (a: Rational[,]) =
        let integers, _ = clearDenominators a
        let struct (rank, _) = eliminate integers
        rank

    let determinant (a: Rational[,]) =
        let size = squareSize a
        let integers, scale = clearDenominators a
        let struct (rank, pivot) = eliminate integers

        if rank < size then Rational.Zero else Rational.Create(pivot, scale)

    /// Gauss–Jordan on [A | I].
    let tryInverse (a: Rational[,]) =
        let size = squareSize a

        let work =
            Array2D.init size (2 * size) (fun i j ->
                if j < size then a[i, j]
                elif j = i + size then Rational.One
                else Rational.Zero)

        let mutable isSingular = false
        let mutable step = 0

        while step < size && not isSingular do
            let mutable pivotRow = step

            while pivotRow < size && work[pivotRow, step].IsZero do
                pivotRow <- pivotRow + 1

            if pivotRow = size then
                isSingular <- true
            else
                swapRows work step pivotRow
                let scale = work[step, step].Reciprocal

                for j in step .. 2 * size - 1 do
                    work[step, j] <- work[step, j] * scale

                for i in 0 .. size - 1 do
                    let factor = work[i, step]

                    if i <> step && not factor.IsZero then
                        for j in step .. 2 * size - 1 do
                            work[i, j] <- work[i, j] - factor * work[step, j]

                step <- step + 1

        if isSingular then None else Some work[0 .. size - 1, size .. 2 * size - 1]

    /// Faddeev–LeVerrier: M₁ = I, c_{n−k} = −tr(A·M_k)/k, M_{k+1} = A·M_k + c_{n−k}·I.
    let characteristicPolynomial (a: Rational[,]) =
        let size = squareSize a
        let coefficients = Array.create (size + 1) Rational.One
        let mutable m = identity size

        for k in 1..size do
            let product = multiply a m
            let trace = Seq.init size (fun i -> product[i, i]) |> Seq.fold (+) Rational.Zero
            let c = -trace / Rational.OfInt k
            coefficients[size - k] <- c
            m <- Array2D.mapi (fun i j entry -> if i = j then entry + c else entry) product

        coefficients

    let isSymmetric (a: Rational[,]) =
        rows a = columns a
        && Seq.forall (fun i -> Seq.forall (fun j -> a[i, j].Equals a[j, i]) (seq { 0 .. i - 1 })) (seq { 0 .. rows a - 1 })

    let tryLdl (a: Rational[,]) =
        if not (isSymmetric a) then
            raise (ArgumentException "An LDLᵀ decomposition needs a symmetric matrix.")

        let size = rows a
        // The lower triangle of the Schur complement, then of L.
        let work = Array2D.copy a
        let diagonal = Array.create size Rational.Zero
        let mutable isIndefinite = false
        let mutable step = 0

        while step < size && not isIndefinite do
            let pivot = work[step, step]
            diagonal[step] <- pivot

            if pivot.IsZero then
                for i in step + 1 .. size - 1 do
                    if not work[i, step].IsZero then
                        isIndefinite <- true
            else
                for i in step + 1 .. size - 1 do
                    let factor = work[i, step] / pivot

                    if not factor.IsZero then
                        for j in step + 1 .. i do
                            work[i, j] <- work[i, j] - factor * work[j, step]

                for i in step + 1 .. size - 1 do
                    work[i, step] <- work[i, step] / pivot

            step <- step + 1

        if isIndefinite then
            None
        else
            let lower =
                Array2D.init size size (fun i j ->
                    if i = j then Rational.One
                    elif i > j then work[i, j]
                    else Rational.Zero)

            Some(lower, diagonal)

    let private pivotsSatisfy condition a =
        isSymmetric a
        && match tryLdl a with
           | Some(_, diagonal) -> diagonal |> Array.forall condition
           | None -> false

    let isPsd a = pivotsSatisfy (fun pivot -> pivot.Sign >= 0) a

    let isPd a = pivotsSatisfy (fun pivot -> pivot.Sign > 0) a

    let private multiplyModulo (modulus: uint64) (x: uint64) (y: uint64) =
        if modulus <= 0xffff_ffffUL then
            x * y % modulus
        else
            let product: UInt128 = UInt128.op_Implicit x * UInt128.op_Implicit y
            UInt128.op_Explicit (product % UInt128.op_Implicit modulus)

    /// None when x and the modulus have a common factor.
    let private tryInverseModulo (modulus: uint64) (x: uint64) =
        let m = BigInteger modulus

        // Extended Euclid, keeping x·inverse ≡ remainder.
        let rec run (r0: BigInteger) t0 (r1: BigInteger) t1 =
            if r1.IsZero then
                if r0.IsOne then Some(uint64 ((t0 % m + m) % m)) else None
            else
                let quotient = r0 / r1
                run r1 t1 (r0 - quotient * r1) (t0 - quotient * t1)

        run m BigInteger.Zero (BigInteger x) BigInteger.One

    let private tryResidue (modulus: uint64) (x: Rational) =
        let m = BigInteger modulus

        let residue (value: BigInteger) =
            let remainder = value % m
            uint64 (if remainder.Sign < 0 then remainder + m else remainder)

        if x.IsInteger then
            Some(residue x.Numerator)
        else
            tryInverseModulo modulus (residue x.Denominator) |> Option.map (multiplyModulo modulus (residue x.Numerator))

    /// Rank and, for a square matrix of full rank, determinant. Every pivot is a unit modulo the modulus, so the minor found
    /// is no multiple of it and cannot be 0 over the rationals: the bound needs no proof that the modulus is prime.
    let private tryEliminateModulo (prime: int64) (a: Rational[,]) =
        if prime < 2L then
            None
        else
            let modulus = uint64 prime
            let height, width = rows a, columns a
            let residues = a |> Array2D.map (tryResidue modulus)

            if residues |> Seq.cast<uint64 option> |> Seq.exists Option.isNone then
                None
            else
                let work = residues |> Array2D.map (Option.defaultValue 0UL)
                let mutable rank = 0
                let mutable determinant = 1UL % modulus
                let mutable isPrime = true
                let mutable column = 0

                while isPrime && rank < height && column < width do
                    let mutable pivotRow = rank

                    while pivotRow < height && work[pivotRow, column] = 0UL do
                        pivotRow <- pivotRow + 1

                    if pivotRow < height then
                        let pivot = work[pivotRow, column]

                        match tryInverseModulo modulus pivot with
                        | None -> isPrime <- false
                        | Some inverse ->
                            if pivotRow <> rank then
                                swapRows work rank pivotRow
                                determinant <- (modulus - determinant) % modulus

                            determinant <- multiplyModulo modulus determinant pivot

                            for i in rank + 1 .. height - 1 do
                                let factor = multiplyModulo modulus work[i, column] inverse

                                if factor <> 0UL then
                                    for j in column .. width - 1 do
                                        let step = multiplyModulo modulus factor work[rank, j]
                                        let entry = work[i, j]

                                        work[i, j] <- if entry >= step then entry - step else entry + (modulus - step)

                            rank <- rank + 1

                    column <- column + 1

                if isPrime then Some(rank, determinant) else None

    let rankModulo prime a = tryEliminateModulo prime a |> Option.map fst

    let determinantModulo prime a =
        let size = squareSize a

        tryEliminateModulo prime a |> Option.map (fun (rank, determinant) -> if rank < size then 0L else int64 determinant)
