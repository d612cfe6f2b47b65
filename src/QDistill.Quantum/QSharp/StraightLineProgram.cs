using System.Globalization;
using System.Text;

namespace QDistill.Quantum;

/// <summary>
/// Writes a circuit's gates as Q# statements one after another, which dump the exact state of every sample of a batch. Microsoft's interpreter spends some 0.3 µs on each
/// turn of a loop and 0.5 µs on each call, a good part of what a gate on a few qubits costs; here there is neither, and weights are literals.
/// </summary>
internal static class StraightLineProgram
{
    // Every statement is compiled at every request; the programs of longer circuits spend little on their loops.
    private const int MaxGates = 1000;

    /// <summary>Appends a Q# expression that emits one DumpMachine event per sample, qubit 0 leftmost.</summary>
    /// <returns>Whether the circuit can be written so; if not, nothing was appended.</returns>
    /// <param name="text">Takes the expression.</param>
    /// <param name="circuit">The circuit.</param>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[batch, d]</param>
    /// <param name="batch">The number of samples.</param>
    public static bool TryAppend(StringBuilder text, Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch)
    {
        if (circuit.Preparation != StatePreparation.Zero || circuit.Gates.Length > MaxGates || circuit.Gates.Any(g => Statement(g.Kind) is null))
        {
            return false;
        }

        string[] qubits = [.. Enumerable.Range(0, circuit.Qubits).Select(q => $"q{q}")];
        int[] used = [.. circuit.Gates.SelectMany(g => g.Angles).SelectMany(a => a.Terms).SelectMany(t => new[] { t.A, t.B }).Where(v => v.IsInput).Select(v => v.Index).Distinct()];
        if (used.Length == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{{for _ in 1..{batch}{{");
        }
        else
        {
            text.Append("{for x in ").AppendLiteral(inputs, batch).Append('{');
        }

        text.Append("use (").AppendJoin(',', qubits).Append(")=(").AppendJoin(',', qubits.Select(_ => "Qubit()")).Append(");");
        foreach (int i in used)
        {
            text.Append(CultureInfo.InvariantCulture, $"let x{i}=x[{i}];");
        }

        foreach (Gate gate in circuit.Gates)
        {
            object[] operands = new object[gate.Angles.Length + gate.Qubits.Length];
            for (int k = 0; k < operands.Length; k++)
            {
                operands[k] = k < gate.Angles.Length ? Expression(gate.Angles[k], weights) : qubits[gate.Qubits[k - gate.Angles.Length]];
            }

            text.AppendFormat(CultureInfo.InvariantCulture, Statement(gate.Kind)!, operands).Append(';');
        }

        text.Append("Std.Diagnostics.DumpMachine();");
        foreach (string q in qubits)
        {
            text.Append(CultureInfo.InvariantCulture, $"QIR.Intrinsic.__quantum__qis__reset__body({q});");
        }

        text.Append("}}");
        return true;
    }

    // {0}, {1}, … are the angles, then the qubits. An instruction is what the gate of that name in Q#'s library calls in its turn.
    private static string? Statement(GateKind kind) => kind switch
    {
        GateKind.X => "QIR.Intrinsic.__quantum__qis__x__body({0})",
        GateKind.Y => "QIR.Intrinsic.__quantum__qis__y__body({0})",
        GateKind.Z => "QIR.Intrinsic.__quantum__qis__z__body({0})",
        GateKind.H => "QIR.Intrinsic.__quantum__qis__h__body({0})",
        GateKind.S => "QIR.Intrinsic.__quantum__qis__s__body({0})",
        GateKind.SDagger => "QIR.Intrinsic.__quantum__qis__s__adj({0})",
        GateKind.T => "QIR.Intrinsic.__quantum__qis__t__body({0})",
        GateKind.TDagger => "QIR.Intrinsic.__quantum__qis__t__adj({0})",
        GateKind.RX => "QIR.Intrinsic.__quantum__qis__rx__body({0},{1})",
        GateKind.RY => "QIR.Intrinsic.__quantum__qis__ry__body({0},{1})",
        GateKind.RZ => "QIR.Intrinsic.__quantum__qis__rz__body({0},{1})",
        GateKind.Phase => "R1({0},{1})",
        GateKind.U3 => "R1({2},{3});Ry({0},{3});R1({1},{3})",
        GateKind.CNOT => "QIR.Intrinsic.__quantum__qis__cx__body({0},{1})",
        GateKind.CZ => "QIR.Intrinsic.__quantum__qis__cz__body({0},{1})",
        GateKind.SWAP => "QIR.Intrinsic.__quantum__qis__swap__body({0},{1})",
        GateKind.CRX => "Controlled Rx([{1}],({0},{2}))",
        GateKind.CRY => "Controlled Ry([{1}],({0},{2}))",
        GateKind.CRZ => "Controlled Rz([{1}],({0},{2}))",
        GateKind.CPhase => "Controlled R1([{1}],({0},{2}))",
        GateKind.RXX => "QIR.Intrinsic.__quantum__qis__rxx__body({0},{1},{2})",
        GateKind.RYY => "QIR.Intrinsic.__quantum__qis__ryy__body({0},{1},{2})",
        GateKind.RZZ => "QIR.Intrinsic.__quantum__qis__rzz__body({0},{1},{2})",
        _ => null,
    };

    // Whatever does not differ from sample to sample is one literal.
    private static string Expression(Angle angle, ReadOnlySpan<double> weights)
    {
        double constant = angle.Constant;
        var text = new StringBuilder();
        foreach ((double factor, Variable a, Variable b) in angle.Terms)
        {
            double scale = factor * Fixed(a, weights) * Fixed(b, weights);
            if (!a.IsInput && !b.IsInput)
            {
                constant += scale;
                continue;
            }

            text.Append(text.Length > 0 ? "+" : string.Empty);
            if (scale != 1)
            {
                text.AppendLiteral(scale).Append('*');
            }

            text.AppendJoin('*', new[] { a, b }.Where(v => v.IsInput).Select(Name));
        }

        if (constant != 0 || text.Length == 0)
        {
            text.Append(text.Length > 0 ? "+" : string.Empty).AppendLiteral(constant);
        }

        return text.ToString();
    }

    private static double Fixed(Variable v, ReadOnlySpan<double> weights) => v.IsInput ? 1 : v.Value(weights, []);

    private static string Name(Variable v) =>
        v.Kind == VariableKind.InputBit ? $"(x{v.Index}>0.5?1.0|0.0)" : $"x{v.Index}";
}
