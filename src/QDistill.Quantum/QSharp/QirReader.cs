using System.Globalization;
using System.Text.RegularExpressions;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Reads QIR base-profile programs (textual LLVM, straight-line calls) into circuits, as a hardware provider would.</summary>
public static partial class QirReader
{
    /// <summary>Reads a program.</summary>
    /// <param name="qir">The text.</param>
    /// <returns>The circuit, and the qubit measured into each result.</returns>
    /// <exception cref="UserErrorException">The text is not such a program, names an unknown gate, or acts on a measured qubit.</exception>
    public static (Circuit Circuit, IReadOnlyList<int> Measured) Read(string qir)
    {
        Match attribute = RequiredQubits().Match(qir);
        if (!attribute.Success)
        {
            throw new UserErrorException("the text is not a QIR program: it has no required_num_qubits");
        }

        var builder = new CircuitBuilder(int.Parse(attribute.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        var measured = new SortedDictionary<int, int>();
        foreach (Match call in Call().Matches(qir))
        {
            string gate = call.Groups[1].Value + (call.Groups[2].Value == "adj" ? "'" : string.Empty);
            var qubits = new List<int>();
            var results = new List<int>();
            var angles = new List<double>();
            foreach (Match argument in Argument().Matches(call.Groups[3].Value))
            {
                if (argument.Groups[1].Success)
                {
                    angles.Add(Number(argument.Groups[1].Value));
                }
                else
                {
                    int index = argument.Groups[3].Success ? int.Parse(argument.Groups[3].ValueSpan, CultureInfo.InvariantCulture) : 0;
                    (argument.Groups[2].Value == "Qubit" ? qubits : results).Add(index);
                }
            }

            if (qubits.Exists(measured.Values.Contains))
            {
                throw new UserErrorException($"the QIR program acts on qubit {qubits.Find(measured.Values.Contains)} after its measurement, which the base profile does not allow");
            }

            if (gate is "m" or "mz" or "mresetz")
            {
                measured[results[0]] = qubits[0];
            }
            else
            {
                Apply(builder, gate, qubits, angles);
            }
        }

        return (builder.Build(), [.. measured.Values]);
    }

    private static void Apply(CircuitBuilder c, string gate, List<int> q, List<double> a)
    {
        _ = gate switch
        {
            "h" => c.H(q[0]),
            "x" => c.X(q[0]),
            "y" => c.Y(q[0]),
            "z" => c.Z(q[0]),
            "s" => c.S(q[0]),
            "s'" => c.SDagger(q[0]),
            "t" => c.T(q[0]),
            "t'" => c.TDagger(q[0]),
            "rx" => c.RX(q[0], a[0]),
            "ry" => c.RY(q[0], a[0]),
            "rz" => c.RZ(q[0], a[0]),
            "cx" or "cnot" => c.CNOT(q[0], q[1]),
            "cz" => c.CZ(q[0], q[1]),
            "swap" => c.SWAP(q[0], q[1]),
            "rxx" => c.RXX(q[0], q[1], a[0]),
            "ryy" => c.RYY(q[0], q[1], a[0]),
            "rzz" => c.RZZ(q[0], q[1], a[0]),
            _ => throw new UserErrorException($"the QIR program calls the unknown gate '{gate}'"),
        };
    }

    /// <summary>A double in decimal, or as LLVM writes exact bits: 0x and 16 digits.</summary>
    private static double Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? BitConverter.Int64BitsToDouble(long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
        : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex("\"required_num_qubits\"=\"(\\d+)\"")]
    private static partial Regex RequiredQubits();

    [GeneratedRegex(@"call void @__quantum__qis__(\w+?)__(body|adj)\((.*)\)")]
    private static partial Regex Call();

    [GeneratedRegex(@"double (-?[0-9][^,\s)]*)|%(Qubit|Result)\* (?:inttoptr \(i64 (\d+) to [^)]*\)|null)")]
    private static partial Regex Argument();
}
