namespace QDistill.Ros;

/// <summary>A message type as the list of things to pass over, for reading one field without the others.</summary>
internal static class CdrLayout
{
    internal enum Code : byte
    {
        /// <summary>A known number of primitives of one size.</summary>
        Primitives,

        /// <summary>A known number of strings.</summary>
        Strings,

        /// <summary>A known number of UTF-16 strings.</summary>
        WStrings,

        /// <summary>A known number of messages.</summary>
        Messages,

        /// <summary>The octet of an empty structure.</summary>
        Empty,
    }

    /// <summary>One thing to pass over.</summary>
    /// <param name="Code">What.</param>
    /// <param name="Counted">Whether the wire says how many; then <paramref name="Count"/> is the bound or, with <paramref name="Index"/>, unused.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Size">Bytes of one primitive.</param>
    /// <param name="Nested">What one message consists of.</param>
    /// <param name="Index">Stop before this element; -1 passes over all.</param>
    internal sealed record Step(Code Code, bool Counted, int Count, int Size, Step[]? Nested, int Index);

    /// <summary>Adds the fields [first, end) of a type.</summary>
    public static void AddFields(MessageDefinition definition, int first, int end, List<Step> steps)
    {
        for (int i = first; i < end; i++)
        {
            FieldType type = definition.Fields[i].Type;
            Step step = ToStep(type, -1);
            if (step is { Code: Code.Primitives, Counted: false } && steps.Count > 0 && steps[^1] is { Code: Code.Primitives, Counted: false, Index: < 0 } before
                && before.Size == step.Size && (long)before.Count + step.Count < int.MaxValue)
            {
                steps[^1] = before with { Count = before.Count + step.Count };
            }
            else
            {
                steps.Add(step);
            }
        }
    }

    /// <summary>The step that leads to element <paramref name="index"/> of an array field.</summary>
    public static Step Into(FieldType type, int index) => ToStep(type, index);

    /// <summary>Passes over the steps.</summary>
    /// <returns>False when an array is too short for a step's index.</returns>
    public static bool Skip(Step[] steps, ref CdrReader reader)
    {
        foreach (Step step in steps)
        {
            int count = step.Counted ? reader.ReadCount(step.Size, step.Count) : step.Count;
            if (step.Index >= 0)
            {
                if (step.Index >= count)
                {
                    return false;
                }

                count = step.Index;
            }

            switch (step.Code)
            {
                case Code.Primitives:
                    reader.Skip(count, step.Size);
                    break;
                case Code.Empty:
                    reader.ReadEmptyStructure();
                    break;
                case Code.Strings:
                    for (; count > 0; count--)
                    {
                        reader.ReadStringBytes();
                    }

                    break;
                case Code.WStrings:
                    for (; count > 0; count--)
                    {
                        reader.SkipWString(0);
                    }

                    break;
                default:
                    for (; count > 0; count--)
                    {
                        Skip(step.Nested!, ref reader);
                    }

                    break;
            }
        }

        return true;
    }

    private static Step ToStep(FieldType type, int index)
    {
        bool counted = type.Array is ArrayKind.Sequence or ArrayKind.BoundedSequence;
        int count = type.Array switch
        {
            ArrayKind.None => 1,
            ArrayKind.Sequence => int.MaxValue,
            _ => type.Capacity,
        };
        return type.Kind switch
        {
            FieldKind.Message => new Step(Code.Messages, counted, count, 1, Of(type.Message!), index),
            FieldKind.String => new Step(Code.Strings, counted, count, 4, null, index),
            FieldKind.WString => new Step(Code.WStrings, counted, count, 4, null, index),
            _ => new Step(Code.Primitives, counted, count, type.Kind.PrimitiveSize(), null, index),
        };
    }

    private static Step[] Of(MessageDefinition definition)
    {
        if (definition.Layout is { } known)
        {
            return known;
        }

        var steps = new List<Step>();
        AddFields(definition, 0, definition.Fields.Count, steps);
        if (steps.Count == 0)
        {
            steps.Add(new Step(Code.Empty, false, 1, 1, null, -1));
        }

        return definition.Layout = [.. steps];
    }
}
