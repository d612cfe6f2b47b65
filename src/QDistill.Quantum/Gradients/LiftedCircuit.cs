using System.Collections.Immutable;

namespace QDistill.Quantum;

/// <summary>A circuit whose variable angles are variables of their own: angle k becomes input k (or weight k), so that every gate can be shifted alone.</summary>
internal sealed class LiftedCircuit
{
    public LiftedCircuit(Circuit circuit, bool asWeights)
    {
        var angles = new List<(Angle, ShiftRule)>();
        var gates = ImmutableArray.CreateBuilder<Gate>(circuit.Gates.Length);
        foreach (Gate g in circuit.Gates)
        {
            ImmutableArray<Angle> lifted = [.. g.Angles.Select(a =>
            {
                if (a.IsConstant)
                {
                    return a;
                }

                angles.Add((a, ShiftRule.For(g.Kind)));
                return asWeights ? Angle.Weight(angles.Count - 1) : Angle.Input(angles.Count - 1);
            })];
            gates.Add(new Gate(g.Kind, g.Qubits, lifted, g.Pauli, g.Matrix));
        }

        Angles = [.. angles];
        Circuit = new Circuit(
            circuit.Qubits,
            asWeights ? circuit.InputCount : angles.Count,
            asWeights ? angles.Count : 0,
            gates.MoveToImmutable(),
            circuit.Preparation,
            null);
    }

    /// <summary>The circuit over the angles.</summary>
    public Circuit Circuit { get; }

    /// <summary>The angles as functions of the first circuit's weights and inputs, and the rules of their gates.</summary>
    public ImmutableArray<(Angle Angle, ShiftRule Rule)> Angles { get; }

    /// <summary>The circuit with weight i as input i, so that a batch can hold a different set of weights in every sample; the inputs are gone.</summary>
    public static Circuit WeightsAsInputs(Circuit circuit)
    {
        if (circuit.InputCount > 0)
        {
            throw new ArgumentException("the circuit has inputs");
        }

        static Variable Swap(Variable v) => v.Kind == VariableKind.Weight ? new Variable(VariableKind.Input, v.Index) : v;
        return new Circuit(
            circuit.Qubits,
            circuit.WeightCount,
            0,
            [.. circuit.Gates.Select(g => new Gate(g.Kind, g.Qubits, [.. g.Angles.Select(a => a.Rename(Swap))], g.Pauli, g.Matrix))],
            circuit.Preparation,
            null);
    }
}
