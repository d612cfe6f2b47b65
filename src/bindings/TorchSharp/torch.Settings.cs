using System.Runtime.InteropServices;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The version of libtorch.</summary>
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((nint)qd_torch_library_version())!;

    /// <summary>Seeds the default generator; returns it.</summary>
    public static Generator manual_seed(long seed)
    {
        Check(qd_torch_manual_seed(unchecked((ulong)seed)));
        return Generator.Default;
    }

    /// <summary>The seed of the default generator.</summary>
    public static long initial_seed()
    {
        using Generator g = Generator.Default;
        return g.initial_seed();
    }

    /// <summary>The state of the default generator, as bytes.</summary>
    public static Tensor get_rng_state()
    {
        using Generator g = Generator.Default;
        return g.get_state();
    }

    /// <summary>Sets the state of the default generator.</summary>
    public static void set_rng_state(Tensor new_state)
    {
        using Generator g = Generator.Default;
        g.set_state(new_state);
    }

    /// <summary>The threads inside one operator.</summary>
    public static int get_num_threads() => qd_torch_num_threads();

    /// <summary>
    /// Sets the threads inside one operator, for libtorch and its BLAS. This build starts with 1 (unless OMP_NUM_THREADS is set), where the
    /// official package starts with all cores.
    /// </summary>
    public static void set_num_threads(int num) => Check(qd_torch_set_num_threads(num));

    /// <summary>The threads that run operators side by side.</summary>
    public static int get_num_interop_threads() => qd_torch_num_interop_threads();

    /// <summary>Sets the threads that run operators side by side; possible once.</summary>
    public static void set_num_interop_threads(int num) => Check(qd_torch_set_num_interop_threads(num));

    /// <summary>The element type of new tensors of real numbers.</summary>
    public static ScalarType get_default_dtype() => (ScalarType)qd_torch_default_dtype();

    /// <summary>Sets the element type of new tensors of real numbers.</summary>
    public static void set_default_dtype(ScalarType dtype) => Check(qd_torch_set_default_dtype((int)dtype));

    /// <summary>Until disposed, the thread records no gradients.</summary>
    public static IDisposable no_grad() => new GradModeGuard(false);

    /// <summary>Until disposed, the thread records gradients (or not).</summary>
    public static IDisposable enable_grad(bool enabled = true) => new GradModeGuard(enabled);

    /// <summary>Until disposed, the thread records gradients (or not).</summary>
    public static IDisposable set_grad_enabled(bool mode = true) => new GradModeGuard(mode);

    /// <summary>Whether the thread records gradients.</summary>
    public static bool is_grad_enabled() => qd_torch_grad_mode(-1) != 0;

    /// <summary>Until disposed, tensors of the thread never take part in gradients.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceModeGuard(mode);

    /// <summary>Whether the thread is in inference mode.</summary>
    public static bool is_inference_mode_enabled() => qd_torch_inference_mode() != 0;

    private sealed class GradModeGuard(bool enabled) : IDisposable
    {
        private readonly int before = qd_torch_grad_mode(enabled ? 1 : 0);
        private bool disposed;

        public void Dispose()
        {
            if (!disposed)
            {
                disposed = true;
                _ = qd_torch_grad_mode(before);
            }
        }
    }

    private sealed class InferenceModeGuard(bool enabled) : IDisposable
    {
        private nint guard = qd_torch_inference_guard_new(enabled ? 1 : 0);

        public void Dispose()
        {
            if (guard != 0)
            {
                qd_torch_inference_guard_free(guard);
                guard = 0;
            }
        }
    }

    /// <summary>The default generator.</summary>
    public static partial class random
    {
        /// <summary>Seeds the default generator; returns it.</summary>
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        /// <summary>The seed of the default generator.</summary>
        public static long initial_seed() => torch.initial_seed();

        /// <summary>The state of the default generator, as bytes.</summary>
        public static Tensor get_rng_state() => torch.get_rng_state();

        /// <summary>Sets the state of the default generator.</summary>
        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    /// <summary>A source of random numbers: a Mersenne twister of its own, or the default one.</summary>
    public class Generator : IDisposable
    {
        private readonly GeneratorHandle handle;

        /// <summary>A generator of its own.</summary>
        public Generator(ulong seed = 0, Device? device = null)
            : this(qd_torch_generator_new(seed))
        {
            this.device = device ?? CPU;
        }

        private Generator(nint native)
        {
            handle = new GeneratorHandle(native);
            device = CPU;
        }

        /// <summary>The generator that operators use when none is given.</summary>
        public static Generator Default => new(qd_torch_generator_default());

        /// <summary>The native generator.</summary>
        public IntPtr Handle => handle.IsClosed ? throw new ObjectDisposedException(nameof(Generator)) : handle.DangerousGetHandle();

        /// <summary>Where the numbers are made.</summary>
        public Device device { get; private set; }

        /// <summary>Starts anew from a seed; returns the generator.</summary>
        public Generator manual_seed(long seed)
        {
            Check(qd_torch_generator_seed(Handle, unchecked((ulong)seed)));
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>The seed it last started from.</summary>
        public long initial_seed()
        {
            ulong seed = qd_torch_generator_initial_seed(Handle);
            GC.KeepAlive(this);
            return unchecked((long)seed);
        }

        /// <summary>The state, as bytes.</summary>
        public unsafe Tensor get_state()
        {
            nint state;
            Check(qd_torch_generator_state(Handle, &state));
            GC.KeepAlive(this);
            return new Tensor(state);
        }

        /// <summary>Goes back to a state.</summary>
        public void set_state(Tensor value)
        {
            Check(qd_torch_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        /// <summary>Frees the generator.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Frees the generator.</summary>
        protected virtual void Dispose(bool disposing) => handle.Dispose();

        private sealed class GeneratorHandle : SafeHandle
        {
            public GeneratorHandle(nint native)
                : base(0, true) => SetHandle(native);

            public override bool IsInvalid => handle == 0;

            protected override bool ReleaseHandle()
            {
                qd_torch_generator_free(handle);
                return true;
            }
        }
    }
}
