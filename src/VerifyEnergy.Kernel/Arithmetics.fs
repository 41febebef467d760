namespace VerifyEnergy.Kernel

// The scalar kinds: rationals, intervals, normal forms, dual numbers.

module private Conditions =
    /// Checks a side condition on a value whose sign is known.
    let check (condition: Condition) (sign: int voption) =
        match condition, sign with
        | Condition.Nonzero, ValueSome 0 -> raise (Undefined "division by zero")
        | Condition.Positive, ValueSome s when s <= 0 -> raise (Undefined "a logarithm or power needs a positive value")
        | Condition.Nonnegative, ValueSome s when s < 0 -> raise (Undefined "a square root needs a nonnegative value")
        | Condition.Zero, ValueSome s when s <> 0 -> raise (Undefined "an order needs real values")
        | _, ValueSome _ -> ()
        | _, ValueNone -> raise (Unsupported "the sign of a side condition is not decided")

/// Exact rationals. Irrational results are Unsupported, not rounded.
[<Sealed>]
type RationalArithmetic private () =
    static member val Instance: Arithmetic<Rational> = RationalArithmetic()

    interface Arithmetic<Rational> with
        member _.OfRational r = r
        member _.Add(x, y) = x + y
        member _.Subtract(x, y) = x - y
        member _.Negate x = -x
        member _.Multiply(x, y) = x * y
        member _.Divide(x, y) = x / y
        member _.TryRational x = ValueSome x
        member _.Sign x = ValueSome x.Sign

        member _.Power(b, exponent) =
            match (NormalForm.rationalPower (NormalForm.rational b) exponent).TryRational with
            | ValueSome value -> value
            | ValueNone -> raise (Unsupported "an irrational power")

        member _.Apply(name, arguments) =
            match name, arguments with
            | "exp", [ x ] when x.IsZero -> Rational.One
            | "log", [ x ] when x.IsOne -> Rational.Zero
            | ("sin" | "sinh" | "tanh"), [ x ] when x.IsZero -> Rational.Zero
            | ("cos" | "cosh"), [ x ] when x.IsZero -> Rational.One
            | "abs", [ x ] -> x.Abs
            | _ -> raise (Unsupported $"{name} among rationals")

        member _.Require(condition, x) = Conditions.check condition (ValueSome x.Sign)

        member _.OfForm form =
            match form.TryRational with
            | ValueSome r -> r
            | ValueNone -> raise (Unsupported "an irrational value")

        member _.TryForm x = ValueSome(NormalForm.rational x)

/// Intervals that surely contain the value, at a working precision of `bits`.
[<Sealed>]
type IntervalArithmetic(bits: int) =
    interface Arithmetic<Interval> with
        member _.OfRational r = Interval.Point r
        member _.Add(x, y) = Interval.add bits x y
        member _.Subtract(x, y) = Interval.subtract bits x y
        member _.Negate x = Interval.negate x
        member _.Multiply(x, y) = Interval.multiply bits x y
        member _.Divide(x, y) = Interval.divide bits x y
        member _.TryRational x = x.TryPoint
        member _.Sign x = x.Sign

        member _.Power(b, exponent) =
            if exponent = Rational.Create(1I, 2I) then
                Interval.sqrt bits b
            else
                Interval.exp bits (Interval.multiply bits (Interval.Point exponent) (Interval.log bits b))

        member _.Apply(name, arguments) =
            match name, arguments with
            | "exp", [ x ] -> Interval.exp bits x
            | "log", [ x ] -> Interval.log bits x
            | "sin", [ x ] -> Interval.sin bits x
            | "cos", [ x ] -> Interval.cos bits x
            | "sinh", [ x ] -> Interval.sinh bits x
            | "cosh", [ x ] -> Interval.cosh bits x
            | "tanh", [ x ] -> Interval.tanh bits x
            | "abs", [ x ] -> Interval.abs x
            | "pi", [] -> Interval.pi bits
            | _ -> raise (Unsupported $"{name} has no enclosure")

        member _.Require(condition, x) = Conditions.check condition x.Sign
        member _.OfForm form = NormalForm.enclose bits form

        member _.TryForm x = x.TryPoint |> ValueOption.map NormalForm.rational

