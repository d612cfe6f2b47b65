using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Work on the parameters of a model.</summary>
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their common norm is at most max_norm; returns the norm before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable guard = no_grad();
                Tensor[] grads = [.. tensors.Select(p => p.grad).Where(g => g is not null).Select(g => g!)];
                if (grads.Length == 0)
                {
                    return 0;
                }

                Tensor norms = stack(grads.Select(g => linalg.vector_norm(g, norm_type)));
                double total = linalg.vector_norm(norms, norm_type).ToDouble();
                double factor = max_norm / (total + 1e-6);
                if (factor < 1)
                {
                    foreach (Tensor g in grads)
                    {
                        g.mul_(factor);
                    }
                }

                return total;
            }

            /// <summary>Limits each element of all gradients.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using IDisposable guard = no_grad();
                foreach (Parameter p in tensors)
                {
                    using Tensor? g = p.grad;
                    g?.clamp_(-clip_value, clip_value);
                }
            }

            /// <summary>All parameters as one vector.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                return scope.MoveToOuter(cat([.. tensors.Select(p => p.reshape(-1))]));
            }

            /// <summary>Writes a vector into all parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable guard = no_grad();
                long at = 0;
                foreach (Parameter p in tensors)
                {
                    long n = p.numel();
                    p.copy_(vec.narrow(0, at, n).view(p.shape));
                    at += n;
                }
            }
        }
    }
}
