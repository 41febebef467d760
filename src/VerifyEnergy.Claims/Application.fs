namespace VerifyEnergy.Claims

open VerifyEnergy.Kernel

/// Functions of the registry applied to arguments: which signature fits, and the kind of the value.
module internal Application =
    open KindRules

    /// Whether a kind could meet a pattern, sizes left aside.
    let private couldMeet (pattern: Pattern) (expr: Expr) kind =
        match pattern, kind with
        | _, Kind.Unknown -> true
        | Pattern.Map _, Kind.Map _ -> true
        | Pattern.Map _, Kind.Value _ -> false
        | _, Kind.Map _ -> false
        | Pattern.Numeral value, Kind.Value _ -> expr = Expr.Number(Rational.OfInt value)
        | (Pattern.Scalar | Pattern.Integer), Kind.Value found -> found.Shape.IsScalar
        | Pattern.Vector _, Kind.Value found -> found.Shape.IsColumn || found.Shape.IsRow
        | Pattern.Column _, Kind.Value found -> found.Shape.IsColumn
        | (Pattern.Square _ | Pattern.Matrix _), Kind.Value found -> found.Shape.IsMatrix
        | (Pattern.Array | Pattern.Same), Kind.Value _ -> true

    let private patternText pattern =
        match pattern with
        | Pattern.Scalar -> "a scalar"
        | Pattern.Integer -> "an integer expression in the parameters"
        | Pattern.Numeral value -> $"the numeral {value}"
        | Pattern.Vector _ -> "a vector"
        | Pattern.Column _ -> "a column"
        | Pattern.Square _ -> "a square matrix"
        | Pattern.Matrix _ -> "a matrix"
        | Pattern.Array
        | Pattern.Same -> "a number, vector or matrix"
        | Pattern.Map _ -> "a map"

    let private applySignature
        (session: Session)
        (entry: Function)
        (signature: Signature)
        (arguments: (Position * Expr * Kind) list)
        : Kind =
        let sizes = System.Collections.Generic.Dictionary<string, Size>()

        let meet at kind wanted pattern (size: Size) =
            match pattern with
            | SizePattern.Letter letter ->
                match sizes.TryGetValue letter with
                | true, known -> sameSize session at (session.KindText kind) $"{wanted} of size {session.SizeText known}" known size
                | _ -> sizes[letter] <- size
            | SizePattern.Fixed value -> sameSize session at (session.KindText kind) $"{wanted} of size {value}" (Size.ofInt value) size
            // Products and values of arguments stand in results only.
            | SizePattern.Product _
            | SizePattern.ValueOf _ -> ()

        let patterns =
            if signature.Repeats then
                arguments |> List.map (fun _ -> signature.Arguments.Head)
            else
                signature.Arguments

        for pattern, (at, expr, kind) in List.zip patterns arguments do
            let wanted = patternText pattern

            if entry.Field = Field.NeedsReal then
                wantReal session at "a real value" kind

            match pattern, kind with
            | Pattern.Map(n, m), Kind.Map(from, into) ->
                meet at kind wanted n from
                meet at kind wanted m into
            | Pattern.Integer, Kind.Value _ ->
                session.Later(at, Check.Positive (integerSize session at expr kind).Expr, session.KindText kind, "a size ≥ 1")
            | Pattern.Square n, Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
                sameSize session at (session.KindText kind) wanted rows columns
                meet at kind wanted n rows
            | Pattern.Matrix(n, m), Kind.Value { Shape = SizedShape.Matrix(rows, columns) } ->
                meet at kind wanted n rows
                meet at kind wanted m columns
            | Pattern.Vector n, Kind.Value { Shape = (SizedShape.Column size | SizedShape.Row size) }
            | Pattern.Column n, Kind.Value { Shape = SizedShape.Column size } -> meet at kind wanted n size
            // The shape was found fit by couldMeet; the rest has no sizes.
            | _, (Kind.Value _ | Kind.Map _ | Kind.Unknown) -> ()

        let rec size pattern =
            match pattern with
            | SizePattern.Letter letter ->
                match sizes.TryGetValue letter with
                | true, known -> known
                | _ -> Size.one
            | SizePattern.Product(left, right) -> Size.product (size left) (size right)
            | SizePattern.Fixed value -> Size.ofInt value
            | SizePattern.ValueOf index ->
                let at, expr, kind = List.item index arguments
                integerSize session at expr kind

        let unknown = arguments |> List.exists (fun (_, _, kind) -> kind = Kind.Unknown)

        let shape =
            match signature.Result with
            | Pattern.Scalar
            | Pattern.Integer
            | Pattern.Numeral _
            | Pattern.Map _ -> Some SizedShape.Scalar
            | Pattern.Vector n
            | Pattern.Column n -> if unknown then None else Some(SizedShape.Column(size n))
            | Pattern.Square n -> if unknown then None else Some(SizedShape.Matrix(size n, size n))
            | Pattern.Matrix(n, m) -> if unknown then None else Some(SizedShape.Matrix(size n, size m))
            | Pattern.Array
            | Pattern.Same ->
                match arguments with
                | (_, _, Kind.Value first) :: _ -> Some first.Shape
                | _ -> None

        match shape with
        | None -> Kind.Unknown
        | Some shape ->
            let complex =
                entry.Field = Field.Keeps
                && arguments
                   |> List.exists (fun (_, _, kind) ->
                       match kind with
                       | Kind.Value found -> found.Complex
                       | Kind.Map _
                       | Kind.Unknown -> false)

            Kind.Value
                { Shape = shape
                  Complex = complex
                  Random = arguments |> List.fold (fun sum (_, _, kind) -> Randomness.join sum (randomness kind)) Randomness.Constant
                  Stochastic = false }

    let apply (session: Session) (context: Context) at (entry: Function) (arguments: (Position * Expr * Kind) list) : Kind =
        let fits count (signature: Signature) = if signature.Repeats then count >= 1 else List.length signature.Arguments = count

        match entry.Signatures |> List.filter (fits arguments.Length) with
        | [] ->
            let forms = entry.Signatures |> List.map (FunctionTable.call entry.Name) |> Spelling.alternatives

            session.Complain(context, at, $"'{entry.Name}' does not take {arguments.Length} arguments: {forms}", "")
            Kind.Unknown
        | candidates ->
            let patterns (signature: Signature) =
                if signature.Repeats then
                    arguments |> List.map (fun _ -> signature.Arguments.Head)
                else
                    signature.Arguments

            let misfit signature =
                List.zip (patterns signature) arguments
                |> List.tryFind (fun (pattern, (_, expr, kind)) -> not (couldMeet pattern expr kind))

            match candidates |> List.tryFind (fun signature -> (misfit signature).IsNone) with
            | Some signature -> applySignature session entry signature arguments
            | None ->
                let misfits = candidates |> List.choose misfit
                let _, (place, _, kind) = misfits.Head

                let wanted = misfits |> List.map (fst >> patternText) |> List.distinct |> Spelling.alternatives

                session.Clash(place, session.KindText kind, $"{wanted} ('{entry.Name}')")
                Kind.Unknown

    // Terms
