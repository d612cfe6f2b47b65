namespace QDistill.Quantum.Simulation.Compiled;

/// <content>
/// The tables of D steps: scale · exp(−i Σ_j θ_j/2 (−1)^(row_j·p)). Two ways: products of the rows' phases
/// (<see cref="PhaseTable{V, O}"/>), and, for a great many rows, a Walsh–Hadamard transform of the angles and a sine and cosine per basis state.
/// </content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    /// <summary>The tables of all D steps that depend on the weights alone.</summary>
    private void BuildTables(AlignedBuffer?[] to)
    {
        for (int s = 0; s < steps.Length; s++)
        {
            if (pooled[s] > 0)
            {
                BuildTable(s, to[s]!.Pointer, []);
            }
        }
    }

    private AlignedBuffer? expanded;   // the table of a diagonal that has factors only

    private void SetFactors(int s, ReadOnlySpan<double> x)
    {
        RowAngles(s, products[s]!, x);
        factors[s]!.Set(rowCosines, rowSines, scales[s]);
    }

    /// <summary>The table of a D step that has factors only, until the next one is asked for.</summary>
    private void Expand(int s)
    {
        expanded ??= new AlignedBuffer(StateBytes);
        diagonals[s] = expanded;
        BuildTable(s, expanded.Pointer, inputs);
    }

    /// <summary>A D step's table for one set of angles.</summary>
    private void BuildTable(int s, byte* table, ReadOnlySpan<double> x)
    {
        bool pairs = SharedTable(s);
        if (products[s] is not { } order)
        {
            Transform(s, x);
            if (pairs)
            {
                SinCosTable<VD, OD>(work.Pointer, work.Pointer, scales[s]);
                StorePairs(table);
            }
            else
            {
                SinCosTable<V, O>(work.Pointer, table, scales[s]);
            }

            return;
        }

        RowAngles(s, order, x);
        if (pairs)
        {
            sharedTables[s]!.Within(work.Pointer, rowCosines, rowSines, scales[s]);
            StorePairs(table);
        }
        else
        {
            tables[s]!.Within(table, rowCosines, rowSines, scales[s]);
        }
    }

    /// <summary>cos θ/2 and sin θ/2 of a step's rows, the signs of the relabelling in force in the sines.</summary>
    private void RowAngles(int s, PlanRotation[] order, ReadOnlySpan<double> x)
    {
        int shifted = shiftAt[s];
        for (int j = 0; j < order.Length; j++)
        {
            double half = order[j].Evaluate(weights, x) / 2;
            rowSines[j] = Plan.Odd(order[j].Bits & shifted) ? -half : half;
        }

        SinCos(rowSines, rowCosines, order.Length);
    }

    /// <summary>Replaces angles by their sines; the arrays are longer by a vector than what counts of them.</summary>
    private static void SinCos(double[] anglesToSines, double[] cosines, int count)
    {
        fixed (double* sin = anglesToSines, cos = cosines)
        {
            for (int j = 0; j < count; j += 1 << OD.Bits)
            {
                VectorMath<VD, OD>.SinCos(OD.Load((byte*)(sin + j)), out VD vs, out VD vc);
                OD.Store(vs, (byte*)(sin + j));
                OD.Store(vc, (byte*)(cos + j));
            }
        }
    }

    /// <summary>The work table's first 2^n doubles become the phases −arg of every entry.</summary>
    private void Transform(int s, ReadOnlySpan<double> x)
    {
        double* f = (double*)work.Pointer;
        new Span<double>(f, 1 << plan.Qubits).Clear();
        foreach (PlanRotation r in steps[s].Rotations)
        {
            double half = r.Evaluate(weights, x) / 2;
            f[r.Bits] += Plan.Odd(r.Bits & shiftAt[s]) ? -half : half;
        }

        VectorMath<VD, OD>.WalshWithin((byte*)f, plan.Qubits);
    }

    /// <summary>Blocks of scale · cos f and −scale · sin f in the lanes' precision; from the last to the first, so that they may take the place of f.</summary>
    private void SinCosTable<W, P>(byte* from, byte* table, double scale)
        where W : unmanaged
        where P : struct, ILanes<W>
    {
        W factor = P.Broadcast(scale);
        double* f = (double*)from;
        int width = 1 << P.Bits, most = Math.Max(width, 1 << OD.Bits);
        double* sin = stackalloc double[most], cos = stackalloc double[most];
        for (int p = (1 << plan.Qubits) - most; p >= 0; p -= most)
        {
            for (int j = 0; j < most; j += 1 << OD.Bits)
            {
                VectorMath<VD, OD>.SinCos(OD.Load((byte*)(f + p + j)), out VD vs, out VD vc);
                OD.ToDoubles(vc, cos + j);
                OD.ToDoubles(vs, sin + j);
            }

            for (int j = most - width; j >= 0; j -= width)
            {
                byte* block = table + (((nint)(p + j) >> P.Bits) * 2 * sizeof(W));
                P.Store(P.Multiply(P.FromDoubles(cos + j), factor), block);
                P.Store(P.Fnma(P.FromDoubles(sin + j), factor, P.Zero), block + sizeof(W));
            }
        }
    }

    /// <summary>The work table's blocks of doubles as pairs of numbers in the state's precision.</summary>
    private void StorePairs(byte* table)
    {
        int width = 1 << OD.Bits;
        double* from = (double*)work.Pointer;
        for (int p = 0; p < 1 << plan.Qubits; p++)
        {
            double* block = from + ((p >> OD.Bits) * 2 * width) + (p & (width - 1));
            if (typeof(V) == typeof(VD))
            {
                (((double*)table)[2 * p], ((double*)table)[(2 * p) + 1]) = (block[0], block[width]);
            }
            else
            {
                (((float*)table)[2 * p], ((float*)table)[(2 * p) + 1]) = ((float)block[0], (float)block[width]);
            }
        }
    }

    /// <summary>A D step's table of every sample side by side.</summary>
    private void BuildLaneTable(int s)
    {
        byte* f = work.Pointer, table = diagonals[s]!.Pointer;
        if (products[s] is { } order)
        {
            for (int j = 0; j < order.Length; j++)
            {
                PlanRotation r = order[j];
                VectorMath<V, O>.SinCos(LaneAngles(r.Angle, Plan.Odd(r.Bits & shiftAt[s]) ? 0.5 : -0.5), out V rs, out V rc);
                O.Store(rc, rowVectors.Pointer + ((nint)j * Block));
                O.Store(rs, rowVectors.Pointer + ((nint)j * Block) + sizeof(V));
            }

            tables[s]!.Across(table, rowVectors.Pointer, scales[s]);
            return;
        }

        nint end = (nint)sizeof(V) << plan.Qubits;
        new Span<byte>(f, checked((int)end)).Clear();
        foreach (PlanRotation r in steps[s].Rotations)
        {
            byte* at = f + ((nint)r.Bits * sizeof(V));
            O.Store(O.Add(O.Load(at), LaneAngles(r.Angle, Plan.Odd(r.Bits & shiftAt[s]) ? -0.5 : 0.5)), at);
        }

        VectorMath<V, O>.WalshAcross(f, plan.Qubits);
        V scale = O.Broadcast(scales[s]);
        for (nint e = 0; e < end; e += sizeof(V))
        {
            VectorMath<V, O>.SinCos(O.Load(f + e), out V sin, out V cos);
            O.Store(O.Multiply(cos, scale), table + (2 * e));
            O.Store(O.Fnma(sin, scale, O.Zero), table + (2 * e) + sizeof(V));
        }
    }
}
