using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;

namespace Rookery.Kernel.Tests.Coordination;

/// <summary>Nodes that claim, check in, die, come back and fall behind, each remembering all it ever won.</summary>
internal sealed class Game(Worker[] workers, StepClock clock)
{
    private readonly List<(int Worker, ClaimRow Row)> _won = [];
    private readonly Dictionary<(int Worker, long Token), DateTimeOffset> _sound = [];
    private readonly HashSet<int> _dead = [];

    public async Task PlayAsync(int move, int who, int amount, CancellationToken ct)
    {
        var worker = workers[who];
        switch (move)
        {
            case 0:
            case 1:
                foreach (var row in await worker.Store.ClaimAsync(Platform.Twitch, 1 + (amount % 3), [.. Mine(who)], ct))
                {
                    _dead.ShouldNotContain(who, "the dead claim nothing");
                    _won.Where(w => w.Row.EntityId == row.EntityId).ShouldAllBe(w => w.Row.Token < row.Token);
                    foreach (var other in _won.Where(w => w.Row.EntityId == row.EntityId && w.Worker != who && !_dead.Contains(w.Worker)))
                    {
                        _sound.GetValueOrDefault((other.Worker, other.Row.Token)).ShouldBeLessThan(
                            clock.GetUtcNow(), "a node that lives and checks in keeps what it has");
                    }

                    _won.Add((who, row));
                    _sound[(who, row.Token)] = clock.GetUtcNow() + TimeSpan.FromMinutes(6);
                }

                break;
            case 2:
                var news = Mine(who).Select(t => new ClaimNews(t)).ToList();
                var holding = await worker.Store.CheckInAsync(news, ct);
                foreach (var token in news.Select(n => n.Token))
                {
                    _sound[(who, token)] = holding.Contains(token) ? clock.GetUtcNow() + TimeSpan.FromMinutes(6) : default;
                }

                break;
            case 3 when _dead.Add(who):
                await worker.DieAsync();
                break;
            case 3:
                _dead.Remove(who);
                await worker.ReviveAsync();

                // Others may have taken all of it meanwhile.
                foreach (var token in Mine(who))
                {
                    _sound[(who, token)] = default;
                }

                break;
            case 4:
                clock.Advance(TimeSpan.FromMinutes(amount % 8));
                break;
            default:
                var released = Mine(who).Reverse().Take(amount % 3).ToList();
                await worker.Store.ReleaseAsync([.. released.Select(t => new ClaimNews(t))], ct);
                released.ForEach(token => _sound[(who, token)] = default);
                break;
        }
    }

    /// <summary>Everybody acts under everything it ever won.</summary>
    public async Task CheckAsync(Intake intake, Func<RawEvent> make, CancellationToken ct)
    {
        var acts = await Task.WhenAll(_won.Select(async won =>
        {
            using var claim = new Claim(won.Row, TimeSpan.FromDays(1), clock.GetTimestamp(), clock, () => { });
            return (won.Row.EntityId, Taken: await TryAsync(intake, make() with { Claim = claim }));
        })).WaitAsync(ct);
        acts.Where(a => a.Taken).GroupBy(a => a.EntityId, StringComparer.Ordinal).ShouldAllBe(g => g.Count() == 1);
    }

    /// <returns>False when the claim is lost.</returns>
    public static async Task<bool> TryAsync(Intake intake, RawEvent e)
    {
        try
        {
            return await intake.AcceptAsync(e);
        }
        catch (ClaimLostException)
        {
            return false;
        }
    }

    private IEnumerable<long> Mine(int who) => _won.Where(w => w.Worker == who).Select(w => w.Row.Token);
}
