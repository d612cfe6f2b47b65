using QDistill.Configuration;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>When a circuit's input gradients can be had.</summary>
internal static class CircuitGradients
{
    /// <summary>Refuses back ends without an adjoint pass: hardware would need two circuits for every angle, and with shots gives another teacher's gradients than its answers.</summary>
    /// <exception cref="UserErrorException">Names the back end.</exception>
    public static void RequireExact(ITeacherBackend backend, string teacher)
    {
        if (backend is not StateVectorBackend)
        {
            throw new UserErrorException($"the back end '{backend.Name}' cannot tell the input gradients of teacher {teacher}: they come from the adjoint pass of the exact simulator", null, "use --backend statevector, or leave the detail 'gradients' out");
        }
    }
}
