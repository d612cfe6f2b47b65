using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

/// <summary>Same seeds and inputs as PyTorch, same numbers. The default generator is the process's: these tests run one after another.</summary>
[Collection(nameof(DefaultGenerator))]
public sealed class PyTorchParityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor x;
    private readonly Tensor w;
    private readonly Tensor y;

    public PyTorchParityTests()
    {
        manual_seed(5);
        x = randn(6, 4);
        w = randn(3, 4);
        y = randint(0, 3, [6]);
    }

    public static TheoryData<Reduction> Reductions => [Reduction.None, Reduction.Mean, Reduction.Sum];

    public static TheoryData<string> Optimizers => ["adam", "adam_wd_amsgrad", "adamw", "adam_maximize", "sgd", "sgd_momentum", "sgd_nesterov"];

    public static TheoryData<string> Schedules => ["step", "multistep", "exponential", "cosine", "lambda"];

    public static TheoryData<string> Functions => ["relu", "tanh", "sigmoid", "gelu", "silu", "elu", "leaky_relu", "softplus", "logsigmoid", "softmax", "log_softmax", "normalize", "logsumexp", "cdist"];

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Seeds_give_the_same_random_numbers()
    {
        Oracle.AssertSame("random.randn", x, 0);
        Oracle.AssertSame("random.randint", y, 0);
        Oracle.AssertSame("random.rand", rand(4), 0);
        Oracle.AssertSame("random.randperm", randperm(7), 0);
        Oracle.AssertSame("random.multinomial", multinomial(tensor(new[] { 0.1f, 0.2f, 0.7f }), 5, true), 0);
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Losses_are_the_same(Reduction r)
    {
        Skip(2);
        Tensor logits = x.matmul(w.t());
        Tensor target = F.softmax(randn(6, 3), 1);
        string name = r.ToString().ToLowerInvariant();
        Oracle.AssertSame($"loss.cross_entropy.{name}", F.cross_entropy(logits, y, reduction: r));
        Oracle.AssertSame($"loss.cross_entropy_soft.{name}", F.cross_entropy(logits, target, reduction: r, label_smoothing: 0.1));
        Oracle.AssertSame($"loss.bce_logits.{name}", F.binary_cross_entropy_with_logits(logits, target, reduction: r, pos_weights: tensor(new[] { 1f, 2f, 3f })));
        Oracle.AssertSame($"loss.bce.{name}", F.binary_cross_entropy(logits.sigmoid(), target, reduction: r));
        Oracle.AssertSame($"loss.mse.{name}", F.mse_loss(logits, target, r));
        Oracle.AssertSame($"loss.l1.{name}", F.l1_loss(logits, target, r));
        Oracle.AssertSame($"loss.smooth_l1.{name}", F.smooth_l1_loss(logits, target, r, 0.5));
        Oracle.AssertSame($"loss.huber.{name}", F.huber_loss(logits, target, 0.5, r));
        Oracle.AssertSame($"loss.nll.{name}", F.nll_loss(F.log_softmax(logits, 1), y, reduction: r));
        Oracle.AssertSame($"loss.kl.{name}", F.kl_div(F.log_softmax(logits, 1), target, log_target: false, r));
        Oracle.AssertSame($"loss.kl_log.{name}", F.kl_div(F.log_softmax(logits, 1), target.log(), reduction: r)); // log_target is true by default here
        Oracle.AssertSame($"loss.kl.{name}", KLDivLoss(false, r).call(F.log_softmax(logits, 1), target));
        Oracle.AssertSame($"loss.cross_entropy.{name}", CrossEntropyLoss(reduction: r).call(logits, y));
        if (r == Reduction.Mean)
        {
            Oracle.AssertSame("loss.cross_entropy_weighted", F.cross_entropy(logits, y, tensor(new[] { 1f, 2f, 3f })));
            Oracle.AssertSame("loss.triplet", F.triplet_margin_loss(x, x.flip(0), x.roll(1, 0)));
            Oracle.AssertSame("loss.cosine_embedding", F.cosine_embedding_loss(x, x.flip(0), tensor(new[] { 1f, -1, 1, -1, 1, -1 }), 0.1));
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Functions_and_their_gradients_are_the_same(string name)
    {
        Func<Tensor, Tensor> f = name switch
        {
            "relu" => t => F.relu(t),
            "tanh" => t => t.tanh(),
            "sigmoid" => t => sigmoid(t),
            "gelu" => t => F.gelu(t),
            "silu" => t => F.silu(t),
            "elu" => t => F.elu(t, 1.0),
            "leaky_relu" => t => F.leaky_relu(t),
            "softplus" => t => F.softplus(t),
            "logsigmoid" => t => F.logsigmoid(t),
            "softmax" => t => F.softmax(t, -1),
            "log_softmax" => t => F.log_softmax(t, -1),
            "normalize" => t => F.normalize(t),
            "logsumexp" => t => t.logsumexp(1),
            _ => t => cdist(t, t.flip(0) * 0.5),
        };
        Tensor leaf = x.clone().requires_grad_();
        Tensor r = f(leaf);
        (r * arange(1.0, r.numel() + 1.0).reshape(r.shape)).sum().backward();
        Oracle.AssertSame($"op.{name}", r);
        Oracle.AssertSame($"op.{name}.grad", leaf.grad!, 2e-6);
    }

    [Fact]
    public void Modules_start_from_the_same_values()
    {
        Modules.Sequential m = Model();
        string[] expected = [.. Oracle.Names("model.").Select(n => n["model.".Length..])];
        Dictionary<string, Tensor> state = m.state_dict();
        Assert.Equal(expected.Order(), state.Keys.Order());
        foreach ((string key, Tensor value) in state)
        {
            Oracle.AssertSame("model." + key, value, 0);
        }
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Twenty_steps_of_training_are_the_same(string name)
    {
        Modules.Sequential m = Model();
        optim.Optimizer opt = name switch
        {
            "adam" => optim.Adam(m.parameters(), 0.01),
            "adam_wd_amsgrad" => optim.Adam(m.parameters(), 0.02, 0.8, 0.95, weight_decay: 0.1, amsgrad: true),
            "adamw" => optim.AdamW(m.parameters(), 0.01, weight_decay: 0.2),
            "adam_maximize" => optim.Adam(m.parameters(), 0.01, maximize: true),
            "sgd" => optim.SGD(m.parameters(), 0.1),
            "sgd_momentum" => optim.SGD(m.parameters(), 0.05, 0.9, 0.2, 0.01),
            _ => optim.SGD(m.parameters(), 0.05, 0.9, nesterov: true),
        };
        double[] losses = new double[20];
        for (int i = 0; i < losses.Length; i++)
        {
            opt.zero_grad();
            Tensor loss = F.cross_entropy(m.call(x), y);
            loss.backward();
            opt.step();
            losses[i] = loss.item<float>();
        }

        Oracle.AssertSame($"train.{name}.losses", losses);
        Oracle.AssertSame($"train.{name}.parameters", nn.utils.parameters_to_vector(m.parameters()), 5e-6);
        m.eval();
        Oracle.AssertSame($"train.{name}.eval", m.call(x), 2e-5);
        opt.Dispose();
    }

    [Fact]
    public void Convolutional_networks_are_the_same()
    {
        manual_seed(3);
        Modules.Sequential one = Sequential(Conv1d(2, 4, 3, padding: 1, dilation: 1), Tanh(), MaxPool1d(2), Conv1d(4, 4, 3, Padding.Same, groups: 2), AvgPool1d(2), Flatten(), Linear(8, 2));
        Oracle.AssertSame("conv1d", one.call(randn(3, 2, 8)));
        manual_seed(3);
        Modules.Sequential two = Sequential(Conv2d(1, 3, 3, stride: 2), BatchNorm2d(3), ReLU(), MaxPool2d(2), AdaptiveAvgPool2d(1), Flatten());
        Oracle.AssertSame("conv2d", two.call(randn(2, 1, 12, 12)));
        manual_seed(9);
        Oracle.AssertSame("dropout", Dropout(0.3).call(ones(20)));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Learning_rates_follow_the_same_schedule(string name)
    {
        using Modules.Parameter p = Parameter(zeros(1));
        Modules.SGD o = optim.SGD([p], 0.1);
        optim.lr_scheduler.LRScheduler s = name switch
        {
            "step" => optim.lr_scheduler.StepLR(o, 3, 0.5),
            "multistep" => optim.lr_scheduler.MultiStepLR(o, [2, 5], 0.1),
            "exponential" => optim.lr_scheduler.ExponentialLR(o, 0.9),
            "cosine" => optim.lr_scheduler.CosineAnnealingLR(o, 8, 0.001),
            _ => optim.lr_scheduler.LambdaLR(o, e => 1.0 / (1 + e)),
        };
        List<double> rates = [o.ParamGroups.Single().LearningRate];
        for (int i = 0; i < 8; i++)
        {
            s.step();
            rates.Add(o.ParamGroups.Single().LearningRate);
        }

        Oracle.AssertSame($"schedule.{name}", [.. rates], 1e-12);
    }

    [Fact]
    public void Gradients_are_clipped_the_same_way()
    {
        Modules.Sequential m = Model();
        F.cross_entropy(m.call(x), y).backward();
        double norm = nn.utils.clip_grad_norm_(m.parameters(), 0.5);
        Oracle.AssertSame("clip.norm", [norm]);
        Oracle.AssertSame("clip.grads", cat([.. m.parameters().Select(p => p.grad!.reshape(-1))]));
    }

    [Fact]
    public void Indexing_is_the_same()
    {
        Tensor t = arange(24.0f).reshape(2, 3, 4);
        Oracle.AssertSame("index.slice", t[TensorIndex.Colon, 1..3, TensorIndex.Slice(step: 2)]);
        Oracle.AssertSame("index.int", t[1, -1]);
        Oracle.AssertSame("index.ellipsis", t[TensorIndex.Ellipsis, 0]);
        Oracle.AssertSame("index.mask", t[t > 5]);
        Oracle.AssertSame("index.tensor", t[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 2, 0 }))]);
        Oracle.AssertSame("index.none", t[TensorIndex.Single(0), TensorIndex.None, TensorIndex.Single(1)]);
        Oracle.AssertSame("quantile", quantile(t, tensor(new[] { 0.1f, 0.5f }), 1));
    }

    [Fact]
    public void Linear_algebra_and_transforms_are_the_same()
    {
        Tensor a = x.t().matmul(x) + eye(4);
        Oracle.AssertSame("linalg.inv", linalg.inv(a));
        Oracle.AssertSame("linalg.cholesky", linalg.cholesky(a));
        Oracle.AssertSame("linalg.eigvalsh", linalg.eigvalsh(a));
        Oracle.AssertSame("linalg.solve", linalg.solve(a, x.t()));
        Oracle.AssertSame("linalg.svdvals", linalg.svdvals(x));
        Tensor z = fft.fft_(arange(6.0f));
        Oracle.AssertSame("fft.abs", z.abs());
        Oracle.AssertSame("fft.angle", z.angle());
    }

    [Fact]
    public void Second_derivatives_are_the_same()
    {
        Tensor v = tensor(new[] { 1.5, -0.5 }, requires_grad: true);
        Tensor g = autograd.grad([v.pow(3).sum()], [v], create_graph: true)[0];
        Tensor h = autograd.grad([g.sum()], [v])[0];
        Oracle.AssertSame("grad.first", g);
        Oracle.AssertSame("grad.second", h);
    }

    // The numbers that the oracle drew in between.
    private static void Skip(int _)
    {
        rand(4).Dispose();
        randperm(7).Dispose();
        multinomial(tensor(new[] { 0.1f, 0.2f, 0.7f }), 5, true).Dispose();
    }

    private static Modules.Sequential Model()
    {
        manual_seed(11);
        return Sequential(Linear(4, 8), BatchNorm1d(8), ReLU(), Linear(8, 8), GELU(), LayerNorm(8), Linear(8, 3));
    }
}

/// <summary>Tests that draw from the process's default generator.</summary>
[CollectionDefinition(nameof(DefaultGenerator), DisableParallelization = true)]
public sealed class DefaultGenerator;
