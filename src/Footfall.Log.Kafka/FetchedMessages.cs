using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// What a consumer has fetched, taken many messages at a time with librdkafka's own <c>rd_kafka_consume_batch_queue</c>: the
/// .NET client has one call for one message, which is most of what reading costs (docs/decisions/0013-a-fast-restart.md).
/// Rebalance handlers run within <see cref="Take"/>, as they do within Consume. For one thread.
/// </summary>
internal sealed unsafe class FetchedMessages : IDisposable
{
    private const int Most = 1024; // at which what a call costs is nothing beside its messages

    private static readonly Lazy<Functions> Native = new(() => new Functions());

    private readonly Message*[] _messages = new Message*[Most];
    private nint _queue;

    public FetchedMessages(Handle consumer) => _queue = Native.Value.GetConsumerQueue(((SafeHandle)LibrdkafkaHandle(consumer)).DangerousGetHandle());

    /// <summary>How many were taken and not given back.</summary>
    public int Count { get; private set; }

    /// <summary>Valid until <see cref="Release"/>.</summary>
    public ref readonly Message this[int index] => ref *_messages[index];

    /// <summary>Takes what has been fetched, without waiting.</summary>
    /// <param name="most">No more than this.</param>
    public void Take(int most)
    {
        Debug.Assert(Count == 0, "The last ones were not given back.");
        ObjectDisposedException.ThrowIf(_queue == 0, this);
        fixed (Message** messages = _messages)
        {
            Count = (int)Native.Value.ConsumeBatch(_queue, 0, messages, (nuint)Math.Min(most, Most));
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Release()
    {
        for (var i = 0; i < Count; i++)
        {
            Native.Value.DestroyMessage(_messages[i]);
        }

        Count = 0;
    }

    /// <summary>Before the consumer is closed.</summary>
    public void Dispose()
    {
        if (_queue != 0)
        {
            Native.Value.DestroyQueue(_queue);
            _queue = 0;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object LibrdkafkaHandle(Handle handle);

    /// <summary>rd_kafka_message_t (rdkafka.h): the same since librdkafka 0.9; of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct Message
    {
        public readonly ErrorCode Error;
        private readonly nint _topic;
        public readonly int Partition;
        private readonly byte* _value; // an error's text where there is one
        private readonly nuint _length;
        private readonly nint _key;
        private readonly nuint _keyLength;
        public readonly long Offset;
        private readonly nint _private;

        public ReadOnlySpan<byte> Value => new(_value, checked((int)_length));
    }

    /// <summary>Of the very library that the .NET client has loaded: which one that is depends on the system.</summary>
    private sealed class Functions
    {
        public readonly delegate* unmanaged[Cdecl]<nint, nint> GetConsumerQueue;
        public readonly delegate* unmanaged[Cdecl]<nint, int, Message**, nuint, nint> ConsumeBatch;
        public readonly delegate* unmanaged[Cdecl]<Message*, void> DestroyMessage;
        public readonly delegate* unmanaged[Cdecl]<nint, void> DestroyQueue;

        public Functions()
        {
            using var process = Process.GetCurrentProcess();
            var modules = process.Modules.Cast<ProcessModule>().Where(module => module.ModuleName.Contains("librdkafka", StringComparison.Ordinal)).ToList();
            var library = modules switch
            {
                [{ FileName: { } file }] => NativeLibrary.Load(file),
                [] => NativeLibrary.Load("librdkafka", typeof(Handle).Assembly, searchPath: null), // macOS lists no libraries, and has one to load
                _ => throw new LogException($"Of librdkafka there is to be one in this process, and not {modules.Count}."),
            };
            GetConsumerQueue = (delegate* unmanaged[Cdecl]<nint, nint>)NativeLibrary.GetExport(library, "rd_kafka_queue_get_consumer");
            ConsumeBatch = (delegate* unmanaged[Cdecl]<nint, int, Message**, nuint, nint>)NativeLibrary.GetExport(library, "rd_kafka_consume_batch_queue");
            DestroyMessage = (delegate* unmanaged[Cdecl]<Message*, void>)NativeLibrary.GetExport(library, "rd_kafka_message_destroy");
            DestroyQueue = (delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(library, "rd_kafka_queue_destroy");
        }
    }
}
