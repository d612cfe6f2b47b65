namespace TorchSharp;

public static partial class torch
{
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
}

/// <summary>How to compute distances for large inputs.</summary>
public enum compute_mode
{
    /// <summary>Matrix products where a side has more than 25 rows.</summary>
    use_mm_for_euclid_dist_if_necessary = 0,

    /// <summary>Always matrix products.</summary>
    use_mm_for_euclid_dist = 1,

    /// <summary>Never matrix products.</summary>
    donot_use_mm_for_euclid_dist = 2,
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
