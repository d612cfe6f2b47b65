namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module learns. It takes over the native tensor of <c>data</c>, which becomes invalid, and its place in a scope.</summary>
    public class Parameter : torch.Tensor
    {
        /// <summary>Makes a parameter of a tensor.</summary>
        public Parameter(torch.Tensor data, bool requires_grad = true)
            : base(Take(data, requires_grad, out DisposeScope? scope), scope)
        {
        }

        private static nint Take(torch.Tensor data, bool requiresGrad, out DisposeScope? scope)
        {
            data.requires_grad = requiresGrad;
            scope = data.OwningDisposeScope;
            return data.DecoupleFromNativeHandle();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Makes a parameter of a tensor, which becomes invalid.</summary>
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
