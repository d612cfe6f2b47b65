using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Layers as functions.</summary>
        public static partial class functional
        {
            /// <summary>Each row's class as a row of zeros and a one; -1 deduces the number of classes.</summary>
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.OneHot.Call(x, num_classes);

            /// <summary>x scaled to p-norm 1 along a dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor norm = Aten.NormScalarOptDim.Call(input, p, new long[] { dim }, true).clamp_min(eps);
                return scope.MoveToOuter(input / norm);
            }

            /// <summary>The cosine of the angle between vectors along a dimension.</summary>
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1L, double eps = 1e-8) => Aten.CosineSimilarity.Call(x1, x2, dim, eps);

            /// <summary>The p-norm distance of vectors along the last dimension.</summary>
            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2.0, double eps = 1e-6, bool keepdim = false)
                => Aten.PairwiseDistance.Call(input1, input2, p, eps, keepdim);

            /// <summary>With a share p of the elements set to 0 and the rest scaled by 1 / (1 - p), in training.</summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                if (!inplace)
                {
                    return Aten.Dropout.Call(input, p, training);
                }

                Aten.DropoutInPlace.Run(input, p, training);
                return input.alias();
            }

            /// <summary>Centred and scaled by batch statistics (in training) or by running ones.</summary>
            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5)
                => Aten.BatchNorm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, false);

            /// <summary>Centred and scaled over the last dimensions.</summary>
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
                => Aten.LayerNorm.Call(input, normalized_shape, weight, bias, eps, false);

            /// <summary>Convolution over one dimension of [batch, channels, length].</summary>
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1)
                => Aten.Conv1d.Call(input, weight, bias, One(stride ?? 1), One(padding ?? 0), One(dilation ?? 1), groups);

            /// <summary>Convolution over one dimension, padded so that the length stays (same) or not at all (valid).</summary>
            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1)
                => Aten.Conv1dPadding.Call(input, weight, bias, One(stride ?? 1), padding.ToString().ToLowerInvariant(), One(dilation ?? 1), groups);

            /// <summary>Convolution over two dimensions of [batch, channels, height, width].</summary>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
                => Aten.Conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            /// <summary>Convolution over two dimensions, padded so that the size stays (same) or not at all (valid).</summary>
            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1)
                => Aten.Conv2dPadding.Call(input, weight, bias, strides ?? [1, 1], padding.ToString().ToLowerInvariant(), dilation ?? [1, 1], groups);

            /// <summary>The greatest of each window along the last dimension.</summary>
            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
                => Aten.MaxPool1d.Call(input, One(kernel_size), One(stride ?? kernel_size), One(padding ?? 0), One(dilation ?? 1), ceil_mode);

            /// <summary>The greatest of each window along the last two dimensions.</summary>
            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false)
                => Aten.MaxPool2d.Call(input, kernel_size, strides ?? kernel_size, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);

            /// <summary>The greatest of each window along the last two dimensions.</summary>
            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
                => max_pool2d(input, Two(kernel_size), Two(stride ?? kernel_size), Two(padding ?? 0), Two(dilation ?? 1), ceil_mode);

            /// <summary>The mean of each window along the last dimension.</summary>
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true)
                => Aten.AvgPool1d.Call(input, One(kernel_size), One(stride ?? kernel_size), One(padding ?? 0), ceil_mode, count_include_pad);

            /// <summary>The mean of each window along the last two dimensions.</summary>
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
                => Aten.AvgPool2d.Call(input, kernel_size, stride ?? kernel_size, padding ?? [0, 0], ceil_mode, count_include_pad, divisor_override);

            /// <summary>Means over windows that leave the given length.</summary>
            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) => Aten.AdaptiveAvgPool1d.Call(input, One(output_size));

            /// <summary>Means over windows that leave the given size.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.AdaptiveAvgPool2d.Call(input, output_size);

            /// <summary>Means over windows that leave a square of the given size.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, Two(output_size));

            internal static long[] One(long v) => [v];

            internal static long[] Two(long v) => [v, v];
        }
    }
}
