using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// Reads the ROS 2 interface language (.msg, .srv, .action). Message names are made full but not yet resolved. ROS 1 short cuts are understood: <c>time</c>,
/// <c>duration</c> and a bare <c>Header</c>.
/// </summary>
internal static class InterfaceParser
{
    private const int MaxArray = 0x7FFF_FFC7; // the longest array .NET can hold

    /// <summary>Parses one message's own text.</summary>
    /// <param name="name">The full name; its package completes short names of other messages.</param>
    /// <param name="text">The .msg text.</param>
    /// <param name="knowsLocally">Tells whether the package itself has a message of the given full name (only asked for <c>Header</c>).</param>
    /// <exception cref="UserErrorException">The text is not valid; the error names type and line.</exception>
    public static MessageDefinition ParseMessage(string name, string text, Func<string, bool>? knowsLocally = null)
    {
        string package = name[..name.IndexOf('/')];
        var fields = new List<FieldDefinition>();
        var constants = new List<ConstantDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = WithoutComment(raw).Trim();
            if (line.IsEmpty)
            {
                continue;
            }

            string where = $"{name}, line {number}";
            int space = line.IndexOfAny(' ', '\t');
            if (space < 0)
            {
                throw new UserErrorException($"'{line}' is neither a field (type name) nor a constant (type NAME=value)", where);
            }

            FieldType type = ParseType(line[..space].ToString(), package, where, knowsLocally);
            ReadOnlySpan<char> rest = line[space..].TrimStart();
            int end = 0;
            while (end < rest.Length && (char.IsAsciiLetterOrDigit(rest[end]) || rest[end] == '_'))
            {
                end++;
            }

            string member = rest[..end].ToString();
            ReadOnlySpan<char> value = rest[end..];
            if (!InterfaceName.IsWord(member) || (value.Length > 0 && value[0] is not (' ' or '\t' or '=')))
            {
                throw new UserErrorException($"'{rest}' does not begin with a field name", where);
            }

            if (!names.Add(member))
            {
                throw new UserErrorException($"'{member}' is defined twice", where);
            }

            value = value.Trim();
            if (value.Length > 0 && value[0] == '=')
            {
                if (type.Array != ArrayKind.None || type.Kind == FieldKind.Message)
                {
                    throw new UserErrorException($"the constant '{member}' must be a number, a bool or a string, not {type}", where);
                }

                constants.Add(new ConstantDefinition(member, type.Kind, ParseScalar(type, value[1..].Trim(), where)));
            }
            else
            {
                fields.Add(new FieldDefinition(member, type, value.IsEmpty ? null : ParseDefault(type, value, where)));
            }
        }

