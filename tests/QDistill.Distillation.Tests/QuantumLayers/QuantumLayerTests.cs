using System.Reflection;
using QDistill.Configuration;
using QDistill.Distillation.QuantumLayers;
using QDistill.Numerics;
using QDistill.Quantum;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Tests.QuantumLayers;

/// <summary>Some tests count the process's live tensors, so nothing else may run beside them.</summary>
[CollectionDefinition(nameof(LiveTensors), DisableParallelization = true)]
public class LiveTensors;

/// <summary>The quantum layer as a module among others: values, gradients, training, threads, memory.</summary>
[Collection(nameof(LiveTensors))]
public class QuantumLayerTests
{
    public static TheoryData<string, string, bool> Teachers => new()
    {
        { "angle", "hardware-efficient", false },
        { "reuploading-scaled", "qcnn", false },
        { "zz", "universal-two-qubit", false },
        { "amplitude", "strongly-entangling", false },
        { "iqp", "ry-rz-cz", true },
        { "reuploading", "simplified-two-design", true },
    };

    [Theory]
    [MemberData(nameof(Teachers))]
    public void GradientsOfInputsAndWeightsAreThoseOfCentralDifferences(string encoding, string ansatz, bool probabilities)
    {
        using DisposeScope scope = NewDisposeScope();
        Circuit circuit = TeacherCircuit.Build(encoding, ansatz, 3, 2, 3);
        QuantumLayer layer = probabilities
            ? QuantumLayer.OfProbabilities(circuit, 4, dtype: ScalarType.Float64)
            : new QuantumLayer(circuit, [Observable.Z(0), Observable.Parse("X0 Y1 - 0.5*Z2")], 4, dtype: ScalarType.Float64);
        using (layer)
        {
            Assert.Equal(probabilities ? 8 : 2, layer.out_features);
            Tensor x = Random(5, 3, 1).requires_grad_(), mix = Random(5, (int)layer.out_features, 2);

            // A function of the layer's output that is not linear, so that backward gets gradients that differ by sample.
            Tensor Loss() => (layer.call(x).sin() * mix).sum();
            Loss().backward();
            double[] dx = x.grad!.data<double>().ToArray(), dw = layer.weight.grad!.data<double>().ToArray();
            using IDisposable guard = no_grad();
            foreach ((Tensor variable, double[] gradient) in new[] { (x, dx), ((Tensor)layer.weight, dw) })
            {
                using TorchSharp.Utils.TensorAccessor<double> data = variable.data<double>();
                long width = variable.shape[^1];
                for (int i = 0; i < gradient.Length; i++)
                {
                    long[] at = variable.ndim == 1 ? [i] : [i / width, i % width];
                    double value = data[at];
                    double At(double v)
                    {
                        data[at] = v;
                        double loss = Loss().item<double>();
                        data[at] = value;
                        return loss;
                    }

                    const double H = 5e-4;
                    double slope = ((8 * (At(value + H) - At(value - H))) - At(value + (2 * H)) + At(value - (2 * H))) / (12 * H);
                    Assert.Equal(slope, gradient[i], 2e-7 * Math.Max(1, Math.Abs(slope)));
                }
            }
        }
    }

    [Fact]
    public void ValuesAreTheSimulatorsInBothPrecisionsAndAllShapes()
    {
        using DisposeScope scope = NewDisposeScope();
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        using var layer = new QuantumLayer(circuit, seed: 4, dtype: ScalarType.Float64);
        using var engine = new StateVector(circuit);
        Tensor x = Random(6, 3, 1);
        double[] expected = engine.Expectations(circuit.RandomWeights(4), x.data<double>().ToArray(), 6);
        Assert.Equal(expected, layer.call(x).data<double>().ToArray());
        Tensor single = layer.call(x.to(ScalarType.Float32));
        Assert.Equal(ScalarType.Float32, single.dtype);
        Assert.All(single.data<float>().ToArray().Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-6));
        Assert.Equal([2L, 3, 3], layer.call(x.reshape(2, 3, 3)).shape);
        Assert.Equal([3L], layer.call(x[0]).shape);
        Assert.Equal([0L, 3], layer.call(empty(0, 3)).shape);

