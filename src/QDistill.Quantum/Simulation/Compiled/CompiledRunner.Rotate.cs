namespace QDistill.Quantum.Simulation.Compiled;

/// <content>X steps, forward and on the way back along a tape.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    private readonly AlignedBuffer layoutMemory;
    private readonly LaneLayout<V, O>* layouts;   // [step]

    private static AlignedBuffer MakeLayouts(PlanStep[] steps, out LaneLayout<V, O>* layouts)
    {
        int permutations = 1 << O.Bits;
        var memory = new AlignedBuffer(((long)permutations * sizeof(V)) + ((long)(steps.Length + 1) * sizeof(LaneLayout<V, O>)));
        V* table = (V*)memory.Pointer;
        for (int m = 0; m < permutations; m++)
        {
            table[m] = O.XorIndex(m);
        }

        layouts = (LaneLayout<V, O>*)(table + permutations);
        for (int k = 0; k < steps.Length; k++)
        {
            layouts[k] = new LaneLayout<V, O>(steps[k].LaneParities, table);
        }

        return memory;
    }

    /// <summary>The rotations of step <paramref name="k"/>, after the diagonal, if there is one, on the way of the first pass; that pass also moves the state from <paramref name="s"/> to <paramref name="to"/> and into the step's layout.</summary>
    private void Rotate(int k, byte* s, byte* to, byte* diagonal, bool shared)
    {
        PlanStep step = steps[k];
        byte* cs = cosSin[k] is { } own ? own.Pointer : null;
        bool enters = step.LaneParities.Length > 0;
        foreach (PassGroup g in step.Shared)
        {
            // Layouts change only where lanes are basis states, and there diagonals are vectors.
            if (enters)
            {
                ForwardKernels<V, O, EnterMode>.Shared(s, to, End, g, tangents[k], diagonal, null, layouts + k);
            }
            else if (shared && diagonal != null)
            {
                ForwardKernels<V, O, SharedMode>.Shared(s, to, End, g, tangents[k], diagonal, null, null);
            }
            else
            {
                Shared(g, s, to, tangents[k], diagonal);
            }

            s = to;
            diagonal = null;
            enters = false;
        }

        foreach (PassGroup g in step.Own)
        {
            if (shared && diagonal != null)
            {
                ForwardKernels<V, O, SharedMode>.Own(s, to, End, g, cs, diagonal);
            }
            else
            {
                Own(g, s, to, cs, diagonal);
            }

            s = to;
            diagonal = null;
        }

        if (step.LaneOnly.Length > 0)
        {
            ForwardKernels<V, O, PlainMode>.WithinVector(s, to, End, step, tangents[k], cs, diagonal);
        }
    }

    /// <summary>Takes the rotations of step <paramref name="k"/> off a state, in place; the last pass also leaves the step's layout and takes off the diagonal before the step, if there is one.</summary>
    private void Unrotate(int k, byte* s)
    {
        PlanStep step = steps[k];
        byte* cs = UndoCosSin(k);
        if (step.LaneOnly.Length > 0)
        {
            ForwardKernels<V, O, PlainMode>.WithinVector(s, s, End, step, undoTangents[k], cs, null);
        }

        foreach (PassGroup g in step.Own)
        {
            Own(g, s, s, cs, null);
        }

        for (int i = step.Shared.Length - 1; i > 0; i--)
        {
            Shared(step.Shared[i], s, s, undoTangents[k], null);
        }

        bool undoes = k > 0 && !steps[k - 1].IsX;
        if (step.Shared.Length == 0)
        {
            if (undoes)
            {
                UndoDiagonal(k - 1, s);
            }

            return;
        }

        PassGroup last = step.Shared[0];
        byte* after = undoes ? diagonals[k - 1]!.Pointer : null;
        switch (undoes, step.LaneParities.Length > 0)
        {
            case (false, true):
                ForwardKernels<V, O, LeaveMode>.Shared(s, s, End, last, undoTangents[k], null, after, layouts + k);
                break;
            case (false, false):
                Shared(last, s, s, undoTangents[k], null);
                break;
            case (true, true):
                ForwardKernels<V, O, Undoing<LeaveMode>>.Shared(s, s, End, last, undoTangents[k], null, after, layouts + k);
                break;
            case (true, false) when SharedTable(k - 1):
                ForwardKernels<V, O, Undoing<SharedMode>>.Shared(s, s, End, last, undoTangents[k], null, after, null);
                break;
            case (true, false) when last.MovesLanes:
                ForwardKernels<V, O, Undoing<LanesMode>>.Shared(s, s, End, last, undoTangents[k], null, after, null);
                break;
            default:
                ForwardKernels<V, O, Undoing<PlainMode>>.Shared(s, s, End, last, undoTangents[k], null, after, null);
                break;
        }
    }

    /// <summary>A state times the conjugate of step <paramref name="k"/>'s diagonal, in place.</summary>
    private void UndoDiagonal(int k, byte* s)
    {
        if (SharedTable(k))
        {
            ForwardKernels<V, O, Undoing<SharedMode>>.UndoDiagonal(s, End, diagonals[k]!.Pointer);
        }
        else
        {
            ForwardKernels<V, O, Undoing<PlainMode>>.UndoDiagonal(s, End, diagonals[k]!.Pointer);
        }
    }

    private void Shared(PassGroup g, byte* s, byte* to, double[] tan, byte* diagonal)
    {
        if (g.MovesLanes)
        {
            ForwardKernels<V, O, LanesMode>.Shared(s, to, End, g, tan, diagonal, null, null);
        }
        else
        {
            ForwardKernels<V, O, PlainMode>.Shared(s, to, End, g, tan, diagonal, null, null);
        }
    }

    private void Own(PassGroup g, byte* s, byte* to, byte* cs, byte* diagonal)
    {
        if (g.MovesLanes)
        {
            ForwardKernels<V, O, LanesMode>.Own(s, to, End, g, cs, diagonal);
        }
        else
        {
            ForwardKernels<V, O, PlainMode>.Own(s, to, End, g, cs, diagonal);
        }
    }
}
