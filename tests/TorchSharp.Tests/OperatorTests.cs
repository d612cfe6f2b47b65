using System.Reflection;
using TorchSharp.Native;

namespace TorchSharp.Tests;

public class OperatorTests
{
    public static TheoryData<string> All => [.. typeof(Aten).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_operator_of_the_binding_exists_in_libtorch(string name)
    {
        var op = (Operator)typeof(Aten).GetField(name, BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        Assert.StartsWith("aten::", op.Schema);
    }
}