/// Normal forms. `require` receives each side condition that is not visibly met; `isConstant` forms (witness evaluation)
/// have their signs decided by enclosures.
[<Sealed>]
type FormArithmetic(steps: Steps, require: Condition -> NormalForm -> unit) =
    static let precisions = [ 64; 256; 1024 ]

    /// The sign where it is visible, or where the form is a number that an enclosure separates from 0.
    static member SignOf(form: NormalForm) : int voption =
        match NormalForm.visibleSign form with
        | ValueSome sign -> ValueSome sign
        | ValueNone ->
            precisions
            |> List.tryPick (fun bits ->
                match (NormalForm.enclose bits form).Sign with
                | ValueSome sign -> Some sign
                | ValueNone -> None)
            |> ValueOption.ofOption

    /// For evaluation at a point: a side condition must be decided at once.
    static member AtPoint(steps: Steps) =
        FormArithmetic(steps, (fun condition form -> Conditions.check condition (FormArithmetic.SignOf form)))

    member private _.Cost(x: NormalForm, y: NormalForm) = steps.Spend(1L + int64 x.Numerator.TermCount * int64 y.Numerator.TermCount / 8L)

    interface Arithmetic<NormalForm> with
        member _.OfRational r = NormalForm.rational r

        member _.Add(x, y) =
            steps.Spend(1L + int64 (x.Numerator.TermCount + y.Numerator.TermCount) / 8L)
            NormalForm.add x y

        member _.Subtract(x, y) =
            steps.Spend(1L + int64 (x.Numerator.TermCount + y.Numerator.TermCount) / 8L)
            NormalForm.subtract x y

        member _.Negate x = NormalForm.negate x

        member this.Multiply(x, y) =
            this.Cost(x, y)
            NormalForm.multiply x y

        member this.Divide(x, y) =
            if y.IsZero then
                raise (Undefined "division by zero")

            this.Cost(x, y)
            NormalForm.divide x y

        member _.TryRational x = x.TryRational
        member _.Sign x = FormArithmetic.SignOf x
        member _.Power(b, exponent) = NormalForm.rationalPower b exponent

        member this.Apply(name, arguments) =
            let self = this :> Arithmetic<NormalForm>
            let one = NormalForm.one
            let half = NormalForm.rational (Rational.Create(1I, 2I))
            steps.Spend 8L

            match name, arguments with
            | "exp", [ x ] -> NormalForm.exp x
            | "log", [ x ] -> NormalForm.log x
            | "sinh", [ x ] -> NormalForm.multiply half (NormalForm.subtract (NormalForm.exp x) (NormalForm.exp (NormalForm.negate x)))
            | "cosh", [ x ] -> NormalForm.multiply half (NormalForm.add (NormalForm.exp x) (NormalForm.exp (NormalForm.negate x)))
            | "tanh", [ x ] ->
                let square = NormalForm.exp (NormalForm.add x x)
                self.Divide(NormalForm.subtract square one, NormalForm.add square one)
            | "abs", [ x ] -> NormalForm.abs x
            | "pi", [] -> NormalForm.letter Letter.Pi
            | _ -> NormalForm.apply name arguments

        member _.Require(condition, form) =
            let met =
                match condition, NormalForm.visibleSign form with
                | Condition.Nonzero, ValueSome sign -> sign <> 0
                | Condition.Positive, ValueSome sign -> sign > 0
                | Condition.Nonnegative, ValueSome sign -> sign >= 0
                | Condition.Nonnegative, ValueNone -> NormalForm.visiblyNonnegative form
                | Condition.Zero, _ -> form.IsZero
                | _, ValueNone -> false

            if not met then
                require condition form

        member _.OfForm form = form
        member _.TryForm form = ValueSome form

/// a + b·ε with ε² = 0: a value with its derivative along one direction; no slope where the value does not depend on what moves.
/// A slope of 0 is not the same: x² has it at 0 and still moves, so that |x| = √x² has a kink there.
type Dual<'T> = { Value: 'T; Slope: 'T voption }

