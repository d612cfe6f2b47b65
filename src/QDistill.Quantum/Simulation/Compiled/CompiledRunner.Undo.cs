namespace QDistill.Quantum.Simulation.Compiled;

/// <content>The way back by undoing every rotation on ψ and λ: no memory beyond the two states.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    public override void BackwardStates(AlignedBuffer state, ReadOnlySpan<double> real, ReadOnlySpan<double> imaginary, Span<double> weightGradient, Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        adjoint.Clear();
        StartGathering(taped: false);
        double scale = 1 / StoredScale(all: true);
        int dimension = circuit.Dimension, width = 1 << O.Bits;
        for (int p = 0; p < dimension; p += batched ? 1 : width)
        {
            byte* block = adjoint.Pointer + ((nint)(p >> plan.LaneBits) * Block);
            for (int part = 0; part < 2; part++)
            {
                ReadOnlySpan<double> from = part == 0 ? real : imaginary;
                Array.Clear(lane);
                for (int l = 0; l < (batched ? count : Math.Min(width, dimension)); l++)
                {
                    lane[l] = scale * from[batched ? (l * dimension) + p : p + l];
                }

                O.Store(FromLane(), block + (part * sizeof(V)));
            }
        }

        WalkBack(state.Pointer, adjoint.Pointer, all: true, weightGradient, inputGradient);
    }

    private void WalkBack(byte* s, byte* u, bool all, Span<double> weightGradient, Span<double> inputGradient)
    {
        double kappa = StoredScale(all);
        V* sums = stackalloc V[MostSums()];
        pending = -1;
        for (int k = steps.Length - 1; k >= 0; k--)
        {
            if (!steps[k].IsX)
            {
                if (k == steps.Length - 1 && SkipsLast(all))
                {
                    scalesSquared[k] = 0;
                    continue;
                }

                // Undone by the first pass of the step before it.
                pending = k;
                scalesSquared[k] = kappa * kappa;
                kappa /= scales[k];
                if (steps[k].PerSample)
                {
                    accumulators[k]!.Clear();
                }

                if (factors[k] is not null)
                {
                    Expand(k);
                }
            }
            else if (k == 0 && circuit.Preparation == StatePreparation.Zero)
            {
                FirstStep(s, u, kappa, sums, weightGradient, inputGradient);
            }
            else
            {
                kappa = BackwardRotations(k, s, u, kappa, sums, weightGradient, inputGradient);
            }

            if (k == 0 && pending >= 0)
            {
                UndoPending(s, u);
                FinishPending(weightGradient, inputGradient);
            }
        }

        if (circuit.Preparation == StatePreparation.Amplitude && !inputGradient.IsEmpty)
        {
            AmplitudeGradient(u, kappa, inputGradient);
        }
    }

    private byte* PendingDiagonal => pending < 0 ? null : diagonals[pending]!.Pointer;

    private byte* PendingSums => pending < 0 ? null : accumulators[pending]!.Pointer;

    private void UndoPending(byte* s, byte* u)
    {
        if (SharedTable(pending))
        {
            BackwardKernels<V, O, SharedMode>.Diagonal(s, u, End, PendingDiagonal, PendingSums);
        }
        else
        {
            BackwardKernels<V, O, PlainMode>.Diagonal(s, u, End, PendingDiagonal, PendingSums);
        }
    }

    private double BackwardRotations(int k, byte* s, byte* u, double kappa, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        PlanStep step = steps[k];
        byte* cs = cosSin[k] is { } b ? b.Pointer : null;
        if (step.LaneOnly.Length > 0)
        {
            // One rotation after another is undone inside the sweep, so each product sees the scale so far.
            BackwardKernels<V, O, PlainMode>.WithinVector(s, u, End, step, tangents[k], cs, PendingDiagonal, PendingSums, sums);
            FinishPending(weightGradient, inputGradient);
            for (int j = 0; j < step.LaneOnly.Length; j++)
            {
                int i = step.LaneOnly[j];
                if (step.LaneOnlyOwn[j])
                {
                    Distribute(step.Rotations[i].Angle, sums[j], kappa * kappa, weightGradient, inputGradient);
                }
                else
                {
                    angleSums[k][i] += kappa * kappa * O.Sum(sums[j]);
                    kappa *= cosines[k][i];
                }
            }
        }

        foreach (PassGroup g in step.Own)
        {
            for (int i = 0; i < g.Rotations.Length; i++)
            {
                V sum = Wants(pending)
                    ? BackwardKernels<V, O, SharedMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums)
                    : g.MovesLanes
                        ? BackwardKernels<V, O, LanesMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums)
                        : BackwardKernels<V, O, PlainMode>.Own(s, u, End, g, i, cs, PendingDiagonal, PendingSums);
                FinishPending(weightGradient, inputGradient);
                Distribute(step.Rotations[g.Rotations[i]].Angle, sum, kappa * kappa, weightGradient, inputGradient);
            }
        }

        for (int j = step.SharedBackward.Length - 1; j >= 0; j--)
        {
            PassGroup g = step.SharedBackward[j];
            if (j == 0 && step.LaneParities.Length > 0)
            {
                BackwardKernels<V, O, LeaveMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums, layouts + k);
            }
            else if (Wants(pending))
            {
                BackwardKernels<V, O, SharedMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums, null);
            }
            else if (g.MovesLanes)
            {
                BackwardKernels<V, O, LanesMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums, null);
            }
            else
            {
                BackwardKernels<V, O, PlainMode>.Shared(s, u, End, g, tangents[k], PendingDiagonal, PendingSums, sums, null);
            }

            FinishPending(weightGradient, inputGradient);
            for (int i = 0; i < g.Rotations.Length; i++)
            {
                angleSums[k][g.Rotations[i]] += kappa * kappa * O.Sum(sums[i]);
            }

            foreach (int i in g.Rotations)
            {
                kappa *= cosines[k][i];
            }
        }

        return kappa;
    }

    /// <summary>Whether a pending diagonal holds one number per block.</summary>
    private bool Wants(int diagonal) => diagonal >= 0 && SharedTable(diagonal);

    /// <summary>The first X step on |0…0⟩: nothing before it needs the states, so only inner products are taken, and only those asked for.</summary>
    private void FirstStep(byte* s, byte* u, double kappa, V* sums, Span<double> weightGradient, Span<double> inputGradient)
    {
        if (pending >= 0)
        {
            UndoPending(s, u);
            FinishPending(weightGradient, inputGradient);
        }

        InnerProducts(0, s, u, kappa * kappa, sums, weightGradient, inputGradient);
    }
}
