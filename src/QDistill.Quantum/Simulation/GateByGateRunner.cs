using System.Numerics;

namespace QDistill.Quantum.Simulation;

/// <summary>
/// The plain path: one sweep over the state for each gate, lanes = samples. It is the yardstick of the compiled path, in results and in speed, and
/// covers every gate.
/// Layout: amplitude p is <c>Lanes</c> real parts followed by <c>Lanes</c> imaginary parts.
/// </summary>
internal sealed unsafe class GateByGateRunner : GroupRunner
{
    private readonly Circuit circuit;
    private readonly Observable[] observables;
    private readonly Operation[] operations;
    private readonly double[] weights;
    private readonly double[] inputs;
    private readonly AlignedBuffer angles;   // [operation][lane]
    private readonly AlignedBuffer coefficients;   // [lane]
    private AlignedBuffer? adjoint;
    private int count;

    public GateByGateRunner(Circuit circuit, IReadOnlyList<Observable> observables)
    {
        this.circuit = circuit;
        this.observables = [.. observables];
        operations = Operation.Lower(circuit);
        weights = new double[circuit.WeightCount];
        inputs = new double[circuit.InputCount * Lanes];
        angles = new AlignedBuffer((long)operations.Length * Lanes * sizeof(double));
        coefficients = new AlignedBuffer(Lanes * sizeof(double));
    }

    public override int Lanes => Vector<double>.Count;

    public override long StateBytes => (long)circuit.Dimension * 2 * Lanes * sizeof(double);

    public override void SetWeights(ReadOnlySpan<double> values)
    {
        values.CopyTo(weights);
        Span<double> a = angles.Span<double>();
        for (int k = 0; k < operations.Length; k++)
        {
            if (operations[k].Angle is { DependsOnInputs: false } angle)
            {
                a.Slice(k * Lanes, Lanes).Fill(angle.Evaluate(weights, []));
            }
        }
    }

    public override void SetInputs(ReadOnlySpan<double> values, int sampleCount)
    {
        count = sampleCount;
        int d = circuit.InputCount;
        for (int lane = 0; lane < Lanes; lane++)
        {
            values.Slice(Math.Min(lane, count - 1) * d, d).CopyTo(inputs.AsSpan(lane * d));
        }

        Span<double> a = angles.Span<double>();
        for (int k = 0; k < operations.Length; k++)
        {
            if (operations[k].Angle is not { DependsOnInputs: true } angle)
            {
                continue;
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                a[(k * Lanes) + lane] = angle.Evaluate(weights, inputs.AsSpan(lane * d, d));
            }
        }
    }

    public override void Forward(AlignedBuffer state)
    {
        Prepare(state);
        double* s = (double*)state.Pointer;
        for (int k = 0; k < operations.Length; k++)
        {
            Apply(k, s, inverse: false);
        }
    }

    public override void Expectations(AlignedBuffer state, Span<double> expectations)
    {
        double* s = (double*)state.Pointer;
        expectations.Clear();
        for (int m = 0; m < observables.Length; m++)
        {
            foreach ((double c, PauliString p) in observables[m].Terms)
            {
                Vector<double> e = GateKernels.Inner(s, s, circuit.Dimension, p.XMask, p.ZMask, 0, imaginary: false);
                for (int lane = 0; lane < count; lane++)
                {
                    expectations[(lane * observables.Length) + m] += c * e[lane];
                }
            }
        }
    }

    public override void Probabilities(AlignedBuffer state, Span<double> probabilities)
    {
        double* s = (double*)state.Pointer;
        for (int p = 0; p < circuit.Dimension; p++)
        {
            for (int lane = 0; lane < count; lane++)
            {
                double re = s[(2 * p * Lanes) + lane], im = s[(((2 * p) + 1) * Lanes) + lane];
                probabilities[(lane * circuit.Dimension) + p] = (re * re) + (im * im);
            }
        }
    }

    public override void Amplitudes(AlignedBuffer state, int lane, Span<Complex> amplitudes)
    {
        double* s = (double*)state.Pointer;
        for (int p = 0; p < circuit.Dimension; p++)
        {
            amplitudes[p] = new Complex(s[(2 * p * Lanes) + lane], s[(((2 * p) + 1) * Lanes) + lane]);
        }
    }

    public override void Backward(
        AlignedBuffer state,
        ReadOnlySpan<double> expectationGradient,
        ReadOnlySpan<double> probabilityGradient,
        Span<double> weightGradient,
        Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        adjoint.Clear();
        ApplyObservables((double*)state.Pointer, (double*)adjoint.Pointer, expectationGradient, probabilityGradient);
        WalkBack((double*)state.Pointer, (double*)adjoint.Pointer, weightGradient, inputGradient);
    }

    public override void States(AlignedBuffer state, Span<double> real, Span<double> imaginary)
    {
        Forward(state);
        double* s = (double*)state.Pointer;
        for (int p = 0; p < circuit.Dimension; p++)
        {
            for (int l = 0; l < count; l++)
            {
                real[(l * circuit.Dimension) + p] = s[(2 * p * Lanes) + l];
                imaginary[(l * circuit.Dimension) + p] = s[(((2 * p) + 1) * Lanes) + l];
            }
        }
    }

    public override void BackwardStates(AlignedBuffer state, ReadOnlySpan<double> real, ReadOnlySpan<double> imaginary, Span<double> weightGradient, Span<double> inputGradient)
    {
        adjoint ??= new AlignedBuffer(StateBytes);
        adjoint.Clear();
        double* u = (double*)adjoint.Pointer;
        for (int p = 0; p < circuit.Dimension; p++)
        {
            for (int l = 0; l < count; l++)
            {
                u[(2 * p * Lanes) + l] = real[(l * circuit.Dimension) + p];
                u[(((2 * p) + 1) * Lanes) + l] = imaginary[(l * circuit.Dimension) + p];
            }
        }

        WalkBack((double*)state.Pointer, u, weightGradient, inputGradient);
    }

