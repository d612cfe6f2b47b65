using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Tests.Signals;
using QDistill.Features;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Teachers;

/// <summary>What holds for teachers of every kind.</summary>
public sealed class TeacherKindTests : IDisposable
{
    private static readonly TeacherDataset Training = Synthetic.Table(700, 1), Validation = Synthetic.Table(500, 2), Test = Synthetic.Table(500, 3);
    private readonly TempDirectory folder = new();

    /// <summary>One quick specification of each kind and classifier, with the AUROC it must reach on data that its answer is not among.</summary>
    public static TheoryData<string, double> Specs => new()
    {
        { "kind: vqc\nqubits: 3\nlayers: 2\nfeatures: 6\nepochs: 60\nstarts: 1\nobservables: zz", 0.72 },
        { "kind: vqc\nqubits: 3\nlayers: 2\nfeatures: 6\nepochs: 60\nstarts: 1\nansatz: no-entanglement\nobservables: xyz", 0.72 },
        { "kind: quantum-kernel\nqubits: 4\nfeatures: 4\nencoding: angle\nclassifier: svm", 0.72 },
        { "kind: quantum-kernel\nqubits: 4\nfeatures: 4\nbandwidth: 0.2\nclassifier: logistic\nc: 10", 0.6 },
        { "kind: quantum-kernel\nqubits: 3\nfeatures: 3\nencoding: iqp\nkernel: projected\nclassifier: gp\nc: 5", 0.65 },
        { "kind: hybrid\nqubits: 3\nlayers: 2\nepochs: 40\nstarts: 1", 0.7 },
        { "kind: quanvolutional\nimage: [2, 3]\nstride: 1\nepochs: 40", 0.65 },
        { "kind: mlp\nhidden: [16]\nepochs: 60\nstarts: 1", 0.72 },
        { "kind: ensemble\nhidden: [16]\nepochs: 40\nmembers: 2", 0.72 },
        { "kind: rbf-svm\ngamma: 0.2", 0.72 },
        { "kind: boosted-trees\ntrees: 40", 0.72 },
        { "kind: random-forest\ntrees: 40", 0.72 },
        { "kind: logistic", 0.6 },
        { "kind: random-features\nwidth: 64\ngamma: 0.1", 0.7 },
        { "kind: rbf-svm\ngamma: 0.2\nclass_weights: balanced\nsearch: {trials: 3}", 0.72 },
        { "kind: boosted-trees\ntrees: 20\ntransform: {kind: shuffled}", 0 },
        { "kind: mlp\nhidden: [16]\nepochs: 40\nstarts: 1\ntransform: {kind: degraded, auroc: 0.7}", 0.62 },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_teacher_of_any_kind_learns_and_comes_back_from_its_file_to_the_bit(string yaml, double auroc)
    {
        TeacherSpec spec = TeacherSpec.Read(ConfigFile.Parse(yaml + "\nlabels: 150\nseed: 3\n", "t"));
        using var backend = new StateVectorBackend();
        ITeacher teacher = TeacherFitting.Fit(Training, Validation, spec, backend);
        string path = folder["teacher.yaml"];
        TeacherFile.Save(path, teacher);
        ITeacher read = TeacherFile.Load(path, backend);
        Assert.Equal(teacher.ToYaml(), read.ToYaml());
        Assert.Equal(teacher.Id, read.Id);
        Assert.Equal((teacher.Kind, teacher.Details), (read.Kind, read.Details));
        TeacherAnswers a = teacher.Answer(Test.Features, 0, teacher.Details), b = read.Answer(Test.Features, 0, teacher.Details);
        Assert.Equal(Bits(a.Probabilities), Bits(b.Probabilities));
        Assert.Equal(Bits(a.Expectations), Bits(b.Expectations));
        Assert.Equal(Bits(a.States), Bits(b.States));
        Assert.Equal(Bits(a.Features), Bits(b.Features));
        Assert.Equal(Bits(a.InputGradients), Bits(b.InputGradients));
        Assert.Equal(teacher.Details, a.Details);
        Assert.Equal(teacher.Details, spec.Tells("statevector"));
        Assert.Equal(spec.IsQuantum, teacher.Demand() is { Circuits: > 0, Qubits: > 0 });
        Assert.All(a.Probabilities, p => Assert.InRange(p, 0f, 1f));
        Assert.Equal(teacher.ObservableNames.Count, a.ObservableCount);
        Assert.All(a.Expectations, e => Assert.InRange(e, -1.0001f, 1.0001f));
        if (a.States.Length > 0)
        {
            Assert.All(a.States.Chunk(a.StateCount), s => Assert.Equal(1, s.Sum(), 1e-5));
        }

        double score = TeacherScore.Of("auroc", a.Logits(), Test);
        Assert.True(score >= auroc, $"AUROC {score}");
        if (spec.Transform.Kind == "shuffled")
        {
            Assert.InRange(score, 0.4, 0.6);
        }

        // The same specification fits the same teacher.
        using var again = new StateVectorBackend(new StateVectorOptions { Threads = 3 });
        Assert.Equal(teacher.Id, TeacherFitting.Fit(Training, Validation, spec, again).Id);
    }

    [Theory]
    [InlineData("kind: vqc\nqubits: 3\nlayers: 2\nfeatures: 6\nepochs: 20\nstarts: 1")]
    [InlineData("kind: mlp\nhidden: [8]\nepochs: 20\nstarts: 1")]
    public void Input_gradients_are_the_slopes_of_the_logits(string yaml)
    {
        TeacherSpec spec = TeacherSpec.Read(ConfigFile.Parse(yaml + "\nlabels: 120\nseed: 3\n", "t"));
        using var backend = new StateVectorBackend();
        ITeacher teacher = TeacherFitting.Fit(Training, Validation, spec, backend);
        const int N = 12, D = 6, K = 2;
        float[] x = [.. Test.Features.Take(N * D)];
        float[] gradients = teacher.Answer(x, 0, TeacherDetails.Gradients).InputGradients;
        Assert.Contains(gradients, g => Math.Abs(g) > 0.05);
        float[] scale = Normalisation.Fit(Training).Scale, mean = Normalisation.Fit(Training).Mean;
        for (int f = 0; f < D; f++)
        {
            float step = 0.02f * scale[f];
            float[] up = [.. x], down = [.. x];
            for (int i = 0; i < N; i++)
            {
                up[(i * D) + f] += step;
                down[(i * D) + f] -= step;
            }

            float[] high = teacher.Answer(up, 0).Logits(), low = teacher.Answer(down, 0).Logits();
            for (int i = 0; i < N; i++)
            {
                // Beyond three deviations a circuit's input is clipped, and the difference may straddle the edge.
                if (Math.Abs(Math.Abs((x[(i * D) + f] - mean[f]) / scale[f]) - 3) < 0.05)
                {
                    continue;
                }

                for (int k = 0; k < K; k++)
                {
                    double slope = (high[(i * K) + k] - low[(i * K) + k]) / (2 * step) * scale[f];
                    Assert.Equal(slope, gradients[(((i * K) + k) * D) + f] * scale[f], 0.02);
                }
            }
        }
    }

    [Fact]
    public void Details_that_a_teacher_or_its_back_end_cannot_give_are_refused()
    {
        using var exact = new StateVectorBackend();
        ITeacher forest = TeacherFitting.Fit(Training, Validation, TeacherSpec.DefaultOf("random-forest") with { Trees = 3, Labels = 60 }, exact);
        Assert.Contains("cannot tell states or gradients; of the details it has none", Refused(() => forest.Answer(Test.Features, 0, TeacherDetails.States | TeacherDetails.Gradients)));
        using var sampled = new SampledBackend(20, 1);
        ITeacher vqc = TeacherFitting.Fit(Training, Validation, TeacherSpec.Default with { Qubits = 2, Layers = 1, Features = 4, Labels = 60, Epochs = 5, Starts = 1 }, sampled);
        Assert.Contains("the back end 'sampled' cannot tell the input gradients", Refused(() => vqc.Answer(Test.Features, 0, TeacherDetails.Gradients)));
        Assert.Equal(20, vqc.Answer(Test.Features, 0).Shots);
        using var noisy = new NoisyBackend(new NoiseModel(), 10, 1, false, 1);
        Assert.Contains("cannot be asked through the back end 'noisy'", Refused(() => TeacherFitting.Fit(Training, Validation, TeacherSpec.DefaultOf("quantum-kernel") with { Labels = 40, Qubits = 3, Features = 3 }, noisy)));
    }

    [Fact]
    public void Kernel_values_taken_with_shots_scatter_as_shots_do_and_repeat_however_the_run_is_cut()
    {
        TeacherSpec spec = TeacherSpec.DefaultOf("quantum-kernel") with { Labels = 60, Qubits = 4, Features = 4, Encoding = "angle", Seed = 2 };
        using var exact = new StateVectorBackend();
        TeacherFile.Save(folder["k.yaml"], TeacherFitting.Fit(Training, Validation, spec, exact));
        float[] Ask(int shots, int from, int count)
        {
            using var backend = new SampledBackend(shots, 9);
            return TeacherFile.Load(folder["k.yaml"], backend).Answer(Test.Features.AsMemory(from * 6, count * 6), from).Probabilities;
        }

        float[] truth = TeacherFile.Load(folder["k.yaml"], exact).Answer(Test.Features, 0).Probabilities, few = Ask(30, 0, 500), many = Ask(30_000, 0, 500);
        double Error(float[] p) => p.Zip(truth, (a, b) => Math.Abs(a - b)).Average();
        Assert.True(Error(many) < 0.01 && Error(few) > 3 * Error(many), $"{Error(few)} and {Error(many)}");
        Assert.Equal(few, (float[])[.. Ask(30, 0, 200), .. Ask(30, 200, 300)]);
    }

    [Fact]
    public void A_degraded_teacher_falls_to_the_score_asked_for_and_an_equal_one_to_the_others()
    {
        using var backend = new StateVectorBackend();
        TeacherSpec forest = TeacherSpec.DefaultOf("random-forest") with { Trees = 60, Labels = 300 }, weak = TeacherSpec.DefaultOf("logistic") with { Labels = 300 };
        double Score(TeacherSpec s, string metric = "auroc") => TeacherScore.Of(metric, TeacherFitting.Fit(Training, Validation, s, backend).Answer(Validation.Features, 0).Logits(), Validation);
        Assert.True(Score(forest) > 0.8);
        foreach ((string metric, double target) in ((string, double)[])[("auroc", 0.75), ("balanced_accuracy", 0.68), ("accuracy", 0.7)])
        {
            double reached = Score(forest with { Transform = TeacherTransform.DegradedTo(metric, target) }, metric);
            Assert.InRange(reached, target - 0.02, target + 0.02);
        }

        Assert.Equal(Score(weak), Score(forest with { Transform = TeacherTransform.EqualTo(weak) }), 0.015);
        Assert.Contains("should be degraded to", Refused(() => Score(weak with { Transform = TeacherTransform.DegradedTo("auroc", 0.99) })));
    }

    [Fact]
    public void A_transform_of_teachers_known_already_gives_the_same_teacher_and_fits_none_of_them_again()
    {
        using var backend = new StateVectorBackend();
        using var folder = new TempDirectory();
        TeacherSpec vqc = TeacherSpec.Default with { Qubits = 2, Layers = 1, Features = 4, Labels = 60, Epochs = 10, Starts = 1 }, mlp = TeacherSpec.ClassicalDefault with { Labels = 60, Starts = 1, Epochs = 20 };
        foreach (TeacherSpec spec in (TeacherSpec[])[vqc with { Transform = TeacherTransform.Shuffled }, mlp with { Transform = TeacherTransform.EqualTo(vqc) }])
        {
            var asked = new List<TeacherSpec>();
            ITeacher Known(TeacherSpec s)
            {
                asked.Add(s);
                string file = folder[$"{asked.Count}.yaml"];
                TeacherFile.Save(file, TeacherFitting.Fit(Training, Validation, s, backend));
                return TeacherFile.Load(file, backend);
            }

            ITeacher alone = TeacherFitting.Fit(Training, Validation, spec, backend), reused = TeacherFitting.Fit(Training, Validation, spec, backend, known: Known);
            Assert.Equal(spec.Transform.Kind == "equal" ? [mlp, vqc] : [vqc], asked);
            Assert.Equal(alone.ToYaml(), reused.ToYaml());
            Assert.Equal(alone.Answer(Test.Features, 0).Probabilities, reused.Answer(Test.Features, 0).Probabilities);
        }
    }

    [Fact]
    public void A_shuffled_teachers_answers_are_those_of_other_windows_and_repeat_in_chunks()
    {
        using var backend = new StateVectorBackend();
        TeacherDataset many = Synthetic.Table(2500, 5);
        TeacherSpec spec = TeacherSpec.DefaultOf("random-forest") with { Trees = 10, Labels = 100 };
        float[] plain = TeacherFitting.Fit(Training, Validation, spec, backend).Answer(many.Features, 0).Probabilities;
        ITeacher shuffled = TeacherFitting.Fit(Training, Validation, spec with { Transform = TeacherTransform.Shuffled }, backend);
        float[] all = shuffled.Answer(many.Features, 0).Probabilities;
        Assert.NotEqual(plain, all);
        Assert.Equal(plain.Order(), all.Order());
        float[] chunks = [.. Enumerable.Range(0, 3).SelectMany(c => shuffled.Answer(many.Features.AsMemory(c * 1024 * 6, Math.Min(1024, 2500 - (c * 1024)) * 6), c * 1024).Probabilities)];
        Assert.Equal(all, chunks);
    }

    [Fact]
    public void A_search_never_ends_worse_than_where_it_began_and_keeps_what_it_found()
    {
        using var backend = new StateVectorBackend();
        foreach (TeacherKind kind in TeacherKind.All)
        {
            TeacherSpec spec = TeacherSpec.DefaultOf(kind.Name) with { Image = [2, 3], Seed = 4 };
            TeacherSpec[] trials = [.. Enumerable.Range(0, 12).Select(t => TeacherSearch.Trial(spec, t))];
            Assert.Equal(spec, trials[0]);
            Assert.True(trials.Select(t => t.ToYaml()).Distinct().Count() > 3, kind.Name);
            Assert.All(trials, t => Assert.Equal(t.ToYaml(), TeacherSpec.Read(ConfigFile.Parse(t.ToYaml(), "t")).ToYaml()));
            Assert.Equal(trials[5].ToYaml(), TeacherSearch.Trial(spec, 5).ToYaml());
        }

        TeacherSpec svm = TeacherSpec.DefaultOf("rbf-svm") with { Labels = 150, C = 0.03, Gamma = 5 };
        double Nll(TeacherSpec s) => Distillation.Training.StudentTrainer.CollisionNll(TeacherFitting.Fit(Training, Validation, s, backend).Answer(Validation.Features, 0).Logits(), Validation);
        Assert.True(Nll(svm with { Trials = 6 }) < Nll(svm) - 0.01);
        ITeacher found = TeacherFitting.Fit(Training, Validation, svm with { Trials = 6 }, backend);
        Assert.NotEqual(5, TeacherSpec.Read(ConfigFile.Parse(found.ToYaml(), "t")).Gamma);
    }

    [Fact]
    public void Labelled_windows_of_one_class_make_an_output_a_constant_and_not_a_crash()
    {
        Truth[] truth = [.. Training.Truth];
        for (int i = 0; i < Training.Count; i++)
        {
            truth[(2 * i) + 1] = Truth.Safe;
        }

        var one = new TeacherDataset(Training.SchemaId, Training.FeatureNames, Training.OutputNames, Training.Bags, Training.Stamps, Training.BagOf, Training.Features, truth);
        using var backend = new StateVectorBackend();
        foreach (string kind in (string[])["logistic", "boosted-trees", "random-forest", "rbf-svm", "quantum-kernel", "random-features"])
        {
            TeacherSpec spec = TeacherSpec.DefaultOf(kind) with { Labels = 80, Qubits = 3, Features = kind == "quantum-kernel" ? 3 : 0, Trees = 10 };
            TeacherAnswers answers = TeacherFitting.Fit(one, one, spec, backend).Answer(Test.Features, 0);
            Assert.All(Enumerable.Range(0, Test.Count), i => Assert.InRange(answers.Probabilities[(2 * i) + 1], 0, 0.2));
        }
    }

    [Fact]
    public void Trees_boosting_and_logistic_regression_equal_scikit_learns()
    {
        // Continuous features: no ties, so that the greedy tree is unique.
        var rng = new Philox(17);
        const int N = 160, D = 4;
        double[] x = [.. Enumerable.Range(0, N * D).Select(_ => rng.NextGaussian())];
        bool[] y = [.. Enumerable.Range(0, N).Select(i => Math.Sin(2 * x[i * D]) + x[(i * D) + 1] + (0.5 * rng.NextGaussian()) > 0.3)];
        double[] probe = [.. Enumerable.Range(0, 50 * D).Select(_ => rng.NextGaussian())];
        JsonElement oracle = SignalHarness.Python("../Teachers/classifiers.py", new
        {
            x = x.Chunk(D),
            y = y.Select(v => v ? 1 : 0),
            probe = probe.Chunk(D),
            weight = LabelledWindows.Balance(y, true),
            trees = 25,
            depth = 3,
            leaf = 4,
            rate = 0.2,
            c = 0.5,
        });
        double[] ones = [.. Enumerable.Repeat(1.0, N)];
        Philox none = new(1);
        DecisionTree tree = DecisionTree.Grow(x, [.. y.Select(v => v ? 1.0 : 0.0)], ones, s => s.Average(i => y[i] ? 1.0 : 0.0), new DecisionTree.Growth(4, 4, 0), ref none);
        Compare("tree", i => tree.Predict(probe.AsSpan(i * D, D)), 1e-12);
        TreeModel boosted = TreeModel.Boost(x, y, ones, 25, 0.2, new DecisionTree.Growth(3, 4, 0), 1);
        Compare("boosted", i => boosted.Logit1(probe.AsSpan(i * D, D)), 1e-9);
        LogisticModel logistic = LogisticModel.Fit(x, y, ones, 0.5);
        Compare("logistic", i => logistic.Logit1(probe.AsSpan(i * D, D)), 1e-5);
        LogisticModel balanced = LogisticModel.Fit(x, y, LabelledWindows.Balance(y, true), 0.5);
        Compare("balanced", i => balanced.Logit1(probe.AsSpan(i * D, D)), 1e-5);

        // A forest is random: as good as theirs, not the same.
        TreeModel forest = TreeModel.Bag(x, y, ones, 100, new DecisionTree.Growth(8, 2, 2), 1);
        double[] theirs = [.. oracle.GetProperty("forest").EnumerateArray().Select(v => v.GetDouble())];
        double[] ours = [.. Enumerable.Range(0, 50).Select(i => Metrics.Logit.Sigmoid(forest.Logit1(probe.AsSpan(i * D, D))))];
        Assert.True(ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Average() < 0.06);

        void Compare(string name, Func<int, double> value, double tolerance)
        {
            double[] expected = [.. oracle.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
            Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(expected[i], value(i), tolerance));
        }
    }

    [Theory]
    [InlineData("kind: boosted-trees\nqubits: 3", "unknown key 'qubits'")]
    [InlineData("kind: quanvolutional", "image: is missing")]
    [InlineData("kind: quanvolutional\nimage: [2, 2]\npatch: 3", "patch: 3×3 pixels do not fit an image of 2×2")]
    [InlineData("kind: logistic\nclass_weights: even", "class_weights: 'even' is not one of none, balanced")]
    [InlineData("kind: logistic\ntransform: {kind: degraded}", "transform.auroc: is missing; name one")]
    [InlineData("kind: logistic\ntransform: {kind: degraded, auroc: 0.7, accuracy: 0.8}", "transform.accuracy: is a second target")]
    [InlineData("kind: logistic\ntransform: {kind: equal, teacher: {kind: vqc, transform: {kind: shuffled}}}", "transform.teacher: has a transform itself")]
    [InlineData("kind: logistic\nsearch: {trails: 3}", "unknown key 'search.trails'; did you mean 'trials'")]
    [InlineData("kind: quantum-kernel\nclassifier: svn", "classifier: 'svn' is not one of svm, logistic, gp; did you mean 'svm'")]
    public void A_wrong_specification_is_one_clear_sentence(string yaml, string sentence)
    {
        File.WriteAllText(folder["t.yaml"], yaml);
        Assert.Contains(sentence, Refused(() => TeacherFile.LoadSpec(folder["t.yaml"])));
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    private static string Refused(Action action) => Assert.Throws<UserErrorException>(action).Message;

    private static string Refused(Func<object> action) => Assert.Throws<UserErrorException>(() => { action(); }).Message;
}
