using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using QDistill.Configuration;

namespace QDistill.Inference;

/// <summary>
/// A student ready to predict: one feature vector in, calibrated probabilities out, on one thread and without managed allocation. The model is
/// checked and warmed when it is loaded, so that a bad one never flies. Not safe for use by several threads at once.
/// </summary>
public sealed class RiskModel : IDisposable
{
    /// <summary>The model's file inside a model folder.</summary>
    public const string FileName = "student.onnx";

    /// <summary>The largest file that is accepted [bytes].</summary>
    public const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>The input: float [batch, d], columns in the order of the contract's feature names; [batch, w, d] for a model that looks at w windows, oldest first.</summary>
    public const string InputName = "features";

    /// <summary>Output: float [batch].</summary>
    public const string CollisionName = "collision_probability";

    /// <summary>Output: float [batch, c], columns in the order of the contract's constraints; absent when there are none.</summary>
    public const string ViolationName = "violation_probability";

    /// <summary>Output: float [batch], the entropy of the collision prediction [nats], at most ln 2.</summary>
    public const string UncertaintyName = "uncertainty";

    /// <summary>
    /// Output, optional: float [batch], the energy score of the network's logits z before calibration, E = −Σ_j log(e^(z_j/2) + e^(−z_j/2)): Liu et al. 2020, eq. 4 at T = 1, over all
    /// combinations of the outputs' two classes, whose logits are ±z_j/2.
    /// </summary>
    public const string EnergyName = "energy";

    private const int WarmUpRuns = 32;
    private const int MostWindows = 256;
    private const long OldestOpset = 7;

    private readonly InferenceSession session;
    private readonly OrtIoBinding binding;
    private readonly RunOptions runOptions = new();
    private readonly List<OrtValue> values = [];
    private readonly float[] input;
    private readonly float[] collision = GC.AllocateArray<float>(1, pinned: true);
    private readonly float[] violation;
    private readonly float[] uncertainty = GC.AllocateArray<float>(1, pinned: true);
    private readonly float[] energy = GC.AllocateArray<float>(1, pinned: true);
    private readonly bool refuseMissing;
    private bool hasHistory;
    private bool disposed;

