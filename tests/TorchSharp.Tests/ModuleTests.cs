using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests;

public class ModuleTests
{
    [Fact]
    public void Parameters_can_be_enumerated_again_and_again()
    {
        using Modules.Linear m = Linear(2, 3);
        IEnumerable<Modules.Parameter> p = m.parameters();
        Assert.Equal(2, p.Count());
        Assert.Equal(2, p.Count());
    }

    [Fact]
    public void Fields_are_registered_under_their_names_and_shared_parameters_count_once()
    {
        using var m = new TwoHeads();
        Assert.Equal(["scale", "body.0.weight", "body.0.bias", "left.weight", "left.bias"], m.named_parameters().Select(p => p.name));
        Assert.Equal(["mean"], m.named_buffers().Select(b => b.name));
        Assert.Equal(["body", "left", "right"], m.named_children().Select(c => c.name));
        Assert.Equal(7, m.state_dict().Count + 1);
        Assert.True(m.has_parameter("body.0.weight"));
        Assert.False(m.has_parameter("body.1.weight"));
    }

    [Fact]
    public void Training_mode_reaches_every_module()
    {
        using Modules.Sequential m = Sequential(Linear(3, 3), Sequential(Dropout(0.9)));
        using Tensor x = ones(50, 3);
        m.eval();
        Assert.All(m.modules(), s => Assert.False(s.training));
        using Tensor a = m.call(x), b = m.call(x);
        Assert.True(a.allclose(b));
        m.train();
        Assert.All(m.modules(), s => Assert.True(s.training));
    }

    [Fact]
    public void State_travels_between_models_by_dictionary_and_by_file()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.Path);
        using var a = new TwoHeads();
        using var b = new TwoHeads();
        using var c = new TwoHeads();
        using Tensor x = randn(4, 2);
        b.load_state_dict(a.state_dict());
        a.save(folder["model.dat"]);
        c.load(folder["model.dat"]);
        using Tensor ya = a.call(x), yb = b.call(x), yc = c.call(x);
        Assert.True(ya.allclose(yb, 0, 0));
        Assert.True(ya.allclose(yc, 0, 0));
    }

    [Fact]
    public void State_that_does_not_fit_is_refused()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.Path);
        using Modules.Linear small = Linear(2, 3), large = Linear(2, 4), bare = Linear(2, 3, hasBias: false);
        InvalidOperationException missing = Assert.Throws<InvalidOperationException>(() => small.load_state_dict(bare.state_dict()));
        Assert.Contains("missing [bias]", missing.Message);
        Assert.Equal(["bias"], small.load_state_dict(bare.state_dict(), strict: false).missing_keys);
        large.save(folder["large.dat"]);
        Assert.Contains("[4, 2]", Assert.Throws<ArgumentException>(() => small.load(folder["large.dat"])).Message);
        byte[] bytes = File.ReadAllBytes(folder["large.dat"]);
        File.WriteAllBytes(folder["cut.dat"], bytes[..^5]);
        Assert.Contains("ends before", Assert.Throws<InvalidDataException>(() => large.load(folder["cut.dat"])).Message);
    }

    [Fact]
    public void The_file_format_is_TorchSharps()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        using Tensor t = tensor(new[] { 1f, 2f, 3f }, [3, 1]);
        t.Save(writer);
        Assert.Equal([6, 2, 3, 1, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40], stream.ToArray());
    }

    [Fact]
    public void Hooks_see_and_replace_inputs_and_results()
    {
        using Modules.Identity m = Identity();
        var pre = m.register_forward_pre_hook((_, input) => input + 1);
        var post = m.register_forward_hook((_, _, result) => result * 10);
        using Tensor x = ones(1);
        Assert.Equal(20, m.call(x).item<float>());
        pre.remove();
        post.remove();
        Assert.Equal(1, m.call(x).item<float>());
    }

    [Fact]
    public void Conversion_keeps_the_parameters_identity()
    {
        using Modules.Linear m = Linear(2, 3);
        Modules.Parameter before = m.weight;
        m.to(float64);
        Assert.Same(before, m.weight);
        Assert.Equal(float64, m.weight.dtype);
        using Tensor y = m.call(ones([4, 2], float64));
        y.sum().backward();
        Assert.Equal(float64, m.weight.grad!.dtype);
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        Tensor t = ones(3);
        t.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => t.sum());
        t.Dispose();
    }

    [Fact]
    public void What_libtorch_refuses_is_an_exception_with_its_text()
    {
        using Tensor a = ones(2, 3), b = ones(2, 3);
        var e = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => a.mm(b));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message);
        Assert.DoesNotContain("\n", e.Message);
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }, [3]));
        Assert.Throws<ArgumentException>(() => a.data<double>());
        Assert.Throws<ArgumentException>(() => a.item<float>());
    }

    private sealed class TwoHeads : Module<Tensor, Tensor>
    {
        private readonly Modules.Parameter scale = Parameter(ones(1));
        private readonly Tensor mean = zeros(2);
        private readonly Modules.Sequential body = Sequential(Linear(2, 3), Tanh());
        private readonly Modules.Linear left = Linear(3, 1);
        private readonly Modules.Linear right;

        public TwoHeads()
            : base(nameof(TwoHeads))
        {
            right = Linear(left.weight, left.bias);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope d = NewDisposeScope();
            Tensor h = body.call(input - mean);
            return ((left.call(h) + right.call(h)) * scale).MoveToOuterDisposeScope();
        }
    }
}
