using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One dimension's part of an index expression.</summary>
    public struct TensorIndex
    {
        internal enum Kind
        {
            None,
            Single,
            Slice,
            Null,
            Ellipsis,
            Bool,
            Tensor,
        }

        /// <summary>Every element of the dimensions not named otherwise.</summary>
        public static TensorIndex Ellipsis = new() { kind = Kind.Ellipsis };

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex None = new() { kind = Kind.None };

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex Null = new() { kind = Kind.Null };

        /// <summary>Every element of the dimension.</summary>
        public static TensorIndex Colon = Slice();

        internal Kind kind { get; private init; }

        internal long? start { get; private init; }

        internal long? stop { get; private init; }

        internal long? step { get; private init; }

        internal Tensor? tensor { get; private init; }

        /// <summary>From start to stop (excluded) by step; null leaves an end open.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { kind = Kind.Slice, start = start, stop = stop, step = step };

        /// <summary>One index; negative counts from the end.</summary>
        public static TensorIndex Single(long? index) => new() { kind = Kind.Single, start = index };

        /// <summary>The indices, or the mask, that a tensor holds.</summary>
        public static TensorIndex Tensor(Tensor? tensor) => new() { kind = Kind.Tensor, tensor = tensor };

        /// <summary>One index; negative counts from the end.</summary>
        public static implicit operator TensorIndex(long value) => Single(value);

        /// <summary>Not to be called: it only makes an index expression of numbers mean <see cref="TensorIndex"/> rather than tensors.</summary>
        public static implicit operator Tensor(TensorIndex value) => throw new InvalidOperationException("an index is not a tensor");

        /// <summary>From start to end (excluded); null leaves an end open.</summary>
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range.start, range.end);

        /// <summary>A range; indices from the end are allowed.</summary>
        public static implicit operator TensorIndex(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value);

        /// <summary>One index, possibly from the end.</summary>
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }

    public partial class Tensor
    {
        /// <summary>The part that an index expression names. Without index tensors it shares storage. Assignment writes into it.</summary>
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>The elements at the positions that the index tensors (or masks) name.</summary>
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>One index of the first dimension, sharing storage.</summary>
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set
            {
                using Tensor part = select(0, i1);
                part.copy_(value);
            }
        }

        /// <summary>One index of each of the first two dimensions, sharing storage.</summary>
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        /// <summary>One index of each of the first three dimensions, sharing storage.</summary>
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        /// <summary>The part that an index expression names; without index tensors it shares storage.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor?[]? advanced = Basic(indices, out Tensor view);
            Tensor result = advanced is null ? view : Aten.IndexTensor.Call(view, Argument.OptionalTensors(advanced));
            return ReferenceEquals(result, this) ? scope.MoveToOuter(alias()) : scope.MoveToOuter(result);
        }

        /// <summary>The elements at the positions that the index tensors (or masks) name.</summary>
        public Tensor index(params Tensor[] indices) => Aten.IndexTensor.Call(this, Argument.OptionalTensors(indices));

        /// <summary>Writes into the part that an index expression names, with broadcasting.</summary>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor?[]? advanced = Basic(indices, out Tensor view);
            if (advanced is null)
            {
                view.copy_(value);
            }
            else
            {
                Aten.IndexPutInPlace.Run(view, Argument.OptionalTensors(advanced), value);
            }

            return this;
        }

        /// <summary>Writes at the positions that the index tensors (or masks) name, with broadcasting.</summary>
        public Tensor index_put_(Tensor value, params Tensor[] indices)
        {
            Aten.IndexPutInPlace.Run(this, Argument.OptionalTensors(indices), value);
            return this;
        }

        // Numbers, slices, ellipses and new dimensions become views; what index tensors remain, one for each dimension of the view, is returned.
        private Tensor?[]? Basic(TensorIndex[] indices, out Tensor view)
        {
            view = this;
            long consumed = indices.Sum(i => i.kind switch
            {
                TensorIndex.Kind.Ellipsis or TensorIndex.Kind.None or TensorIndex.Kind.Null => 0L,
                TensorIndex.Kind.Tensor when i.tensor!.dtype == ScalarType.Bool => i.tensor.ndim,
                _ => 1L,
            });
            List<Tensor?> advanced = [];
            long d = 0;
            foreach (TensorIndex i in indices)
            {
                switch (i.kind)
                {
                    case TensorIndex.Kind.Single:
                        view = view.select(d, i.start!.Value);
                        continue;
                    case TensorIndex.Kind.Slice:
                        view = Aten.SliceTensor.Call(view, d, i.start, i.stop, i.step ?? 1L);
                        advanced.Add(null);
                        d++;
                        continue;
                    case TensorIndex.Kind.Ellipsis:
                        for (long k = consumed; k < ndim; k++)
                        {
                            advanced.Add(null);
                            d++;
                        }

                        continue;
                    case TensorIndex.Kind.None or TensorIndex.Kind.Null:
                        view = view.unsqueeze(d);
                        advanced.Add(null);
                        d++;
                        continue;
                    case TensorIndex.Kind.Tensor:
                        advanced.Add(i.tensor);
                        d += i.tensor!.dtype == ScalarType.Bool ? i.tensor.ndim : 1;
                        continue;
                    default:
                        throw new NotSupportedException($"an index of kind {i.kind} is not part of this binding");
                }
            }

            return advanced.Any(a => a is not null) ? advanced.ToArray() : null;
        }
    }
}
