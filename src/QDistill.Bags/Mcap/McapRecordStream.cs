using QDistill.Bags.Compression;

namespace QDistill.Bags.Mcap;

/// <summary>The records of a file in their physical order, front to back, as checking needs them.</summary>
internal static class McapRecordStream
{
    /// <summary>Every record from the start magic to the footer.</summary>
    /// <exception cref="McapFormatException">A record is incomplete or cannot be.</exception>
    public static IEnumerable<(McapOpcode Opcode, long Offset, byte[] Content)> Read(McapFile file)
    {
        long at = McapFile.Magic.Length;
        while (true)
        {
            if (!file.TryReadRecordHead(at, out McapOpcode opcode, out ulong length))
            {
                throw new McapFormatException($"the file ends at byte {file.Length} without a footer");
            }

            if (opcode == McapOpcode.Invalid)
            {
                throw new McapFormatException($"the record at byte {at} has opcode 0");
            }

            if (length > (ulong)Math.Min(file.Length - at - 9, FrameDecoder.MaxSize))
            {
                throw new McapFormatException($"the {opcode} record at byte {at} has {length} bytes, more than the file holds from there on ({file.Length - at - 9})");
            }

            yield return (opcode, at, file.Read(at + 9, (long)length));
            if (opcode == McapOpcode.Footer)
            {
                yield break;
            }

            at += 9 + (long)length;
        }
    }
}
