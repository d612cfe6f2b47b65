using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>Held to the rules of the batch/v1 and core/v1 API reference: what the API server's validation asks of an Indexed Job.</summary>
public class KubernetesManifestTests
{
    private static readonly Regex Label = new("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$");
    private static readonly Regex Quantity = new(@"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?$");

    [Theory]
    [InlineData(1, 0, "tiny")]
    [InlineData(16, 4, "Which signal?")]
    [InlineData(1000, 50, "a very long name of a study that nobody would ever think of but that somebody will write down")]
    public void The_job_is_what_the_api_server_accepts(int shards, int parallelism, string name)
    {
        StudySpec study = TinyStudy.Parse(TinyStudy.Text.Replace("name: tiny", $"name: \"{name}\"", StringComparison.Ordinal));
        string text = KubernetesManifest.Write(study, new KubernetesOptions { Image = "registry.example/qdistill:1.0", Shards = shards, Parallelism = parallelism, DataClaim = "bags", Cpus = 2, Memory = "4Gi" });
        ConfigSection[] documents = [.. Regex.Split(text, "^---$", RegexOptions.Multiline).Select((d, i) => ConfigFile.Parse(d, $"document {i}"))];
        Assert.Equal(2, documents.Length);

        ConfigSection map = documents[0];
        Assert.Equal(("v1", "ConfigMap"), (map.String("apiVersion"), map.String("kind")));
        Assert.Equal(study.Text.TrimEnd(), map.Section("data").String("study.yaml").TrimEnd());
        Assert.Equal(study.Name, StudyFile.Read(ConfigFile.Parse(map.Section("data").String("study.yaml"), "s"), "s", Path.GetTempPath()).Name);

        ConfigSection job = documents[1], spec = job.Section("spec");
        Assert.Equal(("batch/v1", "Job"), (job.String("apiVersion"), job.String("kind")));
        string jobName = job.Section("metadata").String("name");
        Assert.Equal(jobName, map.Section("metadata").String("name"));
        Assert.Matches(Label, jobName);
        Assert.InRange($"{jobName}-{shards - 1}".Length, 1, 63); // hostnames of an Indexed Job's pods are job-index and must be DNS labels
        Assert.Equal("Indexed", spec.String("completionMode"));
        Assert.Equal(shards, spec.Int("completions"));
        Assert.InRange(spec.Int("parallelism"), 1, Math.Min(shards, 100_000));
        Assert.True(spec.Int("backoffLimit") >= 0);

        ConfigSection pod = spec.Section("template").Section("spec");
        Assert.Contains(pod.String("restartPolicy"), (string[])["Never", "OnFailure"]); // Always is refused for jobs
        ConfigSection container = Assert.Single(pod.Sections("containers"));
        Assert.Matches(Label, container.String("name"));
        Assert.Equal("registry.example/qdistill:1.0", container.String("image"));
        Assert.Equal(["study", "run", "/study/study.yaml", "--output", $"/results/{jobName}", "--shard", $"auto/{shards}", "--jobs", "2"], container.Strings("args"));
        ConfigSection resources = container.Section("resources");
        Assert.Matches(Quantity, resources.Section("requests").String("cpu"));
        Assert.Matches(Quantity, resources.Section("requests").String("memory"));

        string[] volumes = [.. pod.Sections("volumes").Select(v => v.String("name"))];
        Assert.Equal(volumes.Distinct(), volumes);
        Assert.All(container.Sections("volumeMounts"), m => Assert.Contains(m.String("name"), volumes));
        Assert.Equal(container.Sections("volumeMounts").Select(m => m.String("mountPath")).Distinct().Count(), container.Sections("volumeMounts").Count);
        Assert.Equal(["/study", "/results", "/data"], container.Sections("volumeMounts").Select(m => m.String("mountPath")));
        foreach (ConfigSection volume in pod.Sections("volumes"))
        {
            Assert.Single(new[] { "configMap", "persistentVolumeClaim" }, volume.Has);
            Assert.Matches(Label, volume.OptionalSection("configMap") is { } c ? c.String("name") : volume.Section("persistentVolumeClaim").String("claimName"));
        }

        ConfigSection variable = Assert.Single(container.Sections("env"));
        Assert.Equal(("QDISTILL_DATA", "/data"), (variable.String("name"), variable.String("value")));
    }

    [Fact]
    public void Bags_need_a_volume_to_lie_on()
    {
        StudySpec study = TinyStudy.Parse(TinyStudy.Text.Replace("simulate: {seconds: 60, training: [1001, 1002], validation: [1003, 1004], test: [1005, 1006, 1015, 1016, 1017, 1018]}", "training: [a]\n    validation: [b]\n    test: [c]", StringComparison.Ordinal));
        Assert.Contains("--data-claim", Assert.Throws<UserErrorException>(() => KubernetesManifest.Write(study, new KubernetesOptions { Image = "i", Shards = 2 })).Message, StringComparison.Ordinal);
    }
}
