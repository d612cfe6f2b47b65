namespace TorchSharp;

public static partial class torch
{
    /// <summary>The absolute value; of a complex number its modulus.</summary>
    public static Tensor abs(Tensor input) => input.abs();

    /// <summary>The absolute value; of a complex number its modulus. In place.</summary>
    public static Tensor abs_(Tensor input) => input.abs_();

    /// <summary>The arc cosine.</summary>
    public static Tensor acos(Tensor input) => input.acos();

    /// <summary>The arc cosine. In place.</summary>
    public static Tensor acos_(Tensor input) => input.acos_();

    /// <summary>The inverse hyperbolic cosine.</summary>
    public static Tensor acosh(Tensor input) => input.acosh();

    /// <summary>The inverse hyperbolic cosine. In place.</summary>
    public static Tensor acosh_(Tensor input) => input.acosh_();

    /// <summary>The arc sine.</summary>
    public static Tensor asin(Tensor input) => input.asin();

    /// <summary>The arc sine. In place.</summary>
    public static Tensor asin_(Tensor input) => input.asin_();

    /// <summary>The inverse hyperbolic sine.</summary>
    public static Tensor asinh(Tensor input) => input.asinh();

    /// <summary>The inverse hyperbolic sine. In place.</summary>
    public static Tensor asinh_(Tensor input) => input.asinh_();

    /// <summary>The arc tangent.</summary>
    public static Tensor atan(Tensor input) => input.atan();

    /// <summary>The arc tangent. In place.</summary>
    public static Tensor atan_(Tensor input) => input.atan_();

    /// <summary>The inverse hyperbolic tangent.</summary>
    public static Tensor atanh(Tensor input) => input.atanh();

    /// <summary>The inverse hyperbolic tangent. In place.</summary>
    public static Tensor atanh_(Tensor input) => input.atanh_();

    /// <summary>The smallest whole number not below.</summary>
    public static Tensor ceil(Tensor input) => input.ceil();

    /// <summary>The smallest whole number not below. In place.</summary>
    public static Tensor ceil_(Tensor input) => input.ceil_();

    /// <summary>The cosine.</summary>
    public static Tensor cos(Tensor input) => input.cos();

    /// <summary>The cosine. In place.</summary>
    public static Tensor cos_(Tensor input) => input.cos_();

    /// <summary>The hyperbolic cosine.</summary>
    public static Tensor cosh(Tensor input) => input.cosh();

    /// <summary>The hyperbolic cosine. In place.</summary>
    public static Tensor cosh_(Tensor input) => input.cosh_();

    /// <summary>The logarithmic derivative of the gamma function.</summary>
    public static Tensor digamma(Tensor input) => input.digamma();

    /// <summary>The logarithmic derivative of the gamma function. In place.</summary>
    public static Tensor digamma_(Tensor input) => input.digamma_();

    /// <summary>The error function.</summary>
    public static Tensor erf(Tensor input) => input.erf();

    /// <summary>The error function. In place.</summary>
    public static Tensor erf_(Tensor input) => input.erf_();

    /// <summary>The complementary error function.</summary>
    public static Tensor erfc(Tensor input) => input.erfc();

    /// <summary>The complementary error function. In place.</summary>
    public static Tensor erfc_(Tensor input) => input.erfc_();

    /// <summary>The inverse error function.</summary>
    public static Tensor erfinv(Tensor input) => input.erfinv();

    /// <summary>The inverse error function. In place.</summary>
    public static Tensor erfinv_(Tensor input) => input.erfinv_();

    /// <summary>e to the power of each element.</summary>
    public static Tensor exp(Tensor input) => input.exp();

    /// <summary>e to the power of each element. In place.</summary>
    public static Tensor exp_(Tensor input) => input.exp_();

    /// <summary>2 to the power of each element.</summary>
    public static Tensor exp2(Tensor input) => input.exp2();

