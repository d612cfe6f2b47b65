namespace QDistill.Features;

/// <summary>One fused feature vector; the instance is reused, so copy what must last.</summary>
public sealed class FeatureVector
{
    /// <summary>Makes an empty vector for a schema.</summary>
    public FeatureVector(FeatureSchema schema)
    {
        Schema = schema;
        Values = new float[schema.Count];
        Validity = new byte[(schema.Count + 7) / 8];
    }

    /// <summary>What the positions mean.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>The fusion time [ns]: nothing stamped later has shaped the values.</summary>
    public long StampNs { get; internal set; }

    /// <summary>The stamp of the oldest message behind a valid value [ns]; the fusion time when none is valid.</summary>
    public long OldestSourceNs { get; internal set; }

    /// <summary>The receipt time of the message that triggered this vector [ns]; the fusion time when a tick did.</summary>
    public long ReceiptNs { get; internal set; }

    /// <summary>The values in schema order, SI units; 0 where not valid.</summary>
    public float[] Values { get; }

    /// <summary>Bit i, least significant first within each byte: value i is fresh and was measured.</summary>
    public byte[] Validity { get; }

    /// <summary>Whether value <paramref name="i"/> is valid.</summary>
    public bool IsValid(int i) => (Validity[i >> 3] & (1 << (i & 7))) != 0;

    /// <summary>How many values are valid.</summary>
    public int ValidCount
    {
        get
        {
            int n = 0;
            foreach (byte b in Validity)
            {
                n += System.Numerics.BitOperations.PopCount(b);
            }

            return n;
        }
    }

    internal void Reset(long stampNs)
    {
        StampNs = stampNs;
        ReceiptNs = stampNs;
        OldestSourceNs = stampNs;
        Array.Clear(Values);
        Array.Clear(Validity);
    }

    /// <summary>Sets one value if it is finite; otherwise it stays 0 and invalid.</summary>
    internal void Set(int i, double value)
    {
        float v = (float)value;
        if (float.IsFinite(v))
        {
            Values[i] = v;
            Validity[i >> 3] |= (byte)(1 << (i & 7));
        }
    }
}
