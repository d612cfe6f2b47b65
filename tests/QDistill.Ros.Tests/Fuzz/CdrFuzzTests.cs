namespace QDistill.Ros.Tests;

/// <summary>The short form; a million payloads per family: <c>qdistill-bench fuzz</c>.</summary>
public sealed class CdrFuzzTests
{
    [Fact]
    public void Damaged_payloads_of_every_family_are_read_or_refused_within_their_means()
    {
        long read = 0, refused = 0;
        foreach (string family in CdrFuzz.Families())
        {
            CdrFuzzResult result = CdrFuzz.Run(family, 2000, 20_261);
            read += result.Read;
            refused += result.Refused;
        }

        Assert.True(read > 5000 && refused > 5000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void The_same_seed_damages_the_same_bytes()
    {
        byte[] Run()
        {
            var random = new Random(4);
            byte[] bytes = new byte[64];
            return CdrFuzz.Damage(bytes, 64, random).ToArray();
        }

        Assert.Equal(Run(), Run());
    }
}
