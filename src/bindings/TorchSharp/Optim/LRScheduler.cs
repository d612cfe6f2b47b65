namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Learning rates that change with time.</summary>
        public static partial class lr_scheduler
        {
            /// <summary>A learning rate that changes with time: call <see cref="step()"/> after each epoch.</summary>
            public abstract class LRScheduler
            {
                /// <summary>How often step was called.</summary>
                protected int _step_count;

                private readonly Optimizer optimizer;
                private readonly bool verbose;
                private readonly double[] last;

                private protected LRScheduler(Optimizer optimizer, int last_epoch, bool verbose)
                {
                    this.optimizer = optimizer;
                    this.verbose = verbose;
                    Epoch = last_epoch;
                    Base = [.. optimizer.ParamGroups.Select(g => g.InitialLearningRate)];
                    last = [.. optimizer.ParamGroups.Select(g => g.LearningRate)];
                }

                private protected int Epoch { get; private set; }

                private protected double[] Base { get; }

                private protected double[] Now => [.. optimizer.ParamGroups.Select(g => g.LearningRate)];

                /// <summary>Goes to the next epoch.</summary>
                public virtual void step() => step(null);

                /// <summary>Goes to an epoch; null: the next.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    Epoch = epoch ?? Epoch + 1;
                    double[] rates = [.. epoch is null ? get_lr() : get_closed_form_lr()];
                    int i = 0;
                    foreach (ILearningRateController group in optimizer.ParamGroups)
                    {
                        group.LearningRate = rates[i];
                        if (verbose && last[i] != rates[i])
                        {
                            Console.WriteLine($"Adjusting learning rate to {rates[i]}");
                        }

                        last[i] = rates[i];
                        i++;
                    }
                }

                /// <summary>Goes on with a figure of merit; rules that follow only the epoch ignore it.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                /// <summary>The rates of the last step.</summary>
                public IEnumerable<double> get_last_lr() => last;

                /// <summary>The rates of this epoch from those of the epoch before.</summary>
                protected virtual IEnumerable<double> get_lr() => Now;

                /// <summary>The rates of this epoch from the initial ones.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();
            }

            /// <summary>gamma times the rate every step_size epochs.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) => new impl.StepLR(optimizer, step_size, gamma, last_epoch, verbose);

            /// <summary>gamma times the rate at each milestone.</summary>
            public static LRScheduler MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) => new impl.MultiStepLR(optimizer, milestones, gamma, last_epoch, verbose);

            /// <summary>gamma times the rate every epoch.</summary>
            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) => new impl.ExponentialLR(optimizer, gamma, last_epoch, verbose);

            /// <summary>The initial rate times a function of the epoch.</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) => new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);

            /// <summary>Half a cosine from the initial rate to eta_min over T_max epochs (Loshchilov and Hutter 2017, without restarts).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) => new impl.CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);

            /// <summary>The rules.</summary>
            public static partial class impl
            {
                /// <summary>gamma times the rate every step_size epochs.</summary>
                public class StepLR : LRScheduler
                {
                    private readonly int size;
                    private readonly double gamma;

                    /// <summary>Creates the schedule.</summary>
                    public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        size = step_size;
                        this.gamma = gamma;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => Epoch == 0 || Epoch % size != 0 ? Now : Now.Select(r => r * gamma);

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() => Base.Select(r => r * Math.Pow(gamma, Epoch / size));
                }

                /// <summary>gamma times the rate at each milestone.</summary>
                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> milestones;
                    private readonly double gamma;

                    /// <summary>Creates the schedule.</summary>
                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        this.milestones = milestones;
                        this.gamma = gamma;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => Now.Select(r => r * Math.Pow(gamma, milestones.Count(m => m == Epoch)));

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() => Base.Select(r => r * Math.Pow(gamma, milestones.Count(m => m <= Epoch)));
                }

                /// <summary>gamma times the rate every epoch.</summary>
                public class ExponentialLR : LRScheduler
                {
                    private readonly double gamma;

                    /// <summary>Creates the schedule.</summary>
                    public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        this.gamma = gamma;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => Epoch == 0 ? Now : Now.Select(r => r * gamma);

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() => Base.Select(r => r * Math.Pow(gamma, Epoch));
                }

                /// <summary>The initial rate times a function of the epoch.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double> factor;

                    /// <summary>Creates the schedule.</summary>
                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        factor = lr_lambda;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => Base.Select(r => r * factor(Epoch));
                }

                /// <summary>Half a cosine from the initial rate to eta_min over T_max epochs.</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double span;
                    private readonly double least;

                    /// <summary>Creates the schedule.</summary>
                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        span = T_max;
                        least = eta_min;
                        step();
                    }

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_lr() => get_closed_form_lr();

                    /// <inheritdoc/>
                    protected override IEnumerable<double> get_closed_form_lr() => Base.Select(r => least + ((r - least) * (1 + Math.Cos(Math.PI * Epoch / span)) / 2));
                }
            }
        }
    }
}
