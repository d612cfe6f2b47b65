using TorchSharp.Modules;
using TorchSharp.Optim;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Adam (Kingma and Ba 2015); weight decay is a penalty on the squared weights.</summary>
            public static Modules.Adam Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Adam (Kingma and Ba 2015); weight decay is a penalty on the squared weights.</summary>
            public static Modules.Adam Adam(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Adam (Kingma and Ba 2015); weight decay is a penalty on the squared weights.</summary>
            public static Modules.Adam Adam(IEnumerable<Modules.Adam.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Adam (Kingma and Ba 2015); weight decay is a penalty on the squared weights.</summary>
    public class Adam : OptimizerHelper, optim.IBetas
    {
        private readonly Options defaults;
        private readonly List<(ParamGroup Group, AdamStep Step)> steps = [];

        /// <summary>Over parameters that share all options.</summary>
        public Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup(parameters, new Options())], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        /// <summary>Over groups; options that a group leaves open are those given here.</summary>
        public Adam(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lr);
            ArgumentOutOfRangeException.ThrowIfNegative(eps);
            ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
            if (beta1 is < 0 or >= 1 || beta2 is < 0 or >= 1)
            {
                throw new ArgumentException($"beta1 and beta2 must lie in [0, 1): {beta1}, {beta2}");
            }

            defaults = new Options { LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
            foreach (ParamGroup g in parameters)
            {
                add_param_group(g);
            }
        }

        /// <inheritdoc/>
        public (double, double) Betas
        {
            get => steps[0].Group.Betas;
            set
            {
                foreach ((ParamGroup g, AdamStep _) in steps)
                {
                    g.Betas = value;
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
            o.beta1 ??= defaults.beta1;
            o.beta2 ??= defaults.beta2;
            o.eps ??= defaults.eps;
            o.weight_decay ??= defaults.weight_decay;
            o.amsgrad ??= defaults.amsgrad;
            o.maximize ??= defaults.maximize;
            base.add_param_group(group);
            steps.Add((group, new AdamStep(group.Parameters, o.amsgrad!.Value)));
        }

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            foreach ((ParamGroup _, AdamStep s) in steps)
            {
                s.Dispose();
            }
        }

        private protected override void StepGroup(Modules.ParamGroup group)
        {
            foreach ((ParamGroup g, AdamStep s) in steps)
            {
                if (ReferenceEquals(g, group))
                {
                    Options o = g.Options;
                    s.Run(o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value, o.eps!.Value, o.weight_decay!.Value, decoupled: false, o.maximize!.Value);
                }
            }
        }

        private protected override void ZeroGradients(Modules.ParamGroup group)
        {
            foreach ((ParamGroup g, AdamStep s) in steps)
            {
                if (ReferenceEquals(g, group))
                {
                    s.ZeroGradients();
                }
            }
        }

        /// <summary>The rule's options; null leaves the optimizer's default.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>The factor of the running mean of gradients.</summary>
            public double? beta1;

            /// <summary>The factor of the running mean of squared gradients.</summary>
            public double? beta2;

            /// <summary>The weight of the penalty on the squared weights.</summary>
            public double? weight_decay;

            /// <summary>What is added to the denominator.</summary>
            public double? eps;

            /// <summary>Whether the greatest second moment so far is used.</summary>
            public bool? amsgrad;

            /// <summary>Whether the objective is maximised.</summary>
            public bool? maximize;
        }

        /// <summary>Parameters that share options.</summary>
        public class ParamGroup : ParamGroup<Options>, optim.IBetas
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
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
            {
            }

            /// <inheritdoc/>
            public (double, double) Betas
            {
                get => (Options.beta1!.Value, Options.beta2!.Value);
                set => (Options.beta1, Options.beta2) = value;
            }
        }
    }
}
