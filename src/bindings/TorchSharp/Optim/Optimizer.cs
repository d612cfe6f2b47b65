using TorchSharp.Modules;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Rules by which parameters follow their gradients.</summary>
        public static partial class optim
        {
            /// <summary>A rule by which parameters follow their gradients.</summary>
            public abstract partial class Optimizer : IDisposable
            {
                /// <summary>The groups of parameters, each with options of its own.</summary>
                protected IList<ParamGroup> _parameter_groups = [];

                private protected Optimizer()
                {
                }

                /// <summary>The groups, for schedulers.</summary>
                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                /// <summary>Sets all gradients to 0.</summary>
                public virtual void zero_grad()
                {
                    foreach (Parameter p in parameters())
                    {
                        using Tensor? grad = p.grad;
                        grad?.zero_();
                    }
                }

                /// <summary>Moves all parameters by one step.</summary>
                /// <param name="closure">Computes the loss and its gradients first, if given.</param>
                /// <returns>The closure's loss, or null.</returns>
                public abstract Tensor? step(Func<Tensor>? closure = null);

                /// <summary>All parameters.</summary>
                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(g => g.Parameters);

                /// <summary>Adds parameters.</summary>
                public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

                /// <summary>Frees the optimizer's state.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                /// <summary>Frees the optimizer's state.</summary>
                protected virtual void Dispose(bool disposing)
                {
                }
            }

            /// <summary>Something whose learning rate can be set.</summary>
            public interface ILearningRateController
            {
                /// <summary>The learning rate now.</summary>
                double LearningRate { get; set; }

                /// <summary>The learning rate at the beginning.</summary>
                double InitialLearningRate { get; set; }
            }

            /// <summary>Something whose momentum can be set.</summary>
            public interface IMomentum
            {
                /// <summary>The momentum.</summary>
                double Momentum { get; set; }
            }

            /// <summary>Something whose running-average factors can be set.</summary>
            public interface IBetas
            {
                /// <summary>The factors of the first and the second moment.</summary>
                (double, double) Betas { get; set; }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Options that every rule has.</summary>
    public class OptimizerOptions
    {
        /// <summary>The learning rate now.</summary>
        public double? LearningRate { get; set; }

        /// <summary>The learning rate at the beginning.</summary>
        public double InitialLearningRate { get; set; }
    }

    /// <summary>Parameters that share options.</summary>
    public class ParamGroup : optim.ILearningRateController
    {
        /// <summary>The parameters.</summary>
        public IEnumerable<Parameter> Parameters { get; set; } = [];

        /// <summary>The options.</summary>
        public OptimizerOptions Options { get; set; } = new();

        /// <inheritdoc/>
        public double LearningRate
        {
            get => Options.LearningRate!.Value;
            set => Options.LearningRate = value;
        }

        /// <inheritdoc/>
        public double InitialLearningRate
        {
            get => Options.InitialLearningRate;
            set => Options.InitialLearningRate = value;
        }
    }

    /// <summary>Parameters that share options of one rule.</summary>
    /// <typeparam name="TOptions">The rule's options.</typeparam>
    public class ParamGroup<TOptions> : ParamGroup
        where TOptions : OptimizerOptions, new()
    {
        /// <summary>An empty group.</summary>
        public ParamGroup() => base.Options = new TOptions();

        /// <summary>A group of the given parameters.</summary>
        public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
        {
            base.Options = options ?? new TOptions();
            Parameters = parameters;
        }

        /// <summary>The options.</summary>
        public new TOptions Options => (TOptions)base.Options;
    }

    /// <summary>What the rules of this library share: groups, the closure, and state by parameter.</summary>
    public abstract class OptimizerHelper : optim.Optimizer
    {
        private protected OptimizerHelper()
        {
        }

        private protected Tensor? Step(Func<Tensor>? closure)
        {
            Tensor? loss = null;
            if (closure is not null)
            {
                using IDisposable recording = enable_grad();
                loss = closure();
            }

            int before = NativeMethods.qd_torch_grad_mode(0);
            try
            {
                foreach (ParamGroup group in _parameter_groups)
                {
                    StepGroup(group);
                }
            }
            finally
            {
                _ = NativeMethods.qd_torch_grad_mode(before);
            }

            return loss;
        }

        private protected abstract void StepGroup(ParamGroup group);

        /// <summary>Sets all gradients to 0, in one call for all parameters.</summary>
        public override void zero_grad()
        {
            foreach (ParamGroup group in _parameter_groups)
            {
                ZeroGradients(group);
            }
        }

        private protected abstract void ZeroGradients(ParamGroup group);
    }
}
