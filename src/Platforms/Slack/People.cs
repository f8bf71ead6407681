using System.Collections.Concurrent;
using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

internal sealed record Person(string Name, Role Role);

/// <summary>
/// Names and roles, which Slack's events leave out. Asked for once and kept an hour; a change that Slack reports counts at once.
/// </summary>
internal sealed class People(WorkspaceCalls calls, TimeProvider clock)
{
    private const int MostKept = 50_000;
    private static readonly TimeSpan Keep = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepUnknown = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string Team, string User), Known> _known = new();

    /// <summary>Null when the person was not asked for yet.</summary>
    public string? NameOf(string team, string user) =>
        _known.TryGetValue((team, user), out var known) && known.IsFound ? known.Person.Name : null;

    /// <summary>Completes at once for who is known.</summary>
    /// <param name="fallback">The name when Slack does not tell one in time; such a person has no role.</param>
    public ValueTask<Person> FindAsync(string team, string user, string fallback, CancellationToken ct) =>
        _known.TryGetValue((team, user), out var known) && known.Until > clock.GetUtcNow()
            ? new(known.IsFound ? known.Person : known.Person with { Name = fallback })
            : new(AskAsync(team, user, fallback, ct));

    /// <summary>Takes a user as Slack describes one.</summary>
    public Person? Learn(string team, JsonElement user)
    {
        if (user.Text("id") is not { } id)
        {
            return null;
        }

        var name = user.Text("profile", "display_name") ?? user.Text("profile", "real_name") ?? user.Text("real_name") ?? user.Text("name") ?? id;

        // Somebody from elsewhere, in a channel that two workspaces share, may be an admin there and is nobody here.
        var isOurs = user.Text("team_id") is not { } home || home == team;
        var role = !isOurs ? Role.Member
            : user.Says("is_owner") || user.Says("is_primary_owner") ? Role.Owner
            : user.Says("is_admin") ? Role.Admin
            : Role.Member;
        return Remember(team, id, new Person(name, role), isFound: true);
    }

    private async Task<Person> AskAsync(string team, string user, string fallback, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["user"] = user };
            var answer = await calls.AskAsync("users.info", team, fields, limit.Token);
            if (answer.Ok && answer.Body.At("user") is { } found && Learn(team, found) is { } person)
            {
                return person;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Slack is slow; the event is not.
        }

        return Remember(team, user, new Person(fallback, Role.Member), isFound: false);
    }

    private Person Remember(string team, string user, Person person, bool isFound)
    {
        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }

        _known[(team, user)] = new Known(person, clock.GetUtcNow() + (isFound ? Keep : KeepUnknown), isFound);
        return person;
    }

    private sealed record Known(Person Person, DateTimeOffset Until, bool IsFound);
}
