namespace TorchSharp.Utils;

/// <summary>The name under which a field is registered in its module, in place of the field's own.</summary>
[AttributeUsage(AttributeTargets.Field)]
public class ComponentNameAttribute : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; set; } = string.Empty;
}
