using TorchSharp.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

/// <summary>They count the process's live tensors, so nothing else may run beside them.</summary>
[Collection(nameof(DefaultGenerator))]
public class MemoryTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_and_keeps_what_was_moved_out()
    {
        long before = Live();
        Tensor kept;
        using (DisposeScope outer = NewDisposeScope())
        {
            using (DisposeScope inner = NewDisposeScope())
            {
                Tensor a = ones(3), b = a + 1;
                kept = (a * b).MoveToOuterDisposeScope();
                a.Dispose();
                Assert.Equal(1, inner.DisposablesCount);
            }

            Assert.Equal(1, outer.DisposablesCount);
            Assert.Equal(2, kept.data<float>()[0]);
            kept.DetachFromDisposeScope();
        }

        Assert.InRange(Live(), 0, before + 1);
        kept.Dispose();
        Assert.InRange(Live(), 0, before);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using DisposeScope mine = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = ones(2));
        thread.Start();
        thread.Join();
        Assert.Equal(0, mine.DisposablesCount);
        mine.Attach(other!);
        mine.Dispose();
        Assert.True(other!.IsInvalid);
    }

    [Fact]
    public void Scopes_can_be_left_out_of_order()
    {
        DisposeScope a = NewDisposeScope(), b = NewDisposeScope();
        a.Dispose();
        Tensor t = ones(1);
        Assert.True(b.Contains(t));
        b.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_parameter_takes_the_place_of_its_data()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor data = ones(2);
        Modules.Parameter p = Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(scope.Contains(p));
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Thousands_of_training_steps_leave_nothing_behind()
    {
        using Modules.Sequential model = Sequential(Linear(8, 16), ReLU(), Dropout(0.1), Linear(16, 3));
        using Modules.Adam opt = optim.Adam(model.parameters(), 1e-3);
        using Tensor x = randn(32, 8), y = randint(0, 3, [32]);
        long settled = 0;
        long bytes = 0;
        for (int i = 0; i < 3000; i++)
        {
            if (i == 100)
            {
                settled = Live();
                bytes = GC.GetAllocatedBytesForCurrentThread();
            }

            using DisposeScope scope = NewDisposeScope();
            opt.zero_grad();
            Tensor logits = model.call(x);
            Tensor loss = (F.cross_entropy(logits, y) * 0.3) + (F.kl_div(F.log_softmax(logits, 1), F.softmax(logits.detach(), 1), log_target: false) * 0.7);
            loss.backward();
            opt.step();
        }

        Assert.InRange(Live(), 0, settled); // finalizers of other tests may have freed some meanwhile
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - bytes) / 2900, 0, 12_000);
    }

    [Fact]
    public void Finalizers_free_what_no_scope_did()
    {
        long before = Live();
        MakeGarbage();
        for (int i = 0; i < 10 && Live() > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(Live(), 0, before);
    }

    [Fact]
    public void Arguments_survive_the_collector_during_a_call()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Yield();
            }
        });
        collector.Start();
        using Tensor one = ones(4096);
        for (int i = 0; i < 3000; i++)
        {
            using Tensor three = Two(one);
            Assert.Equal(3f, three.data<float>()[17]);
        }

        stop.Cancel();
        collector.Join();
    }

    [Fact]
    public void Trainings_side_by_side_learn_what_they_learn_alone()
    {
        double[] alone = [.. Enumerable.Range(0, 3).Select(Train)];
        double[] together = new double[3];
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(k => new Thread(() => together[k] = Train(k)))];
        foreach (Thread t in threads)
        {
            t.Start();
        }

        foreach (Thread t in threads)
        {
            t.Join();
        }

        Assert.Equal(alone, together);
    }

    private static double Train(int seed)
    {
        using DisposeScope outer = NewDisposeScope();
        using var g = new Generator((ulong)seed);
        Tensor x = randn(64, 6, generator: g), y = (x.sum(1) > 0).to_type(int64);
        Modules.Sequential m = Sequential(Linear(6, 12), Tanh(), Linear(12, 2));
        foreach (Modules.Parameter p in m.parameters())
        {
            nn.init.uniform_(p, -0.4, 0.4, g);
        }

        using Modules.AdamW opt = optim.AdamW(m.parameters(), 0.01);
        double last = 0;
        for (int i = 0; i < 200; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            opt.zero_grad();
            Tensor loss = F.cross_entropy(m.call(x), y);
            loss.backward();
            opt.step();
            last = loss.item<float>();
        }

        return last;
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void MakeGarbage()
    {
        for (int i = 0; i < 100; i++)
        {
            _ = ones(1000) + 1;
        }
    }

    private static Tensor Two(Tensor one) => one.add(one).add(one);

    private static long Live() => NativeMethods.qd_torch_live_tensors();
}
