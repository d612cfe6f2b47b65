using QDistill.Evaluation.Reports;
using QDistill.Evaluation.Reports.Charts;

namespace QDistill.Evaluation.Studies;

/// <summary>Benefit against what the quantum teacher cost, with Pareto fronts.</summary>
internal static class CostSection
{
    public static void Write(ReportSection section, StudyAnalysis a)
    {
        section.Text("The cost of a condition is all that its teacher was asked: fitting (exact gradients, one circuit for each window and pass) and labelling the training windows once. Each point is a circuit, a back end and a signal, over all data. Exact back ends take no shots, so only conditions with shots are in the first chart.");
        var points = new List<(BenefitPoint Point, double Circuits, double Shots, double Depth, double Gates)>();
        foreach (var group in a.Results.Where(r => r.Condition.Role is StudyRole.Quantum or StudyRole.NoEntanglement && r.Condition.TestKind == TestKind.AsRecorded && r.Records.Count > 0)
            .GroupBy(r => (r.Condition.Role, r.Condition.Teacher, r.Condition.Backend, r.Condition.Recipe, r.Condition.Labels)))
        {
            ConditionResult[] these = [.. group];
            if (a.Pool(these, StudyRole.NoTeacher) is { Units: > 0 } c)
            {
                string name = string.Join(", ", new[] { group.Key.Teacher, group.Key.Backend, group.Key.Recipe, a.LabelBudgets.Count > 1 ? group.Key.Labels : null }.Where(p => p is { Length: > 0 }));
                string series = group.Key.Role == StudyRole.Quantum ? group.Key.Recipe : $"{group.Key.Recipe}, no entanglement";
                points.Add((new BenefitPoint(name, series, 0, c.Benefit.Estimate!.Value, c.Benefit.Low, c.Benefit.High),
                    these.Average(r => r.Cost.Circuits), these.Average(r => r.Cost.Shots), these.Average(r => Label(r).Depth), these.Average(r => PerCircuit(Label(r)))));
            }
        }

        string benefit = $"{a.Metric.Name} gained over no teacher";
        Chart("shots", points.Select(p => p.Point with { Cost = p.Shots }), ChartWidth.Full);
        Chart("circuits", points.Select(p => p.Point with { Cost = p.Circuits }), ChartWidth.Full);
        if (points.Select(p => p.Depth).Distinct().Count() > 1)
        {
            Chart("circuit depth", points.Select(p => p.Point with { Cost = p.Depth }), ChartWidth.Half);
        }

        if (points.Select(p => p.Gates).Where(g => g > 0).Distinct().Count() > 1)
        {
            Chart("two-qubit gates of a circuit", points.Select(p => p.Point with { Cost = p.Gates }), ChartWidth.Half);
        }

        var table = new ReportTable(
            "What the teacher of each quantum condition cost, mean over runs.",
            new ReportColumn("Condition", null, false), new ReportColumn("Circuits"), new ReportColumn("Shots"), new ReportColumn("Depth"), new ReportColumn("Two-qubit gates", "one circuit"));
        foreach (ConditionResult r in a.Results.Where(r => r.Condition.Role is StudyRole.Quantum or StudyRole.NoEntanglement && r.Condition.TestKind == TestKind.AsRecorded && r.Records.Count > 0)
            .DistinctBy(r => (r.Condition.Data, r.Condition.Teacher, r.Condition.Backend, r.Condition.Labels)))
        {
            table.Add(
                StudyReportPage.Short(a, r.Condition, recipe: false), ReportCell.Count((long)r.Cost.Circuits), ReportCell.Count((long)r.Cost.Shots), ReportCell.Count(Label(r).Depth), ReportCell.Count((long)PerCircuit(Label(r))));
        }

        section.Table(table);

        void Chart(string cost, IEnumerable<BenefitPoint> all, ChartWidth width)
        {
            BenefitPoint[] costly = [.. all.Where(p => p.Cost > 0)];
            if (costly.Length > 0)
            {
                section.Chart(BenefitCostChart.Create($"Benefit against {cost}", cost, benefit, costly) with { Width = width });
            }
        }
    }

    private static RunCost Label(ConditionResult r) => r.Records.Values.First().Ledger.Label;

    private static double PerCircuit(RunCost label) => label.Circuits == 0 ? 0 : (double)label.TwoQubitGates / label.Circuits;
}
