using QDistill.Bags;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Features.Tests;

public class HazardLabelerTests
{
    private static FeatureWindows Label(string yaml, double seconds = 10, Func<double, bool>? pressed = null, Func<double, double>? wall = null, Func<double, bool>? bumperAlive = null)
    {
        RobotConfig robot = RobotConfig.Parse(yaml);
        FeatureWindows table = FeatureWindows.Start("rig", robot, out FeatureExtractor extractor);
        int scan = extractor.SourceOfTopic("/scan"), contact = extractor.SourceOfTopic("/bump");
        for (int k = 0; k <= seconds * 20; k++)
        {
            double s = k * 0.05;
            long t = Rig.Start + (k * 50_000_000L);
            if (bumperAlive?.Invoke(s) ?? true)
            {
                extractor.OnMessage(contact, Rig.Bump(pressed?.Invoke(s) ?? false), t);
            }

            if (k % 2 == 0)
            {
                extractor.OnMessage(scan, Rig.Wall(t, wall?.Invoke(s) ?? 3), t);
            }
        }

        table.Complete();
        return table;
    }

    private static Truth At(FeatureWindows w, Truth[] truth, double s) => truth[w.Stamps.ToArray().ToList().IndexOf(Rig.Start + (long)Math.Round(s * 1e9))];

    [Fact]
    public void The_horizon_before_an_onset_is_hazard_contact_itself_unknown_and_the_end_unknown()
    {
        FeatureWindows w = Label(Rig.Yaml, pressed: s => s is >= 4.95 and <= 5.25);
        HazardEvent e = Assert.Single(w.Events);
        Assert.Equal(Rig.Start + 4_950_000_000, e.StartNs);
        Assert.Equal(Truth.Safe, At(w, w.Collision, 2.9));   // 2.05 s before
        Assert.Equal(Truth.Hazard, At(w, w.Collision, 3.0)); // 1.95 s before
        Assert.Equal(Truth.Hazard, At(w, w.Collision, 4.9));
        Assert.Equal(Truth.Unknown, At(w, w.Collision, 5.0));
        Assert.Equal(Truth.Unknown, At(w, w.Collision, 5.2));
        Assert.Equal(Truth.Safe, At(w, w.Collision, 5.3));
        Assert.Equal(Truth.Safe, At(w, w.Collision, 8.0));
        Assert.Equal(Truth.Unknown, At(w, w.Collision, 8.1)); // its future ends at 10 s
    }

    [Fact]
    public void A_silent_bumper_leaves_the_truth_unknown_rather_than_safe()
    {
        FeatureWindows w = Label(Rig.Yaml, bumperAlive: s => s is < 4 or > 6);
        Assert.Equal(Truth.Safe, At(w, w.Collision, 1.5));
        Assert.Equal(Truth.Unknown, At(w, w.Collision, 2.5));
        Assert.Equal(Truth.Unknown, At(w, w.Collision, 5.0));
        Assert.Equal(Truth.Safe, At(w, w.Collision, 6.5));
    }

    [Fact]
    public void Contacts_close_together_are_one_hazard_and_others_are_not()
    {
        Assert.Single(Label(Rig.Yaml, pressed: s => s is (> 4 and < 4.3) or (> 4.4 and < 4.6)).Events);
        Assert.Equal(2, Label(Rig.Yaml, pressed: s => s is (> 4 and < 4.3) or (> 4.9 and < 5.1)).Events.Count);
    }

    [Fact]
    public void A_constraint_is_violated_once_it_has_been_broken_for_its_hold()
    {
        // Clearance below 0.5 m from 5.0 s to 5.4 s; hold 0.2 s: violated at 5.2 s.
        FeatureWindows w = Label(Rig.Yaml, wall: s => s is >= 4.99 and <= 5.41 ? 0.6 : 3);
        Assert.Equal(Truth.Safe, At(w, w.Violations, 3.1));
        Assert.Equal(Truth.Hazard, At(w, w.Violations, 3.2));
        Assert.Equal(Truth.Hazard, At(w, w.Violations, 5.3));
        Assert.Equal(Truth.Safe, At(w, w.Violations, 5.5));
        Assert.Equal(Truth.Unknown, At(w, w.Violations, 9.0));

        FeatureWindows brief = Label(Rig.Yaml, wall: s => s is >= 4.99 and <= 5.11 ? 0.6 : 3);
        Assert.DoesNotContain(Truth.Hazard, brief.Violations);
    }

    [Fact]
    public void Without_a_bumper_closing_in_below_the_margin_is_the_hazard()
    {
        string yaml = Rig.Yaml.Replace("horizon: 2", "horizon: 2\nhazard: {contact: false, margin: {clearance: 0.3, closing: 0.05}}", StringComparison.Ordinal);
        FeatureWindows closing = Label(yaml, wall: s => Math.Max(0.4, 3 - (0.5 * s)));
        Assert.Equal(HazardKind.Margin, Assert.Single(closing.Events).Kind);
        Assert.Equal(4.85, (closing.Events[0].StartNs - Rig.Start) * 1e-9, 0.15); // the wall is 0.6 m from the centre at 4.8 s
        Assert.Empty(Label(yaml, wall: _ => 0.5).Events); // near, but not closing
    }

    [Fact]
    public void The_rule_is_one_at_contact_half_at_the_horizon_and_falls_with_time()
    {
        RobotConfig robot = Rig.Robot;
        var rule = new TtcRule(robot);
        float Score(float ttc)
        {
            var x = new FeatureVector(robot.Schema);
            x.Set(robot.Schema.IndexOf("lidar.ttc"), ttc);
            return rule.Score(x);
        }

        Assert.Equal(1, Score(0));
        Assert.Equal(0.5, Score(2), 1e-6);
        Assert.All(Enumerable.Range(0, 60), i => Assert.True(Score(0.1f * i) > Score(0.1f * (i + 1))));
        Assert.Equal(1, rule.Score(new FeatureVector(robot.Schema))); // blind
    }

    [Fact]
    public void Features_written_to_a_bag_come_back_bit_for_bit()
    {
        FeatureWindows w = Label(Rig.Yaml, 3);
        using var folder = new TempDirectory();
        using (BagWriter writer = BagWriter.Create(folder["features"]))
        {
            FusedFeaturesMessage.Write(writer, w);
            writer.Close();
        }

        using BagReader reader = BagReader.Open(folder["features"]);
        int i = 0;
        while (reader.Read(out BagMessage m))
        {
            FusedFeatures f = Cdr.Deserialize<FusedFeatures>(m.Data);
            Assert.Equal(w.Stamps[i], f.Header.Stamp.ToNanoseconds());
            Assert.Equal(w.Schema.Id, f.SchemaId);
            Assert.Equal(w.Row(i).ToArray(), f.Values.ToArray());
            Assert.Equal(w.Mask(i).ToArray(), f.Validity.ToArray());
            i++;
        }

        Assert.Equal(w.Count, i);
    }
}
