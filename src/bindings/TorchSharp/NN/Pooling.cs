using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    /// <summary>The greatest of each window along the last dimension.</summary>
    public sealed class MaxPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool1d(long kernel_size, long? stride, long? padding, long? dilation, bool ceil_mode)
            : base(nameof(MaxPool1d))
            => (this.kernel_size, this.stride, this.padding, this.dilation, this.ceil_mode) = (kernel_size, stride, padding, dilation, ceil_mode);

        /// <summary>The size of the window.</summary>
        public long kernel_size { get; set; }

        /// <summary>The step of the window; null: its size.</summary>
        public long? stride { get; set; }

        /// <summary>What is added at both ends.</summary>
        public long? padding { get; set; }

        /// <summary>The distance of the window's elements.</summary>
        public long? dilation { get; set; }

        /// <summary>Whether a window may reach beyond the end.</summary>
        public bool ceil_mode { get; set; }

        /// <summary>Pools.</summary>
        public override Tensor forward(Tensor input) => max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode);
    }

    /// <summary>The greatest of each window along the last two dimensions.</summary>
    public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool2d(long[] kernel_size, long[]? stride, long[]? padding, long[]? dilation, bool ceil_mode)
            : base(nameof(MaxPool2d))
            => (this.kernel_size, this.stride, this.padding, this.dilation, this.ceil_mode) = (kernel_size, stride ?? kernel_size, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);

        /// <summary>The size of the window.</summary>
        public long[] kernel_size { get; set; }

        /// <summary>The step of the window.</summary>
        public long[] stride { get; set; }

        /// <summary>What is added at the edges.</summary>
        public long[] padding { get; set; }

        /// <summary>The distance of the window's elements.</summary>
        public long[] dilation { get; set; }

        /// <summary>Whether a window may reach beyond the edge.</summary>
        public bool ceil_mode { get; set; }

        /// <summary>Pools.</summary>
        public override Tensor forward(Tensor input) => max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);
    }

    /// <summary>The mean of each window along the last dimension.</summary>
    public sealed class AvgPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal AvgPool1d(long kernel_size, long? stride, long? padding, bool ceil_mode, bool count_include_pad)
            : base(nameof(AvgPool1d))
            => (this.kernel_size, this.stride, this.padding, this.ceil_mode, this.count_include_pad) = (kernel_size, stride, padding, ceil_mode, count_include_pad);

        /// <summary>The size of the window.</summary>
        public long kernel_size { get; set; }

        /// <summary>The step of the window; null: its size.</summary>
        public long? stride { get; set; }

        /// <summary>What is added at both ends.</summary>
        public long? padding { get; set; }

        /// <summary>Whether a window may reach beyond the end.</summary>
        public bool ceil_mode { get; set; }

        /// <summary>Whether padding counts in the mean.</summary>
        public bool count_include_pad { get; set; }

        /// <summary>Pools.</summary>
        public override Tensor forward(Tensor input) => avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad);
    }

    /// <summary>Means over windows that leave the given length.</summary>
    public sealed class AdaptiveAvgPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool1d(long output_size)
            : base(nameof(AdaptiveAvgPool1d)) => this.output_size = output_size;

        /// <summary>The length that is left.</summary>
        public long output_size { get; set; }

        /// <summary>Pools.</summary>
        public override Tensor forward(Tensor input) => adaptive_avg_pool1d(input, output_size);
    }

    /// <summary>Means over windows that leave the given size.</summary>
    public sealed class AdaptiveAvgPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool2d(long[] output_size)
            : base(nameof(AdaptiveAvgPool2d)) => this.output_size = output_size;

        /// <summary>The size that is left.</summary>
        public long[] output_size { get; set; }

        /// <summary>Pools.</summary>
        public override Tensor forward(Tensor input) => adaptive_avg_pool2d(input, output_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The greatest of each window along the last dimension.</summary>
            public static Modules.MaxPool1d MaxPool1d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode);

            /// <summary>The greatest of each square window along the last two dimensions.</summary>
            public static Modules.MaxPool2d MaxPool2d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
                => new(Two(kernel_size), Two(stride ?? kernel_size), Two(padding ?? 0), Two(dilation ?? 1), ceil_mode);

            /// <summary>The greatest of each window along the last two dimensions.</summary>
            public static Modules.MaxPool2d MaxPool2d(long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode);

            /// <summary>The mean of each window along the last dimension.</summary>
            public static Modules.AvgPool1d AvgPool1d(long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) => new(kernel_size, stride, padding, ceil_mode, count_include_pad);

            /// <summary>Means over windows that leave the given length.</summary>
            public static Modules.AdaptiveAvgPool1d AdaptiveAvgPool1d(long output_size) => new(output_size);

            /// <summary>Means over windows that leave a square of the given size.</summary>
            public static Modules.AdaptiveAvgPool2d AdaptiveAvgPool2d(long output_size) => new(Two(output_size));

            /// <summary>Means over windows that leave the given size.</summary>
            public static Modules.AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] output_size) => new(output_size);
        }
    }
}
