namespace QDistill.Quantum.Simulation.Compiled;

/// <content>Expectations, probabilities, whole states.</content>
internal sealed unsafe partial class CompiledRunner<V, O, VD, OD>
{
    public override void Expectations(AlignedBuffer state, Span<double> expectations)
    {
        expectations.Clear();
        double scale = StoredScale(complete);
        scale *= scale;
        if (terms.Diagonal.Length > 0)
        {
            Squares(state);
            if (batched)
            {
                VectorMath<V, O>.WalshAcross(work.Pointer, plan.Qubits);
            }
            else
            {
                VectorMath<V, O>.WalshWithin(work.Pointer, plan.Qubits);
            }
        }

        foreach (ObservableTerms.Term t in terms.Diagonal)
        {
            Gather(expectations, t, scale, t.Row);
        }

        foreach (ObservableTerms.Term t in terms.Mixed)
        {
            V e = MixedKernels<V, O>.Expectation(Final(state), End, plan.LaneBits, t);
            double factor = scale * t.Coefficient * Sign(t.Row, plan.Flip ^ shift);
            if (!batched)
            {
                expectations[t.Observable] += factor * O.Sum(e);
                continue;
            }

            ToLane(e);
            for (int l = 0; l < count; l++)
            {
                expectations[(l * terms.Count) + t.Observable] += factor * lane[l];
            }
        }
    }

    public override void Probabilities(AlignedBuffer state, Span<double> probabilities)
    {
        Squares(state);
        double scale = StoredScale(complete);
        scale *= scale;
        for (int x = 0; x < circuit.Dimension; x++)
        {
            int p = physical[x] ^ plan.Flip ^ shift;
            if (!batched)
            {
                probabilities[x] = scale * Scalar(p);
                continue;
            }

            ToLane(O.Load(work.Pointer + ((nint)p * sizeof(V))));
            for (int l = 0; l < count; l++)
            {
                probabilities[(l * circuit.Dimension) + x] = scale * lane[l];
            }
        }
    }

    public override void States(AlignedBuffer state, Span<double> real, Span<double> imaginary)
    {
        Forward(state, all: true);
        double scale = StoredScale(all: true);
        int dimension = circuit.Dimension, width = 1 << O.Bits;
        double* vector = stackalloc double[2 * width];
        for (int p = 0; p < dimension; p += batched ? 1 : width)
        {
            byte* block = Final(state) + ((nint)(p >> plan.LaneBits) * Block);
            O.ToDoubles(O.Load(block), vector);
            O.ToDoubles(O.Load(block + sizeof(V)), vector + width);
            for (int l = 0; l < (batched ? count : Math.Min(width, dimension)); l++)
            {
                int at = batched ? (l * dimension) + p : p + l;
                (real[at], imaginary[at]) = (scale * vector[l], scale * vector[width + l]);
            }
        }
    }

    private static double Sign(int row, int with) => Plan.Odd(row & with) ? -1 : 1;

    /// <summary>|ψ_p|² into the work table: vectors when batched, else numbers.</summary>
    private void Squares(AlignedBuffer state)
    {
        byte* s = Final(state), f = work.Pointer;
        for (nint e = 0; e < End; e += Block)
        {
            V r = O.Load(s + e), i = O.Load(s + e + sizeof(V));
            O.Store(O.Fma(r, r, O.Multiply(i, i)), f + (e >> 1));
        }
    }

    private void Gather(Span<double> expectations, in ObservableTerms.Term t, double scale, int entry)
    {
        double factor = scale * t.Coefficient * Sign(t.Row, plan.Flip ^ shift);
        if (!batched)
        {
            expectations[t.Observable] += factor * Scalar(entry);
            return;
        }

        ToLane(O.Load(work.Pointer + ((nint)entry * sizeof(V))));
        for (int l = 0; l < count; l++)
        {
            expectations[(l * terms.Count) + t.Observable] += factor * lane[l];
        }
    }

    private double Scalar(int p) => sizeof(V) >> O.Bits == sizeof(double) ? ((double*)work.Pointer)[p] : ((float*)work.Pointer)[p];

    private void ToLane(V value)
    {
        fixed (double* l = lane)
        {
            O.ToDoubles(value, l);
        }
    }

    private V FromLane()
    {
        fixed (double* l = lane)
        {
            return O.FromDoubles(l);
        }
    }
}
