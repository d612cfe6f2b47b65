using System.Text.Json.Nodes;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Evaluation.Studies;
using QDistill.Evaluation.Tests.Reports;

namespace QDistill.Evaluation.Tests.Studies;

public class StudyAnalysisTests
{
    private static readonly double[] Gain = [.02, .05, .01, -.01, .04, .03, .06, .02];

    // Interval by SciPy's stats.t.interval, the test's p-value by trying all signs.
    [Fact]
    public void Paired_differences_are_those_of_scipy()
    {
        StudyAnalysis a = Analyse(Gain, [.. Gain.Select(_ => 0.0)], [.. Gain.Select(_ => 0.0)]);
        StudyComparison c = a.Overall.Single(o => o.Control == StudyRole.NoTeacher);
        Assert.Equal(8, c.Units);
        Assert.Equal(0.0275, c.Benefit.Estimate!.Value, 9);
        Assert.Equal(0.008672948858635829, c.Benefit.Low!.Value, 9);
        Assert.Equal(0.04632705114136418, c.Benefit.High!.Value, 9);
        Assert.Equal(Enumerated(Gain), c.PValue!.Value, 12);
        Assert.Equal(Math.Min(1, 3 * c.PValue.Value), c.Holm!.Value, 12); // three controls with the same differences
    }

