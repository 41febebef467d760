namespace VerifyEnergy.Engines

open System
open System.Buffers
open System.Collections.Generic
open System.Text
open System.Text.Json
open VerifyEnergy.Kernel

/// Certificates as JSON. One certificate has one text: fields stand in a fixed order, rationals are strings in lowest terms, and
/// reading refuses everything that writing does not produce, so the text can be hashed. A term of a polynomial is the array
/// ["coefficient", letter, "exponent", letter, "exponent", …].
[<RequireQualifiedAccess>]
module CertificateText =
    /// Brackets inside brackets that reading accepts.
    [<Literal>]
    let MaxDepth = 256

    /// A text that is not a certificate; it never leaves this module.
    exception private Malformed of path: string * wanted: string

    let private shapes = [ "scalar", Shape.Scalar; "column", Shape.Column; "row", Shape.Row; "matrix", Shape.Matrix ]

    // Writing

    let private array (json: Utf8JsonWriter) (items: 'T seq) (write: 'T -> unit) =
        json.WriteStartArray()
        Seq.iter write items
        json.WriteEndArray()

    let private field (json: Utf8JsonWriter) (name: string) (write: unit -> unit) =
        json.WritePropertyName name
        write ()

    let private record (json: Utf8JsonWriter) (write: unit -> unit) =
        json.WriteStartObject()
        write ()
        json.WriteEndObject()

    let private rational (json: Utf8JsonWriter) (value: Rational) = json.WriteStringValue(value.ToString())

    let private integers (json: Utf8JsonWriter) (values: int list) = array json values json.WriteNumberValue

    let private powers (json: Utf8JsonWriter) (factors: (int * Rational) list) =
        for letter, exponent in factors do
            json.WriteNumberValue letter
            rational json exponent

    let private polynomial (json: Utf8JsonWriter) (data: PolynomialData) =
        array json data (fun (coefficient, factors) ->
            json.WriteStartArray()
            rational json coefficient
            powers json factors
            json.WriteEndArray())

    let private square (json: Utf8JsonWriter) (s: Square) =
        record json (fun () ->
            field json "weight" (fun () -> rational json s.Weight)
            field json "hypotheses" (fun () -> integers json s.Hypotheses)

            field json "multiplier" (fun () ->
                json.WriteStartArray()
                powers json s.Multiplier
                json.WriteEndArray())

            field json "root" (fun () -> polynomial json s.Root))

    let private term (json: Utf8JsonWriter) (object: TermObject) =
        record json (fun () ->
            json.WriteString("shape", shapes |> List.find (fun (_, shape) -> shape = object.Shape) |> fst)
            json.WriteNumber("rows", object.Rows)
            json.WriteNumber("columns", object.Columns)

            field json "entries" (fun () ->
                array json object.Entries (fun (re, im) ->
                    record json (fun () ->
                        field json "re" (fun () -> polynomial json re)

                        match im with
                        | Some im -> field json "im" (fun () -> polynomial json im)
                        | None -> ()))))

    let rec private proof (json: Utf8JsonWriter) (shown: Proof) =
        let minor (rule: string) rows columns rest =
            json.WriteString("rule", rule)
            field json "rows" (fun () -> integers json rows)
            field json "columns" (fun () -> integers json columns)
            rest ()

        record json (fun () ->
            match shown with
            | Proof.Normal -> json.WriteString("rule", "normal")
            | Proof.Squares(negated, squares, cofactors) ->
                json.WriteString("rule", "squares")
                json.WriteBoolean("negated", negated)
                field json "squares" (fun () -> array json squares (square json))

                field json "cofactors" (fun () ->
                    array json cofactors (fun (equation, cofactor) ->
                        record json (fun () ->
                            json.WriteNumber("equation", equation)
                            field json "cofactor" (fun () -> polynomial json cofactor))))
            | Proof.All proofs ->
                json.WriteString("rule", "all")
                field json "proofs" (fun () -> array json proofs (proof json))
            | Proof.Branch(index, inner) ->
                json.WriteString("rule", "branch")
                json.WriteNumber("index", index)
                field json "proof" (fun () -> proof json inner)
            | Proof.Minor(rows, columns, inner) -> minor "minor" rows columns (fun () -> field json "proof" (fun () -> proof json inner))
            | Proof.ModularRank(prime, rows, columns) ->
                minor "modular-rank" rows columns (fun () -> json.WriteString("prime", prime.ToString()))
            | Proof.Terms(objects, inner) ->
                json.WriteString("rule", "terms")
                field json "objects" (fun () -> array json objects (term json))
                field json "proof" (fun () -> proof json inner))

    let private value (json: Utf8JsonWriter) (object: ObjectValue) =
        record json (fun () ->
            match object with
            | ObjectValue.Map images -> field json "images" (fun () -> integers json (List.ofArray images))
            | ObjectValue.Array(rows, columns, entries) ->
                json.WriteNumber("rows", rows)
                json.WriteNumber("columns", columns)

                field json "entries" (fun () ->
                    array json entries (fun (struct (re, im)) ->
                        if im.IsZero then rational json re else array json [ re; im ] (rational json))))

    let private body (json: Utf8JsonWriter) (body: Body) =
        match body with
        | Body.Cases(count, items) ->
            json.WriteNumber("count", count)

            field json "proofs" (fun () ->
                array json items (fun ((case, goal), shown) ->
                    record json (fun () ->
                        json.WriteNumber("case", case)
                        json.WriteNumber("goal", goal)
                        field json "proof" (fun () -> proof json shown))))
        | Body.Empty(count, items) ->
            json.WriteNumber("count", count)

            field json "proofs" (fun () ->
                array json items (fun (case, shown) ->
                    record json (fun () ->
                        json.WriteNumber("case", case)
                        field json "proof" (fun () -> proof json shown))))
        | Body.Witness objects ->
            field json "objects" (fun () ->
                array json objects (fun (variable, object) ->
                    record json (fun () ->
                        json.WriteNumber("object", variable)
                        field json "value" (fun () -> value json object))))

    /// The certificate as UTF-8 JSON without white space; the same bytes for the same certificate.
    let write (certificate: Certificate) : string =
        let buffer = ArrayBufferWriter<byte>()
        use json = new Utf8JsonWriter(buffer)

        record json (fun () ->
            json.WriteString("schema", Certificate.schema)
            json.WriteString("kind", Certificate.kind certificate)
            json.WriteString("claimHash", certificate.ClaimHash)
            field json "instance" (fun () -> integers json (List.ofArray certificate.Instance))

            let name =
                match certificate.Body with
                | Body.Cases _ -> "cases"
                | Body.Empty _ -> "empty"
                | Body.Witness _ -> "witness"

            field json name (fun () -> record json (fun () -> body json certificate.Body)))

        json.Flush()
        Encoding.UTF8.GetString buffer.WrittenSpan

    // Reading: each reader gets the path of its element, for the message.

    let private refuse path wanted = raise (Malformed(path, wanted))

    let private elements (path: string) (json: JsonElement) : (string * JsonElement) list =
        if json.ValueKind <> JsonValueKind.Array then
            refuse path "an array"

        json.EnumerateArray() |> Seq.mapi (fun index item -> $"{path}[{index}]", item) |> Seq.toList

    /// The fields, which must be just these, each once, in any order; `optional` ones may be missing.
    let private fieldsOf
        (path: string)
        (required: string list)
        (optional: string list)
        (json: JsonElement)
        : Dictionary<string, JsonElement> =
        if json.ValueKind <> JsonValueKind.Object then
            refuse path "an object"

        let found = Dictionary<string, JsonElement>()

        for property in json.EnumerateObject() do
            let name = property.Name

            if not (List.contains name required || List.contains name optional) then
                refuse $"{path}.{name}" "no such field"

            if not (found.TryAdd(name, property.Value)) then
                refuse $"{path}.{name}" "the field once"

        for name in required do
            if not (found.ContainsKey name) then
                refuse $"{path}.{name}" "the field, which is missing"

        found

    let private text path (json: JsonElement) : string =
        if json.ValueKind <> JsonValueKind.String then
            refuse path "a string"

        match json.GetString() with
        | null -> refuse path "a string"
        | text -> text

    let private integer path (json: JsonElement) : int =
        let mutable value = 0

        if json.ValueKind = JsonValueKind.Number && json.TryGetInt32(&value) && json.GetRawText() = string value then
            value
        else
            refuse path "a whole number of 32 bits"

    let private natural path (json: JsonElement) : int =
        let value = integer path json
        if value >= 0 then value else refuse path "a whole number ≥ 0"

    let private readRational path (json: JsonElement) : Rational =
        let written = text path json

        match Rational.TryParse written with
        | Some value when value.ToString() = written -> value
        | Some _
        | None -> refuse path "a rational number \"p/q\" in lowest terms"

    let private readList read path json = elements path json |> List.map (fun (path, item) -> read path item)

    let private naturals = readList natural

    let rec private readPowers (items: (string * JsonElement) list) : (int * Rational) list =
        match items with
        | [] -> []
        | [ path, _ ] -> refuse path "an exponent after each letter"
        | (letterPath, letter) :: (exponentPath, exponent) :: rest ->
            (natural letterPath letter, readRational exponentPath exponent) :: readPowers rest

    let private readPolynomial: string -> JsonElement -> PolynomialData =
        readList (fun path json ->
            match elements path json with
            | [] -> refuse path "a coefficient"
            | (coefficientPath, coefficient) :: factors -> readRational coefficientPath coefficient, readPowers factors)

    let private readSquare path json : Square =
        let fields = fieldsOf path [ "weight"; "hypotheses"; "multiplier"; "root" ] [] json

        { Weight = readRational $"{path}.weight" fields["weight"]
          Hypotheses = naturals $"{path}.hypotheses" fields["hypotheses"]
          Multiplier = readPowers (elements $"{path}.multiplier" fields["multiplier"])
          Root = readPolynomial $"{path}.root" fields["root"] }

    let private readTerm path json : TermObject =
        let fields = fieldsOf path [ "shape"; "rows"; "columns"; "entries" ] [] json
        let shape = text $"{path}.shape" fields["shape"]

        { Shape =
            match List.tryFind (fun (name, _) -> name = shape) shapes with
            | Some(_, shape) -> shape
            | None -> refuse $"{path}.shape" "scalar, column, row or matrix"
          Rows = natural $"{path}.rows" fields["rows"]
          Columns = natural $"{path}.columns" fields["columns"]
          Entries =
            readList
                (fun path json ->
                    let entry = fieldsOf path [ "re" ] [ "im" ] json

                    readPolynomial $"{path}.re" entry["re"],
                    (match entry.TryGetValue "im" with
                     | true, im -> Some(readPolynomial $"{path}.im" im)
                     | false, _ -> None))
                $"{path}.entries"
                fields["entries"] }

    let rec private readProof (path: string) (json: JsonElement) : Proof =
        let rule =
            match json.ValueKind with
            | JsonValueKind.Object ->
                match json.TryGetProperty "rule" with
                | true, rule -> text $"{path}.rule" rule
                | false, _ -> refuse $"{path}.rule" "the field, which is missing"
            | _ -> refuse path "an object"

        let fields names = fieldsOf path ("rule" :: names) [] json
        let inner (fields: Dictionary<string, JsonElement>) = readProof $"{path}.proof" fields["proof"]

        match rule with
        | "normal" ->
            fields [] |> ignore
            Proof.Normal
        | "squares" ->
            let fields = fields [ "negated"; "squares"; "cofactors" ]

            let negated =
                match fields["negated"].ValueKind with
                | JsonValueKind.True -> true
                | JsonValueKind.False -> false
                | _ -> refuse $"{path}.negated" "true or false"

            let cofactor path json =
                let fields = fieldsOf path [ "equation"; "cofactor" ] [] json
                natural $"{path}.equation" fields["equation"], readPolynomial $"{path}.cofactor" fields["cofactor"]

            Proof.Squares(
                negated,
                readList readSquare $"{path}.squares" fields["squares"],
                readList cofactor $"{path}.cofactors" fields["cofactors"]
            )
        | "all" ->
            let fields = fields [ "proofs" ]
            Proof.All(readList readProof $"{path}.proofs" fields["proofs"])
        | "branch" ->
            let fields = fields [ "index"; "proof" ]
            Proof.Branch(natural $"{path}.index" fields["index"], inner fields)
        | "minor" ->
            let fields = fields [ "rows"; "columns"; "proof" ]
            Proof.Minor(naturals $"{path}.rows" fields["rows"], naturals $"{path}.columns" fields["columns"], inner fields)
        | "modular-rank" ->
            let fields = fields [ "prime"; "rows"; "columns" ]

            let prime =
                match Int64.TryParse(text $"{path}.prime" fields["prime"]) with
                | true, prime when prime.ToString() = text $"{path}.prime" fields["prime"] -> prime
                | _ -> refuse $"{path}.prime" "a whole number of 64 bits as a string"

            Proof.ModularRank(prime, naturals $"{path}.rows" fields["rows"], naturals $"{path}.columns" fields["columns"])
        | "terms" ->
            let fields = fields [ "objects"; "proof" ]
            Proof.Terms(readList readTerm $"{path}.objects" fields["objects"], inner fields)
        | _ -> refuse $"{path}.rule" "normal, squares, all, branch, minor, modular-rank or terms"

    let private readValue path (json: JsonElement) : ObjectValue =
        let entry path (json: JsonElement) =
            match json.ValueKind with
            | JsonValueKind.Array ->
                match elements path json with
                | [ rePath, re; imPath, im ] ->
                    let im = readRational imPath im

                    if im.IsZero then
                        refuse imPath "a nonzero imaginary part"

                    struct (readRational rePath re, im)
                | _ -> refuse path "real and imaginary part"
            | _ -> struct (readRational path json, Rational.Zero)

        if json.ValueKind = JsonValueKind.Object && fst (json.TryGetProperty "images") then
            let fields = fieldsOf path [ "images" ] [] json
            ObjectValue.Map(naturals $"{path}.images" fields["images"] |> List.toArray)
        else
            let fields = fieldsOf path [ "rows"; "columns"; "entries" ] [] json

            ObjectValue.Array(
                natural $"{path}.rows" fields["rows"],
                natural $"{path}.columns" fields["columns"],
                readList entry $"{path}.entries" fields["entries"] |> List.toArray
            )

    /// Items with keys of their own: a key that stands twice is refused.
    let private distinct path (items: ('K * 'V) list) =
        match items |> List.countBy fst |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(key, _) -> refuse path $"each place once; {key} stands twice"
        | None -> items

    let private readBody kind path json : Body =
        match kind with
        | "cases" ->
            let fields = fieldsOf path [ "count"; "proofs" ] [] json

            let item path json =
                let fields = fieldsOf path [ "case"; "goal"; "proof" ] [] json

                (natural $"{path}.case" fields["case"], natural $"{path}.goal" fields["goal"]), readProof $"{path}.proof" fields["proof"]

            Body.Cases(
                natural $"{path}.count" fields["count"],
                readList item $"{path}.proofs" fields["proofs"] |> distinct $"{path}.proofs"
            )
        | "empty" ->
            let fields = fieldsOf path [ "count"; "proofs" ] [] json

            let item path json =
                let fields = fieldsOf path [ "case"; "proof" ] [] json
                natural $"{path}.case" fields["case"], readProof $"{path}.proof" fields["proof"]

            Body.Empty(
                natural $"{path}.count" fields["count"],
                readList item $"{path}.proofs" fields["proofs"] |> distinct $"{path}.proofs"
            )
        | _ ->
            let fields = fieldsOf path [ "objects" ] [] json

            let item path json =
                let fields = fieldsOf path [ "object"; "value" ] [] json
                integer $"{path}.object" fields["object"], readValue $"{path}.value" fields["value"]

            Body.Witness(readList item $"{path}.objects" fields["objects"] |> distinct $"{path}.objects")

    let private read (json: JsonElement) : Certificate =
        let bodies = [ "cases"; "empty"; "witness" ]
        let fields = fieldsOf "$" [ "schema"; "kind"; "claimHash"; "instance" ] bodies json

        if text "$.schema" fields["schema"] <> Certificate.schema then
            refuse "$.schema" Certificate.schema

        let hash = text "$.claimHash" fields["claimHash"]

        if hash.Length <> 64 || hash |> Seq.exists (fun c -> not (Char.IsAsciiHexDigitLower c)) then
            refuse "$.claimHash" "64 lowercase hexadecimal digits"

        let certificate =
            match bodies |> List.filter fields.ContainsKey with
            | [ kind ] ->
                { ClaimHash = hash
                  Instance = readList integer "$.instance" fields["instance"] |> List.toArray
                  Body = readBody kind $"$.{kind}" fields[kind] }
            | _ -> refuse "$" "one of the fields cases, empty, witness"

        let kind = Certificate.kind certificate

        if text "$.kind" fields["kind"] <> kind then
            refuse "$.kind" kind

        certificate

    /// The certificate that a text holds. Every other text is an Error that names the place, as a JSON path, and what was wanted there.
    let parse (source: string) : Result<Certificate, string> =
        try
            use document = JsonDocument.Parse(source, JsonDocumentOptions(MaxDepth = MaxDepth))
            Ok(read document.RootElement)
        with
        | Malformed(path, wanted) -> Error $"{path}: wanted {wanted}"
        | :? JsonException as e -> Error $"not JSON: {e.Message}"
        // Text that is no UTF-16, such as half a surrogate pair.
        | :? ArgumentException
        | :? InvalidOperationException -> Error "not JSON: characters that are no text"
