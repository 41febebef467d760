namespace VerifyEnergy.Kernel

open System
open System.Numerics

[<Sealed>]
type Interval private (low: EndPoint, high: EndPoint, isWhole: bool) =
    static let whole = Interval(EndPoint.zero, EndPoint.zero, true)

    /// Beyond 2^±(2^24) end points become Whole or 0, so that no chain of products outgrows memory.
    static let largestTop = 1L <<< 24

    static member Whole = whole

    static member Point(value: Rational) =
        let value = EndPoint.ofRational value
        Interval(value, value, false)

    static member Between(low: Rational, high: Rational) =
        if low.CompareTo high > 0 then
            raise (ArgumentException $"The interval [{low}, {high}] has its ends in the wrong order.")

        Interval(EndPoint.ofRational low, EndPoint.ofRational high, false)

    static member internal Exactly(low: EndPoint, high: EndPoint) = Interval(low, high, false)

    static member internal Rounded(bits: int, low: EndPoint, high: EndPoint) =
        if
            not (EndPoint.isZero low) && EndPoint.top low > largestTop
            || not (EndPoint.isZero high) && EndPoint.top high > largestTop
        then
            whole
        else
            let isTiny x = not (EndPoint.isZero x) && EndPoint.top x < -largestTop

            let tiny sign = EndPoint.dyadic (BigInteger(sign: int)) -largestTop

            let low =
                if not (isTiny low) then EndPoint.roundDown bits low
                elif EndPoint.sign low > 0 then EndPoint.zero
                else tiny -1

            let high =
                if not (isTiny high) then EndPoint.roundUp bits high
                elif EndPoint.sign high < 0 then EndPoint.zero
                else tiny 1

            Interval(low, high, false)

    member internal _.From = low
    member internal _.Through = high

    member _.IsWhole = isWhole

    member private x.Bounded(value: EndPoint) =
        if isWhole then
            raise (ArgumentException "The interval Whole has no end points.")

        EndPoint.toRational value

    member x.Low = x.Bounded low
    member x.High = x.Bounded high
    member x.Width = x.High - x.Low

    member internal _.IsPoint = not isWhole && EndPoint.compare low high = 0

    member x.Contains(value: Rational) =
        let value = EndPoint.ofRational value

        isWhole || EndPoint.compare low value <= 0 && EndPoint.compare value high <= 0

    member x.Sign =
        if isWhole then ValueNone
        elif EndPoint.sign low > 0 then ValueSome 1
        elif EndPoint.sign high < 0 then ValueSome -1
        elif EndPoint.isZero low && EndPoint.isZero high then ValueSome 0
        else ValueNone

    member x.TryPoint = if x.IsPoint then ValueSome(EndPoint.toRational low) else ValueNone

