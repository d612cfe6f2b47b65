using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>
/// A circuit compiled for its structure alone, whatever its angles. CNOT, SWAP and X vanish into a relabelling of basis states, x = A(p ⊕ flip) over GF(2). All else
/// becomes rotations of two kinds: about X^mask, and about Z^row. (RY = S RX S†; CZ, S, T, phases are Z rotations; H = RZ RX RZ; a Pauli
/// string with Y or mixed letters is an X string between diagonal gates; controlled rotations are two commuting rotations.) Rotations are list-scheduled
/// into alternating steps. In each D step everything merges into ONE diagonal table; in each X step any three rotations with independent
/// masks share one radix-8 pass.
/// </summary>
internal sealed partial class Plan
{
    private Plan(Circuit circuit, int laneBits, int minQubits)
    {
        Circuit = circuit;
        LaneBits = laneBits;
        Qubits = Math.Max(circuit.Qubits, minQubits);
        Rows = [.. Enumerable.Range(0, Qubits).Select(q => 1 << q)];
        Columns = (int[])Rows.Clone();
    }

    public Circuit Circuit { get; }

    /// <summary>log2 of the basis states inside a vector: 0 when lanes are samples.</summary>
    public int LaneBits { get; }

    /// <summary>The circuit's qubits, or as many as fill one vector.</summary>
    public int Qubits { get; }

    public List<PlanStep> Steps { get; } = [];

    /// <summary>Rows of A at the end: bit q of the logical index is the parity of p &amp; Rows[q].</summary>
    public int[] Rows { get; }

    /// <summary>Columns of A⁻¹ at the end.</summary>
    public int[] Columns { get; }

    /// <summary>The static part of the relabelling: X gates.</summary>
    public int Flip { get; private set; }

    /// <summary>The global phase gathered on the way [rad].</summary>
    public Angle Phase { get; private set; } = Angle.Zero;

    /// <summary>Rotations about Z before anything else on |0…0⟩: they only contribute a phase and are left out of the steps.</summary>
    public List<PlanRotation> LeadingDiagonal { get; } = [];

    /// <summary>Compiles a circuit.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="laneBits">log2 of the basis states inside a vector (0: lanes are samples).</param>
    /// <param name="minQubits">The fewest qubits: as many as fill the vectors of the tables.</param>
    /// <param name="radixBits">The most rotations in a pass that also applies a diagonal; all other passes take up to three.</param>
    public static Plan Compile(Circuit circuit, int laneBits, int minQubits, int radixBits)
    {
        var plan = new Plan(circuit, laneBits, minQubits);
        foreach (Operation op in Operation.Lower(circuit))
        {
            plan.Append(op);
        }

        plan.Finish(radixBits);
        return plan;
    }

    private void Append(Operation op)
    {
        switch (op.Kind)
        {
            case OperationKind.ControlledNot:
                Rows[op.Qubit1] ^= Rows[op.Qubit0];
                Columns[op.Qubit0] ^= Columns[op.Qubit1];
                break;
            case OperationKind.Swap:
                (Rows[op.Qubit0], Rows[op.Qubit1]) = (Rows[op.Qubit1], Rows[op.Qubit0]);
                (Columns[op.Qubit0], Columns[op.Qubit1]) = (Columns[op.Qubit1], Columns[op.Qubit0]);
                break;
            case OperationKind.Phase:
                Projector(op.Controls, op.Angle!);
                break;
            case OperationKind.Rotation when op.Controls == 0:
                PauliRotation(op.XMask, op.ZMask, op.Angle!);
                break;
            case OperationKind.Rotation:
                // exp(−iθ/2 Π P) with the control's projector Π = (1 − Z)/2.
                PauliRotation(op.XMask, op.ZMask, op.Angle!.Scale(0.5));
                PauliRotation(op.XMask, op.ZMask ^ op.Controls, op.Angle!.Scale(-0.5));
                break;
            case OperationKind.Matrix1 when IsPauliX(op.Matrix.AsSpan()):
                Flip ^= Physical(1 << op.Qubit0);
                break;
            case OperationKind.Matrix1:
                Unitary(UnitaryDecomposition.OneQubit(op.Matrix.AsSpan()), op.Qubit0);
                break;
            case OperationKind.Matrix2:
                UnitaryDecomposition.TwoQubitAngles two = UnitaryDecomposition.TwoQubit(op.Matrix.AsSpan());
                Unitary(two.FirstLow, op.Qubit0);
                Unitary(two.FirstHigh, op.Qubit1);
                int both = (1 << op.Qubit0) | (1 << op.Qubit1);
                PauliRotation(both, 0, two.XX);
                PauliRotation(both, both, two.YY);
                PauliRotation(0, both, two.ZZ);
                Unitary(two.LastLow, op.Qubit0);
                Unitary(two.LastHigh, op.Qubit1);
                Phase += two.Phase;
                break;
        }
    }

