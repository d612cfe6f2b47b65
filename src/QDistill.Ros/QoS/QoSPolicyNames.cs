using System.Text;

namespace QDistill.Ros;

/// <summary>
/// The words that ROS's tools, parameters and bags use for the values of policies (<c>keep_last</c>, <c>best_effort</c>). A word's place in its list is rmw's
/// number of the value.
/// </summary>
public static class QoSPolicyNames
{
    // Gaps are rmw's own values that ROS gave up; bags may still hold them.
    private static readonly string[] GivenUp = ["manual_by_node"];

    /// <summary>All words of a policy, by rmw's numbers.</summary>
    /// <typeparam name="T">One of the four enumerations of policies.</typeparam>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Words<T>.All;

    /// <summary>The word for a value.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => Convert.ToInt32(value, null) is var i && i >= 0 && i < Words<T>.All.Length ? Words<T>.All[i] : "unknown";

    /// <summary>The value of a word that an endpoint may be created with: not <c>unknown</c> and none that ROS gave up.</summary>
    public static bool TryParse<T>(string word, out T value)
        where T : struct, Enum
    {
        int i = word == "unknown" ? -1 : Array.IndexOf(Words<T>.All, word);
        value = i < 0 ? default : (T)Enum.ToObject(typeof(T), i);
        return i >= 0 && Enum.IsDefined(value);
    }

    /// <summary>A name of C#'s in ROS's way: <c>KeepLast</c> is <c>keep_last</c>.</summary>
    internal static string Snake<T>(T value)
        where T : struct, Enum
    {
        var text = new StringBuilder();
        foreach (char c in value.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly string[] All = Make();

        private static string[] Make()
        {
            T[] values = Enum.GetValues<T>();
            string[] words = new string[values.Max(v => Convert.ToInt32(v, null)) + 1];
            Array.Fill(words, GivenUp[0]);
            foreach (T value in values)
            {
                words[Convert.ToInt32(value, null)] = Snake(value);
            }

            return words;
        }
    }
}