    /// <summary>exp(x) - 1, exact near 0.</summary>
    public static Tensor expm1(Tensor input) => input.expm1();

    /// <summary>exp(x) - 1, exact near 0. In place.</summary>
    public static Tensor expm1_(Tensor input) => input.expm1_();

    /// <summary>The largest whole number not above.</summary>
    public static Tensor floor(Tensor input) => input.floor();

    /// <summary>The largest whole number not above. In place.</summary>
    public static Tensor floor_(Tensor input) => input.floor_();

    /// <summary>The fractional part.</summary>
    public static Tensor frac(Tensor input) => input.frac();

    /// <summary>The fractional part. In place.</summary>
    public static Tensor frac_(Tensor input) => input.frac_();

    /// <summary>The logarithm of the gamma function.</summary>
    public static Tensor lgamma(Tensor input) => input.lgamma();

    /// <summary>The logarithm of the gamma function. In place.</summary>
    public static Tensor lgamma_(Tensor input) => input.lgamma_();

    /// <summary>The natural logarithm.</summary>
    public static Tensor log(Tensor input) => input.log();

    /// <summary>The natural logarithm. In place.</summary>
    public static Tensor log_(Tensor input) => input.log_();

    /// <summary>The decimal logarithm.</summary>
    public static Tensor log10(Tensor input) => input.log10();

    /// <summary>The decimal logarithm. In place.</summary>
    public static Tensor log10_(Tensor input) => input.log10_();

    /// <summary>log(1 + x), exact near 0.</summary>
    public static Tensor log1p(Tensor input) => input.log1p();

    /// <summary>log(1 + x), exact near 0. In place.</summary>
    public static Tensor log1p_(Tensor input) => input.log1p_();

    /// <summary>The binary logarithm.</summary>
    public static Tensor log2(Tensor input) => input.log2();

    /// <summary>The binary logarithm. In place.</summary>
    public static Tensor log2_(Tensor input) => input.log2_();

    /// <summary>Logical not.</summary>
    public static Tensor logical_not(Tensor input) => input.logical_not();

    /// <summary>The negative.</summary>
    public static Tensor neg(Tensor input) => input.neg();

    /// <summary>The negative. In place.</summary>
    public static Tensor neg_(Tensor input) => input.neg_();

    /// <summary>1 / x.</summary>
    public static Tensor reciprocal(Tensor input) => input.reciprocal();

    /// <summary>1 / x. In place.</summary>
    public static Tensor reciprocal_(Tensor input) => input.reciprocal_();

    /// <summary>1 / sqrt(x).</summary>
    public static Tensor rsqrt(Tensor input) => input.rsqrt();

    /// <summary>1 / sqrt(x). In place.</summary>
    public static Tensor rsqrt_(Tensor input) => input.rsqrt_();

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Tensor sigmoid(Tensor input) => input.sigmoid();

    /// <summary>1 / (1 + exp(-x)). In place.</summary>
    public static Tensor sigmoid_(Tensor input) => input.sigmoid_();

    /// <summary>-1, 0 or 1.</summary>
    public static Tensor sign(Tensor input) => input.sign();

    /// <summary>The sign; of a complex number the unit number of the same angle.</summary>
    public static Tensor sgn(Tensor input) => input.sgn();

    /// <summary>The sign; of a complex number the unit number of the same angle. In place.</summary>
    public static Tensor sgn_(Tensor input) => input.sgn_();

    /// <summary>The sine.</summary>
    public static Tensor sin(Tensor input) => input.sin();

    /// <summary>The sine. In place.</summary>
    public static Tensor sin_(Tensor input) => input.sin_();

    /// <summary>sin(pi x) / (pi x).</summary>
    public static Tensor sinc(Tensor input) => input.sinc();

    /// <summary>sin(pi x) / (pi x). In place.</summary>
    public static Tensor sinc_(Tensor input) => input.sinc_();

