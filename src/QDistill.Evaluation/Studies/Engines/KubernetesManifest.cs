using System.Globalization;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>How a study is given to Kubernetes.</summary>
public sealed record KubernetesOptions
{
    /// <summary>The image that holds <c>qdistill</c>.</summary>
    public required string Image { get; init; }

    /// <summary>How many shards (completions).</summary>
    public required int Shards { get; init; }

    /// <summary>How many at once; 0 for all.</summary>
    public int Parallelism { get; init; }

    /// <summary>The claim of a volume that every pod may write: results, a folder for each shard.</summary>
    public string ResultsClaim { get; init; } = "qdistill-results";

    /// <summary>The claim of the volume that holds the bags, read only, at <c>/data</c>; null when the study simulates its own.</summary>
    public string? DataClaim { get; init; }

    /// <summary>Processors asked for each pod; also runs side by side in it.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Memory asked for each pod.</summary>
    public string Memory { get; init; } = "2Gi";
}

/// <summary>A study as a Kubernetes Indexed Job (batch/v1) with its study file in a ConfigMap: the same shards by the same contract as elsewhere (<see cref="ShardName"/>).</summary>
public static class KubernetesManifest
{
    private const int LongestName = 63;

    /// <summary>Both objects as YAML documents.</summary>
    /// <exception cref="UserErrorException">An option is not what Kubernetes takes.</exception>
    public static string Write(StudySpec study, KubernetesOptions options)
    {
        string name = Name(study.Name, options.Shards);
        if (!study.Data.All(d => d.Seconds > 0) && options.DataClaim is null)
        {
            throw new UserErrorException($"the study '{study.Name}' reads bags, but no volume with data is named", "--data-claim", "name the claim; it is mounted at /data and QDISTILL_DATA is set to that");
        }

        if (!System.Text.RegularExpressions.Regex.IsMatch(options.Memory, @"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$"))
        {
            throw new UserErrorException($"'{options.Memory}' is not a quantity of memory", "--memory", "write such as 2Gi");
        }

        int parallelism = options.Parallelism > 0 ? Math.Min(options.Parallelism, options.Shards) : options.Shards;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$$"""
            # Study '{{{study.Name}}}' as {{{options.Shards}}} shards. Afterwards: qdistill study merge RESULTS/{{{name}}}/shards/* --output FOLDER
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: {{{name}}}
              labels: {app.kubernetes.io/name: qdistill, app.kubernetes.io/component: study}
            data:
              study.yaml: |

            """);
        foreach (string line in study.Text.ReplaceLineEndings("\n").TrimEnd().Split('\n'))
        {
            text.Append(line.Length > 0 ? "    " : string.Empty).Append(line).Append('\n');
        }

        string data = options.DataClaim is null ? string.Empty : "\n            - {name: data, mountPath: /data, readOnly: true}";
        string dataVolume = options.DataClaim is null ? string.Empty : $"\n        - {{name: data, persistentVolumeClaim: {{claimName: {options.DataClaim}, readOnly: true}}}}";
        string dataVariable = options.DataClaim is null ? string.Empty : "\n          env: [{name: QDISTILL_DATA, value: /data}]";
        text.Append(CultureInfo.InvariantCulture, $$$"""
            ---
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {{{name}}}
              labels: {app.kubernetes.io/name: qdistill, app.kubernetes.io/component: study}
            spec:
              completionMode: Indexed
              completions: {{{options.Shards}}}
              parallelism: {{{parallelism}}}
              # A pod that is evicted goes on where it was: finished runs are on the results volume.
              backoffLimit: {{{3 * options.Shards}}}
              template:
                metadata:
                  labels: {app.kubernetes.io/name: qdistill, app.kubernetes.io/component: study}
                spec:
                  restartPolicy: Never
                  containers:
                    - name: study
                      image: {{{options.Image}}}
                      args: [study, run, /study/study.yaml, --output, /results/{{{name}}}, --shard, auto/{{{options.Shards}}}, --jobs, "{{{options.Cpus}}}"]{{{dataVariable}}}
                      resources:
                        requests: {cpu: "{{{options.Cpus}}}", memory: {{{options.Memory}}}}
                        limits: {memory: {{{options.Memory}}}}
                      volumeMounts:
                        - {name: study, mountPath: /study, readOnly: true}
                        - {name: results, mountPath: /results}{{{data}}}
                  volumes:
                    - {name: study, configMap: {name: {{{name}}}}}
                    - {name: results, persistentVolumeClaim: {claimName: {{{options.ResultsClaim}}}}}{{{dataVolume}}}

            """);
        return text.ToString();
    }

    // RFC 1123, with room for the pod's -INDEX.
    private static string Name(string study, int shards)
    {
        string name = new([.. study.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        int room = LongestName - 1 - (shards - 1).ToString(CultureInfo.InvariantCulture).Length;
        name = $"qdistill-{name.Trim('-')}";
        return (name.Length > room ? name[..room] : name).Trim('-');
    }
}
