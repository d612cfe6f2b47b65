using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>max(0, x).</summary>
    public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal ReLU(bool inplace)
            : base(nameof(ReLU))
        {
            this.inplace = inplace;
        }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>max(0, x).</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);
    }

    /// <summary>The hyperbolic tangent.</summary>
    public sealed class Tanh : ParameterLessModule<Tensor, Tensor>
    {
        internal Tanh(bool inplace)
            : base(nameof(Tanh))
        {
            this.inplace = inplace;
        }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>The hyperbolic tangent.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.tanh(tensor, inplace);
    }

    /// <summary>1 / (1 + exp(-x)).</summary>
    public sealed class Sigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal Sigmoid(bool inplace)
            : base(nameof(Sigmoid))
        {
            this.inplace = inplace;
        }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>1 / (1 + exp(-x)).</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.sigmoid(tensor, inplace);
    }

    /// <summary>x times the normal distribution function of x.</summary>
    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        internal GELU(bool inplace)
            : base(nameof(GELU))
        {
            this.inplace = inplace;
        }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>x times the normal distribution function of x.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, inplace);
    }

    /// <summary>x times sigmoid(x).</summary>
    public sealed class SiLU : ParameterLessModule<Tensor, Tensor>
    {
        internal SiLU(bool inplace)
            : base(nameof(SiLU))
        {
            this.inplace = inplace;
        }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>x times sigmoid(x).</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.silu(tensor, inplace);
    }

    /// <summary>x where positive, else negative_slope times x.</summary>
    public sealed class LeakyReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal LeakyReLU(double negative_slope, bool inplace)
            : base(nameof(LeakyReLU))
        {
            this.negative_slope = negative_slope;
            this.inplace = inplace;
        }

        /// <summary>The slope below 0.</summary>
        public double negative_slope { get; set; }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>x where positive, else negative_slope times x.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.leaky_relu(tensor, negative_slope, inplace);
    }

    /// <summary>x where positive, else alpha (exp(x) - 1).</summary>
    public sealed class ELU : ParameterLessModule<Tensor, Tensor>
    {
        internal ELU(double alpha, bool inplace)
            : base(nameof(ELU))
        {
            this.alpha = alpha;
            this.inplace = inplace;
        }

        /// <summary>The limit far below 0.</summary>
        public double alpha { get; set; }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>x where positive, else alpha (exp(x) - 1).</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.elu(tensor, alpha, inplace);
    }

    /// <summary>log(1 + exp(beta x)) / beta.</summary>
    public sealed class Softplus : ParameterLessModule<Tensor, Tensor>
    {
        internal Softplus(double beta, double threshold)
            : base(nameof(Softplus))
        {
            this.beta = beta;
            this.threshold = threshold;
        }

        /// <summary>The sharpness.</summary>
        public double beta { get; set; }

        /// <summary>Beyond which it is taken as linear.</summary>
        public double threshold { get; set; }

        /// <summary>log(1 + exp(beta x)) / beta.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.softplus(tensor, beta, threshold);
    }

    /// <summary>exp(x) over its sum along a dimension.</summary>
    public sealed class Softmax : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax(long dim)
            : base(nameof(Softmax))
        {
            this.dim = dim;
        }

        /// <summary>The dimension.</summary>
        public long dim { get; set; }

        /// <summary>exp(x) over its sum along a dimension.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.softmax(tensor, dim);
    }

    /// <summary>log of softmax along a dimension.</summary>
    public sealed class LogSoftmax : ParameterLessModule<Tensor, Tensor>
    {
        internal LogSoftmax(long dim)
            : base(nameof(LogSoftmax))
        {
            this.dim = dim;
        }

        /// <summary>The dimension.</summary>
        public long dim { get; set; }

        /// <summary>log of softmax along a dimension.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.log_softmax(tensor, dim);
    }

    /// <summary>The input itself.</summary>
    public sealed class Identity : ParameterLessModule<Tensor, Tensor>
    {
        internal Identity()
            : base(nameof(Identity))
        {
        }

        /// <summary>The input itself.</summary>
        public override Tensor forward(Tensor tensor) => tensor.alias();
    }

    /// <summary>Dimensions start_dim to end_dim as one.</summary>
    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long start_dim, long end_dim)
            : base(nameof(Flatten))
        {
            this.start_dim = start_dim;
            this.end_dim = end_dim;
        }

        /// <summary>The first dimension.</summary>
        public long start_dim { get; set; }

        /// <summary>The last dimension.</summary>
        public long end_dim { get; set; }

        /// <summary>Dimensions start_dim to end_dim as one.</summary>
        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }

    /// <summary>One dimension as several.</summary>
    public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Unflatten(long dim, long[] unflattened_size)
            : base(nameof(Unflatten))
        {
            this.dim = dim;
            this.unflattened_size = unflattened_size;
        }

        /// <summary>The dimension.</summary>
        public long dim { get; set; }

        /// <summary>The sizes it becomes.</summary>
        public long[] unflattened_size { get; set; }

        /// <summary>One dimension as several.</summary>
        public override Tensor forward(Tensor tensor) => tensor.unflatten(dim, unflattened_size);
    }

    /// <summary>With a share p of the elements set to 0 and the rest scaled by 1 / (1 - p), in training.</summary>
    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace)
            : base(nameof(Dropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>The share.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is changed.</summary>
        public bool inplace { get; set; }

        /// <summary>With a share p of the elements set to 0 and the rest scaled by 1 / (1 - p), in training.</summary>
        public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>max(0, x).</summary>
            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);

            /// <summary>The hyperbolic tangent.</summary>
            public static Modules.Tanh Tanh() => new(false);

            /// <summary>The hyperbolic tangent.</summary>
            public static Modules.Tanh Tanh(bool inplace = false) => new(inplace);

            /// <summary>1 / (1 + exp(-x)).</summary>
            public static Modules.Sigmoid Sigmoid() => new(false);

            /// <summary>1 / (1 + exp(-x)).</summary>
            public static Modules.Sigmoid Sigmoid(bool inplace) => new(inplace);

            /// <summary>x times the normal distribution function of x.</summary>
            public static Modules.GELU GELU() => new(false);

            /// <summary>x times the normal distribution function of x.</summary>
            public static Modules.GELU GELU(bool inplace) => new(inplace);

            /// <summary>x times sigmoid(x).</summary>
            public static Modules.SiLU SiLU() => new(false);

            /// <summary>x times sigmoid(x).</summary>
            public static Modules.SiLU SiLU(bool inplace) => new(inplace);

            /// <summary>x where positive, else negative_slope times x.</summary>
            public static Modules.LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);

            /// <summary>x where positive, else alpha (exp(x) - 1).</summary>
            public static Modules.ELU ELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);

            /// <summary>log(1 + exp(beta x)) / beta.</summary>
            public static Modules.Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);

            /// <summary>exp(x) over its sum along a dimension.</summary>
            public static Modules.Softmax Softmax(long dim) => new(dim);

            /// <summary>log of softmax along a dimension.</summary>
            public static Modules.LogSoftmax LogSoftmax(long dim) => new(dim);

            /// <summary>The input itself.</summary>
            public static Modules.Identity Identity() => new();

            /// <summary>Dimensions start_dim to end_dim as one.</summary>
            public static Modules.Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

            /// <summary>One dimension as several.</summary>
            public static Modules.Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);

            /// <summary>With a share p of the elements set to 0 and the rest scaled by 1 / (1 - p), in training.</summary>
            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static partial class functional
            {
                /// <summary>max(0, x).</summary>
                public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

                /// <summary>The hyperbolic tangent.</summary>
                public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_().alias() : x.tanh();

                /// <summary>1 / (1 + exp(-x)).</summary>
                public static Tensor sigmoid(Tensor x) => x.sigmoid();

                /// <summary>1 / (1 + exp(-x)).</summary>
                public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_().alias() : x.sigmoid();

                /// <summary>x times the normal distribution function of x.</summary>
                public static Tensor gelu(Tensor x) => x.gelu();

                /// <summary>x times the normal distribution function of x.</summary>
                public static Tensor gelu(Tensor x, bool inplace) => inplace ? InPlace(Aten.GeluInPlace, x) : x.gelu();

                /// <summary>x times sigmoid(x).</summary>
                public static Tensor silu(Tensor x, bool inplace = false) => inplace ? InPlace(Aten.SiluInPlace, x) : x.silu();

                /// <summary>x where positive, else negative_slope times x.</summary>
                public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace ? InPlace(Aten.LeakyReluInPlace, input, negative_slope) : Aten.LeakyRelu.Call(input, negative_slope);

                /// <summary>x where positive, else alpha (exp(x) - 1).</summary>
                public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? InPlace(Aten.EluInPlace, x, alpha) : Aten.Elu.Call(x, alpha);

                /// <summary>log(1 + exp(beta x)) / beta.</summary>
                public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Aten.Softplus.Call(x, beta, threshold);

                /// <summary>exp(x) over its sum along a dimension.</summary>
                public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

                /// <summary>log of softmax along a dimension.</summary>
                public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

                /// <summary>log(sigmoid(x)).</summary>
                public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();

                private static Tensor InPlace(Operator op, Tensor x)
                {
                    op.Run(x);
                    return x.alias();
                }

                private static Tensor InPlace(Operator op, Tensor x, double parameter)
                {
                    op.Run(x, parameter);
                    return x.alias();
                }
            }
        }
    }
}
