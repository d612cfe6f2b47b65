namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>Switches of a kernel, as type arguments: the JIT makes a branch-free body for each.</summary>
internal interface IKernelMode
{
    /// <summary>Whether masks move lanes (one state, lanes = low bits of the index).</summary>
    static virtual bool MovesLanes => false;

    /// <summary>Whether loading changes the layout of lanes (<see cref="PlanStep.LaneParities"/>).</summary>
    static virtual bool Enters => false;

    /// <summary>Whether storing changes it back.</summary>
    static virtual bool Leaves => false;

    /// <summary>Whether a diagonal holds one number per block (lanes = samples that share it).</summary>
    static virtual bool SharedDiagonal => false;

    /// <summary>Whether a diagonal is made up coset by coset (<see cref="CosetDiagonal{V, O}"/>).</summary>
    static virtual bool FactoredDiagonal => false;

    /// <summary>Whether loading multiplies a diagonal.</summary>
    static virtual bool Multiplies => false;

    /// <summary>Whether storing takes a diagonal off.</summary>
    static virtual bool Undoes => false;

    /// <summary>Whether inner products also take a diagonal's sums.</summary>
    static virtual bool Sums => false;
}

/// <summary>Vectors are independent, diagonals are vectors.</summary>
internal readonly struct PlainMode : IKernelMode;

/// <summary>Lanes move, diagonals are vectors.</summary>
internal readonly struct LanesMode : IKernelMode
{
    public static bool MovesLanes => true;
}

/// <summary>Vectors are independent, diagonals are single numbers.</summary>
internal readonly struct SharedMode : IKernelMode
{
    public static bool SharedDiagonal => true;
}

/// <summary>Lanes move, into another layout while loading.</summary>
internal readonly struct EnterMode : IKernelMode
{
    public static bool MovesLanes => true;

    public static bool Enters => true;
}

/// <summary>Lanes move, back into the layout before while storing.</summary>
internal readonly struct LeaveMode : IKernelMode
{
    public static bool MovesLanes => true;

    public static bool Leaves => true;
}

/// <summary>A mode whose diagonal is made up coset by coset.</summary>
internal readonly struct Factored<M> : IKernelMode
    where M : struct, IKernelMode
{
    public static bool MovesLanes => M.MovesLanes;

    public static bool Enters => M.Enters;

    public static bool Leaves => M.Leaves;

    public static bool FactoredDiagonal => true;
}

/// <summary>A mode whose loading also multiplies a diagonal.</summary>
internal readonly struct Multiplying<M> : IKernelMode
    where M : struct, IKernelMode
{
    public static bool MovesLanes => M.MovesLanes;

    public static bool Enters => M.Enters;

    public static bool SharedDiagonal => M.SharedDiagonal;

    public static bool FactoredDiagonal => M.FactoredDiagonal;

    public static bool Multiplies => true;
}

/// <summary>A mode whose inner products also take a diagonal's sums.</summary>
internal readonly struct Summing<M> : IKernelMode
    where M : struct, IKernelMode
{
    public static bool MovesLanes => M.MovesLanes;

    public static bool Sums => true;
}

/// <summary>A mode whose storing also takes a diagonal off.</summary>
internal readonly struct Undoing<M> : IKernelMode
    where M : struct, IKernelMode
{
    public static bool MovesLanes => M.MovesLanes;

    public static bool Leaves => M.Leaves;

    public static bool SharedDiagonal => M.SharedDiagonal;

    public static bool FactoredDiagonal => M.FactoredDiagonal;

    public static bool Undoes => true;
}
