using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using QDistill.Distillation.Export;
using QDistill.Distillation.Signals;
using QDistill.Inference;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace QDistill.Benchmarks;

/// <summary>The bindings against C++ on the same libraries: one distillation step in libtorch, one prediction in ONNX Runtime.</summary>
internal static unsafe partial class DistillationBenchmarks
{
    private const int Rows = 8192, Batch = 256, StepsPerCall = 20, RunsPerCall = 2000;

    public static void Run(BenchReport report)
    {
        NativeLibrary.SetDllImportResolver(typeof(DistillationBenchmarks).Assembly, (name, _, _) => name == "qd_torch_bench"
            ? NativeLibrary.Load(Path.Combine(Configuration.Installation.NativeFolder, "libqd_torch_bench.so"))
            : 0);
        report.Section("step", TrainingStep);
        report.Section("relational", RelationalStep);
        report.Section("bound", BoundRun);
        report.Section("teacher", TeacherBenchmarks.Run);
    }

    // MLP 32-64-64-3, batch 256, 0.7 T^2 KL + 0.3 cross entropy, Adam, one thread: the same numbers of operators on both sides.
    private static void TrainingStep(BenchReport report)
    {
        set_num_threads(1);
        using DisposeScope outer = NewDisposeScope();
        manual_seed(7);
        Tensor x = randn(Rows, 32), logits = x.matmul(randn(32, 3));
        Tensor soft = (logits / 2).softmax(1), hard = logits.argmax(1);
        TorchSharp.Modules.Sequential model = Sequential(Linear(32, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 3));
        using TorchSharp.Modules.Adam adam = optim.Adam(model.parameters(), 1e-3);
        int step = 0;
        void Subject()
        {
            for (int i = 0; i < StepsPerCall; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                adam.zero_grad();
                long at = (long)step++ * Batch % Rows;
                Tensor z = model.call(x.narrow(0, at, Batch));
                Tensor kl = F.kl_div(F.log_softmax(z / 2, 1), soft.narrow(0, at, Batch), log_target: false, Reduction.Sum);
                Tensor loss = (kl * (0.7 * 4 / Batch)) + (F.cross_entropy(z, hard.narrow(0, at, Batch)) * 0.3);
                loss.backward();
                adam.step();
            }
        }

        nint peer = qd_bench_distillation_new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Subject();
        report.Compare("distillation step, C#", "us", Subject, "distillation step, C++", () => qd_bench_distillation_steps(peer, StepsPerCall), StepsPerCall);
        before = GC.GetAllocatedBytesForCurrentThread();
        Subject();
        report.Add(new BenchRow("managed memory per step", "B", (GC.GetAllocatedBytesForCurrentThread() - before) / (double)StepsPerCall, 0));
        qd_bench_distillation_free(peer);
    }

