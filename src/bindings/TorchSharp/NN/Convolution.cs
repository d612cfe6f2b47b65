using static TorchSharp.torch;

namespace TorchSharp
{
    /// <summary>What lies beyond the edge.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros = 0,

        /// <summary>The mirror image.</summary>
        Reflect = 1,

        /// <summary>The edge's value.</summary>
        Replicate = 2,

        /// <summary>The other end.</summary>
        Circular = 3,

        /// <summary>One number.</summary>
        Constant = 4,
    }

    /// <summary>How much lies beyond the edge.</summary>
    public enum Padding
    {
        /// <summary>Nothing.</summary>
        Valid = 0,

        /// <summary>So much that the size stays.</summary>
        Same = 1,
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What convolutions share.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        private protected Convolution(
            string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(name)
        {
            if (padding_mode != PaddingModes.Zeros)
            {
                throw new NotSupportedException($"padding with {padding_mode} is not part of this binding");
            }

            if (groups <= 0 || in_channels % groups != 0 || out_channels % groups != 0)
            {
                throw new ArgumentException($"{in_channels} and {out_channels} channels cannot be divided into {groups} groups");
            }

            this.in_channels = in_channels;
            this.out_channels = out_channels;
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.padding_type = padding_type;
            this.dilation = dilation;
            this.groups = groups;
            this.padding_mode = padding_mode;
            weight = empty([out_channels, in_channels / groups, .. kernel_size], dtype, device).AsParameter();
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            register_parameter(nameof(weight), weight);
            if (bias)
            {
                this.bias = empty(out_channels, dtype, device).AsParameter();
                double bound = 1 / Math.Sqrt(nn.init.CalculateFanInAndFanOut(weight).fanIn);
                nn.init.uniform_(this.bias, -bound, bound);
                register_parameter(nameof(bias), this.bias);
            }
        }

        /// <summary>The bias, of shape [out], or null.</summary>
        public Parameter? bias { get; }

        /// <summary>The kernels, of shape [out, in / groups, ...].</summary>
        public Parameter weight { get; }

        /// <summary>The channels of the input.</summary>
        public long in_channels { get; }

        /// <summary>The channels of the output.</summary>
        public long out_channels { get; }

        /// <summary>The size of the kernel.</summary>
        public long[] kernel_size { get; }

        /// <summary>The step of the kernel.</summary>
        public long[] stride { get; }

        /// <summary>What is added at both edges; null when <see cref="padding_type"/> says it.</summary>
        public long[]? padding { get; }

        /// <summary>The padding by name, or null.</summary>
        public Padding? padding_type { get; }

        /// <summary>The distance of the kernel's elements.</summary>
        public long[] dilation { get; }

        /// <summary>Into how many groups the channels are divided.</summary>
        public long groups { get; }

        /// <summary>What lies beyond the edge.</summary>
        public PaddingModes padding_mode { get; }
    }

    /// <summary>Convolution of [batch, channels, length].</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long in_channels, long out_channels, long kernel_size, long stride, long? padding, Padding? padding_type, long dilation, PaddingModes padding_mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(Conv1d), in_channels, out_channels, [kernel_size], [stride], padding is { } p ? [p] : null, padding_type, [dilation], groups, bias, padding_mode, device, dtype)
        {
        }

        /// <summary>Convolves.</summary>
        public override Tensor forward(Tensor input) => padding is null
            ? nn.functional.conv1d_padding(input, weight, bias, stride[0], padding_type!.Value, dilation[0], groups)
            : nn.functional.conv1d(input, weight, bias, stride[0], padding[0], dilation[0], groups);
    }

    /// <summary>Convolution of [batch, channels, height, width].</summary>
    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, PaddingModes padding_mode, long groups, bool bias, Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, groups, bias, padding_mode, device, dtype)
        {
        }

        /// <summary>Convolves.</summary>
        public override Tensor forward(Tensor input) => padding is null
            ? nn.functional.conv2d_padding(input, weight, bias, stride, padding_type!.Value, dilation, groups)
            : nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Convolution of [batch, channels, length].</summary>
            public static Modules.Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, kernel_size, stride, padding, null, dilation, padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of [batch, channels, length] with padding by name.</summary>
            public static Modules.Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, kernel_size, stride, null, padding, dilation, padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of [batch, channels, height, width] with a square kernel.</summary>
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding], null, [dilation, dilation], padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of [batch, channels, height, width].</summary>
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, Pair(kernel_size), Pair(stride ?? (1, 1)), Pair(padding ?? (0, 0)), null, Pair(dilation ?? (1, 1)), padding_mode, groups, bias, device, dtype);

            /// <summary>Convolution of [batch, channels, height, width] with a square kernel and padding by name.</summary>
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], null, padding, [dilation, dilation], padding_mode, groups, bias, device, dtype);

            private static long[] Pair((long, long) p) => [p.Item1, p.Item2];
        }
    }
}
