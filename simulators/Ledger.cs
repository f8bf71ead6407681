using System.Text.Json.Nodes;

namespace Rookery.Simulators;

/// <summary>Something a person would have seen happen.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Kind">said, edited, deleted, reacted, restricted, answered (to an interaction) and the like.</param>
/// <param name="Channel">As the platform names it.</param>
/// <param name="MessageId">The message concerned, where there is one.</param>
/// <param name="Text">What was said, or to whom it was done.</param>
/// <param name="Private">Only one person saw it.</param>
/// <param name="Shown">What stood under the text, such as cards and buttons, as the platform was told; null: nothing.</param>
public sealed record LedgerEntry(
    long Number,
    DateTimeOffset At,
    string Kind,
    string Channel,
    string? MessageId,
    string Text,
    bool Private = false,
    JsonObject? Shown = null);

/// <summary>Everything the bot did that a person would have seen, in its order.</summary>
public sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly List<LedgerEntry> _entries = [];

    public IReadOnlyList<LedgerEntry> All => After(0);

    /// <summary>What was said in a channel and still stands there.</summary>
    public IReadOnlyList<string> Said(string channel)
    {
        var entries = All;
        var gone = entries.Where(e => e.Kind == "deleted").Select(e => e.MessageId).ToHashSet(StringComparer.Ordinal);
        return [.. entries.Where(e => e.Kind == "said" && e.Channel == channel && !gone.Contains(e.MessageId)).Select(e => e.Text)];
    }

    public IReadOnlyList<LedgerEntry> After(long number)
    {
        lock (_gate)
        {
            return [.. _entries.Skip((int)Math.Max(0, number))];
        }
    }

    public void Add(
        DateTimeOffset at, string kind, string channel, string? messageId, string text, bool isPrivate = false, JsonObject? shown = null)
    {
        lock (_gate)
        {
            _entries.Add(new LedgerEntry(_entries.Count + 1, at, kind, channel, messageId, text, isPrivate, shown));
        }
    }
}
