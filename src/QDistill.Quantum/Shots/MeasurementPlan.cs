namespace QDistill.Quantum;

/// <summary>
/// The measurement bases a set of observables needs: its Pauli strings are put, greedily and in order, into groups that commute qubit by qubit, and each group
/// is measured at once after a change of basis.
/// </summary>
internal sealed class MeasurementPlan
{
    private MeasurementPlan(List<Basis> bases, int observables)
    {
        Bases = bases;
        Observables = observables;
    }

    public IReadOnlyList<Basis> Bases { get; }

    public int Observables { get; }

    /// <param name="observables">The observables.</param>
    /// <param name="needComputational">Whether the plain basis must be among the bases (as the first).</param>
    public static MeasurementPlan For(IReadOnlyList<Observable> observables, bool needComputational)
    {
        var bases = new List<Basis>();
        if (needComputational)
        {
            bases.Add(new Basis(computational: true));
        }

        for (int m = 0; m < observables.Count; m++)
        {
            foreach ((double c, PauliString p) in observables[m].Terms)
            {
                Basis? home = bases.Find(b => b.Accepts(p));
                if (home is null)
                {
                    bases.Add(home = new Basis(computational: false));
                }

                home.Add(m, c, p);
            }
        }

        return new MeasurementPlan(bases, observables.Count);
    }

    /// <summary>
    /// Adds one basis' share to estimates and their variances. The variance is the sample variance of the one-shot values over the shots; a single shot
    /// is given the largest variance its values can have.
    /// </summary>
    public static void Estimate(Basis basis, ReadOnlySpan<int> counts, int shots, Span<double> expectations, Span<double> variances)
    {
        foreach ((int m, List<(double Coefficient, int Mask)> terms) in basis.Terms)
        {
            (double sum, double squares) = terms is [(double c, int mask)] ? OneString(c, mask, counts, shots) : Sums(terms, counts);
            double bound = 0;
            foreach ((double coefficient, _) in terms)
            {
                bound += Math.Abs(coefficient);
            }

            double mean = sum / shots;
            expectations[m] += mean;
            variances[m] += shots == 1 ? bound * bound : Math.Max(0, (squares / shots) - (mean * mean)) / (shots - 1);
        }
    }

    /// <summary>The sum of all shots' values, and of their squares, where each is ±c.</summary>
    private static (double Sum, double Squares) OneString(double c, int mask, ReadOnlySpan<int> counts, int shots) => (c * (shots - (2 * OddShots(counts, mask))), c * c * shots);

    /// <summary>The same of a sum of Pauli strings.</summary>
    private static (double Sum, double Squares) Sums(List<(double Coefficient, int Mask)> terms, ReadOnlySpan<int> counts)
    {
        double sum = 0, squares = 0;
        for (int k = 0; k < counts.Length; k++)
        {
            if (counts[k] == 0)
            {
                continue;
            }

            double value = 0;
            foreach ((double c, int mask) in terms)
            {
                value += (System.Numerics.BitOperations.PopCount((uint)(k & mask)) & 1) == 0 ? c : -c;
            }

            sum += counts[k] * value;
            squares += counts[k] * value * value;
        }

        return (sum, squares);
    }

    /// <summary>The shots whose outcome has odd parity under a mask.</summary>
    private static int OddShots(ReadOnlySpan<int> counts, int mask)
    {
        int odd = 0;
        for (int k = 0; k < counts.Length; k++)
        {
            odd += counts[k] & -(System.Numerics.BitOperations.PopCount((uint)(k & mask)) & 1);
        }

        return odd;
    }

    /// <summary>
    /// The same from a distribution: <paramref name="taken"/> shots, or exact where that is 0. With a mitigation, each bit counts by its mitigated value, so mean and spread are those
    /// of the mitigated estimate.
    /// </summary>
    public static void Estimate(Basis basis, ReadOnlySpan<double> distribution, ReadoutMitigation? mitigation, int qubits, int taken, Span<double> expectations, Span<double> variances)
    {
        foreach ((int m, List<(double Coefficient, int Mask)> terms) in basis.Terms)
        {
            double mean = 0, square = 0, bound = 0;
            for (int k = 0; k < distribution.Length; k++)
            {
                double value = 0;
                foreach ((double c, int mask) in terms)
                {
                    double part = c;
                    for (int q = 0; q < qubits; q++)
                    {
                        part *= (mask >> q & 1) == 0 ? 1 : mitigation?.Value(k >> q & 1) ?? ((k >> q & 1) == 0 ? 1 : -1);
                    }

                    value += part;
                }

                mean += distribution[k] * value;
                square += distribution[k] * value * value;
                bound = Math.Max(bound, value * value);
            }

            expectations[m] += mean;
            variances[m] += taken == 0 ? 0 : taken == 1 ? bound : Math.Max(0, square - (mean * mean)) / (taken - 1);
        }
    }

    /// <summary>One product basis and the terms read from it.</summary>
    public sealed class Basis(bool computational)
    {
        private PauliString fixedTo;

        /// <summary>Per observable: its terms in this basis as coefficient and parity mask.</summary>
        public SortedDictionary<int, List<(double Coefficient, int Mask)>> Terms { get; } = [];

        /// <summary>The basis of each qubit: 'X', 'Y', or 'Z' (also where nothing is asked).</summary>
        public char this[int qubit] => fixedTo[qubit] is 'X' or 'Y' ? fixedTo[qubit] : 'Z';

        public bool IsComputational => fixedTo.XMask == 0;

        /// <summary>The gates that turn this basis into the computational one.</summary>
        public IEnumerable<Gate> Change(int qubits)
        {
            var builder = new CircuitBuilder(qubits);
            for (int q = 0; q < qubits; q++)
            {
                if (this[q] == 'Y')
                {
                    builder.SDagger(q);
                }

                if (this[q] != 'Z')
                {
                    builder.H(q);
                }
            }

            return builder.Gates;
        }

        internal bool Accepts(PauliString p) => (!computational || p.XMask == 0) && fixedTo.CommutesQubitWiseWith(p);

        internal void Add(int observable, double coefficient, PauliString p)
        {
            fixedTo = new PauliString(fixedTo.XMask | p.XMask, fixedTo.ZMask | p.ZMask);
            if (!Terms.TryGetValue(observable, out List<(double, int)>? list))
            {
                Terms.Add(observable, list = []);
            }

            list.Add((coefficient, p.XMask | p.ZMask));
        }
    }
}
