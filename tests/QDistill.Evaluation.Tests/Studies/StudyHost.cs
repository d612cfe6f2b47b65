using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>This assembly started as a program of its own: <c>STUDY OUTPUT JOBS</c> runs a study, so that tests can kill it.</summary>
internal static class StudyHost
{
    public static int Main(string[] args)
    {
        try
        {
            StudyEngine.Run(StudyFile.Load(args[0]), new StudyFolder(args[1]), new StudyRunOptions { Jobs = int.Parse(args[2]) });
            return 0;
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
