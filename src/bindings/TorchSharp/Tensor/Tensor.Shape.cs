using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The same elements in another shape; -1 is deduced.</summary>
        public Tensor reshape(params long[] shape) => Aten.Reshape.Call(this, shape);

        /// <summary>The same storage in another shape; -1 is deduced.</summary>
        public Tensor view(params long[] shape) => Aten.View.Call(this, shape);

        /// <summary>The same storage in the shape of another tensor.</summary>
        public Tensor view_as(Tensor other) => Aten.ViewAs.Call(this, other);

        /// <summary>Dimensions start_dim to end_dim as one.</summary>
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Aten.FlattenUsingInts.Call(this, start_dim, end_dim);

        /// <summary>One dimension as several.</summary>
        public Tensor unflatten(long dim, params long[] sizes) => Aten.UnflattenInt.Call(this, dim, sizes);

        /// <summary>Without dimensions of size 1: all of them, or the given one.</summary>
        public Tensor squeeze(long? dim = null) => dim is { } d ? Aten.SqueezeDim.Call(this, d) : Aten.Squeeze.Call(this);

        /// <summary>With a dimension of size 1 inserted.</summary>
        public Tensor unsqueeze(long dim) => Aten.Unsqueeze.Call(this, dim);

        /// <summary>With two dimensions exchanged.</summary>
        public Tensor transpose(long dim0, long dim1) => Aten.TransposeInt.Call(this, dim0, dim1);

        /// <summary>A matrix transposed.</summary>
        public Tensor t() => Aten.T.Call(this);

        /// <summary>With all dimensions reversed.</summary>
        public Tensor T => Aten.NumpyT.Call(this);

        /// <summary>With the last two dimensions exchanged.</summary>
        public Tensor mT => Aten.MT.Call(this);

        /// <summary>With the last two dimensions exchanged, and conjugated.</summary>
        public Tensor mH => Aten.MH.Call(this);

        /// <summary>With dimensions in another order.</summary>
        public Tensor permute(params long[] permutation) => Aten.Permute.Call(this, permutation);

        /// <summary>Repeated along dimensions of size 1, without copying.</summary>
        public Tensor expand(params long[] sizes) => Aten.Expand.Call(this, sizes);

        /// <summary>Repeated along dimensions of size 1, without copying.</summary>
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.Expand.Call(this, sizes, isImplicit);

        /// <summary>Repeated to the shape of another tensor, without copying.</summary>
        public Tensor expand_as(Tensor other) => Aten.ExpandAs.Call(this, other);

        /// <summary>Repeated to a shape, without copying.</summary>
        public Tensor broadcast_to(params long[] shape) => Aten.BroadcastTo.Call(this, shape);

        /// <summary>Repeated along each dimension.</summary>
        public Tensor repeat(params long[] sizes) => Aten.Repeat.Call(this, sizes);

        /// <summary>Each element repeated.</summary>
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) => Aten.RepeatInterleaveSelfInt.Call(this, repeats, dim, output_size);

        /// <summary>Repeated like a tile.</summary>
        public Tensor tile(long[] reps) => Aten.Tile.Call(this, reps);

        /// <summary>A part of one dimension, sharing storage.</summary>
        public Tensor narrow(long dim, long start, long length) => Aten.Narrow.Call(this, dim, start, length);

        /// <summary>One index of one dimension, sharing storage.</summary>
        public Tensor select(long dim, long index) => Aten.SelectInt.Call(this, dim, index);

        /// <summary>Every step-th index from start to finish (excluded) of one dimension, sharing storage.</summary>
        public Tensor slice(long dim, long start, long finish, long step) => Aten.SliceTensor.Call(this, dim, start, finish, step);

        /// <summary>The given indices of one dimension.</summary>
        public Tensor index_select(long dim, Tensor index) => Aten.IndexSelect.Call(this, dim, index);

        /// <summary>Along one dimension, the elements at the given indices.</summary>
        public Tensor gather(long dim, Tensor index) => Aten.Gather.Call(this, dim, index);

        /// <summary>With elements of src written at the given indices of one dimension.</summary>
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.ScatterSrc.Call(this, dim, index, src);

        /// <summary>With elements of src added at the given indices of one dimension.</summary>
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.ScatterAdd.Call(this, dim, index, src);

        /// <summary>Writes elements of src at the given indices of one dimension.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src)
        {
            Aten.ScatterInPlaceSrc.Run(this, dim, index, src);
            return this;
        }

        /// <summary>Adds elements of src at the given indices of one dimension.</summary>
        public Tensor scatter_add_(long dim, Tensor index, Tensor src)
        {
            Aten.ScatterAddInPlace.Run(this, dim, index, src);
            return this;
        }

        /// <summary>With alpha times source added at the given indices of one dimension.</summary>
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.IndexAdd.Call(this, dim, index, source, alpha);

        /// <summary>Copies source to the given indices of one dimension.</summary>
        public Tensor index_copy_(long dim, Tensor index, Tensor source)
        {
            Aten.IndexCopyInPlace.Run(this, dim, index, source);
            return this;
        }

        /// <summary>With a number where the mask is true.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.MaskedFillScalar.Call(this, mask, value);

        /// <summary>Writes a number where the mask is true.</summary>
        public Tensor masked_fill_(Tensor mask, Scalar value)
        {
            Aten.MaskedFillInPlaceScalar.Run(this, mask, value);
            return this;
        }

        /// <summary>The elements where the mask is true, as a vector.</summary>
        public Tensor masked_select(Tensor mask) => Aten.MaskedSelect.Call(this, mask);

        /// <summary>This where the condition is true, else y.</summary>
        public Tensor where(Tensor condition, Tensor y) => Aten.WhereSelf.Call(condition, this, y);

        /// <summary>The indices of what is not zero, one row each.</summary>
        public Tensor nonzero() => Aten.Nonzero.Call(this);

        /// <summary>With the order reversed along dimensions.</summary>
        public Tensor flip(params long[] dims) => Aten.Flip.Call(this, dims);

        /// <summary>Shifted around the end; without dims, as if flat.</summary>
        public Tensor roll(long shifts, long? dims = null) => Aten.Roll.Call(this, new long[] { shifts }, dims is { } d ? new long[] { d } : new long[0]);

        /// <summary>The lower triangle.</summary>
        public Tensor tril(long diagonal = 0) => Aten.Tril.Call(this, diagonal);

        /// <summary>The upper triangle.</summary>
        public Tensor triu(long diagonal = 0) => Aten.Triu.Call(this, diagonal);

        /// <summary>A diagonal of a matrix, or the matrix of a diagonal.</summary>
        public Tensor diag(long diagonal = 0) => Aten.Diag.Call(this, diagonal);

        /// <summary>A diagonal, sharing storage.</summary>
        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Aten.Diagonal.Call(this, offset, dim1, dim2);

        /// <summary>Matrices with the given diagonals.</summary>
        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) => Aten.DiagEmbed.Call(this, offset, dim1, dim2);

        /// <summary>The sum of the diagonal.</summary>
        public Tensor trace() => Aten.Trace.Call(this);

        /// <summary>A copy through which gradients flow.</summary>
        public Tensor clone() => Aten.Clone.Call(this);

        /// <summary>The same storage without history.</summary>
        public Tensor detach() => Aten.Detach.Call(this);

        /// <summary>Forgets the history.</summary>
        public Tensor detach_()
        {
            Aten.DetachInPlace.Run(this);
            return this;
        }

        /// <summary>In row-major order without gaps; itself if it is so already.</summary>
        public Tensor contiguous() => Aten.Contiguous.Call(this);

        /// <summary>Copies elements in, with broadcasting and conversion.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            Aten.CopyInPlace.Run(this, source, nonBlocking);
            return this;
        }

        /// <summary>Writes a number everywhere.</summary>
        public Tensor fill_(Scalar value)
        {
            Aten.FillInPlaceScalar.Run(this, value);
            return this;
        }

        /// <summary>Writes 0 everywhere.</summary>
        public Tensor zero_()
        {
            Aten.ZeroInPlace.Run(this);
            return this;
        }

        /// <summary>Differences of neighbours along a dimension.</summary>
        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) => Aten.Diff.Call(this, n, dim, prepend, append);

        /// <summary>The order that sorts along a dimension.</summary>
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.Argsort.Call(this, dim, descending);

        /// <summary>Sorted along a dimension, and the order.</summary>
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) => Aten.SortStable.Call2(this, stable, dim, descending);

        /// <summary>The k greatest (or smallest) along a dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Aten.Topk.Call2(this, k, dim, largest, sorted);

        /// <summary>Cut into pieces of equal size along a dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => Aten.SplitTensor.CallList((int)((shape[dim < 0 ? dim + ndim : dim] + size - 1) / size) + 1, this, size, dim);

        /// <summary>Cut into pieces of the given sizes along a dimension.</summary>
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.SplitWithSizes.CallList(sizes.Length, this, sizes, dim);

        /// <summary>Cut into a number of pieces along a dimension.</summary>
        public Tensor[] chunk(long chunks, long dim = 0L) => Aten.Chunk.CallList((int)chunks, this, chunks, dim);

        /// <summary>The slices along a dimension.</summary>
        public Tensor[] unbind(long dimension = 0L) => Aten.UnbindInt.CallList((int)size((int)dimension), this, dimension);

        /// <summary>A complex tensor as a real one with a last dimension of 2, sharing storage.</summary>
        public Tensor view_as_real() => Aten.ViewAsReal.Call(this);

        /// <summary>A real tensor with a last dimension of 2 as a complex one, sharing storage.</summary>
        public Tensor view_as_complex() => Aten.ViewAsComplex.Call(this);

        /// <summary>With another element type; itself if it has it already and copy is false.</summary>
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Converted(Aten.ToDtype.Call(this, type, non_blocking, copy), disposeAfter);

        /// <summary>With another element type.</summary>
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);

        /// <summary>On a device; itself if it is there already and copy is false.</summary>
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => Converted(Aten.ToDevice.Call(this, device, dtype, non_blocking, copy), disposeAfter);

        /// <summary>With the element type and on the device of another tensor.</summary>
        public Tensor to(Tensor other, bool non_blocking = false) => Aten.ToOther.Call(this, other, non_blocking);

        /// <summary>With the element type of another tensor.</summary>
        public Tensor type_as(Tensor tensor) => Aten.TypeAs.Call(this, tensor);

        /// <summary>With another element type.</summary>
        public Tensor type(ScalarType dtype) => to_type(dtype);

        /// <summary>On the processor.</summary>
        public Tensor cpu() => to(CPU);

        private Tensor Converted(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }

        /// <summary>With elements of type Bool.</summary>
        public Tensor @bool() => to_type(ScalarType.Bool);

        /// <summary>With elements of type Byte.</summary>
        public Tensor @byte() => to_type(ScalarType.Byte);

        /// <summary>With elements of type Int32.</summary>
        public Tensor @int() => to_type(ScalarType.Int32);

        /// <summary>With elements of type Int64.</summary>
        public Tensor @long() => to_type(ScalarType.Int64);

        /// <summary>With elements of type Float16.</summary>
        public Tensor half() => to_type(ScalarType.Float16);

        /// <summary>With elements of type Float32.</summary>
        public Tensor @float() => to_type(ScalarType.Float32);

        /// <summary>With elements of type Float64.</summary>
        public Tensor @double() => to_type(ScalarType.Float64);

        /// <summary>With elements of type ComplexFloat32.</summary>
        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);

        /// <summary>With elements of type ComplexFloat64.</summary>
        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);
    }
}
