namespace QDistill.Quantum.Simulation.Compiled;

/// <content>X steps, forward and on the way back along a tape.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    /// <summary>The rotations of step <paramref name="k"/>, after the diagonal, if there is one, on the way of the first pass; that pass also moves the state from <paramref name="s"/> to <paramref name="to"/> and into the step's layout.</summary>
    private void Rotate(int k, byte* s, byte* to, byte* diagonal, bool shared)
    {
        PlanStep step = steps[k];
        double[] tan = tangents[k];
        byte* cs = cosSin[k] is { } own ? own.Pointer : null;
        V* table = stackalloc V[LaneLayout<V, O>.TableLength];
        var layout = new LaneLayout<V, O>(step.LaneParities, table);
        bool enters = step.LaneParities.Length > 0;
        foreach (PassGroup g in step.Shared)
        {
            if (enters)
            {
                // Only in the single layout, where diagonals are vectors.
                ForwardKernels<V, O, EnterMode>.Shared(s, to, End, g, tan, diagonal, layout);
            }
            else if (shared && diagonal != null)
            {
                ForwardKernels<V, O, SharedMode>.Shared(s, to, End, g, tan, diagonal);
            }
            else if (g.MovesLanes)
            {
                ForwardKernels<V, O, LanesMode>.Shared(s, to, End, g, tan, diagonal);
            }
            else
            {
                ForwardKernels<V, O, PlainMode>.Shared(s, to, End, g, tan, diagonal);
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
            ForwardKernels<V, O, PlainMode>.WithinVector(s, to, End, step, tan, cs, diagonal);
        }
    }

    /// <summary>Takes the rotations of step <paramref name="k"/> off a state, in place; the last pass also leaves the step's layout.</summary>
    private void Unrotate(int k, byte* s)
    {
        PlanStep step = steps[k];
        double[] tan = undoTangents[k];
        byte* cs = UndoCosSin(k);
        if (step.LaneOnly.Length > 0)
        {
            ForwardKernels<V, O, PlainMode>.WithinVector(s, s, End, step, tan, cs, null);
        }

        foreach (PassGroup g in step.Own)
        {
            Own(g, s, s, cs, null);
        }

        V* table = stackalloc V[LaneLayout<V, O>.TableLength];
        var layout = new LaneLayout<V, O>(step.LaneParities, table);
        for (int i = step.Shared.Length - 1; i >= 0; i--)
        {
            PassGroup g = step.Shared[i];
            if (i == 0 && step.LaneParities.Length > 0)
            {
                ForwardKernels<V, O, LeaveMode>.Shared(s, s, End, g, tan, null, layout);
            }
            else if (g.MovesLanes)
            {
                ForwardKernels<V, O, LanesMode>.Shared(s, s, End, g, tan, null);
            }
            else
            {
                ForwardKernels<V, O, PlainMode>.Shared(s, s, End, g, tan, null);
            }
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
