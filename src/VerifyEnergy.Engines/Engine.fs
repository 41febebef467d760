namespace VerifyEnergy.Engines

open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open VerifyEnergy.Kernel

/// One instance of a claim, as an engine sees it.
type Target = { Claim: Claim; Hash: string; Instance: int[] }

/// What an engine may say. None of it counts before the checker has accepted a certificate, or the strategy has recorded the ground.
[<RequireQualifiedAccess>]
type Proposal =
    | Certificate of Certificate
    /// An outside solver's word, with its name, version and options.
    | Attest of Ground: string
    /// Survived a stated test: number of cases and generator.
    | Support of Ground: string
    /// What was tried and how near it came, for people.
    | Note of string

/// A way to try. It stops on counted work: it spends `steps`, whose limit is its budget; the token is a safety net.
type IEngine =
    abstract Name: string
    /// Changes whenever proposals may change: part of every cache key.
    abstract Version: string
    abstract Applies: target: Target -> bool

    abstract Propose: target: Target * steps: Steps * random: RandomStream * cancellation: CancellationToken -> IAsyncEnumerable<Proposal>

[<RequireQualifiedAccess>]
module Proposals =
    /// A stream computed on the caller's thread, checked for cancellation before each element.
    let ofSeq (cancellation: CancellationToken) (proposals: seq<Proposal>) : IAsyncEnumerable<Proposal> =
        { new IAsyncEnumerable<Proposal> with
            member _.GetAsyncEnumerator(token) =
                let walk = proposals.GetEnumerator()

                { new IAsyncEnumerator<Proposal> with
                    member _.Current = walk.Current

                    member _.MoveNextAsync() =
                        cancellation.ThrowIfCancellationRequested()
                        token.ThrowIfCancellationRequested()
                        ValueTask<bool>(walk.MoveNext())

                    member _.DisposeAsync() =
                        walk.Dispose()
                        ValueTask.CompletedTask } }

    /// The proposals of a task that yields all of them at once.
    let ofTask (work: unit -> Task<Proposal list>) : IAsyncEnumerable<Proposal> =
        { new IAsyncEnumerable<Proposal> with
            member _.GetAsyncEnumerator(_) =
                let mutable rest: Proposal list voption = ValueNone
                let mutable current = Unchecked.defaultof<Proposal>

                { new IAsyncEnumerator<Proposal> with
                    member _.Current = current

                    member _.MoveNextAsync() =
                        task {
                            if rest.IsNone then
                                let! all = work ()
                                rest <- ValueSome all

                            match rest with
                            | ValueSome(first :: others) ->
                                current <- first
                                rest <- ValueSome others
                                return true
                            | _ -> return false
                        }
                        |> ValueTask<bool>

                    member _.DisposeAsync() = ValueTask.CompletedTask } }
