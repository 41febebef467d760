namespace VerifyEnergy.Claims

open System

/// The registry as a table, for the documentation and for messages.
[<RequireQualifiedAccess>]
module FunctionTable =
    let rec private size (pattern: SizePattern) : string =
        match pattern with
        | SizePattern.Letter letter -> letter
        | SizePattern.Product(left, right) -> size left + "·" + size right
        | SizePattern.Fixed value -> string value
        | SizePattern.ValueOf index -> [| "x"; "y"; "z" |][min index 2]

    let private pattern (found: Pattern) : string =
        match found with
        | Pattern.Scalar -> "scalar"
        | Pattern.Integer -> "integer"
        | Pattern.Numeral value -> string value
        | Pattern.Vector n -> $"vector {size n}"
        | Pattern.Column n -> $"column {size n}"
        | Pattern.Square n -> $"matrix {size n}×{size n}"
        | Pattern.Matrix(n, m) -> $"matrix {size n}×{size m}"
        | Pattern.Array -> "any shape"
        | Pattern.Same -> "the same shape"
        | Pattern.Map(n, m) -> $"map {size n} → {size m}"

    let private arguments (signature: Signature) : string =
        let repeats = if signature.Repeats then ", …" else ""
        "(" + String.Join(", ", signature.Arguments |> List.map pattern) + repeats + ")"

    /// "det(matrix n×n)".
    let call (name: string) (signature: Signature) : string = name + arguments signature

    /// One row per function: name, kinds, where defined, derivative, meaning.
    let markdown () : string =
        let row (entry: Function) =
            let kinds =
                entry.Signatures
                |> List.map (fun signature ->
                    if signature.Arguments.IsEmpty then
                        pattern signature.Result
                    else
                        arguments signature + " → " + pattern signature.Result)

            let field = if entry.Field = Field.NeedsReal then "; real" else ""
            let cell text = if text = "" then " " else $" `{text}` "

            let note =
                match entry.Exactness with
                | Exactness.Enclosure -> " (enclosure)"
                | Exactness.Estimate -> " (estimate)"
                | _ -> ""

            let kinds = String.Join("; ", kinds) + field

            $"| `{entry.Name}` | {kinds} |{cell entry.Domain}|{cell entry.Derivative}| {entry.Documentation}{note} |"

        let head = "| function | kinds | defined where | derivative | meaning |\n|---|---|---|---|---|"
        String.Join("\n", head :: (Functions.all |> Seq.map row |> List.ofSeq))
