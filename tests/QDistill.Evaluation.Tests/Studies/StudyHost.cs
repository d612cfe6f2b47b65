using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>
/// This assembly started as a program of its own, so that tests can kill a study or have a scheduler start it: <c>STUDY OUTPUT JOBS</c>, or the command line's own
/// <c>study run STUDY --output FOLDER --shard I/N --jobs N</c>.
/// </summary>
internal static class StudyHost
{
    public static int Main(string[] args)
    {
        try
        {
            string Option(string name) => args[Array.IndexOf(args, name) + 1];
            bool line = args[0] == "study";
            (StudyShard shard, string folder) = line ? ShardName.Resolve(Option("--shard"), Option("--output")) : (StudyShard.Whole, args[1]);
            StudyEngine.Run(StudyFile.Load(line ? args[2] : args[0]), new StudyFolder(folder), new StudyRunOptions { Jobs = int.Parse(line ? Option("--jobs") : args[2]), Shard = shard });
            return 0;
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
