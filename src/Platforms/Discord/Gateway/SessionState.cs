using System.Text.Json;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>What it takes to go on where a connection broke off, here or on another node.</summary>
internal sealed class SessionState(string id, Uri resumeUrl)
{
    private readonly int[] _underWay = new int[2];
    private readonly Lock _gate = new();
    private volatile int _half;
    private long _sequence;
    private long _atTurn;
    private long _settled;

    public string Id => id;

    public Uri ResumeUrl => resumeUrl;

    /// <summary>Of the last dispatch that was taken.</summary>
    public long Sequence
    {
        get => Volatile.Read(ref _sequence);
        set => Volatile.Write(ref _sequence, value);
    }

    /// <summary>Something a dispatch causes begins; before <see cref="Sequence"/> says that the dispatch is taken.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public int Begin()
    {
        var half = _half;
        Interlocked.Increment(ref _underWay[half]);
        return half;
    }

    public void End(int half) => Interlocked.Decrement(ref _underWay[half]);

    /// <summary>
    /// A sequence up to which all that was told has ended: who resumes from it misses nothing. What is under way is counted
    /// in two halves that take turns: once the resting half is empty, all that came before the last turn has ended.
    /// </summary>
    public long Settle()
    {
        lock (_gate)
        {
            for (var turn = 0; turn < 2 && Volatile.Read(ref _underWay[1 - _half]) == 0; turn++)
            {
                _settled = _atTurn;
                _atTurn = Sequence;
                _half = 1 - _half;
            }

            return _settled;
        }
    }

    /// <summary>As the next holder of the shard finds it in the row's metadata.</summary>
    public string ToNote(long settled) => JsonSerializer.Serialize(
        new SessionNote(new SessionNote.Of(id, resumeUrl, settled)), DiscordJson.Default.SessionNote);

    /// <returns>Null when the row tells of none.</returns>
    public static SessionState? Read(JsonElement metadata) =>
        metadata.TryGetProperty("session", out var session) && session.ValueKind == JsonValueKind.Object
        && metadata.Deserialize(DiscordJson.Default.SessionNote)?.Session is { } noted
            ? new SessionState(noted.Id, noted.ResumeUrl) { Sequence = noted.Sequence, _atTurn = noted.Sequence, _settled = noted.Sequence }
            : null;
}

/// <summary>How a session stands in <c>coordination.metadata</c>.</summary>
internal sealed record SessionNote(SessionNote.Of? Session)
{
    internal sealed record Of(string Id, Uri ResumeUrl, long Sequence);
}
