using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <content>
/// Layouts. A mask with bits inside a vector costs permutations of lanes, and after a few rings of CNOT nearly every mask has some. A layout stores basis state (block, lane) at
/// (block, lane ⊕ A·block) with A over GF(2): that takes mask (h, l) to (h, l ⊕ A·h), so A can be chosen such that all masks of a step but as many as there are lane bits lose
/// their lanes' part. Going from one layout to the next XORs every block's lanes on the way through the first pass of a step.
/// </content>
internal sealed partial class Plan
{
    /// <summary>Where index <paramref name="index"/> (or the mask) is after a change of layout.</summary>
    public static int Relabel(int index, ReadOnlySpan<int> laneParities)
    {
        for (int j = 0, block = index >> laneParities.Length; j < laneParities.Length; j++)
        {
            index ^= Odd(block & laneParities[j]) ? 1 << j : 0;
        }

        return index;
    }

    /// <summary>The row of the same parity after a change of layout.</summary>
    private static int RelabelRow(int row, ReadOnlySpan<int> laneParities)
    {
        for (int j = 0, lanes = row; j < laneParities.Length; j++)
        {
            row ^= (lanes >> j & 1) != 0 ? laneParities[j] << laneParities.Length : 0;
        }

        return row;
    }

    private int LanePart(int bits) => bits & ((1 << LaneBits) - 1);

    private void ChooseLayouts(int radixBits)
    {
        if (LaneBits == 0)
        {
            return;
        }

        int[] layout = new int[LaneBits];
        for (int k = 0; k < Steps.Count; k++)
        {
            PlanStep step = Steps[k];
            if (step.IsX && !step.IsProduct)
            {
                int[] best = LayoutFor(step);
                // |0…0⟩ is the same in every layout.
                bool free = k == 0 && Circuit.Preparation == StatePreparation.Zero;
                bool shares = step.Rotations.Exists(r => !r.PerSample && r.Bits >> LaneBits != 0);
                int now = PassesMovingLanes(step, layout, radixBits), then = PassesMovingLanes(step, best, radixBits);
                if (free ? then < now : shares && Math.Max(1, then) < now)
                {
                    step.LaneParities = free ? [] : [.. layout.Zip(best, (a, b) => a ^ b)];
                    layout = best;
                }
            }

            for (int i = 0; i < step.Rotations.Count; i++)
            {
                PlanRotation r = step.Rotations[i];
                step.Rotations[i] = new PlanRotation(step.IsX ? Relabel(r.Bits, layout) : RelabelRow(r.Bits, layout), r.Angle);
            }
        }

        for (int q = 0; q < Qubits; q++)
        {
            Rows[q] = RelabelRow(Rows[q], layout);
            Columns[q] = Relabel(Columns[q], layout);
        }

        Flip = Relabel(Flip, layout);
    }

    /// <summary>A layout in which as few masks of a step as possible have bits inside a vector.</summary>
    private int[] LayoutFor(PlanStep step)
    {
        // Masks in echelon form over the blocks' bits; A takes each one's pivot to its lanes' part.
        var basis = new List<int>();
        foreach (int bits in step.Rotations.Select(r => r.Bits))
        {
            int rest = Rest(basis, bits);
            if (rest >> LaneBits != 0)
            {
                basis = Extend(basis, rest);
            }
        }

        int[] layout = new int[LaneBits];
        foreach (int b in basis)
        {
            for (int j = 0; j < LaneBits; j++)
            {
                layout[j] |= (b >> j & 1) << (BitOperations.Log2((uint)b) - LaneBits);
            }
        }

        return layout;
    }

    private int PassesMovingLanes(PlanStep step, int[] layout, int radixBits)
    {
        int shared = 0, own = 0;
        foreach (PlanRotation r in step.Rotations)
        {
            bool moves = r.Bits >> LaneBits != 0 && LanePart(Relabel(r.Bits, layout)) != 0;
            shared += moves && !r.PerSample ? 1 : 0;
            own += moves && r.PerSample ? 1 : 0;
        }

        return ((shared + radixBits - 1) / radixBits) + ((own + 1) / 2);
    }
}
