using System.Collections.Concurrent;

namespace Rookery.Kernel.Expressions.Functions;

/// <summary>What is made of texts, kept while there are few of them: it starts anew when there are too many.</summary>
internal sealed class BoundedCache<T>(Func<string, T> make)
    where T : class
{
    private const int Most = 256;

    private readonly ConcurrentDictionary<string, T> _known = new(StringComparer.Ordinal);
    private int _count;

    public T Get(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        if (Interlocked.Increment(ref _count) > Most)
        {
            _known.Clear();
            Interlocked.Exchange(ref _count, 0);
        }

        return _known[text] = make(text);
    }
}
