using TorchSharp.Modules;
using TorchSharp.Native;

namespace TorchSharp.Optim;

/// <summary>
/// A group's parameters, gradients and state as arrays of raw handles, ready for <see cref="Foreach"/>. The arrays are pinned and reused, so a
/// step allocates nothing. Parameters without a gradient are left out of the step.
/// </summary>
internal sealed unsafe class GroupBuffers
{
    private readonly Parameter[] parameters;
    private readonly nint[] all;
    private readonly nint[] gradients;
    private readonly nint[] handles;
    private readonly nint[] scratch;

    public GroupBuffers(IEnumerable<Parameter> parameters)
    {
        this.parameters = [.. parameters];
        int n = this.parameters.Length;
        all = GC.AllocateArray<nint>(n, pinned: true);
        gradients = GC.AllocateArray<nint>(n, pinned: true);
        handles = GC.AllocateArray<nint>(n, pinned: true);
        scratch = GC.AllocateArray<nint>(n, pinned: true);
        Active = new int[n];
    }

    /// <summary>The parameters that have a gradient now: positions in <see cref="Parameters"/>.</summary>
    public int[] Active { get; }

    /// <summary>How many of <see cref="Active"/> are in use.</summary>
    public int Count { get; private set; }

    public Parameter[] Parameters => parameters;

    public nint* Handles => Pin(handles);

    public nint* Gradients => Pin(gradients);

    /// <summary>Room for intermediate results.</summary>
    public nint* Scratch => Pin(scratch);

    /// <summary>A further array of the same size.</summary>
    public nint[] NewArray() => GC.AllocateArray<nint>(parameters.Length, pinned: true);

    public static nint* Pin(nint[] pinned) => (nint*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));

    /// <summary>Reads the gradients; <see cref="Release"/> gives them back.</summary>
    public void Collect()
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            all[i] = parameters[i].Handle;
        }

        NativeMethods.Check(NativeMethods.qd_torch_grad_many(Pin(all), all.Length, Pin(gradients)));
        Count = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            nint g = gradients[i];
            gradients[i] = 0;
            if (g != 0)
            {
                Active[Count] = i;
                handles[Count] = all[i];
                gradients[Count++] = g;
            }
        }
    }

    /// <summary>Puts changed gradients in the place of the read ones.</summary>
    public void ReplaceGradients(nint* by)
    {
        Foreach.Free(Gradients, Count);
        new ReadOnlySpan<nint>(by, Count).CopyTo(gradients);
    }

    /// <summary>Sets the gradients that exist to 0.</summary>
    public void Zero()
    {
        Collect();
        try
        {
            if (Count > 0)
            {
                Foreach.Zero(Gradients, Count);
            }
        }
        finally
        {
            Release();
        }
    }

    public void Release()
    {
        Foreach.Free(Gradients, Count);
        GC.KeepAlive(parameters);
    }

    /// <summary>Changes the gradients before use: their sign, and weight decay as a penalty on the square of the weights.</summary>
    public void Prepare(bool maximize, double weightDecay)
    {
        if (Count == 0)
        {
            return;
        }

        if (maximize)
        {
            Foreach.Neg(Gradients, Count, Scratch);
            ReplaceGradients(Scratch);
        }

        if (weightDecay != 0)
        {
            if (!maximize)
            {
                // The gradients belong to the parameters: work on copies.
                for (int i = 0; i < Count; i++)
                {
                    using torch.Tensor g = new(NativeMethods.qd_torch_share(gradients[i]), null);
                    scratch[i] = g.clone().DecoupleFromNativeHandle();
                }

                ReplaceGradients(Scratch);
            }

            Foreach.Add(Gradients, Handles, Count, weightDecay);
        }
    }
}