    private void WalkBack(double* s, double* u, Span<double> weightGradient, Span<double> inputGradient)
    {
        int d = circuit.InputCount;
        Span<double> slopes = stackalloc double[Lanes];
        for (int k = operations.Length - 1; k >= 0; k--)
        {
            Operation op = operations[k];
            if (op.Angle is { IsConstant: false } angle)
            {
                // dU/dθ = −i/2 P U for a rotation, i Π U for a phase.
                Vector<double> slope = op.Kind == OperationKind.Rotation
                    ? GateKernels.Inner(u, s, circuit.Dimension, op.XMask, op.ZMask, op.Controls, imaginary: true)
                    : -2 * GateKernels.Inner(u, s, circuit.Dimension, 0, 0, op.Controls, imaginary: true);
                slope.CopyTo(slopes);
                for (int lane = 0; lane < count; lane++)
                {
                    angle.Backpropagate(slopes[lane], weights, inputs.AsSpan(lane * d, d), weightGradient, inputGradient.IsEmpty ? default : inputGradient.Slice(lane * d, d));
                }
            }

            Apply(k, s, inverse: true);
            Apply(k, u, inverse: true);
        }

        if (circuit.Preparation != StatePreparation.Zero && !inputGradient.IsEmpty)
        {
            AmplitudeGradient(u, inputGradient);
        }
    }

    public override void Dispose()
    {
        angles.Dispose();
        coefficients.Dispose();
        adjoint?.Dispose();
    }

    private void Prepare(AlignedBuffer state)
    {
        state.Clear();
        double* s = (double*)state.Pointer;
        int d = circuit.InputCount;
        for (int lane = 0; lane < Lanes; lane++)
        {
            if (circuit.Preparation == StatePreparation.Zero)
            {
                s[lane] = 1;
                continue;
            }

            ReadOnlySpan<double> x = inputs.AsSpan(lane * d, d);
            double norm = FirstState.Norm(x);
            for (int k = 0; k < d; k++)
            {
                s[(Part(k) * Lanes) + lane] = x[k] / norm;
            }
        }
    }

    /// <summary>Which row of a state, real or imaginary, input k is: of an amplitude's two rows real features give the first.</summary>
    private int Part(int k) => circuit.InputsPerAmplitude == 2 ? k : 2 * k;

    private void AmplitudeGradient(double* u, Span<double> inputGradient)
    {
        int d = circuit.InputCount;
        double[] lambda = new double[d];
        for (int lane = 0; lane < count; lane++)
        {
            for (int k = 0; k < d; k++)
            {
                lambda[k] = u[(Part(k) * Lanes) + lane];
            }

            FirstState.AddGradient(inputs.AsSpan(lane * d, d), lambda, inputGradient.Slice(lane * d, d));
        }
    }

    /// <summary>λ = Σ_k dL/dE_k O_k ψ + dL/dp ψ, lane by lane.</summary>
    private void ApplyObservables(double* s, double* u, ReadOnlySpan<double> expectationGradient, ReadOnlySpan<double> probabilityGradient)
    {
        Span<double> c = coefficients.Span<double>()[..Lanes];
        for (int m = 0; m < observables.Length && !expectationGradient.IsEmpty; m++)
        {
            foreach ((double factor, PauliString p) in observables[m].Terms)
            {
                c.Clear();
                for (int lane = 0; lane < count; lane++)
                {
                    c[lane] = factor * expectationGradient[(lane * observables.Length) + m];
                }

                GateKernels.AddPauli(s, u, circuit.Dimension, p.XMask, p.ZMask, new Vector<double>(c));
            }
        }

        for (int p = 0; p < circuit.Dimension && !probabilityGradient.IsEmpty; p++)
        {
            for (int lane = 0; lane < count; lane++)
            {
                double g = probabilityGradient[(lane * circuit.Dimension) + p];
                u[(2 * p * Lanes) + lane] += g * s[(2 * p * Lanes) + lane];
                u[(((2 * p) + 1) * Lanes) + lane] += g * s[(((2 * p) + 1) * Lanes) + lane];
            }
        }
    }

    private void Apply(int k, double* s, bool inverse)
    {
        Operation op = operations[k];
        int dimension = circuit.Dimension;
        var angle = new Vector<double>(angles.Span<double>().Slice(k * Lanes, Lanes));
        if (inverse)
        {
            angle = -angle;
        }

        switch (op.Kind)
        {
            case OperationKind.Rotation:
                GateKernels.Rotate(s, dimension, op.XMask, op.ZMask, op.Controls, angle);
                break;
            case OperationKind.Phase:
                GateKernels.Phase(s, dimension, op.Controls, angle);
                break;
            case OperationKind.ControlledNot:
                GateKernels.ControlledNot(s, dimension, 1 << op.Qubit0, 1 << op.Qubit1);
                break;
            case OperationKind.Swap:
                GateKernels.Swap(s, dimension, 1 << op.Qubit0, 1 << op.Qubit1);
                break;
            case OperationKind.Matrix1:
                GateKernels.Matrix1(s, dimension, 1 << op.Qubit0, op.Matrix.AsSpan(), inverse);
                break;
            case OperationKind.Matrix2:
                GateKernels.Matrix2(s, dimension, 1 << op.Qubit0, 1 << op.Qubit1, op.Matrix.AsSpan(), inverse);
                break;
        }
    }
}
