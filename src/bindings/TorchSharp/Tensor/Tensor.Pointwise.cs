using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The absolute value; of a complex number its modulus.</summary>
        public Tensor abs() => Aten.Abs.Call(this);

        /// <summary>The absolute value; of a complex number its modulus. In place.</summary>
        public Tensor abs_()
        {
            Aten.AbsInPlace.Run(this);
            return this;
        }

        /// <summary>The arc cosine.</summary>
        public Tensor acos() => Aten.Acos.Call(this);

        /// <summary>The arc cosine. In place.</summary>
        public Tensor acos_()
        {
            Aten.AcosInPlace.Run(this);
            return this;
        }

        /// <summary>The inverse hyperbolic cosine.</summary>
        public Tensor acosh() => Aten.Acosh.Call(this);

        /// <summary>The inverse hyperbolic cosine. In place.</summary>
        public Tensor acosh_()
        {
            Aten.AcoshInPlace.Run(this);
            return this;
        }

        /// <summary>The arc sine.</summary>
        public Tensor asin() => Aten.Asin.Call(this);

        /// <summary>The arc sine. In place.</summary>
        public Tensor asin_()
        {
            Aten.AsinInPlace.Run(this);
            return this;
        }

        /// <summary>The inverse hyperbolic sine.</summary>
        public Tensor asinh() => Aten.Asinh.Call(this);

        /// <summary>The inverse hyperbolic sine. In place.</summary>
        public Tensor asinh_()
        {
            Aten.AsinhInPlace.Run(this);
            return this;
        }

        /// <summary>The arc tangent.</summary>
        public Tensor atan() => Aten.Atan.Call(this);

        /// <summary>The arc tangent. In place.</summary>
        public Tensor atan_()
        {
            Aten.AtanInPlace.Run(this);
            return this;
        }

        /// <summary>The inverse hyperbolic tangent.</summary>
        public Tensor atanh() => Aten.Atanh.Call(this);

        /// <summary>The inverse hyperbolic tangent. In place.</summary>
        public Tensor atanh_()
        {
            Aten.AtanhInPlace.Run(this);
            return this;
        }

        /// <summary>The smallest whole number not below.</summary>
        public Tensor ceil() => Aten.Ceil.Call(this);

        /// <summary>The smallest whole number not below. In place.</summary>
        public Tensor ceil_()
        {
            Aten.CeilInPlace.Run(this);
            return this;
        }

        /// <summary>The cosine.</summary>
        public Tensor cos() => Aten.Cos.Call(this);

        /// <summary>The cosine. In place.</summary>
        public Tensor cos_()
        {
            Aten.CosInPlace.Run(this);
            return this;
        }

        /// <summary>The hyperbolic cosine.</summary>
        public Tensor cosh() => Aten.Cosh.Call(this);

        /// <summary>The hyperbolic cosine. In place.</summary>
        public Tensor cosh_()
        {
            Aten.CoshInPlace.Run(this);
            return this;
        }

        /// <summary>The logarithmic derivative of the gamma function.</summary>
        public Tensor digamma() => Aten.Digamma.Call(this);

        /// <summary>The logarithmic derivative of the gamma function. In place.</summary>
        public Tensor digamma_()
        {
            Aten.DigammaInPlace.Run(this);
            return this;
        }

        /// <summary>The error function.</summary>
        public Tensor erf() => Aten.Erf.Call(this);

        /// <summary>The error function. In place.</summary>
        public Tensor erf_()
        {
            Aten.ErfInPlace.Run(this);
            return this;
        }

        /// <summary>The complementary error function.</summary>
        public Tensor erfc() => Aten.Erfc.Call(this);

        /// <summary>The complementary error function. In place.</summary>
        public Tensor erfc_()
        {
            Aten.ErfcInPlace.Run(this);
            return this;
        }

        /// <summary>The inverse error function.</summary>
        public Tensor erfinv() => Aten.Erfinv.Call(this);

        /// <summary>The inverse error function. In place.</summary>
        public Tensor erfinv_()
        {
            Aten.ErfinvInPlace.Run(this);
            return this;
        }

        /// <summary>e to the power of each element.</summary>
        public Tensor exp() => Aten.Exp.Call(this);

        /// <summary>e to the power of each element. In place.</summary>
        public Tensor exp_()
        {
            Aten.ExpInPlace.Run(this);
            return this;
        }

        /// <summary>2 to the power of each element.</summary>
        public Tensor exp2() => Aten.Exp2.Call(this);

        /// <summary>exp(x) - 1, exact near 0.</summary>
        public Tensor expm1() => Aten.Expm1.Call(this);

        /// <summary>exp(x) - 1, exact near 0. In place.</summary>
        public Tensor expm1_()
        {
            Aten.Expm1InPlace.Run(this);
            return this;
        }

        /// <summary>The largest whole number not above.</summary>
        public Tensor floor() => Aten.Floor.Call(this);

        /// <summary>The largest whole number not above. In place.</summary>
        public Tensor floor_()
        {
            Aten.FloorInPlace.Run(this);
            return this;
        }

        /// <summary>The fractional part.</summary>
        public Tensor frac() => Aten.Frac.Call(this);

        /// <summary>The fractional part. In place.</summary>
        public Tensor frac_()
        {
            Aten.FracInPlace.Run(this);
            return this;
        }

        /// <summary>The logarithm of the gamma function.</summary>
        public Tensor lgamma() => Aten.Lgamma.Call(this);

        /// <summary>The logarithm of the gamma function. In place.</summary>
        public Tensor lgamma_()
        {
            Aten.LgammaInPlace.Run(this);
            return this;
        }

        /// <summary>The natural logarithm.</summary>
        public Tensor log() => Aten.Log.Call(this);

        /// <summary>The natural logarithm. In place.</summary>
        public Tensor log_()
        {
            Aten.LogInPlace.Run(this);
            return this;
        }

        /// <summary>The decimal logarithm.</summary>
        public Tensor log10() => Aten.Log10.Call(this);

        /// <summary>The decimal logarithm. In place.</summary>
        public Tensor log10_()
        {
            Aten.Log10InPlace.Run(this);
            return this;
        }

        /// <summary>log(1 + x), exact near 0.</summary>
        public Tensor log1p() => Aten.Log1p.Call(this);

        /// <summary>log(1 + x), exact near 0. In place.</summary>
        public Tensor log1p_()
        {
            Aten.Log1pInPlace.Run(this);
            return this;
        }

        /// <summary>The binary logarithm.</summary>
        public Tensor log2() => Aten.Log2.Call(this);

        /// <summary>The binary logarithm. In place.</summary>
        public Tensor log2_()
        {
            Aten.Log2InPlace.Run(this);
            return this;
        }

        /// <summary>Logical not.</summary>
        public Tensor logical_not() => Aten.LogicalNot.Call(this);

        /// <summary>Logical not. In place.</summary>
        public Tensor logical_not_()
        {
            Aten.LogicalNotInPlace.Run(this);
            return this;
        }

        /// <summary>The negative.</summary>
        public Tensor neg() => Aten.Neg.Call(this);

        /// <summary>The negative. In place.</summary>
        public Tensor neg_()
        {
            Aten.NegInPlace.Run(this);
            return this;
        }

        /// <summary>1 / x.</summary>
        public Tensor reciprocal() => Aten.Reciprocal.Call(this);

        /// <summary>1 / x. In place.</summary>
        public Tensor reciprocal_()
        {
            Aten.ReciprocalInPlace.Run(this);
            return this;
        }

        /// <summary>1 / sqrt(x).</summary>
        public Tensor rsqrt() => Aten.Rsqrt.Call(this);

        /// <summary>1 / sqrt(x). In place.</summary>
        public Tensor rsqrt_()
        {
            Aten.RsqrtInPlace.Run(this);
            return this;
        }

        /// <summary>1 / (1 + exp(-x)).</summary>
        public Tensor sigmoid() => Aten.Sigmoid.Call(this);

        /// <summary>1 / (1 + exp(-x)). In place.</summary>
        public Tensor sigmoid_()
        {
            Aten.SigmoidInPlace.Run(this);
            return this;
        }

        /// <summary>-1, 0 or 1.</summary>
        public Tensor sign() => Aten.Sign.Call(this);

        /// <summary>-1, 0 or 1. In place.</summary>
        public Tensor sign_()
        {
            Aten.SignInPlace.Run(this);
            return this;
        }

        /// <summary>The sign; of a complex number the unit number of the same angle.</summary>
        public Tensor sgn() => Aten.Sgn.Call(this);

        /// <summary>The sign; of a complex number the unit number of the same angle. In place.</summary>
        public Tensor sgn_()
        {
            Aten.SgnInPlace.Run(this);
            return this;
        }

        /// <summary>The sine.</summary>
        public Tensor sin() => Aten.Sin.Call(this);

        /// <summary>The sine. In place.</summary>
        public Tensor sin_()
        {
            Aten.SinInPlace.Run(this);
            return this;
        }

        /// <summary>sin(pi x) / (pi x).</summary>
        public Tensor sinc() => Aten.Sinc.Call(this);

        /// <summary>sin(pi x) / (pi x). In place.</summary>
        public Tensor sinc_()
        {
            Aten.SincInPlace.Run(this);
            return this;
        }

        /// <summary>The hyperbolic sine.</summary>
        public Tensor sinh() => Aten.Sinh.Call(this);

        /// <summary>The hyperbolic sine. In place.</summary>
        public Tensor sinh_()
        {
            Aten.SinhInPlace.Run(this);
            return this;
        }

        /// <summary>The square root.</summary>
        public Tensor sqrt() => Aten.Sqrt.Call(this);

        /// <summary>The square root. In place.</summary>
        public Tensor sqrt_()
        {
            Aten.SqrtInPlace.Run(this);
            return this;
        }

        /// <summary>x squared.</summary>
        public Tensor square() => Aten.Square.Call(this);

        /// <summary>The tangent.</summary>
        public Tensor tan() => Aten.Tan.Call(this);

        /// <summary>The tangent. In place.</summary>
        public Tensor tan_()
        {
            Aten.TanInPlace.Run(this);
            return this;
        }

        /// <summary>The hyperbolic tangent.</summary>
        public Tensor tanh() => Aten.Tanh.Call(this);

        /// <summary>The hyperbolic tangent. In place.</summary>
        public Tensor tanh_()
        {
            Aten.TanhInPlace.Run(this);
            return this;
        }

        /// <summary>Without the fractional part.</summary>
        public Tensor trunc() => Aten.Trunc.Call(this);

        /// <summary>Without the fractional part. In place.</summary>
        public Tensor trunc_()
        {
            Aten.TruncInPlace.Run(this);
            return this;
        }

        /// <summary>Which elements are not a number.</summary>
        public Tensor isnan() => Aten.Isnan.Call(this);

        /// <summary>Which elements are infinite.</summary>
        public Tensor isinf() => Aten.Isinf.Call(this);

        /// <summary>Which elements are finite.</summary>
        public Tensor isfinite() => Aten.Isfinite.Call(this);

        /// <summary>The angle of complex numbers, in radians.</summary>
        public Tensor angle() => Aten.Angle.Call(this);

        /// <summary>The complex conjugate.</summary>
        public Tensor conj() => Aten.Conj.Call(this);

        /// <summary>The absolute value.</summary>
        public Tensor absolute() => abs();

        /// <summary>The negative.</summary>
        public Tensor negative() => neg();

        /// <summary>The negative.</summary>
        public static Tensor operator -(Tensor tensor) => tensor.neg();

        /// <summary>Rounded, half to even, to a number of decimals.</summary>
        public Tensor round(long decimals = 0L) => Aten.RoundDecimals.Call(this, decimals);

        /// <summary>The real parts, sharing storage.</summary>
        public Tensor real => is_complex() ? Aten.Real.Call(this) : alias();

        /// <summary>The imaginary parts, sharing storage.</summary>
        public Tensor imag => Aten.Imag.Call(this);

        /// <summary>The same tensor as another object, sharing storage.</summary>
        public Tensor alias() => Aten.Alias.Call(this);

        /// <summary>Sum with broadcasting.</summary>
        public Tensor add(Tensor target) => Aten.AddTensor.Call(this, target);

        /// <summary>Sum with a multiple of another tensor: this + alpha * target.</summary>
        public Tensor add(Tensor target, Scalar alpha) => Aten.AddTensor.Call(this, target, alpha);

        /// <summary>Sum with a multiple of another tensor, in place.</summary>
        public Tensor add_(Tensor target, Scalar alpha)
        {
            Aten.AddInPlaceTensor.Run(this, target, alpha);
            return this;
        }

        /// <summary>this + alpha * scalar.</summary>
        public Tensor add(Scalar scalar, Scalar alpha) => Aten.AddScalar.Call(this, scalar, alpha);

        /// <summary>Sum with a number.</summary>
        public Tensor add(Scalar scalar) => Aten.AddScalar.Call(this, scalar);

        /// <summary>Sum with broadcasting, in place.</summary>
        public Tensor add_(Tensor target)
        {
            Aten.AddInPlaceTensor.Run(this, target);
            return this;
        }

        /// <summary>Sum with a number, in place.</summary>
        public Tensor add_(Scalar scalar)
        {
            Aten.AddInPlaceScalar.Run(this, scalar);
            return this;
        }

        /// <summary>Difference with broadcasting.</summary>
        public Tensor sub(Tensor target) => Aten.SubTensor.Call(this, target);

        /// <summary>Difference with a number.</summary>
        public Tensor sub(Scalar target) => Aten.SubScalar.Call(this, target);

        /// <summary>Difference with broadcasting, in place.</summary>
        public Tensor sub_(Tensor target)
        {
            Aten.SubInPlaceTensor.Run(this, target);
            return this;
        }

        /// <summary>Difference with a number, in place.</summary>
        public Tensor sub_(Scalar target)
        {
            Aten.SubInPlaceScalar.Run(this, target);
            return this;
        }

        /// <summary>Product with broadcasting.</summary>
        public Tensor mul(Tensor target) => Aten.MulTensor.Call(this, target);

        /// <summary>Product with a number.</summary>
        public Tensor mul(Scalar target) => Aten.MulScalar.Call(this, target);

        /// <summary>Product with broadcasting, in place.</summary>
        public Tensor mul_(Tensor target)
        {
            Aten.MulInPlaceTensor.Run(this, target);
            return this;
        }

        /// <summary>Product with a number, in place.</summary>
        public Tensor mul_(Scalar target)
        {
            Aten.MulInPlaceScalar.Run(this, target);
            return this;
        }

        /// <summary>Quotient with broadcasting.</summary>
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Aten.DivTensorMode.Call(this, target, Text(rounding_mode));

        /// <summary>Quotient with a number.</summary>
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Aten.DivScalarMode.Call(this, target, Text(rounding_mode));

        /// <summary>Quotient with broadcasting, in place.</summary>
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Aten.DivInPlaceTensorMode.Run(this, target, Text(rounding_mode));
            return this;
        }

        /// <summary>Quotient with a number, in place.</summary>
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Aten.DivInPlaceScalarMode.Run(this, target, Text(rounding_mode));
            return this;
        }

        /// <summary>Power with broadcasting.</summary>
        public Tensor pow(Tensor exponent) => Aten.PowTensorTensor.Call(this, exponent);

        /// <summary>Power with broadcasting, in place.</summary>
        public Tensor pow_(Tensor exponent)
        {
            Aten.PowInPlaceTensor.Run(this, exponent);
            return this;
        }

        /// <summary>Remainder with the sign of the dividend.</summary>
        public Tensor fmod(Tensor target) => Aten.FmodTensor.Call(this, target);

        /// <summary>Remainder with the sign of the divisor.</summary>
        public Tensor remainder(Tensor target) => Aten.RemainderTensor.Call(this, target);

        /// <summary>Power with broadcasting.</summary>
        public Tensor pow(Scalar exponent) => Aten.PowTensorScalar.Call(this, exponent);

        /// <summary>Power with broadcasting, in place.</summary>
        public Tensor pow_(Scalar exponent)
        {
            Aten.PowInPlaceScalar.Run(this, exponent);
            return this;
        }

        /// <summary>Remainder with the sign of the dividend.</summary>
        public Tensor fmod(Scalar scalar) => Aten.FmodScalar.Call(this, scalar);

        /// <summary>Remainder with the sign of the divisor.</summary>
        public Tensor remainder(Scalar scalar) => Aten.RemainderScalar.Call(this, scalar);

        private static Argument Text(RoundingMode mode) => mode switch
        {
            RoundingMode.None => default,
            RoundingMode.trunc => "trunc",
            _ => "floor",
        };

        /// <summary>Elementwise, with broadcasting.</summary>
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Tensor left, int right) => left.add((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Tensor left, long right) => left.add((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Tensor left, float right) => left.add((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Tensor left, double right) => left.add((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(int left, Tensor right) => right.add((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(long left, Tensor right) => right.add((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(float left, Tensor right) => right.add((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator +(double left, Tensor right) => right.add((Scalar)left);

        /// <summary>Elementwise, with broadcasting.</summary>
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Tensor left, int right) => left.sub((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Tensor left, long right) => left.sub((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Tensor left, float right) => left.sub((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Tensor left, double right) => left.sub((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(Scalar left, Tensor right) => Aten.RsubScalar.Call(right, left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(int left, Tensor right) => Aten.RsubScalar.Call(right, (Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(long left, Tensor right) => Aten.RsubScalar.Call(right, (Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(float left, Tensor right) => Aten.RsubScalar.Call(right, (Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator -(double left, Tensor right) => Aten.RsubScalar.Call(right, (Scalar)left);

        /// <summary>Elementwise, with broadcasting.</summary>
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Tensor left, int right) => left.mul((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Tensor left, long right) => left.mul((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Tensor left, float right) => left.mul((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Tensor left, double right) => left.mul((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(int left, Tensor right) => right.mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(long left, Tensor right) => right.mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(float left, Tensor right) => right.mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator *(double left, Tensor right) => right.mul((Scalar)left);

        /// <summary>Elementwise, with broadcasting.</summary>
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Tensor left, int right) => left.div((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Tensor left, long right) => left.div((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Tensor left, float right) => left.div((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Tensor left, double right) => left.div((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(Scalar left, Tensor right) => right.reciprocal().mul(left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(int left, Tensor right) => right.reciprocal().mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(long left, Tensor right) => right.reciprocal().mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(float left, Tensor right) => right.reciprocal().mul((Scalar)left);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator /(double left, Tensor right) => right.reciprocal().mul((Scalar)left);

        /// <summary>Elementwise, with broadcasting.</summary>
        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator %(Tensor left, Scalar right) => left.remainder(right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator %(Tensor left, int right) => left.remainder((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator %(Tensor left, long right) => left.remainder((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator %(Tensor left, float right) => left.remainder((Scalar)right);

        /// <summary>Elementwise with a number.</summary>
        public static Tensor operator %(Tensor left, double right) => left.remainder((Scalar)right);

        /// <summary>Bitwise and; of booleans logical and.</summary>
        public Tensor bitwise_and(Tensor other) => Aten.BitwiseAndTensor.Call(this, other);

        /// <summary>Bitwise and; of booleans logical and.</summary>
        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);

        /// <summary>Bitwise or; of booleans logical or.</summary>
        public Tensor bitwise_or(Tensor other) => Aten.BitwiseOrTensor.Call(this, other);

        /// <summary>Bitwise or; of booleans logical or.</summary>
        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);

        /// <summary>Bitwise exclusive or.</summary>
        public Tensor bitwise_xor(Tensor other) => Aten.BitwiseXorTensor.Call(this, other);

        /// <summary>Bitwise exclusive or.</summary>
        public static Tensor operator ^(Tensor left, Tensor right) => left.bitwise_xor(right);

        /// <summary>Bitwise not; of booleans logical not.</summary>
        public Tensor bitwise_not() => Aten.BitwiseNot.Call(this);

        /// <summary>Bitwise not; of booleans logical not.</summary>
        public static Tensor operator ~(Tensor left) => left.bitwise_not();

        /// <summary>Logical and.</summary>
        public Tensor logical_and(Tensor other) => Aten.LogicalAnd.Call(this, other);

        /// <summary>Logical or.</summary>
        public Tensor logical_or(Tensor other) => Aten.LogicalOr.Call(this, other);

        /// <summary>Logical exclusive or.</summary>
        public Tensor logical_xor(Tensor other) => Aten.LogicalXor.Call(this, other);

        /// <summary>The angle of the point (other, this).</summary>
        public Tensor atan2(Tensor other) => Aten.Atan2.Call(this, other);

        /// <summary>The greater of two elements; not a number if either is.</summary>
        public Tensor maximum(Tensor other) => Aten.Maximum.Call(this, other);

        /// <summary>The smaller of two elements; not a number if either is.</summary>
        public Tensor minimum(Tensor other) => Aten.Minimum.Call(this, other);

        /// <summary>The greater of two elements, ignoring what is not a number.</summary>
        public Tensor fmax(Tensor other) => Aten.Fmax.Call(this, other);

        /// <summary>The smaller of two elements, ignoring what is not a number.</summary>
        public Tensor fmin(Tensor other) => Aten.Fmin.Call(this, other);

        /// <summary>Whether elements are equal.</summary>
        public Tensor eq(Tensor target) => Aten.EqTensor.Call(this, target);

        /// <summary>Whether elements are equal.</summary>
        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        /// <summary>Whether elements are equal.</summary>
        public Tensor eq(Scalar target) => Aten.EqScalar.Call(this, target);

        /// <summary>Whether elements are equal.</summary>
        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        /// <summary>Whether elements differ.</summary>
        public Tensor ne(Tensor target) => Aten.NeTensor.Call(this, target);

        /// <summary>Whether elements differ.</summary>
        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        /// <summary>Whether elements differ.</summary>
        public Tensor ne(Scalar target) => Aten.NeScalar.Call(this, target);

        /// <summary>Whether elements differ.</summary>
        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        /// <summary>Whether elements are smaller.</summary>
        public Tensor lt(Tensor target) => Aten.LtTensor.Call(this, target);

        /// <summary>Whether elements are smaller.</summary>
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        /// <summary>Whether elements are smaller.</summary>
        public Tensor lt(Scalar target) => Aten.LtScalar.Call(this, target);

        /// <summary>Whether elements are smaller.</summary>
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        /// <summary>Whether elements are not greater.</summary>
        public Tensor le(Tensor target) => Aten.LeTensor.Call(this, target);

        /// <summary>Whether elements are not greater.</summary>
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        /// <summary>Whether elements are not greater.</summary>
        public Tensor le(Scalar target) => Aten.LeScalar.Call(this, target);

        /// <summary>Whether elements are not greater.</summary>
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        /// <summary>Whether elements are greater.</summary>
        public Tensor gt(Tensor target) => Aten.GtTensor.Call(this, target);

        /// <summary>Whether elements are greater.</summary>
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        /// <summary>Whether elements are greater.</summary>
        public Tensor gt(Scalar target) => Aten.GtScalar.Call(this, target);

        /// <summary>Whether elements are greater.</summary>
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        /// <summary>Whether elements are not smaller.</summary>
        public Tensor ge(Tensor target) => Aten.GeTensor.Call(this, target);

        /// <summary>Whether elements are not smaller.</summary>
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        /// <summary>Whether elements are not smaller.</summary>
        public Tensor ge(Scalar target) => Aten.GeScalar.Call(this, target);

        /// <summary>Whether elements are not smaller.</summary>
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        /// <summary>Whether all elements are equal within rtol * |target| + atol.</summary>
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => Aten.Allclose.CallBool(this, target, rtol, atol, equal_nan);

        /// <summary>Which elements are equal within rtol * |other| + atol.</summary>
        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) => Aten.Isclose.Call(this, other, rtol, atol, nanEqual);

        /// <summary>Limited to a range; null leaves an end open.</summary>
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Aten.Clamp.Call(this, min, max);

        /// <summary>Limited to a range, in place.</summary>
        public Tensor clamp_(Scalar? min = null, Scalar? max = null)
        {
            Aten.ClampInPlace.Run(this, min, max);
            return this;
        }

        /// <summary>Limited to a range; null leaves an end open.</summary>
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Aten.ClampTensor.Call(this, min, max);

        /// <summary>Limited to a range, in place.</summary>
        public Tensor clamp_(Tensor? min = null, Tensor? max = null)
        {
            Aten.ClampInPlaceTensor.Run(this, min, max);
            return this;
        }

        /// <summary>Limited from below.</summary>
        public Tensor clamp_min(Scalar min) => Aten.ClampMin.Call(this, min);

        /// <summary>Limited from above.</summary>
        public Tensor clamp_max(Scalar max) => Aten.ClampMax.Call(this, max);

        /// <summary>With what is not a number, and infinities, replaced (null: the largest finite numbers).</summary>
        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) => Aten.NanToNum.Call(this, nan, posinf, neginf);

        /// <summary>this + weight * (end - this).</summary>
        public Tensor lerp(Tensor end, Tensor weight) => Aten.LerpTensor.Call(this, end, weight);

        /// <summary>this + weight * (end - this), in place.</summary>
        public Tensor lerp_(Tensor end, Tensor weight)
        {
            Aten.LerpInPlaceTensor.Run(this, end, weight);
            return this;
        }

        /// <summary>this + value * tensor1 * tensor2.</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.Addcmul.Call(this, tensor1, tensor2, value);

        /// <summary>this + value * tensor1 * tensor2, in place.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Aten.AddcmulInPlace.Run(this, tensor1, tensor2, value);
            return this;
        }

        /// <summary>this + value * tensor1 / tensor2.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.Addcdiv.Call(this, tensor1, tensor2, value);

        /// <summary>this + value * tensor1 / tensor2, in place.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Aten.AddcdivInPlace.Run(this, tensor1, tensor2, value);
            return this;
        }

        /// <summary>log(p / (1 - p)), with p kept within [eps, 1 - eps].</summary>
        public Tensor logit(double? eps = null) => Aten.Logit.Call(this, eps);

        /// <summary>x log y, 0 where x is 0.</summary>
        public Tensor xlogy(Tensor y) => Aten.XlogyTensor.Call(this, y);

        /// <summary>log(exp(a) + exp(b)).</summary>
        public Tensor logaddexp(Tensor other) => Aten.Logaddexp.Call(this, other);

        /// <summary>max(0, x).</summary>
        public Tensor relu() => Aten.Relu.Call(this);

        /// <summary>min(max(0, x), 6).</summary>
        public Tensor relu6() => Aten.Relu6.Call(this);

        /// <summary>x times the normal distribution function of x.</summary>
        public Tensor gelu() => Aten.Gelu.Call(this);

        /// <summary>x times sigmoid(x).</summary>
        public Tensor silu() => Aten.Silu.Call(this);

        /// <summary>The scaled exponential linear unit.</summary>
        public Tensor selu() => Aten.Selu.Call(this);

        /// <summary>max(0, x), in place.</summary>
        public Tensor relu_()
        {
            Aten.ReluInPlace.Run(this);
            return this;
        }

        /// <summary>x where positive, else negative_slope times x.</summary>
        public Tensor leaky_relu(Scalar negative_slope) => Aten.LeakyRelu.Call(this, negative_slope);

        /// <summary>log(1 + exp(beta x)) / beta.</summary>
        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.Softplus.Call(this, beta, threshold);

        /// <summary>log(sigmoid(x)).</summary>
        public Tensor log_sigmoid() => Aten.LogSigmoid.Call(this);

        /// <summary>exp(x) over its sum along a dimension.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.SoftmaxInt.Call(this, dim, dtype);

        /// <summary>log of softmax along a dimension.</summary>
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.LogSoftmaxInt.Call(this, dim, dtype);
    }
}
