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
        step.LaneOnlyBits = step.LaneOnly.All(i => BitOperations.IsPow2(step.Rotations[i].Bits) && !step.Rotations[i].PerSample)
            ? [.. Enumerable.Range(0, 4).Select(b => step.Rotations.FindIndex(r => r.Bits == 1 << b && b < LaneBits))]
            : null;

        int[] wide = [.. all.Where(i => BlockPart(step, i) != 0)];
        int[] shared = [.. wide.Where(i => !step.Rotations[i].PerSample)];
        step.Shared = Group(step, shared, radixBits, 3, lanesFirst: true);
        step.SharedBackward = Group(step, shared, 2, 2, lanesFirst: true);
        step.All = Group(step, wide, 2, 3, lanesFirst: false);
        step.Own = Group(step, [.. wide.Where(i => step.Rotations[i].PerSample)], 2, 2, lanesFirst: true);
    }

    private int BlockPart(PlanStep step, int rotation) => step.Rotations[rotation].Bits >> LaneBits;

    /// <summary>
    /// Passes of at most <paramref name="first"/> rotations in the first one, which also applies the diagonal or takes its sums, and <paramref name="most"/> in all others. Rotations that move lanes
    /// share passes of at most two: the first ones, because lanes move there anyway when the layout changes, or the last.
    /// </summary>
    private PassGroup[] Group(PlanStep step, int[] rotations, int first, int most, bool lanesFirst)
    {
        var moving = new List<List<int>>();
        foreach (int i in rotations.Where(MovesLanes))
        {
            Join(moving, i, _ => lanesFirst && moving.Count == 1 ? first : 2);
        }

        // What is left of a pass that moves lanes takes others.
        int[] still = [.. rotations.Where(i => !MovesLanes(i))];
        if (moving.Count > 0 && moving[^1].Count == 1 && Array.FindIndex(still, i => Independent(moving[^1], i)) is >= 0 and int fitting)
        {
            moving[^1].Add(still[fitting]);
            still = [.. still.Where((_, j) => j != fitting)];
        }

        // Two passes of two cost less than one of three and one of one.
        var others = new List<List<int>>();
        int reserved = lanesFirst && moving.Count > 0 ? 0 : Math.Min(first, still.Length), rest = still.Length - reserved, passes = (rest + most - 1) / most;
        foreach (int i in still)
        {
            Join(others, i, k => reserved > 0 ? (k == 0 ? reserved : Size(k - 1)) : Size(k));
        }

        return [.. (lanesFirst ? moving.Concat(others) : others.Concat(moving)).Select(g => Pass(step, g))];

        bool MovesLanes(int i) => LanePart(step.Rotations[i].Bits) != 0;

        int Size(int k) => k >= passes ? most : (rest / passes) + (k < rest % passes ? 1 : 0);

        bool Independent(List<int> g, int i) => Reduce([.. g.Append(i).Select(j => BlockPart(step, j))], out _).Length == g.Count + 1;

        void Join(List<List<int>> groups, int i, Func<int, int> size)
        {
            int k = groups.FindIndex(g => g.Count < size(groups.IndexOf(g)) && Independent(g, i));
            if (k < 0)
            {
                groups.Add([i]);
            }
            else
            {
                groups[k].Add(i);
            }
        }
    }

    private PassGroup Pass(PlanStep step, List<int> rotations)
    {
        Reduce([.. rotations.Select(j => BlockPart(step, j))], out int pivots);
        return new PassGroup
        {
            Rotations = [.. rotations],
            BlockMasks = [.. rotations.Select(j => BlockPart(step, j))],
            LaneMasks = [.. rotations.Select(j => LanePart(step.Rotations[j].Bits))],
            Pivots = pivots,
        };
    }

    private static int Top(int bits) => 1 << BitOperations.Log2((uint)bits);

    /// <summary>A reduced basis over GF(2): the highest bit of each vector, its pivot, is in no other.</summary>
    private static int[] Reduce(int[] masks, out int pivots)
    {
        var basis = new List<int>();
        foreach (int mask in masks)
        {
            int rest = Rest(basis, mask);
            if (rest != 0)
            {
                basis = Extend(basis, rest);
            }
        }

        pivots = basis.Aggregate(0, (p, b) => p | Top(b));
        return [.. basis];
    }

    /// <summary>A mask less what the vectors of a reduced basis take off it: it has none of their pivots.</summary>
    private static int Rest(List<int> basis, int mask) => basis.Aggregate(mask, (m, b) => (m & Top(b)) != 0 ? m ^ b : m);

    /// <summary>A reduced basis with a further vector, which is a <see cref="Rest"/> and not 0.</summary>
    private static List<int> Extend(List<int> basis, int rest) => [.. basis.Select(b => (b & Top(rest)) != 0 ? b ^ rest : b), rest];
}
