using QDistill.Distillation.Signals;
using QDistill.Numerics;
using TorchSharp;
using static QDistill.Distillation.Tests.Signals.SignalHarness;
using static TorchSharp.torch;

namespace QDistill.Distillation.Tests.Signals;

/// <summary>Signals that compare how windows relate to each other.</summary>
public sealed class RelationalSignalTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Distances_are_compared_relative_to_their_mean()
    {
        // Student on a line at 0, 1, 3: distances 1, 3, 2 with mean 2 → ½, 1½, 1. Teacher at 0, 1, 2: 1, 2, 1 with mean 4/3 → ¾, 1½, ¾. Huber of ¼, 0, ¼: ½·(1/16) each; mean of three.
        SignalBatch batch = Batch(3, hidden: tensor((float[])[0f, 1f, 3f], [3, 1])) with { Representation = tensor((float[])[0f, 1f, 2f], [3, 1]) };
        Assert.Equal(2 * 0.5 / 16 / 3, Loss(new DistanceSignal(1), batch), 1e-6);
    }

    [Fact]
    public void Angles_are_compared_at_every_corner_of_every_triple()
    {
        // Student: a right angle at the origin with legs of one; teacher: all on a line. Cosines by corner (two ordered pairs each): student 0, √½, √½; teacher −1, 1, 1.
        SignalBatch batch = Batch(3, hidden: tensor((float[])[0f, 0f, 1f, 0f, 0f, 1f], [3, 2])) with { Representation = tensor((float[])[0f, -1f, 1f], [3, 1]) };
        double r = Math.Sqrt(0.5), huber = 2 * ((1 - 0.5) + (2 * 0.5 * Math.Pow(1 - r, 2)));

        // The teacher's corners: at 0 between −1 and 1: −1; at −1: 1; at 1: 1. Diagonals (1 with 1) agree; 27 entries in all.
        Assert.Equal(huber / 27, Loss(new AngleSignal(1), batch), 1e-6);
    }

    [Fact]
    public void Equal_windows_that_the_teacher_tells_apart_have_no_direction_to_be_pulled_in()
    {
        // Through shots a teacher answers the same window twice with different numbers; the student cannot.
        Tensor hidden = tensor((float[])[1f, 2f, 1f, 2f, -1f, 0.5f, 0.3f, -2f], [4, 2]).requires_grad_();
        Tensor teacher = tensor((float[])[0.1f, 0.9f, -0.2f, 0.4f], [4, 1]);
        new AngleSignal(1).Loss(Batch(4, hidden: hidden) with { Representation = teacher }).backward();
        float[] pull = hidden.grad!.reshape(-1).data<float>().ToArray();
        Assert.All(pull, g => Assert.InRange(g, -1f, 1f));
        Assert.Contains(pull, g => Math.Abs(g) > 1e-3);
    }

    [Fact]
    public void Angles_are_taken_among_the_first_windows_of_a_large_batch()
    {
        var rng = new Philox(3);
        Tensor h = tensor(Normal(ref rng, 100 * 3), [100, 3]), r = tensor(Normal(ref rng, 100 * 2), [100, 2]);
        Assert.Equal(
            Loss(new AngleSignal(1), Batch(100, hidden: h.narrow(0, 0, AngleSignal.MostRows)) with { Representation = r.narrow(0, 0, AngleSignal.MostRows) }),
            Loss(new AngleSignal(1), Batch(100, hidden: h) with { Representation = r }), 1e-7);
    }

    [Fact]
    public void Alignment_is_complete_for_rotated_and_scaled_representations_and_absent_for_unrelated_ones()
    {
        float[] x = [1f, 0f, 0f, 1f, -1f, 0f, 0f, -1f], rotated = [0f, 3f, -3f, 0f, 0f, -3f, 3f, 0f];
        Assert.Equal(0, Loss(new AlignmentSignal(1), Batch(4, hidden: tensor(rotated, [4, 2])) with { Representation = tensor(x, [4, 2]) + 7 }), 1e-6);
        Assert.Equal(1, Loss(new AlignmentSignal(1), Batch(4, hidden: tensor((float[])[1f, -1f, 1f, -1f], [4, 1])) with { Representation = tensor(x, [4, 2]) }), 1e-6);

        // T = (1, 0, −1), S = (2, −1, −1) centred: (3)²/(6 · 2) = 3/4.
        Assert.Equal(0.25, Loss(new AlignmentSignal(1), Batch(3, hidden: tensor((float[])[2f, -1f, -1f], [3, 1])) with { Representation = tensor((float[])[1f, 0f, -1f], [3, 1]) }), 1e-6);
    }

    [Fact]
    public void The_kernel_of_one_qubit_is_a_squared_cosine_of_half_the_difference()
    {
        // One feature: projection ±1, unit variance, bandwidth 0.8. RY encoding: K = cos²((x − y)/2).
        float[] h = [0.5f, -1f, 2f];
        double mean = h.Average(), rms = Math.Sqrt(h.Average(v => (v - mean) * (v - mean)));
        using var kernel = new RelationalKernel(new KernelSpec("fidelity", "angle", 1, 0.8), [], 1, 4);
        float[] gram = kernel.Gram(tensor(h, [3, 1])).reshape(-1).data<float>().ToArray();
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(Math.Pow(Math.Cos((h[i] - h[j]) / rms * 0.8 / 2), 2), gram[(3 * i) + j], 1e-6);
            }
        }
    }

    [Fact]
    public void The_kernel_term_is_the_smooth_distance_of_the_two_Gram_matrices()
    {
        float[] h = [0.5f, -1f, 2f], t = [1f, 0f, -1f];
        var spec = new KernelSpec("fidelity", "angle", 2, 1.5);
        float[] Gram(float[] rows)
        {
            using var kernel = new RelationalKernel(spec, [], 1, 4);
            return kernel.Gram(tensor(rows, [3, 1])).reshape(-1).data<float>().ToArray();
        }

        using var signal = new KernelSignal(1, spec, t, 1, 4);
        double expected = Gram(h).Zip(Gram(t), (a, b) => 0.5 * (a - b) * (a - b)).Average();
        Assert.True(expected > 1e-4);
        Assert.Equal(expected, Loss(signal, Batch(3, hidden: tensor(h, [3, 1])) with { Representation = tensor(t, [3, 1]) }), 1e-6);
    }

    [Theory]
    [InlineData("distance", "")]
    [InlineData("angle", "")]
    [InlineData("cka", "")]
    [InlineData("kernel", "fidelity zz")]
    [InlineData("kernel", "fidelity iqp")]
    [InlineData("kernel", "fidelity angle")]
    [InlineData("kernel", "projected zz")]
    [InlineData("kernel", "rbf zz")]
    public void Gradients_equal_finite_differences_and_are_not_zero(string name, string kernel)
    {
        var rng = new Philox(9);
        const int Rows = 5, Hidden = 4, Width = 6;
        float[] representation = Normal(ref rng, Rows * Width), hidden = Normal(ref rng, Rows * Hidden);
        Tensor target = tensor(representation, [Rows, Width]);
        ISignal signal = name switch
        {
            "distance" => new DistanceSignal(1),
            "angle" => new AngleSignal(1),
            "cka" => new AlignmentSignal(1),
            _ => new KernelSignal(1, new KernelSpec(kernel.Split(' ')[0], kernel.Split(' ')[1], 3, 0.7), representation, Width, 2),
        };
        GradientEqualsDifferences(h => signal.Loss(Batch(Rows, hidden: h) with { Representation = target }), hidden, [Rows, Hidden], 0.01, 1e-3);
        (signal as IDisposable)?.Dispose();
    }

    [Fact]
    public void The_quantum_term_alone_teaches_a_student_its_teachers_relations()
    {
        // What a detached kernel cannot do: features that start at random come to have the teacher's Gram matrix.
        var rng = new Philox(12);
        const int Rows = 12;
        float[] representation = Normal(ref rng, Rows * 3);
        using var signal = new KernelSignal(1, new KernelSpec("fidelity", "zz", 3, 0.5), representation, 3, 1);
        Tensor target = tensor(representation, [Rows, 3]), h = tensor(Normal(ref rng, Rows * 3), [Rows, 3]).requires_grad_();
        using var parameter = new TorchSharp.Modules.Parameter(h.detach().clone());
        using optim.Optimizer adam = optim.Adam([parameter], lr: 0.05);
        double first = 0, last = 0;
        for (int step = 0; step < 150; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor loss = signal.Loss(Batch(Rows, hidden: parameter) with { Representation = target });
            adam.zero_grad();
            loss.backward();
            adam.step();
            last = loss.item<float>();
            first = step == 0 ? last : first;
        }

        Assert.True(last < 0.1 * first, $"{first} became {last}");
    }

    [Fact]
    public void The_Gaussian_control_has_the_quantum_kernels_mean_value()
    {
        var rng = new Philox(8);
        float[] rows = Normal(ref rng, 200 * 5);
        foreach (string encoding in (string[])["zz", "iqp", "angle"])
        {
            using var quantum = new RelationalKernel(new KernelSpec("fidelity", encoding, 4, 0.5), rows, 5, 3);
            using var gaussian = new RelationalKernel(new KernelSpec("rbf", encoding, 4, 0.5), rows, 5, 3);
            Tensor x = tensor(rows, [200, 5]);
            Assert.True(gaussian.Gamma > 0);
            Assert.Equal(quantum.Gram(x).mean().item<float>(), gaussian.Gram(x).mean().item<float>(), 1e-4);
        }
    }

    [Fact]
    public void Projections_keep_distances_of_narrow_representations()
    {
        using var kernel = new RelationalKernel(new KernelSpec("fidelity", "angle", 5, 1), [], 2, 3);
        float[] rows = [0f, 0f, 3f, 4f, -1f, 2f];
        Tensor f = kernel.Features(tensor(rows, [3, 2]));
        double Distance(int a, int b) => (f[a] - f[b]).norm().item<float>();
        Assert.Equal(5 / Math.Sqrt(5), Distance(0, 1) / Distance(0, 2), 1e-4);
    }
}