    /// <summary>The hyperbolic sine.</summary>
    public static Tensor sinh(Tensor input) => input.sinh();

    /// <summary>The hyperbolic sine. In place.</summary>
    public static Tensor sinh_(Tensor input) => input.sinh_();

    /// <summary>The square root.</summary>
    public static Tensor sqrt(Tensor input) => input.sqrt();

    /// <summary>The square root. In place.</summary>
    public static Tensor sqrt_(Tensor input) => input.sqrt_();

    /// <summary>x squared.</summary>
    public static Tensor square(Tensor input) => input.square();

    /// <summary>The tangent.</summary>
    public static Tensor tan(Tensor input) => input.tan();

    /// <summary>The tangent. In place.</summary>
    public static Tensor tan_(Tensor input) => input.tan_();

    /// <summary>The hyperbolic tangent.</summary>
    public static Tensor tanh(Tensor input) => input.tanh();

    /// <summary>The hyperbolic tangent. In place.</summary>
    public static Tensor tanh_(Tensor input) => input.tanh_();

    /// <summary>Without the fractional part.</summary>
    public static Tensor trunc(Tensor input) => input.trunc();

    /// <summary>Without the fractional part. In place.</summary>
    public static Tensor trunc_(Tensor input) => input.trunc_();

    /// <summary>Which elements are not a number.</summary>
    public static Tensor isnan(Tensor input) => input.isnan();

    /// <summary>Which elements are infinite.</summary>
    public static Tensor isinf(Tensor tensor) => tensor.isinf();

    /// <summary>Which elements are finite.</summary>
    public static Tensor isfinite(Tensor tensor) => tensor.isfinite();

    /// <summary>The angle of complex numbers, in radians.</summary>
    public static Tensor angle(Tensor input) => input.angle();

    /// <summary>The complex conjugate.</summary>
    public static Tensor conj(Tensor input) => input.conj();

    /// <summary>Rounded, half to even, to a number of decimals.</summary>
    public static Tensor round(Tensor input, long decimals = 0L) => input.round(decimals);

    /// <summary>The real parts, sharing storage.</summary>
    public static Tensor real(Tensor input) => input.real;

    /// <summary>The imaginary parts, sharing storage.</summary>
    public static Tensor imag(Tensor input) => input.imag;

    /// <summary>Sum with broadcasting.</summary>
    public static Tensor add(Tensor left, Tensor right) => left.add(right);

    /// <summary>Sum with broadcasting.</summary>
    public static Tensor add(Tensor left, Scalar right) => left.add(right);

    /// <summary>Difference with broadcasting.</summary>
    public static Tensor sub(Tensor left, Tensor right) => left.sub(right);

    /// <summary>Difference with broadcasting.</summary>
    public static Tensor sub(Tensor left, Scalar right) => left.sub(right);

    /// <summary>Product with broadcasting.</summary>
    public static Tensor mul(Tensor left, Tensor right) => left.mul(right);

    /// <summary>Quotient with broadcasting.</summary>
    public static Tensor div(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) => left.div(right, rounding_mode);

    /// <summary>Power with broadcasting.</summary>
    public static Tensor pow(Tensor left, Tensor exponent) => left.pow(exponent);

    /// <summary>Remainder with the sign of the dividend.</summary>
    public static Tensor fmod(Tensor left, Tensor right) => left.fmod(right);

    /// <summary>Remainder with the sign of the divisor.</summary>
    public static Tensor remainder(Tensor left, Tensor right) => left.remainder(right);

    /// <summary>Product with broadcasting.</summary>
    public static Tensor mul(Tensor left, Scalar right) => left.mul(right);

    /// <summary>Quotient with broadcasting.</summary>
    public static Tensor div(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) => left.div(right, rounding_mode);

    /// <summary>Power with broadcasting.</summary>
    public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

    /// <summary>Remainder with the sign of the dividend.</summary>
    public static Tensor fmod(Tensor left, Scalar right) => left.fmod(right);

