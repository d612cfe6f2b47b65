using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>What every kernel classifier demands of its input.</summary>
internal static class ClassifierChecks
{
    public static void Both(ReadOnlySpan<bool> positive)
    {
        if (!positive.Contains(true) || !positive.Contains(false))
        {
            throw new UserErrorException("a classifier needs samples of both classes", null, "add labelled windows of the class that is missing");
        }
    }

    public static void Cross(ReadOnlySpan<double> cross, int count, int training)
    {
        if (cross.Length != (long)count * training)
        {
            throw new UserErrorException($"{count} samples against {training} training samples need {(long)count * training} kernel values, but {cross.Length} were given");
        }
    }
}
