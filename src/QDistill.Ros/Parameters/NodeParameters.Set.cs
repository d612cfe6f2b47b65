using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros;

// Setting: checks, callbacks that may refuse, and what is told of a change.
public sealed partial class NodeParameters
{
    /// <summary>Adds a callback that sees every set before it happens and may refuse it: it returns the reason, or null to accept. The last added is asked first.</summary>
    public void AddOnSetCallback(Func<IReadOnlyList<Parameter>, string?> check)
    {
        lock (gate)
        {
            checks.Insert(0, check);
        }
    }

    /// <summary>
    /// Adds a callback whose check takes its time, such as loading a file: it is asked once nothing else speaks against the values, and while it awaits, the node's other callbacks run. Declarations
    /// do not ask it.
    /// </summary>
    public void AddOnSetCallback(Func<IReadOnlyList<Parameter>, Task<string?>> check)
    {
        lock (gate)
        {
            slowChecks.Insert(0, check);
        }
    }

    /// <summary>Sets one parameter.</summary>
    /// <returns>Null, or the reason why it was refused.</returns>
    public string? Set(string name, ParameterValue value)
    {
        string? undeclared = Undeclared([new Parameter(name, value)]);
        return undeclared is not null ? undeclared : SetAtomically([new Parameter(name, value)]);
    }

    /// <summary>Sets all or none; waits for checks that take their time.</summary>
    /// <returns>Null, or the reason why they were refused.</returns>
    public string? SetAtomically(IReadOnlyList<Parameter> parameters) =>
        slowChecks.Count == 0 ? SetNow(parameters) : Task.Run(() => SetAsync(parameters)).GetAwaiter().GetResult();

    /// <summary>Sets all or none; other callbacks run during checks that take their time.</summary>
    /// <returns>Null, or the reason why they were refused.</returns>
    public async Task<string?> SetAsync(IReadOnlyList<Parameter> parameters)
    {
        if (slowChecks.Count > 0 && parameters.Count > 0)
        {
            Func<IReadOnlyList<Parameter>, Task<string?>>[] slow;
            lock (gate)
            {
                if (Refusal(parameters) is { } reason)
                {
                    return reason;
                }

                slow = [.. slowChecks];
            }

            foreach (Func<IReadOnlyList<Parameter>, Task<string?>> check in slow)
            {
                // Not elsewhere: what is set is told on the thread that asked.
                if (await check(parameters) is { } reason)
                {
                    return reason;
                }
            }
        }

        return SetNow(parameters);
    }

    private string? SetNow(IReadOnlyList<Parameter> parameters)
    {
        if (parameters.Count == 0)
        {
            return "parameter list cannot be empty, this might be due to pre_set_parameters_callback modifying the original parameters list.";
        }

        ParameterEvent message = NewEvent();
        lock (gate)
        {
            if (Refusal(parameters) is { } reason)
            {
                return reason;
            }

            foreach (Parameter p in parameters)
            {
                if (!entries.TryGetValue(p.Name, out Entry? entry))
                {
                    // Declared by setting it: dynamic, and new to the world unless it has no value.
                    entries[p.Name] = new Entry(p.Value.Type, new ParameterOptions { DynamicTyping = true }) { Value = p.Value };
                    if (p.Value.Type != ParameterType.NotSet)
                    {
                        Add(message.NewParameters, p);
                    }
                }
                else if (p.Value.Type == ParameterType.NotSet)
                {
                    entries.Remove(p.Name);
                    Add(message.DeletedParameters, p);
                }
                else
                {
                    entry.Value = p.Value;
                    Add(message.ChangedParameters, p);
                }
            }
        }

        events?.Publish(message);
        Changed?.Invoke(parameters);
        return null;
    }

    private ParameterEvent NewEvent()
    {
        var message = new ParameterEvent { Node = node.FullName };
        message.Stamp.SetNanoseconds(node.Clock.Now);
        return message;
    }

    private string? Undeclared(IReadOnlyList<Parameter> parameters)
    {
        lock (gate)
        {
            return allowUndeclared ? null : parameters.FirstOrDefault(p => !entries.ContainsKey(p.Name)) is { } p ? $"parameter '{p.Name}' cannot be set because it was not declared" : null;
        }
    }

    private string? Refusal(IReadOnlyList<Parameter> parameters)
    {
        foreach (Parameter p in parameters)
        {
            if (!entries.TryGetValue(p.Name, out Entry? entry))
            {
                if (!allowUndeclared)
                {
                    return "One or more parameters were not declared before setting";
                }
            }
            else if (entry.Options.ReadOnly)
            {
                return $"parameter '{p.Name}' cannot be set because it is read-only";
            }
        }

        foreach (Parameter p in parameters)
        {
            if (entries.TryGetValue(p.Name, out Entry? entry))
            {
                string? reason = p.Value.Type != ParameterType.NotSet ? Mismatch(p.Name, entry, p.Value)
                    : entry.Options.DynamicTyping ? null
                    : "cannot undeclare a statically typed parameter";
                if (reason is not null)
                {
                    return reason;
                }
            }
        }

        return Ask(parameters);
    }

    private string? Ask(IReadOnlyList<Parameter> parameters)
    {
        foreach (Func<IReadOnlyList<Parameter>, string?> check in checks)
        {
            if (check(parameters) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }
}
