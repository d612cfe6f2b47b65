using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Cli.Demo;

/// <summary>Finds the shipped robot whose topics and types a set of bags carries.</summary>
internal static class RobotChoice
{
    /// <summary>The name of the robot that most of its sources' topics are found of, in the first bag that opens.</summary>
    /// <exception cref="UserErrorException">No shipped robot fits.</exception>
    public static string For(IReadOnlyList<string> bags)
    {
        UserErrorException? unreadable = null;
        bool opened = false;
        foreach (string bag in bags)
        {
            BagInfo info;
            try
            {
                using BagReader reader = BagReader.Open(bag);
                info = reader.Info;
                opened = true;
            }
            catch (UserErrorException e)
            {
                unreadable ??= e;
                continue;
            }

            (string Name, double Share) best = (string.Empty, 0);
            foreach (string file in Directory.EnumerateFiles(Installation.PathOf("robots"), "*.yaml").Order(StringComparer.Ordinal))
            {
                RobotConfig robot = RobotConfig.Load(file);
                double share = robot.Sources.Average(s => info.FindTopic(s.Topic) is { } t && (s.Type is null || s.Type == t.Type) ? 1.0 : 0.0);
                if (share > best.Share)
                {
                    best = (file, share);
                }
            }

            if (best.Share >= 0.75)
            {
                return best.Name;
            }
        }

        throw !opened && unreadable is not null ? unreadable : new UserErrorException("no shipped robot file fits these bags' topics", bags[0], "give one with --robot (see docs/features.md)");
    }
}
