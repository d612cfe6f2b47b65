using System.Runtime.InteropServices;

namespace QDistill.Ros.Transport;

/// <summary>A native object that keeps its parent alive: parents are destroyed after their last child, in whatever order the handles are let go.</summary>
internal abstract class TransportHandle : SafeHandle
{
    private readonly SafeHandle? parent;

    protected TransportHandle(nint value, SafeHandle? parent)
        : base(0, ownsHandle: true)
    {
        SetHandle(value);
        if (parent is not null)
        {
            bool added = false;
            parent.DangerousAddRef(ref added);
            this.parent = parent;
        }
    }

    public override bool IsInvalid => handle == 0;

    protected sealed override bool ReleaseHandle()
    {
        int result = Destroy(handle);
        parent?.DangerousRelease();
        return result == NativeMethods.Ok;
    }

    protected abstract int Destroy(nint value);
}

internal sealed class ContextHandle(nint value) : TransportHandle(value, null)
{
    protected override int Destroy(nint value) => NativeMethods.qd_context_destroy(value);
}

internal sealed class NodeHandle(nint value, ContextHandle parent) : TransportHandle(value, parent)
{
    protected override int Destroy(nint value) => NativeMethods.qd_node_destroy(value);
}

internal sealed class EntityHandle(nint value, SafeHandle parent) : TransportHandle(value, parent)
{
    protected override int Destroy(nint value) => NativeMethods.qd_entity_destroy(value);
}

internal sealed class WaitSetHandle(nint value, ContextHandle parent) : TransportHandle(value, parent)
{
    protected override int Destroy(nint value) => NativeMethods.qd_wait_set_destroy(value);
}
