using System.Diagnostics;
using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>One Q# back end for the tests of a class: its process takes a second to warm up.</summary>
public sealed class QSharpFixture : IDisposable
{
    public QSharpBackend Backend { get; } = new();

    public void Dispose() => Backend.Dispose();
}

/// <summary>The Q# programs: equal to our own circuits, tested by their own tests, with clear errors.</summary>
public class QSharpTests(QSharpFixture fixture) : IClassFixture<QSharpFixture>
{
    private readonly QSharpBackend backend = fixture.Backend;

    public static TheoryData<string, string> EveryTeacher()
    {
        var data = new TheoryData<string, string>();
        foreach (FeatureEncoding e in FeatureEncoding.All)
        {
            foreach (Ansatz a in Ansatz.All)
            {
                data.Add(e.Name, a.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryTeacher))]
    public void AmplitudesEqualOursForEveryEncodingAndAnsatz(string encoding, string ansatz)
    {
        foreach ((int n, int layers, int features) in new[] { (1, 2, 1), (4, 4, 5) })
        {
            Circuit circuit = TeacherCircuit.Build(encoding, ansatz, n, layers, Math.Min(features, FeatureEncoding.Get(encoding).MaxFeatures(n)));
            const int Batch = 4;
            double[] weights = RandomCircuits.Vector(circuit.WeightCount, (ulong)n, 7), inputs = RandomCircuits.Vector(circuit.InputCount * Batch, 99, 5);
            Complex[] states = backend.States(circuit, weights, inputs, Batch);
            using var engine = new StateVector(circuit);
            for (int i = 0; i < Batch; i++)
            {
                StateVectorTests.AssertClose(
                    engine.Amplitudes(weights, inputs.AsSpan(i * circuit.InputCount, circuit.InputCount)),
                    states[(i * circuit.Dimension)..((i + 1) * circuit.Dimension)],
                    1e-9);
            }
        }
    }

    [Fact]
    public void ExactAnswersEqualTheStateVectorBackEnd()
    {
        Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", 5, 3, 5);
        double[] weights = circuit.RandomWeights(3), inputs = RandomCircuits.Vector(5 * 1100, 3);
        var request = new EvaluationRequest { Observables = [Observable.Z(4), Observable.Parse("X0 Y1 - 0.5*Z2 + Y3 Y4")], Probabilities = true };
        Evaluation b = AssertAsOurs(circuit, weights, inputs, 1100, request);
        Assert.True(b.Variances.All(v => v == 0));
        Assert.True(backend.Ledger.Circuits >= 1100);
    }

    [Fact]
    public void QSharpsOwnTestsPass()
    {
        IReadOnlyList<QSharpTest> tests = backend.Host.Tests();
        Assert.True(tests.Count >= 14, $"{tests.Count} tests were found");
        foreach (QSharpTest test in tests)
        {
            // A failing test throws a sentence with its .qs place.
            Assert.Equal("()", Assert.Single(backend.Host.Run(test.Name + "()")));
        }
    }

    [Fact]
    public void ShotsOfQSharpAgreeWithExactProbabilities()
    {
        using var shots = new QSharpBackend(new QSharpHostOptions { Seed = "11" }, shots: 2000);
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2);
        double[] weights = circuit.RandomWeights(5), inputs = RandomCircuits.Vector(2 * 4, 6);
        var request = new EvaluationRequest { Observables = [Observable.Z(0), Observable.Parse("X0 Y1")], Probabilities = true };
        Evaluation e = shots.Evaluate(circuit, weights, inputs, 4, request);
        using var exact = new StateVectorBackend();
        Evaluation truth = exact.Evaluate(circuit, weights, inputs, 4, request);
        double chi = 0;
        for (int i = 0; i < 16; i++)
        {
            double expected = 2000 * truth.Probabilities![i];
            chi += expected < 1 ? 0 : Math.Pow((2000 * e.Probabilities![i]) - expected, 2) / expected;
        }

        Assert.InRange(chi, 0.5, 45);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(truth.Expectations[i], e.Expectations[i], (5 * Math.Sqrt(e.Variances[i])) + 1e-3);
        }

