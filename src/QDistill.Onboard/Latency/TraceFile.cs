using System.Buffers.Text;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Onboard;

/// <summary>
/// Writes the stages of every prediction to a file for Perfetto. Recording fills a fixed buffer; another thread writes it out when <see cref="Flush"/> is called. A disk that is
/// slow costs records, a disk that is full costs the trace, neither costs a prediction.
/// </summary>
internal sealed class TraceFile : IDisposable
{
    private const int EventSize = 160;
    private static readonly byte[][] Names = [.. new[] { "sensor_to_receive", "fusion", "queue", "inference", "publish" }.Select(Encoding.ASCII.GetBytes)];

    private readonly string path;
    private readonly long maxBytes;
    private readonly byte[] text = new byte[64 * 1024];
    private Stream? stream;
    private Record[] filling;
    private Record[] writing;
    private int count;
    private long written;
    private Task? writer;
    private volatile string? problem;

    /// <summary>Opens the file anew.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public TraceFile(TraceOptions options, int capacity = 32 * 1024)
        : this(Open(options.File), options, capacity)
    {
    }

    internal TraceFile(Stream stream, TraceOptions options, int capacity = 32 * 1024)
    {
        path = options.File;
        maxBytes = (long)(options.MaxSize * 1e6);
        filling = new Record[capacity];
        writing = new Record[capacity];
        this.stream = stream;
    }

    /// <summary>Predictions left out because the disk did not keep up.</summary>
    public long Dropped { get; private set; }

    /// <summary>Why tracing has ended, once; null while it goes on.</summary>
    public string? TakeProblem() => Interlocked.Exchange(ref problem, null);

    /// <summary>Records one prediction that ended at <paramref name="end"/> [ns, steady]. Does not allocate.</summary>
    public void Add(in StageTimes stages, ulong sequence, PredictionStatus status, long end)
    {
        if (count < filling.Length)
        {
            filling[count++] = new Record(stages, sequence, status, end);
        }
        else
        {
            Dropped++;
        }
    }

    /// <summary>Hands what has been recorded to the writing thread.</summary>
    public void Flush()
    {
        if (count == 0 || writer is { IsCompleted: false })
        {
            return;
        }

        (filling, writing) = (writing, filling);
        int ready = count;
        count = 0;
        writer = Task.Run(() => Write(ready));
    }

    public void Dispose()
    {
        writer?.Wait();
        Flush();
        writer?.Wait();
        stream?.Dispose();
        stream = null;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the trace cannot be written ({e.Message.TrimEnd('.')})", path, "name a file in a folder that exists and may be written", e);
        }
    }

    private void Write(int ready)
    {
        if (stream is null)
        {
            return;
        }

        try
        {
            int at = 0;
            if (written == 0)
            {
                // The closing bracket is optional in this format, so that a trace that ends anyhow can be read.
                Put(ref at, "[\n"u8);
            }

            for (int i = 0; i < ready; i++)
            {
                ref readonly Record r = ref writing[i];
                long end = r.End;
                for (int stage = Names.Length - 1; stage >= 0; stage--)
                {
                    long duration = r.Stages[stage];
                    at = Format(at, Names[stage], stage, end - duration, duration, r);
                    end -= duration;
                }

                if (at > text.Length - (Names.Length * EventSize) || i == ready - 1)
                {
                    stream.Write(text.AsSpan(0, at));
                    written += at;
                    at = 0;
                }
            }

            if (written > maxBytes)
            {
                End($"{path}: the trace has reached its size limit; it ends here.");
            }
        }
        catch (IOException e)
        {
            End($"{path}: the trace ends, as it cannot be written any more ({e.Message.TrimEnd('.')}); predictions go on.");
        }
    }

    private void End(string why)
    {
        try
        {
            stream?.Dispose();
        }
        catch (IOException)
        {
            // The first error is the one to tell.
        }

        stream = null;
        problem = why;
    }

    private int Format(int at, ReadOnlySpan<byte> name, int stage, long start, long duration, in Record r)
    {
        Put(ref at, "{\"ph\":\"X\",\"pid\":1,\"tid\":"u8);
        Put(ref at, stage + 1);
        Put(ref at, ",\"name\":\""u8);
        Put(ref at, name);
        Put(ref at, "\",\"ts\":"u8);
        Microseconds(ref at, start);
        Put(ref at, ",\"dur\":"u8);
        Microseconds(ref at, duration);
        Put(ref at, ",\"args\":{\"sequence\":"u8);
        Put(ref at, (long)r.Sequence);
        Put(ref at, ",\"status\":"u8);
        Put(ref at, (long)r.Status);
        Put(ref at, "}},\n"u8);
        return at;
    }

    private void Microseconds(ref int at, long nanoseconds)
    {
        (long whole, long rest) = Math.DivRem(Math.Max(0, nanoseconds), 1000);
        Put(ref at, whole);
        text[at++] = (byte)'.';
        text[at++] = (byte)('0' + (rest / 100));
        text[at++] = (byte)('0' + (rest / 10 % 10));
        text[at++] = (byte)('0' + (rest % 10));
    }

    private void Put(ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(text.AsSpan(at));
        at += bytes.Length;
    }

    private void Put(ref int at, long number)
    {
        Utf8Formatter.TryFormat(number, text.AsSpan(at), out int length);
        at += length;
    }

    private readonly record struct Record(StageTimes Stages, ulong Sequence, PredictionStatus Status, long End);
}