    [Theory]
    [InlineData(0, 0, 0, StudyVerdict.DoesNotHelp, "The quantum teacher does not help: ")]
    [InlineData(-0.05, 0, 0, StudyVerdict.DoesNotHelp, "The quantum teacher does harm: ")]
    [InlineData(0.05, 0.05, 0, StudyVerdict.NotBeyondClassical, "The quantum teacher does not help beyond ")]
    [InlineData(0.05, 0, 0.05, StudyVerdict.NotByEntanglement, "nothing shows that what helps is quantum")]
    [InlineData(0.05, 0, 0, StudyVerdict.Helps, "The quantum teacher helps: ")]
    public void The_verdict_follows_the_controls(double quantum, double classical, double disentangled, StudyVerdict verdict, string words)
    {
        double[] Around(double mean, int salt) => [.. Enumerable.Range(0, 8).Select(i => mean + (0.002 * ((((i + salt) * 7) % 5) - 2)))];
        StudyAnalysis a = Analyse(Around(quantum, 0), Around(classical, 1), Around(disentangled, 2));
        Assert.Equal(verdict, a.Verdict);
        Assert.Contains(words, StudyReportPage.Verdict(a), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_seeds_are_named_as_the_reason()
    {
        StudyAnalysis a = Analyse([.05, .06], [0, 0], [0, 0]);
        Assert.Equal(StudyVerdict.DoesNotHelp, a.Verdict);
        Assert.Contains("as far as so few seeds can tell", StudyReportPage.Verdict(a), StringComparison.Ordinal);
        Assert.Contains(StudyReportPage.Notes(a), n => n.Contains("the study is too small", StringComparison.Ordinal));
    }

    [Fact]
    public void For_a_loss_lower_is_the_benefit()
    {
        Assert.Equal(0.25, StudyMetric.Get("nll").Benefit(0.5, 0.75));
        Assert.Equal(-0.25, StudyMetric.Get("auroc").Benefit(0.5, 0.75));
    }

    [Fact]
    public void Nothing_off_the_pareto_front_is_undominated_and_nothing_on_it_is_dominated()
    {
        var rng = new Numerics.Philox(5);
        for (int trial = 0; trial < 50; trial++)
        {
            var points = new List<BenefitPoint>();
            for (int i = 0; i < 12; i++)
            {
                points.Add(new BenefitPoint($"p{i}", "s", 1 + rng.NextInt(5), rng.NextInt(5), null, null));
            }

            IReadOnlyList<BenefitPoint> front = BenefitCostChart.ParetoFront(points);
            bool Dominated(BenefitPoint p) => points.Any(q => q.Cost <= p.Cost && q.Benefit >= p.Benefit && (q.Cost < p.Cost || q.Benefit > p.Benefit));
            Assert.All(front, p => Assert.False(Dominated(p)));
            Assert.All(points.Where(p => !Dominated(p)), p => Assert.Contains(front, f => (f.Cost, f.Benefit) == (p.Cost, p.Benefit)));
        }
    }

    [Fact]
    public void The_page_says_the_answer_first_and_draws_every_condition()
    {
        using var folder = new TempDirectory();
        StudyAnalysis a = Analyse(Gain, [.. Gain.Select(_ => 0.0)], [.. Gain.Select((_, i) => 0.001 * i)]);
        IReadOnlyList<string> files = StudyTables.Write(a, folder.Path, "qdistill study report here");
        Assert.All(files, f => Assert.True(new FileInfo(f).Length > 100, f));
        string html = File.ReadAllText(files[0]);
        int answer = html.IndexOf("The quantum teacher does not help", StringComparison.Ordinal);
        Assert.InRange(answer, 1, html.IndexOf("<table", StringComparison.Ordinal));
        Assert.StartsWith("# Study s\n\nThe quantum teacher does not help", File.ReadAllText(files[1]), StringComparison.Ordinal);
        Assert.Equal(1 + ((StudyMetric.All.Count + StudyMetric.Further.Count) * 5), File.ReadAllLines(files[2]).Length); // every metric of five conditions
        Assert.Equal(1 + 4 + 7, File.ReadAllLines(files[3]).Length); // four controls over all; then four of the quantum condition and three of the disentangled one
        Assert.Equal(1 + (8 * 5), File.ReadAllLines(files[4]).Length);

        JsonNode found = BrowserTests.Inspect(files[0]);
        Assert.Empty(found["console"]!.AsArray());
        Assert.Empty(found["errors"]!.AsArray());
        Assert.Empty(found["requests"]!.AsArray());
        JsonNode[] figures = [.. found["figures"]!.AsArray().Select(f => f!)];
        Assert.Equal(2 + 5 + 1, figures.Length); // shots, circuits; reliability of quantum and four controls; risk-coverage
        Assert.All(figures, f => Assert.True(f["fits"]!.GetValue<bool>(), $"{f["title"]} does not fit its figure"));
        Assert.Equal((2, 2, 1), (BrowserTests.Marks(figures[0], "points"), BrowserTests.Marks(figures[0], "intervals"), BrowserTests.Marks(figures[0], "zero")));
        Assert.Equal(2, BrowserTests.Marks(figures[1], "points"));
        Assert.Equal(5, BrowserTests.Marks(figures[^1], "curves"));
    }

    // Intervals by SciPy's t.ppf with Nadeau and Bengio's variance: five folds share three of five parts for training.
    [Fact]
    public void Folds_widen_the_interval_for_the_training_recordings_that_they_share()
    {
        double[] gain = [.02, .05, .01, -.01, .04], other = [.0, .03, .02, .01, .06];
        StudyAnalysis one = AnalyseFolds(("a", gain));
        StudyComparison c = one.Overall.Single(o => o.Control == StudyRole.NoTeacher);
        Assert.Equal((5, 0.022), (c.Units, Math.Round(c.Benefit.Estimate!.Value, 9)));
        Assert.Equal(-0.026408974543381435, c.Benefit.Low!.Value, 9);
        Assert.Equal(0.07040897454338144, c.Benefit.High!.Value, 9);
        StudyComparison both = AnalyseFolds(("a", gain), ("b", other)).Overall.Single(o => o.Control == StudyRole.NoTeacher);
        Assert.Equal((10, 0.023), (both.Units, Math.Round(both.Benefit.Estimate!.Value, 9)));
        Assert.Equal(-0.00285861024458859, both.Benefit.Low!.Value, 9);
        Assert.Equal(0.04885861024458859, both.Benefit.High!.Value, 9);
        Assert.Contains(StudyReportPage.Notes(one), n => n.Contains("other drives of the same robots", StringComparison.Ordinal));
    }

    [Fact]
    public void Seeds_of_a_fold_are_one_unit_and_unfinished_conditions_do_not_blur_the_answer()
    {
        (StudyPlan plan, Dictionary<string, RunRecord> runs) = Folds(("a", [.02, .05, .01]));
        StudyCondition quantum = plan.Conditions.Single(c => c.Role == StudyRole.Quantum), second = quantum with { Key = "second", Runs = quantum.Runs.ToDictionary(r => r.Key, r => r.Value + "x") };
        string first = second.Runs.Values.First();
        runs[first] = runs[first[..^1]] with { Id = first }; // one of three folds is done
        plan = plan with { Conditions = [.. plan.Conditions, second] };
        StudyComparison c = StudyAnalysis.Of(plan, runs, StudyStatus.Of(plan, runs)).Overall.Single(o => o.Control == StudyRole.NoTeacher);
        Assert.Equal(3, c.Units);
        Assert.Equal(0.08 / 3, c.Benefit.Estimate!.Value, 9);
    }

    // Intervals by SciPy's t.ppf as above.
    [Fact]
    public void Each_axis_alone_is_compared_with_its_first_entry_and_corrected_over_its_entries()
    {
        (StudyPlan plan, Dictionary<string, RunRecord> runs) = Folds(("a", [.02, .05, .01, -.01, .04]), ("b", [.0, .03, .02, .01, .06]));
        var all = new List<StudyCondition>(plan.Conditions);
        void Add(string data, string recipe, string backend, double gain, int folds)
        {
            StudyCondition quantum = plan.Conditions.Single(c => c.Role == StudyRole.Quantum && c.Data == data);
            StudyCondition other = quantum with { Key = $"{data} {recipe} {backend}", Recipe = recipe, Backend = backend, Runs = quantum.Runs.ToDictionary(r => r.Key, r => $"{r.Value} {recipe} {backend}") };
            foreach ((string replicate, string id) in other.Runs.Where(r => r.Key[0] - '0' <= folds))
            {
                RunRecord record = runs[quantum.Runs[replicate]];
                runs[id] = record with { Id = id, Scores = record.Scores! with { Metrics = record.Scores.Metrics.ToDictionary(m => m.Key, m => m.Value + gain) } };
            }

            all.Add(other);
        }

        foreach (string data in (string[])["a", "b"])
        {
            Add(data, "relations", string.Empty, 0.01, 5);
            Add(data, "hint", string.Empty, -0.02, data == "a" ? 5 : 4); // not complete on the second data
            Add(data, "relations", "sampled", 0.5, 5); // leaves two axes
        }

        plan = plan with { Conditions = all };
        StudyAnalysis a = StudyAnalysis.Of(plan, runs, StudyStatus.Of(plan, runs));
        Assert.Equal([("signal", "soft", 2), ("signal", "relations", 2), ("signal", "hint", 1)], a.Axes.Select(l => (l.Axis, l.Level, l.Data)));
        Assert.Null(a.Axes[0].OverBase);
        StudyComparison relations = a.Axes[1].OverBase!, hint = a.Axes[2].OverBase!, none = a.Axes[1].OverControls[StudyRole.NoTeacher];
        Assert.Equal((10, 0.01), (relations.Units, Math.Round(relations.Benefit.Estimate!.Value, 9)));
        Assert.Equal(2 / 1024.0, relations.PValue!.Value, 12);
        Assert.Equal((5, -0.02, 2 / 32.0), (hint.Units, Math.Round(hint.Benefit.Estimate!.Value, 9), hint.PValue!.Value));
        Assert.Equal((2 * 2 / 1024.0, 2 / 32.0), (relations.Holm!.Value, hint.Holm!.Value));
        Assert.Equal((10, 0.033), (none.Units, Math.Round(none.Benefit.Estimate!.Value, 9)));
        Assert.Equal(0.01 - 0.00285861024458859, none.Benefit.Low!.Value, 9);
        string[] lines = StudyTables.Differences(a).Split("\r\n");
        Assert.Contains(lines, l => l.StartsWith("signal relations,as recorded,soft,auroc,10,0.01", StringComparison.Ordinal));
        Assert.Contains("## Signal alone", StudyTables.Markdown(a, "here"), StringComparison.Ordinal);
    }

    [Fact]
    public void Robustness_curves_are_drawn_for_every_predictor_at_every_strength()
    {
        (StudyPlan plan, Dictionary<string, RunRecord> runs) = Folds(("a", [.02, .05, .01, .0, .03]));
        StudyCondition[] recorded = [.. plan.Conditions];
        var all = new List<StudyCondition>(recorded);
        foreach (double strength in (double[])[1, 2, 4])
        {
            all.AddRange(recorded.Select(c => c with
            {
                Key = $"{c.Key} | noise × {strength}", Test = $"noise × {strength}", TestBase = "noise", Strength = strength, TestKind = TestKind.Condition,
                Controls = c.Controls.ToDictionary(k => k.Key, k => $"{k.Value} | noise × {strength}"),
            }));
        }

        plan = plan with { Conditions = all };
        using var folder = new TempDirectory();
        StudyAnalysis a = StudyAnalysis.Of(plan, runs, StudyStatus.Of(plan, runs));
        Assert.Equal(3, a.ByTest.Select(c => c.Test).Distinct().Count());
        IReadOnlyList<string> files = StudyTables.Write(a, folder.Path, "qdistill report here");
        JsonNode found = BrowserTests.Inspect(files[0]);
        Assert.Empty(found["console"]!.AsArray());
        Assert.Empty(found["errors"]!.AsArray());
        JsonNode curve = found["figures"]!.AsArray().Single(f => f!["title"]!.GetValue<string>() == "AUROC against noise")!;
        Assert.Equal((2, 8, 4), (BrowserTests.Marks(curve, "curves"), BrowserTests.Marks(curve, "points"), BrowserTests.Marks(curve, "intervals"))); // two predictors at strengths 0, 1, 2, 4; those without a teacher are all alike, so their intervals have no extent
        Assert.True(curve["fits"]!.GetValue<bool>());
        Assert.Contains("noise × 4", File.ReadAllText(files[1]), StringComparison.Ordinal);
    }

    /// <summary>A quantum condition and its control without a teacher on data with folds; each value is the AUROC gained in a fold, seeds lying about it.</summary>
    private static (StudyPlan Plan, Dictionary<string, RunRecord> Runs) Folds(params (string Data, double[] Gains)[] data)
    {
        var runs = new Dictionary<string, RunRecord>();
        var conditions = new List<StudyCondition>();
        foreach ((string name, double[] gains) in data)
        {
            foreach (string role in (string[])[StudyRole.NoTeacher, StudyRole.Quantum])
            {
                var of = new Dictionary<string, string>();
                for (int f = 0; f < gains.Length; f++)
                {
                    for (int seed = 1; seed <= 2; seed++)
                    {
                        string id = $"{name} {role} {f} {seed}";
                        double auroc = 0.7 + (role == StudyRole.Quantum ? gains[f] + (seed == 1 ? 0.01 : -0.01) : 0);
                        runs[id] = new RunRecord
                        {
                            Id = id,
                            Config = new RunSpec { Code = "c", Data = name, Predictor = "student", Seed = (ulong)seed },
                            Scores = new RunScores { Metrics = StudyMetric.All.ToDictionary(m => m.Key, _ => (double?)auroc), Reliability = [.. Enumerable.Range(0, 15).Select(b => new RunBin(10, b / 2, (b + 0.5) / 15))], RiskCoverage = [.. Enumerable.Range(1, 20).Select(k => 0.01 * k)] },
                        };
                        of[$"{f + 1}/{seed}"] = id;
                    }
                }

                conditions.Add(new StudyCondition
                {
                    Key = $"{name} {role}", Role = role, Data = name, Teacher = role, Recipe = "soft", Labels = "60 labels", Runs = of,
                    Controls = role == StudyRole.Quantum ? new Dictionary<string, string> { [StudyRole.NoTeacher] = $"{name} {StudyRole.NoTeacher}" } : new Dictionary<string, string>(),
                });
            }
        }

        return (new StudyPlan
        {
            Name = "s", Metric = "auroc", Data = data.ToDictionary(d => d.Data, _ => "recordings"), Folds = data.ToDictionary(d => d.Data, d => d.Gains.Length), Conditions = conditions, Runs = [.. runs.Values.Select(r => r.Config)],
        }, runs);
    }

    private static StudyAnalysis AnalyseFolds(params (string Data, double[] Gains)[] data)
    {
        (StudyPlan plan, Dictionary<string, RunRecord> runs) = Folds(data);
        return StudyAnalysis.Of(plan, runs, StudyStatus.Of(plan, runs));
    }

    /// <summary>One quantum condition with its controls; each value is the AUROC gained over a half, seed by seed.</summary>
    private static StudyAnalysis Analyse(double[] quantum, double[] classical, double[] disentangled)
    {
        var runs = new Dictionary<string, RunRecord>();
        var conditions = new List<StudyCondition>();
        string[] roles = [StudyRole.TtcRule, StudyRole.NoTeacher, StudyRole.Classical, StudyRole.NoEntanglement, StudyRole.Quantum];
        foreach (string role in roles)
        {
            double[] gains = role switch
            {
                StudyRole.Quantum => quantum,
                StudyRole.Classical => classical,
                StudyRole.NoEntanglement => disentangled,
                StudyRole.TtcRule => [.. quantum.Select(_ => -0.2)],
                _ => [.. quantum.Select(_ => 0.0)],
            };
            bool asked = role is StudyRole.Quantum or StudyRole.NoEntanglement;
            var of = new Dictionary<string, string>();
            for (int i = 0; i < gains.Length; i++)
            {
                var run = new RunSpec { Code = "c", Data = "d", Predictor = role, Seed = (ulong)i };
                double auroc = 0.5 + gains[i];
                runs[run.Id] = new RunRecord
                {
                    Id = run.Id,
                    Config = run,
                    Ledger = asked ? new RunLedger(new RunCost(500, 0, 4, 100), new RunCost(1000, 64_000, 4, 200)) : new RunLedger(RunCost.None, RunCost.None),
                    Scores = new RunScores
                    {
                        Metrics = StudyMetric.All.ToDictionary(m => m.Key, _ => (double?)auroc),
                        Reliability = [.. Enumerable.Range(0, 15).Select(b => new RunBin(10, b / 2, (b + 0.5) / 15))],
                        RiskCoverage = [.. Enumerable.Range(1, 20).Select(k => 0.01 * k)],
                    },
                };
                of[$"{i}"] = run.Id;
            }

            bool compared = asked;
            conditions.Add(new StudyCondition
            {
                Key = role,
                Role = role,
                Data = "agv",
                Teacher = role,
                Recipe = role == StudyRole.TtcRule ? string.Empty : "soft",
                Labels = role == StudyRole.TtcRule ? string.Empty : "60 labels",
                Runs = of,
                Controls = StudyRole.Controls.Where(c => compared && c != role).ToDictionary(c => c, c => c),
            });
        }

        var plan = new StudyPlan
        {
            Name = "s", Metric = "auroc", Data = new Dictionary<string, string> { ["agv"] = "recordings" }, Conditions = conditions, Runs = [.. runs.Values.Select(r => r.Config)],
        };
        return StudyAnalysis.Of(plan, runs, StudyStatus.Of(plan, runs));
    }

    /// <summary>The two-sided p-value of the rank sum by trying all signs.</summary>
    private static double Enumerated(double[] d)
    {
        int n = d.Length;
        double[] ranks = [.. d.Select(x => d.Count(y => Math.Abs(y) < Math.Abs(x) - 1e-12) + ((1 + d.Count(y => Math.Abs(Math.Abs(y) - Math.Abs(x)) < 1e-12)) / 2.0))];
        double Sum(int signs) => Enumerable.Range(0, n).Where(i => (signs >> i & 1) == 1).Sum(i => ranks[i]);
        int observed = Enumerable.Range(0, n).Where(i => d[i] > 0).Sum(i => 1 << i);
        double w = Math.Min(Sum(observed), ranks.Sum() - Sum(observed));
        return Math.Min(1, 2.0 * Enumerable.Range(0, 1 << n).Count(s => Sum(s) <= w + 1e-9) / (1 << n));
    }
}
