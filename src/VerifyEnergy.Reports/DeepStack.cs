using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VerifyEnergy.Reports;

/// <summary>Threads with a stack that holds what the caps on claims allow: engines and checker recurse over expressions.</summary>
internal sealed class DeepStack : TaskScheduler, IDisposable
{
    private const int StackBytes = 256 << 20;

    private readonly BlockingCollection<Task> waiting = [];

    public DeepStack(int threads)
    {
        for (int i = 0; i < threads; i++)
        {
            new Thread(Work, StackBytes) { IsBackground = true, Name = "claim" }.Start();
        }

        MaximumConcurrencyLevel = threads;
    }

    public override int MaximumConcurrencyLevel { get; }

    /// <summary>Runs asynchronous work with all its continuations on these threads.</summary>
    public Task<T> Run<T>(Func<Task<T>> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public void Dispose() => waiting.CompleteAdding();

    protected override void QueueTask(Task task) => waiting.Add(task);

    // Only these threads have the stack; a waiting thread of another kind must not run the task itself.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => waiting.ToArray();

    private void Work()
    {
        foreach (Task task in waiting.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }
}
