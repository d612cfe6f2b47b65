using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The matrix product, with broadcasting of batch dimensions.</summary>
        public Tensor matmul(Tensor target) => Aten.Matmul.Call(this, target);

        /// <summary>The product of two matrices.</summary>
        public Tensor mm(Tensor target) => Aten.Mm.Call(this, target);

        /// <summary>The product of a matrix and a vector.</summary>
        public Tensor mv(Tensor target) => Aten.Mv.Call(this, target);

        /// <summary>The products of two batches of matrices.</summary>
        public Tensor bmm(Tensor batch2) => Aten.Bmm.Call(this, batch2);

        /// <summary>The inner product of two vectors.</summary>
        public Tensor dot(Tensor target) => Aten.Dot.Call(this, target);

        /// <summary>The outer product of two vectors.</summary>
        public Tensor outer(Tensor vec2) => Aten.Outer.Call(this, vec2);

        /// <summary>The inner product along the last dimensions.</summary>
        public Tensor inner(Tensor vec2) => Aten.Inner.Call(this, vec2);

        /// <summary>beta * this + alpha * mat1 @ mat2.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.Addmm.Call(this, mat1, mat2, (double)beta, (double)alpha);

        /// <summary>The Kronecker product.</summary>
        public Tensor kron(Tensor other) => Aten.Kron.Call(this, other);

        /// <summary>The contraction of the last dims dimensions with the first of b.</summary>
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            long[] own = new long[dims], others = new long[dims];
            for (int i = 0; i < dims; i++)
            {
                own[i] = ndim - dims + i;
                others[i] = i;
            }

            return Aten.Tensordot.Call(this, b, own, others);
        }

        /// <summary>The inverse of a square matrix.</summary>
        public Tensor inverse() => Aten.Inverse.Call(this);

        /// <summary>The determinant.</summary>
        public Tensor det() => Aten.LinalgDet.Call(this);
    }
}
