using System.Diagnostics;
using QDistill.Ros.Tests.Messages;

namespace QDistill.Ros.Tests;

/// <summary>What became of a family's damaged payloads.</summary>
/// <param name="Family">The package.</param>
/// <param name="Types">Its message types.</param>
/// <param name="Read">Payloads that were read in spite of the damage.</param>
/// <param name="Refused">Payloads that were refused with a CdrException.</param>
/// <param name="MostAllocated">The most bytes allocated for one payload.</param>
/// <param name="Slowest">The longest time for one payload.</param>
internal sealed record CdrFuzzResult(string Family, int Types, long Read, long Refused, long MostAllocated, TimeSpan Slowest);

/// <summary>
/// Damaged CDR payloads of every type, from a seed: each must be read or refused with a <see cref="CdrException"/>, within memory in proportion to its size. Types of
/// one package are a family.
/// </summary>
internal static class CdrFuzz
{
    private const int Originals = 6;

    public static IReadOnlyList<string> Families() => [.. RandomMessages.AllTypes().Select(Family).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Runs one family.</summary>
    /// <exception cref="InvalidOperationException">A payload did worse than a CdrException; it is named with its bytes.</exception>
    public static CdrFuzzResult Run(string family, long payloads, int seed)
    {
        var random = new Random(seed);
        (string Name, IMessage Message, byte[][] Payloads)[] types = [.. RandomMessages.AllTypes().Where(n => Family(n) == family).Select(name =>
        {
            MessageRegistry.TryCreate(name, out IMessage? message);
            MessageDefinition definition = message!.GetMessageType().Structure;
            return (name, message, Enumerable.Range(0, Originals).Select(_ => Cdr.Serialize(RandomMessages.Make(definition, random))).ToArray());
        })];
        byte[] work = new byte[types.Max(t => t.Payloads.Max(p => p.Length)) + 8];
        long read = 0, refused = 0, most = 0, slowest = 0;
        for (long i = 0; i < payloads; i++)
        {
            (string name, IMessage message, byte[][] originals) = types[random.Next(types.Length)];
            byte[] original = originals[random.Next(Originals)];
            original.CopyTo(work, 0);
            Span<byte> payload = Damage(work, original.Length, random);
            long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            try
            {
                Cdr.Deserialize(payload, message);
                read++;
            }
            catch (CdrException)
            {
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{name}, payload {i} of seed {seed}: {e.GetType().Name}: {e.Message}\n{Convert.ToHexString(payload)}", e);
            }

            slowest = Math.Max(slowest, Stopwatch.GetTimestamp() - start);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            if (allocated > 400_000 + (2000L * payload.Length))
            {
                throw new InvalidOperationException($"{name}, payload {i} of seed {seed}: {allocated} bytes were allocated for {payload.Length}\n{Convert.ToHexString(payload)}");
            }
        }

        return new CdrFuzzResult(family, types.Length, read, refused, most, Stopwatch.GetElapsedTime(0, slowest));
    }

    /// <summary>Damages the first <paramref name="length"/> bytes in place, one to three times: flips, overwrites, cuts, doubles a piece, plants an absurd count.</summary>
    public static Span<byte> Damage(byte[] bytes, int length, Random random)
    {
        for (int n = random.Next(1, 4); n > 0 && length > 0; n--)
        {
            int at = random.Next(length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    length = at;
                    break;
                case 3:
                    int piece = Math.Min(random.Next(1, 17), length - at);
                    bytes.AsSpan(at, piece).CopyTo(bytes.AsSpan(random.Next(length - piece + 1)));
                    break;
                default:
                    at &= ~3;
                    if (at + 4 <= length)
                    {
                        BitConverter.TryWriteBytes(bytes.AsSpan(at), random.Next(2) == 0 ? uint.MaxValue >> random.Next(32) : (uint)random.Next(100));
                    }

                    break;
            }
        }

        return bytes.AsSpan(0, length);
    }

    private static string Family(string type) => type[..type.IndexOf('/')];
}
