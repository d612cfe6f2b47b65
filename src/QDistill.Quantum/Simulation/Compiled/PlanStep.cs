namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>A rotation of the plan: exp(−iθ X^mask/2) in an X step, exp(−iθ (−1)^(row·p)/2) in a D step.</summary>
internal sealed record PlanRotation(int Bits, Angle Angle)
{
    /// <summary>Whether the angle differs from sample to sample.</summary>
    public bool PerSample { get; } = Angle.DependsOnInputs;

    /// <summary>Whether the angle has a weight.</summary>
    public bool HasWeights { get; } = Angle.DependsOnWeights;

    /// <summary>The weight of an angle constant + factor · weight, the usual one; else −1.</summary>
    private int OnlyWeight { get; } = Angle.Terms is [{ A.Kind: VariableKind.Weight, B.Kind: VariableKind.One }] ? Angle.Terms[0].A.Index : -1;

    private double Constant { get; } = Angle.Constant;

    private double Factor { get; } = Angle.Terms.Length == 1 ? Angle.Terms[0].Factor : 0;

    /// <summary>The angle's value, without a walk over its terms where it is of the usual form.</summary>
    public double Evaluate(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs) =>
        OnlyWeight >= 0 ? Constant + (Factor * weights[OnlyWeight]) : Angle.Evaluate(weights, inputs);
}

/// <summary>One to three X rotations with linearly independent block masks, done in one pass over the state.</summary>
internal sealed class PassGroup
{
    /// <summary>Indices into the step's rotations.</summary>
    public required int[] Rotations { get; init; }

    /// <summary>Masks over blocks, in blocks.</summary>
    public required int[] BlockMasks { get; init; }

    /// <summary>Masks over the lanes of a block.</summary>
    public required int[] LaneMasks
    {
        get;
        init
        {
            field = value;
            MovesLanes = value.Any(m => m != 0);
        }
    }

    /// <summary>One bit per mask, in blocks: the cosets of the masks' span are enumerated with these bits 0.</summary>
    public required int Pivots { get; init; }

    /// <summary>Whether lanes must be permuted.</summary>
    public bool MovesLanes { get; private init; }
}

/// <summary>Rotations that all commute: of kind X (any order, any grouping) or diagonal (all merge into one table).</summary>
internal sealed class PlanStep
{
    public required bool IsX { get; init; }

    public List<PlanRotation> Rotations { get; } = [];

    /// <summary>Whether any rotation differs from sample to sample.</summary>
    public bool PerSample { get; set; }

    /// <summary>X steps: passes of rotations shared by all samples.</summary>
    public PassGroup[] Shared { get; set; } = [];

    /// <summary>X steps: the same, in the smaller groups of the backward pass, where two states are in registers.</summary>
    public PassGroup[] SharedBackward { get; set; } = [];

    /// <summary>X steps: passes of rotations that differ from sample to sample, in groups of at most two.</summary>
    public PassGroup[] Own { get; set; } = [];

    /// <summary>X steps: all rotations wider than a vector, shared or not: for inner products alone. The first group has at most two, so that it can take in a diagonal's sums.</summary>
    public PassGroup[] All { get; set; } = [];

    /// <summary>X steps: indices of rotations whose mask stays inside a vector.</summary>
    public int[] LaneOnly { get; set; } = [];

    /// <summary>X steps: the masks of <see cref="LaneOnly"/>.</summary>
    public int[] LaneOnlyMasks { get; set; } = [];

    /// <summary>X steps: which of <see cref="LaneOnly"/> differ from sample to sample.</summary>
    public bool[] LaneOnlyOwn { get; set; } = [];

    /// <summary>X steps: for each of four lane bits the rotation of <see cref="LaneOnly"/> about it, or −1; null where one differs from sample to sample or is about several bits.</summary>
    public int[]? LaneOnlyBits { get; set; }

    /// <summary>X steps: whether this first step acts on |0…0⟩ with a different single qubit for each rotation, so that its result can be written down as a product state.</summary>
    public bool IsProduct { get; set; }

    /// <summary>X steps: the change of layout on entering. Bit j of a basis state's lane is XORed with the parity of its block and number j; empty for no change.</summary>
    public int[] LaneParities { get; set; } = [];
}
