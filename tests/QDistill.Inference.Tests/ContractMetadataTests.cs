using QDistill.Configuration;

namespace QDistill.Inference.Tests;

public class ContractMetadataTests
{
    [Fact]
    public void A_contract_survives_the_way_through_metadata()
    {
        ModelContract c = Contract();
        ModelContract back = ContractMetadata.Read(ContractMetadata.Write(c), "x.onnx");
        Assert.Equivalent(c, back, strict: true);
    }

    [Fact]
    public void Every_key_states_the_contracts_version() => Assert.All(ContractMetadata.Write(Contract()).Keys, k => Assert.StartsWith("qdistill.v1.", k));

    [Fact]
    public void The_same_contract_gives_the_same_entries() => Assert.Equal(ContractMetadata.Write(Contract()), ContractMetadata.Write(Contract()));

    [Fact]
    public void A_contract_that_contradicts_itself_is_not_written()
    {
        Refused(Contract() with { FeatureNames = [] }, "feature names");
        Refused(Contract() with { SchemaId = "1234" }, "SHA-256");
        Refused(Contract() with { Horizon = double.NaN }, "horizon");
        Refused(Contract() with { CollisionThreshold = 1.5 }, "threshold");
        Refused(Contract() with { TrainingLow = [1] }, "training values");
        Refused(Contract() with { Constraints = [new("c", "s", "is about", 1, "m", 1)] }, "constraint \"c\"");
        Refused(Contract() with { Calibration = new CalibrationContract("temperature", [1, 0], [0, 0]) }, "calibration");
    }

    private static void Refused(ModelContract c, string part) => Assert.Contains(part, Assert.Throws<UserErrorException>(() => ContractMetadata.Write(c)).Message);

    private static ModelContract Contract() => new()
    {
        SchemaId = new string('a', 64),
        FeatureNames = ["lidar.clearance", "bewegung.größe \"quoted\""],
        Horizon = 1.0 / 3,
        Constraints = [new("speed", "motion.speed", ">", 0.1 + 0.2, "m/s", 2, 0.25)],
        CollisionThreshold = 0.123456789012345,
        Missing = MissingFeatures.Refuse,
        TrainingLow = [0.1f, float.MinValue],
        TrainingHigh = [1e-30f, float.MaxValue],
        Calibration = new CalibrationContract("temperature", [1.7, 0.3], [0, -0.25]),
        Teacher = new TeacherContract("vqc", "sampled", new Dictionary<string, double> { ["shots"] = 1e12, ["seconds"] = 0.125 }),
        DataHashes = new Dictionary<string, string> { ["bag"] = new string('b', 64) },
        Versions = new Dictionary<string, string> { ["qdistill"] = "0.1.0", ["libtorch"] = "1.13.0" },
    };
}
