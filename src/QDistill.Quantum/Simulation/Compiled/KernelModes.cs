namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>Switches of a kernel, as type arguments: the JIT makes a branch-free body for each.</summary>
internal interface IKernelMode
{
    /// <summary>Whether masks move lanes (one state, lanes = low bits of the index).</summary>
    static abstract bool MovesLanes { get; }

    /// <summary>Whether loading changes the layout of lanes (<see cref="PlanStep.LaneParities"/>).</summary>
    static virtual bool Enters => false;

    /// <summary>Whether storing changes it back.</summary>
    static virtual bool Leaves => false;

    /// <summary>Whether a diagonal holds one number per block (lanes = samples that share it).</summary>
    static abstract bool SharedDiagonal { get; }
}

/// <summary>Vectors are independent, diagonals are vectors.</summary>
internal readonly struct PlainMode : IKernelMode
{
    public static bool MovesLanes => false;

    public static bool SharedDiagonal => false;
}

/// <summary>Lanes move, diagonals are vectors.</summary>
internal readonly struct LanesMode : IKernelMode
{
    public static bool MovesLanes => true;

    public static bool SharedDiagonal => false;
}

/// <summary>Vectors are independent, diagonals are single numbers.</summary>
internal readonly struct SharedMode : IKernelMode
{
    public static bool MovesLanes => false;

    public static bool SharedDiagonal => true;
}

/// <summary>Lanes move, into another layout while loading.</summary>
internal readonly struct EnterMode : IKernelMode
{
    public static bool MovesLanes => true;

    public static bool Enters => true;

    public static bool SharedDiagonal => false;
}

/// <summary>Lanes move, back into the layout before while storing.</summary>
internal readonly struct LeaveMode : IKernelMode
{
    public static bool MovesLanes => true;

    public static bool Leaves => true;

    public static bool SharedDiagonal => false;
}
