using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>What batch norms share: scale, shift and running statistics.</summary>
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        private protected NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(name)
        {
            this.num_features = num_features;
            this.eps = eps;
            this.momentum = momentum;
            this.affine = affine;
            this.track_running_stats = track_running_stats;
            if (affine)
            {
                weight = ones(num_features, dtype, device).AsParameter();
                bias = zeros(num_features, dtype, device).AsParameter();
                register_parameter(nameof(weight), weight);
                register_parameter(nameof(bias), bias);
            }

            if (track_running_stats)
            {
                running_mean = zeros(num_features, dtype, device);
                running_var = ones(num_features, dtype, device);
                num_batches_tracked = tensor(0L, null, device);
                register_buffer(nameof(running_mean), running_mean);
                register_buffer(nameof(running_var), running_var);
                register_buffer(nameof(num_batches_tracked), num_batches_tracked);
            }
        }

        /// <summary>The shift, or null.</summary>
        public Parameter? bias { get; }

        /// <summary>The scale; null when the layer is not affine.</summary>
        public Parameter? weight { get; }

        /// <summary>The running mean, or null.</summary>
        public Tensor? running_mean { get; }

        /// <summary>The running variance, or null.</summary>
        public Tensor? running_var { get; }

        /// <summary>How many batches the running statistics have seen, or null.</summary>
        public Tensor? num_batches_tracked { get; }

        /// <summary>The number of channels.</summary>
        public long num_features { get; private set; }

        /// <summary>What is added to the variance.</summary>
        public double eps { get; set; }

        /// <summary>The share of the new batch in the running statistics; null: their plain mean.</summary>
        public double? momentum { get; set; }

        /// <summary>Whether there are scale and shift.</summary>
        public bool affine { get; private set; }

        /// <summary>Whether there are running statistics.</summary>
        public bool track_running_stats { get; private set; }

        /// <summary>Forgets the running statistics.</summary>
        public void reset_running_stats()
        {
            running_mean?.zero_();
            running_var?.fill_(1);
            num_batches_tracked?.zero_();
        }

        /// <summary>Refuses inputs of the wrong rank.</summary>
        protected abstract void ValidateInputDimensions(Tensor input);
    }

    /// <summary>Each channel centred and scaled by its batch's statistics, or by running ones in use (Ioffe and Szegedy 2015).</summary>
    public abstract class BatchNorm : NormBase
    {
        private protected BatchNorm(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
        {
        }

        /// <summary>Centres and scales.</summary>
        public override Tensor forward(Tensor input)
        {
            ValidateInputDimensions(input);
            double factor = momentum ?? 0;
            if (training && num_batches_tracked is not null)
            {
                num_batches_tracked.add_(1);
                factor = momentum ?? 1.0 / num_batches_tracked.item<long>();
            }

            bool ownStatistics = training || running_mean is null;
            bool useRunning = !training || track_running_stats;
            return nn.functional.batch_norm(input, useRunning ? running_mean : null, useRunning ? running_var : null, weight, bias, ownStatistics, factor, eps);
        }
    }

    /// <summary>Batch norm of [batch, channels] or [batch, channels, length].</summary>
    public sealed class BatchNorm1d : BatchNorm
    {
        internal BatchNorm1d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
        {
        }

        /// <summary>Refuses all but 2 and 3 dimensions.</summary>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim is not (2 or 3))
            {
                throw new ArgumentException($"BatchNorm1d takes 2 or 3 dimensions, not {input.ndim}");
            }
        }
    }

    /// <summary>Batch norm of [batch, channels, height, width].</summary>
    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
            : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
        {
        }

        /// <summary>Refuses all but 4 dimensions.</summary>
        protected override void ValidateInputDimensions(Tensor input)
        {
            if (input.ndim != 4)
            {
                throw new ArgumentException($"BatchNorm2d takes 4 dimensions, not {input.ndim}");
            }
        }
    }

    /// <summary>Each sample centred and scaled over its last dimensions (Ba, Kiros and Hinton 2016).</summary>
    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            this.normalized_shape = normalized_shape;
            this.eps = eps;
            this.elementwise_affine = elementwise_affine;
            if (!elementwise_affine)
            {
                return;
            }

            weight = ones(normalized_shape, dtype, device).AsParameter();
            register_parameter(nameof(weight), weight);
            if (bias)
            {
                this.bias = zeros(normalized_shape, dtype, device).AsParameter();
                register_parameter(nameof(bias), this.bias);
            }
        }

        /// <summary>The shift, or null.</summary>
        public Parameter? bias { get; }

        /// <summary>The scale; null when the layer is not affine.</summary>
        public Parameter? weight { get; }

        /// <summary>The sizes of the dimensions normalised over.</summary>
        public long[] normalized_shape { get; set; }

        /// <summary>What is added to the variance.</summary>
        public double eps { get; set; }

        /// <summary>Whether there are scale and shift.</summary>
        public bool elementwise_affine { get; set; }

        /// <summary>Centres and scales.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Batch norm of [batch, channels] or [batch, channels, length].</summary>
            public static Modules.BatchNorm1d BatchNorm1d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null)
                => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Batch norm of [batch, channels, height, width].</summary>
            public static Modules.BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null)
                => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            /// <summary>Layer norm over the last dimensions.</summary>
            public static Modules.LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            /// <summary>Layer norm over the last dimension.</summary>
            public static Modules.LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
