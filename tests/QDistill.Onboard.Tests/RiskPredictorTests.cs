using QDistill.Configuration;

namespace QDistill.Onboard.Tests;

public class RiskPredictorTests
{
    private const long Ms = 1_000_000;
    private const long Epoch = 1_700_000_000_000 * Ms;
    private static readonly RiskOptions Options = new() { FailSafeProbability = 0.9f, InputTimeout = 200 * Ms };

    private readonly FakeModel model = new();
    private readonly RiskPredictor predictor = new(Options);
    private long steady = 5_000 * Ms;
    private long now = Epoch;

    public RiskPredictorTests()
    {
        predictor.Install(model);
        predictor.Start(steady);
    }

    [Fact]
    public void Good_input_gives_the_models_own_answer()
    {
        Judge([0.25f, 0.5f, 0.1f, -0.2f]);
        Assert.Equal((PredictionStatus.Ok, 0.25f, 0.25f), (predictor.Status, predictor.Probability, predictor.Uncertainty));
        Assert.Equal([0.5f, 0.25f], predictor.Violations.ToArray());
        Assert.Equal([0.1f, -0.2f], predictor.Current.ToArray());
        Assert.Equal(now, predictor.Stamp);
        Assert.Equal(1ul, predictor.Sequence);
    }

    [Fact]
    public void Invalid_values_reach_the_model_as_NaN_and_are_not_current()
    {
        Judge([0.25f, 0.5f, 0f, 0.3f], validity: 0b1011);
        Assert.Equal([0.25f, 0.5f, float.NaN, 0.3f], model.Seen);
        Assert.Equal([float.NaN, 0.3f], predictor.Current.ToArray());
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
    }

    [Fact]
    public void A_missing_group_degrades_and_is_named()
    {
        Judge([0.25f, 0.5f, 0f, 0f], validity: 0b0011);
        Assert.Equal((PredictionStatus.Degraded, 0.25f, "motion"), (predictor.Status, predictor.Probability, predictor.FaultyGroup));
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal((PredictionStatus.Ok, null), (predictor.Status, predictor.FaultyGroup));
    }

    [Fact]
    public void A_missing_group_that_is_required_is_as_good_as_no_input()
    {
        predictor.Options = Options with { RequiredGroups = ["lidar"] };
        Judge([0.25f, 0.5f, 0f, 0f], validity: 0b1100);
        AssertFailSafe(PredictionStatus.StaleInput, InputFault.MissingRequiredGroup);
        Assert.Equal("lidar", predictor.FaultyGroup);
        Judge([0.25f, 0.5f, 0f, 0f], validity: 0b0011);
        Assert.Equal((PredictionStatus.Degraded, "motion"), (predictor.Status, predictor.FaultyGroup));
    }

    [Theory]
    [InlineData(-4.1f, 0.1, InputFault.None)]
    [InlineData(-4.3f, 0.1, InputFault.OutOfEnergy)]
    [InlineData(-1.7f, 0.1, InputFault.OutOfEnergy)]
    [InlineData(-1.7f, 0.5, InputFault.None)]
    [InlineData(-100f, -1, InputFault.None)]
    [InlineData(float.NaN, 0.1, InputFault.None)]
    public void An_energy_beyond_that_of_familiar_data_is_out_of_distribution(float energy, double margin, InputFault expected)
    {
        predictor.Options = Options with { EnergyMargin = margin };
        model.Energy = energy;
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal((expected, 0.25f, energy), (predictor.Fault, predictor.Probability, predictor.Energy));
        Assert.Equal(InputFaults.StatusOf(expected), predictor.Status);
        predictor.Options = predictor.Options with { RangeFailSafe = true };
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal(expected == InputFault.None ? 0.25f : 0.9f, predictor.Probability);
    }

