using System.Text.Json;
using QDistill.Distillation.Data;
using QDistill.Distillation.Signals;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static QDistill.Distillation.Tests.Signals.SignalHarness;
using static TorchSharp.torch;

namespace QDistill.Distillation.Tests.Signals;

/// <summary>Signals that compare outputs, layers, distributions and gradients window by window.</summary>
public sealed class RepresentationSignalTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Label_smoothing_moves_the_targets_towards_one_half()
    {
        SignalBatch batch = Batch(1, logits: tensor((float[])[1f, -2f], [1, 2])) with { Truth = tensor((float[])[1f, 0f], [1, 2]), TruthMask = ones(1, 2) };
        double Bce(double z, double t) => Math.Log(1 + Math.Exp(z)) - (t * z);
        Assert.Equal((Bce(1, 0.95) + Bce(-2, 0.05)) / 2, Loss(new HardSignal(1, 0.1), batch), 1e-5);
    }

    [Fact]
    public void Logits_are_compared_by_half_their_squared_error()
    {
        SignalBatch batch = Batch(1, logits: tensor((float[])[1f, 0f], [1, 2])) with { TeacherProbability = tensor((float[])[0.5f, 0.8f], [1, 2]) };
        Assert.Equal((1 + Math.Pow(Math.Log(4), 2)) / 2 / 2, Loss(new LogitSignal(1), batch), 1e-5);
    }

    [Fact]
    public void Self_is_the_soft_term_of_the_earlier_generation()
    {
        Tensor z = tensor((float[])[0.3f, -1f], [1, 2]), p = tensor((float[])[0.7f, 0.1f], [1, 2]);
        Assert.Equal(Loss(new SoftSignal(1, 3), Batch(1, z) with { TeacherProbability = p }), Loss(new SelfSignal(1, 3), Batch(1, z) with { SelfProbability = p }), 1e-7);
    }

    [Fact]
    public void States_are_summed_into_groups_of_equal_leading_bits()
    {
        // Two groups: 0.1 + 0.2 and 0.3 + 0.4. A head of zero weights and bias gives one half each.
        var signal = new StateSignal(1, hidden: 3, states: 4, groups: 2, seed: 1);
        SignalBatch batch = Batch(1) with { States = tensor((float[])[0.1f, 0.2f, 0.3f, 0.4f], [1, 4]) };
        Assert.Equal((0.3 * Math.Log(0.3 / 0.5)) + (0.7 * Math.Log(0.7 / 0.5)), Loss(signal, batch), 1e-5);
        Assert.Equal(2, signal.Parameters.First().shape[0]);
    }

    [Fact]
    public void States_that_never_occurred_are_no_trouble()
    {
        var signal = new StateSignal(1, hidden: 3, states: 2, groups: 16, seed: 1);
        Assert.Equal(Math.Log(2), Loss(signal, Batch(1) with { States = tensor((float[])[0f, 1f], [1, 2]) }), 1e-5);
    }

    [Fact]
    public void Attention_compares_normalised_maps_of_energy()
    {
        // Student energies by place: 9, 16 over one row; normalised (9, 16)/√337. Teacher with two channels: (1 + 1)/2, 0 → (1, 0).
        var signal = new AttentionSignal(1, [2, 1, 2]);
        SignalBatch batch = Batch(1) with
        {
            FeatureMap = tensor((float[])[3f, 4f], [1, 1, 1, 2]),
            TeacherFeatures = tensor((float[])[1f, 0f, -1f, 0f], [1, 4]),
        };
        double norm = Math.Sqrt(337);
        Assert.Equal(Math.Pow((9 / norm) - 1, 2) + Math.Pow(16 / norm, 2), Loss(signal, batch), 1e-5);
    }

    [Fact]
    public void Gradients_are_compared_by_their_squared_distance()
    {
        SignalBatch batch = Batch(1) with { InputGradients = tensor((float[])[1f, 2f, 0f, 0f], [1, 2, 2]), TeacherGradients = tensor((float[])[1f, 0f, 3f, 0f], [1, 2, 2]) };
        Assert.Equal((4 + 9) / 2.0, Loss(new GradientSignal(1), batch), 1e-5);
    }

    [Fact]
    public void The_gradient_term_of_a_network_is_differentiated_through_its_own_gradient()
    {
        // z = tanh(x·w): dz/dx = (1 − z²) w. The loss is a function of w, and its slope must hold the second derivative.
        var rng = new Philox(5);
        float[] x = Normal(ref rng, 8), w = Normal(ref rng, 2), target = Normal(ref rng, 8);
        GradientEqualsDifferences(
            weight =>
            {
                using IDisposable grad = enable_grad();
                Tensor input = tensor(x, [4, 2]).requires_grad_(), z = input.matmul(weight.reshape(2, 1)).tanh();
                Tensor slope = autograd.grad([z.sum()], [input], create_graph: true)[0];
                return new GradientSignal(1).Loss(Batch(4) with { InputGradients = slope.reshape(4, 1, 2), TeacherGradients = tensor(target, [4, 1, 2]) });
            },
            w,
            [2]);
    }

    [Theory]
    [InlineData("logits")]
    [InlineData("self")]
    [InlineData("states")]
    [InlineData("hint")]
    [InlineData("attention")]
    [InlineData("gradients")]
    [InlineData("smoothed")]
    public void Gradients_equal_finite_differences(string name)
    {
        var rng = new Philox(9);
        const int Rows = 4;
        Tensor p = tensor(Normal(ref rng, Rows * 2), [Rows, 2]).sigmoid(), features = tensor(Normal(ref rng, Rows * 8), [Rows, 8]);
        Tensor states = tensor(Normal(ref rng, Rows * 8), [Rows, 8]).softmax(1), certainty = tensor(Normal(ref rng, Rows), [Rows, 1]).exp(), slopes = tensor(Normal(ref rng, Rows * 6), [Rows, 2, 3]);
        (ISignal signal, long[] shape) = name switch
        {
            "logits" => ((ISignal)new LogitSignal(1), (long[])[Rows, 2]),
            "self" => (new SelfSignal(1, 1.5), [Rows, 2]),
            "states" => (new StateSignal(1, 3, 8, 4, 2), [Rows, 3]),
            "hint" => (new HintSignal(1, 3, 8, 2), [Rows, 3]),
            "attention" => (new AttentionSignal(1, [2, 2, 2]), [Rows, 2, 4, 4]),
            "gradients" => (new GradientSignal(1), [Rows, 2, 3]),
            _ => (new HardSignal(1, 0.2), [Rows, 2]),
        };
        SignalBatch At(Tensor t) => name switch
        {
            "logits" => Batch(Rows, t) with { TeacherProbability = p, Certainty = certainty },
            "self" => Batch(Rows, t) with { SelfProbability = p },
            "states" => Batch(Rows, hidden: t) with { States = states, Certainty = certainty },
            "hint" => Batch(Rows) with { Guided = t, TeacherFeatures = features },
            "attention" => Batch(Rows) with { FeatureMap = t, TeacherFeatures = features },
            "gradients" => Batch(Rows) with { InputGradients = t, TeacherGradients = slopes },
            _ => Batch(Rows, t) with { Truth = p.round(), TruthMask = certainty.expand(Rows, 2) },
        };
        GradientEqualsDifferences(t => signal.Loss(At(t)), Normal(ref rng, (int)shape.Aggregate(1L, (a, b) => a * b)), shape);
    }

    [Fact]
    public void Losses_and_gradients_equal_those_of_PyTorch()
    {
        var rng = new Philox(31);
        const int Rows = 12;
        float[] logits = Normal(ref rng, Rows * 3), hidden = Normal(ref rng, Rows * 5), representation = Normal(ref rng, Rows * 4), map = Normal(ref rng, Rows * 3 * 16), features = Normal(ref rng, Rows * 8);
        float[] p = tensor(Normal(ref rng, Rows * 3)).sigmoid().data<float>().ToArray(), states = tensor(Normal(ref rng, Rows * 8), [Rows, 8]).softmax(1).reshape(-1).data<float>().ToArray();
        var state = new StateSignal(1, 5, 8, 4, 3);
        var hint = new HintSignal(1, 5, 8, 3);
        (float[] Weight, float[] Bias) Head(ISignal s)
        {
            Parameter[] all = [.. s.Parameters];
            return (all[0].detach().reshape(-1).data<float>().ToArray(), all[1].detach().data<float>().ToArray());
        }

        (float[] Weight, float[] Bias) stateHead = Head(state), hintHead = Head(hint);
        JsonElement oracle = Python("relations.py", new
        {
            logits = logits.Chunk(3),
            hidden = hidden.Chunk(5),
            representation = representation.Chunk(4),
            p = p.Chunk(3),
            states = states.Chunk(8),
            features = features.Chunk(8),
            map = map.Chunk(16).Select(c => c.Chunk(4)).Chunk(3),
            state_weight = stateHead.Weight.Chunk(5),
            state_bias = stateHead.Bias,
            hint_weight = hintHead.Weight.Chunk(5),
            hint_bias = hintHead.Bias,
        });
        foreach ((string name, ISignal signal, string by) in ((string, ISignal, string)[])
        [
            ("logits", new LogitSignal(1), "logits"), ("states", state, "hidden"), ("hint", hint, "hidden"), ("distance", new DistanceSignal(1), "hidden"), ("angle", new AngleSignal(1), "hidden"),
            ("cka", new AlignmentSignal(1), "hidden"), ("attention", new AttentionSignal(1, [2, 2, 2]), "map"),
        ])
        {
            Tensor z = tensor(logits, [Rows, 3]).requires_grad_(), h = tensor(hidden, [Rows, 5]).requires_grad_(), m = tensor(map, [Rows, 3, 4, 4]).requires_grad_();
            var batch = new SignalBatch(z, h, tensor(p, [Rows, 3]), null, zeros(Rows, 3), zeros(Rows, 3))
            {
                Guided = h,
                FeatureMap = m,
                Representation = tensor(representation, [Rows, 4]),
                States = tensor(states, [Rows, 8]),
                TeacherFeatures = tensor(features, [Rows, 8]),
            };
            Tensor loss = signal.Loss(batch);
            loss.backward();
            JsonElement expected = oracle.GetProperty(name);
            Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.item<float>(), 2e-5);
            double[] gradient = [.. expected.GetProperty("gradient").EnumerateArray().Select(v => v.GetDouble())];
            float[] ours = (by == "logits" ? z : by == "map" ? m : h).grad!.reshape(-1).data<float>().ToArray();
            Assert.All(Enumerable.Range(0, ours.Length), i => Assert.Equal(gradient[i], ours[i], 5e-6));
        }
    }

    [Fact]
    public void Certainty_weighs_each_window_of_the_terms_about_its_own_answer()
    {
        Tensor z = tensor((float[])[1f, 1f, 3f, 3f], [2, 2]), p = full([2, 2], 0.5f);
        SignalBatch batch = Batch(2, z) with { TeacherProbability = p, Certainty = tensor((float[])[2f, 0f], [2, 1]) };
        Assert.Equal(2 * 0.5 / 2, Loss(new LogitSignal(1), batch), 1e-6);
        Assert.Equal(Loss(new SoftSignal(1, 2), Batch(1, z.narrow(0, 0, 1)) with { TeacherProbability = p.narrow(0, 0, 1) }), Loss(new SoftSignal(1, 2), batch), 1e-6);
        var expectations = new ExpectationSignal(1, 3, 2, 1);
        Tensor e = tensor((float[])[1f, 1f, 5f, 5f], [2, 2]);
        Assert.Equal(1, Loss(expectations, Batch(2) with { Expectations = e, Certainty = tensor((float[])[2f, 0f], [2, 1]) }), 1e-6);
    }

    [Fact]
    public void Shots_leave_more_doubt_about_values_near_zero_and_none_when_exact()
    {
        // S = 10, E = 1: α = 10.5, β = 0.5 → 4·5.25/(121·12). E = 0: α = β = 5.5 → 4·30.25/(121·12).
        Assert.Equal(4 * 5.25 / (121 * 12), ShotCertainty.PosteriorVariance(1, 10), 1e-12);
        Assert.Equal(4 * 30.25 / (121 * 12), ShotCertainty.PosteriorVariance(0, 10), 1e-12);
        Assert.Equal(0, ShotCertainty.PosteriorVariance(0.3, 0));

        float[] e = [1f, 0f, -1f, 0.8f], exact = new float[4];
        float[] Weights(int shots) => ShotCertainty.Weights(new TeacherAnswers(4, 1, 1, [0.5f, 0.5f, 0.5f, 0.5f], e, exact) { Shots = shots });
        Assert.All(Weights(0), w => Assert.Equal(1f, w));
        float[] few = Weights(10), many = Weights(100_000);
        Assert.Equal(4, few.Sum(), 1e-5);
        Assert.True(few[0] > few[3] && few[3] > few[1] && few[0] == few[2]);
        Assert.All(many, w => Assert.Equal(1, w, 1e-3));

        // By hand: variance between windows ½(1 + 1 + 0.64)/… less the mean doubt.
        double[] doubt = [.. e.Select(v => ShotCertainty.PosteriorVariance(v, 10))];
        double tau = e.Average(v => (double)v * v) - Math.Pow(e.Average(), 2) - doubt.Average();
        double[] raw = [.. doubt.Select(d => tau / (tau + d))];
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(raw[i] * 4 / raw.Sum(), few[i], 1e-6));
    }
}
