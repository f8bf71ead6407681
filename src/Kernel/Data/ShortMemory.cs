using System.Collections.Concurrent;

namespace Rookery.Kernel.Data;

/// <summary>
/// What was asked of somebody else, remembered for a short time that begins with the question. Those who ask the same at
/// once share the answer; a question that is forgotten while it is under way is not remembered when it ends.
/// </summary>
/// <param name="most">How much is kept; it starts anew when there is more.</param>
public sealed class ShortMemory<TKey, T>(TimeSpan keep, int most, TimeProvider clock)
    where TKey : notnull
    where T : class
{
    private readonly ConcurrentDictionary<TKey, Question> _asked = new();

    /// <param name="ask">Null as an answer is not remembered, nor is a failure.</param>
    /// <param name="ct">Ends the wait of this caller; others may wait for the same answer.</param>
    public async Task<T?> GetAsync(TKey key, Func<TKey, Task<T?>> ask, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!_asked.TryGetValue(key, out var question) || question.Until <= now)
        {
            if (_asked.Count >= most)
            {
                _asked.Clear();
            }

            var asked = new Question(new Lazy<Task<T?>>(() => ask(key)), now + keep);
            question = _asked.AddOrUpdate(key, asked, (_, known) => known.Until <= now ? asked : known);
        }

        try
        {
            if (await question.Answer.Value.WaitAsync(ct) is { } answer)
            {
                return answer;
            }
        }
        catch when (!question.Answer.IsValueCreated || question.Answer.Value.IsCompleted)
        {
            _asked.TryRemove(KeyValuePair.Create(key, question));
            throw;
        }

        _asked.TryRemove(KeyValuePair.Create(key, question));
        return null;
    }

    public void Forget(TKey key) => _asked.TryRemove(key, out _);

    public void Clear() => _asked.Clear();

    private sealed record Question(Lazy<Task<T?>> Answer, DateTimeOffset Until);
}