[<RequireQualifiedAccess>]
module Interval =
    let private at (value: EndPoint) = Interval.Exactly(value, value)

    let private ofInt value = at (EndPoint.ofInt value)

    let private lift f (x: Interval) = if x.IsWhole then Interval.Whole else f x

    let private lift2 (x: Interval) (y: Interval) f = if x.IsWhole || y.IsWhole then Interval.Whole else f ()

    let negate x = x |> lift (fun x -> Interval.Exactly(EndPoint.negate x.Through, EndPoint.negate x.From))

    let abs x =
        x
        |> lift (fun x ->
            if EndPoint.sign x.From >= 0 then x
            elif EndPoint.sign x.Through <= 0 then negate x
            else Interval.Exactly(EndPoint.zero, EndPoint.greatest (EndPoint.negate x.From) x.Through))

    let max (x: Interval) (y: Interval) =
        lift2 x y (fun () -> Interval.Exactly(EndPoint.greatest x.From y.From, EndPoint.greatest x.Through y.Through))

    let min x y = negate (max (negate x) (negate y))

    let private hull (x: Interval) (y: Interval) =
        lift2 x y (fun () -> Interval.Exactly(EndPoint.least x.From y.From, EndPoint.greatest x.Through y.Through))

    let private round bits x = x |> lift (fun x -> Interval.Rounded(bits, x.From, x.Through))

    /// x · 2^power.
    let private scale (power: int64) x = x |> lift (fun x -> Interval.Exactly(EndPoint.scale power x.From, EndPoint.scale power x.Through))

    let add bits (x: Interval) (y: Interval) =
        lift2 x y (fun () -> Interval.Rounded(bits, EndPoint.addDown bits x.From y.From, EndPoint.addUp bits x.Through y.Through))

    let subtract bits x y = add bits x (negate y)

    let multiply bits (x: Interval) (y: Interval) =
        lift2 x y (fun () ->
            let (*) = EndPoint.multiply
            let a, b, c, d = x.From, x.Through, y.From, y.Through
            // 1: nothing below 0, −1: nothing above 0, 0: both.
            let side low high =
                if EndPoint.sign low >= 0 then 1
                elif EndPoint.sign high <= 0 then -1
                else 0

            let low, high =
                match side a b, side c d with
                | 1, 1 -> a * c, b * d
                | 1, -1 -> b * c, a * d
                | 1, _ -> b * c, b * d
                | -1, 1 -> a * d, b * c
                | -1, -1 -> b * d, a * c
                | -1, _ -> a * d, a * c
                | _, 1 -> a * d, b * d
                | _, -1 -> b * c, a * c
                | _ -> EndPoint.least (a * d) (b * c), EndPoint.greatest (a * c) (b * d)

            Interval.Rounded(bits, low, high))

    let divide bits (x: Interval) (y: Interval) =
        lift2 x y (fun () ->
            match y.Sign with
            | ValueSome 0
            | ValueNone -> Interval.Whole
            | ValueSome _ ->
                let reciprocal = EndPoint.divide EndPoint.one
                // Exact, so that the quotient is rounded once.
                multiply bits x (Interval.Exactly(reciprocal y.Through, reciprocal y.From)))

    /// Bits that keep the rounding errors of a few hundred steps below the last bit asked for.
    let private guard (bits: int) = 16 + BitOperations.Log2(uint32 bits)

    /// x^exponent, exponent ≥ 1, x ≥ 0.
    let private nonnegativePower bits (exponent: uint32) (x: Interval) =
        let working = bits + 8 + 2 * BitOperations.Log2 exponent

        let rec run (square: Interval) (product: Interval) (exponent: uint32) =
            let product = if exponent &&& 1u = 1u then multiply working product square else product

            if exponent = 1u then product else run (multiply working square square) product (exponent >>> 1)

        round bits (run x (ofInt 1) exponent)

    let power bits x (exponent: int) =
        let size = uint32 (if exponent < 0 then -(int64 exponent) else int64 exponent)

        if size = 0u then
            ofInt 1
        else
            x
            |> lift (fun x ->
                let working = if exponent < 0 then bits + 8 else bits
                let raise = nonnegativePower working size

                let result =
                    if size % 2u = 0u then
                        raise (abs x)
                    else
                        let raiseSigned (value: EndPoint) =
                            if EndPoint.sign value < 0 then negate (raise (at (EndPoint.negate value))) else raise (at value)

                        hull (raiseSigned x.From) (raiseSigned x.Through)

                if exponent < 0 then divide bits (ofInt 1) result else result)

    /// A function that rises on the whole interval, from its enclosures at points.
    let private rising bits (f: EndPoint -> Interval) x =
        x
        |> lift (fun x ->
            let low = f x.From
            let high = if x.IsPoint then low else f x.Through
            lift2 low high (fun () -> Interval.Rounded(bits, low.From, high.Through)))

    /// floor(√value) by Newton's iteration, which falls to it from any larger start.
    let private integerSqrt (value: BigInteger) =
        let rec fall (guess: BigInteger) =
            let next = (guess + value / guess) >>> 1
            if next >= guess then guess else fall next

        if value.IsZero then value else fall (BigInteger.One <<< int ((EndPoint.length value + 1L) / 2L))

    let sqrt bits x =
        let ofNonnegative (x: EndPoint) =
            if EndPoint.isZero x then
                ofInt 0
            else
                // An even shift that leaves 2 (bits + 1) bits or more.
                let half = (2L * int64 bits + 4L - EndPoint.top x) >>> 1
                let shifted = EndPoint.scale (2L * half) x
                let square = EndPoint.floor shifted
                let root = integerSqrt square

                let isExact = root * root = square && EndPoint.compare shifted (EndPoint.dyadic square 0L) = 0

                let above = if isExact then root else root + BigInteger.One
                Interval.Exactly(EndPoint.dyadic root -half, EndPoint.dyadic above -half)

        x
        |> lift (fun x ->
            if EndPoint.sign x.Through < 0 then
                Interval.Whole
            else
                Interval.Exactly(EndPoint.greatest x.From EndPoint.zero, x.Through) |> rising bits ofNonnegative)

    /// Encloses Σ t_i/coefficient i over i ≥ 0 with t_0 = 1, t_{i+1} = ±t_i·u/divisor i, for 0 ≤ u ≤ 1 and
    /// u/divisor i ≤ 1/2, the coefficients ≥ 1 and rising, in fixed point with p bits.
    /// Truncations leave each t_i at most 4 units too low: with error e the next one has at most (e·u + 2)/divisor + 1
    /// units, and e + 2 halved, plus 1, where the division truncates too, is e again at 4; a coefficient > 1 divides the
    /// error before it truncates. The first t_n that is 0 was at most 4 units, and the rest halves from term to term.
    let private series p (isAlternating: bool) (divisor: int -> int) (coefficient: int -> int) (u: EndPoint) =
        let unit = BigInteger.One <<< p
        let isTrivial = EndPoint.isZero u
        let u = EndPoint.floor (EndPoint.scale (int64 p) u)

        let rec run i (t: BigInteger) (sum: BigInteger) =
            if t.IsZero then
                struct (i, sum)
            else
                let part = t / BigInteger(coefficient i)

                let sum = if isAlternating && i % 2 = 1 then sum - part else sum + part

                run (i + 1) (((t * u) >>> p) / BigInteger(divisor i)) sum

        let struct (count, sum) = run 0 unit BigInteger.Zero
        let error = BigInteger(if isTrivial then 0 else 4 * count + 8)

        // Terms that alternate and fall stay below the first one; terms without signs were truncated downwards.
        let low, high = if isAlternating then sum - error, BigInteger.Min(sum + error, unit) else sum, sum + error

        Interval.Exactly(EndPoint.dyadic low -(int64 p), EndPoint.dyadic high -(int64 p))

    let private factorialDivisor first i = (2 * i + first) * (2 * i + first + 1)

    let private odd i = 2 * i + 1

    /// z·Σ (±1)^i z^(2i)/(2i+1): arctan z, or artanh z without the signs; |z| ≤ 1/2.
    let private inverseTangent bits isAlternating (z: EndPoint) =
        EndPoint.multiply z z |> series (bits + guard bits) isAlternating (fun _ -> 1) odd |> multiply (bits + 8) (at z)

    /// A constant, kept at 128, 256, 512, … bits. A request is always served from the same step, so the answer does not
    /// depend on what was asked before; losing a race costs a second computation only.
    let private constant (compute: int -> Interval) =
        let kept: Interval option[] = Array.create 32 None

        fun (bits: int) ->
            let step = 1 + BitOperations.Log2(uint32 (bits + 64))

            match kept[step] with
            | Some value -> round bits value
            | None ->
                let value = compute (1 <<< step)
                kept[step] <- Some value
                round bits value

    let private ratio numerator denominator = EndPoint.divide (EndPoint.ofInt numerator) (EndPoint.ofInt denominator)

    /// log 2 = 2 artanh(1/3).
    let private ln2 = constant (fun bits -> scale 1L (inverseTangent (bits + 8) false (ratio 1 3)))

    /// Machin: π = 16 arctan(1/5) − 4 arctan(1/239).
    let private machin =
        constant (fun bits ->
            subtract
                (bits + 8)
                (scale 4L (inverseTangent (bits + 8) true (ratio 1 5)))
                (scale 2L (inverseTangent (bits + 8) true (ratio 1 239))))

    let pi bits = machin bits

    let private lead x = if EndPoint.isZero x || EndPoint.top x < 0L then 0 else int (EndPoint.top x)

    /// x = k·log 2 + r with r ≥ 0, then r is halved a few times and the result squared as often.
    let private expAt bits (x: EndPoint) =
        if EndPoint.isZero x then
            ofInt 1
        elif EndPoint.top x > 20L then
            // |x| > 2^20 by the definition of top; e^−|x| < 2^−|x|.
            if EndPoint.sign x < 0 then
                Interval.Exactly(EndPoint.zero, EndPoint.scale -(1L <<< 20) EndPoint.one)
            else
                Interval.Whole
        else
            let halvings = if bits < 1344 then 3 + bits / 64 else 24
            let working = bits + guard bits + halvings + lead x
            let k = EndPoint.floor (divide 64 (at x) (ln2 64)).From
            let multiple = multiply working (ln2 working) (at (EndPoint.dyadic k 0L))
            let r = subtract working (at x) multiple
            // k was rounded down, so r ≥ 0 holds for the true r.
            let low = EndPoint.greatest r.From EndPoint.zero
            let t = EndPoint.scale (int64 -halvings) low

            // (e^t − 1)/t = Σ t^i/(i+1)!
            let quotient = series working false (fun i -> i + 2) (fun _ -> 1) t

            let mutable value = add working (ofInt 1) (multiply working (at t) quotient)

            for _ in 1..halvings do
                value <- multiply working value value

            // e^δ ≤ 1 + 2δ for the width δ ≤ 1 of r.
            let width = EndPoint.add r.Through (EndPoint.negate low)
            let spread = EndPoint.addUp working EndPoint.one (EndPoint.scale 1L width)

            multiply working value (Interval.Exactly(EndPoint.one, spread)) |> scale (int64 k)

    let exp bits x =
        x
        |> lift (fun x ->
            if EndPoint.sign x.From < 0 && EndPoint.top x.From > 20L then
                // Nothing is to be learnt from the low end.
                lift (fun high -> Interval.Rounded(bits, EndPoint.zero, high.Through)) (expAt bits x.Through)
            else
                rising bits (expAt bits) x)

    /// x = 2^k·m with m in [2/3, 4/3], log m = 2 artanh((m − 1)/(m + 1)).
    let private logAt bits (x: EndPoint) =
        let k = EndPoint.top x
        let m = EndPoint.scale -k x

        let k =
            if EndPoint.compare m (ratio 4 3) > 0 then k + 1L
            elif EndPoint.compare m (ratio 2 3) < 0 then k - 1L
            else k

        let m = EndPoint.scale -k x

        let z = EndPoint.divide (EndPoint.add m (EndPoint.ofInt -1)) (EndPoint.add m EndPoint.one)

        let logarithm = scale 1L (inverseTangent bits false z)

        if k = 0L then
            logarithm
        else
            multiply (bits + 8) (ln2 (bits + 8)) (at (EndPoint.dyadic (BigInteger k) 0L)) |> add (bits + 8) logarithm

    let log bits x = x |> lift (fun x -> if EndPoint.sign x.From <= 0 then Interval.Whole else rising bits (logAt bits) x)

    let private unitRange = Interval.Exactly(EndPoint.ofInt -1, EndPoint.one)

    /// Beyond 2^furthestWave sin and cos are not worth their bits of π.
    let private furthestWave = 4096

    let private halfPi bits = scale -1L (pi bits)

    /// x/(π/2): the number of quarter turns.
    let private quarters bits x = divide bits (at x) (halfPi bits)

    /// Σ (±1)^i x^(2i)/(2i+1)!, |x| ≤ 1: sin x/x, or sinh x/x without the signs.
    let private sineQuotient bits isAlternating x =
        EndPoint.multiply x x |> series (bits + guard bits) isAlternating (factorialDivisor 2) (fun _ -> 1)

    /// Σ (±1)^i x^(2i)/(2i)!, |x| ≤ 1: cos x, or cosh x without the signs.
    let private cosineSeries bits isAlternating x =
        EndPoint.multiply x x |> series (bits + guard bits) isAlternating (factorialDivisor 1) (fun _ -> 1)

    /// sin(x + quarter·π/2). Reduces by a multiple of π/2, with more and more bits while the rest is not known to a
    /// relative precision; no rational but 0 is such a multiple, and the limit serves the freak that comes too close to one.
    let private waveAt bits quarter (x: EndPoint) =
        if lead x > furthestWave then
            unitRange
        else
            let limit = 2L * (int64 (bits + lead x) + EndPoint.length x.Mantissa + EndPoint.length x.Divisor) + 64L

            let nearest = EndPoint.floor (EndPoint.add (quarters (lead x + 16) x).From (ratio 1 2))

            let phase = int ((nearest + BigInteger(quarter: int)) &&& BigInteger 3)

            let isKnown (rest: Interval) =
                let width = EndPoint.add rest.Through (EndPoint.negate rest.From)

                EndPoint.isZero width
                || EndPoint.sign rest.From * EndPoint.sign rest.Through > 0
                   && EndPoint.top width < EndPoint.top rest.From - int64 bits - 6L

            let rec reduce working =
                let rest =
                    if nearest.IsZero then
                        at x
                    else
                        multiply working (halfPi working) (at (EndPoint.dyadic nearest 0L)) |> subtract working (at x)

                if phase % 2 = 1 || isKnown rest || int64 working > limit then rest else reduce (2 * working)

            let rest = reduce (bits + guard bits + lead x)

            let value =
                if phase % 2 = 0 then
                    rising bits (fun r -> multiply bits (at r) (sineQuotient bits true r)) rest
                else
                    // cos falls with |r|.
                    negate (rising bits (fun r -> negate (cosineSeries bits true r)) (abs rest))

            if phase >= 2 then negate value else value

    let private wave bits quarter (x: Interval) =
        if x.IsWhole || lead x.From > furthestWave || lead x.Through > furthestWave then
            unitRange
        elif x.IsPoint then
            round bits (waveAt (bits + 8) quarter x.From)
        else
            let turns x = quarters (bits + guard bits + lead x) x

            let first = EndPoint.floor (turns x.From).From + BigInteger(quarter: int)
            let last = EndPoint.floor (turns x.Through).Through + BigInteger(quarter: int)

            if last - first >= BigInteger 4 then
                unitRange
            else
                let ends = hull (waveAt (bits + 8) quarter x.From) (waveAt (bits + 8) quarter x.Through)

                // Multiples k·π/2 inside: 1 where k ≡ 1 modulo 4, −1 where k ≡ 3. A first multiple can only be x.From itself.
                let holds phase =
                    seq { 1 .. int (last - first) } |> Seq.exists (fun step -> int ((first + BigInteger step) &&& BigInteger 3) = phase)

                let withHigh = if holds 1 then hull ends (ofInt 1) else ends
                let withBoth = if holds 3 then hull withHigh (ofInt -1) else withHigh
                round bits withBoth

    let sin bits x = wave bits 0 x

    let cos bits x = wave bits 1 x

    /// (e^x ± e^−x)/2 for |x| ≥ 1/2, where nothing cancels badly.
    let private exponentialHalves bits combine x =
        let e = expAt (bits + 8) x
        scale -1L (combine (bits + 8) e (divide (bits + 8) (ofInt 1) e))

    let private sinhAt bits x =
        if EndPoint.isZero x then ofInt 0
        elif EndPoint.top x < 0L then multiply (bits + 8) (at x) (sineQuotient bits false x)
        else exponentialHalves bits subtract x

    let private coshAt bits x =
        if EndPoint.isZero x || EndPoint.top x < 0L then
            cosineSeries bits false x
        else
            exponentialHalves bits add x

    let private tanhAt bits x =
        if EndPoint.isZero x then
            ofInt 0
        elif EndPoint.top x < 0L then
            divide (bits + 8) (sineQuotient bits false x) (cosineSeries bits false x) |> multiply (bits + 8) (at x)
        else
            let magnitude = EndPoint.abs x

            let value =
                if EndPoint.compare magnitude (EndPoint.ofInt bits) >= 0 then
                    // 1 − tanh x < 2e^−2x < 2^−x.
                    Interval.Exactly(EndPoint.add EndPoint.one (EndPoint.dyadic BigInteger.MinusOne (int64 -bits)), EndPoint.one)
                else
                    let e = expAt (bits + 8) (EndPoint.scale 1L magnitude)

                    divide (bits + 8) (ofInt 2) (add (bits + 8) e (ofInt 1)) |> subtract (bits + 8) (ofInt 1)

            if EndPoint.sign x < 0 then negate value else value

    let sinh bits x = rising bits (sinhAt bits) x

    let cosh bits x = rising bits (coshAt bits) (abs x)

    let tanh bits (x: Interval) = if x.IsWhole then unitRange else rising bits (tanhAt bits) x
