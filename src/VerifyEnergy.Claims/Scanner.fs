namespace VerifyEnergy.Claims

open System

/// One clause of a file: its word and the characters from Start (after the word) to Stop (before the next clause word).
[<Struct>]
type internal Segment = { Word: string; WordStart: int; Start: int; Stop: int }

/// Cuts a file at its clause words, which are reserved, so that an error in one clause leaves the others readable, and
/// applies the caps that must hold before a recursive parser sees the text.
module internal Scanner =
    let private isDigit (letter: char) = letter >= '0' && letter <= '9'

    /// The clauses and the complaints. When `Error`, a cap was broken and no clause may be parsed.
    let scan (source: SourceText) : Result<Segment list * Diagnostic list, Diagnostic list> =
        let text = source.Text
        let complaints = ResizeArray<Diagnostic>()
        let marks = ResizeArray<struct (string * int * int)>()
        let mutable broken = false
        let mutable firstStray = -1

        let complain index message suggestion =
            if complaints.Count < 50 then
                complaints.Add(source.Diagnose(source.PositionAt index, message, suggestion))

        let breakOff index message =
            broken <- true
            complain index message ""

        let mutable index = 0
        let mutable depth = 0
        let mutable tooDeep = false
        let mutable clause = ""

        let stray at =
            if clause = "" && firstStray < 0 then
                firstStray <- at

        while index < text.Length do
            let letter = text[index]

            if letter = '#' then
                while index < text.Length && text[index] <> '\n' do
                    index <- index + 1
            elif letter = '"' then
                stray index
                let start = index
                index <- index + 1

                while index < text.Length && text[index] <> '"' && text[index] <> '\n' do
                    index <- if text[index] = '\\' then min text.Length (index + 2) else index + 1

                if index < text.Length && text[index] = '"' then
                    index <- index + 1
                else
                    breakOff start "this string has no closing quotation mark on its line"
            elif Spelling.isNameStart letter then
                let start = index

                while index < text.Length && Spelling.isNamePart text[index] do
                    index <- index + 1

                let word = text.Substring(start, index - start)

                if word.Length > Limits.nameLength then
                    breakOff start $"this name has {word.Length} characters; the limit is {Limits.nameLength} characters"

                // In a tag list `for-show` is one tag and no clause.
                let hyphenated = clause = "tags" && ((start > 0 && text[start - 1] = '-') || (index < text.Length && text[index] = '-'))

                if not hyphenated && List.contains word Words.clauses then
                    marks.Add(struct (word, start, index))
                    clause <- word
                    depth <- 0

                    if word = "claim" then
                        // The id is kebab-case and may contain any word.
                        while index < text.Length && Char.IsWhiteSpace text[index] do
                            index <- index + 1

                        let idStart = index

                        while index < text.Length && (Spelling.isNamePart text[index] || text[index] = '-') do
                            index <- index + 1

                        if index - idStart > Limits.nameLength then
                            breakOff idStart $"this claim id has {index - idStart} characters; the limit is {Limits.nameLength} characters"
                else
                    stray start
            elif isDigit letter then
                stray index
                let start = index
                let mutable digits = 0

                let skipDigits () =
                    while index < text.Length && isDigit text[index] do
                        index <- index + 1
                        digits <- digits + 1

                skipDigits ()

                if index + 1 < text.Length && text[index] = '.' && isDigit text[index + 1] then
                    index <- index + 1
                    skipDigits ()

                if digits > Limits.numeralLength then
                    breakOff start $"this numeral has {digits} digits; the limit is {Limits.numeralLength} digits"

                if index < text.Length && (text[index] = 'e' || text[index] = 'E') then
                    let signed = index + 1 < text.Length && (text[index + 1] = '-' || text[index + 1] = '+')

                    let first = if signed then index + 2 else index + 1

                    if first < text.Length && isDigit text[first] then
                        index <- first

                        while index < text.Length && isDigit text[index] do
                            index <- index + 1

                        let exponent = text.Substring(first, index - first).TrimStart '0'

                        if exponent.Length > 9 || (exponent <> "" && int exponent > Limits.decimalExponent) then
                            breakOff start $"the exponent of this numeral is beyond the limit of {Limits.decimalExponent}"
            else
                if letter = '(' || letter = '[' || letter = '{' then
                    depth <- depth + 1

                    if depth > Limits.bracketDepth && not tooDeep then
                        tooDeep <- true
                        breakOff index $"brackets are nested deeper than the limit of {Limits.bracketDepth}"
                elif letter = ')' || letter = ']' || letter = '}' then
                    depth <- max 0 (depth - 1)

                if not (Char.IsWhiteSpace letter) then
                    stray index

                index <- index + 1

        if firstStray >= 0 && not broken then
            let word =
                let mutable stop = firstStray

                while stop < text.Length && Spelling.isNamePart text[stop] do
                    stop <- stop + 1

                text.Substring(firstStray, stop - firstStray)

            complain firstStray "a file begins with 'claim', 'def' or 'import'" (Spelling.suggest [ "claim"; "def"; "import" ] word)

        if broken then
            Error(List.ofSeq complaints)
        else
            let segments =
                [ for at in 0 .. marks.Count - 1 do
                      let struct (word, wordStart, start) = marks[at]

                      let stop =
                          if at + 1 < marks.Count then
                              let struct (_, next, _) = marks[at + 1]
                              next
                          else
                              text.Length

                      { Word = word; WordStart = wordStart; Start = start; Stop = stop } ]

            Ok(segments, List.ofSeq complaints)
