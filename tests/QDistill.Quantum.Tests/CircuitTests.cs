using QDistill.Configuration;

namespace QDistill.Quantum.Tests;

/// <summary>Building circuits: counts, names, and refusals in one clear sentence.</summary>
public class CircuitTests
{
    [Fact]
    public void DepthAndTwoQubitGatesAreCountedByHand()
    {
        Circuit circuit = new CircuitBuilder(3).H(0).H(1).CNOT(0, 1).RZ(2, 0.1).CNOT(1, 2).X(0).Build();
        Assert.Equal(3, circuit.Depth);
        Assert.Equal(2, circuit.TwoQubitGates);
    }

    [Theory]
    [InlineData("hardware-efficient", 6, 3, 36, 18)]
    [InlineData("hardware-efficient", 2, 2, 8, 2)]
    [InlineData("hardware-efficient", 1, 2, 4, 0)]
    [InlineData("no-entanglement", 6, 3, 36, 0)]
    [InlineData("ry-rz-cz", 5, 2, 20, 10)]
    [InlineData("real-amplitudes", 5, 2, 15, 8)]
    [InlineData("strongly-entangling", 4, 3, 36, 12)]
    [InlineData("simplified-two-design", 4, 1, 10, 3)]
    [InlineData("simplified-two-design", 5, 2, 21, 8)]
    [InlineData("universal-two-qubit", 4, 1, 45, 9)]
    [InlineData("universal-two-qubit", 1, 2, 6, 0)]
    [InlineData("qcnn", 8, 4, 20, 25)]
    public void AnsatzeHaveTheirParameterAndGateCounts(string ansatz, int qubits, int layers, int weights, int twoQubit)
    {
        Circuit circuit = TeacherCircuit.Build("angle", ansatz, qubits, layers, qubits);
        Assert.Equal(weights, circuit.WeightCount);
        Assert.Equal(twoQubit, circuit.TwoQubitGates);
        Assert.Equal(new CircuitOrigin("angle", ansatz, layers), circuit.Origin);
    }

    [Fact]
    public void ReuploadingRepeatsTheEncodingBeforeEveryLayer()
    {
        Circuit once = TeacherCircuit.Build("angle", "no-entanglement", 4, 3, 4), again = TeacherCircuit.Build("reuploading", "no-entanglement", 4, 3, 4);
        Assert.Equal(4, once.Gates.Count(g => g.Angles.Any(a => a.DependsOnInputs)));
        Assert.Equal(12, again.Gates.Count(g => g.Angles.Any(a => a.DependsOnInputs)));
    }

