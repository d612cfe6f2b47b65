namespace QDistill.Ros;

/// <summary>Fixed arrays whose elements are objects; for generated code.</summary>
public static class FixedArray
{
    /// <summary>Creates an array of <paramref name="length"/> new elements.</summary>
    public static T[] Create<T>(int length, Func<T> create)
    {
        var array = new T[length];
        for (int i = 0; i < length; i++)
        {
            array[i] = create();
        }

        return array;
    }
}
