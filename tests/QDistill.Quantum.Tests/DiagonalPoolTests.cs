using QDistill.Quantum.Simulation;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Tests;

/// <summary>Tables of diagonals that threads share.</summary>
public class DiagonalPoolTests
{
    [Fact]
    public async Task ThreadsWithDifferentWeightsDoNotSeeEachOthersTables()
    {
        var builder = new CircuitBuilder(5);
        for (int layer = 0; layer < 3; layer++)
        {
            for (int q = 0; q < 5; q++)
            {
                builder.RZ(q, builder.NewWeight()).RX(q, builder.NewWeight() + Angle.Input(q)).CNOT(q, (q + 1) % 5);
            }
        }

        Circuit circuit = builder.Build();
        double[] inputs = RandomCircuits.Vector(5, 7);
        foreach (StateLayout layout in new[] { StateLayout.SingleSample, StateLayout.Batched })
        {
            using var engine = new StateVector(circuit, null, new StateVectorOptions { Threads = 2, Layout = layout });
            using var peer = new StateVector(circuit, null, new StateVectorOptions { Threads = 1, Path = SimulationPath.GateByGate });
            double[][] weights = [.. Enumerable.Range(0, 3).Select(i => RandomCircuits.Vector(circuit.WeightCount, (ulong)i + 1))];
            double[][] expected = [.. weights.Select(w => peer.Expectations(w, inputs, 1))];
            await Task.WhenAll(Enumerable.Range(0, 6).Select(task => Task.Run(() =>
            {
                for (int i = 0; i < 60; i++)
                {
                    int which = ((i / (1 + (task % 3))) + task) % weights.Length;
                    double[] actual = engine.Expectations(weights[which], inputs, 1);
                    for (int q = 0; q < actual.Length; q++)
                    {
                        Assert.Equal(expected[which][q], actual[q], 1e-12);
                    }
                }
            })));
        }
    }

    [Fact]
    public void TablesAreBuiltOncePerWeightsAndReusedWhenNobodyHoldsThem()
    {
        using var pool = new DiagonalPool();
        int builds = 0;
        DiagonalPool.Tables Take(DiagonalPool.Tables? held, double weight) => pool.Exchange(held, [weight], [64, 0], _ => builds++);

        DiagonalPool.Tables first = Take(null, 1), same = Take(null, 1);
        Assert.Same(first, same);
        Assert.Equal(1, builds);
        Assert.Null(first.Buffers[1]);

        DiagonalPool.Tables other = Take(same, 2);
        Assert.NotSame(first, other);
        Assert.Equal(1.0, Assert.Single(first.Weights));
        Assert.Equal(2, builds);

        // The only holder moves on: its tables are free for the new weights.
        Assert.Same(first, Take(first, 3));
        Assert.Equal(3, builds);
    }

    [Fact]
    public void TablesThatAreHeldOutliveTheirPool()
    {
        var pool = new DiagonalPool();
        DiagonalPool.Tables held = pool.Exchange(null, [1.0], [64], _ => { }), free = pool.Exchange(null, [2.0], [64], _ => { });
        pool.Release(free);
        pool.Dispose();
        Assert.True(free.Buffers[0]!.IsClosed);
        Assert.False(held.Buffers[0]!.IsClosed);
        pool.Release(held);
        Assert.True(held.Buffers[0]!.IsClosed);
    }
}
