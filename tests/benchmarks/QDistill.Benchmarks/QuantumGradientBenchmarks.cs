using QDistill.Distillation.QuantumLayers;
using QDistill.Quantum;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Benchmarks;

/// <summary>What gradients cost beside the bare engine's adjoint pass: the torch layer around it, the natural gradient's metric, and shifted circuits. 6 qubits, 3 layers of RY, RZ and CNOTs, 36 weights.</summary>
internal static class QuantumGradientBenchmarks
{
    public static void Run(BenchReport report)
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 6, 3, 6);
        double[] weights = circuit.RandomWeights(1);
        foreach (int batch in new[] { 64, 1024 })
        {
            var random = new Numerics.Philox(1, 2);
            double[] inputs = new double[batch * 6], ones = new double[batch * 6], dw = new double[circuit.WeightCount], dx = new double[batch * 6];
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = random.NextDouble(-1, 1);
                ones[i] = 1;
            }

            using var engine = new StateVector(circuit);
            using var layer = new QuantumLayer(circuit, dtype: ScalarType.Float64);
            using Tensor x = tensor(inputs, [batch, 6], requires_grad: true);
            void Bare() => engine.ExpectationsAndVjp(weights, inputs, batch, ones, dw, dx);
            report.Compare($"quantum layer, forward and backward, batch {batch}", "us", () => Layer(layer, x), $"bare engine, forward and adjoint, batch {batch}", Bare, rounds: 9);
            using var metric = new FubiniStudyMetric(circuit);
            report.Compare($"natural gradient (adjoint, metric, solve), batch {batch}", "us", () =>
            {
                Bare();
                metric.Evaluate(weights, inputs, batch).Solve(dw, 0.01);
            }, $"plain gradient, batch {batch}", Bare, rounds: 9);
        }

        using var backend = new StateVectorBackend();
        using var single = new StateVector(circuit);
        double[] sample = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], one = [1, 1, 1, 1, 1, 1], gradient = new double[circuit.WeightCount];
        var shift = new ParameterShift(circuit, target: ShiftTarget.Gates);
        report.Compare("parameter shift of one sample (72 circuits, all 6 observables)", "us", () => shift.Jacobian(backend, weights, sample, 1), "adjoint gradient of one sample", () => single.ExpectationsAndVjp(weights, sample, 1, one, gradient), rounds: 9);
    }

    private static void Layer(QuantumLayer layer, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        layer.call(x).sum().backward();
        layer.weight.grad = null;
        x.grad = null;
    }
}
