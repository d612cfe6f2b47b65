using TorchSharp.Native;

namespace TorchSharp;

/// <summary>
/// Frees at its end every tensor that the thread created while it was the innermost scope, except those that were moved out. Scopes are per
/// thread and nest; a tensor belongs to at most one.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? current;

    private readonly List<IDisposable?> items = [];
    private int held;
    private bool disposed;

    internal DisposeScope()
    {
        OuterScope = current;
        current = this;
    }

    internal static DisposeScope? Current => current;

    internal DisposeScope? OuterScope { get; private set; }

    /// <summary>What the scope holds now.</summary>
    public IReadOnlyList<IDisposable> DisposablesView => [.. items.Where(i => i is not null).Select(i => i!)];

    /// <summary>How many things the scope holds now.</summary>
    public int DisposablesCount => held;

    /// <summary>Moves something to the enclosing scope; without one it is detached.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
        => MoveToOther(OuterScope, disposable);

    /// <summary>Moves two things to the enclosing scope.</summary>
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
        => (MoveToOuter(first), MoveToOuter(second));

    /// <summary>Moves things to the enclosing scope.</summary>
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    /// <summary>Moves things to the enclosing scope.</summary>
    public void MoveToOuter(IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable d in disposables)
        {
            MoveToOuter(d);
        }
    }

    /// <summary>Moves something to another scope; null detaches it.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        if (Remove(disposable))
        {
            scope?.Add(disposable);
        }

        return disposable;
    }

    /// <summary>Takes something out of the scope: it lives until it is disposed or finalized.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        Remove(disposable);
        return disposable;
    }

    /// <summary>Takes things out of the scope.</summary>
    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    /// <summary>Takes things out of the scope.</summary>
    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (IDisposable d in disposables)
        {
            Remove(d);
        }
    }

    /// <summary>Puts something under the scope's care, taking it from the scope that held it.</summary>
    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor { OwningDisposeScope: { } other } t)
        {
            other.Remove(t);
        }

        Add(disposable);
    }

    /// <summary>Puts things under the scope's care.</summary>
    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    /// <summary>Puts things under the scope's care.</summary>
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] all = [.. disposables];
        foreach (IDisposable d in all)
        {
            Attach(d);
        }

        return all;
    }

    /// <summary>Disposes everything held, and goes on as an empty scope.</summary>
    public unsafe void DisposeEverything()
    {
        // Tensors are freed by one native call; anything else one by one.
        nint[] handles = new nint[items.Count];
        int count = 0;
        foreach (IDisposable? item in items)
        {
            if (item is torch.Tensor t)
            {
                nint handle = t.Release();
                if (handle != 0)
                {
                    handles[count++] = handle;
                }
            }
            else
            {
                item?.Dispose();
            }
        }

        items.Clear();
        held = 0;
        if (count > 0)
        {
            fixed (nint* p = handles)
            {
                NativeMethods.qd_torch_free_many(p, count);
            }
        }
    }

    /// <summary>Disposes everything held but the given things.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        IDisposable[] keep = [.. inKeep.Where(Remove)];
        DisposeEverything();
        foreach (IDisposable k in keep)
        {
            Add(k);
        }
    }

    /// <summary>Disposes everything held but the given things.</summary>
    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    /// <summary>Disposes everything held but one thing.</summary>
    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    /// <summary>Disposes everything held and leaves the scope.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        DisposeEverything();
        if (current == this)
        {
            current = OuterScope;
            return;
        }

        // Left out of order: unlink it, so that scopes inside it stay in force.
        for (DisposeScope? s = current; s is not null; s = s.OuterScope)
        {
            if (s.OuterScope == this)
            {
                s.OuterScope = OuterScope;
                return;
            }
        }
    }

    /// <summary>Forgets something that was disposed by other means.</summary>
    public void MarkAsDisposed(IDisposable disposable) => Remove(disposable);

    /// <summary>Whether the scope holds something.</summary>
    public bool Contains(IDisposable disposable) => disposable is torch.Tensor t ? t.OwningDisposeScope == this : items.Contains(disposable);

    internal static void Register(torch.Tensor tensor) => current?.Add(tensor);

    /// <summary>Puts <paramref name="replacement"/> in the place of <paramref name="original"/>.</summary>
    internal static void Replace(torch.Tensor original, torch.Tensor replacement)
    {
        if (original.OwningDisposeScope is { } scope)
        {
            scope.Remove(original);
            scope.Add(replacement);
        }
    }

    internal bool Remove(IDisposable disposable)
    {
        int slot;
        if (disposable is torch.Tensor t)
        {
            if (t.OwningDisposeScope != this)
            {
                return false;
            }

            slot = t.ScopeSlot;
            t.OwningDisposeScope = null;
        }
        else
        {
            slot = items.IndexOf(disposable);
            if (slot < 0)
            {
                return false;
            }
        }

        items[slot] = null;
        held--;
        if (slot == items.Count - 1)
        {
            items.RemoveAt(slot);
        }

        return true;
    }

    private void Add(IDisposable disposable)
    {
        if (disposable is torch.Tensor t)
        {
            if (t.OwningDisposeScope is not null)
            {
                return;
            }

            t.OwningDisposeScope = this;
            t.ScopeSlot = items.Count;
        }

        items.Add(disposable);
        held++;
    }
}

public static partial class torch
{
    /// <summary>The thread's innermost scope, or null.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScope.Current;

    /// <summary>Opens a scope; everything the thread creates until it is disposed is freed with it.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>Evaluates an expression and frees all its intermediate tensors.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using DisposeScope scope = NewDisposeScope();
        return scope.MoveToOuter(expr());
    }
}
