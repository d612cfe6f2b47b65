using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill study</c>: runs, watches, merges and reports studies.</summary>
internal static class StudyVerb
{
    public static Command Create()
    {
        Command verb = VerbOptions.Verb(
            "study",
            "Compares teachers, back ends, signals and label budgets over seeds, with controls, and says whether the quantum teacher helps.",
            "qdistill study run studies/signals_small.yaml --output out/study",
            "qdistill study report out/study");
        verb.Add(CreateRun());
        verb.Add(CreateStatus());
        verb.Add(CreateMerge());
        verb.Add(CreateManifest());
        verb.Add(ReportVerb.Create("study report"));
        return verb;
    }

    private static Command CreateRun()
    {
        var file = new Argument<string>("study") { Description = "the study file" };
        Option<string> output = VerbOptions.Required<string>("--output", "the study's folder; one that holds runs already is gone on with", "FOLDER");
        Option<int> jobs = VerbOptions.Value("--jobs", "runs side by side; 0: one for each processor", 0, "N").Within(0, 1024);
        Option<string> shard = VerbOptions.Value("--shard", "which part of the runs, I from 1 to N; every run is in exactly one part; auto/N takes the number from Slurm or Kubernetes and runs in FOLDER/shards/I", "1/1", "I/N");
        Option<string> engine = VerbOptions.Value("--engine", "where the runs are done: local, or slurm for a job array", "local", "NAME");
        engine.AcceptOnlyFromAmong("local", "slurm");
        Option<int> shards = VerbOptions.Value("--shards", "slurm: tasks of the job array", 4, "N").Within(1, 10_000);
        Option<string[]> sbatch = new("--sbatch") { Description = "slurm: a further option of sbatch, such as --sbatch=--partition=long", HelpName = "OPTION" };
        Option<bool> noWait = new("--no-wait") { Description = "slurm: submit only; merge afterwards with 'qdistill study merge FOLDER/shards/* --output OTHER'" };
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "run",
            "Runs what the study's folder does not hold yet; Ctrl-C or a kill lose at most the runs in flight.",
            "qdistill study run studies/signals_small.yaml --output out/study --jobs 2",
            "qdistill study run studies/signals_small.yaml --output out/part_1 --shard 1/4",
            "qdistill study run studies/signals_small.yaml --output /shared/study --engine slurm --shards 16");
        verb.Add(file);
        verb.Add(output);
        verb.Add(jobs);
        verb.Add(shard);
        verb.Add(engine);
        verb.Add(shards);
        verb.Add(sbatch);
        verb.Add(noWait);
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            bool quiet = r.GetValue(json);
            if (r.GetRequiredValue(engine) == "slurm")
            {
                return Task.FromResult(Slurm(
                    r.GetRequiredValue(file),
                    new StudyFolder(r.GetRequiredValue(output)),
                    new SlurmOptions { Shards = r.GetValue(shards), CpusPerTask = Math.Max(1, r.GetValue(jobs)), SbatchOptions = r.GetValue(sbatch) ?? [], Program = Self(), Wait = !r.GetValue(noWait) },
                    quiet,
                    cancellation));
            }

            (StudyShard part, string into) = ShardName.Resolve(r.GetRequiredValue(shard), r.GetRequiredValue(output));
            StudySpec study = StudyFile.Load(r.GetRequiredValue(file));
            StudyOutcome outcome;
            using (var reading = new ProgressLine("reading recordings", quiet))
            using (var running = new ProgressLine("runs", quiet))
            {
                outcome = StudyEngine.Run(
                    study,
                    new StudyFolder(into),
                    new StudyRunOptions { Jobs = r.GetValue(jobs), Shard = part, Reading = reading, Running = running, Note = quiet ? null : Output.Note },
                    cancellation);
            }

            if (quiet)
            {
                Output.WriteJson(outcome);
            }
            else
            {
                Output.Note(FormattableString.Invariant($"{outcome.Finished} runs finished in {outcome.Seconds:F0} s, {outcome.Failed} failed, {outcome.Remaining} still to do{(outcome.OutOfTime ? " (the study's max_seconds are over; the same command goes on)" : string.Empty)}; {outcome.TeachersFitted} teachers fitted"));
            }

            return Task.FromResult(outcome.Failed > 0 ? ExitCode.CheckFailed : 0);
        });
        return verb;
    }

    private static Command CreateStatus()
    {
        Argument<string> folder = Folder();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb("status", "Says how far a study is; it may be running.", "qdistill study status out/study", "qdistill study status out/study --json");
        verb.Add(folder);
        verb.Add(json);
        verb.SetAction(r =>
        {
            StudyStatus status = new StudyFolder(r.GetRequiredValue(folder)).Status();
            Print(status, r.GetValue(json));
            return 0;
        });
        return verb;
    }

