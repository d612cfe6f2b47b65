namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>The Pauli strings of a set of observables as a plan's relabelled basis sees them.</summary>
internal sealed class ObservableTerms
{
    public ObservableTerms(Plan plan, IReadOnlyList<Observable> observables)
    {
        var diagonal = new List<Term>();
        var mixed = new List<Term>();
        for (int m = 0; m < observables.Count; m++)
        {
            foreach ((double c, PauliString p) in observables[m].Terms)
            {
                int row = 0, mask = 0;
                for (int q = 0; q < plan.Circuit.Qubits; q++)
                {
                    row ^= (p.ZMask >> q & 1) != 0 ? plan.Rows[q] : 0;
                    mask ^= (p.XMask >> q & 1) != 0 ? plan.Columns[q] : 0;
                }

                (p.XMask == 0 ? diagonal : mixed).Add(new Term(m, c, mask, row, p.YCount & 3));
            }
        }

        Diagonal = [.. diagonal];
        Mixed = [.. mixed];
        Count = observables.Count;
    }

    /// <summary>Strings of Z alone.</summary>
    public Term[] Diagonal { get; }

    /// <summary>All others.</summary>
    public Term[] Mixed { get; }

    /// <summary>The number of observables.</summary>
    public int Count { get; }

    /// <summary>
    /// coefficient · i^quarter X^mask Z^row, with a further sign (−1)^(row·shift) from the relabelling in force.
    /// </summary>
    internal readonly record struct Term(int Observable, double Coefficient, int Mask, int Row, int Quarter);
}
