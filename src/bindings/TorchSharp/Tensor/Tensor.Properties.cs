using System.Numerics;
using System.Runtime.CompilerServices;
using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The number of dimensions.</summary>
        public long ndim => dim();

        /// <summary>The number of dimensions.</summary>
        public long Dimensions => dim();

        /// <summary>The number of elements.</summary>
        public long NumberOfElements => numel();

        /// <summary>Bytes of one element.</summary>
        public long ElementSize => SizeOf(dtype);

        /// <summary>The element type.</summary>
        public ScalarType dtype
        {
            get
            {
                int type = qd_torch_dtype(Handle);
                GC.KeepAlive(this);
                return (ScalarType)type;
            }
        }

        /// <summary>Where the tensor lives.</summary>
        public Device device => new(device_type);

        /// <summary>The kind of device the tensor lives on.</summary>
        public DeviceType device_type
        {
            get
            {
                int type = qd_torch_device_type(Handle);
                GC.KeepAlive(this);
                return (DeviceType)type;
            }
        }

        /// <summary>The sizes of all dimensions.</summary>
        public unsafe long[] shape
        {
            get
            {
                long[] sizes = new long[dim()];
                fixed (long* p = sizes)
                {
                    Check(qd_torch_sizes(Handle, p));
                }

                GC.KeepAlive(this);
                return sizes;
            }
        }

        /// <summary>Whether gradients are recorded for the tensor.</summary>
        public bool requires_grad
        {
            get
            {
                bool on = qd_torch_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return on;
            }

            set
            {
                Check(qd_torch_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Whether the tensor is a leaf of the gradient graph.</summary>
        public bool is_leaf
        {
            get
            {
                bool leaf = qd_torch_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return leaf;
            }
        }

        /// <summary>The accumulated gradient, or null. Every read gives a new object.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint g;
                Check(qd_torch_grad(Handle, &g));
                GC.KeepAlive(this);
                return g == 0 ? null : new Tensor(g);
            }

            set
            {
                Check(qd_torch_set_grad(Handle, value is null ? 0 : value.Handle));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        /// <summary>The bytes of a contiguous tensor, valid while the tensor lives.</summary>
        public Span<byte> bytes => Bytes(out _);

        /// <summary>The number of dimensions.</summary>
        public long dim()
        {
            long d = qd_torch_dim(Handle);
            GC.KeepAlive(this);
            return d;
        }

        /// <summary>The number of elements.</summary>
        public long numel()
        {
            long n = qd_torch_numel(Handle);
            GC.KeepAlive(this);
            return n;
        }

        /// <summary>Bytes of one element.</summary>
        public long element_size() => ElementSize;

        /// <summary>The size of one dimension; negative counts from the end.</summary>
        public long size(int dim)
        {
            long[] s = shape;
            return s[dim < 0 ? dim + s.Length : dim];
        }

        /// <summary>The sizes of all dimensions.</summary>
        public long[] size() => shape;

        /// <summary>The steps, in elements, of all dimensions.</summary>
        public unsafe long[] stride()
        {
            long[] strides = new long[dim()];
            fixed (long* p = strides)
            {
                Check(qd_torch_strides(Handle, p));
            }

            GC.KeepAlive(this);
            return strides;
        }

        /// <summary>The step, in elements, of one dimension.</summary>
        public long stride(int dim)
        {
            long[] s = stride();
            return s[dim < 0 ? dim + s.Length : dim];
        }

        /// <summary>Whether the elements lie in row-major order without gaps.</summary>
        public bool is_contiguous()
        {
            bool yes = qd_torch_is_contiguous(Handle) != 0;
            GC.KeepAlive(this);
            return yes;
        }

        /// <summary>Whether the elements are whole numbers or booleans.</summary>
        public bool is_integral() => torch.is_integral(dtype);

        /// <summary>Whether the elements are real numbers.</summary>
        public bool is_floating_point() => torch.is_floating_point(dtype);

        /// <summary>Whether the elements are complex numbers.</summary>
        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>Sets whether gradients are recorded; returns the tensor.</summary>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>Sets whether gradients are recorded; returns the tensor.</summary>
        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad()
        {
            Check(qd_torch_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>Sends gradients of a one-element tensor back through the graph.</summary>
        public void backward() => autograd.backward(this);

        /// <summary>Sends gradients back through the graph.</summary>
        /// <param name="grad_tensors">The gradient of the tensor; needed unless it has one element.</param>
        /// <param name="retain_graph">Keep the graph for another pass.</param>
        /// <param name="create_graph">Record the pass itself, for higher derivatives.</param>
        /// <param name="inputs">Accumulate only into these.</param>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
            => autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>The elements, for reading and writing in place.</summary>
        /// <exception cref="ArgumentException">T is not the tensor's element type.</exception>
        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            if (TypeOf<T>() != dtype)
            {
                throw new ArgumentException($"the elements are {dtype}, not {typeof(T).Name}");
            }

            return new Utils.TensorAccessor<T>(this);
        }

        /// <summary>The value of a one-element tensor.</summary>
        /// <exception cref="ArgumentException">More than one element, or T is not the element type.</exception>
        public T item<T>()
            where T : unmanaged
        {
            if (numel() != 1)
            {
                throw new ArgumentException("Number of elements in the tensor must be 1");
            }

            return data<T>()[0];
        }

        /// <summary>The value of a one-element tensor, whatever its element type.</summary>
        public unsafe Scalar ToScalar()
        {
            int tag;
            long whole;
            double* value = stackalloc double[2];
            Check(qd_torch_item(Handle, &tag, value, &whole));
            GC.KeepAlive(this);
            return Scalar.Of((Tag)tag, value[0], value[1], whole);
        }

        /// <summary>The value of a one-element tensor as a single-precision number.</summary>
        public static explicit operator float(Tensor value) => value.ToScalar().ToSingle();

        /// <summary>The value of a one-element tensor as a double-precision number.</summary>
        public static explicit operator double(Tensor value) => value.ToScalar().ToDouble();

        /// <summary>The value of a one-element tensor as a 32-bit whole number.</summary>
        public static explicit operator int(Tensor value) => value.ToScalar().ToInt32();

        /// <summary>The value of a one-element tensor as a 64-bit whole number.</summary>
        public static explicit operator long(Tensor value) => value.ToScalar().ToInt64();

        /// <summary>Whether the value of a one-element tensor is not zero.</summary>
        public static explicit operator bool(Tensor value) => value.ToScalar().ToBoolean();

        /// <summary>Element type and shape.</summary>
        public override string ToString() => IsInvalid ? "[disposed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        /// <summary>The data of a contiguous tensor.</summary>
        internal unsafe Span<byte> Bytes(out nint pointer)
        {
            if (!is_contiguous())
            {
                throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
            }

            void* data;
            Check(qd_torch_data(Handle, &data));
            pointer = (nint)data;
            return new Span<byte>(data, checked((int)(numel() * ElementSize)));
        }
    }
}
