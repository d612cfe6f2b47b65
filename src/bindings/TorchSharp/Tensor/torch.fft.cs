using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Fourier transforms.</summary>
    public static partial class fft
    {
        /// <summary>The discrete Fourier transform along a dimension.</summary>
        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.FftFft.Call(input, n < 0 ? default(Argument) : n, dim, norm.ToString().ToLowerInvariant());

        /// <summary>The inverse discrete Fourier transform along a dimension.</summary>
        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.FftIfft.Call(input, n < 0 ? default(Argument) : n, dim, norm.ToString().ToLowerInvariant());

        /// <summary>The one-sided Fourier transform of real numbers.</summary>
        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.FftRfft.Call(input, n < 0 ? default(Argument) : n, dim, norm.ToString().ToLowerInvariant());

        /// <summary>The inverse of the one-sided Fourier transform.</summary>
        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.FftIrfft.Call(input, n < 0 ? default(Argument) : n, dim, norm.ToString().ToLowerInvariant());
    }
}
