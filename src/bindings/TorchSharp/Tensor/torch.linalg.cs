using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra.</summary>
    public static partial class linalg
    {
        /// <summary>The inverse of a square matrix.</summary>
        public static Tensor inv(Tensor input) => Aten.LinalgInv.Call(input);

        /// <summary>The determinant.</summary>
        public static Tensor det(Tensor input) => Aten.LinalgDet.Call(input);

        /// <summary>X with A X = B.</summary>
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.LinalgSolve.Call(A, B, left);

        /// <summary>The lower Cholesky factor of a positive-definite matrix.</summary>
        public static Tensor cholesky(Tensor input) => Aten.LinalgCholesky.Call(input);

        /// <summary>Eigenvalues (ascending) and eigenvectors of a Hermitian matrix.</summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.LinalgEigh.Call2(input, UPLO.ToString());

        /// <summary>Eigenvalues (ascending) of a Hermitian matrix.</summary>
        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.LinalgEigvalsh.Call(input, UPLO.ToString());

        /// <summary>The singular value decomposition.</summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) => Aten.LinalgSvd.Call3(input, fullMatrices);

        /// <summary>The singular values, descending.</summary>
        public static Tensor svdvals(Tensor input) => Aten.LinalgSvdvals.Call(input);

        /// <summary>The vector norm of order ord, along dimensions or of all elements.</summary>
        public static Tensor vector_norm(Tensor input, double ord = 2d, long[]? dims = null, bool keepdim = false) => Aten.LinalgVectorNorm.Call(input, ord, dims, keepdim);

        /// <summary>The vector or matrix norm.</summary>
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) => Aten.LinalgNorm.Call(input, default(Argument), dims, keepdim);

        /// <summary>The vector or matrix norm of order ord.</summary>
        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Aten.LinalgNorm.Call(input, ord, dims, keepdim);

        /// <summary>The Moore-Penrose inverse.</summary>
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Aten.LinalgPinvAtolRtolFloat.Call(input, atol, rtol, hermitian);

        /// <summary>The matrix exponential.</summary>
        public static Tensor matrix_exp(Tensor input) => Aten.LinalgMatrixExp.Call(input);
    }
}
