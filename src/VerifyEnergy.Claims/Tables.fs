namespace VerifyEnergy.Claims

open System
open System.Numerics
open System.Text
open VerifyEnergy.Kernel

/// Matrices and vectors from a user's files, read exactly: decimals of a .csv, binary values of a .npy.
module internal Tables =
    /// A number as it may stand in a cell: 3, -0.25, 1e-9, 3/7.
    let private number (cell: string) : Result<Rational, string> =
        let simple (text: string) =
            let mark = text.IndexOfAny [| 'e'; 'E' |]

            let exponentFits =
                mark < 0
                || (match Int32.TryParse(text.AsSpan(mark + 1)) with
                    | true, exponent -> abs exponent <= Limits.decimalExponent
                    | _ -> false)

            if text.Length > Limits.numeralLength || not exponentFits then
                Error "a number is longer than the limit of numerals"
            else
                match Rational.TryParse text with
                | Some value -> Ok value
                | None -> Error $"'{text}' is no number"

        match cell.Split '/' with
        | [| whole |] -> simple whole
        | [| top; bottom |] ->
            match simple (top.Trim()), simple (bottom.Trim()) with
            | Ok _, Ok y when y.IsZero -> Error $"'{cell}' divides by zero"
            | Ok x, Ok y -> Ok(x / y)
            | Error message, _
            | _, Error message -> Error message
        | _ -> Error $"'{cell}' is no number"

    let private ofRows (rows: Rational list list) : Result<Rational[,], string> =
        match rows with
        | [] -> Error "the file holds no numbers"
        | first :: _ ->
            let width = List.length first

            match rows |> List.tryFindIndex (fun row -> List.length row <> width) with
            | Some index -> Error $"row {index + 1} has another length than row 1"
            | None -> Ok(array2D rows)

    let private csv (text: string) : Result<Rational[,], string> =
        let lines =
            text.TrimStart('\uFEFF').Split '\n'
            |> Array.map (fun line -> line.Trim())
            |> Array.filter (fun line -> line <> "" && not (line.StartsWith '#'))

        let cells (line: string) = line.Split([| ','; ';'; '\t' |]) |> Array.map (fun cell -> cell.Trim())

        let rec read rows remaining =
            match remaining with
            | [] -> ofRows (List.rev rows)
            | line :: rest ->
                let found = cells line |> Array.map number

                match
                    found
                    |> Array.tryPick (function
                        | Error message -> Some message
                        | Ok _ -> None)
                with
                | Some message -> Error $"row {List.length rows + 1}: {message}"
                | None ->
                    let row =
                        found
                        |> Array.toList
                        |> List.choose (function
                            | Ok value -> Some value
                            | Error _ -> None)

                    read (row :: rows) rest

        read [] (List.ofArray lines)

    /// The exact value of an IEEE 754 number given by its bits; None for NaN and infinities.
    let private ofBits (fractionBits: int) (exponentBits: int) (bits: uint64) : Rational option =
        let fraction = bits &&& ((1UL <<< fractionBits) - 1UL)
        let exponent = int ((bits >>> fractionBits) &&& ((1UL <<< exponentBits) - 1UL))
        let negative = (bits >>> (fractionBits + exponentBits)) &&& 1UL = 1UL
        let top = (1 <<< exponentBits) - 1

        if exponent = top then
            None
        else
            let bias = (1 <<< (exponentBits - 1)) - 1

            let mantissa = if exponent = 0 then BigInteger fraction else BigInteger(fraction ||| (1UL <<< fractionBits))

            let power = (max exponent 1) - bias - fractionBits

            let magnitude =
                if power >= 0 then
                    Rational.OfBigInteger(mantissa <<< power)
                else
                    Rational.Create(mantissa, BigInteger.One <<< -power)

            Some(if negative then -magnitude else magnitude)

    /// The value of `key` in a .npy header: {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
    let private field (key: string) (header: string) : string =
        let mark = header.IndexOf("'" + key + "'", StringComparison.Ordinal)

        if mark < 0 then
            ""
        else
            let start = header.IndexOf(':', mark) + 1
            let rest = header.Substring(start).TrimStart()

            if rest.StartsWith '(' then
                rest.Substring(0, rest.IndexOf ')' + 1)
            else
                rest.Substring(0, max 0 (rest.IndexOf ',')).Trim()

    let private npy (bytes: byte[]) : Result<Rational[,], string> =
        let magic = [| 0x93uy; 0x4Euy; 0x55uy; 0x4Duy; 0x50uy; 0x59uy |]

        if bytes.Length < 12 || bytes[..5] <> magic then
            Error "the file is no .npy file"
        else
            let start, length =
                if bytes[6] = 1uy then
                    10, int (BitConverter.ToUInt16(bytes, 8))
                else
                    12, int (min (BitConverter.ToUInt32(bytes, 8)) 1_000_000u)

            if start + length > bytes.Length then
                Error "the .npy header is cut short"
            else
                let header = Encoding.ASCII.GetString(bytes, start, length)
                let kind = (field "descr" header).Trim('\'', '"')

                let sides =
                    (field "shape" header).Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries)
                    |> Array.map (fun side ->
                        match Int32.TryParse(side.Trim()) with
                        | true, value -> value
                        | _ -> -1)
                    |> Array.filter (fun side -> side <> -1)

                let width =
                    match kind with
                    | "<f8"
                    | "<i8" -> 8
                    | "<f4"
                    | "<i4" -> 4
                    | _ -> 0

                let rows, columns =
                    match sides with
                    | [| length |] -> length, 1
                    | [| rows; columns |] -> rows, columns
                    | _ -> 0, 0

                let offset = start + length

                if width = 0 then
                    Error $"entries of type '{kind}' are not read; '<f8', '<f4', '<i8' and '<i4' are"
                elif field "fortran_order" header <> "False" then
                    Error "the .npy array is in Fortran order; C order is read"
                elif rows < 1 || columns < 1 || rows > Limits.vectorLength || columns > Limits.vectorLength then
                    Error "the .npy array is no vector or matrix within the limits"
                elif offset + rows * columns * width > bytes.Length then
                    Error "the .npy data are cut short"
                else
                    let entry index =
                        let at = offset + index * width

                        match kind with
                        | "<f8" -> ofBits 52 11 (BitConverter.ToUInt64(bytes, at))
                        | "<f4" -> ofBits 23 8 (uint64 (BitConverter.ToUInt32(bytes, at)))
                        | "<i8" -> Some(Rational.OfBigInteger(BigInteger(BitConverter.ToInt64(bytes, at))))
                        | _ -> Some(Rational.OfInt(BitConverter.ToInt32(bytes, at)))

                    let entries = Array.init (rows * columns) entry

                    if entries |> Array.exists Option.isNone then
                        Error "the .npy array holds NaN or an infinity"
                    else
                        Ok(Array2D.init rows columns (fun row column -> entries[row * columns + column].Value))

    /// Reads a .csv (rows of decimals or fractions) or a .npy (one or two dimensions); other endings are refused.
    let read (path: string) (bytes: byte[]) : Result<Rational[,], string> =
        let result =
            if bytes.Length > Limits.fileLength then
                Error $"the file has {bytes.Length} bytes; the limit is {Limits.fileLength} bytes"
            elif path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) then
                npy bytes
            elif path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) then
                csv (Encoding.UTF8.GetString bytes)
            else
                Error "a data file ends in .csv or .npy"

        match result with
        | Ok table when Array2D.length1 table > Limits.vectorLength || Array2D.length2 table > Limits.vectorLength ->
            Error $"data \"{path}\": more than {Limits.vectorLength} rows or columns"
        | Ok table -> Ok table
        | Error message -> Error $"data \"{path}\": {message}"
