using System.Collections.Immutable;

namespace QDistill.Quantum;

/// <summary>Shifts of weights and inputs themselves: a variable that turns several gates by fixed factors makes a Fourier sum whose frequencies add up over those gates.</summary>
internal sealed class VariableShifts
{
    private readonly Circuit circuit;
    private readonly ImmutableArray<(Variable Variable, ShiftRule Rule)> rules;

    private VariableShifts(Circuit circuit, ImmutableArray<(Variable, ShiftRule)> rules)
    {
        this.circuit = circuit;
        this.rules = rules;
        Circuits = rules.Sum(r => r.Item2.Terms.Length);
    }

    /// <summary>The shifted circuits that one sample costs.</summary>
    public int Circuits { get; }

    /// <summary>The shifts of all weights (and inputs), or null and the reason why they cannot be shifted.</summary>
    public static VariableShifts? TryMake(Circuit circuit, bool inputs, out string? obstacle)
    {
        var units = new SortedDictionary<(VariableKind Kind, int Index), List<(double Unit, int Multiples)>>();
        foreach (Gate g in circuit.Gates)
        {
            foreach (Angle angle in g.Angles)
            {
                var factors = new Dictionary<Variable, double>();
                foreach (AngleTerm t in angle.Terms)
                {
                    foreach (Variable v in new[] { t.A, t.B })
                    {
                        if (!Wanted(v, inputs))
                        {
                            continue;
                        }

                        if (t.A.Kind != VariableKind.One && t.B.Kind != VariableKind.One)
                        {
                            obstacle = $"the angle {angle} of {g.Kind} is not linear in its variables with fixed factors";
                            return null;
                        }

                        factors[v] = factors.GetValueOrDefault(v) + t.Factor;
                    }
                }

                foreach ((Variable v, double f) in factors.Where(f => f.Value != 0))
                {
                    bool controlled = ShiftRule.IsControlledRotation(g.Kind);
                    if (!units.TryGetValue((v.Kind, v.Index), out List<(double, int)>? list))
                    {
                        units[(v.Kind, v.Index)] = list = [];
                    }

                    list.Add(controlled ? (Math.Abs(f) / 2, 2) : (Math.Abs(f), 1));
                }
            }
        }

        if (circuit.Gates.SelectMany(g => g.Angles).SelectMany(a => a.Terms).SelectMany(t => new[] { t.A, t.B })
            .FirstOrDefault(v => v.Kind == VariableKind.InputBit && units.ContainsKey((VariableKind.Input, v.Index))) is { Kind: VariableKind.InputBit } bit)
        {
            obstacle = $"input {bit.Index} is also used as a bit, which a shift would turn over";
            return null;
        }

        var rules = ImmutableArray.CreateBuilder<(Variable, ShiftRule)>();
        foreach (((VariableKind kind, int index), List<(double Unit, int Multiples)> list) in units)
        {
            double common = list.Select(u => u.Unit).Aggregate(CommonDivisor);
            double frequencies = Math.Round(list.Sum(u => u.Unit * u.Multiples) / common);

            // Far more frequencies than gates: the factors have no common measure worth the circuits.
            if (!(frequencies <= 4 * list.Sum(u => u.Multiples)))
            {
                obstacle = $"the factors of {(kind == VariableKind.Weight ? "weight" : "input")} {index} have no common measure";
                return null;
            }

            rules.Add((new Variable(kind, index), ShiftRule.Equidistant((int)frequencies, common)));
        }

        obstacle = null;
        return new VariableShifts(circuit, rules.ToImmutable());
    }

    /// <summary>Fills the derivatives; returns the shots taken.</summary>
    public long Run(ITeacherBackend backend, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest request, long firstSample, ShiftJacobian into, CancellationToken cancellation)
    {
        double[] w = weights.ToArray(), x = inputs.ToArray();
        int m = into.Observables, p = circuit.WeightCount, d = circuit.InputCount;
        long shots = 0, shift = 0;
        foreach ((Variable v, ShiftRule rule) in rules)
        {
            bool weight = v.Kind == VariableKind.Weight;
            (double[] values, double[] variances, int width) = weight ? (into.ByWeights, into.WeightVariances, p) : (into.ByInputs, into.InputVariances, d);
            foreach (ShiftTerm t in rule.Terms)
            {
                Shift(t.Shift);

                // Each shift has its own 2^36 numbers of samples, hence its own shots.
                Evaluation e = backend.Evaluate(circuit, w, x, batch, request with { FirstSample = (++shift << 36) + firstSample }, cancellation);
                (weight ? weights : inputs).CopyTo(weight ? w : x);
                shots += (long)batch * e.ShotsPerSample;
                for (int r = 0; r < batch * m; r++)
                {
                    values[(r * width) + v.Index] += t.Coefficient * e.Expectations[r];
                    variances[(r * width) + v.Index] += t.Coefficient * t.Coefficient * e.Variances[r];
                }
            }

            void Shift(double by)
            {
                if (weight)
                {
                    w[v.Index] += by;
                }

                for (int i = 0; i < batch && !weight; i++)
                {
                    x[(i * d) + v.Index] += by;
                }
            }
        }

        return shots;
    }

    private static bool Wanted(Variable v, bool inputs) => v.Kind == VariableKind.Weight || (inputs && v.Kind is VariableKind.Input);

    /// <summary>Euclid's algorithm on reals, to nine digits.</summary>
    private static double CommonDivisor(double a, double b)
    {
        double tolerance = 1e-9 * Math.Max(a, b);
        while (b > tolerance)
        {
            (a, b) = (b, a - (b * Math.Floor((a / b) + 1e-9)));
        }

        return a;
    }
}
