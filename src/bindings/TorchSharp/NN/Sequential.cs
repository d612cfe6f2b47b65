using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules one after another.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.Module<Tensor, Tensor>> steps = [];

        internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
            : base(nameof(Sequential))
        {
            foreach ((string n, nn.Module<Tensor, Tensor> m) in modules)
            {
                append(n, m);
            }
        }

        /// <summary>The number of modules.</summary>
        public int Count => steps.Count;

        /// <summary>A module by its position.</summary>
        [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => steps[index];

        /// <summary>Adds a module at the end, under a name.</summary>
        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            var m = (nn.Module<Tensor, Tensor>)module;
            register_module(name, m);
            steps.Add(m);
            return this;
        }

        /// <summary>Adds a module at the end, named by its position.</summary>
        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(steps.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), module);

        /// <summary>Runs all modules; what one hands to the next is freed at once.</summary>
        public override Tensor forward(Tensor tensor)
        {
            if (steps.Count == 0)
            {
                return tensor.alias();
            }

            Tensor result = tensor;
            foreach (nn.Module<Tensor, Tensor> step in steps)
            {
                Tensor next = step.call(result);
                if (!ReferenceEquals(result, tensor) && !ReferenceEquals(result, next))
                {
                    result.Dispose();
                }

                result = next;
            }

            return result;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>No modules yet.</summary>
            public static Modules.Sequential Sequential() => new();

            /// <summary>Named modules one after another.</summary>
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

            /// <summary>Modules one after another, named 0, 1, ...</summary>
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            /// <summary>Named modules one after another.</summary>
            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new([.. modules]);

            /// <summary>Modules one after another, named 0, 1, ...</summary>
            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = new Modules.Sequential();
                foreach (Module<Tensor, Tensor> m in modules)
                {
                    result.append(m);
                }

                return result;
            }
        }
    }
}