    private static bool IsPauliX(ReadOnlySpan<Complex> m) => m[0] == 0 && m[3] == 0 && m[1] == 1 && m[2] == 1;

    /// <summary>e^{iφ} RZ(β) RY(γ) RZ(δ).</summary>
    private void Unitary(UnitaryDecomposition.Euler u, int qubit)
    {
        int bit = 1 << qubit;
        Phase += u.Phase;
        PauliRotation(0, bit, u.Delta);
        PauliRotation(bit, bit, u.Gamma);
        PauliRotation(0, bit, u.Beta);
    }

    /// <summary>e^{iθ} where all masked bits are 1: Π = 2^(−k) Σ over subsets S of (−1)^|S| Z_S.</summary>
    private void Projector(int mask, Angle angle)
    {
        int k = BitOperations.PopCount((uint)mask);
        for (int s = mask; ; s = (s - 1) & mask)
        {
            Angle part = angle.Scale(1.0 / (1 << k));
            if (s == 0)
            {
                Phase += part;
                return;
            }

            AddDiagonal(s, part.Scale((BitOperations.PopCount((uint)s) & 1) == 0 ? -2 : 2));
        }
    }

    private void PauliRotation(int x, int z, Angle angle)
    {
        if (x == 0)
        {
            AddDiagonal(z, angle);
            return;
        }

        // D X^x D† = P with D made of S on Y positions and CZ from a pivot to Z positions.
        int pivot = 1 << BitOperations.Log2((uint)x);
        Surround(x, z, pivot, inverse: true);
        AddX(x, angle);
        Surround(x, z, pivot, inverse: false);
    }

    private void Surround(int x, int z, int pivot, bool inverse)
    {
        for (int q = 0; q < Qubits; q++)
        {
            int bit = 1 << q;
            if ((x & z & bit) != 0)
            {
                // S without its phase, which the inverse cancels.
                AddDiagonal(bit, inverse ? -Math.PI / 2 : Math.PI / 2);
            }
            else if ((z & bit) != 0)
            {
                // CZ without its phase; twice a sign of one of the three is harmless because the pair cancels.
                double quarter = inverse ? -Math.PI / 2 : Math.PI / 2;
                AddDiagonal(bit, quarter);
                AddDiagonal(pivot, quarter);
                AddDiagonal(bit | pivot, -quarter);
            }
        }
    }

    /// <summary>A rotation about Z on the logical qubits of a mask.</summary>
    private void AddDiagonal(int mask, Angle angle)
    {
        int row = 0;
        for (int q = 0; q < Qubits; q++)
        {
            row ^= (mask >> q & 1) != 0 ? Rows[q] : 0;
        }

        Add(isX: false, row, Odd(row & Flip) ? -angle : angle);
    }

    private void AddX(int mask, Angle angle) => Add(isX: true, Physical(mask), angle);

    /// <summary>The physical mask of a logical one.</summary>
    private int Physical(int mask)
    {
        int bits = 0;
        for (int q = 0; q < Qubits; q++)
        {
            bits ^= (mask >> q & 1) != 0 ? Columns[q] : 0;
        }

        return bits;
    }

