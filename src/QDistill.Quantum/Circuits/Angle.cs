using System.Collections.Immutable;
using System.Globalization;

namespace QDistill.Quantum;

/// <summary>What a factor of an angle stands for.</summary>
public enum VariableKind
{
    /// <summary>The constant 1.</summary>
    One,

    /// <summary>An input (feature), different for every sample.</summary>
    Input,

    /// <summary>1 where an input exceeds 0.5, else 0; its slope counts as 0.</summary>
    InputBit,

    /// <summary>A trainable weight, shared by all samples of a batch.</summary>
    Weight,
}

/// <summary>An input or a weight by its index, or the constant 1.</summary>
public readonly record struct Variable(VariableKind Kind, int Index)
{
    /// <summary>Whether the variable differs from sample to sample.</summary>
    public bool IsInput => Kind is VariableKind.Input or VariableKind.InputBit;

    /// <summary>The variable's value.</summary>
    public double Value(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs) => Kind switch
    {
        VariableKind.Input => inputs[Index],
        VariableKind.Weight => weights[Index],
        VariableKind.InputBit => inputs[Index] > 0.5 ? 1 : 0,
        _ => 1,
    };
}

/// <summary>One term of an angle: factor · a · b.</summary>
public readonly record struct AngleTerm(double Factor, Variable A, Variable B);

/// <summary>
/// A gate's angle in radians: a constant plus terms that are linear in inputs and weights, or products of two of them. Products
/// serve feature maps such as (π − x_i)(π − x_j) and trainable input scales w·x; the usual angle has a single linear term.
/// </summary>
public sealed class Angle
{
    /// <summary>The angle 0.</summary>
    public static readonly Angle Zero = new(0, []);

    private Angle(double constant, ImmutableArray<AngleTerm> terms)
    {
        Constant = constant;
        Terms = terms;
    }

    /// <summary>The constant part [rad].</summary>
    public double Constant { get; }

    /// <summary>The variable parts.</summary>
    public ImmutableArray<AngleTerm> Terms { get; }

    /// <summary>Whether the angle depends on no variable.</summary>
    public bool IsConstant => Terms.IsEmpty;

    /// <summary>Whether any term has an input.</summary>
    public bool DependsOnInputs => Terms.Any(t => t.A.IsInput || t.B.IsInput);

    /// <summary>Whether any term has a weight.</summary>
    public bool DependsOnWeights => Terms.Any(t => t.A.Kind == VariableKind.Weight || t.B.Kind == VariableKind.Weight);

    /// <summary>The angle x_i.</summary>
    public static Angle Input(int index, double factor = 1) => new(0, [new(factor, new(VariableKind.Input, index), default)]);

    /// <summary>The factor where x_i exceeds 0.5, else 0.</summary>
    public static Angle InputBit(int index, double factor = 1) => new(0, [new(factor, new(VariableKind.InputBit, index), default)]);

    /// <summary>The angle w_j.</summary>
    public static Angle Weight(int index, double factor = 1) => new(0, [new(factor, new(VariableKind.Weight, index), default)]);

    /// <summary>A constant angle.</summary>
    public static implicit operator Angle(double constant) => new(constant, []);

    /// <summary>The sum of two angles.</summary>
    public static Angle operator +(Angle a, Angle b) => new(a.Constant + b.Constant, [.. a.Terms, .. b.Terms]);

    /// <summary>The difference of two angles.</summary>
    public static Angle operator -(Angle a, Angle b) => a + (-b);

    /// <summary>The opposite angle.</summary>
    public static Angle operator -(Angle a) => a.Scale(-1);

    /// <summary>The product of two angles that are at most linear.</summary>
    /// <exception cref="ArgumentException">The product would have a term of three variables.</exception>
    public static Angle operator *(Angle a, Angle b)
    {
        var terms = new List<AngleTerm>();
        terms.AddRange(a.Terms.Where(_ => b.Constant != 0).Select(t => t with { Factor = t.Factor * b.Constant }));
        terms.AddRange(b.Terms.Where(_ => a.Constant != 0).Select(t => t with { Factor = t.Factor * a.Constant }));
        foreach (AngleTerm s in a.Terms)
        {
            foreach (AngleTerm t in b.Terms)
            {
                if (s.B.Kind != VariableKind.One || t.B.Kind != VariableKind.One)
                {
                    throw new ArgumentException("an angle's terms hold at most two variables");
                }

                terms.Add(new AngleTerm(s.Factor * t.Factor, s.A, t.A));
            }
        }

        return new Angle(a.Constant * b.Constant, [.. terms]);
    }

    /// <summary>The angle times a number.</summary>
    public Angle Scale(double factor) => new(Constant * factor, [.. Terms.Select(t => t with { Factor = t.Factor * factor })]);

    /// <summary>The angle's value [rad].</summary>
    public double Evaluate(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs)
    {
        double sum = Constant;
        foreach (AngleTerm t in Terms)
        {
            sum += t.Factor * t.A.Value(weights, inputs) * t.B.Value(weights, inputs);
        }

        return sum;
    }

    /// <summary>Adds <paramref name="upstream"/> · ∂angle/∂variable to the gradients of weights and inputs; an empty span takes nothing.</summary>
    public void Backpropagate(double upstream, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, Span<double> weightGradient, Span<double> inputGradient)
    {
        foreach (AngleTerm t in Terms)
        {
            Add(t.A, upstream * t.Factor * t.B.Value(weights, inputs), weightGradient, inputGradient);
            Add(t.B, upstream * t.Factor * t.A.Value(weights, inputs), weightGradient, inputGradient);
        }
    }

    /// <summary>The slope ∂angle/∂variable.</summary>
    public double Derivative(Variable variable, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs)
    {
        double sum = 0;
        foreach (AngleTerm t in Terms)
        {
            sum += (t.A == variable ? t.Factor * t.B.Value(weights, inputs) : 0) + (t.B == variable ? t.Factor * t.A.Value(weights, inputs) : 0);
        }

        return sum;
    }

    /// <summary>The angle over other variables.</summary>
    internal Angle Rename(Func<Variable, Variable> rename) => new(Constant, [.. Terms.Select(t => t with { A = rename(t.A), B = rename(t.B) })]);

    /// <summary>A readable form such as <c>0.5 + 2*x0 + w3*x1</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Constant != 0 || Terms.IsEmpty)
        {
            parts.Add(Constant.ToString("G6", CultureInfo.InvariantCulture));
        }

        foreach (AngleTerm t in Terms)
        {
            string name = Name(t.A) + (t.B.Kind == VariableKind.One ? string.Empty : "*" + Name(t.B));
            parts.Add(t.Factor == 1 ? name : t.Factor == -1 ? "-" + name : t.Factor.ToString("G6", CultureInfo.InvariantCulture) + "*" + name);
        }

        return string.Join(" + ", parts).Replace("+ -", "- ", StringComparison.Ordinal);
    }

    private static string Name(Variable v) => v.Kind switch
    {
        VariableKind.Input => $"x{v.Index}",
        VariableKind.InputBit => $"[x{v.Index}]",
        VariableKind.Weight => $"w{v.Index}",
        _ => "1",
    };

    private static void Add(Variable v, double value, Span<double> weightGradient, Span<double> inputGradient)
    {
        if (v.Kind == VariableKind.Weight && !weightGradient.IsEmpty)
        {
            weightGradient[v.Index] += value;
        }
        else if (v.Kind == VariableKind.Input && !inputGradient.IsEmpty)
        {
            inputGradient[v.Index] += value;
        }
    }
}
