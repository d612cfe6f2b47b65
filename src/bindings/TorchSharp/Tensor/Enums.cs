namespace TorchSharp;

/// <summary>How a quotient is rounded.</summary>
public enum RoundingMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Toward zero.</summary>
    trunc,

    /// <summary>Down.</summary>
    floor,
}

/// <summary>How a Fourier transform is scaled.</summary>
public enum FFTNormType
{
    /// <summary>1 / n on the inverse transform.</summary>
    Backward = 0,

    /// <summary>1 / n on the forward transform.</summary>
    Forward = 1,

    /// <summary>1 / sqrt(n) on both.</summary>
    Ortho = 2,
}
