namespace QDistill.Ros.CodeGen;

/// <summary>Where a definition's class is, and how its fields are called in C#.</summary>
internal static class CSharpNames
{
    // Members that every generated class has, or inherits from object.
    private static readonly HashSet<string> Taken = new(StringComparer.Ordinal)
    {
        "Read", "Write", "CopyFrom", "GetMessageType", "Equals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "ReferenceEquals", "ToNanoseconds",
        "SetNanoseconds",
    };

    public static string Namespace(string package) => "QDistill.Msgs." + InterfaceName.Pascal(package);

    /// <summary>The fully qualified class of a message, or of a part of a service or action, which is nested in it.</summary>
    public static string Class(string name)
    {
        string[] parts = name.Split('/');
        string path = parts[1] == "msg" ? parts[2] : string.Join('.', parts[2].Split('_'));
        return $"global::{Namespace(parts[0])}.{path}";
    }

    /// <summary>The innermost name of the class: <c>Request</c> for <c>rcl_interfaces/srv/GetParameters_Request</c>.</summary>
    public static string Simple(string name)
    {
        string path = Class(name);
        return path[(path.LastIndexOf('.') + 1)..];
    }

    /// <summary>
    /// Property names in field order: PascalCase, with an underscore after those that C# or the class itself already uses (<c>Range.Range_</c>), as protobuf does.
    /// </summary>
    public static string[] Properties(MessageDefinition definition)
    {
        var used = new HashSet<string>(Taken, StringComparer.Ordinal) { Simple(definition.Name) };
        used.UnionWith(definition.Constants.Select(c => c.Name));
        var names = new string[definition.Fields.Count];
        for (int i = 0; i < names.Length; i++)
        {
            string name = InterfaceName.Pascal(definition.Fields[i].Name);
            while (!used.Add(name))
            {
                name += "_";
            }

            names[i] = name;
        }

        return names;
    }
}
