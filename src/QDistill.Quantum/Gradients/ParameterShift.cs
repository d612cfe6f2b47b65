using System.Collections.Immutable;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>What a <see cref="ParameterShift"/> shifts.</summary>
public enum ShiftTarget
{
    /// <summary><see cref="Variables"/> for a circuit of named parts where it is possible, else <see cref="Gates"/>.</summary>
    Automatic,

    /// <summary>One gate's angle at a time, in a circuit made by hand; any circuit, all shifts in one batch.</summary>
    Gates,

    /// <summary>One weight or input at a time, by the rule for all the frequencies it causes. The circuit stays as it is, so that back ends that run named circuits can take part.</summary>
    Variables,
}

/// <summary>The derivatives that a <see cref="ParameterShift"/> found, row-major, with the variances of those estimates (0 when exact).</summary>
/// <param name="Batch">Samples.</param>
/// <param name="Observables">Observables m.</param>
/// <param name="ByWeights">∂⟨O_k⟩/∂w_j [batch, m, p].</param>
/// <param name="WeightVariances">[batch, m, p]</param>
/// <param name="ByInputs">∂⟨O_k⟩/∂x_j [batch, m, d]; empty when not asked for.</param>
/// <param name="InputVariances">[batch, m, d]</param>
/// <param name="Circuits">Shifted circuits run, over all samples; each is measured in as many bases as the observables need.</param>
/// <param name="Shots">Shots over all of them.</param>
public sealed record ShiftJacobian(
    int Batch, int Observables, double[] ByWeights, double[] WeightVariances, double[] ByInputs, double[] InputVariances, long Circuits, long Shots)
{
    /// <summary>The gradients of a loss.</summary>
    /// <param name="expectationGradient">dL/dE [batch, m].</param>
    /// <param name="weightGradient">Receives dL/dw [p], added up over the samples.</param>
    /// <param name="inputGradient">Receives dL/dx [batch, d]; may be empty.</param>
    public void Vjp(ReadOnlySpan<double> expectationGradient, Span<double> weightGradient, Span<double> inputGradient = default)
    {
        int rows = Batch * Observables;
        if (expectationGradient.Length != rows || (long)weightGradient.Length * rows != ByWeights.Length || (!inputGradient.IsEmpty && (long)inputGradient.Length * Observables != ByInputs.Length))
        {
            throw new UserErrorException($"the gradients' sizes do not fit {Batch} samples of {Observables} observables");
        }

        weightGradient.Clear();
        inputGradient.Clear();
        int p = weightGradient.Length, d = Batch == 0 ? 0 : inputGradient.Length / Batch;
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < p; j++)
            {
                weightGradient[j] += expectationGradient[r] * ByWeights[(r * p) + j];
            }

            for (int j = 0; j < d; j++)
            {
                inputGradient[(r / Observables * d) + j] += expectationGradient[r] * ByInputs[(r * d) + j];
            }
        }
    }
}

/// <summary>
/// Exact gradients from expectations alone, for shots and hardware: every angle is shifted by the rule of its gate (two terms for Pauli rotations and phases, four for controlled
/// rotations) and the chain rule carries the slopes to weights and inputs, products included (Schuld et al., Phys. Rev. A 99, 032331 (2019); Wierichs et al., Quantum 6, 677 (2022)).
/// </summary>
public sealed class ParameterShift
{
    private const int RowNumbers = 1 << 22;
    private const int MaxRows = 4096;
    private readonly bool inputs;
    private readonly VariableShifts? variables;
    private readonly LiftedCircuit? lifted;
    private readonly ImmutableArray<Shifted> shifts;

