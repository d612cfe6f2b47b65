using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>Takes a concatenated ros2msg text apart: the type's own text, then others after lines of <c>=</c> and <c>MSG: package/Type</c>.</summary>
internal static class ConcatenatedDefinition
{
    /// <summary>The texts by full name; the first is that of <paramref name="name"/>.</summary>
    /// <exception cref="UserErrorException">The text is IDL, or a separator has no type name after it.</exception>
    public static List<KeyValuePair<string, string>> Split(string name, string text)
    {
        if (text.StartsWith("====", StringComparison.Ordinal) && text.Contains("IDL: ", StringComparison.Ordinal))
        {
            throw new UserErrorException("the definition is written in IDL (ros2idl), which is not read", name, "supply the type's .msg text");
        }

        var parts = new List<KeyValuePair<string, string>>();
        string current = name;
        int start = 0, at = 0;
        bool expectName = false;
        while (at <= text.Length)
        {
            int end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            ReadOnlySpan<char> line = text.AsSpan(at, end - at).TrimEnd();
            if (expectName && !line.IsEmpty)
            {
                string other = line.StartsWith("MSG:") || line.StartsWith("SRV:") ? InterfaceName.Full(line[4..].Trim().ToString()) : string.Empty;
                current = InterfaceName.IsFull(other)
                    ? other
                    : throw new UserErrorException($"a separator line is followed by '{line}' instead of 'MSG: package/Type'", name);
                expectName = false;
                start = Math.Min(text.Length, end + 1);
            }
            else if (!expectName && line.Length >= 40 && line.IndexOfAnyExcept('=') < 0)
            {
                // The newline before the separator belongs to the separator.
                Add(current, text[start..Math.Max(start, at - 1)]);
                expectName = true;
            }

            at = end + 1;
        }

        if (!expectName)
        {
            Add(current, text[start..]);
        }

        return parts;

        void Add(string type, string own)
        {
            if (!parts.Exists(p => p.Key == type))
            {
                parts.Add(new(type, own));
            }
        }
    }
}
