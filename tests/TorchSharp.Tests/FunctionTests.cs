using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.Tests;

/// <summary>Operators whose backward is C# code.</summary>
[Collection(nameof(DefaultGenerator))]
public class FunctionTests
{
    [Fact]
    public void Gradients_are_those_of_the_same_formula_in_operators()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1.0, 2.0, -3.0 }, requires_grad: true), b = tensor(new[] { 0.5, -1.0, 2.0 }, requires_grad: true);
        Tensor y = Power.apply(a, 2.0, b);
        (y * y).sum().backward();
        using Tensor ga = a.grad!, gb = b.grad!;
        a.grad = null;
        b.grad = null;
        Tensor same = a.pow(2) * b;
        (same * same).sum().backward();
        Assert.True(y.allclose(same));
        Assert.True(ga.allclose(a.grad!));
        Assert.True(gb.allclose(b.grad!));
        Assert.Equal("Power", Power.Seen);
    }

    [Fact]
    public void It_composes_with_layers_and_optimizers()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Modules.Linear lin = nn.Linear(2, 1);
        using Modules.Adam opt = optim.Adam(lin.parameters(), 0.05);
        Tensor x = randn(32, 2), target = (x.select(1, 0) * 2).pow(2).unsqueeze(1);
        double first = 0, last = 0;
        for (int i = 0; i < 300; i++)
        {
            using DisposeScope inner = NewDisposeScope();
            opt.zero_grad();
            Tensor loss = nn.functional.mse_loss(Power.apply(lin.call(x), 2.0, ones(32, 1)), target);
            loss.backward();
            opt.step();
            last = loss.item<float>();
            first = i == 0 ? last : first;
        }

        Assert.True(last < first * 0.01, $"{first} -> {last}");
    }

    [Fact]
    public void Nothing_is_recorded_when_no_input_asks_for_it_or_recording_is_off()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.False(Power.apply(ones(2), 2.0, ones(2)).requires_grad);
        using IDisposable guard = no_grad();
        Assert.False(Power.apply(ones(2, requires_grad: true), 2.0, ones(2)).requires_grad);
    }

    [Fact]
    public void Outputs_without_gradient_give_zeros_or_null()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3, requires_grad: true);
        List<Tensor> both = Split.apply(x, true);
        both[0].sum().backward();
        Assert.Equal("first and zeros", Split.Seen);
        Assert.Equal(2f, x.grad![0].item<float>());
        both = Split.apply(x, false);
        both[0].sum().backward();
        Assert.Equal("first and null", Split.Seen);
    }

    [Fact]
    public void An_exception_in_backward_reaches_the_caller()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = Failing.apply(ones(1, requires_grad: true), "the teacher is not here");
        var e = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => y.backward());
        Assert.Contains("the teacher is not here", e.Message);
        Assert.IsType<TimeoutException>(e.InnerException);
        Tensor z = Wrong.apply(ones(1, requires_grad: true));
        Assert.Contains("2 gradients for 1 arguments", Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => z.backward()).Message);
    }

    [Fact]
    public void A_second_backward_needs_the_graph_to_be_kept()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(1, requires_grad: true);
        Tensor y = Power.apply(x, 3.0, ones(1));
        backward(y, retain_graph: true);
        y.backward();
        Assert.Equal(6f, x.grad!.item<float>());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => y.backward());
    }

    [Fact]
    public void The_graph_lets_go_of_everything()
    {
        using Tensor x = ones(1000, requires_grad: true), w = ones(1000);
        long before = Native.NativeMethods.qd_torch_live_tensors();
        var weak = new List<WeakReference>();
        for (int i = 0; i < 50; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Once(x, w, weak);
        }

        x.grad = null;
        Assert.InRange(Native.NativeMethods.qd_torch_live_tensors(), 0, before);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(weak.Count(r => r.IsAlive), 0, 5);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Once(Tensor x, Tensor w, List<WeakReference> weak)
    {
        Power.apply(x, 2.0, w).sum().backward();
        weak.Add(new WeakReference(Power.LastContext));
        Power.LastContext = null;
    }

    private sealed class Power : SingleTensorFunction<Power>
    {
        public static string? Seen { get; private set; }

        public static AutogradContext? LastContext { get; set; }

        public override string Name => nameof(Power);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var a = (Tensor)vars[0];
            double exponent = (double)vars[1];
            var b = (Tensor)vars[2];
            ctx.save_for_backward([a, b]);
            ctx.save_data("exponent", exponent);
            LastContext = ctx;
            Seen = Name;
            return a.pow(exponent) * b;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            double n = (double)ctx.get_data("exponent");
            return [grad_output * n * saved[0].pow(n - 1) * saved[1], null!, grad_output * saved[0].pow(n)];
        }
    }

    private sealed class Split : MultiTensorFunction<Split>
    {
        public static string? Seen { get; private set; }

        public override string Name => nameof(Split);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            ctx.set_materialize_grads((bool)vars[1]);
            return [(Tensor)vars[0] * 2, (Tensor)vars[0] * 3];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            Seen = grad_outputs[1] is null ? "first and null" : grad_outputs[1].abs().sum().item<float>() == 0 ? "first and zeros" : "both";
            return [grad_outputs[0] * 2, null!];
        }
    }

    private sealed class Failing : SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("text", vars[1]);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => throw new TimeoutException((string)ctx.get_data("text"));
    }

    private sealed class Wrong : SingleTensorFunction<Wrong>
    {
        public override string Name => nameof(Wrong);

        public override Tensor forward(AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output, grad_output];
    }
}