        return new MessageDefinition(name, fields, constants, text);
    }

    /// <summary>
    /// Parses a .srv text into request, response, event and the service itself (a description with the fields <c>request_message</c>, <c>response_message</c> and
    /// <c>event_message</c>, which only its hash needs), in this order.
    /// </summary>
    public static MessageDefinition[] ParseService(string name, string text)
    {
        string[] parts = Parts(name, text, 2);
        return Service(name, ParseMessage(name + "_Request", parts[0]), ParseMessage(name + "_Response", parts[1]), text);
    }

    /// <summary>
    /// Parses an .action text into everything that the action consists of: goal, result, feedback, the two services (each with its parts), the feedback message and
    /// the action itself.
    /// </summary>
    public static MessageDefinition[] ParseAction(string name, string text)
    {
        string[] parts = Parts(name, text, 3);
        MessageDefinition goal = ParseMessage(name + "_Goal", parts[0]);
        MessageDefinition result = ParseMessage(name + "_Result", parts[1]);
        MessageDefinition feedback = ParseMessage(name + "_Feedback", parts[2]);
        MessageDefinition[] sendGoal = Service(
            name + "_SendGoal",
            Synthetic(name + "_SendGoal_Request", Message("goal_id", "unique_identifier_msgs/msg/UUID"), Message("goal", goal.Name)),
            Synthetic(name + "_SendGoal_Response", new FieldDefinition("accepted", new FieldType(FieldKind.Bool)), Message("stamp", "builtin_interfaces/msg/Time")),
            string.Empty);
        MessageDefinition[] getResult = Service(
            name + "_GetResult",
            Synthetic(name + "_GetResult_Request", Message("goal_id", "unique_identifier_msgs/msg/UUID")),
            Synthetic(name + "_GetResult_Response", new FieldDefinition("status", new FieldType(FieldKind.Int8)), Message("result", result.Name)),
            string.Empty);
        MessageDefinition feedbackMessage = Synthetic(
            name + "_FeedbackMessage", Message("goal_id", "unique_identifier_msgs/msg/UUID"), Message("feedback", feedback.Name));
        var action = new MessageDefinition(
            name,
            [
                Message("goal", goal.Name), Message("result", result.Name), Message("feedback", feedback.Name), Message("send_goal_service", name + "_SendGoal"),
                Message("get_result_service", name + "_GetResult"), Message("feedback_message", feedbackMessage.Name),
            ],
            [],
            text);
        MessageDefinition[] all = [goal, result, feedback, .. sendGoal, .. getResult, feedbackMessage, action];
        foreach (MessageDefinition part in all.AsSpan(0, all.Length - 1))
        {
            part.Whole = action;
        }

        return all;
    }

    /// <summary>Fills in <see cref="FieldType.Message"/> of every field, and refuses types that contain themselves or nest too deeply.</summary>
    public static void Resolve(MessageDefinition definition, Func<string, MessageDefinition?> find) => Resolve(definition, find, [], []);

    private static void Resolve(MessageDefinition definition, Func<string, MessageDefinition?> find, List<string> path, HashSet<MessageDefinition> done)
    {
        if (done.Contains(definition))
        {
            return;
        }

        if (path.Contains(definition.Name))
        {
            throw new UserErrorException("the type contains itself: " + string.Join(" > ", [.. path, definition.Name]), definition.Name);
        }

        if (path.Count >= MessageDefinition.MaxDepth)
        {
            throw new UserErrorException($"the type nests more than {MessageDefinition.MaxDepth} levels deep", path[0]);
        }

        path.Add(definition.Name);
        foreach (FieldDefinition field in definition.Fields)
        {
            if (field.Type.Kind != FieldKind.Message)
            {
                continue;
            }

            field.Type.Message ??= find(field.Type.MessageName!)
                ?? throw new UserErrorException(
                    $"the definition of {field.Type.MessageName}, which field '{field.Name}' needs, is missing", definition.Name, "supply its .msg text");
            Resolve(field.Type.Message, find, path, done);
        }

        path.RemoveAt(path.Count - 1);
        done.Add(definition);
    }

    private static MessageDefinition[] Service(string name, MessageDefinition request, MessageDefinition response, string text)
    {
        MessageDefinition @event = Synthetic(
            name + "_Event",
            Message("info", "service_msgs/msg/ServiceEventInfo"),
            new FieldDefinition("request", new FieldType(FieldKind.Message, request.Name, 0, ArrayKind.BoundedSequence, 1)),
            new FieldDefinition("response", new FieldType(FieldKind.Message, response.Name, 0, ArrayKind.BoundedSequence, 1)));
        var service = new MessageDefinition(
            name, [Message("request_message", request.Name), Message("response_message", response.Name), Message("event_message", @event.Name)], [], text);
        request.Whole = response.Whole = @event.Whole = service;
        return [request, response, @event, service];
    }

    private static FieldDefinition Message(string field, string type) => new(field, new FieldType(FieldKind.Message, type));

    // Types that rosidl derives have no text of their own.
    private static MessageDefinition Synthetic(string name, params FieldDefinition[] fields) => new(name, fields, [], string.Empty);

    private static string[] Parts(string name, string text, int count)
    {
        var parts = new List<string>();
        int start = 0, at = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int next = Math.Min(text.Length, at + line.Length);
            if (line.Trim().SequenceEqual("---"))
            {
                parts.Add(text[start..at]);
                start = next + NewLine(text, next);
            }

            at = next + NewLine(text, next);
        }

        parts.Add(text[Math.Min(start, text.Length)..]);
        return parts.Count == count
            ? [.. parts]
            : throw new UserErrorException($"{count - 1} separator line(s) '---' are needed, {parts.Count - 1} found", name);

        static int NewLine(string text, int at) =>
            at >= text.Length ? 0 : text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
    }

    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote != '\0')
            {
                if (c == '\\')
                {
                    i++;
                }
                else if (c == quote)
                {
                    quote = '\0';
                }
            }
            else if (c == '#')
            {
                return line[..i];
            }
            else if (c is '"' or '\'' && i > 0 && line[i - 1] is ' ' or '\t' or '=' or ',' or '[' && line[i..].LastIndexOf(c) > 0)
            {
                quote = c;
            }
        }

        return line;
    }

    private static FieldType ParseType(string text, string package, string where, Func<string, bool>? knowsLocally)
    {
        string element = text;
        ArrayKind array = ArrayKind.None;
        int capacity = 0;
        if (text.EndsWith(']'))
        {
            int open = text.LastIndexOf('[');
            ReadOnlySpan<char> inside = open < 0 ? default : text.AsSpan(open + 1, text.Length - open - 2);
            element = open < 0 ? string.Empty : text[..open];
            if (inside.IsEmpty)
            {
                array = ArrayKind.Sequence;
            }
            else
            {
                array = inside.StartsWith("<=") ? ArrayKind.BoundedSequence : ArrayKind.Fixed;
                capacity = Bound(array == ArrayKind.Fixed ? inside : inside[2..], text, where);
            }
        }

        int stringBound = 0;
        int limit = element.IndexOf("<=", StringComparison.Ordinal);
        if (limit >= 0)
        {
            stringBound = Bound(element.AsSpan(limit + 2), text, where);
            element = element[..limit];
            if (element is not ("string" or "wstring"))
            {
                throw new UserErrorException($"only strings can have a bound, not '{text}'", where);
            }
        }

        if (FieldKinds.TryParse(element, out FieldKind kind))
        {
            return new FieldType(kind, null, stringBound, array, capacity);
        }

        string full = element switch
        {
            "time" => "builtin_interfaces/msg/Time",
            "duration" => "builtin_interfaces/msg/Duration",
            "Header" when knowsLocally is null || !knowsLocally(package + "/msg/Header") => "std_msgs/msg/Header",
            _ when !element.Contains('/') => package + "/msg/" + element,
            _ => InterfaceName.Full(element),
        };
        return InterfaceName.IsFull(full)
            ? new FieldType(FieldKind.Message, full, 0, array, capacity)
            : throw new UserErrorException($"'{text}' is not a type", where);
    }

    private static int Bound(ReadOnlySpan<char> digits, string text, string where) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= MaxArray
            ? n
            : throw new UserErrorException($"the bound in '{text}' must be a whole number from 1 to {MaxArray}", where);

    private static object ParseDefault(FieldType type, ReadOnlySpan<char> value, string where)
    {
        if (type.Kind == FieldKind.Message)
        {
            throw new UserErrorException($"a message field cannot have the default '{value}'", where);
        }

        if (type.Array == ArrayKind.None)
        {
            return ParseScalar(type, value, where);
        }

        if (value[0] != '[' || value[^1] != ']')
        {
            throw new UserErrorException($"the default of an array must be in square brackets, not '{value}'", where);
        }

        var items = new List<object>();
        foreach (string item in SplitList(value[1..^1]))
        {
            items.Add(ParseScalar(type, item, where));
        }

        bool fits = type.Array switch
        {
            ArrayKind.Fixed => items.Count == type.Capacity,
            ArrayKind.BoundedSequence => items.Count <= type.Capacity,
            _ => true,
        };
        return fits ? items.ToArray() : throw new UserErrorException($"the default has {items.Count} elements, which does not fit {type}", where);
    }

    private static List<string> SplitList(ReadOnlySpan<char> list)
    {
        var items = new List<string>();
        int start = 0;
        char quote = '\0';
        for (int i = 0; i <= list.Length; i++)
        {
            if (i == list.Length || (list[i] == ',' && quote == '\0'))
            {
                ReadOnlySpan<char> item = list[start..i].Trim();
                if (!item.IsEmpty || i < list.Length)
                {
                    items.Add(item.ToString());
                }

                start = i + 1;
            }
            else if (quote != '\0' && list[i] == '\\')
            {
                i++;
            }
            else if (list[i] == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && list[i] is '"' or '\'' && list[start..i].Trim().IsEmpty)
            {
                quote = list[i];
            }
        }

        return items;
    }

    private static object ParseScalar(FieldType type, ReadOnlySpan<char> value, string where)
    {
        FieldKind kind = type.Kind;
        string text = value.ToString();
        switch (kind)
        {
            case FieldKind.Bool when text.ToLowerInvariant() is "true" or "1":
                return true;
            case FieldKind.Bool when text.ToLowerInvariant() is "false" or "0":
                return false;
            case FieldKind.Float32 or FieldKind.Float64 when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d):
                return d;
            case FieldKind.String or FieldKind.WString:
                return Unquote(text);
            case FieldKind.UInt64 when TryInteger(text, out Int128 n) && n >= 0 && n <= ulong.MaxValue:
                return (ulong)n;
            case not (FieldKind.Bool or FieldKind.Float32 or FieldKind.Float64) when TryInteger(text, out Int128 n) && Fits(kind, n):
                return (long)n;
        }

        throw new UserErrorException($"'{text}' is not a value of type {kind.RosName()}", where);
    }

    private static bool TryInteger(string text, out Int128 value)
    {
        ReadOnlySpan<char> digits = text;
        bool negative = digits.Length > 0 && digits[0] == '-';
        if (digits.Length > 0 && digits[0] is '-' or '+')
        {
            digits = digits[1..];
        }

        bool hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase), binary = digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase);
        bool ok = hexadecimal ? Int128.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : binary ? Int128.TryParse(digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value)
            : Int128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        value = negative ? -value : value;
        return ok;
    }

    private static bool Fits(FieldKind kind, Int128 n) => kind switch
    {
        FieldKind.Int8 => n >= sbyte.MinValue && n <= sbyte.MaxValue,
        FieldKind.Int16 => n >= short.MinValue && n <= short.MaxValue,
        FieldKind.UInt16 => n >= 0 && n <= ushort.MaxValue,
        FieldKind.Int32 => n >= int.MinValue && n <= int.MaxValue,
        FieldKind.UInt32 => n >= 0 && n <= uint.MaxValue,
        FieldKind.Int64 => n >= long.MinValue && n <= long.MaxValue,
        _ => n >= 0 && n <= byte.MaxValue,
    };

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0]
            ? text[1..^1].Replace("\\" + text[0], text[0].ToString(), StringComparison.Ordinal)
            : text;
}