        using var again = new QSharpBackend(new QSharpHostOptions { Seed = "11" }, shots: 2000);
        Assert.Equal(e.Expectations, again.Evaluate(circuit, weights, inputs, 4, request).Expectations);
    }

    [Fact]
    public void ErrorsShowTheirPlaceInTheQSharpSource()
    {
        CircuitTests.Refused(() => backend.Host.Run("QDistill.Teacher.DumpBatch(\"angle\",\"no-entanglement\",2,1,[0.1],[[0.1]])"), ".qs:", "index out of range");
        CircuitTests.Refused(() => backend.Host.Run("QDistill.Teacher.Nothing()"), "Nothing", "not found");
        CircuitTests.Refused(() => backend.Host.Run("1", noise: (0.6, 0.6, 0)), "add up to at most 1");
        Assert.Equal("2", backend.Host.Run("1 + 1")[0]);
    }

    [Theory]
    [InlineData(FidelityTest.Overlap)]
    [InlineData(FidelityTest.Swap)]
    public void MeasuredKernelsScatterAroundTheExactOnes(FidelityTest test)
    {
        Circuit map = TeacherCircuit.Build("zz", "no-entanglement", 2, 0, 2);
        const int N = 4, Shots = 400;
        double[] x = RandomCircuits.Vector(2 * N, 5, 1);
        using var measured = new QSharpKernel(map, Shots, test, new QSharpHostOptions { Seed = "5" });
        using var exact = new FidelityKernel(map);
        double[] m = measured.Gram(x, N), truth = exact.Gram(x, N), cross = measured.Cross(x.AsSpan(0, 2), 1, x.AsSpan(2, 4), 2);
        for (int i = 0; i < m.Length; i++)
        {
            double p = test == FidelityTest.Swap ? (1 + truth[i]) / 2 : truth[i], scale = test == FidelityTest.Swap ? 2 : 1;
            Assert.Equal(truth[i], m[i], (5 * scale * Math.Sqrt(p * (1 - p) / Shots)) + 1e-9);
        }

        Assert.Equal(truth[1], cross[0], 0.3);
        Assert.Equal(8, measured.Ledger.Circuits);
        Assert.Equal(8 * Shots, measured.Ledger.Shots);
        CircuitTests.Refused(() => new QSharpKernel(TeacherCircuit.Build("zz", "no-entanglement", 2, 1, 2), 10), "without ansatz layers");
    }

    [Fact]
    public void ShiftGradientsInQSharpAgreeWithTheAdjointMethod()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2);
        double[] w = [0.3, 0.5, -0.8, 1.1], gradient = new double[4];
        using var engine = new StateVector(circuit, [Observable.Z(1)]);
        engine.ExpectationsAndVjp(w, [0.4, 0.9], 1, [1], gradient);
        double shift = double.Parse(backend.Host.Run("QDistill.Kernels.ShiftGradient(\"angle\",\"hardware-efficient\",2,1,[0.3,0.5,-0.8,1.1],[0.4,0.9],0,1,4000)")[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Math.Abs(gradient[0]) > 0.1);
        Assert.Equal(gradient[0], shift, 5 * Math.Sqrt(0.5 / 4000));
    }

    [Fact]
    public void MicrosoftsEstimatorCountsTheCircuit()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 3, 2, 3);
        System.Text.Json.Nodes.JsonNode estimate = backend.Estimate(circuit, circuit.RandomWeights(1), [0.3, 0.4, 0.5], """{"qubitParams":{"name":"qubit_maj_ns_e4"},"qecScheme":{"name":"floquet_code"}}""");
        Assert.Equal(3, (int)estimate["logicalCounts"]!["numQubits"]!);
        Assert.Equal(15, (int)estimate["logicalCounts"]!["rotationCount"]!);
        Assert.True((long)estimate["physicalCounts"]!["physicalQubits"]! > 100);
    }

    [Fact]
    public void EveryGateIsTheSameInQSharpByHandOrByName()
    {
        var b = new CircuitBuilder(3);
        b.H(0).RX(1, Angle.Input(0) * Angle.Input(1, 0.5)).RY(2, Angle.Weight(0) * Angle.Input(2) + 0.3).X(1).Y(2).Z(0).S(1).H(1).SDagger(2).T(0).H(2).TDagger(1).RZ(0, Angle.Weight(1, -2) + Angle.Input(0));
        b.Phase(1, Angle.InputBit(1, 0.7)).U3(2, Angle.Weight(0), Angle.Input(2, -1), 0.4).CNOT(0, 2).CZ(1, 0).SWAP(1, 2).CRX(0, 1, Angle.Input(1)).CRY(2, 0, Angle.Weight(1));
        b.CRZ(1, 2, Angle.Input(0, 0.3) + Angle.Weight(0)).CPhase(2, 1, 1.1).RXX(0, 2, Angle.Weight(0)).RYY(1, 0, Angle.Input(2)).RZZ(2, 1, -0.6);
        Circuit circuit = b.Build();
        double[] weights = [0.8, -1.3], inputs = RandomCircuits.Vector(3 * 5, 21);
        Observable[] observables = [.. "XYZ".SelectMany(p => Enumerable.Range(0, 3).Select(q => Observable.Parse($"{p}{q}"))), Observable.Parse("X0 Y1 Z2 + Y0 Y1 + X1 Z2")];
        AssertAsOurs(circuit, weights, inputs, 5, new EvaluationRequest { Observables = observables, Probabilities = true });

        // Amplitudes are prepared by the program of the circuit's name; the Q# of a circuit without inputs has no rows to go through.
        Circuit amplitudes = TeacherCircuit.Build("amplitude", "no-entanglement", 2, 1, 3);
        AssertAsOurs(amplitudes, amplitudes.RandomWeights(4), RandomCircuits.Vector(3 * 2, 8), 2, new EvaluationRequest { Observables = [Observable.Parse("X0 Y1")] });
        AssertAsOurs(new CircuitBuilder(1).RX(0, 0.4).Build(), [], [], 3, new EvaluationRequest { Observables = [Observable.Parse("Y0")] });
    }

    [Fact]
    public void TheMetricTensorComesFromExactStatesOfQSharpToo()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2);
        using var metric = new FubiniStudyMetric(circuit);
        double[] w = circuit.RandomWeights(9), x = [0.4, 1.2];
        double[] ours = metric.Evaluate(w, x, 1).Matrix, theirs = metric.Evaluate(backend, w, x, 1).Matrix;
        Assert.Contains(ours, v => Math.Abs(v) > 0.1);
        Assert.All(ours.Zip(theirs), p => Assert.Equal(p.First, p.Second, 1e-9));
    }

    [Fact]
    public void CircuitsPutTogetherByHandAreRefusedWithShotsAndWithGatesThatQSharpHasNot()
    {
        using var shots = new QSharpBackend(shots: 10);
        CircuitTests.Refused(() => shots.Evaluate(new CircuitBuilder(1).H(0).Build(), [], [], 1), "put together by hand", "exact");
        CircuitTests.Refused(() => backend.Evaluate(new CircuitBuilder(1).Unitary(0, [0, 1, 1, 0]).Build(), [], [], 1), "put together by hand", "gates that Q# has");
    }

    [Fact]
    public void ACircuitThatIsNotTheQSharpProgramOfItsNameIsRefused()
    {
        Circuit circuit = new CircuitBuilder(1).RX(0, Angle.Input(0)).RY(0, Angle.Weight(0)).RZ(0, Angle.Weight(1)).Build(origin: new CircuitOrigin("angle", "no-entanglement", 1));
        CircuitTests.Refused(() => backend.Evaluate(circuit, [0.2, 0.3], [0.5], 1), "'no-entanglement'", "another state");
    }

    [Fact]
    public void AKilledHostIsStartedAgainAndTheRequestAnswered()
    {
        using var host = new QSharpHost();
        host.Ping();
        int first = host.ProcessId!.Value;
        using var killer = new Timer(_ => Process.GetProcessById(first).Kill(), null, 300, Timeout.Infinite);
        string result = host.Run("{ mutable sum = 0; for i in 1..200000 { set sum += i; } sum }")[0];
        if (host.Starts == 1)
        {
            // It answered before the signal came; the next request meets the dead process.
            Process.GetProcessById(first).WaitForExit();
            result = host.Run("{ mutable sum = 0; for i in 1..200000 { set sum += i; } sum }")[0];
        }

        Assert.Equal("20000100000", result);
        Assert.Equal(2, host.Starts);
        Assert.NotEqual(first, host.ProcessId);
    }

    [Fact]
    public void ADumpWhoseHostDiesAfterItsFirstPartIsTakenFromTheBeginning()
    {
        // A host of the same protocol that dies once, and later sends less than it says.
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder["node_modules/qsharp-lang"]);
        File.WriteAllText(folder["node_modules/qsharp-lang/package.json"], "{}");
        File.WriteAllText(folder["host.mjs"], """
            import { existsSync, writeFileSync } from 'node:fs';
            import { createInterface } from 'node:readline';
            const died = new URL('./died', import.meta.url), out = o => process.stdout.write(JSON.stringify({ v: 2, ...o }) + '\n');
            const part = v => Buffer.from(new Float64Array([v, 0, 0, 0]).buffer).toString('base64');
            out({ event: 'ready', protocol: 2 });
            for await (const line of createInterface({ input: process.stdin })) {
              const { id, expr } = JSON.parse(line);
              if (!existsSync(died)) {
                out({ id, part: part(9) });
                writeFileSync(died, '');
                process.exit(1);
              }
              for (const v of [1, 2]) out({ id, part: part(v) });
              out({ id, ok: true, ms: 0, count: expr === 'short' ? 3 : 2 });
            }
            """);
        using var host = new QSharpHost(new QSharpHostOptions { Script = folder["host.mjs"] });
        Assert.Equal([1.0, 0, 0, 0, 2, 0, 0, 0], host.Dump("two states of one qubit", 1));
        Assert.Equal(2, host.Starts);
        CircuitTests.Refused(() => host.Dump("short", 1), "announced 3 states, but sent 2");
    }

    [Fact]
    public void ARunawayProgramIsEndedAndTheHostUsableAgain()
    {
        using var host = new QSharpHost();
        host.Ping();
        host.RequestTimeout = TimeSpan.FromSeconds(1.5);
        CircuitTests.Refused(() => host.Run("{ mutable x = 0; while true { set x += 1; } }"), "did not answer within 1.5 s");
        host.RequestTimeout = TimeSpan.FromMinutes(2);
        Assert.Equal("2", host.Run("1 + 1")[0]);
    }

    [Fact]
    public void ManyCallersShareOneProcessAndEachGetsItsOwnAnswer()
    {
        using var host = new QSharpHost();
        string[] answers = new string[8];
        Parallel.For(0, answers.Length, new ParallelOptions { MaxDegreeOfParallelism = answers.Length }, i => answers[i] = host.Run($"{i} * {i}")[0]);
        Assert.Equal(Enumerable.Range(0, answers.Length).Select(i => $"{i * i}"), answers);
        Assert.Equal(1, host.Starts);
    }

    [Fact]
    public void ATrapOfTheSimulatorIsSaidAndTheNextRequestRuns()
    {
        // Sixteen gigabytes in a memory of four.
        using var host = new QSharpHost();
        CircuitTests.Refused(() => host.Run("Length([0, size = 1000000000])"), "the simulator broke off", "memory", "Host.Trap");
        Assert.Equal("2", host.Run("1 + 1")[0]);
        Assert.Equal(2, host.Starts);
    }

    [Fact]
    public void ACancelledRequestEndsTheProcess()
    {
        using var host = new QSharpHost();
        host.Ping();
        using var source = new CancellationTokenSource(300);
        Assert.ThrowsAny<OperationCanceledException>(() => host.Run("{ mutable x = 0; while true { set x += 1; } }", cancellation: source.Token));
        Assert.Null(host.ProcessId);
    }

    [Fact]
    public void DisposingLeavesNoProcessBehind()
    {
        var host = new QSharpHost();
        host.Ping();
        using Process process = Process.GetProcessById(host.ProcessId!.Value);
        host.Dispose();
        Assert.True(process.WaitForExit(5000));
        Assert.Throws<ObjectDisposedException>(host.Ping);
    }

    [Fact]
    public void AHostWhoseParentIsGoneEndsByItself()
    {
        // Closing its input is all that a vanished parent does.
        using Process node = Process.Start(new ProcessStartInfo("node", Path.Combine(SharedData.Repository, "src", "qsharp", "host.mjs")) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Contains("ready", node.StandardOutput.ReadLine(), StringComparison.Ordinal);
        node.StandardInput.WriteLine("{\"v\":2,\"id\":1,\"op\":\"run\",\"expr\":\"{ mutable x = 0; while true { set x += 1; } }\"}");
        node.StandardInput.Close();
        Assert.True(node.WaitForExit(10000));
    }

    [Fact]
    public void MissingPiecesAreNamed()
    {
        using var noNode = new QSharpHost(new QSharpHostOptions { Node = "/nowhere/node" });
        CircuitTests.Refused(noNode.Ping, "Node.js", "/nowhere/node", "QDISTILL_NODE");
        using var folder = new TempDirectory();
        File.Copy(Path.Combine(SharedData.Repository, "src", "qsharp", "host.mjs"), folder["host.mjs"]);
        using var noPackage = new QSharpHost(new QSharpHostOptions { Script = folder["host.mjs"] });
        CircuitTests.Refused(noPackage.Ping, "qsharp-lang", "make setup");
        using var noScript = new QSharpHost(new QSharpHostOptions { Script = folder["absent.mjs"] });
        CircuitTests.Refused(noScript.Ping, "script is missing");
        using var notNode = new QSharpHost(new QSharpHostOptions { Node = "/bin/false" });
        CircuitTests.Refused(notNode.Ping, "could not start");
    }

    private Evaluation AssertAsOurs(Circuit circuit, double[] weights, double[] inputs, int batch, EvaluationRequest request)
    {
        using var ours = new StateVectorBackend();
        Evaluation a = ours.Evaluate(circuit, weights, inputs, batch, request), b = backend.Evaluate(circuit, weights, inputs, batch, request);
        Assert.Equal(batch * request.Observables!.Count, b.Expectations.Length);
        Assert.True(a.Expectations.Zip(b.Expectations, (x, y) => Math.Abs(x - y)).Max() < 1e-9);
        Assert.True((a.Probabilities ?? []).Zip(b.Probabilities ?? [], (x, y) => Math.Abs(x - y)).Append(0).Max() < 1e-9);
        return b;
    }
}
