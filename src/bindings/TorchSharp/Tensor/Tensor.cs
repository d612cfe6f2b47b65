using System.Runtime.CompilerServices;
using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

/// <summary>
/// PyTorch for .NET: the part of the TorchSharp package's interface that QDistill uses, with the same names, argument order, defaults and
/// meaning, over Debian's libtorch. Operators that libtorch refuses throw <see cref="System.Runtime.InteropServices.ExternalException"/> with its text.
/// </summary>
public static partial class torch
{
    /// <summary>
    /// An n-dimensional array on which operators work and through which gradients flow. It is freed by its <see cref="DisposeScope"/>, by
    /// <see cref="Dispose()"/>, or, when nothing else does, by the garbage collector.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        // Outside scopes only finalizers free memory, and the collector must hear of it to come in time; small tensors are not worth the call.
        private const long PressureFrom = 16 * 1024;

        private static long total;
        private static long peak;

        private nint handle;
        private long pressure;

        internal Tensor(nint handle)
            : this(handle, DisposeScope.Current)
        {
        }

        internal Tensor(nint handle, DisposeScope? scope)
        {
            this.handle = handle;
            if (handle == 0)
            {
                return; // an undefined tensor: nothing to free
            }

            long now = Interlocked.Increment(ref total);
            if (now > Volatile.Read(ref peak))
            {
                Volatile.Write(ref peak, now);
            }

            if (scope is not null)
            {
                scope.Attach(this);
            }
            else
            {
                long bytes = qd_torch_numel(handle) * SizeOf((ScalarType)qd_torch_dtype(handle));
                if (bytes >= PressureFrom)
                {
                    pressure = bytes;
                    GC.AddMemoryPressure(bytes);
                }
            }
        }

        /// <summary>Frees the native tensor when neither a scope nor <see cref="Dispose()"/> did.</summary>
        ~Tensor()
        {
            nint h = Interlocked.Exchange(ref handle, 0);
            if (h != 0)
            {
                qd_torch_free(h);
                Forget();
            }
        }

        /// <summary>Tensor objects that are alive in this process.</summary>
        public static long TotalCount => Volatile.Read(ref total);

        /// <summary>The highest <see cref="TotalCount"/> so far.</summary>
        public static long PeakCount => Volatile.Read(ref peak);

        /// <summary>The native tensor.</summary>
        /// <exception cref="InvalidOperationException">The tensor was disposed, or became a <see cref="Modules.Parameter"/>.</exception>
        public IntPtr Handle
        {
            get
            {
                nint h = handle;
                return h != 0 ? h : throw new InvalidOperationException("Tensor invalid -- empty handle.");
            }
        }

        /// <summary>Whether the tensor was disposed.</summary>
        public bool IsInvalid => handle == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal int ScopeSlot { get; set; }

        /// <summary>Frees the native tensor and leaves the scope.</summary>
        public void Dispose()
        {
            OwningDisposeScope?.Remove(this);
            nint h = Release();
            if (h != 0)
            {
                qd_torch_free(h);
            }
        }

        /// <summary>Moves the tensor from the scope that holds it to the one outside that; without one it is detached.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: it lives until it is disposed or finalized.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <summary>Moves the tensor to the scope that holds another tensor.</summary>
        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        /// <summary>Moves the tensor to another scope; null detaches it.</summary>
        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } own)
            {
                own.MoveToOther(other, this);
            }
            else
            {
                other?.Attach(this);
            }

            return this;
        }

        /// <summary>Gives up the native tensor without freeing it; this object becomes invalid.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            OwningDisposeScope?.Remove(this);
            return Release();
        }

        /// <summary>Takes the handle out of this object, which becomes invalid; whoever calls frees it.</summary>
        internal nint Release()
        {
            OwningDisposeScope = null;
            nint h = Interlocked.Exchange(ref handle, 0);
            GC.SuppressFinalize(this);
            if (h != 0)
            {
                Forget();
            }

            return h;
        }

        private void Forget()
        {
            Interlocked.Decrement(ref total);
            if (pressure != 0)
            {
                GC.RemoveMemoryPressure(pressure);
                pressure = 0;
            }
        }
    }
}
