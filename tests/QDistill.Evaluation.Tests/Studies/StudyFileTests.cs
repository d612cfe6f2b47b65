using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class StudyFileTests
{
    [Theory]
    [InlineData("seeds: 2", "sedes: 2", "unknown key 'sedes'; did you mean 'seeds'")]
    [InlineData("seeds: 2", "seeds: [1, 1]", "seeds: names a value twice")]
    [InlineData("seeds: 2", "seeds: [1.5]", "1.5 is not a whole number")]
    [InlineData("labels: [60]", "labels: []", "labels: is empty")]
    [InlineData("labels: [60]", "labels: [1]", "1 is not a whole number from 2")]
    [InlineData("test: [1005, 1006, 1015, 1016, 1017, 1018]", "test: [1005, 1001]", "'1001' is named twice")]
    [InlineData("test: [1005, 1006, 1015, 1016, 1017, 1018]", "test: []", "is empty")]
    [InlineData("robot: simulated_agv", "robot: simulated_avg", "there is no robot 'simulated_avg'")]
    [InlineData("- {backend: statevector}", "- {backend: statevector, shots: [3]}", "the back end 'statevector' is exact")]
    [InlineData("- {backend: statevector}", "- {backend: statevector, zero_noise: linear}", "zero_noise: does nothing on the back end 'statevector'")]
    [InlineData("- {backend: statevector}", "- {backend: noisy, zero_noise: cubic, noise: {loss: 0}}", "unknown zero-noise extrapolation 'cubic'")]
    [InlineData("shots: [64]", "shots: [0]", "the back end 'sampled' needs shots above 0")]
    [InlineData("- {backend: statevector}", "- {backend: noisy}", "noise: is missing")]
    [InlineData("- {backend: statevector}", "- {backend: statevector, noise: {loss: 0.1}}", "the back end 'statevector' has none")]
    [InlineData("- {backend: statevector}", "- {backend: stavector}", "'stavector' is not one of statevector, sampled, noisy; did you mean 'statevector'")]
    [InlineData("starts: 1, epochs: 30", "starts: 1, epochs: 30, seed: 4", "seed: is an axis of the study")]
    [InlineData("hard_weight: 0.5, soft_weight: 1}", "hard_weight: 0.5, soft_wieght: 1}", "unknown key 'recipes.hard and soft.signals.soft_wieght'; did you mean 'soft_weight'")]
    [InlineData("classical_teacher: {kind: mlp", "classical_teacher: {kind: vqc", "the classical control cannot be a quantum teacher")]
    [InlineData("name: tiny", "name: tiny\nmetric: aucroc", "'aucroc' is not one of")]
    [InlineData("- {backend: statevector}", "- {backend: statevector}\n  - {backend: statevector}", "two are named 'statevector'")]
    public void A_wrong_study_file_gets_one_sentence_with_its_place(string right, string wrong, string sentence)
    {
        Assert.Contains(right, TinyStudy.Text, StringComparison.Ordinal);
        UserErrorException e = Assert.Throws<UserErrorException>(() => TinyStudy.Parse(TinyStudy.Text.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(sentence, e.Message, StringComparison.Ordinal);
        Assert.Matches("^study.yaml:[0-9]+: .*[.]$", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("a/b")]
    [InlineData("-1/4")]
    public void A_shard_that_is_none_is_refused(string text) => Assert.Contains("is not a shard", Assert.Throws<UserErrorException>(() => StudyShard.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_grid_is_the_product_of_its_lists()
    {
        StudySpec s = TinyStudy.Parse(TinyStudy.Text.Replace("starts: 1, epochs: 30}", "starts: 1, epochs: 30, grid: {encoding: [angle, reuploading], layers: [1, 2, 3]}}", StringComparison.Ordinal));
        Assert.Equal(6, s.Teachers.Count);
        Assert.Equal(6, s.Teachers.Select(t => (t.Spec.Encoding, t.Spec.Layers)).Distinct().Count());
        Assert.Equal("vqc angle, 1 layers", s.Teachers[0].Name);
        Assert.All(s.Teachers, t => Assert.Equal(3, t.Spec.Qubits));
    }

    [Fact]
    public void Equal_noise_has_one_text_however_it_is_written()
    {
        string Noise(string yaml) => TinyStudy.Parse(TinyStudy.Text.Replace("- {backend: statevector}", "- {backend: noisy, shots: [0, 64], noise: " + yaml + "}", StringComparison.Ordinal)).Backends[0].Noise;
        string text = Noise("{two_qubit: {depolarising: 0.01}, read_one_for_zero: 0.02, one_qubit: {pauli: [0.001, 0, 0.002]}}");
        Assert.Equal("one_qubit:\n  pauli: [0.001, 0, 0.002]\ntwo_qubit:\n  depolarising: 0.01\nread_one_for_zero: 0.02\n", text);
        Assert.Equal(text, Noise("{read_one_for_zero: 2e-2, one_qubit: {pauli: [1e-3, 0.0, 2.0e-3]}, two_qubit: {depolarising: 0.010}}"));
    }

    [Fact]
    public void The_shipped_studies_can_be_read()
    {
        string[] files = Directory.GetFiles(Path.Combine(SharedData.Repository, "studies"), "*.yaml");
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.NotEmpty(StudyFile.Load(f).Recipes));
    }
}