    /// <summary>Remainder with the sign of the divisor.</summary>
    public static Tensor remainder(Tensor left, Scalar right) => left.remainder(right);

    /// <summary>Bitwise and; of booleans logical and.</summary>
    public static Tensor bitwise_and(Tensor left, Tensor right) => left.bitwise_and(right);

    /// <summary>Bitwise or; of booleans logical or.</summary>
    public static Tensor bitwise_or(Tensor left, Tensor right) => left.bitwise_or(right);

    /// <summary>Bitwise exclusive or.</summary>
    public static Tensor bitwise_xor(Tensor left, Tensor right) => left.bitwise_xor(right);

    /// <summary>Logical and.</summary>
    public static Tensor logical_and(Tensor left, Tensor right) => left.logical_and(right);

    /// <summary>Logical or.</summary>
    public static Tensor logical_or(Tensor left, Tensor right) => left.logical_or(right);

    /// <summary>Logical exclusive or.</summary>
    public static Tensor logical_xor(Tensor left, Tensor right) => left.logical_xor(right);

    /// <summary>The angle of the point (other, this).</summary>
    public static Tensor atan2(Tensor input, Tensor other) => input.atan2(other);

    /// <summary>The greater of two elements; not a number if either is.</summary>
    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    /// <summary>The smaller of two elements; not a number if either is.</summary>
    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    /// <summary>The greater of two elements, ignoring what is not a number.</summary>
    public static Tensor fmax(Tensor input, Tensor other) => input.fmax(other);

    /// <summary>The smaller of two elements, ignoring what is not a number.</summary>
    public static Tensor fmin(Tensor input, Tensor other) => input.fmin(other);

    /// <summary>Whether elements are equal.</summary>
    public static Tensor eq(Tensor left, Tensor right) => left.eq(right);

    /// <summary>Whether elements differ.</summary>
    public static Tensor ne(Tensor left, Tensor right) => left.ne(right);

    /// <summary>Whether elements are smaller.</summary>
    public static Tensor lt(Tensor left, Tensor right) => left.lt(right);

    /// <summary>Whether elements are not greater.</summary>
    public static Tensor le(Tensor left, Tensor right) => left.le(right);

    /// <summary>Whether elements are greater.</summary>
    public static Tensor gt(Tensor left, Tensor right) => left.gt(right);

    /// <summary>Whether elements are not smaller.</summary>
    public static Tensor ge(Tensor left, Tensor right) => left.ge(right);

    /// <summary>Whether all elements are equal within rtol * |target| + atol.</summary>
    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => tensor.allclose(target, rtol, atol, equal_nan);

    /// <summary>Limited to a range; null leaves an end open.</summary>
    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

    /// <summary>Limited to a range, in place.</summary>
    public static Tensor clamp_(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp_(min, max);

    /// <summary>Limited to a range; null leaves an end open.</summary>
    public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);

    /// <summary>Limited to a range, in place.</summary>
    public static Tensor clamp_(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp_(min, max);

    /// <summary>Limited from below.</summary>
    public static Tensor clamp_min(Tensor input, Scalar min) => input.clamp_min(min);

    /// <summary>Limited from above.</summary>
    public static Tensor clamp_max(Tensor input, Scalar max) => input.clamp_max(max);

    /// <summary>With what is not a number, and infinities, replaced.</summary>
    public static Tensor nan_to_num(Tensor input, double nan = 0d, double? posinf = null, double? neginf = null) => input.nan_to_num(nan, posinf, neginf);

    /// <summary>log(p / (1 - p)), with p kept within [eps, 1 - eps].</summary>
    public static Tensor logit(Tensor input, double? eps = null) => input.logit(eps);

    /// <summary>x log y, 0 where x is 0.</summary>
    public static Tensor xlogy(Tensor x, Tensor y) => x.xlogy(y);

    /// <summary>exp(x) over its sum along a dimension.</summary>
    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
}
