namespace QDistill.Configuration;

/// <summary>
/// An error that its reader can mend: bad input, a missing program, a refused value. The message is one clear sentence that says what
/// failed, where (file, topic, line), why, and what to do; the command line prints it without a stack trace and exits with a code other than 0.
/// </summary>
public sealed class UserErrorException : Exception
{
    /// <summary>Creates the error from its parts; the message is put together as <c>where: what (remedy)</c>.</summary>
    /// <param name="what">What failed and why, without a closing full stop.</param>
    /// <param name="where">The file, topic, field or line it failed at; null when the sentence already says so.</param>
    /// <param name="remedy">What the reader can do about it; null when nothing is known.</param>
    /// <param name="inner">The exception behind it, if any.</param>
    public UserErrorException(string what, string? where = null, string? remedy = null, Exception? inner = null)
        : base(Compose(what, where, remedy), inner)
    {
        What = what;
        Where = where;
        Remedy = remedy;
    }

    /// <summary>What failed and why.</summary>
    public string What { get; }

    /// <summary>The file, topic, field or line, or null.</summary>
    public string? Where { get; }

    /// <summary>What to do about it, or null.</summary>
    public string? Remedy { get; }

    private static string Compose(string what, string? where, string? remedy)
    {
        string text = where is null ? what : $"{where}: {what}";
        return remedy is null ? text + "." : $"{text}; {remedy}.";
    }
}
