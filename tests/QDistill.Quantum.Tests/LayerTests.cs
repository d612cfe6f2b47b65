using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Quanvolution.</summary>
public class LayerTests
{
    [Fact]
    public void QuanvolutionIsTheCircuitOnEveryPatch()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "simplified-two-design", 4, 1, 4);
        double[] weights = circuit.RandomWeights(2), images = RandomCircuits.Vector(2 * 5 * 6, 3, 1.5);
        using var layer = new Quanvolution(circuit, 2, 2);
        Assert.Equal((2, 3), layer.OutputSize(5, 6));
        double[] maps = layer.Forward(weights, images, 2, 5, 6);
        for (int image = 0; image < 2; image++)
        {
            for (int row = 0; row < 2; row++)
            {
                for (int column = 0; column < 3; column++)
                {
                    double Pixel(int dy, int dx) => images[(image * 30) + (((2 * row) + dy) * 6) + (2 * column) + dx];
                    Complex[] state = DenseReference.Run(circuit, weights, [Pixel(0, 0), Pixel(0, 1), Pixel(1, 0), Pixel(1, 1)]);
                    for (int c = 0; c < 4; c++)
                    {
                        Assert.Equal(DenseReference.Expectation(Observable.Z(c), state), maps[(((image * 4) + c) * 6) + (row * 3) + column], 1e-12);
                    }
                }
            }
        }

        double[] g = RandomCircuits.Vector(maps.Length, 9, 1), dw = new double[weights.Length], dx = new double[images.Length];
        using var overlapping = new Quanvolution(circuit, 2, 1);
        double[] g1 = RandomCircuits.Vector(2 * 4 * 4 * 5, 9, 1);
        overlapping.ForwardAndVjp(weights, images, 2, 5, 6, _ => g1, dw, dx);
        double Loss() => overlapping.Forward(weights, images, 2, 5, 6).Zip(g1, (a, b) => a * b).Sum();
        GradientTests.AssertDifferences(weights, dw, Loss);
        GradientTests.AssertDifferences(images, dx, Loss);
        CircuitTests.Refused(() => new Quanvolution(circuit, 3, 1), "3×3", "4 inputs");
        CircuitTests.Refused(() => layer.Forward(weights, images, 1, 1, 60), "smaller than the patch");
    }
}
