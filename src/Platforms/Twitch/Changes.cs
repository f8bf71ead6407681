namespace Rookery.Platforms.Twitch;

/// <summary>Tells loops that channels, tokens or subscriptions changed, so that they look now and not at their next time.</summary>
internal sealed class Changes
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes at the next change. To be taken before looking, so that no change is missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
