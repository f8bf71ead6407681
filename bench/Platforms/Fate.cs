namespace Rookery.Bench.Platforms;

/// <summary>
/// Kills one server or the other and starts it again, or freezes it for longer than its claims last and lets it go on: it
/// then believes for a moment that it still holds what others hold by now.
/// </summary>
internal sealed class Fate(Nodes nodes, People people, Action<string> tell)
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(9);

    public int Kills { get; private set; }

    public int Freezes { get; private set; }

    /// <param name="every">On average.</param>
    public async Task StrikeAsync(TimeSpan every, CancellationToken stop, CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(every * (0.6 + (0.8 * Random.Shared.NextDouble())), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var node = Random.Shared.Next(2);
            if ((Kills + Freezes) % 3 == 0)
            {
                Freezes++;
                tell($"Node {node} is frozen; {people.Said.Count} lines so far.");
                await nodes.FreezeAsync(node, Frozen, ct);
            }
            else
            {
                Kills++;
                nodes.Kill(node);
                tell($"Node {node} is killed; {people.Said.Count} lines so far.");
                await Task.Delay(Random.Shared.Next(500, 4000), ct);
                await nodes.StartAsync(node, ct);
            }
        }
    }
}
