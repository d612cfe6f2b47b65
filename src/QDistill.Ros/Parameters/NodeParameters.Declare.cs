using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros;

// Declaration.
public sealed partial class NodeParameters
{
    /// <summary>Declares a parameter; an override from the command line or a file takes the default's place.</summary>
    /// <returns>Its value.</returns>
    /// <exception cref="ParameterException">Already declared, or the value is refused.</exception>
    public ParameterValue Declare(string name, ParameterValue value, ParameterOptions? options = null, bool ignoreOverride = false)
    {
        options ??= new ParameterOptions();
        if (value.Type == ParameterType.NotSet && !options.DynamicTyping)
        {
            throw new ParameterException($"parameter '{name}' has invalid type: cannot declare a statically typed parameter with an uninitialized value");
        }

        return Declare(name, value.Type, value, options, ignoreOverride);
    }

    /// <summary>Declares an integer parameter.</summary>
    /// <exception cref="ParameterException">Already declared, or the value is refused.</exception>
    public ParameterValue Declare(string name, long value, ParameterOptions? options = null, bool ignoreOverride = false) =>
        Declare(name, (ParameterValue)value, options, ignoreOverride);

    /// <summary>Declares a parameter that has a type but no value until it is set.</summary>
    /// <exception cref="ParameterException">Already declared, or the override is refused.</exception>
    public ParameterValue Declare(string name, ParameterType type, ParameterOptions? options = null, bool ignoreOverride = false) =>
        Declare(name, type, ParameterValue.NotSet, options ?? new ParameterOptions(), ignoreOverride);

    /// <summary>Removes a parameter of dynamic type.</summary>
    /// <exception cref="ParameterException">Not declared, read-only, or statically typed.</exception>
    public void Undeclare(string name)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(name, out Entry? entry))
            {
                throw new ParameterException($"cannot undeclare parameter '{name}' which has not yet been declared");
            }

            if (entry.Options.ReadOnly)
            {
                throw new ParameterException($"cannot undeclare parameter '{name}' because it is read-only");
            }

            if (!entry.Options.DynamicTyping)
            {
                throw new ParameterException($"parameter '{name}' has invalid type: cannot undeclare a statically typed parameter");
            }

            entries.Remove(name);
        }
    }

    private static string? Mismatch(string name, Entry entry, ParameterValue value)
    {
        if (!entry.Options.DynamicTyping && value.Type != entry.Type)
        {
            return $"Wrong parameter type, parameter {{{name}}} is of type {{{ParameterValue.NameOf(entry.Type)}}}, setting it to {{{ParameterValue.NameOf(value.Type)}}} is not allowed.";
        }

        return value.Value is long i && entry.Options.IntegerRange is { } integers && !integers.Contains(i) ? $"Parameter {{{name}}} doesn't comply with integer range."
            : value.Value is double d && entry.Options.FloatingPointRange is { } doubles && !doubles.Contains(d) ? $"Parameter {{{name}}} doesn't comply with floating point range."
            : null;
    }

    private ParameterValue Declare(string name, ParameterType type, ParameterValue value, ParameterOptions options, bool ignoreOverride)
    {
        if (name.Length == 0)
        {
            throw new ParameterException("parameter name must not be empty");
        }

        ParameterOverride? given = null;
        if (!ignoreOverride && overrides.TryGetValue(name, out given))
        {
            value = given.Value;
        }

        ParameterEvent message = NewEvent();
        var parameter = new Parameter(name, value);
        lock (gate)
        {
            if (entries.ContainsKey(name))
            {
                throw new ParameterException($"parameter '{name}' has already been declared");
            }

            var entry = new Entry(type, options);
            if (value.Type != ParameterType.NotSet)
            {
                string? reason = Mismatch(name, entry, value) ?? Ask([parameter]);
                if (reason is not null)
                {
                    throw Refused(!options.DynamicTyping && value.Type != type ? $"parameter '{name}' has invalid type: {reason}" : $"parameter '{name}' could not be set: {reason}", type, given);
                }

                Add(message.NewParameters, parameter);
            }

            entry.Value = value;
            entries[name] = entry;
        }

        events?.Publish(message);
        return value;
    }
}