    [Fact]
    public void StronglyEntanglingLayersReachFartherEachTime()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "strongly-entangling", 4, 4, 4);
        int[] targets = [.. circuit.Gates.Where(g => g.Kind == GateKind.CNOT && g.Qubits[0] == 0).Select(g => g.Qubits[1])];
        Assert.Equal([1, 2, 3, 1], targets);
    }

    [Fact]
    public void ScaledReuploadingHasAWeightForEveryInputOfEveryLayer()
    {
        Circuit circuit = TeacherCircuit.Build("reuploading-scaled", "no-entanglement", 3, 2, 5);
        Assert.Equal((2 * 5) + (2 * 6), circuit.WeightCount);
        Assert.Equal("w0*x0", circuit.Gates[0].Angles[0].ToString().Replace("x0*w0", "w0*x0", StringComparison.Ordinal));
    }

    [Fact]
    public void DrawingsShowWiresGatesAndControls()
    {
        Circuit circuit = new CircuitBuilder(3).H(0).CNOT(0, 2).RY(1, Angle.Input(0, 2)).SWAP(0, 1).Build();
        string drawn = CircuitDrawing.ToText(circuit);
        string[] lines = drawn.Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.True(lines[0].IndexOf('H') < lines[0].IndexOf('o'));
        Assert.Equal(lines[0].IndexOf('o'), lines[1].IndexOf('|'));
        Assert.Equal(lines[0].IndexOf('o'), lines[2].IndexOf('|'));
        Assert.Equal(lines[0].IndexOf('o'), lines[4].IndexOf('X'));
        Assert.Contains("RY(2*x0)", lines[2], StringComparison.Ordinal);
        Assert.Equal(lines[0].LastIndexOf('x'), lines[2].LastIndexOf('x'));
        Assert.Equal(lines[0].Length, lines[2].Length);

        var svg = System.Xml.Linq.XDocument.Parse(CircuitDrawing.ToSvg(TeacherCircuit.Build("zz", "qcnn", 4, 2, 4)));
        Assert.Equal(4, svg.Root!.Elements().Count(e => e.Name.LocalName == "text" && e.Value.StartsWith('q')));
        Assert.True(svg.Root.Elements().Count(e => e.Name.LocalName == "circle") >= 24);
    }

    [Fact]
    public void PauliStringsAndObservablesReadWhatTheyWrite()
    {
        foreach (string text in new[] { "I", "X0", "X0 Y1 Z5", "Z2 Z3" })
        {
            Assert.Equal(text, PauliString.Parse(text).ToString());
        }

        Observable o = Observable.Parse("0.5*Z0 - 2*X0 X1 + Y2 - 1e-3*Z1");
        Assert.Equal(4, o.Terms.Length);
        Assert.Equal((-2, new PauliString(3, 0)), o.Terms[1]);
        Assert.Equal(-1e-3, o.Terms[3].Coefficient);
        Assert.Equal(o.ToString(), Observable.Parse(o.ToString()).ToString());
        Assert.False(PauliString.Parse("X0").CommutesWith(PauliString.Parse("Z0")));
        Assert.True(PauliString.Parse("X0 X1").CommutesWith(PauliString.Parse("Z0 Z1")));
        Assert.False(PauliString.Parse("X0 X1").CommutesQubitWiseWith(PauliString.Parse("Z0 Z1")));
    }

    [Fact]
    public void BadInputGivesOneClearSentence()
    {
        Refused(() => new CircuitBuilder(25), "25 qubits");
        Refused(() => new CircuitBuilder(0), "0 qubits");
        Refused(() => new CircuitBuilder(2).X(2), "qubit 2", "0 to 1");
        Refused(() => new CircuitBuilder(2).CNOT(1, 1), "one qubit twice");
        Refused(() => new CircuitBuilder(2).RX(0, double.NaN), "not a finite number");
        Refused(() => new CircuitBuilder(2).Unitary(0, [1, 1, 1, 1]), "2×2 unitary");
        Refused(() => new CircuitBuilder(2).RX(0, Angle.Input(3)).Build(inputs: 2), "4 inputs");
        Refused(() => PauliString.Parse("Q1"), "Q1");
        Refused(() => PauliString.Parse("X1 Z1"), "twice");
        Refused(() => Observable.Parse("0.5 0.5*Z0"), "0.5 0.5");
        Refused(() => TeacherCircuit.Build("angel", "hardware-efficient", 4, 1, 4), "'angel'", "did you mean 'angle'");
        Refused(() => TeacherCircuit.Build("angle", "hardware-eficient", 4, 1, 4), "did you mean 'hardware-efficient'");
        Refused(() => TeacherCircuit.Build("angle", "hardware-efficient", 4, -1, 4), "-1 layers");
        Refused(() => TeacherCircuit.Build("angle", "hardware-efficient", 4, 1, 17), "1 to 16 features", "17");
        Refused(() => TeacherBackend.Create("statevektor"), "did you mean 'statevector'");
        Refused(() => new SampledBackend(0, 1), "0 shots");

        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 3);
        using var engine = new StateVector(circuit);
        Refused(() => engine.Expectations(new double[3], new double[3], 1), "takes 4 weights", "3 were given");
        Refused(() => engine.Expectations(new double[4], new double[5], 2), "2 samples of 3 inputs");
        Refused(() => engine.Expectations(new double[4], [0, 0, 0, 0, double.NaN, 0], 2), "input 1 of sample 1", "NaN");
        Refused(() => engine.Expectations([0, 0, double.PositiveInfinity, 0], new double[3], 1), "weight 2");
        Refused(() => new StateVector(circuit, [Observable.Z(2)]), "qubit 2");
        var amplitude = new CircuitBuilder(2) { Preparation = StatePreparation.Amplitude };
        using var prepared = new StateVector(amplitude.H(0).Build(inputs: 4), null, new StateVectorOptions { Threads = 2 });
        Refused(() => prepared.Expectations([], new double[400], 100), "all zero");
        Refused(() => new StateVector(amplitude.Build(inputs: 5)), "at most 4 features");
    }

    internal static void Refused(Action action, params string[] parts)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(action);
        foreach (string part in parts)
        {
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain('\n', e.Message);
    }
}