    private static Command CreateMerge()
    {
        var folders = new Argument<string[]>("folder") { Description = "the folders of one study's shards", Arity = ArgumentArity.OneOrMore };
        Option<string> output = VerbOptions.Required<string>("--output", "the folder for all runs together", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb("merge", "Puts the runs of several folders of one study together.", "qdistill study merge out/part_1 out/part_2 --output out/study");
        verb.Add(folders);
        verb.Add(output);
        verb.Add(json);
        verb.SetAction(r =>
        {
            StudyStatus status = new StudyFolder(r.GetRequiredValue(output)).Merge(r.GetRequiredValue(folders));
            Print(status, r.GetValue(json));
            return 0;
        });
        return verb;
    }

    private static Command CreateManifest()
    {
        var file = new Argument<string>("study") { Description = "the study file" };
        Option<string> engine = VerbOptions.Value("--engine", "what the manifest is for: kubernetes", "kubernetes", "NAME");
        engine.AcceptOnlyFromAmong("kubernetes");
        Option<string> image = VerbOptions.Value("--image", "the image that holds qdistill", "qdistill:latest", "IMAGE");
        Option<int> shards = VerbOptions.Value("--shards", "completions of the Indexed Job", 4, "N").Within(1, 10_000);
        Option<int> parallelism = VerbOptions.Value("--parallelism", "pods at once; 0: all", 0, "N").Within(0, 10_000);
        Option<int> cpus = VerbOptions.Value("--cpus", "processors of each pod, and runs side by side in it", 1, "N").Within(1, 1024);
        Option<string> memory = VerbOptions.Value("--memory", "memory of each pod", "2Gi", "QUANTITY");
        Option<string> results = VerbOptions.Value("--results-claim", "the claim of a volume that every pod may write", "qdistill-results", "NAME");
        Option<string?> data = VerbOptions.Optional<string>("--data-claim", "the claim of the volume with the bags, mounted at /data as QDISTILL_DATA", "NAME");
        Command verb = VerbOptions.Verb(
            "manifest",
            "Prints a study as a Kubernetes Indexed Job; each pod does one shard.",
            "qdistill study manifest studies/signals_small.yaml --shards 16 | kubectl apply -f -");
        foreach (Option option in new Option[] { engine, image, shards, parallelism, cpus, memory, results, data })
        {
            verb.Add(option);
        }

        verb.Add(file);
        verb.SetAction(r =>
        {
            System.Console.Out.Write(KubernetesManifest.Write(StudyFile.Load(r.GetRequiredValue(file)), new KubernetesOptions
            {
                Image = r.GetRequiredValue(image),
                Shards = r.GetValue(shards),
                Parallelism = r.GetValue(parallelism),
                Cpus = r.GetValue(cpus),
                Memory = r.GetRequiredValue(memory),
                ResultsClaim = r.GetRequiredValue(results),
                DataClaim = r.GetValue(data),
            }));
            return 0;
        });
        return verb;
    }

    private static int Slurm(string file, StudyFolder folder, SlurmOptions options, bool quiet, CancellationToken cancellation)
    {
        SlurmOutcome outcome;
        using (var running = new ProgressLine("runs", quiet))
        {
            outcome = SlurmEngine.Run(file, folder, options with { Running = running }, cancellation);
        }

        if (quiet)
        {
            Output.WriteJson(outcome);
        }
        else if (outcome.Status is { } status)
        {
            Output.Note($"job {outcome.Job} ended");
            Print(status, json: false);
        }
        else
        {
            Output.Note($"job {outcome.Job} submitted from {outcome.Script}; when it has ended: qdistill study merge {folder.Path}/shards/* --output FOLDER");
        }

        return outcome.Status is { } s && s.Failed + s.Open > 0 ? ExitCode.CheckFailed : 0;
    }

    // How this very program is started again on another node.
    private static IReadOnlyList<string> Self()
    {
        string process = Environment.ProcessPath ?? "qdistill";
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, typeof(StudyVerb).Assembly.Location] : [process];
    }

    private static Argument<string> Folder() => new("folder") { Description = "the study's folder" };

    private static void Print(StudyStatus s, bool json)
    {
        if (json)
        {
            Output.WriteJson(s);
            return;
        }

        System.Console.Out.WriteLine($"{s.Name}: {s.Done} of {s.Runs} runs done, {s.Failed} failed, {s.Open} to do");
        Output.WriteTable(null, ["role", "done>"], s.ByRole.Select(p => (IReadOnlyList<string>)[StudyRole.Words(p.Key), p.Value]));
        foreach (string error in s.Errors)
        {
            Output.Note($"failed: {error}");
        }
    }
}