    private void Add(bool isX, int bits, Angle angle)
    {
        if (Vanishes(angle))
        {
            return;
        }

        if (isX && angle.IsConstant && Math.Abs(Math.Cos(angle.Constant / 2)) < 1e-15)
        {
            // A half turn about X is −i sin(θ/2) X: a relabelling.
            Phase += -Math.PI / 2 * Math.Sign(Math.Sin(angle.Constant / 2));
            Flip ^= bits;
            return;
        }

        int home = -1;
        for (int s = Steps.Count - 1; s >= 0; s--)
        {
            if (Steps[s].IsX == isX)
            {
                home = s;
                continue;
            }

            // X^mask and Z^row commute if and only if they share an even number of bits.
            if (Steps[s].Rotations.Exists(r => Odd(r.Bits & bits)))
            {
                break;
            }
        }

        if (home < 0)
        {
            home = Steps.Count;
            Steps.Add(new PlanStep { IsX = isX });
        }

        List<PlanRotation> rotations = Steps[home].Rotations;
        int at = rotations.FindIndex(r => r.Bits == bits);
        if (at < 0)
        {
            rotations.Add(new PlanRotation(bits, angle));
            return;
        }

        Angle sum = rotations[at].Angle + angle;
        if (Vanishes(sum))
        {
            // Opposite angles, such as the diagonal parts of two neighbouring RY.
            rotations.RemoveAt(at);
            if (rotations.Count == 0 && home == Steps.Count - 1)
            {
                Steps.RemoveAt(home);
            }
        }
        else
        {
            rotations[at] = new PlanRotation(bits, sum);
        }
    }

    /// <summary>Whether a rotation is 1 or −1 whatever the variables; the sign goes into the phase.</summary>
    private bool Vanishes(Angle angle)
    {
        bool vanishes = angle.IsConstant && Math.Abs(Math.Sin(angle.Constant / 2)) < 1e-15;
        if (vanishes && Math.Cos(angle.Constant / 2) < 0)
        {
            Phase += Math.PI;
        }

        return vanishes;
    }

    private void Finish(int radixBits)
    {
        // A step emptied in the middle leaves two neighbours of one kind, which become one.
        for (int s = Steps.Count - 1; s >= 0; s--)
        {
            if (Steps[s].Rotations.Count == 0)
            {
                Steps.RemoveAt(s);
            }
        }

        for (int s = Steps.Count - 1; s > 0; s--)
        {
            if (Steps[s].IsX == Steps[s - 1].IsX)
            {
                foreach (PlanRotation r in Steps[s].Rotations)
                {
                    int at = Steps[s - 1].Rotations.FindIndex(o => o.Bits == r.Bits);
                    if (at < 0)
                    {
                        Steps[s - 1].Rotations.Add(r);
                    }
                    else
                    {
                        Steps[s - 1].Rotations[at] = new PlanRotation(r.Bits, Steps[s - 1].Rotations[at].Angle + r.Angle);
                    }
                }

                Steps.RemoveAt(s);
            }
        }

        if (Circuit.Preparation == StatePreparation.Zero && Steps.Count > 0 && !Steps[0].IsX)
        {
            LeadingDiagonal.AddRange(Steps[0].Rotations);
            Steps.RemoveAt(0);
        }

        if (Circuit.Preparation == StatePreparation.Zero && Steps.Count > 0)
        {
            Steps[0].IsProduct = Steps[0].Rotations.TrueForAll(r => BitOperations.IsPow2(r.Bits));
        }

        ChooseLayouts(radixBits);
        foreach (PlanStep step in Steps)
        {
            step.PerSample = step.Rotations.Exists(r => r.PerSample);
            if (!step.IsX)
            {
                continue;
            }

            ArrangePasses(step, radixBits);
        }
    }

    internal static bool Odd(int bits) => (BitOperations.PopCount((uint)bits) & 1) != 0;
}
