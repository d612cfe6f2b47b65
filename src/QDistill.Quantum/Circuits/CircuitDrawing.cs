using System.Globalization;
using System.Net;
using System.Text;

namespace QDistill.Quantum;

/// <summary>Draws circuits: qubit 0 on top, time from left to right, gates as early as they fit.</summary>
public static class CircuitDrawing
{
    /// <summary>The circuit as lines of text.</summary>
    public static string ToText(Circuit circuit)
    {
        int n = circuit.Qubits;
        var lines = new StringBuilder[(2 * n) - 1];
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = new StringBuilder(i % 2 == 0 ? $"q{i / 2,-2}: " : "     ");
        }

        if (circuit.Preparation != StatePreparation.Zero)
        {
            string first = circuit.Preparation == StatePreparation.State ? "|psi>-" : "|x>-";
            for (int i = 0; i < lines.Length; i++)
            {
                lines[i].Append(i % 2 == 0 ? first : new string(' ', first.Length));
            }
        }

        foreach (List<Gate> column in Columns(circuit))
        {
            string[] cells = new string[n];
            bool[] joined = new bool[n];
            foreach (Gate g in column)
            {
                for (int q = g.Qubits.Min(); q < g.Qubits.Max(); q++)
                {
                    joined[q] = true;
                    cells[q] ??= "|";
                }

                for (int i = 0; i < g.Qubits.Length; i++)
                {
                    cells[g.Qubits[i]] = Symbol(g, i, 'o');
                }
            }

            int width = cells.Max(c => c?.Length ?? 1);
            for (int q = 0; q < n; q++)
            {
                string cell = cells[q] ?? string.Empty;
                int left = (width - cell.Length) / 2;
                lines[2 * q].Append('-').Append('-', left).Append(cell).Append('-', width - cell.Length - left).Append('-');
                if (q + 1 < n)
                {
                    left = (width - 1) / 2;
                    lines[(2 * q) + 1].Append(' ', left + 1).Append(joined[q] ? '|' : ' ').Append(' ', width - left);
                }
            }
        }

        return string.Join('\n', lines.Select(l => l.ToString().TrimEnd())) + "\n";
    }

    /// <summary>The circuit as a self-contained SVG image.</summary>
    public static string ToSvg(Circuit circuit)
    {
        const int Row = 40, Height = 26;
        var columns = Columns(circuit);
        var shapes = new StringBuilder();
        int x = circuit.Preparation == StatePreparation.Zero ? 50 : 90;
        foreach (List<Gate> column in columns)
        {
            int width = 12 + (7 * column.Max(g => Enumerable.Range(0, g.Qubits.Length).Max(i => Symbol(g, i, '●').Length)));
            width = Math.Max(width, Height);
            int middle = x + (width / 2);
            foreach (Gate g in column)
            {
                if (g.Qubits.Length > 1)
                {
                    shapes.Append(CultureInfo.InvariantCulture, $"<line x1='{middle}' x2='{middle}' y1='{Y(g.Qubits.Min())}' y2='{Y(g.Qubits.Max())}'/>");
                }

                for (int i = 0; i < g.Qubits.Length; i++)
                {
                    string symbol = Symbol(g, i, '●');
                    int y = Y(g.Qubits[i]);
                    if (symbol == "●")
                    {
                        shapes.Append(CultureInfo.InvariantCulture, $"<circle cx='{middle}' cy='{y}' r='4' fill='currentColor'/>");
                        continue;
                    }

                    shapes.Append(CultureInfo.InvariantCulture, $"<rect x='{middle - (width / 2) + 2}' y='{y - (Height / 2)}' width='{width - 4}' height='{Height}' rx='3'/>");
                    shapes.Append(CultureInfo.InvariantCulture, $"<text x='{middle}' y='{y + 4}'>{WebUtility.HtmlEncode(symbol)}</text>");
                }
            }

            x += width + 8;
        }

        var svg = new StringBuilder();
        int total = x + 10;
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns='http://www.w3.org/2000/svg' width='{total}' height='{circuit.Qubits * Row}' viewBox='0 0 {total} {circuit.Qubits * Row}' font-family='monospace' font-size='11' text-anchor='middle' color='#222'>");
        svg.Append("<style>line{stroke:currentColor}rect{fill:#fff;stroke:currentColor}text{fill:currentColor}</style>");
        for (int q = 0; q < circuit.Qubits; q++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x='18' y='{Y(q) + 4}'>q{q}</text><line x1='36' x2='{total - 6}' y1='{Y(q)}' y2='{Y(q)}'/>");
            if (circuit.Preparation != StatePreparation.Zero)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<rect x='42' y='{Y(q) - 13}' width='36' height='26'/><text x='60' y='{Y(q) + 4}'>{(circuit.Preparation == StatePreparation.State ? "|ψ⟩" : "|x⟩")}</text>");
            }
        }

        return svg.Append(shapes).Append("</svg>").ToString();

        int Y(int qubit) => (qubit * Row) + (Row / 2);
    }

    /// <summary>Gates by column; a gate takes every wire between its qubits.</summary>
    private static List<List<Gate>> Columns(Circuit circuit)
    {
        int[] next = new int[circuit.Qubits];
        var columns = new List<List<Gate>>();
        foreach (Gate g in circuit.Gates)
        {
            int low = g.Qubits.Min(), high = g.Qubits.Max(), at = 0;
            for (int q = low; q <= high; q++)
            {
                at = Math.Max(at, next[q]);
            }

            for (int q = low; q <= high; q++)
            {
                next[q] = at + 1;
            }

            if (at == columns.Count)
            {
                columns.Add([]);
            }

            columns[at].Add(g);
        }

        return columns;
    }

    private static string Symbol(Gate g, int position, char control)
    {
        string angles = g.Angles.IsEmpty ? string.Empty : $"({string.Join(",", g.Angles).Replace(" ", string.Empty, StringComparison.Ordinal)})";
        return (g.Kind, position) switch
        {
            (GateKind.CNOT or GateKind.CZ or GateKind.CRX or GateKind.CRY or GateKind.CRZ or GateKind.CPhase, 0) => control.ToString(),
            (GateKind.CNOT, _) => "X",
            (GateKind.CZ, _) => "Z",
            (GateKind.CRX or GateKind.CRY or GateKind.CRZ, _) => g.Kind.ToString()[1..] + angles,
            (GateKind.CPhase or GateKind.Phase, _) => "P" + angles,
            (GateKind.SWAP, _) => "x",
            (GateKind.SDagger, _) => "S'",
            (GateKind.TDagger, _) => "T'",
            (GateKind.PauliRotation, _) => position == 0 ? $"R{g.Pauli[g.Qubits[0]]}{angles}" : g.Pauli[g.Qubits[position]].ToString(),
            (GateKind.RXX or GateKind.RYY or GateKind.RZZ, 0) => g.Kind + angles,
            (GateKind.RXX or GateKind.RYY or GateKind.RZZ, _) => g.Kind.ToString()[1..2],
            (GateKind.Unitary1, _) => "U",
            (GateKind.Unitary2, _) => "U" + (position == 0 ? "0" : "1"),
            _ => g.Kind + angles,
        };
    }
}
