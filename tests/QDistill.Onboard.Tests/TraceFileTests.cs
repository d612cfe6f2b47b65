using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Onboard.Tests;

public class TraceFileTests
{
    [Fact]
    public void Every_stage_of_every_prediction_is_an_event_and_they_follow_each_other()
    {
        using var folder = new TempDirectory();
        using (var trace = new TraceFile(new TraceOptions { File = folder["trace.json"] }))
        {
            for (int i = 0; i < 3000; i++)
            {
                trace.Add(new StageTimes { SensorToReceive = 5_000_001, Fusion = 20_500, Queue = 0, Inference = 80_123, Publish = 9_999 }, (ulong)i, PredictionStatus.Ok, (i + 1) * 10_000_000L);
                if (i % 1000 == 0)
                {
                    trace.Flush();
                }
            }
        }

        // Perfetto takes the array without its end; a strict reader wants it.
        string text = File.ReadAllText(folder["trace.json"]).TrimEnd().TrimEnd(',') + "]";
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement[] events = [.. document.RootElement.EnumerateArray()];
        Assert.Equal(5 * 3000, events.Length);
        JsonElement[] seventh = [.. events.Where(e => e.GetProperty("args").GetProperty("sequence").GetInt64() == 7).OrderBy(e => e.GetProperty("ts").GetDecimal()).ThenBy(e => e.GetProperty("tid").GetInt32())];
        Assert.Equal(["sensor_to_receive", "fusion", "queue", "inference", "publish"], seventh.Select(e => e.GetProperty("name").GetString()));
        Assert.Equal([5000.001m, 20.5m, 0m, 80.123m, 9.999m], seventh.Select(e => e.GetProperty("dur").GetDecimal()));
        for (int i = 1; i < 5; i++)
        {
            Assert.Equal(seventh[i - 1].GetProperty("ts").GetDecimal() + seventh[i - 1].GetProperty("dur").GetDecimal(), seventh[i].GetProperty("ts").GetDecimal());
        }

        Assert.Equal(80_000m, seventh[4].GetProperty("ts").GetDecimal() + seventh[4].GetProperty("dur").GetDecimal());
    }

    [Fact]
    public void A_disk_that_fills_up_ends_the_trace_is_told_once_and_nothing_else()
    {
        using var trace = new TraceFile(new FullDisk(), new TraceOptions { File = "/data/trace.json" });
        string? told = null;
        for (int i = 0; i < 20_000 && told is null; i++)
        {
            trace.Add(default, (ulong)i, PredictionStatus.Ok, i);
            trace.Flush();
            Thread.Sleep(1);
            told = trace.TakeProblem();
        }

        Assert.Contains("/data/trace.json", told);
        Assert.Contains("No space left", told);
        trace.Add(default, 1, PredictionStatus.Ok, 1);
        trace.Flush();
        Thread.Sleep(5);
        Assert.Null(trace.TakeProblem());
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_one_sentence()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => new TraceFile(new TraceOptions { File = "/no/such/folder/trace.json" }));
        Assert.Contains("/no/such/folder/trace.json", e.Message);
    }

    [Fact]
    public void A_file_at_its_limit_is_closed_and_told_once()
    {
        using var folder = new TempDirectory();
        using var trace = new TraceFile(new TraceOptions { File = folder["trace.json"], MaxSize = 0.001 });
        string? told = null;
        for (int i = 0; i < 20_000 && told is null; i++)
        {
            trace.Add(default, (ulong)i, PredictionStatus.Ok, i);
            trace.Flush();
            Thread.Sleep(1);
            told = trace.TakeProblem();
        }

        Assert.Contains("size limit", told);
        Assert.Null(trace.TakeProblem());
        long length = new FileInfo(folder["trace.json"]).Length;
        trace.Add(default, 1, PredictionStatus.Ok, 1);
        trace.Flush();
        Assert.Equal(length, new FileInfo(folder["trace.json"]).Length);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        using var folder = new TempDirectory();
        using var trace = new TraceFile(new TraceOptions { File = folder["trace.json"] }, capacity: 1000);
        trace.Add(default, 0, PredictionStatus.Ok, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
        {
            trace.Add(default, (ulong)i, PredictionStatus.Ok, i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, trace.Dropped);
    }

    /// <summary>Takes 300 bytes.</summary>
    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > 300)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
