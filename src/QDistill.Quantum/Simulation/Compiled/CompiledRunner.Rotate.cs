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

    /// <summary>The rotations of step <paramref name="k"/>, after the diagonal before it, if there is one, on the way of the first pass; that pass also moves the state from <paramref name="s"/> to <paramref name="to"/> and into the step's layout.</summary>
    private void Rotate(int k, byte* s, byte* to)
    {
        PlanStep step = steps[k];
        byte* cs = cosSin[k] is { } own ? own.Pointer : null, diagonal = Follows(k) ? Diagonal(k - 1) : null;
        bool shared = Follows(k) && SharedTable(k - 1), factored = Follows(k) && factors[k - 1] is not null;
        bool enters = step.LaneParities.Length > 0;
        foreach (PassGroup g in step.Shared)
        {
            // Layouts change only where lanes are basis states, and there diagonals are vectors.
            switch (diagonal != null, enters)
            {
                case (true, true) when factored:
                    ForwardKernels<V, O, Multiplying<Factored<EnterMode>>>.Shared(s, to, End, g, tangents[k], diagonal, layouts + k);
                    break;
                case (true, false) when factored:
                    ForwardKernels<V, O, Multiplying<Factored<LanesMode>>>.Shared(s, to, End, g, tangents[k], diagonal, null);
                    break;
                case (true, true):
                    ForwardKernels<V, O, Multiplying<EnterMode>>.Shared(s, to, End, g, tangents[k], diagonal, layouts + k);
                    break;
                case (false, true):
                    ForwardKernels<V, O, EnterMode>.Shared(s, to, End, g, tangents[k], null, layouts + k);
                    break;
                case (true, false) when shared:
                    ForwardKernels<V, O, Multiplying<SharedMode>>.Shared(s, to, End, g, tangents[k], diagonal, null);
                    break;
                case (true, false) when g.MovesLanes:
                    ForwardKernels<V, O, Multiplying<LanesMode>>.Shared(s, to, End, g, tangents[k], diagonal, null);
                    break;
                case (true, false):
                    ForwardKernels<V, O, Multiplying<PlainMode>>.Shared(s, to, End, g, tangents[k], diagonal, null);
                    break;
                default:
                    Shared(g, s, to, tangents[k]);
                    break;
            }

            s = to;
            diagonal = null;
            enters = false;
        }

        foreach (PassGroup g in step.Own)
        {
            if (diagonal == null)
            {
                Own(g, s, to, cs);
            }
            else if (shared)
            {
                ForwardKernels<V, O, Multiplying<SharedMode>>.Own(s, to, End, g, cs, diagonal);
            }
            else if (g.MovesLanes)
            {
                ForwardKernels<V, O, Multiplying<LanesMode>>.Own(s, to, End, g, cs, diagonal);
            }
            else
            {
                ForwardKernels<V, O, Multiplying<PlainMode>>.Own(s, to, End, g, cs, diagonal);
            }

            s = to;
            diagonal = null;
        }

        if (step.LaneOnly.Length > 0)
        {
            WithinVector(step, s, to, tangents[k], cs, diagonal);
        }
    }

    /// <summary>
    /// Takes the rotations of step <paramref name="k"/> off λ, in place; the last pass also leaves the step's layout and takes off the diagonal before the step, if there is one. If that one has factors only, its inner
    /// products with ψ <paramref name="before"/> it are taken there as well.
    /// </summary>
    private void Unrotate(int k, byte* s, byte* before)
    {
        PlanStep step = steps[k];
        byte* cs = UndoCosSin(k);
        if (step.LaneOnly.Length > 0)
        {
            WithinVector(step, s, s, undoTangents[k], cs, null);
        }

        foreach (PassGroup g in step.Own)
        {
            Own(g, s, s, cs);
        }

        for (int i = step.Shared.Length - 1; i > 0; i--)
        {
            Shared(step.Shared[i], s, s, undoTangents[k]);
        }

        bool undoes = Follows(k);
        if (step.Shared.Length == 0)
        {
            if (undoes)
            {
                UndoDiagonal(k - 1, s);
            }

            return;
        }

        PassGroup last = step.Shared[0];
        byte* diagonal = undoes ? Diagonal(k - 1) : null;
        switch (undoes, step.LaneParities.Length > 0)
        {
            case (false, true):
                ForwardKernels<V, O, LeaveMode>.Shared(s, s, End, last, undoTangents[k], diagonal, layouts + k);
                break;
            case (false, false):
                Shared(last, s, s, undoTangents[k]);
                break;
            case (true, true) when factors[k - 1] is not null:
                ForwardKernels<V, O, Undoing<Factored<LeaveMode>>>.Shared(s, s, End, last, undoTangents[k], diagonal, layouts + k, before);
                break;
            case (true, false) when factors[k - 1] is not null:
                ForwardKernels<V, O, Undoing<Factored<LanesMode>>>.Shared(s, s, End, last, undoTangents[k], diagonal, null, before);
                break;
            case (true, true):
                ForwardKernels<V, O, Undoing<LeaveMode>>.Shared(s, s, End, last, undoTangents[k], diagonal, layouts + k);
                break;
            case (true, false) when SharedTable(k - 1):
                ForwardKernels<V, O, Undoing<SharedMode>>.Shared(s, s, End, last, undoTangents[k], diagonal, null);
                break;
            case (true, false) when last.MovesLanes:
                ForwardKernels<V, O, Undoing<LanesMode>>.Shared(s, s, End, last, undoTangents[k], diagonal, null);
                break;
            default:
                ForwardKernels<V, O, Undoing<PlainMode>>.Shared(s, s, End, last, undoTangents[k], diagonal, null);
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

    private void Shared(PassGroup g, byte* s, byte* to, double[] tan)
    {
        if (g.MovesLanes)
        {
            ForwardKernels<V, O, LanesMode>.Shared(s, to, End, g, tan, null, null);
        }
        else
        {
            ForwardKernels<V, O, PlainMode>.Shared(s, to, End, g, tan, null, null);
        }
    }

    private void Own(PassGroup g, byte* s, byte* to, byte* cs)
    {
        if (g.MovesLanes)
        {
            ForwardKernels<V, O, LanesMode>.Own(s, to, End, g, cs, null);
        }
        else
        {
            ForwardKernels<V, O, PlainMode>.Own(s, to, End, g, cs, null);
        }
    }

    /// <summary>Rotations inside a vector are there only where lanes are basis states, and there diagonals are vectors.</summary>
    private void WithinVector(PlanStep step, byte* s, byte* to, double[] tan, byte* cs, byte* diagonal)
    {
        if (diagonal != null)
        {
            ForwardKernels<V, O, Multiplying<PlainMode>>.WithinVector(s, to, End, step, tan, cs, diagonal);
        }
        else
        {
            ForwardKernels<V, O, PlainMode>.WithinVector(s, to, End, step, tan, cs, null);
        }
    }
}
