namespace QDistill.Ros;

/// <summary>The words of rcl's rules.</summary>
internal enum Lexeme
{
    /// <summary>The text's end.</summary>
    End,

    /// <summary>A name: letters, digits and single underscores, not beginning with a digit.</summary>
    Token,

    /// <summary><c>:</c>.</summary>
    Colon,

    /// <summary><c>:=</c>.</summary>
    Separator,

    /// <summary><c>/</c>.</summary>
    Slash,

    /// <summary><c>~/</c>.</summary>
    TildeSlash,

    /// <summary><c>.</c>.</summary>
    Dot,

    /// <summary><c>*</c> or <c>**</c>.</summary>
    Wildcard,

    /// <summary><c>rostopic://</c>.</summary>
    TopicUrl,

    /// <summary><c>rosservice://</c>.</summary>
    ServiceUrl,

    /// <summary><c>__node</c> or <c>__name</c>.</summary>
    Node,

    /// <summary><c>__ns</c>.</summary>
    Namespace,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Reads a rule word by word.</summary>
internal sealed class RuleLexer
{
    private static readonly (string Text, Lexeme Kind)[] Fixed =
    [
        ("rostopic://", Lexeme.TopicUrl), ("rosservice://", Lexeme.ServiceUrl), ("__node", Lexeme.Node), ("__name", Lexeme.Node), ("__ns", Lexeme.Namespace),
        (":=", Lexeme.Separator), (":", Lexeme.Colon), ("~/", Lexeme.TildeSlash), ("/", Lexeme.Slash), (".", Lexeme.Dot), ("**", Lexeme.Wildcard), ("*", Lexeme.Wildcard),
    ];

    private readonly string text;

    public RuleLexer(string text)
    {
        this.text = text;
        (Kind, Length) = At(0);
    }

    /// <summary>Where the word begins.</summary>
    public int Position { get; private set; }

    /// <summary>The word's kind.</summary>
    public Lexeme Kind { get; private set; }

    /// <summary>The kind of the word after it.</summary>
    public Lexeme Following => At(Position + Length).Kind;

    /// <summary>The word.</summary>
    public string Word => text.Substring(Position, Length);

    /// <summary>The word and all after it.</summary>
    public string Rest => text[Position..];

    private int Length { get; set; }

    /// <summary>The text since a position, without the word.</summary>
    public string Since(int start) => text[start..Position];

    /// <summary>Goes to the next word.</summary>
    /// <returns>The word left.</returns>
    public string Next()
    {
        string word = Word;
        Position += Length;
        (Kind, Length) = At(Position);
        return word;
    }

    private (Lexeme Kind, int Length) At(int i)
    {
        if (i >= text.Length)
        {
            return (Lexeme.End, 0);
        }

        foreach ((string word, Lexeme kind) in Fixed)
        {
            if (string.CompareOrdinal(text, i, word, 0, word.Length) == 0)
            {
                return (kind, word.Length);
            }
        }

        int length = TokenLength(text.AsSpan(i));
        return length > 0 ? (Lexeme.Token, length) : (Lexeme.Other, 1);
    }

    // A second underscore in a row begins another word, which no rule allows there.
    private static int TokenLength(ReadOnlySpan<char> s)
    {
        if (!char.IsAsciiLetter(s[0]) && !(s[0] == '_' && s.Length > 1 && char.IsAsciiLetterOrDigit(s[1])))
        {
            return 0;
        }

        int n = 1;
        while (n < s.Length && (char.IsAsciiLetterOrDigit(s[n]) || (s[n] == '_' && s[n - 1] != '_')))
        {
            n++;
        }

        return n;
    }
}
