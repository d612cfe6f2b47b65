namespace QDistill.Quantum;

/// <summary>Hamiltonians of spin chains, whose ground states serve as quantum data.</summary>
public static class SpinChain
{
    /// <summary>The transverse-field Ising chain −J Σ Z_i Z_{i+1} − h Σ X_i.</summary>
    public static Observable Ising(int sites, double coupling, double field, bool periodic = false)
    {
        var terms = new List<(double, PauliString)>();
        Bonds(sites, periodic, (a, b) => terms.Add((-coupling, new PauliString(0, (1 << a) | (1 << b)))));
        for (int i = 0; i < sites; i++)
        {
            terms.Add((-field, PauliString.X(i)));
        }

        return new Observable(terms);
    }

    /// <summary>
    /// The Heisenberg chain J Σ (XX + YY + Δ ZZ) + D Σ (X_i Y_{i+1} − Y_i X_{i+1}). With a Dzyaloshinskii–Moriya term D the Hamiltonian and its ground states are complex.
    /// </summary>
    public static Observable Heisenberg(int sites, double coupling, bool periodic = false, double anisotropy = 1, double dzyaloshinskiiMoriya = 0)
    {
        var terms = new List<(double, PauliString)>();
        Bonds(sites, periodic, (a, b) =>
        {
            int both = (1 << a) | (1 << b);
            terms.AddRange([(coupling, new PauliString(both, 0)), (coupling, new PauliString(both, both)), (coupling * anisotropy, new PauliString(0, both))]);
            if (dzyaloshinskiiMoriya != 0)
            {
                terms.AddRange([(dzyaloshinskiiMoriya, new PauliString(both, 1 << b)), (-dzyaloshinskiiMoriya, new PauliString(both, 1 << a))]);
            }
        });
        return new Observable(terms);
    }

    /// <summary>
    /// The cluster chain −J Σ Z_i X_{i+1} Z_{i+2} − h₁ Σ X_i − h₂ Σ X_i X_{i+1} with open ends (Cong, Choi, Lukin, Nat. Phys. 15, 1273 (2019)); for h₂ = 0 symmetry-protected topological where h₁ &lt; J.
    /// </summary>
    public static Observable Cluster(int sites, double coupling, double field, double pair)
    {
        var terms = new List<(double, PauliString)>();
        for (int i = 0; i < sites; i++)
        {
            terms.Add((-field, PauliString.X(i)));
            if (i + 1 < sites)
            {
                terms.Add((-pair, new PauliString(3 << i, 0)));
            }

            if (i + 2 < sites)
            {
                terms.Add((-coupling, new PauliString(2 << i, 5 << i)));
            }
        }

        return new Observable(terms);
    }

    private static void Bonds(int sites, bool periodic, Action<int, int> bond)
    {
        for (int i = 0; i + 1 < sites; i++)
        {
            bond(i, i + 1);
        }

        if (periodic && sites > 2)
        {
            bond(sites - 1, 0);
        }
    }
}