        // A transposed view has strides of its own.
        Assert.Equal(expected, layer.call(x.t().contiguous().t()).data<double>().ToArray());
        using QuantumLayer p = QuantumLayer.OfProbabilities(circuit, 4);
        Assert.All(p.call(x).sum(1).data<double>().ToArray(), s => Assert.Equal(1, s, 1e-12));
    }

    [Fact]
    public void OnlyWhatIsAskedForIsRecorded()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new QuantumLayer(TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2));
        Tensor x = ones(3, 2);
        layer.call(x).sum().backward();
        Assert.True(x.grad is null);
        Assert.NotNull(layer.weight.grad);
        layer.weight.requires_grad = false;
        Assert.False(layer.call(x).requires_grad);
        Tensor y = ones(3, 2, requires_grad: true);
        layer.call(y).sum().backward();
        Assert.NotNull(y.grad);
        layer.weight.requires_grad = true;
        using IDisposable guard = no_grad();
        Assert.False(layer.call(y).requires_grad);
    }

    [Fact]
    public void AKeptGraphRunsBackwardAgainAndASecondDerivativeIsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new QuantumLayer(TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2), dtype: ScalarType.Float64);
        Tensor x = Random(3, 2, 5).requires_grad_(), y = layer.call(x).sum();
        autograd.backward(y, retain_graph: true);
        double[] once = x.grad!.data<double>().ToArray();
        y.backward();
        Assert.Equal(once.Select(v => 2 * v), x.grad!.data<double>().ToArray());
        Exception e = Assert.ThrowsAny<Exception>(() => autograd.grad([layer.call(x).sum()], [x], create_graph: true));
        Assert.Contains("differentiated once", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHybridModelLearnsWhatItsLinearLayersAloneCannot()
    {
        // The sign of a product: no linear model is better than chance.
        double Train(bool quantum)
        {
            using DisposeScope scope = NewDisposeScope();
            manual_seed(3);
            Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 3, 2, 3);
            nn.Module<Tensor, Tensor> middle = quantum ? new QuantumLayer(circuit, seed: 2, spread: 0.5) : nn.Linear(3, 3);
            using Sequential model = nn.Sequential(("before", nn.Linear(2, 3)), ("circuit", middle), ("after", nn.Linear(3, 1)));
            if (quantum)
            {
                Assert.Contains("circuit.weight", model.state_dict().Keys);
            }

            using Adam optimizer = optim.Adam(model.parameters(), 0.05);
            Tensor x = Random(192, 2, 1).to(ScalarType.Float32), y = (x.select(1, 0) * x.select(1, 1)).sign().unsqueeze(1);
            for (int i = 0; i < 120; i++)
            {
                using DisposeScope inner = NewDisposeScope();
                optimizer.zero_grad();
                nn.functional.mse_loss(model.call(x), y).backward();
                optimizer.step();
            }

            using IDisposable guard = no_grad();
            Tensor test = Random(400, 2, 9).to(ScalarType.Float32);
            return (model.call(test).squeeze(1).sign() == (test.select(1, 0) * test.select(1, 1)).sign()).to(ScalarType.Float32).mean().item<float>();
        }

        double hybrid = Train(quantum: true), linear = Train(quantum: false);
        Assert.True(hybrid > 0.9, $"hybrid accuracy {hybrid}");
        Assert.InRange(linear, 0.3, 0.7);
    }

    [Fact]
    public void ThreadsShareALayer()
    {
        using DisposeScope scope = NewDisposeScope();
        using var layer = new QuantumLayer(TeacherCircuit.Build("angle", "strongly-entangling", 4, 2, 4), dtype: ScalarType.Float64);
        double[][] Answers(int seed)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor x = Random(17, 4, (ulong)seed).requires_grad_(), y = layer.call(x);
            IList<Tensor> grads = autograd.grad([(y * y).sum()], [x, layer.weight]);
            return [y.detach().data<double>().ToArray(), grads[0].data<double>().ToArray(), grads[1].data<double>().ToArray()];
        }

        double[][][] alone = [.. Enumerable.Range(0, 16).Select(Answers)];
        double[][][] together = new double[16][][];
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = Answers(i));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        MethodInfo? live = typeof(torch).Assembly.GetType("TorchSharp.Native.NativeMethods")?.GetMethod("qd_torch_live_tensors", BindingFlags.Static | BindingFlags.NonPublic);
        if (live is null)
        {
            return; // The official package has no such count.
        }

        long Live() => (long)live.Invoke(null, null)!;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long start = Live();
        using (var layer = new QuantumLayer(TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3)))
        {
            using Tensor x = ones(8, 3, requires_grad: true);
            Once(layer, x);
            long settled = Live();
            for (int i = 0; i < 30; i++)
            {
                Once(layer, x);
            }

            Assert.Equal(settled, Live());
        }

        Assert.Equal(start, Live());
    }

    [Fact]
    public void WhatDoesNotFitIsSaid()
    {
        using DisposeScope scope = NewDisposeScope();
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2);
        using var layer = new QuantumLayer(circuit);
        Refused(() => layer.call(ones(3, 4)), "takes 2 inputs", "[3, 4]");
        Refused(() => layer.call(ones(3, 2, ScalarType.Int64)), "not Int64");
        Refused(() => layer.call(full([3, 2], double.NaN)), "not a finite number");
        Refused(() => new QuantumLayer(new CircuitBuilder(1).RY(0, Angle.Weight(0)).Build()), "with inputs");
        Refused(() => new QuantumLayer(circuit, dtype: ScalarType.Int32), "not Int32");
        Refused(() => new QuantumLayer(circuit, [Observable.Z(5)]), "qubit 5");
    }

    private static void Once(QuantumLayer layer, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        layer.call(x).pow(2).sum().backward();
        layer.weight.grad = null;
        x.grad = null;
    }

    private static Tensor Random(int rows, int columns, ulong seed)
    {
        var random = new Philox(seed, 5);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble(-1.5, 1.5);
        }

        return tensor(values, [rows, columns]);
    }

    private static void Refused(Action action, params string[] parts)
    {
        var e = Assert.Throws<UserErrorException>(action);
        Assert.All(parts, p => Assert.Contains(p, e.Message, StringComparison.Ordinal));
    }
}
