using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A module that has nothing to learn and nothing to save.</summary>
/// <typeparam name="T1">The input.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>
{
    /// <summary>Creates the module.</summary>
    protected ParameterLessModule(string name)
        : base(name)
    {
    }

    /// <summary>Not possible.</summary>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw Refusal(name);

    /// <summary>Not possible.</summary>
    public override void register_parameter(string name, Parameter param) => throw Refusal(name);

    /// <summary>Not possible.</summary>
    public override void register_module(string name, nn.Module submodule) => throw Refusal(name);

    private InvalidOperationException Refusal(string what) => new($"{GetName()} has no state, so {what} cannot be registered");
}
