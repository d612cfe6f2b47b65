using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace QDistill.Ros;

/// <summary>A logger that keeps the memory of its filters itself.</summary>
internal interface IFilteredLogger
{
    CallSites Sites { get; }
}

/// <summary>A logger's log statements with filters, by their place in the source.</summary>
internal sealed class CallSites
{
    private readonly ConcurrentDictionary<(string File, int Line), CallSite> sites = new(new Place());

    public CallSite At(string file, int line) => sites.TryGetValue((file, line), out CallSite? site) ? site : sites.GetOrAdd((file, line), static _ => new CallSite());

    /// <summary>The compiler gives one file's statements one and the same string, so that its address will do and its characters need not be hashed.</summary>
    private sealed class Place : IEqualityComparer<(string File, int Line)>
    {
        public bool Equals((string File, int Line) a, (string File, int Line) b) => a.Line == b.Line && ReferenceEquals(a.File, b.File);

        public int GetHashCode((string File, int Line) place) => RuntimeHelpers.GetHashCode(place.File) ^ (place.Line * 397);
    }
}

/// <summary>What the filters of one log statement remember.</summary>
internal sealed class CallSite
{
    private readonly Lock gate = new();
    private bool seen;
    private bool timed;
    private long last;
    private object? value;
    private bool valued;

    public bool First()
    {
        lock (gate)
        {
            bool first = !seen;
            seen = true;
            return first;
        }
    }

    public bool Due(TimeSpan period, Clock clock)
    {
        long now = clock.Now;
        lock (gate)
        {
            bool due = !timed || now < last || now - last >= period.Ticks * TimeSpan.NanosecondsPerTick;
            if (due)
            {
                (timed, last) = (true, now);
            }

            return due;
        }
    }

    public bool Changed<T>(T current)
    {
        lock (gate)
        {
            bool changed = !valued || !(value is T before ? EqualityComparer<T>.Default.Equals(before, current) : value is null && current is null);
            if (changed)
            {
                (valued, value) = (true, current);
            }

            return changed;
        }
    }
}