    // The same MLP with tanh and binary outputs: soft, distance, angle and alignment through the signals themselves.
    private static void RelationalStep(BenchReport report)
    {
        set_num_threads(1);
        using DisposeScope outer = NewDisposeScope();
        manual_seed(7);
        Tensor x = randn(Rows, 32), probability = x.matmul(randn(32, 3)).sigmoid(), teacher = x.matmul(randn(32, 12)).tanh();
        TorchSharp.Modules.Linear first = Linear(32, 64), second = Linear(64, 64), last = Linear(64, 3);
        using TorchSharp.Modules.Adam adam = optim.Adam([.. first.parameters(), .. second.parameters(), .. last.parameters()], 1e-3);
        ISignal[] signals = [new SoftSignal(1, 2), new DistanceSignal(1), new AngleSignal(2), new AlignmentSignal(0.5)];
        Tensor none = zeros(Batch, 3);
        int step = 0;
        void Subject()
        {
            for (int i = 0; i < StepsPerCall; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                adam.zero_grad();
                long at = (long)step++ * Batch % Rows;
                Tensor h = F.tanh(second.forward(F.tanh(first.forward(x.narrow(0, at, Batch)))));
                var batch = new SignalBatch(last.forward(h), h, probability.narrow(0, at, Batch), null, none, none) { Representation = teacher.narrow(0, at, Batch) };
                Tensor? total = null;
                foreach (ISignal signal in signals)
                {
                    Tensor term = signal.Loss(batch) * signal.Weight;
                    total = total is null ? term : total + term;
                }

                total!.backward();
                adam.step();
            }
        }

        nint peer = qd_bench_relational_new();
        Subject();
        report.Compare("relational step (soft, distance, angle, cka), C#", "us", Subject, "relational step, C++", () => qd_bench_relational_steps(peer, StepsPerCall), StepsPerCall);
        qd_bench_relational_free(peer);
        using var kernel = new KernelSignal(1, KernelSpec.Default, [], 12, 1);
        report.Time("quantum-kernel term alone, 4 qubits, batch 256, forward and backward", "us", () =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor h = randn(Batch, 64).requires_grad_();
            kernel.Loss(new SignalBatch(none, h, null, null, none, none) { Representation = teacher.narrow(0, 0, Batch) }).backward();
        }, rounds: 9);
    }

    private static void BoundRun(BenchReport report)
    {
        string folder = Directory.CreateTempSubdirectory("qdistill-bench").FullName;
        string file = Path.Combine(folder, RiskModel.FileName);
        using (TorchSharp.Modules.Sequential network = Sequential(Linear(32, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 3)))
        {
            network.eval();
            float[] one = [.. Enumerable.Repeat(1f, 32)];
            var contract = new ModelContract
            {
                SchemaId = new string('0', 64),
                FeatureNames = [.. Enumerable.Range(0, 32).Select(i => $"bench.f{i}")],
                Horizon = 2,
                Constraints = [new("a", string.Empty, ">", 1, "m", 1), new("b", string.Empty, ">", 1, "m", 1)],
            };
            OnnxExporter.Export(new StudentGraph(new float[32], one, network, [1, 1, 1], [0, 0, 0]), contract, file);
        }

        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(file, options);
        using var run = new RunOptions();
        using OrtIoBinding binding = session.CreateIoBinding();
        float[] x = new float[32], c = new float[1], v = new float[2], u = new float[1];
        using OrtValue vx = OrtValue.CreateTensorValueFromMemory(x, [1, 32]), vc = OrtValue.CreateTensorValueFromMemory(c, [1]), vv = OrtValue.CreateTensorValueFromMemory(v, [1, 2]), vu = OrtValue.CreateTensorValueFromMemory(u, [1]);
        binding.BindInput(RiskModel.InputName, vx);
        binding.BindOutput(RiskModel.CollisionName, vc);
        binding.BindOutput(RiskModel.ViolationName, vv);
        binding.BindOutput(RiskModel.UncertaintyName, vu);
        void Peer() => qd_bench_bound_runs(OrtApi.Function(OrtFunction.RunWithBinding), session.Handle, run.Handle, binding.Handle, RunsPerCall);
        report.Compare(
            "bound run, C#",
            "us",
            () =>
            {
                for (int i = 0; i < RunsPerCall; i++)
                {
                    session.RunWithBinding(run, binding);
                }
            },
            "bound run, C++",
            Peer,
            RunsPerCall);
        using RiskModel model = RiskModel.Load(folder);
        report.Compare(
            "RiskModel.Predict with its checks",
            "us",
            () =>
            {
                for (int i = 0; i < RunsPerCall; i++)
                {
                    model.Predict(x, v, out _, out _);
                }
            },
            "bound run, C++ (again)",
            Peer,
            RunsPerCall);
        Directory.Delete(folder, recursive: true);
    }

    [LibraryImport("qd_torch_bench")]
    private static partial nint qd_bench_distillation_new();

    [LibraryImport("qd_torch_bench")]
    private static partial double qd_bench_distillation_steps(nint state, int steps);

    [LibraryImport("qd_torch_bench")]
    private static partial void qd_bench_distillation_free(nint state);

    [LibraryImport("qd_torch_bench")]
    private static partial nint qd_bench_relational_new();

    [LibraryImport("qd_torch_bench")]
    private static partial double qd_bench_relational_steps(nint state, int steps);

    [LibraryImport("qd_torch_bench")]
    private static partial void qd_bench_relational_free(nint state);

    [LibraryImport("qd_torch_bench")]
    private static partial nint qd_bench_bound_runs(nint runWithBinding, nint session, nint options, nint binding, int runs);
}
