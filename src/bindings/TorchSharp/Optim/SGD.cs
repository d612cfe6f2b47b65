using TorchSharp.Modules;
using TorchSharp.Optim;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Gradient descent, optionally with momentum.</summary>
            public static Modules.SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Gradient descent, optionally with momentum.</summary>
            public static Modules.SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Gradient descent, optionally with momentum.</summary>
            public static Modules.SGD SGD(IEnumerable<Modules.SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Gradient descent, optionally with momentum (Sutskever et al. 2013, in PyTorch's form: v = momentum v + (1 - dampening) g, w -= lr v).</summary>
    public class SGD : OptimizerHelper, optim.IMomentum
    {
        private readonly Options defaults;
        private readonly List<(ParamGroup Group, GroupBuffers Buffers, Tensor?[] Velocity, nint[] Handles)> steps = [];

        /// <summary>Over parameters that share all options.</summary>
        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : this([new ParamGroup(parameters, new Options())], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        /// <summary>Over groups; options that a group leaves open are those given here.</summary>
        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lr);
            ArgumentOutOfRangeException.ThrowIfNegative(momentum);
            ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
            if (nesterov && (momentum <= 0 || dampening != 0))
            {
                throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
            }

            defaults = new Options { LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize };
            foreach (ParamGroup g in parameters)
            {
                add_param_group(g);
            }
        }

        /// <inheritdoc/>
        public double Momentum
        {
            get => steps[0].Group.Momentum;
            set
            {
                foreach (var s in steps)
                {
                    s.Group.Momentum = value;
                }
            }
        }

        /// <inheritdoc/>
        public override Tensor? step(Func<Tensor>? closure = null) => Step(closure);

        /// <inheritdoc/>
        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var group = (ParamGroup)param_group;
            Options o = group.Options;
            o.LearningRate ??= defaults.LearningRate;
            o.InitialLearningRate = o.LearningRate!.Value;
            o.momentum ??= defaults.momentum;
            o.dampening ??= defaults.dampening;
            o.weight_decay ??= defaults.weight_decay;
            o.nesterov ??= defaults.nesterov;
            o.maximize ??= defaults.maximize;
            base.add_param_group(group);
            var buffers = new GroupBuffers(group.Parameters);
            steps.Add((group, buffers, new Tensor?[buffers.Parameters.Length], buffers.NewArray()));
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            foreach (var s in steps)
            {
                foreach (Tensor? v in s.Velocity)
                {
                    v?.Dispose();
                }
            }
        }

        private protected override void StepGroup(Modules.ParamGroup group)
        {
            foreach (var s in steps)
            {
                if (ReferenceEquals(s.Group, group))
                {
                    Run(s.Group.Options, s.Buffers, s.Velocity, s.Handles);
                }
            }
        }

        private protected override void ZeroGradients(Modules.ParamGroup group)
        {
            foreach (var s in steps)
            {
                if (ReferenceEquals(s.Group, group))
                {
                    s.Buffers.Zero();
                }
            }
        }

        private static unsafe void Run(Options o, GroupBuffers buffers, Tensor?[] velocity, nint[] handles)
        {
            buffers.Collect();
            try
            {
                buffers.Prepare(o.maximize!.Value, o.weight_decay!.Value);
                double lr = o.LearningRate!.Value, momentum = o.momentum!.Value;
                nint* p = buffers.Handles, g = buffers.Gradients, v = GroupBuffers.Pin(handles);
                if (momentum == 0)
                {
                    if (buffers.Count > 0)
                    {
                        Foreach.Add(p, g, buffers.Count, -lr);
                    }

                    return;
                }

                for (int k = 0; k < buffers.Count; k++)
                {
                    int i = buffers.Active[k];
                    bool first = velocity[i] is null;
                    velocity[i] ??= zeros_like(buffers.Parameters[i]).DetachFromDisposeScope();
                    v[k] = velocity[i]!.Handle;
                    Foreach.Mul(v + k, 1, momentum);
                    Foreach.Add(v + k, g + k, 1, first ? 1 : 1 - o.dampening!.Value);
                }

                if (buffers.Count > 0)
                {
                    Foreach.Add(p, v, buffers.Count, o.nesterov!.Value ? -lr * momentum : -lr);
                    if (o.nesterov!.Value)
                    {
                        Foreach.Add(p, g, buffers.Count, -lr);
                    }
                }
            }
            finally
            {
                buffers.Release();
                GC.KeepAlive(velocity);
            }
        }

        /// <summary>The rule's options; null leaves the optimizer's default.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>The factor of the velocity.</summary>
            public double? momentum;

            /// <summary>By how much less the gradient counts in the velocity.</summary>
            public double? dampening;

            /// <summary>The weight of the penalty on the squared weights.</summary>
            public double? weight_decay;

            /// <summary>Whether the gradient is taken as if one step ahead.</summary>
            public bool? nesterov;

            /// <summary>Whether the objective is maximised.</summary>
            public bool? maximize;
        }

        /// <summary>Parameters that share options.</summary>
        public class ParamGroup : ParamGroup<Options>, optim.IMomentum
        {
            /// <summary>An empty group.</summary>
            public ParamGroup()
            {
            }

            /// <summary>A group with the given options.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
                : base(parameters, options)
            {
            }

            /// <summary>A group with the given options.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
            {
            }

            /// <inheritdoc/>
            public double Momentum
            {
                get => Options.momentum!.Value;
                set => Options.momentum = value;
            }
        }
    }
}