    /// <summary>Prepares the gradient of a circuit.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="inputGradients">Whether derivatives by the inputs are wanted too.</param>
    /// <param name="target">What is shifted.</param>
    /// <exception cref="UserErrorException">Input gradients of amplitude encoding or of given states are asked for, or variables cannot be shifted.</exception>
    public ParameterShift(Circuit circuit, bool inputGradients = false, ShiftTarget target = ShiftTarget.Automatic)
    {
        Circuit = circuit;
        inputs = inputGradients;
        if (inputGradients && circuit.Preparation != StatePreparation.Zero)
        {
            throw new UserErrorException((circuit.Preparation == StatePreparation.State ? "a given state" : "amplitude encoding") + " has no shift rule for its inputs", null, "use the adjoint gradient of the exact simulator, or another encoding");
        }

        string? obstacle = null;
        if (target == ShiftTarget.Variables || (target == ShiftTarget.Automatic && circuit.Origin is not null))
        {
            variables = VariableShifts.TryMake(circuit, inputGradients, out obstacle);
        }

        if (variables is not null)
        {
            Target = ShiftTarget.Variables;
            CircuitsPerSample = variables.Circuits;
            return;
        }

        if (target == ShiftTarget.Variables)
        {
            throw new UserErrorException($"the circuit's variables cannot be shifted as they are: {obstacle}", null, "shift its gates instead");
        }

        Target = ShiftTarget.Gates;
        lifted = new LiftedCircuit(circuit, asWeights: circuit.Preparation != StatePreparation.Zero);
        shifts = [.. lifted.Angles.Select((a, i) => new Shifted(i, a.Angle, a.Rule, Distinct(a.Angle, VariableKind.Weight), inputGradients ? Distinct(a.Angle, VariableKind.Input) : []))
            .Where(s => s.Weights.Length + s.Inputs.Length > 0)];
        CircuitsPerSample = shifts.Sum(s => s.Rule.Terms.Length);
    }

    /// <summary>The circuit.</summary>
    public Circuit Circuit { get; }

    /// <summary>What is shifted: gates or variables.</summary>
    public ShiftTarget Target { get; }

    /// <summary>The shifted circuits that one sample costs.</summary>
    public int CircuitsPerSample { get; }

    /// <summary>The derivatives of expectations.</summary>
    /// <param name="backend">Where the shifted circuits run.</param>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="observables">The observables; Z_i when null.</param>
    /// <param name="firstSample">The number of the first sample in the whole run; every shift of every sample draws its own shots.</param>
    /// <param name="cancellation">Ends the run between parts.</param>
    /// <exception cref="UserErrorException">A size does not fit, or the back end failed.</exception>
    public ShiftJacobian Jacobian(
        ITeacherBackend backend,
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> inputs,
        int batch,
        IReadOnlyList<Observable>? observables = null,
        long firstSample = 0,
        CancellationToken cancellation = default)
    {
        Circuit.Check(weights, inputs, batch);
        observables ??= Observable.EachZ(Circuit.Qubits);
        int m = observables.Count, p = Circuit.WeightCount, d = this.inputs ? Circuit.InputCount : 0;
        var request = new EvaluationRequest { Observables = observables };
        var into = new ShiftJacobian(batch, m, new double[(long)batch * m * p], new double[(long)batch * m * p], new double[(long)batch * m * d], new double[(long)batch * m * d], (long)batch * CircuitsPerSample, 0);
        long shots = variables is not null ? variables.Run(backend, weights, inputs, batch, request, firstSample, into, cancellation)
            : lifted!.Circuit.WeightCount == 0 ? RunRows(backend, weights, inputs, batch, request, firstSample, into, cancellation)
            : RunOneByOne(backend, weights, inputs, batch, request, firstSample, into, cancellation);
        return into with { Shots = shots };
    }

    private static ImmutableArray<int> Distinct(Angle angle, VariableKind kind) =>
        [.. angle.Terms.SelectMany(t => new[] { t.A, t.B }).Where(v => v.Kind == kind).Select(v => v.Index).Distinct().Order()];

