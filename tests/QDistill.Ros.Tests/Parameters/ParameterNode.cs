using Fp = QDistill.Ros.FloatingPointRange;
using Int = QDistill.Ros.IntegerRange;

namespace QDistill.Ros.Tests;

/// <summary>The node of the parameter transcripts.</summary>
internal static class ParameterNode
{
    public static Node Start(RosContext context, string name, bool allowUndeclared = false, NodeOptions? options = null, string? nameSpace = null)
    {
        Node node = context.CreateNode(name, nameSpace, (options ?? new NodeOptions { StartParameterServices = true }) with { AllowUndeclaredParameters = allowUndeclared });
        NodeParameters p = node.Parameters;
        p.Declare("bool_p", true);
        p.Declare("int_p", 7L);
        p.Declare("double_p", 1.5);
        p.Declare("string_p", "hello");
        p.Declare("int_range", 4L, new ParameterOptions { Description = "an int in a range", AdditionalConstraints = "even only", IntegerRange = new Int(0, 10, 2) });
        p.Declare("int_range3", 3L, new ParameterOptions { Description = "int range, step 3 that does not hit the end", IntegerRange = new Int(0, 10, 3) });
        p.Declare("double_range", 0.5, new ParameterOptions { Description = "a double in a range", FloatingPointRange = new Fp(-1, 1, 0.25) });
        p.Declare("double_nostep", 0.5, new ParameterOptions { FloatingPointRange = new Fp(0, 1) });
        p.Declare("ro_p", "fixed", new ParameterOptions { Description = "cannot change", ReadOnly = true });
        p.Declare("dyn_p", 1L, new ParameterOptions { DynamicTyping = true });
        p.Declare("byte_arr", new byte[] { 1, 2, 255 });
        p.Declare("bool_arr", new[] { true, false });
        p.Declare("int_arr", new long[] { 1, -2, 3 });
        p.Declare("double_arr", new[] { 0.5, 2.0 });
        p.Declare("string_arr", new[] { "a", "b c" });
        p.Declare("group.a", 1L);
        p.Declare("group.b.c", 2L);
        p.Declare("group.b.d.e", 3L);
        p.Declare("groupx", 4L);
        p.Declare("other.x", 5L);
        p.Declare("guarded", 1L);
        p.Declare("uninit", ParameterType.Integer);
        p.AddOnSetCallback(parameters => parameters.Any(x => x.Name == "guarded" && x.Value.Value is < 0L) ? "guarded must not be negative" : null);
        return node;
    }
}
