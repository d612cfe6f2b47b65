namespace QDistill.Quantum.Simulation.Compiled;

/// <content>First states, and the coefficients that angles become.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    private void PrepareState(byte* s)
    {
        System.Runtime.InteropServices.NativeMemory.Clear(s, (nuint)StateBytes);
        int d = circuit.InputCount;
        if (circuit.Preparation == StatePreparation.Zero)
        {
            Array.Clear(lane);
            lane.AsSpan(0, Lanes).Fill(1);
            StorePart(s, 0, 0);
            return;
        }

        int parts = circuit.InputsPerAmplitude, amplitudes = d / parts, width = batched ? Lanes : 1 << O.Bits;
        Span<double> norms = stackalloc double[Lanes];
        for (int l = 0; l < Lanes; l++)
        {
            norms[l] = FirstState.Norm(inputs.AsSpan(l * d, d));
        }

        for (int block = 0; batched ? block < amplitudes : block * width < amplitudes; block++)
        {
            for (int part = 0; part < parts; part++)
            {
                for (int l = 0; l < width; l++)
                {
                    int k = batched ? block : (block * width) + l, sample = batched ? l : 0;
                    lane[l] = k < amplitudes ? inputs[(sample * d) + (k * parts) + part] / norms[sample] : 0;
                }

                StorePart(s, block, part);
            }
        }
    }

    /// <summary>Stores the lanes as a block's real (0) or imaginary (1) parts.</summary>
    private void StorePart(byte* s, int block, int part)
    {
        fixed (double* l = lane)
        {
            O.Store(O.FromDoubles(l), s + ((nint)block * Block) + (part * sizeof(V)));
        }
    }

    /// <summary>
    /// The first X step on |0…0⟩ as a product state, built by doubling: about one sweep in place of n/3.
    /// </summary>
    private void PrepareProduct(byte* s)
    {
        int inVector = plan.LaneBits;
        if (inVector > 0)
        {
            ProductInVector(s);
        }
        else
        {
            O.Store(O.Broadcast(1), s);
            O.Store(O.Zero, s + sizeof(V));
        }

        for (int q = inVector; q < plan.Qubits; q++)
        {
            nint h = (nint)Block << (q - inVector);
            int i = productRotation[q];
            V c = O.Broadcast(1), n = O.Zero;
            if (i >= 0)
            {
                byte* at = cosSin[0]!.Pointer + ((nint)i * Block);
                (c, n) = (O.Load(at), O.Load(at + sizeof(V)));
            }

            for (nint e = 0; e < h; e += Block)
            {
                V re = O.Load(s + e), im = O.Load(s + e + sizeof(V));
                O.Store(O.Multiply(n, im), s + e + h);
                O.Store(O.Fnma(n, re, O.Zero), s + e + h + sizeof(V));
                O.Store(O.Multiply(c, re), s + e);
                O.Store(O.Multiply(c, im), s + e + sizeof(V));
            }
        }
    }

    private void ProductInVector(byte* s)
    {
        int width = 1 << O.Bits;
        double* re = stackalloc double[width], im = stackalloc double[width], cs = stackalloc double[width];
        new Span<double>(re, width).Clear();
        new Span<double>(im, width).Clear();
        re[0] = 1;
        for (int q = 0; q < O.Bits; q++)
        {
            int i = productRotation[q];
            if (i < 0)
            {
                continue;
            }

            byte* at = cosSin[0]!.Pointer + ((nint)i * Block);
            O.ToDoubles(O.Load(at), cs);
            double c = cs[0];
            O.ToDoubles(O.Load(at + sizeof(V)), cs);
            double n = cs[0];
            for (int p = 0; p < 1 << q; p++)
            {
                (re[p + (1 << q)], im[p + (1 << q)]) = (n * im[p], -n * re[p]);
                (re[p], im[p]) = (c * re[p], c * im[p]);
            }
        }

        O.Store(O.FromDoubles(re), s);
        O.Store(O.FromDoubles(im), s + sizeof(V));
    }

    /// <summary>cos θ/2 and sin θ/2 of every X rotation that all samples share, the angles reduced to [−π/2, π/2] by half turns.</summary>
    private void TurnAngles()
    {
        int next = 0;
        foreach (PlanStep step in steps)
        {
            for (int i = 0; step.IsX && i < step.Rotations.Count; i++)
            {
                PlanRotation r = step.Rotations[i];
                if (!r.PerSample)
                {
                    // A product step keeps its angles but for whole periods.
                    double angle = r.Evaluate(weights, []), unit = step.IsProduct ? 4 * Math.PI : Math.PI, turns = Math.Round(angle / unit);
                    (halfTurns[next], turnSines[next++]) = (turns, (angle - (turns * unit)) / 2);
                }
            }
        }

        SinCos(turnSines, turnCosines, next);
    }

    private void SetCosSin(int step, int rotation, V sin, V cos)
    {
        byte* at = cosSin[step]!.Pointer + ((nint)rotation * Block);
        O.Store(cos, at);
        O.Store(sin, at + sizeof(V));
    }

    /// <summary>factor · angle of every lane; in the single layout all lanes get the one sample's.</summary>
    private V LaneAngles(Angle angle, double factor)
    {
        int d = circuit.InputCount;
        for (int l = 0; l < lane.Length; l++)
        {
            lane[l] = l < Lanes ? factor * angle.Evaluate(weights, inputs.AsSpan(l * d, d)) : lane[0];
        }

        fixed (double* p = lane)
        {
            return O.FromDoubles(p);
        }
    }

}
