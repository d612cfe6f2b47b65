using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Teachers;

public sealed class TeacherFileTests : IDisposable
{
    private static readonly TeacherDataset Data = Synthetic.Table(400, 1);
    private static readonly Lazy<string> Vqc = new(() => Fitted(VqcFitTests.Small with { Epochs = 5 }));
    private static readonly Lazy<string> Mlp = new(() => Fitted(TeacherSpec.ClassicalDefault with { Labels = 100, Starts = 1, Epochs = 3, Hidden = [5, 4] }));
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_teacher_read_back_gives_the_same_answers_to_the_bit()
    {
        foreach (TeacherSpec spec in (TeacherSpec[])[VqcFitTests.Small with { Epochs = 5 }, TeacherSpec.ClassicalDefault with { Labels = 100, Starts = 1, Epochs = 3 }])
        {
            using var backend = new StateVectorBackend();
            ITeacher teacher = TeacherFitting.Fit(Data, Data, spec, backend);
            string path = folder[spec.Kind + ".yaml"];
            TeacherFile.Save(path, teacher);
            ITeacher read = TeacherFile.Load(path, backend);
            Assert.Equal(teacher.Id, read.Id);
            Assert.Equal(teacher.ToYaml(), read.ToYaml());
            Assert.True(TeacherFile.IsFitted(path));
            Assert.Equal(spec.ToYaml(), TeacherFile.LoadSpec(path).ToYaml());
            TeacherAnswers a = teacher.Answer(Data.Features, 0), b = read.Answer(Data.Features, 0);
            Assert.Equal(a.Probabilities.Select(BitConverter.SingleToInt32Bits), b.Probabilities.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(a.Expectations.Select(BitConverter.SingleToInt32Bits), b.Expectations.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Every_float_and_double_survives_its_text()
    {
        var rng = new Philox(5);
        float[] floats = [.. Enumerable.Range(0, 20_000).Select(_ => BitConverter.UInt32BitsToSingle(rng.NextUInt32())).Where(float.IsFinite)];
        double[] doubles = [.. Enumerable.Range(0, 20_000).Select(_ => rng.NextGaussian() * Math.Pow(10, rng.NextDouble(-12, 12)))];
        ConfigSection yaml = ConfigFile.Parse($"f: {TeacherText.List(floats)}\nd: {TeacherText.List(doubles)}\n", "t");
        Assert.Equal(floats, yaml.Doubles("f").Select(v => (float)v));
        Assert.Equal(doubles, yaml.Doubles("d"));
    }

    [Theory]
    [InlineData("weights: [", "weights: [0.5, ", "fitted.weights: holds 17 numbers, but the circuit and its head need 16")]
    [InlineData("head_bias: [", "head_bias: [.nan, ", "fitted.head_bias: holds 3 numbers")]
    [InlineData(@"head_bias: \[[^,]*", "head_bias: [.nan", "fitted.head_bias: number 0 is not finite")]
    [InlineData(@"  scale: \[[^,]*", "  scale: [0", "fitted.scale: holds a number that is not positive")]
    [InlineData(@"  scale: \[[^,]*, ", "  scale: [", "fitted.scale: holds 5 numbers, but mean has 6")]
    [InlineData(@"chosen: \[\d+", "chosen: [6", "fitted.chosen: 6 is no index into the 6 features")]
    [InlineData(@"chosen: \[\d+", "chosen: [1.5", "fitted.chosen: 1.5 is no index")]
    [InlineData(@"chosen: \[.*\]", "chosen: []", "fitted.chosen: names 0 features")]
    [InlineData(@"outputs: \[.*\]", "outputs: []", "fitted.outputs: must name at least one output")]
    [InlineData("calibration: [", "calibration: [1, ", "fitted.calibration: holds 5 numbers, but its outputs need 4")]
    [InlineData("ansatz: hardware-efficient", "ansatz: strongly-entangling", "fitted.weights: holds 16 numbers, but the circuit and its head need 24")]
    [InlineData("ansatz: hardware-efficient", "ansatz: hardware-eficient", "ansatz: 'hardware-eficient' is not one of")]
    [InlineData("schema_id:", "schema_idd:", "'fitted.schema_id' is missing")]
    [InlineData("chosen:", "extra: 1\n  chosen:", "unknown key 'fitted.extra'")]
    [InlineData("qubits:", "qbits: 3\nqubits:", "unknown key 'qbits'; did you mean 'qubits'")]
    [InlineData("fitted:", "not_fitted:", "holds a specification, not a fitted teacher")]
    public void A_damaged_vqc_file_is_one_clear_sentence(string pattern, string replacement, string sentence) => Damaged(Vqc.Value, pattern, replacement, sentence);

    [Theory]
    [InlineData("inputs: 5", "inputs: 4", "fitted.layers[1].weight: holds 20 numbers for 4 inputs and 4 outputs after a width of 5")]
    [InlineData("inputs: 6", "inputs: 1000000", "fitted.layers[0].weight: holds 30 numbers for 1000000 inputs")]
    [InlineData("outputs: 4, ", "outputs: 400000, ", "fitted.layers[1].outputs: 400000 is outside [1, 4]")]
    [InlineData(@"outputs: \[.*\]", "outputs: [collision]", "fitted.calibration: holds 4 numbers, but its outputs need 2")]
    [InlineData("activation: tanh", "activation: tan", "fitted.activation: 'tan' is not one of")]
    [InlineData("inputs: 6", "inputs: 6, inpts: 3", "unknown key 'fitted.layers[0].inpts'")]
    public void A_damaged_mlp_file_is_one_clear_sentence(string pattern, string replacement, string sentence) => Damaged(Mlp.Value, pattern, replacement, sentence);

    [Fact]
    public void A_file_cut_off_anywhere_is_refused_or_means_the_same()
    {
        using var backend = new StateVectorBackend();
        string text = Vqc.Value;
        string whole = Load(text, backend).ToYaml();
        for (int length = 0; length < text.Length; length += 41)
        {
            try
            {
                Assert.Equal(whole, Load(text[..length], backend).ToYaml());
            }
            catch (UserErrorException)
            {
                // One sentence, as it should be.
            }
        }
    }

    [Fact]
    public void Windows_of_another_schema_or_other_outputs_are_refused_with_both_named()
    {
        using var backend = new StateVectorBackend();
        ITeacher teacher = Load(Vqc.Value, backend);
        TeacherDataset Like(string schema, string[] outputs) => new(schema, Data.FeatureNames, outputs, ["run"], Data.Stamps, Data.BagOf, Data.Features, Data.Truth);
        Assert.Contains($"was fitted on feature schema {Data.SchemaId}, but these windows have other", Assert.Throws<UserErrorException>(() => TeacherFile.RequireMatch(teacher, Like("other", [.. Data.OutputNames]))).Message);
        Assert.Contains("predicts [collision, keep_clear], but the robot file asks for [collision, slow]", Assert.Throws<UserErrorException>(() => TeacherFile.RequireMatch(teacher, Like(Data.SchemaId, ["collision", "slow"]))).Message);
    }

    private static string Fitted(TeacherSpec spec)
    {
        using var backend = new StateVectorBackend();
        return TeacherFitting.Fit(Data, Data, spec, backend).ToYaml();
    }

    private ITeacher Load(string text, ITeacherBackend backend)
    {
        File.WriteAllText(folder["t.yaml"], text);
        return TeacherFile.Load(folder["t.yaml"], backend);
    }

    private void Damaged(string text, string pattern, string replacement, string sentence)
    {
        string damaged = pattern.Contains('\\', StringComparison.Ordinal) ? new Regex(pattern).Replace(text, replacement, 1) : new Regex(Regex.Escape(pattern)).Replace(text, replacement, 1);
        Assert.NotEqual(text, damaged);
        using var backend = new StateVectorBackend();
        string message = Assert.Throws<UserErrorException>(() => Load(damaged, backend)).Message;
        Assert.Contains(sentence, message);
        Assert.StartsWith(folder["t.yaml"], message);
    }
}
