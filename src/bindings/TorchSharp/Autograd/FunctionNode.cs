using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.Native.NativeMethods;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.Native;

/// <summary>
/// The managed half of a graph node whose backward is C# code. The native node owns it through a GCHandle and lets it go when the last
/// reference to the graph goes.
/// </summary>
internal sealed unsafe class FunctionNode
{
    [ThreadStatic]
    private static Exception? callbackException;

    private readonly string name;
    private readonly bool[] isTensor;
    private readonly Func<AutogradContext, List<Tensor>, List<Tensor>> backward;
    private readonly AutogradContext context = new();
    private (long[] Shape, ScalarType Type)[] outputs = [];

    private FunctionNode(string name, bool[] isTensor, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
    {
        this.name = name;
        this.isTensor = isTensor;
        this.backward = backward;
    }

    /// <summary>The exception that made a backward of this thread fail, given once.</summary>
    public static Exception? TakeCallbackException()
    {
        Exception? e = callbackException;
        callbackException = null;
        return e;
    }

    /// <summary>Runs forward without recording, and attaches backward to its outputs if any input asks for gradients.</summary>
    public static List<Tensor> Apply(
        string name,
        object[] vars,
        Func<AutogradContext, object[], List<Tensor>> forward,
        Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
    {
        var self = new FunctionNode(name, [.. vars.Select(v => v is Tensor)], backward);
        List<Tensor> inputs = [.. vars.OfType<Tensor>()];
        nint[] inputHandles = Handles(inputs);
        nint node = 0;
        fixed (nint* ins = inputHandles)
        {
            if (qd_torch_function_recorded(ins, inputs.Count) != 0)
            {
                GCHandle keep = GCHandle.Alloc(self);
                Check(qd_torch_function_new(name, ins, inputs.Count, &OnBackward, &OnRelease, GCHandle.ToIntPtr(keep), &node));
            }

            try
            {
                List<Tensor> raw;
                using (no_grad())
                {
                    raw = forward(self.context, vars);
                }

                return self.Wrap(node, ins, inputs, raw);
            }
            finally
            {
                if (node != 0)
                {
                    qd_torch_function_drop(node);
                }

                GC.KeepAlive(inputs);
            }
        }
    }

    private List<Tensor> Wrap(nint node, nint* inputs, List<Tensor> inputTensors, List<Tensor> raw)
    {
        outputs = [.. raw.Select(t => (t.shape, t.dtype))];
        List<Tensor> non = context.NonDifferentiable, dirty = context.Dirty;
        nint[] results = new nint[raw.Count];
        fixed (nint* n = Handles(non), d = Handles(dirty), o = Handles(raw), r = results)
        {
            Check(qd_torch_function_wrap(node, inputs, inputTensors.Count, n, non.Count, d, dirty.Count, o, raw.Count, r));
        }

        GC.KeepAlive(non);
        GC.KeepAlive(dirty);
        GC.KeepAlive(raw);
        List<Tensor> wrapped = [.. results.Select(h => new Tensor(h))];
        if (node != 0)
        {
            context.Save(node);
        }
        else
        {
            context.Forget();
        }

        return wrapped;
    }

    [UnmanagedCallersOnly]
    private static int OnBackward(nint handle, nint node, nint* grads, int gradCount, nint* inputGrads, int inputCount)
    {
        try
        {
            ((FunctionNode)GCHandle.FromIntPtr(handle).Target!).Run(node, grads, gradCount, inputGrads, inputCount);
            return 0;
        }
        catch (Exception e)
        {
            callbackException = e;
            qd_torch_function_fail(e.Message);
            return 1;
        }
    }

    [UnmanagedCallersOnly]
    private static void OnRelease(nint handle) => GCHandle.FromIntPtr(handle).Free();

    private void Run(nint node, nint* grads, int gradCount, nint* inputGrads, int inputCount)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> gradients = new(gradCount);
        for (int i = 0; i < gradCount; i++)
        {
            gradients.Add(grads[i] != 0 ? new Tensor(qd_torch_share(grads[i])) : context.MaterializeGrads ? zeros(outputs[i].Shape, outputs[i].Type) : null!);
        }

        List<Tensor> result;
        context.RunningNode = node;
        try
        {
            result = backward(context, gradients);
        }
        finally
        {
            context.RunningNode = 0;
        }

        if (result.Count < isTensor.Length || result.Skip(isTensor.Length).Any(t => t is not null))
        {
            throw new InvalidOperationException($"{name}: backward returned {result.Count} gradients for {isTensor.Length} arguments");
        }

        int k = 0;
        for (int i = 0; i < isTensor.Length; i++)
        {
            if (isTensor[i])
            {
                inputGrads[k++] = result[i] is { } g ? qd_torch_share(g.Handle) : 0;
            }
            else if (result[i] is not null)
            {
                throw new InvalidOperationException($"{name}: backward returned a gradient for argument {i + 1}, which is not a tensor");
            }
        }

        GC.KeepAlive(result);
    }
}
