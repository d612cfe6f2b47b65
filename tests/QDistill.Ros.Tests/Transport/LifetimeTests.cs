using System.Runtime.InteropServices;
using QDistill.Ros.Transport;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>Counts native objects, which are the whole process's: it must run alone.</summary>
[Collection("alone")]
public sealed class LifetimeTests
{
    [Fact]
    public void A_hundred_cycles_leave_no_native_object()
    {
        using var domain = new TestDomain();
        for (int i = 0; i < 100; i++)
        {
            using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
            Node node = context.CreateNode("cycle");
            Publisher<String> publisher = node.CreatePublisher<String>("t", QoSProfile.TransientLocal);
            int got = 0;
            node.CreateSubscription<String>("t", QoSProfile.TransientLocal, _ => got++);
            node.CreateTimer(TimeSpan.FromSeconds(1), () => { });
            publisher.Publish(TestNodes.Text("x"));
            Assert.True(context.SpinUntil(() => got == 1, TestNodes.Patience));
            context.GetGraph();
        }

        TestNodes.Await(() => LiveObjects.Now == default, "nothing is left");
    }

    [Fact]
    public void A_hundred_full_nodes_start_and_stop_with_an_exact_graph_and_leave_no_native_object()
    {
        using var domain = new TestDomain();
        using (var context = new RosContext(RosContextOptions.Loopback(domain.Id) with { UseIntraProcess = true }))
        {
            var names = new List<string>();
            for (int i = 0; i < 100; i++)
            {
                Node node = context.CreateNode($"n{i:D3}", "swarm", NodeOptions.Full);
                node.CreatePublisher<String>("~/out");
                node.CreateSubscription<String>($"/swarm/n{(i + 99) % 100:D3}/out", null, _ => { });
                names.Add(node.FullName);
                Assert.Equal(names, context.GetGraph().Nodes.Select(n => n.FullName));
            }

            GraphSnapshot full = context.GetGraph();
            Assert.Equal(100, full.Endpoints.Count(e => e.Kind == EndpointKind.Subscription && e.Name?.EndsWith("/out", StringComparison.Ordinal) == true));
            Assert.All(full.Endpoints.Where(e => e.Name is not null), e => Assert.NotNull(e.Node));
            LiveObjects live = LiveObjects.Now;
            Assert.Equal((100u, 100u), (live.Nodes, live.Subscriptions));
            foreach (Node node in context.Nodes)
            {
                node.Dispose();
                names.RemoveAt(0);
                GraphSnapshot graph = context.GetGraph();
                Assert.Equal(names, graph.Nodes.Select(n => n.FullName));
                Assert.DoesNotContain(graph.Endpoints, e => e.Name is not null && e.Node is null);
            }

            Assert.DoesNotContain(context.GetGraph().Endpoints, e => e.Name is not null);
        }

        TestNodes.Await(() => LiveObjects.Now == default, "nothing is left");
    }

    [Fact]
    public void What_is_dropped_without_dispose_is_freed_by_the_finalizers_in_any_order()
    {
        using var domain = new TestDomain();
        Leak(domain.Id);
        TestNodes.Await(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return LiveObjects.Now == default;
            },
            "the finalizers have freed everything");
    }

    [Fact]
    public void The_structs_have_the_sizes_that_the_c_compiler_gives_them()
    {
        // sizeof on x86-64 and arm64 Linux, from the C header.
        Assert.Equal(40, Marshal.SizeOf<NativeContextOptions>());
        Assert.Equal(48, Marshal.SizeOf<NativeQoS>());
        Assert.Equal(24, Marshal.SizeOf<NativeRequestId>());
        Assert.Equal(80, Marshal.SizeOf<NativeSample>());
        Assert.Equal(20, Marshal.SizeOf<NativeEvent>());
        Assert.Equal(40, Marshal.SizeOf<NativeGraphNode>());
        Assert.Equal(144, Marshal.SizeOf<NativeGraphEndpoint>());
        Assert.Equal(32, Marshal.SizeOf<NativeGraphParticipant>());
        Assert.Equal(64, Marshal.SizeOf<NativeGraph>());
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Leak(int domain)
    {
        var context = new RosContext(RosContextOptions.Loopback(domain));
        Node node = context.CreateNode("leaked");
        node.CreatePublisher<String>("t");
        node.CreateSubscription<String>("t", null, _ => { });
    }
}

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
