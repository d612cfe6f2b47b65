using System.Diagnostics;
using QDistill.Ros.Tests;

namespace QDistill.Benchmarks;

/// <summary>The long run of the CDR fuzzer: <c>qdistill-bench fuzz [PAYLOADS [SEED]]</c>, a million damaged payloads for each package unless told otherwise.</summary>
internal static class CdrFuzzRun
{
    public static int Run(string[] args)
    {
        long payloads = 1_000_000;
        int seed = 1;
        if (args.Length > 2 || (args.Length > 0 && !(long.TryParse(args[0], out payloads) && payloads > 0)) || (args.Length > 1 && !int.TryParse(args[1], out seed)))
        {
            Console.Error.WriteLine("usage: qdistill-bench fuzz [PAYLOADS [SEED]]   (both whole numbers)");
            return 2;
        }

        Console.WriteLine($"{"family",-28} {"types",5} {"read",9} {"refused",9} {"most bytes",11} {"slowest ms",10} {"s",6}");
        long total = 0;
        foreach (string family in CdrFuzz.Families())
        {
            long start = Stopwatch.GetTimestamp();
            CdrFuzzResult r;
            try
            {
                r = CdrFuzz.Run(family, payloads, seed);
            }
            catch (InvalidOperationException e)
            {
                Console.Error.WriteLine($"{family}: {e.Message}");
                return 1;
            }

            total += r.Read + r.Refused;
            Console.WriteLine($"{family,-28} {r.Types,5} {r.Read,9} {r.Refused,9} {r.MostAllocated,11} {r.Slowest.TotalMilliseconds,10:F1} {Stopwatch.GetElapsedTime(start).TotalSeconds,6:F0}");
        }

        Console.WriteLine($"{total} payloads, seed {seed}: none did worse than a refusal");
        return 0;
    }
}
