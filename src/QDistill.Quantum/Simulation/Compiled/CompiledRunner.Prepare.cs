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
            StoreReal(s, 0);
            return;
        }

        for (int p = 0; p < d; p++)
        {
            if (batched)
            {
                for (int l = 0; l < Lanes; l++)
                {
                    lane[l] = inputs[(l * d) + p] / GateByGateRunner.Norm(inputs.AsSpan(l * d, d));
                }

                StoreReal(s, p);
            }
            else if ((p & ((1 << O.Bits) - 1)) == 0)
            {
                double norm = GateByGateRunner.Norm(inputs.AsSpan(0, d));
                for (int l = 0; l < 1 << O.Bits; l++)
                {
                    lane[l] = p + l < d ? inputs[p + l] / norm : 0;
                }

                StoreReal(s, p >> O.Bits);
            }
        }
    }

    private void StoreReal(byte* s, int block)
    {
        fixed (double* l = lane)
        {
            O.Store(O.FromDoubles(l), s + ((nint)block * Block));
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

    private void SetCosSin(int step, int rotation, double angle)
    {
        (double sin, double cos) = Math.SinCos(angle / 2);
        byte* at = cosSin[step]!.Pointer + ((nint)rotation * Block);
        O.Store(O.Broadcast(cos), at);
        O.Store(O.Broadcast(sin), at + sizeof(V));
    }

    private void SetCosSin(int step, int rotation, V half)
    {
        VectorMath<V, O>.SinCos(half, out V sin, out V cos);
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

    /// <summary>A D step's table for one set of angles: sparse angles → Walsh–Hadamard transform → scale · exp(−i angle).</summary>
    private void BuildTable(int s, ReadOnlySpan<double> x)
    {
        double* f = (double*)work.Pointer;
        new Span<double>(f, 1 << plan.Qubits).Clear();
        foreach (PlanRotation r in steps[s].Rotations)
        {
            double half = r.Evaluate(weights, x) / 2;
            f[r.Bits] += Plan.Odd(r.Bits & shiftAt[s]) ? -half : half;
        }

        VectorMath<VD, OD>.WalshWithin((byte*)f, plan.Qubits);
        byte* table = diagonals[s]!.Pointer;
        VD scale = OD.Broadcast(scales[s]);
        int width = 1 << OD.Bits, scalar = sizeof(V) >> O.Bits;
        bool pairs = SharedTable(s);
        if (!pairs && typeof(V) == typeof(VD))
        {
            for (int p = 0; p < 1 << plan.Qubits; p += width)
            {
                VectorMath<VD, OD>.SinCos(OD.Load((byte*)(f + p)), out VD vs, out VD vc);
                byte* block = table + (((nint)p >> OD.Bits) * Block);
                OD.Store(OD.Multiply(vc, scale), block);
                OD.Store(OD.Fnma(vs, scale, OD.Zero), block + sizeof(V));
            }

            return;
        }

        // Through doubles: as many as fill a vector of the state.
        int most = Math.Max(width, 1 << O.Bits);
        double* sin = stackalloc double[most], cos = stackalloc double[most];
        for (int p = 0; p < 1 << plan.Qubits; p += most)
        {
            for (int j = 0; j < most; j += width)
            {
                VectorMath<VD, OD>.SinCos(OD.Load((byte*)(f + p + j)), out VD vs, out VD vc);
                OD.ToDoubles(OD.Multiply(vc, scale), cos + j);
                OD.ToDoubles(OD.Fnma(vs, scale, OD.Zero), sin + j);
            }

            if (!pairs)
            {
                byte* block = table + (((nint)p >> O.Bits) * Block);
                O.Store(O.FromDoubles(cos), block);
                O.Store(O.FromDoubles(sin), block + sizeof(V));
                continue;
            }

            for (int j = 0; j < most; j++)
            {
                byte* at = table + ((nint)(p + j) * 2 * scalar);
                if (scalar == sizeof(double))
                {
                    (((double*)at)[0], ((double*)at)[1]) = (cos[j], sin[j]);
                }
                else
                {
                    (((float*)at)[0], ((float*)at)[1]) = ((float)cos[j], (float)sin[j]);
                }
            }
        }
    }

    /// <summary>A D step's table of every sample side by side.</summary>
    private void BuildLaneTable(int s)
    {
        byte* f = work.Pointer;
        nint end = (nint)sizeof(V) << plan.Qubits;
        new Span<byte>(f, checked((int)end)).Clear();
        foreach (PlanRotation r in steps[s].Rotations)
        {
            byte* at = f + ((nint)r.Bits * sizeof(V));
            O.Store(O.Add(O.Load(at), LaneAngles(r.Angle, Plan.Odd(r.Bits & shiftAt[s]) ? -0.5 : 0.5)), at);
        }

        VectorMath<V, O>.WalshAcross(f, plan.Qubits);
        byte* table = diagonals[s]!.Pointer;
        V scale = O.Broadcast(scales[s]);
        for (nint e = 0; e < end; e += sizeof(V))
        {
            VectorMath<V, O>.SinCos(O.Load(f + e), out V sin, out V cos);
            O.Store(O.Multiply(cos, scale), table + (2 * e));
            O.Store(O.Fnma(sin, scale, O.Zero), table + (2 * e) + sizeof(V));
        }
    }
}
