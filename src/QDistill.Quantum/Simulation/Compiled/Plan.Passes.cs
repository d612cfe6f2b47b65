using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <content>Which rotations of an X step share a pass.</content>
internal sealed partial class Plan
{
    private void ArrangePasses(PlanStep step, int radixBits)
    {
        int[] all = [.. Enumerable.Range(0, step.Rotations.Count)];
        step.LaneOnly = [.. all.Where(i => BlockPart(step, i) == 0)];
        step.LaneOnlyMasks = [.. step.LaneOnly.Select(i => step.Rotations[i].Bits)];
        step.LaneOnlyOwn = [.. step.LaneOnly.Select(i => step.Rotations[i].PerSample)];

        // Rotations that move lanes share passes: the first, which has lanes to move anyway when the layout changes, or in inner products the last.
        int[] wide = [.. all.Where(i => BlockPart(step, i) != 0).OrderBy(i => LanePart(step.Rotations[i].Bits) == 0)];
        int[] shared = [.. wide.Where(i => !step.Rotations[i].PerSample)];
        step.Shared = Group(step, shared, radixBits, 3);
        step.SharedBackward = Group(step, shared, 2, 2);
        step.All = Group(step, [.. wide.Reverse()], 2, 3);
        step.Own = Group(step, [.. wide.Where(i => step.Rotations[i].PerSample)], 2, 2);
    }

    private int BlockPart(PlanStep step, int rotation) => step.Rotations[rotation].Bits >> LaneBits;

    /// <summary>Passes of at most <paramref name="first"/> rotations in the first one, which also applies the diagonal, and <paramref name="most"/> in all others.</summary>
    private PassGroup[] Group(PlanStep step, int[] rotations, int first, int most)
    {
        var open = new List<List<int>>();
        foreach (int i in rotations)
        {
            List<int>? group = open.Find(g => g.Count < (g == open[0] ? first : most) && Reduce([.. g.Append(i).Select(j => BlockPart(step, j))], out _).Length == g.Count + 1);
            if (group is null)
            {
                open.Add(group = []);
            }

            group.Add(i);
        }

        return [.. open.Select(g =>
        {
            Reduce([.. g.Select(j => BlockPart(step, j))], out int pivots);
            return new PassGroup
            {
                Rotations = [.. g],
                BlockMasks = [.. g.Select(j => BlockPart(step, j))],
                LaneMasks = [.. g.Select(j => LanePart(step.Rotations[j].Bits))],
                Pivots = pivots,
            };
        })];
    }

    private static int Top(int bits) => 1 << BitOperations.Log2((uint)bits);

    /// <summary>A reduced basis over GF(2): the highest bit of each vector, its pivot, is in no other.</summary>
    private static int[] Reduce(int[] masks, out int pivots)
    {
        var basis = new List<int>();
        foreach (int mask in masks)
        {
            int rest = basis.Aggregate(mask, (m, b) => (m & Top(b)) != 0 ? m ^ b : m);
            if (rest != 0)
            {
                int top = Top(rest);
                basis = [.. basis.Select(b => (b & top) != 0 ? b ^ rest : b), rest];
            }
        }

        pivots = basis.Aggregate(0, (p, b) => p | Top(b));
        return [.. basis];
    }
}
