using System.Numerics;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// A tensor product of Pauli operators, stored as two bit masks (symplectic form): qubit q carries X when only bit q of <see cref="XMask"/> is set,
/// Z when only that of <see cref="ZMask"/>, Y when both are, and the identity otherwise. The operator is Hermitian:
/// P = i^|x∧z| · X^x · Z^z.
/// </summary>
/// <param name="XMask">Qubits that are flipped (X or Y).</param>
/// <param name="ZMask">Qubits that take a sign (Z or Y).</param>
public readonly record struct PauliString(int XMask, int ZMask)
{
    /// <summary>The identity.</summary>
    public static PauliString Identity => default;

    /// <summary>The number of qubits on which the operator is not the identity.</summary>
    public int Weight => BitOperations.PopCount((uint)(XMask | ZMask));

    /// <summary>The number of Y factors.</summary>
    public int YCount => BitOperations.PopCount((uint)(XMask & ZMask));

    /// <summary>Whether the operator is diagonal in the computational basis.</summary>
    public bool IsDiagonal => XMask == 0;

    /// <summary>X on one qubit.</summary>
    public static PauliString X(int qubit) => new(1 << qubit, 0);

    /// <summary>Y on one qubit.</summary>
    public static PauliString Y(int qubit) => new(1 << qubit, 1 << qubit);

    /// <summary>Z on one qubit.</summary>
    public static PauliString Z(int qubit) => new(0, 1 << qubit);

    /// <summary>The operator on one qubit: 'I', 'X', 'Y' or 'Z'.</summary>
    public char this[int qubit] => ((XMask >> qubit) & 1, (ZMask >> qubit) & 1) switch
    {
        (0, 0) => 'I',
        (1, 0) => 'X',
        (0, 1) => 'Z',
        _ => 'Y',
    };

    /// <summary>Whether both operators can be measured in the same product basis (equal or identity on every qubit).</summary>
    public bool CommutesQubitWiseWith(PauliString other)
    {
        int both = (XMask | ZMask) & (other.XMask | other.ZMask);
        return ((XMask ^ other.XMask) & both) == 0 && ((ZMask ^ other.ZMask) & both) == 0;
    }

    /// <summary>Whether the operators commute.</summary>
    public bool CommutesWith(PauliString other) =>
        ((BitOperations.PopCount((uint)(XMask & other.ZMask)) + BitOperations.PopCount((uint)(ZMask & other.XMask))) & 1) == 0;

    /// <summary>Reads the form <c>X0 Z3</c> (letter and qubit, separated by blanks or <c>*</c>); <c>I</c> is the identity.</summary>
    /// <exception cref="UserErrorException">A factor is not a Pauli letter and a qubit, or a qubit is named twice.</exception>
    public static PauliString Parse(string text)
    {
        int x = 0, z = 0;
        foreach (string factor in text.Split([' ', '*', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (factor == "I")
            {
                continue;
            }

            if (factor.Length < 2 || !"XYZ".Contains(factor[0], StringComparison.Ordinal)
                || !int.TryParse(factor.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int qubit) || qubit > 30)
            {
                throw new UserErrorException($"'{factor}' in the Pauli string '{text}' is not a letter X, Y or Z followed by a qubit number", null, "write for example 'X0 Z3'");
            }

            int bit = 1 << qubit;
            if (((x | z) & bit) != 0)
            {
                throw new UserErrorException($"qubit {qubit} occurs twice in the Pauli string '{text}'");
            }

            x |= factor[0] != 'Z' ? bit : 0;
            z |= factor[0] != 'X' ? bit : 0;
        }

        return new PauliString(x, z);
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        if (Weight == 0)
        {
            return "I";
        }

        var text = new StringBuilder();
        for (int q = 0; q < 31; q++)
        {
            if (this[q] != 'I')
            {
                text.Append(text.Length > 0 ? " " : string.Empty).Append(this[q]).Append(q);
            }
        }

        return text.ToString();
    }
}