    [Fact]
    public void Too_few_valid_values_are_as_good_as_none()
    {
        Judge([0.25f, 0f, 0f, 0f], validity: 0b0001);
        AssertFailSafe(PredictionStatus.StaleInput, InputFault.TooFewValid);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_valid_value_that_is_no_number_is_refused(float bad)
    {
        Judge([0.25f, 0.5f, bad, 0f]);
        AssertFailSafe(PredictionStatus.InvalidInput, InputFault.NotFinite);
        Judge([0.25f, 0.5f, bad, 0f], validity: 0b1011); // marked invalid: nobody reads it
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 1)]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 2)]
    public void Another_length_is_refused(int values, int bytes)
    {
        predictor.Judge(new float[values], new byte[bytes], FakeModel.Schema, now, now, steady);
        AssertFailSafe(PredictionStatus.InvalidInput, InputFault.WrongLength);
    }

    [Fact]
    public void Another_schema_is_refused()
    {
        predictor.Judge([0, 0, 0, 0], [15], "2222", now, now, steady);
        AssertFailSafe(PredictionStatus.InvalidInput, InputFault.WrongSchema);
    }

    [Theory]
    [InlineData(3_600_000, PredictionStatus.InvalidInput)]
    [InlineData(-3_600_000, PredictionStatus.StaleInput)]
    [InlineData(-100, PredictionStatus.InvalidInput)]
    public void Stamps_that_cannot_be_believed_are_refused_and_the_prediction_is_stamped_now(long offsetMs, PredictionStatus status)
    {
        Judge([0.25f, 0.5f, 0f, 0f]);
        predictor.Judge([0, 0, 0, 0], [15], FakeModel.Schema, now + (offsetMs * Ms), now, steady);
        Assert.Equal((status, 0.9f, now), (predictor.Status, predictor.Probability, predictor.Stamp));
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
    }

    [Fact]
    public void Silence_is_noticed_after_the_time_out_and_ends_with_the_next_message()
    {
        Judge([0.25f, 0.5f, 0f, 0f]);
        steady += 200 * Ms;
        Assert.False(predictor.IsSilent(steady));
        steady += 1;
        Assert.True(predictor.IsSilent(steady));
        predictor.JudgeSilence(now, steady);
        AssertFailSafe(PredictionStatus.StaleInput, InputFault.Silent);
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.False(predictor.IsSilent(steady));
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
    }

    [Fact]
    public void Silence_counts_from_the_start_when_nothing_ever_came() => Assert.True(predictor.IsSilent(steady + (201 * Ms)));

    [Fact]
    public void Without_a_model_every_prediction_says_so()
    {
        Assert.Same(model, predictor.Install(null));
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal((PredictionStatus.NoModel, 0.9f, 0), (predictor.Status, predictor.Probability, predictor.Violations.Length));
        predictor.JudgeSilence(now, steady);
        Assert.Equal(PredictionStatus.NoModel, predictor.Status);
    }

    [Fact]
    public void A_model_that_gives_no_number_is_no_model()
    {
        model.Fails = true;
        Judge([0.25f, 0.5f, 0f, 0f]);
        AssertFailSafe(PredictionStatus.NoModel, InputFault.ModelFailed);
    }

    [Fact]
    public void Values_outside_of_the_widened_training_range_are_flagged_and_named()
    {
        Judge([0.25f, 1.5f, 0f, 0f]); // [0, 1] widened by half its width: [-0.5, 1.5]
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
        Judge([0.25f, 1.51f, 0f, 0f]);
        Assert.Equal((PredictionStatus.OutOfDistribution, 0.25f, "lidar.ttc"), (predictor.Status, predictor.Probability, predictor.FeatureOutOfRange));
        Judge([0.25f, 1.51f, 0f, 0f], validity: 0b1101);
        Assert.Equal(PredictionStatus.Ok, predictor.Status);
    }

    [Fact]
    public void Out_of_distribution_input_can_be_told_to_fail_safe()
    {
        using var strict = new RiskPredictor(Options with { RangeFailSafe = true });
        strict.Install(new FakeModel());
        strict.Start(steady);
        strict.Judge([0.25f, 9f, 0f, 0f], [15], FakeModel.Schema, now, now, steady);
        Assert.Equal((PredictionStatus.OutOfDistribution, 0.9f), (strict.Status, strict.Probability));
    }

    [Fact]
    public void Frozen_values_are_stale_when_watched_and_fine_otherwise()
    {
        using var watching = new RiskPredictor(Options with { FrozenTimeout = 1000 * Ms });
        watching.Install(new FakeModel());
        watching.Start(steady);
        for (int i = 0; i <= 10; i++)
        {
            Step();
            watching.Judge([0.25f, 0.5f, 0f, 0f], [15], FakeModel.Schema, now, now, steady);
            Assert.Equal(PredictionStatus.Ok, watching.Status);
        }

        Step();
        watching.Judge([0.25f, 0.5f, 0f, 0f], [15], FakeModel.Schema, now, now, steady);
        Assert.Equal((PredictionStatus.StaleInput, InputFault.Frozen), (watching.Status, watching.Fault));
        watching.Judge([0.25f, 0.5001f, 0f, 0f], [15], FakeModel.Schema, now, now, steady);
        Assert.Equal(PredictionStatus.Ok, watching.Status);
    }

    [Fact]
    public void The_fail_safe_value_raises_the_alarm_like_any_other_probability()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.False(predictor.Alarm);
            predictor.JudgeSilence(now, steady);
        }

        Assert.True(predictor.Alarm);
        Assert.True(predictor.IsViolationAlarmOn(0));
    }

    [Fact]
    public void A_swap_keeps_alarms_on_and_hands_the_old_model_back()
    {
        for (int i = 0; i < 3; i++)
        {
            predictor.JudgeSilence(now, steady);
        }

        var next = new FakeModel("next", constraints: 1);
        Assert.Same(model, predictor.Install(next));
        Assert.False(model.IsDisposed);
        Assert.True(predictor.Alarm);
        Assert.True(predictor.IsViolationAlarmOn(0));
        Judge([0.25f, 0.5f, 0f, 0f]);
        Assert.Equal((PredictionStatus.Ok, 1), (predictor.Status, predictor.Violations.Length));
    }

    [Fact]
    public void A_model_of_another_schema_is_refused_with_both_named()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => RiskPredictor.Check(new FakeModel(schema: "aaaa").Info, "bbbb", new RiskOptions()));
        Assert.Contains("aaaa", e.Message);
        Assert.Contains("bbbb", e.Message);
        RiskPredictor.Check(model.Info, null, new RiskOptions());
        RiskPredictor.Check(model.Info, FakeModel.Schema, new RiskOptions());
    }

    [Fact]
    public void Every_fault_is_counted()
    {
        Judge([0.25f, 0.5f, 0f, 0f]);
        predictor.Judge([0], [1], FakeModel.Schema, now, now, steady);
        predictor.Judge([0], [1], FakeModel.Schema, now, now, steady);
        Assert.Equal((1, 2), (predictor.CountOf(InputFault.None), predictor.CountOf(InputFault.WrongLength)));
    }

    [Fact]
    public void A_constraints_signal_may_be_an_alias_of_the_robots_schema()
    {
        Features.FeatureSchema schema = Features.RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml")).Schema;
        int at = schema.IndexOf("lidar.closing_ahead");
        Assert.True(at >= 0);
        using var aliased = new RiskPredictor(Options) { Schema = schema };
        aliased.Install(new Aliased(schema));
        aliased.Start(steady);
        float[] values = [.. Enumerable.Range(0, schema.Count).Select(i => (float)i)];
        byte[] validity = [.. Enumerable.Repeat((byte)255, (schema.Count + 7) / 8)];
        aliased.Judge(values, validity, schema.Id, now, now, steady);
        Assert.Equal([(float)at], aliased.Current.ToArray());
    }

    private sealed class Aliased(Features.FeatureSchema schema) : IRiskModel
    {
        public RiskModelInfo Info { get; } = new()
        {
            ModelId = "aliased",
            SchemaId = schema.Id,
            FeatureNames = schema.Names,
            Horizon = 2,
            Constraints = [new PredictedConstraint("slow_approach", "closing", 1, "m/s", 0.5f)],
        };

        public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty)
        {
            (collision, uncertainty, violation[0]) = (0, 0, 0);
            return true;
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public void Judging_allocates_nothing()
    {
        float[] values = [0.25f, 0.5f, 0f, 0f], bad = [0.25f, float.NaN, 0f, 0f];
        byte[] validity = [15];
        void Round(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Step();
                predictor.Judge(values, validity, FakeModel.Schema, now, now, steady);
                predictor.Judge(bad, validity, FakeModel.Schema, now, now, steady);
                predictor.JudgeSilence(now, steady);
            }
        }

        Round(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Step()
    {
        now += 100 * Ms;
        steady += 100 * Ms;
    }

    private void Judge(float[] values, byte validity = 0b1111)
    {
        Step();
        predictor.Judge(values, [validity], FakeModel.Schema, now, now + Ms, steady);
    }

    private void AssertFailSafe(PredictionStatus status, InputFault fault)
    {
        Assert.Equal((status, fault, 0.9f), (predictor.Status, predictor.Fault, predictor.Probability));
        Assert.All(predictor.Violations.ToArray(), v => Assert.Equal(0.9f, v));
        Assert.All(predictor.Current.ToArray(), v => Assert.True(float.IsNaN(v)));
        Assert.Equal(Math.Log(2), predictor.Uncertainty, 6);
    }
}
