using System.Collections.Concurrent;

namespace Footfall.Log.Kafka;

/// <summary>
/// One thread that all calls of one consumer run on: librdkafka's consume and commit block, and its rebalance handlers
/// run inside consume, so one thread is also what keeps a commit from overlapping a revocation.
/// </summary>
internal sealed class KafkaThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = new(boundedCapacity: 64);  // a call and the loads of partitions; a bound all the same
    private readonly Thread _thread;

    public KafkaThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <param name="work">What the caller waits for.</param>
    /// <param name="then">Done after it has its result, and before anything else; must not throw.</param>
    public Task<T> RunAsync<T>(Func<T> work, Action? then = null)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
                return;
            }

            then?.Invoke();
        });
        return done.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Ends the thread once what is queued has run.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
