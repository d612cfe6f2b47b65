namespace QDistill.Cli.Terminal;

/// <summary>
/// Ends a process in order when the one that started it is gone, however that came about: the parent holds the other end of standard input, and the system closes
/// it even when the parent is killed.
/// </summary>
internal static class ParentWatch
{
    /// <summary>The environment variable by which a parent asks for this; not set, standard input means nothing.</summary>
    public const string Variable = "QDISTILL_END_WITH_STDIN";

    /// <summary>Starts watching when the parent asked for it.</summary>
    public static void Start(CancellationTokenSource end)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 })
        {
            return;
        }

        new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            byte[] ignored = new byte[256];
            try
            {
                while (input.Read(ignored) > 0)
                {
                }
            }
            catch (IOException)
            {
                // As good as its end.
            }

            try
            {
                end.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The process is ending anyway.
            }
        })
        {
            IsBackground = true,
            Name = "parent",
        }.Start();
    }
}
