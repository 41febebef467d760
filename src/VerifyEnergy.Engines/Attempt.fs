namespace VerifyEnergy.Engines

open VerifyEnergy.Kernel

/// The kernel raises where an expression has no value or is beyond it; for an engine that is an answer.
[<RequireQualifiedAccess>]
module Attempt =
    /// The result, or why there is none. An exhausted step limit stays an exception: it ends the engine.
    let run (work: unit -> 'R) : Result<'R, string> =
        try
            Ok(work ())
        with
        | Undefined reason -> Error $"not defined: {reason}"
        | Unsupported reason -> Error $"not expressible: {reason}"
        | OutOfShape reason -> Error $"out of shape: {reason}"
        | TooLarge what -> Error $"too large: {what}"
        | :? System.DivideByZeroException -> Error "a division by zero"
        | :? System.ArgumentException as e -> Error e.Message
