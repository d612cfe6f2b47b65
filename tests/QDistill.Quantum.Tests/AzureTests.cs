using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Identity;
using QDistill.Configuration;

namespace QDistill.Quantum.Tests;

/// <summary>The hardware road end to end against the contract server.</summary>
public sealed class AzureTests : IDisposable
{
    private static readonly Circuit Teacher = TeacherCircuit.Build("reuploading", "hardware-efficient", 2, 2, 2);
    private readonly AzureContractServer server = new();
    private readonly TempDirectory folder = new();
    private readonly double[] weights = Teacher.RandomWeights(3);
    private readonly double[] inputs = RandomCircuits.Vector(2 * 5, 4);

    private AzureOptions Options => new()
    {
        ConnectionString = server.ConnectionString,
        Target = "ionq.simulator",
        Shots = 2000,
        JobsFile = folder["jobs.txt"],
        PollStart = TimeSpan.FromMilliseconds(1),
        PollCeiling = TimeSpan.FromMilliseconds(5),
        RetryStart = TimeSpan.FromMilliseconds(1),
        Retries = 4,
    };

    public void Dispose()
    {
        server.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false, "ionq.simulator", "Base")]
    [InlineData(true, "ionq.simulator", "Base")]
    [InlineData(false, "quantinuum.sim.h2-1e", "Adaptive_RI")]
    public void LabelsComeBackRight(bool version1, string target, string profile)
    {
        server.Version1 = version1;
        server.States = ["Queued", "Reticulating", "Executing", "Succeeded"];   // one of them unknown
        Observable[] observables = [Observable.Z(0), Observable.Z(1), Observable.Parse("X0 Y1")];
        var request = new EvaluationRequest { Observables = observables, Probabilities = true };
        using var azure = new AzureBackend(Options with { Target = target, PackQubits = 6 });
        Evaluation e = azure.Evaluate(Teacher, weights, inputs, 5, request);
        using var exact = new StateVectorBackend();
        Evaluation truth = exact.Evaluate(Teacher, weights, inputs, 5, request);
        for (int i = 0; i < 15; i++)
        {
            Assert.Equal(truth.Expectations[i], e.Expectations[i], (5 * Math.Sqrt(e.Variances[i])) + 2e-3);
        }

        Assert.True(truth.Probabilities!.Zip(e.Probabilities!, (a, b) => Math.Abs(a - b)).Max() < 0.06);

        // Three samples of two qubits fit in a job of six; two bases.
        Assert.Equal(4, server.Submissions);
        Assert.All(server.Bodies, b => Assert.Equal(profile, (string)b["inputParams"]!["target_profile"]!));
        Assert.Equal(10, azure.Ledger.Circuits);
        Assert.Equal(20000, azure.Ledger.Shots);
        Assert.Equal(4 * 0.25, azure.Ledger.EstimatedPrice, 1e-9);
    }

    [Fact]
    public void NothingIsSubmittedAboveTheCostLimit()
    {
        using var azure = new AzureBackend(Options with { PricePerShot = 0.01, PricePerJob = 1, MaxCost = 100 });
        CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs, 5), "5 jobs of 2000 shots", "105", "limit of 100", "--max-cost");
        Assert.Equal(0, server.Submissions);
        Assert.False(File.Exists(folder["jobs.txt"]));
    }

    [Fact]
    public void TheLimitIsOnAllQueriesTogether()
    {
        using var azure = new AzureBackend(Options with { PricePerJob = 0.25, MaxCost = 1.3 });
        azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 6), 3);
        CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs.AsSpan(4, 6), 3), "cost about 0.75, after 0.75 already spent", "limit of 1.3");
        azure.Approve(0.75);
        azure.Evaluate(Teacher, weights, inputs.AsSpan(4, 6), 3);
        Assert.Equal(6, server.Submissions);
    }

    [Fact]
    public void TargetsOfAllPagesAreListed()
    {
        server.MoreOfIonq = ",\"numQubits\":29,\"targetProfile\":\"Adaptive_RI\"";
        using var client = new AzureQuantumClient(Options);
        Assert.Equal(
            [new AzureTarget("ionq.simulator", "ionq", "Available", 3, 29, "adaptive_ri"), new AzureTarget("quantinuum.sim.h2-1e", "quantinuum", "Available", 0)],
            client.Targets());
    }

    [Fact]
    public void ATargetThatCannotRunTheJobIsRefusedBeforeAnythingIsSent()
    {
        server.MoreOfIonq = ",\"numQubits\":5";
        using (var azure = new AzureBackend(Options with { PackQubits = 6 }))
        {
            CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs, 5), "6 qubits", "'ionq.simulator', which has 5");
        }

        server.MoreOfIonq = ",\"targetProfile\":\"Pulse\"";
        using (var azure = new AzureBackend(Options))
        {
            CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs, 5), "profile 'pulse'", "adaptive_ri");
        }

        Assert.Equal(0, server.Submissions);
    }

    [Fact]
    public void ATargetsOwnProfileWinsOverTheUsualOne()
    {
        server.MoreOfIonq = ",\"targetProfile\":\"Adaptive_RI\"";
        using var azure = new AzureBackend(Options);
        azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1);
        Assert.All(server.Bodies, b => Assert.Equal("Adaptive_RI", (string)b["inputParams"]!["target_profile"]!));
    }

    [Fact]
    public void WithoutAKeyACredentialLogsInAndRenewsWhatIsRefused()
    {
        server.Tokens.Add("second");
        var credential = new Credential("first", "second");
        using var azure = new AzureBackend(Options with { ConnectionString = server.KeylessConnectionString, Credential = credential });
        Evaluation e = azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1);
        Assert.Equal(2, e.Expectations.Length);

        // The refused one and its successor; all later requests share that one.
        Assert.Equal(2, credential.Asked);
        Assert.Equal("https://quantum.microsoft.com/.default", credential.Scope);
    }

    [Fact]
    public void NobodyLoggedInIsOneSentence()
    {
        using var azure = new AzureBackend(Options with { ConnectionString = server.KeylessConnectionString, Credential = new Credential() });
        CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs, 5), "no ApiKey, and nobody is logged in", "no credential here", "az login");
    }

    private sealed class Credential(params string[] tokens) : TokenCredential
    {
        public int Asked { get; private set; }

        public string? Scope { get; private set; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scope = requestContext.Scopes.Single();
            return Asked < tokens.Length
                ? new AccessToken(tokens[Asked++], DateTimeOffset.UtcNow.AddHours(1))
                : throw new CredentialUnavailableException("no credential here\nmore");
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    [Fact]
    public void ARunThatWasCutOffCollectsItsJobs()
    {
        server.States = ["Waiting"];
        using (var first = new AzureBackend(Options))
        {
            using var source = new CancellationTokenSource();
            var run = Task.Run(() => first.Evaluate(Teacher, weights, inputs.AsSpan(0, 6), 3, null, source.Token));
            Assert.True(SpinWait.SpinUntil(() => server.Submissions == 3 || run.IsCompleted, TimeSpan.FromMinutes(2)));
            source.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => run.GetAwaiter().GetResult());
        }

        Assert.Equal(3, server.Submissions);
        File.AppendAllText(folder["jobs.txt"], "cut off in the mid");
        server.States = ["Executing", "Succeeded"];

        // Nothing new is paid for, so no price is too high.
        using var second = new AzureBackend(Options with { PricePerShot = 1, MaxCost = 0 });
        Evaluation e = second.Evaluate(Teacher, weights, inputs.AsSpan(0, 6), 3);
        Assert.Equal(3, server.Submissions);
        Assert.Equal(3, server.Uploads);
        using var exact = new StateVectorBackend();
        double[] truth = exact.Evaluate(Teacher, weights, inputs.AsSpan(0, 6), 3).Expectations;
        Assert.True(truth.Zip(e.Expectations, (a, b) => Math.Abs(a - b)).Max() < 0.12);
    }

    [Fact]
    public void AJobThatWasWrittenDownButNeverArrivedIsPaidForLikeANewOne()
    {
        using (var first = new AzureBackend(Options))
        {
            // The targets are listed, then storage is refused: the id is on disk, the job is not there.
            server.Failures.Enqueue((200, """{"value":[{"id":"ionq","targets":[{"id":"ionq.simulator"}]}]}""", null));
            server.Failures.Enqueue((403, string.Empty, null));
            CircuitTests.Refused(() => first.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1), "answered 403");
        }

        string line = Assert.Single(File.ReadAllLines(folder["jobs.txt"]));
        using (var poor = new AzureBackend(Options with { PricePerJob = 1, MaxCost = 0.5 }))
        {
            CircuitTests.Refused(() => poor.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1), "1 jobs of 2000 shots", "more than the limit of 0.5");
        }

        Assert.Equal(0, server.Submissions);
        using var second = new AzureBackend(Options with { PricePerJob = 1, MaxCost = 1 });
        second.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1);
        Assert.Equal(line.Split(' ')[1], (string)Assert.Single(server.Bodies)["id"]!);
        Assert.Single(File.ReadAllLines(folder["jobs.txt"]));
    }

    [Fact]
    public void AFailedJobIsSubmittedAnewByTheNextRunAndTheOthersAreCollected()
    {
        server.States = ["Executing", "Failed"];
        using (var first = new AzureBackend(Options))
        {
            CircuitTests.Refused(() => first.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2), "ended as Failed", "submitted anew");
        }

        // The second job of that run ends well.
        server.States = ["Succeeded"];
        Assert.Equal(2, server.Submissions);
        using (var poor = new AzureBackend(Options with { PricePerJob = 1, MaxCost = 0.5 }))
        {
            CircuitTests.Refused(() => poor.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2), "1 jobs of 2000 shots", "more than the limit of 0.5");
        }

        using (var second = new AzureBackend(Options with { PricePerJob = 1, MaxCost = 1 }))
        {
            second.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2);
        }

        // Its successor is what a third run finds.
        Assert.Equal(3, server.Submissions);
        using var third = new AzureBackend(Options with { PricePerJob = 1, MaxCost = 0 });
        third.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2);
        Assert.Equal(3, server.Submissions);
    }

    [Fact]
    public void RepliesThatAreNotWhatTheContractSaysAreOneSentence()
    {
        foreach ((string reply, string[] parts) in new (string, string[])[]
        {
            ("{}", ["reply without 'value'"]), ("[]", ["reply without 'value'"]), ("""{"value":[{"id":"ionq"}]}""", ["reply without 'targets'"]), ("<html>", ["not JSON"]),
        })
        {
            server.Failures.Enqueue((200, reply, null));
            using var azure = new AzureBackend(Options with { JobsFile = null });
            CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1), ["Azure Quantum (127.0.0.1", .. parts]);
        }

        CircuitTests.Refused(() => AzureResult.Read(JsonNode.Parse("[]")!, 1).ToArray(), "no histogram");
        CircuitTests.Refused(() => AzureResult.Read(JsonNode.Parse("""{"Results":[{}]}""")!, 1).ToArray(), "no histogram");
        CircuitTests.Refused(() => AzureResult.Read(JsonNode.Parse("""{"Results":[{"Histogram":[{"Outcome":[1]}]}]}""")!, 1).ToArray(), "without a count");
        CircuitTests.Refused(() => AzureResult.Read(JsonNode.Parse("""{"Histogram":["[0]","much"]}""")!, 1).ToArray(), "no number for the outcome [0]");
    }

    [Fact]
    public void PassingFailuresAreOutlasted()
    {
        server.Failures.Enqueue((429, """{"error":{"code":"TooManyRequests","message":"slow down"}}""", "0"));
        server.Failures.Enqueue((503, string.Empty, null));
        server.Failures.Enqueue((500, "<html>oops</html>", null));
        server.Failures.Enqueue((408, string.Empty, null));

        // A wish to be asked again counts for any code, as a date too.
        server.Failures.Enqueue((409, string.Empty, DateTimeOffset.UtcNow.AddSeconds(-5).ToString("R")));
        using var azure = new AzureBackend(Options with { Retries = 5 });
        Assert.Equal(2, azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1).Expectations.Length);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public void ResultsThatComeSlowlyOrBreakOffAreReadInTheEnd()
    {
        // Late, but in time; too late; broken off in the middle.
        server.SlowBlobs.Enqueue(TimeSpan.FromSeconds(0.2));
        server.SlowBlobs.Enqueue(TimeSpan.FromSeconds(8));
        server.SlowBlobs.Enqueue(TimeSpan.FromSeconds(-1));
        using var azure = new AzureBackend(Options with { RequestTimeout = TimeSpan.FromSeconds(3) });
        using var exact = new StateVectorBackend();
        double[] truth = exact.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2).Expectations;
        Assert.True(truth.Zip(azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 4), 2).Expectations, (a, b) => Math.Abs(a - b)).Max() < 0.12);
        Assert.Empty(server.SlowBlobs);
        Assert.Equal(2, server.Submissions);
    }

    [Fact]
    public void LastingFailuresAreOneClearSentence()
    {
        void Refused(AzureOptions options, params string[] parts)
        {
            using var azure = new AzureBackend(options);
            CircuitTests.Refused(() => azure.Evaluate(Teacher, weights, inputs.AsSpan(0, 2), 1), parts);
        }

        AzureOptions fresh = Options with { JobsFile = null };
        Refused(fresh with { ConnectionString = server.ConnectionString.Replace(AzureContractServer.Key, "old", StringComparison.Ordinal) }, "refused the key", "401", "renew");
        Refused(fresh with { Target = "ionq.simulater" }, "no target 'ionq.simulater'", "did you mean 'ionq.simulator'");
        Refused(fresh with { ConnectionString = server.ConnectionString.Replace($":{server.Port}", ":9", StringComparison.Ordinal) }, "cannot be reached", "after 3 repetitions", "check the network", "QuantumEndpoint");
        server.Availability = "Unavailable";
        Refused(fresh, "'ionq.simulator' is unavailable");
        server.Availability = "Degraded";
        server.States = ["Executing", "Failed"];
        Refused(fresh, "ended as Failed", "QVM reported a problem [InvalidInputData]");
        server.States = ["Cancelled"];
        Refused(fresh, "ended as Cancelled");
        server.Failures.Enqueue((400, """{"error":{"code":"InvalidJobDefinition","message":"Session is already in a terminal state."}}""", null));
        Refused(fresh, "answered 400: Session is already in a terminal state");
        for (int i = 0; i < 5; i++)
        {
            server.Failures.Enqueue((503, string.Empty, null));
        }

        Refused(fresh, "503", "after 4 repetitions");
        CircuitTests.Refused(() => new AzureBackend(fresh with { ConnectionString = "SubscriptionId=1;ApiKey=2" }), "lacks QuantumEndpoint");
        CircuitTests.Refused(() => TeacherBackend.Create("azure"), "needs a target");
        Assert.DoesNotContain("secret", AzureWorkspace.Parse("SubscriptionId=1;ResourceGroupName=2;WorkspaceName=3;ApiKey=secret;QuantumEndpoint=https://x.quantum.azure.com/").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ResultsLeaveOutFailedAndLostShots()
    {
        JsonNode v2 = JsonNode.Parse("""{"DataFormat":"microsoft.quantum-results.v2","Results":[{"Histogram":[{"Outcome":[0,1],"Display":"[0, 1]","Count":30},{"Outcome":{"Error":"x"},"Count":2},{"Outcome":[2,1],"Count":3}]}]}""")!;
        (int[] Bits, double Count) only = Assert.Single(AzureResult.Read(v2, 35));
        Assert.Equal([0, 1], only.Bits);
        Assert.Equal(30, only.Count);
        Assert.Equal([(500.0, 0), (500.0, 1)], AzureResult.Read(JsonNode.Parse("""{"Histogram":["[0]",0.5,"[1]",0.5]}""")!, 1000).Select(r => (r.Count, r.Bits[0])));
    }

    [Fact]
    public void QirOfEveryTeacherRunsLikeTheCircuitItCameFrom()
    {
        using var host = new QSharpHost();
        FeatureEncoding[] encodings = [.. FeatureEncoding.All, FeatureEncoding.State];
        for (int i = 0; i < encodings.Length; i++)
        {
            // Every encoding once, and every ansatz with it.
            Circuit circuit = TeacherCircuit.Build(encodings[i].Name, Ansatz.All[i % Ansatz.All.Count].Name, 3, 2, encodings[i] == FeatureEncoding.State ? 16 : 3);
            double[] w = circuit.RandomWeights(1), x = encodings[i] == FeatureEncoding.State ? QuantumDataTests.Inputs(QuantumDataTests.RandomState(3, 1)) : [0.4, -0.7, 1.1];
            MeasurementPlan.Basis basis = MeasurementPlan.For([], needComputational: true).Bases[0];
            (Circuit read, IReadOnlyList<int> measured) = QirReader.Read(host.Qir(AzureBackend.Source(circuit, w, x, 1, basis), "base"));
            Assert.Equal(3, measured.Count);
            using var ours = new StateVector(circuit);
            using var theirs = new StateVector(read);
            double[] p = ours.Probabilities(w, x, 1), q = theirs.Probabilities([], [], 1);
            for (int k = 0; k < q.Length; k++)
            {
                int outcome = 0;
                for (int r = 0; r < 3; r++)
                {
                    outcome |= (k >> measured[r] & 1) << r;
                }

                p[outcome] -= q[k];
            }

            Assert.All(p, v => Assert.Equal(0, v, 1e-9));
        }

        CircuitTests.Refused(() => QirReader.Read("hello"), "not a QIR program");
        const string Head = "attributes #0 = { \"required_num_qubits\"=\"1\" }\n";
        CircuitTests.Refused(() => QirReader.Read(Head + "call void @__quantum__qis__foo__body(%Qubit* null)"), "unknown gate 'foo'");
        CircuitTests.Refused(() => QirReader.Read(Head + "call void @__quantum__qis__m__body(%Qubit* null, %Result* null)\ncall void @__quantum__qis__h__body(%Qubit* null)"), "after its measurement");
        (Circuit hex, _) = QirReader.Read(Head + "call void @__quantum__qis__rx__body(double 0x3FE0000000000000, %Qubit* null)");
        Assert.Equal(0.5, hex.Gates[0].Angles[0].Constant);
    }
}
