using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Fills messages of any type with random content, edge values included.</summary>
internal static class RandomMessages
{
    private static readonly string[] Texts = ["", "a", "map", "base_link", "/scan", "héllo", "世界", "🤖🦾", "with\0nul", new('x', 300), " \t\n"];

    /// <summary>Every message that is compiled in, parts of services and actions included.</summary>
    public static IEnumerable<string> AllTypes() => MessageDefinitions.BuiltIn.Names
        .SelectMany(n => n.Split('/')[1] switch
        {
            "srv" => Service(n),
            "action" => [n + "_Goal", n + "_Result", n + "_Feedback", n + "_FeedbackMessage", .. Service(n + "_SendGoal"), .. Service(n + "_GetResult")],
            _ => new[] { n },
        });

    public static DynamicMessage Make(MessageDefinition definition, Random random)
    {
        var message = new DynamicMessage(definition);
        foreach (FieldDefinition field in definition.Fields)
        {
            FieldType type = field.Type;
            message.Set(field.Name, type.Array switch
            {
                ArrayKind.None => Value(type, random),
                ArrayKind.Fixed => Values(type, type.Capacity, random),
                ArrayKind.BoundedSequence => Values(type, random.Next(Math.Min(type.Capacity, 4) + 1), random),
                _ => Values(type, random.Next(4) == 0 ? random.Next(40) : random.Next(4), random),
            });
        }

        return message;
    }

    private static string[] Service(string name) => [name + "_Request", name + "_Response", name + "_Event"];

    private static object[] Values(FieldType type, int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => Value(type, random))];

    private static object Value(FieldType type, Random random) => type.Kind switch
    {
        FieldKind.Message => Make(type.Message!, random),
        FieldKind.Bool => random.Next(2) == 1,
        FieldKind.Byte or FieldKind.Char or FieldKind.UInt8 => (byte)random.Next(256),
        FieldKind.Int8 => (sbyte)random.Next(-128, 128),
        FieldKind.Int16 => (short)random.Next(short.MinValue, short.MaxValue + 1),
        FieldKind.UInt16 => (ushort)random.Next(ushort.MaxValue + 1),
        FieldKind.Int32 => random.Next(4) == 0 ? int.MinValue : (int)random.NextInt64(),
        FieldKind.UInt32 => (uint)random.NextInt64(),
        FieldKind.Int64 => random.Next(4) == 0 ? long.MinValue : random.NextInt64(),
        FieldKind.UInt64 => random.Next(4) == 0 ? ulong.MaxValue : (ulong)random.NextInt64(),
        FieldKind.Float32 => random.Next(8) switch { 0 => float.NaN, 1 => float.NegativeInfinity, 2 => -0f, _ => (float)random.NextDouble() },
        FieldKind.Float64 => random.Next(8) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.Epsilon, _ => random.NextDouble() },
        _ => type.StringBound > 0 ? new string('b', random.Next(Math.Min(type.StringBound, 300) + 1)) : Texts[random.Next(Texts.Length)],
    };
}
