using QDistill.Numerics;

namespace QDistill.Numerics.Tests;

public class PhiloxTests
{
    // Known answers published with the Random123 library for philox4x32-10.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_gives_the_published_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint e0, uint e1, uint e2, uint e3)
    {
        Philox.Block(c0, c1, c2, c3, k0, k1, out uint r0, out uint r1, out uint r2, out uint r3);
        Assert.Equal((e0, e1, e2, e3), (r0, r1, r2, r3));
    }

    [Fact]
    public void Streams_of_one_seed_differ_and_repeat()
    {
        var a = new Philox(1, 7);
        var b = new Philox(1, 8);
        var again = new Philox(1, 7);
        ulong first = a.NextUInt64();
        Assert.NotEqual(first, b.NextUInt64());
        Assert.Equal(first, again.NextUInt64());
    }

    [Fact]
    public void Gaussian_has_the_moments_of_the_standard_normal()
    {
        var rng = new Philox(42);
        const int n = 200_000;
        double sum = 0, squares = 0, fourth = 0;
        for (int i = 0; i < n; i++)
        {
            double x = rng.NextGaussian();
            sum += x;
            squares += x * x;
            fourth += x * x * x * x;
        }

        Assert.Equal(0, sum / n, 0.01);
        Assert.Equal(1, squares / n, 0.02);
        Assert.Equal(3, fourth / n, 0.1);
    }

    [Fact]
    public void NextInt_is_uniform_by_chi_square()
    {
        var rng = new Philox(3);
        int[] counts = new int[7];
        const int n = 70_000;
        for (int i = 0; i < n; i++)
        {
            counts[rng.NextInt(7)]++;
        }

        double chi2 = counts.Sum(c => Math.Pow(c - (n / 7.0), 2) / (n / 7.0));
        Assert.True(chi2 < 22.46, $"chi-square {chi2:F1} with 6 degrees of freedom exceeds the 0.1 % limit");
    }
}
