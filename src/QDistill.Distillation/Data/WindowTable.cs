using QDistill.Features;

namespace QDistill.Distillation.Data;

/// <summary>Turns the windows of a recording into a training table.</summary>
public static class WindowTable
{
    /// <summary>The name of output 0.</summary>
    public const string Collision = "collision";

    /// <summary>The outputs a robot file asks for: <c>collision</c>, then its constraints.</summary>
    public static IReadOnlyList<string> Outputs(RobotConfig robot) => [Collision, .. robot.Constraints.Select(c => c.Name)];

    /// <summary>One recording's windows; features that are not valid become NaN.</summary>
    public static TeacherDataset From(FeatureWindows windows)
    {
        int n = windows.Count, d = windows.FeatureCount, c = windows.Robot.Constraints.Count;
        float[] features = windows.Values.ToArray();
        Truth[] truth = new Truth[n * (c + 1)];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < d; j++)
            {
                if (!windows.IsValid(i, j))
                {
                    features[(i * d) + j] = float.NaN;
                }
            }

            truth[i * (c + 1)] = windows.Collision[i];
            windows.Violations.AsSpan(i * c, c).CopyTo(truth.AsSpan((i * (c + 1)) + 1));
        }

        return new TeacherDataset(
            windows.Schema.Id,
            windows.Schema.Names,
            Outputs(windows.Robot),
            [windows.Name],
            windows.Stamps.ToArray(),
            new int[n],
            features,
            truth,
            null,
            windows.OldestSources.ToArray());
    }
}
