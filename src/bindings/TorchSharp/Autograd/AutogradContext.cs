using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What the forward of a function hands to its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> data = [];
            private int saved;

            internal AutogradContext()
            {
            }

            /// <summary>Whether backward gets zeros for outputs that no gradient reached; true unless changed. Otherwise it gets null.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            internal List<Tensor> ToSave { get; private set; } = [];

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            /// <summary>The node, while its backward runs.</summary>
            internal nint RunningNode { get; set; }

            /// <summary>Saves inputs or outputs for <see cref="get_saved_variables"/>, checked against changes in place.</summary>
            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;

            /// <summary>Saves anything else for <see cref="get_data"/>.</summary>
            public void save_data(string key, object value) => data[key] = value;

            /// <summary>Declares inputs that forward changes in place.</summary>
            public void mark_dirty(List<Tensor> tensors) => Dirty = tensors;

            /// <summary>Declares outputs through which no gradient flows.</summary>
            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = tensors;

            /// <summary>Sets <see cref="MaterializeGrads"/>.</summary>
            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>What <see cref="save_for_backward"/> saved; only inside backward.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (RunningNode == 0)
                {
                    throw new InvalidOperationException("saved tensors can be read only while backward runs");
                }

                nint[] handles = new nint[saved];
                fixed (nint* p = handles)
                {
                    Check(qd_torch_function_saved(RunningNode, p, saved));
                }

                return [.. handles.Select(h => h == 0 ? null! : new Tensor(h))];
            }

            /// <summary>What <see cref="save_data"/> saved under a key.</summary>
            public object get_data(string key) => data[key];

            /// <summary>Forgets everything.</summary>
            public void Dispose() => data.Clear();

            internal unsafe void Save(nint node)
            {
                saved = ToSave.Count;
                fixed (nint* p = Handles(ToSave))
                {
                    Check(qd_torch_function_save(node, p, saved));
                }

                GC.KeepAlive(ToSave);
                Forget();
            }

            // The native node holds what backward needs; a managed reference would keep tensors of the graph alive.
            internal void Forget()
            {
                ToSave = [];
                Dirty = [];
                NonDifferentiable = [];
            }
        }
    }
}