    private RiskModel(string path, byte[] file, InferenceSession session, ModelContract contract)
    {
        Path = path;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        this.session = session;
        Contract = contract;
        refuseMissing = contract.Missing == MissingFeatures.Refuse;
        FeatureCount = contract.FeatureNames.Count;
        int[] shape = session.InputMetadata[InputName].Dimensions;
        Window = shape.Length == 3 ? shape[1] : 1;
        input = GC.AllocateArray<float>(Window * FeatureCount, pinned: true);
        violation = GC.AllocateArray<float>(contract.Constraints.Count, pinned: true);
        binding = session.CreateIoBinding();
        try
        {
            binding.BindInput(InputName, Wrap(input, Window > 1 ? [1, Window, FeatureCount] : [1, FeatureCount]));
            binding.BindOutput(CollisionName, Wrap(collision, [1]));
            binding.BindOutput(UncertaintyName, Wrap(uncertainty, [1]));
            if (violation.Length > 0)
            {
                binding.BindOutput(ViolationName, Wrap(violation, [1, violation.Length]));
            }

            energy[0] = float.NaN;
            HasEnergy = session.OutputMetadata.ContainsKey(EnergyName);
            if (HasEnergy)
            {
                binding.BindOutput(EnergyName, Wrap(energy, [1]));
            }

            WarmUp();
            ResetHistory();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the file, in hex.</summary>
    public string Sha256 { get; }

    /// <summary>The first 12 digits of <see cref="Sha256"/>: the id published with every prediction.</summary>
    public string ModelId => Sha256[..12];

    /// <summary>What the model promises and needs.</summary>
    public ModelContract Contract { get; }

    /// <summary>Whether the model gives an energy score; older ones do not.</summary>
    public bool HasEnergy { get; }

    /// <summary>The energy score of the last prediction, see <see cref="EnergyName"/>; NaN when the model gives none.</summary>
    public float Energy => energy[0];

    /// <summary>The number of features, d.</summary>
    public int FeatureCount { get; }

    /// <summary>How many feature vectors the model looks at: the one given and those given before it; 1 for most models.</summary>
    public int Window { get; }

    /// <summary>The number of constraints, c.</summary>
    public int ConstraintCount => violation.Length;

    /// <summary>Loads, checks and warms a model.</summary>
    /// <param name="path">A model folder that holds <c>student.onnx</c>, or an ONNX file.</param>
    /// <param name="schemaId">The id of the feature schema it will be fed from; null leaves that check to the caller.</param>
    /// <param name="publicKey">The Ed25519 public key that it must be signed with, see <see cref="ModelSignature"/>; null: not checked.</param>
    /// <exception cref="UserErrorException">It is not a model that can be used here; one sentence says why.</exception>
    public static RiskModel Load(string path, string? schemaId = null, byte[]? publicKey = null)
    {
        string file = Directory.Exists(path) ? System.IO.Path.Combine(path, FileName) : path;
        byte[] bytes = ReadFile(file);
        if (publicKey is not null)
        {
            // First of all: what is not signed is not even looked at.
            ModelSignature.Require(bytes, file, publicKey);
        }

        CheckHeader(OnnxHeader.Read(bytes), file);
        InferenceSession session = Open(bytes, file);
        try
        {
            ModelContract contract = ContractMetadata.Read(session.ModelMetadata.CustomMetadataMap, file);
            CheckSchema(contract, schemaId, file);
            CheckShapes(session, contract, file);
            return Run(() => new RiskModel(file, bytes, session, contract), file);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Forgets earlier feature vectors: to be called where a recording begins, or after a gap. The next vector then stands for those before it as well.</summary>
    public void ResetHistory() => hasHistory = false;

    /// <summary>Predicts from one feature vector, and those given before where the model looks at several. Allocates nothing.</summary>
    /// <param name="features">The values [d] in schema order; NaN where missing.</param>
    /// <param name="violationProbabilities">Receives the probability that each constraint is violated within its horizon [c].</param>
    /// <param name="collisionProbability">The probability of a collision within the horizon.</param>
    /// <param name="entropy">The entropy of that prediction [nats].</param>
    /// <returns>Ok, or why there is no prediction; then the outputs are NaN.</returns>
    public InferenceStatus Predict(ReadOnlySpan<float> features, Span<float> violationProbabilities, out float collisionProbability, out float entropy)
    {
        collisionProbability = entropy = float.NaN;
        violationProbabilities.Fill(float.NaN);
        if (disposed)
        {
            return InferenceStatus.Disposed;
        }

        if (features.Length != FeatureCount || violationProbabilities.Length != violation.Length)
        {
            return InferenceStatus.WrongLength;
        }

        foreach (float x in features)
        {
            if (float.IsInfinity(x) || (refuseMissing && float.IsNaN(x)))
            {
                return InferenceStatus.NotFinite;
            }
        }

        Append(features);
        try
        {
            session.RunWithBinding(runOptions, binding);
        }
        catch (OnnxRuntimeException)
        {
            return InferenceStatus.Failed;
        }

        if (!IsProbability(collision[0]) || !float.IsFinite(uncertainty[0]))
        {
            return InferenceStatus.Failed;
        }

        foreach (float p in violation)
        {
            if (!IsProbability(p))
            {
                return InferenceStatus.Failed;
            }
        }

        collisionProbability = collision[0];
        entropy = uncertainty[0];
        violation.CopyTo(violationProbabilities);
        return InferenceStatus.Ok;
    }

    /// <summary>
    /// Runs the network once more on the input of the last prediction, and changes nothing: what it needs is then in the processor's caches when the next prediction comes. Allocates nothing.
    /// </summary>
    public void KeepWarm()
    {
        if (disposed)
        {
            return;
        }

        try
        {
            session.RunWithBinding(runOptions, binding);
        }
        catch (OnnxRuntimeException)
        {
            // The next prediction tells.
        }
    }

    /// <summary>Frees the engine's session. Predictions afterwards say <see cref="InferenceStatus.Disposed"/>.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        binding.Dispose();
        foreach (OrtValue v in values)
        {
            v.Dispose();
        }

        runOptions.Dispose();
        session.Dispose();
    }

    // Oldest first; the newest comes last.
    private void Append(ReadOnlySpan<float> features)
    {
        if (hasHistory)
        {
            input.AsSpan(FeatureCount).CopyTo(input);
        }
        else
        {
            for (int t = 0; t < Window - 1; t++)
            {
                features.CopyTo(input.AsSpan(t * FeatureCount));
            }
        }

        features.CopyTo(input.AsSpan((Window - 1) * FeatureCount));
        hasHistory = true;
    }

    private static bool IsProbability(float p) => p is >= 0 and <= 1;

    private static byte[] ReadFile(string file)
    {
        var info = new FileInfo(file);
        if (!info.Exists)
        {
            throw new UserErrorException("there is no model", file, $"name an ONNX file, or a folder that holds {FileName}");
        }

        if (info.Length > MaxBytes)
        {
            throw new UserErrorException($"the file is {info.Length / (1024 * 1024)} MiB, more than the {MaxBytes / (1024 * 1024)} MiB that a model may have", file);
        }

        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException("the model cannot be read: " + e.Message.TrimEnd('.'), file, null, e);
        }
    }

    private static void CheckHeader(OnnxHeader header, string file)
    {
        switch (header.Fault)
        {
            case OnnxFault.Empty:
                throw new UserErrorException("the file is empty", file, "copy the model again");
            case OnnxFault.NotOnnx:
                throw new UserErrorException("this is not an ONNX model", file, $"name an ONNX file, or a folder that holds {FileName}");
            case OnnxFault.CutOff:
                throw new UserErrorException("the ONNX model is cut off", file, "copy or export it again");
            case OnnxFault.NoGraph:
                throw new UserErrorException("the ONNX model has no graph", file, "copy or export it again");
        }

        if (!header.Opsets.TryGetValue(string.Empty, out long opset) || opset < OldestOpset)
        {
            throw new UserErrorException($"the ONNX model names no standard operator set of version {OldestOpset} or newer", file, "export it again");
        }
    }

    private static InferenceSession Open(byte[] bytes, string file)
    {
        using SessionOptions options = Run(
            () =>
            {
                // One prediction is smaller than the hand-over to another thread, and a spinning thread takes a robot's core.
                var o = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
                o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
                return o;
            },
            file);
        return Run(() => new InferenceSession(bytes, options), file);
    }

    private static void CheckSchema(ModelContract contract, string? schemaId, string file)
    {
        if (schemaId is not null && schemaId != contract.SchemaId)
        {
            throw new UserErrorException(
                $"the model was trained on feature schema {contract.SchemaId}, but the features come from schema {schemaId}",
                file,
                "use the robot.yaml that the model was trained with, or train a model with this one");
        }
    }

    private static void CheckShapes(InferenceSession session, ModelContract contract, string file)
    {
        if (session.InputNames.Count != 1 || session.InputNames[0] != InputName)
        {
            throw new UserErrorException($"the model's inputs are {Listed(session.InputNames)}, not {InputName} alone", file, "export it with QDistill");
        }

        int d = contract.FeatureNames.Count;
        int[] declared = session.InputMetadata[InputName].Dimensions;
        CheckNode(session.InputMetadata[InputName], InputName, declared.Length == 3 && declared[1] is >= 2 and <= MostWindows ? [-1, declared[1], d] : [-1, d], file);
        CheckOutput(session, CollisionName, [-1], file);
        CheckOutput(session, UncertaintyName, [-1], file);
        if (session.OutputMetadata.ContainsKey(EnergyName))
        {
            CheckOutput(session, EnergyName, [-1], file);
        }

        if (contract.Constraints.Count > 0)
        {
            CheckOutput(session, ViolationName, [-1, contract.Constraints.Count], file);
        }
    }

    private static void CheckOutput(InferenceSession session, string name, int[] shape, string file)
    {
        if (!session.OutputMetadata.TryGetValue(name, out NodeMetadata? node))
        {
            throw new UserErrorException($"the model's outputs are {Listed(session.OutputNames)}; {name} is missing", file, "export it with QDistill");
        }

        CheckNode(node, name, shape, file);
    }

    private static void CheckNode(NodeMetadata node, string name, int[] shape, string file)
    {
        bool fits = node.IsTensor && node.ElementDataType == TensorElementType.Float && node.Dimensions.Length == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
        {
            // The batch may be open or 1; every other size is the contract's.
            fits = i == 0 ? node.Dimensions[0] is -1 or 1 : node.Dimensions[i] == shape[i];
        }

        if (!fits)
        {
            string wanted = string.Join(", ", shape.Select(s => s < 0 ? "batch" : s.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            throw new UserErrorException(
                $"the model declares {name} as {node.ElementDataType} [{string.Join(", ", node.Dimensions.Select(d => d < 0 ? "open" : d.ToString(System.Globalization.CultureInfo.InvariantCulture)))}], not Float [{wanted}] as its contract says",
                file,
                "export it again");
        }
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names.Take(8)) + (names.Count > 8 ? ", …" : string.Empty);

    private static T Run<T>(Func<T> action, string file)
    {
        try
        {
            return action();
        }
        catch (OnnxRuntimeException e)
        {
            string text = EngineText(e.Message);
            bool missing = text.Contains("is not a registered function/op", StringComparison.Ordinal) || text.Contains("No Op registered", StringComparison.Ordinal) || text.Contains("NOT_IMPLEMENTED", StringComparison.Ordinal);
            string what = missing ? "the model uses an operator that this ONNX Runtime does not have"
                : text.Contains("protobuf parsing failed", StringComparison.OrdinalIgnoreCase) ? "this is not a whole ONNX model"
                : "ONNX Runtime cannot use the model";
            throw new UserErrorException($"{what} ({text})", file, "export it again, or compare the versions of both", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new UserErrorException((e.InnerException ?? e).Message.TrimEnd('.'), null, null, e);
        }
    }

    // The engine's text may begin with its own source file and function, and run on over lines; what is wrong stands in between.
    private static string EngineText(string message)
    {
        const int most = 240;
        string text = message.Split('\n')[0].Trim().TrimEnd('.');
        int code = text.IndexOf("] ", StringComparison.Ordinal);
        text = text.StartsWith("[ErrorCode:", StringComparison.Ordinal) && code > 0 ? text[(code + 2)..] : text;
        int function = text.IndexOf(") ", StringComparison.Ordinal);
        bool located = text.StartsWith('/') && (text.Contains(".cc:", StringComparison.Ordinal) || text.Contains(".h:", StringComparison.Ordinal));
        text = located && function > 0 ? text[(function + 2)..] : text;
        return text.Length > most ? text[..most] + "…" : text;
    }

    private OrtValue Wrap(float[] memory, long[] shape)
    {
        OrtValue value = OrtValue.CreateTensorValueFromMemory(memory, shape);
        values.Add(value);
        return value;
    }

    private void WarmUp()
    {
        float[] zeros = new float[FeatureCount], v = new float[violation.Length];
        for (int i = 0; i < WarmUpRuns; i++)
        {
            Array.Clear(zeros);
            InferenceStatus status = Predict(zeros, v, out _, out _);
            if (status != InferenceStatus.Ok)
            {
                throw new UserErrorException($"for features that are all 0 the model gives no probabilities in [0, 1] ({status})", Path, "export it again");
            }
        }
    }
}
