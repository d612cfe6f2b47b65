namespace QDistill.Testing;

/// <summary>
/// A DDS domain id that no other test holds, in this process or another, while this object lives. Ids stay below 100 so that
/// the RTPS ports (7400 + 250 d) end below the kernel's ephemeral range.
/// </summary>
public sealed class TestDomain : IDisposable
{
    private readonly FileStream claim;

    public TestDomain()
    {
        string folder = Path.Combine(Path.GetTempPath(), "qdistill-test-domains");
        Directory.CreateDirectory(folder);
        int start = Random.Shared.Next(1, 100);
        for (int i = 0; i < 99; i++)
        {
            int id = 1 + ((start + i) % 99);
            try
            {
                claim = new FileStream(Path.Combine(folder, id + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                Id = id;
                return;
            }
            catch (IOException)
            {
                // Held by another test.
            }
        }

        throw new InvalidOperationException("no free DDS domain id");
    }

    public int Id { get; }

    public void Dispose() => claim.Dispose();
}
