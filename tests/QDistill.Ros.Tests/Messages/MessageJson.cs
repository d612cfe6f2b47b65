using System.Collections;
using System.Reflection;
using System.Text.Json;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Compares messages with the JSON of the golden vectors: every field named there, and none besides.</summary>
internal static class MessageJson
{
    /// <summary>Fails when a field of the message differs from the JSON object.</summary>
    public static void AssertEqual(JsonElement expected, IMessage actual, string path = "")
    {
        MessageDefinition definition = actual is DynamicMessage d ? d.Definition : actual.GetMessageType().Structure;
        string[] names = [.. expected.EnumerateObject().Select(p => p.Name)];
        Assert.Equal(names.Order(), definition.Fields.Select(f => f.Name).Order());
        foreach (JsonProperty field in expected.EnumerateObject())
        {
            AssertValue(field.Value, Value(actual, field.Name), $"{path}.{field.Name}");
        }
    }

    /// <summary>The value of a ROS field: by reflection for generated classes (tests may), by name for dynamic messages.</summary>
    public static object Value(IMessage message, string field)
    {
        if (message is DynamicMessage dynamic)
        {
            return dynamic.Get(field);
        }

        string name = InterfaceNameForTests.Pascal(field);
        PropertyInfo? property = null;
        while (property is null || property.GetMethod!.IsStatic)
        {
            property = message.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
            name += "_";
            Assert.True(name.Length < 200, $"{message.GetType()} has no property for {field}");
        }

        return property.GetValue(message)!;
    }

    private static void AssertValue(JsonElement expected, object actual, string path)
    {
        switch (actual)
        {
            case IMessage message:
                AssertEqual(expected, message, path);
                break;
            case string text:
                Assert.True(expected.GetString() == text, $"{path}: '{text}' instead of {expected}");
                break;
            case bool b:
                Assert.True(expected.GetBoolean() == b, path);
                break;
            case double or float:
                double value = Convert.ToDouble(actual);
                double wanted = expected.ValueKind == JsonValueKind.String
                    ? expected.GetString() switch { "NaN" => double.NaN, "Infinity" => double.PositiveInfinity, _ => double.NegativeInfinity }
                    : expected.GetDouble();
                Assert.True(wanted.Equals(value), $"{path}: {value:R} instead of {wanted:R}");
                break;
            case IEnumerable list:
                object[] elements = [.. list.Cast<object>()];
                Assert.Equal(expected.GetArrayLength(), elements.Length);
                for (int i = 0; i < elements.Length; i++)
                {
                    AssertValue(expected[i], elements[i], $"{path}[{i}]");
                }

                break;
            default:
                Assert.True(expected.GetRawText() == Convert.ToString(actual, System.Globalization.CultureInfo.InvariantCulture), $"{path}: {actual} instead of {expected}");
                break;
        }
    }
}

/// <summary>The documented rule from field to property: the test's own, so that a change in the generator is noticed.</summary>
internal static class InterfaceNameForTests
{
    public static string Pascal(string field) => string.Concat(field.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