/// Forward derivatives over any scalar kind; nested twice it gives second derivatives.
[<Sealed>]
type DualArithmetic<'T>(inner: Arithmetic<'T>) =
    let total (a: 'T voption) (b: 'T voption) =
        match a, b with
        | ValueSome a, ValueSome b -> ValueSome(inner.Add(a, b))
        | ValueSome _, ValueNone -> a
        | ValueNone, _ -> b

    let constant x = { Value = x; Slope = ValueNone }

    let chain x derivative value = { Value = value; Slope = x.Slope |> ValueOption.map (fun slope -> inner.Multiply(derivative (), slope)) }

    /// The condition that a function has a derivative at x. Where it fails, but x moves with slope 0, the chain rule says nothing.
    let smooth condition x =
        match inner.Sign x.Value, ValueOption.bind inner.Sign x.Slope with
        | ValueSome 0, ValueSome 0
        | ValueSome 0, ValueNone -> raise (Unsupported "a derivative at a possible kink")
        | _ -> inner.Require(condition, x.Value)

    interface Arithmetic<Dual<'T>> with
        member _.OfRational r = constant (inner.OfRational r)

        member _.Add(x, y) = { Value = inner.Add(x.Value, y.Value); Slope = total x.Slope y.Slope }

        member _.Subtract(x, y) = { Value = inner.Subtract(x.Value, y.Value); Slope = total x.Slope (ValueOption.map inner.Negate y.Slope) }

        member _.Negate x = { Value = inner.Negate x.Value; Slope = ValueOption.map inner.Negate x.Slope }

        member _.Multiply(x, y) =
            { Value = inner.Multiply(x.Value, y.Value)
              Slope =
                total
                    (x.Slope |> ValueOption.map (fun slope -> inner.Multiply(slope, y.Value)))
                    (y.Slope |> ValueOption.map (fun slope -> inner.Multiply(x.Value, slope))) }

        member _.Divide(x, y) =
            let quotient = inner.Divide(x.Value, y.Value)

            { Value = quotient
              Slope =
                total x.Slope (y.Slope |> ValueOption.map (fun slope -> inner.Negate(inner.Multiply(quotient, slope))))
                |> ValueOption.map (fun slope -> inner.Divide(slope, y.Value)) }

        member _.TryRational x = if x.Slope.IsNone then inner.TryRational x.Value else ValueNone

        // A moving value that is 0 here need not be 0 nearby; a strict sign stays.
        member _.Sign x =
            match inner.Sign x.Value with
            | ValueSome 0 when x.Slope.IsSome -> ValueNone
            | sign -> sign

        // d b^r = r·b^r/b; at b = 0 there is no derivative.
        member _.Power(b, exponent) =
            let value = inner.Power(b.Value, exponent)

            chain
                b
                (fun () ->
                    smooth Condition.Positive b
                    inner.Divide(inner.Multiply(inner.OfRational exponent, value), b.Value))
                value

        member _.Apply(name, arguments) =
            let apply other x = inner.Apply(other, [ x ])

            match name, arguments with
            | name, [] -> constant (inner.Apply(name, []))
            | name, [ x ] ->
                let value = inner.Apply(name, [ x.Value ])

                let derivative () =
                    match name with
                    | "exp" -> value
                    | "log" ->
                        // Not always required already: in p·log p the value 0 is allowed.
                        smooth Condition.Positive x
                        inner.Divide(inner.OfRational Rational.One, x.Value)
                    | "sin" -> apply "cos" x.Value
                    | "cos" -> inner.Negate(apply "sin" x.Value)
                    | "sinh" -> apply "cosh" x.Value
                    | "cosh" -> apply "sinh" x.Value
                    | "tanh" -> inner.Subtract(inner.OfRational Rational.One, inner.Multiply(value, value))
                    | "lgamma" -> apply "digamma" x.Value
                    | "digamma" -> apply "trigamma" x.Value
                    | "abs" ->
                        smooth Condition.Nonzero x
                        inner.Divide(value, x.Value)
                    | other -> raise (Unsupported $"derivative of {other}")

                chain x derivative value
            | name, _ -> raise (Unsupported $"derivative of {name}")

        member _.Require(condition, x) = inner.Require(condition, x.Value)
        member _.OfForm form = constant (inner.OfForm form)

        member _.TryForm x = if x.Slope.IsNone then inner.TryForm x.Value else ValueNone