    /// <summary>All samples and shifts as rows of angles of one batch.</summary>
    private long RunRows(ITeacherBackend backend, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest request, long firstSample, ShiftJacobian into, CancellationToken cancellation)
    {
        int angles = lifted!.Angles.Length, each = CircuitsPerSample, d = Circuit.InputCount, m = into.Observables;
        if (each == 0)
        {
            return 0;
        }

        long shots = 0;
        int samples = Math.Max(1, Math.Min(MaxRows, RowNumbers / Math.Max(angles, 1)) / each);
        double[] values = new double[angles], slope = new double[m], variance = new double[m];
        for (int first = 0; first < batch; first += samples)
        {
            int count = Math.Min(samples, batch - first), at = 0;
            double[] rows = new double[checked(count * each * angles)];
            for (int i = 0; i < count; i++)
            {
                Evaluate(weights, inputs.Slice((first + i) * d, d), values);
                foreach (Shifted s in shifts)
                {
                    foreach (ShiftTerm t in s.Rule.Terms)
                    {
                        values.CopyTo(rows, at);
                        rows[at + s.Index] += t.Shift;
                        at += angles;
                    }
                }
            }

            Evaluation e = backend.Evaluate(lifted.Circuit, [], rows, count * each, request with { FirstSample = (firstSample + first) * each }, cancellation);
            shots += (long)count * each * e.ShotsPerSample;
            int row = 0;
            for (int i = 0; i < count; i++)
            {
                foreach (Shifted s in shifts)
                {
                    Array.Clear(slope);
                    Array.Clear(variance);
                    foreach (ShiftTerm t in s.Rule.Terms)
                    {
                        Gather(t, e, row++, slope, variance);
                    }

                    Distribute(s, first + i, slope, variance, weights, inputs.Slice((first + i) * d, d), into);
                }
            }
        }

        return shots;
    }

    /// <summary>The inputs are amplitudes here, so the angles are weights and every sample and shift is a query of its own.</summary>
    private long RunOneByOne(ITeacherBackend backend, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest request, long firstSample, ShiftJacobian into, CancellationToken cancellation)
    {
        int d = Circuit.InputCount, m = into.Observables, each = CircuitsPerSample;
        long shots = 0;
        double[] values = new double[lifted!.Angles.Length], slope = new double[m], variance = new double[m];
        for (int i = 0; i < batch; i++)
        {
            ReadOnlySpan<double> x = inputs.Slice(i * d, d);
            Evaluate(weights, x, values);
            int row = 0;
            foreach (Shifted s in shifts)
            {
                Array.Clear(slope);
                Array.Clear(variance);
                foreach (ShiftTerm t in s.Rule.Terms)
                {
                    double angle = values[s.Index];
                    values[s.Index] = angle + t.Shift;
                    Evaluation e = backend.Evaluate(lifted.Circuit, values, x, 1, request with { FirstSample = ((firstSample + i) * each) + row++ }, cancellation);
                    values[s.Index] = angle;
                    shots += e.ShotsPerSample;
                    Gather(t, e, 0, slope, variance);
                }

                Distribute(s, i, slope, variance, weights, x, into);
            }
        }

        return shots;
    }

    private static void Gather(ShiftTerm t, Evaluation e, int row, double[] slope, double[] variance)
    {
        for (int k = 0; k < slope.Length; k++)
        {
            slope[k] += t.Coefficient * e.Expectations[(row * slope.Length) + k];
            variance[k] += t.Coefficient * t.Coefficient * e.Variances[(row * slope.Length) + k];
        }
    }

    private void Distribute(Shifted s, int sample, double[] slope, double[] variance, ReadOnlySpan<double> weights, ReadOnlySpan<double> x, ShiftJacobian into)
    {
        int m = slope.Length, p = Circuit.WeightCount, d = Circuit.InputCount;
        foreach (int j in s.Weights)
        {
            double chain = s.Angle.Derivative(new Variable(VariableKind.Weight, j), weights, x);
            for (int k = 0; k < m; k++)
            {
                int at = (((sample * m) + k) * p) + j;
                into.ByWeights[at] += chain * slope[k];
                into.WeightVariances[at] += chain * chain * variance[k];
            }
        }

        foreach (int j in s.Inputs)
        {
            double chain = s.Angle.Derivative(new Variable(VariableKind.Input, j), weights, x);
            for (int k = 0; k < m; k++)
            {
                int at = (((sample * m) + k) * d) + j;
                into.ByInputs[at] += chain * slope[k];
                into.InputVariances[at] += chain * chain * variance[k];
            }
        }
    }

    private void Evaluate(ReadOnlySpan<double> weights, ReadOnlySpan<double> x, double[] values)
    {
        for (int a = 0; a < values.Length; a++)
        {
            values[a] = lifted!.Angles[a].Angle.Evaluate(weights, x);
        }
    }

    private sealed record Shifted(int Index, Angle Angle, ShiftRule Rule, ImmutableArray<int> Weights, ImmutableArray<int> Inputs);
}
