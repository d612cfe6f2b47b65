using System.Collections.Immutable;
using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A Hermitian observable: a real linear combination of Pauli strings.</summary>
public sealed class Observable
{
    /// <summary>Creates the observable Σ c_k P_k; equal strings are added up.</summary>
    /// <param name="terms">Coefficients and strings; at least one.</param>
    /// <exception cref="UserErrorException">There is no term, or a coefficient is not finite.</exception>
    public Observable(IEnumerable<(double Coefficient, PauliString Pauli)> terms)
    {
        Terms = [.. terms.GroupBy(t => t.Pauli).Select(g => (g.Sum(t => t.Coefficient), g.Key))];
        if (Terms.IsEmpty || Terms.Any(t => !double.IsFinite(t.Coefficient)))
        {
            throw new UserErrorException("an observable needs at least one term and finite coefficients");
        }
    }

    /// <summary>The terms of the sum.</summary>
    public ImmutableArray<(double Coefficient, PauliString Pauli)> Terms { get; }

    /// <summary>Whether every term is diagonal in the computational basis.</summary>
    public bool IsDiagonal => Terms.All(t => t.Pauli.IsDiagonal);

    /// <summary>The highest qubit named plus one.</summary>
    public int QubitSpan => Terms.Max(t => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(t.Pauli.XMask | t.Pauli.ZMask)));

    /// <summary>Z on one qubit: +1 for outcome 0, −1 for outcome 1.</summary>
    public static Observable Z(int qubit) => new([(1, PauliString.Z(qubit))]);

    /// <summary>One Pauli string with coefficient 1.</summary>
    public static Observable Of(PauliString pauli) => new([(1, pauli)]);

    /// <summary>Z_i for every qubit: the default set.</summary>
    public static ImmutableArray<Observable> EachZ(int qubits) => [.. Enumerable.Range(0, qubits).Select(Z)];

    /// <summary>Reads a sum such as <c>0.5*Z0 - 2*X0 X1 + Y2</c>.</summary>
    /// <exception cref="UserErrorException">The text is not such a sum.</exception>
    public static Observable Parse(string text)
    {
        var terms = new List<(double, PauliString)>();
        foreach (string raw in text.Replace("-", "+-", StringComparison.Ordinal).Replace("e+-", "e-", StringComparison.Ordinal).Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string term = raw;
            double sign = 1;
            if (term.StartsWith('-'))
            {
                (sign, term) = (-1, term[1..].Trim());
            }

            int letter = term.IndexOfAny(['I', 'X', 'Y', 'Z']);
            string number = letter < 0 ? string.Empty : term[..letter].Trim().TrimEnd('*').Trim();
            double coefficient = 1;
            if (letter < 0 || (number.Length > 0 && !double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out coefficient)))
            {
                throw new UserErrorException($"'{raw}' in the observable '{text}' is not a coefficient and a Pauli string", null, "write for example '0.5*Z0 - X0 X1'");
            }

            terms.Add((sign * coefficient, PauliString.Parse(term[letter..])));
        }

        return new Observable(terms);
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Join(" + ", Terms.Select(t =>
        t.Coefficient == 1 ? t.Pauli.ToString() : string.Create(CultureInfo.InvariantCulture, $"{t.Coefficient:R}*{t.Pauli}"))).Replace("+ -", "- ", StringComparison.Ordinal);
}
