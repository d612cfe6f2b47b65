using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Evaluation.Studies;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill report</c>, also as <c>qdistill study report</c>: a study's page, Markdown and CSV.</summary>
internal static class ReportVerb
{
    /// <param name="called">How the verb is called in its examples.</param>
    public static Command Create(string called = "report")
    {
        var folder = new Argument<string>("folder") { Description = "the study's folder" };
        Option<string?> output = VerbOptions.Optional<string>("--output", "the folder for report.html, report.md and the CSV files; by default the study's own", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "report",
            "Writes a study's page, Markdown and CSV; of an unfinished study too.",
            $"qdistill {called} out/study",
            $"qdistill {called} out/study --output docs/results/signals --json");
        verb.Add(folder);
        verb.Add(output);
        verb.Add(json);
        verb.SetAction(r =>
        {
            string path = r.GetRequiredValue(folder), into = r.GetValue(output) ?? path;
            StudyAnalysis analysis = StudyAnalysis.Of(new StudyFolder(path));
            IReadOnlyList<string> files = StudyTables.Write(analysis, into, $"qdistill report {path}{(into == path ? string.Empty : $" --output {into}")}");
            if (r.GetValue(json))
            {
                Output.WriteJson(new
                {
                    study = analysis.Plan.Name,
                    verdict = analysis.Verdict.ToString(),
                    answer = StudyReportPage.Verdict(analysis),
                    metric = analysis.Metric.Key,
                    overall = analysis.Overall.Concat(analysis.Further).Select(c => new { control = c.Control, benefit = c.Benefit.Estimate, low = c.Benefit.Low, high = c.Benefit.High, units = c.Units, p = c.PValue, p_holm = c.Holm }),
                    notes = StudyReportPage.Notes(analysis),
                    files,
                });
            }
            else
            {
                Output.Note(StudyReportPage.Verdict(analysis));
                Output.WriteTable(null, [$"{analysis.Metric.Name} gained over", "mean>", "95 %>", analysis.HasFolds ? "units>" : "seeds>", "p (Holm)>"], analysis.Overall.Concat(analysis.Further).Select(c => (IReadOnlyList<string>)
                [
                    StudyRole.Words(c.Control), Output.Number(c.Benefit.Estimate), c.Benefit.Low is null ? "-" : $"{Output.Number(c.Benefit.Low)} to {Output.Number(c.Benefit.High)}", Output.Count(c.Units), Output.Number(c.Holm),
                ]));
                Output.Note(string.Join('\n', files));
            }

            return 0;
        });
        return verb;
    }
}
