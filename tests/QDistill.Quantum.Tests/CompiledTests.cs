using System.Numerics;
using QDistill.Numerics;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Tests;

/// <summary>What only shows on larger states and special matrices: widest passes, single precision, degenerate decompositions.</summary>
public class CompiledTests
{
    public static TheoryData<SimulationPath, StateLayout, Precision> EveryKernel()
    {
        var data = new TheoryData<SimulationPath, StateLayout, Precision>();
        foreach (SimulationPath path in new[] { SimulationPath.Compiled512, SimulationPath.Compiled256, SimulationPath.CompiledScalar })
        {
            foreach (StateLayout layout in new[] { StateLayout.SingleSample, StateLayout.Batched })
            {
                foreach (Precision precision in Enum.GetValues<Precision>())
                {
                    data.Add(path, layout, precision);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void LargerCircuitsEqualTheGateByGatePath(SimulationPath path, StateLayout layout, Precision precision)
    {
        foreach ((int n, ulong seed) in new[] { (7, 1UL), (8, 2UL), (9, 3UL), (10, 4UL) })
        {
            // Layers as teachers have them (wide passes), then gates of every kind.
            var builder = new CircuitBuilder(n);
            for (int layer = 0; layer < 3; layer++)
            {
                for (int q = 0; q < n; q++)
                {
                    builder.RZ(q, builder.NewWeight()).RX(q, builder.NewWeight()).RZ(q, Angle.Input(q) + 0.2).RY(q, Angle.Input((q + layer) % n));
                }

                for (int q = 0; q < n; q++)
                {
                    builder.CNOT(q, (q + 1) % n).RZZ(q, (q + 2) % n, Angle.Input(q) * Angle.Input((q + 1) % n));
                }
            }

            Circuit circuit = builder.Build().Then(RandomCircuits.Make(n, 30, seed, n, 5).Gates);
            int batch = layout == StateLayout.Batched ? 11 : 2;
            Observable[] observables = [.. Observable.EachZ(n), Observable.Parse("X0 Y1 Z2 - 0.7*Y5 + Z3 Z4 Z6"), Observable.Parse("X6 X0"), Observable.Parse("Y0 Y1 Y2")];
            int m = observables.Length;
            double[] weights = RandomCircuits.Vector(circuit.WeightCount, seed), inputs = RandomCircuits.Vector(n * batch, seed, 2);
            double[] de = RandomCircuits.Vector(batch * m, 5, 1), dp = RandomCircuits.Vector(batch * circuit.Dimension, 6, 1);
            (double[] E, double[] P, double[] W, double[] X) Run(StateVectorOptions options)
            {
                using var engine = new StateVector(circuit, observables, options);
                using ForwardPass pass = engine.Forward(weights, inputs, batch, probabilities: true);
                double[] dw = new double[circuit.WeightCount], dx = new double[n * batch];
                pass.Backward(de, dp, dw, dx);
                return (pass.Expectations, pass.Probabilities!, dw, dx);
            }

            var expected = Run(new StateVectorOptions { Path = SimulationPath.GateByGate });
            var actual = Run(new StateVectorOptions { Path = path, Layout = layout, Precision = precision });
            double tolerance = precision == Precision.Double ? 1e-11 : 3e-4;
            AssertNear(expected.E, actual.E, tolerance);
            AssertNear(expected.P, actual.P, tolerance);
            AssertNear(expected.W, actual.W, tolerance * 20);
            AssertNear(expected.X, actual.X, tolerance * 20);
        }
    }

    /// <summary>Rotations shared by all samples and rings of CNOT: what changes the layout of lanes between steps, walked back with a tape and without, from |0…0⟩ and from given amplitudes.</summary>
    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void RingsOfCnotEqualTheGateByGatePath(SimulationPath path, StateLayout layout, Precision precision)
    {
        foreach ((int n, StatePreparation preparation) in new[] { (6, StatePreparation.Zero), (9, StatePreparation.Zero), (9, StatePreparation.Amplitude) })
        {
            var builder = new CircuitBuilder(n) { Preparation = preparation };
            for (int step = 0; step < 5; step++)
            {
                for (int q = 0; q < n; q++)
                {
                    builder.RZ(q, builder.NewWeight()).RX(q, builder.NewWeight());
                }

                for (int q = 0; q < n; q++)
                {
                    builder.CNOT(q, (q + 1 + (step % 2)) % n);
                }
            }

            Circuit circuit = builder.Build(inputs: preparation == StatePreparation.Amplitude ? 1 << n : 0);
            const int Batch = 5;
            double[] weights = RandomCircuits.Vector(circuit.WeightCount, 7), inputs = RandomCircuits.Vector(circuit.InputCount * Batch, 8, 2);
            double[] upstream = RandomCircuits.Vector(Batch * n, 9, 1);
            (double[] E, double[] W, double[] X) Run(StateVectorOptions options)
            {
                using var engine = new StateVector(circuit, Observable.EachZ(n), options);
                double[] dw = new double[circuit.WeightCount], dx = new double[circuit.InputCount * Batch];
                return (engine.ExpectationsAndVjp(weights, inputs, Batch, upstream, dw, dx), dw, dx);
            }

            var expected = Run(new StateVectorOptions { Path = SimulationPath.GateByGate });
            foreach (long tape in new[] { 0L, 1L << 30 })
            {
                var actual = Run(new StateVectorOptions { Path = path, Layout = layout, Precision = precision, TapeBytes = tape });
                double tolerance = precision == Precision.Double ? 1e-11 : 3e-4;
                AssertNear(expected.E, actual.E, tolerance);
                AssertNear([.. expected.W, .. expected.X], [.. actual.W, .. actual.X], tolerance * 20);
            }
        }
    }

    [Theory]
    [InlineData(SimulationPath.Compiled512, 15, Precision.Double)]
    [InlineData(SimulationPath.Compiled256, 16, Precision.Double)]
    [InlineData(SimulationPath.Compiled256, 17, Precision.Single)]
    [InlineData(SimulationPath.CompiledScalar, 16, Precision.Double)]
    public void StatesTooLargeForTablesOfDiagonalsEqualTheGateByGatePath(SimulationPath path, int n, Precision precision)
    {
        var builder = new CircuitBuilder(n);
        for (int layer = 0; layer < 3; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                builder.RZ(q, layer == 1 ? Angle.Input(q) : builder.NewWeight()).RX(q, builder.NewWeight());
            }

            for (int q = 0; q < n; q++)
            {
                builder.CNOT(q, (q + 1 + layer) % n);
            }

            builder.RZ(layer, builder.NewWeight()).RZZ(0, n - 1, builder.NewWeight());
        }

        Circuit circuit = builder.RX(2, builder.NewWeight()).RX(n - 1, builder.NewWeight()).Build();
        double[] weights = RandomCircuits.Vector(circuit.WeightCount, 7), inputs = RandomCircuits.Vector(n, 8, 2), upstream = RandomCircuits.Vector(n, 9, 1);
        (double[] E, double[] W, double[] X, Complex[] A) Run(StateVectorOptions options)
        {
            using var engine = new StateVector(circuit, Observable.EachZ(n), options);
            double[] dw = new double[circuit.WeightCount], dx = new double[n];
            return (engine.ExpectationsAndVjp(weights, inputs, 1, upstream, dw, dx), dw, dx, engine.Amplitudes(weights, inputs));
        }

        var expected = Run(new StateVectorOptions { Path = SimulationPath.GateByGate });
        double tolerance = precision == Precision.Double ? 1e-11 : 3e-4;
        foreach (long tape in new[] { 0L, 1L << 30 })
        {
            var actual = Run(new StateVectorOptions { Path = path, Layout = StateLayout.SingleSample, Precision = precision, TapeBytes = tape });
            AssertNear(expected.E, actual.E, tolerance);
            AssertNear([.. expected.W, .. expected.X], [.. actual.W, .. actual.X], tolerance * 20);
            StateVectorTests.AssertClose(expected.A, actual.A, precision == Precision.Double ? 1e-12 : 1e-5);
        }
    }

    [Theory]
    [InlineData(10, 2)]
    [InlineData(10, 3)]
    [InlineData(15, 4)]
    public void NoMorePassesOfAStepMoveLanesThanTheLaneBitsNeed(int n, int laneBits)
    {
        var builder = new CircuitBuilder(n);
        for (int layer = 0; layer < 10; layer++)
        {
            for (int q = 0; q < n; q++)
            {
                builder.RZ(q, builder.NewWeight()).RX(q, builder.NewWeight());
            }

            for (int q = 0; q < n; q++)
            {
                builder.CNOT(q, (q + 1) % n);
            }
        }

        Plan plan = Plan.Compile(builder.Build(), laneBits, laneBits, 2);
        foreach (PlanStep step in plan.Steps.Where(s => s.IsX && !s.IsProduct))
        {
            Assert.InRange(step.Shared.Count(g => g.MovesLanes), 0, (laneBits + 1) / 2);
            Assert.Equal(n, step.LaneOnly.Length + step.Shared.Sum(g => g.Rotations.Length));
        }
    }

    [Fact]
    public void SpecialTwoQubitMatricesAreDecomposedExactly()
    {
        Complex i = Complex.ImaginaryOne;
        double h = Math.Sqrt(0.5);
        Complex[][] matrices =
        [
            [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
            [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
            [1, 0, 0, 0, 0, 0, i, 0, 0, i, 0, 0, 0, 0, 0, 1],
            [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0],
            [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1],
            [i, 0, 0, 0, 0, -i, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1],
            [h, 0, 0, h, 0, h, h, 0, 0, h, -h, 0, h, 0, 0, -h],
            [0.5, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, -0.5, 0.5, -0.5, -0.5, 0.5],
            [0, 0, 0, i, 0, 0, 1, 0, 0, -1, 0, 0, -i, 0, 0, 0],
        ];
        var random = new Philox(4);
        foreach (Complex[] matrix in matrices)
        {
            for (int repeat = 0; repeat < 4; repeat++)
            {
                Circuit circuit = new CircuitBuilder(3).U3(0, 0.3, 1, 2).U3(1, 1.3, -1, 0.4).U3(2, 2.3, 0.1, 0.2).CNOT(0, 1).CNOT(1, 2)
                    .Unitary(repeat % 2, 2, matrix).Unitary(1, RandomCircuits.RandomUnitary(2, ref random)).Build();
                using var engine = new StateVector(circuit);
                StateVectorTests.AssertClose(DenseReference.Run(circuit, [], []), engine.Amplitudes([], []), 1e-12);
            }
        }
    }

    [Fact]
    public void LargeAnglesKeepTheirPrecision()
    {
        Circuit circuit = new CircuitBuilder(3).RX(0, Angle.Weight(0)).RY(1, Angle.Weight(0, 3)).RZ(0, Angle.Weight(0)).CNOT(0, 1).RX(0, Angle.Weight(0)).RY(2, Angle.Input(0)).CRX(1, 2, Angle.Input(0)).Build();
        foreach (double w in new[] { 1e3, -4e3, 2e4 + 0.123 })
        {
            foreach (StateLayout layout in new[] { StateLayout.SingleSample, StateLayout.Batched })
            {
                using var engine = new StateVector(circuit, null, new StateVectorOptions { Layout = layout });
                StateVectorTests.AssertClose(DenseReference.Run(circuit, [w], [w / 3]), engine.Amplitudes([w], [w / 3]), 1e-10);
            }
        }
    }

    [Fact]
    public void NothingIsAllocatedWhenWeightsAndInputsChange()
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 6, 3, 6);
        using var runner = new Simulation.Compiled.CompiledRunner<double, Simulation.Compiled.LanesScalarDouble, double, Simulation.Compiled.LanesScalarDouble>(circuit, Observable.EachZ(6), batched: true);
        using var state = new Simulation.AlignedBuffer(runner.StateBytes);
        double[] weights = circuit.RandomWeights(1), inputs = RandomCircuits.Vector(6, 1), e = new double[6], dw = new double[weights.Length], dx = new double[6];
        void Once()
        {
            weights[3] += 0.1;
            runner.SetWeights(weights);
            runner.SetInputs(inputs, 1);
            runner.Forward(state);
            runner.Expectations(state, e);
            runner.Backward(state, e, [], dw, dx);
            runner.FlushGradients(dw);
        }

        Once();
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            Once();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertNear(double[] expected, double[] actual, double tolerance)
    {
        double worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"off by {worst}, {tolerance} allowed");
    }
}
