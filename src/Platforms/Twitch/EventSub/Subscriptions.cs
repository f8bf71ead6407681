using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.Auth;

namespace Rookery.Platforms.Twitch.EventSub;

internal sealed record SubscriptionPage(IReadOnlyList<SubscriptionInfo> Data, Pagination? Pagination = null);

internal sealed record Pagination(string? Cursor = null);

internal sealed record NewSubscription(
    string Type, string Version, IReadOnlyDictionary<string, string?> Condition, TransportInfo Transport);

/// <summary>Where events are to go, and with whose token that is arranged.</summary>
/// <param name="Owner">Null: the application, for webhooks.</param>
/// <param name="Earlier">Sessions that this one continues; their subscriptions moved along.</param>
internal sealed record Destination(string? Owner, TransportInfo Transport, IReadOnlySet<string> Earlier)
{
    public bool Reaches(SubscriptionInfo s) => Owner is null
        ? s.Transport?.Callback == Transport.Callback
        : s.Transport?.SessionId is { } session && (session == Transport.SessionId || Earlier.Contains(session));
}

/// <summary>Compares the subscriptions at Twitch with what they should be, and mends the difference.</summary>
internal sealed partial class Subscriptions(
    Helix helix, ChannelStore channels, TokenStore tokens, Watches watches, Changes changes, IOptions<TwitchOptions> options, TimeProvider clock,
    ILogger<Subscriptions> log)
{
    private const string Path = "eventsub/subscriptions";
    private const int MostPages = 1000;

    /// <summary>What Twitch refused last and why, so that it is said once and not at every comparison.</summary>
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);

    private int _putOffs;
    private int _comesAgain;

    /// <summary>
    /// Everything that should be subscribed to now. Who is watched and is no channel is seen to where the webhooks are.
    /// </summary>
    /// <param name="isServed">In which channels; null: in all.</param>
    public async Task<IReadOnlyList<Wanted>> WantedAsync(Func<string, bool>? isServed, CancellationToken ct)
    {
        var scopes = (await tokens.ListAsync(ct)).ToDictionary(t => t.UserId, t => t.Scopes, StringComparer.Ordinal);
        var none = new HashSet<string>(StringComparer.Ordinal);
        var (active, bot) = (await channels.ActiveAsync(ct), options.Value.BotUserId!);
        var watched = isServed?.Invoke(ChannelClaims.Webhooks.Channel) ?? true ? await watches.BroadcastersAsync(ct) : [];
        return
        [
            .. active.Where(c => isServed?.Invoke(c.ChannelId) ?? true).SelectMany(
                c => Catalog.For(c.BroadcasterId, bot, scopes.GetValueOrDefault(c.BroadcasterId, none), options.Value.ChatTransport)),
            .. watched.Except(active.Select(c => c.BroadcasterId), StringComparer.Ordinal)
                .SelectMany(w => Catalog.OfStream(w, bot, scopes.ContainsKey(w))),
        ];
    }

    /// <returns>How many subscriptions stand afterwards; null when Twitch could not be asked.</returns>
    public async Task<int?> ReconcileAsync(Destination destination, IReadOnlyList<Wanted> should, CancellationToken ct)
    {
        if (await ListAsync(destination, "", ct) is not { } known)
        {
            return null;
        }

        var method = destination.Transport.Method;
        var plan = Plan.Of(
            should,
            [.. known.Where(s => s.Transport?.Method == method)],
            destination.Reaches,
            isAnothers: s => destination.Owner is not null && !destination.Reaches(s));
        foreach (var stranger in plan.Delete)
        {
            await DeleteAsync(destination, stranger.Id, ct);
        }

        var told = known.Except(plan.Delete).Where(destination.Reaches).Select(s => Watches.Of(s)).OfType<StreamSubscription>().ToList();
        var made = await CreateAsync(destination, plan, told, ct);
        await watches.ToldAsync(told, ct);
        return should.Count - plan.Create.Count + made;
    }

    /// <returns>How many of those that were missing stand now.</returns>
    private async Task<int> CreateAsync(Destination destination, Plan plan, List<StreamSubscription> told, CancellationToken ct)
    {
        var made = 0;
        foreach (var wanted in plan.Create.OrderBy(w => !w.IsFree))
        {
            var response = await CreateAsync(destination, wanted, ct);
            told.AddRange(Told(wanted, response));
            if (response.Ok)
            {
                _refused.TryRemove(wanted.Key, out _);
                made++;
            }
            else if (response is { Status: 429, RetryAfter: null })
            {
                // Those that cost nothing come first, so for none of the rest there is room.
                Full(destination, OAuth.Describe(response));
                break;
            }
            else if (response.Status is 0 or 401 or 429 or >= 500)
            {
                ComeAgain(response);
                PutOff(wanted.Type, OAuth.Describe(response));
                return made;
            }
            else
            {
                Refused(wanted, OAuth.Describe(response));
            }
        }

        _putOffs = 0;
        return made;
    }

    /// <summary>What cannot be asked now is asked as soon as it can be, and not at the next time of all.</summary>
    private void ComeAgain(GuardedResponse response)
    {
        if (response.Status != 401 && Interlocked.Exchange(ref _comesAgain, 1) == 0)
        {
            var soon = TimeSpan.FromSeconds(5 << Math.Min(_putOffs++, 6));
            var wait = response.RetryAfter ?? (soon < options.Value.ReconcileEvery ? soon : options.Value.ReconcileEvery);
            Task.Delay(wait, clock).GetAwaiter().OnCompleted(() =>
            {
                Volatile.Write(ref _comesAgain, 0);
                changes.Ring();
            });
        }
    }

    /// <summary>What Twitch said to one; nothing when it could not be asked.</summary>
    private static IEnumerable<StreamSubscription> Told(Wanted wanted, GuardedResponse response)
    {
        if (response.Ok)
        {
            return (JsonSerializer.Deserialize(response.Body, TwitchJson.Default.SubscriptionPage)?.Data ?? [])
                .Select(s => Watches.Of(s)).OfType<StreamSubscription>();
        }

        var passes = response is { Status: 0 or 401 or >= 500 } or { Status: 429, RetryAfter: not null };
        return !passes && Watches.Refused(wanted, OAuth.Describe(response)) is { } refused ? [refused] : [];
    }

    private async Task<GuardedResponse> CreateAsync(Destination destination, Wanted wanted, CancellationToken ct)
    {
        var request = new NewSubscription(wanted.Type, wanted.Version, wanted.Condition, destination.Transport);
        var body = JsonSerializer.Serialize(request, TwitchJson.Default.NewSubscription);
        var response = await CallAsync(destination, HttpMethod.Post, Path, body, ct);
        if (response.Status != 409)
        {
            return response;
        }

        // There is one of that kind already, made by a try whose answer was lost, or by somebody else.
        var same = (await ListAsync(destination, $"?type={wanted.Type}", ct) ?? [])
            .Where(s => Wanted.KeyOf(s.Type, s.Version, s.Condition) == wanted.Key && s.Transport?.Method == destination.Transport.Method)
            .ToList();
        if (same.Find(s => Plan.IsAlive(s) && destination.Reaches(s)) is { } stands)
        {
            var page = new SubscriptionPage([stands]);
            return response with { Status = 200, Body = JsonSerializer.Serialize(page, TwitchJson.Default.SubscriptionPage) };
        }

        foreach (var one in same)
        {
            await DeleteAsync(destination, one.Id, ct);
        }

        return same.Count > 0 ? await CallAsync(destination, HttpMethod.Post, Path, body, ct) : response;
    }

    private async Task<List<SubscriptionInfo>?> ListAsync(Destination destination, string query, CancellationToken ct)
    {
        var all = new List<SubscriptionInfo>();
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            var after = cursor is null ? query : $"{query}{(query.Length == 0 ? '?' : '&')}after={Uri.EscapeDataString(cursor)}";
            var response = await CallAsync(destination, HttpMethod.Get, Path + after, null, ct);
            if (!response.Ok || JsonSerializer.Deserialize(response.Body, TwitchJson.Default.SubscriptionPage) is not { } read)
            {
                ComeAgain(response);
                PutOff("list", OAuth.Describe(response));
                return null;
            }

            all.AddRange(read.Data);
            if ((cursor = read.Pagination?.Cursor) is null or "")
            {
                break;
            }
        }

        return all;
    }

    private Task DeleteAsync(Destination destination, string id, CancellationToken ct) =>
        CallAsync(destination, HttpMethod.Delete, $"{Path}?id={Uri.EscapeDataString(id)}", null, ct);

    private Task<GuardedResponse> CallAsync(
        Destination destination, HttpMethod method, string path, string? body, CancellationToken ct) =>
        destination.Owner is { } owner
            ? helix.AsUserAsync(owner, method, path, body, ct)
            : helix.AsAppAsync(method, path, body, ct);

    private void Refused(Wanted wanted, string why)
    {
        if (!_refused.TryGetValue(wanted.Key, out var before) || before != why)
        {
            _refused[wanted.Key] = why;
            NotGranted(wanted.Key, why);
        }
    }

    /// <summary>Said once for each reason and account.</summary>
    private void Full(Destination destination, string why)
    {
        if (!_refused.TryGetValue(destination.Owner ?? "", out var before) || before != why)
        {
            _refused[destination.Owner ?? ""] = why;
            NoRoom(destination.Owner ?? "the application", why);
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Twitch lets user {Owner} make no more subscriptions ({Reason}). The cure: broadcasters log in at /platforms/twitch/login, "
        + "Platforms:Twitch:ChatTransport=irc, or Platforms:Twitch:Transport=webhook.")]
    private partial void NoRoom(string owner, string reason);

    [LoggerMessage(LogLevel.Warning, "Twitch does not grant {Subscription}: {Reason}")]
    private partial void NotGranted(string subscription, string reason);

    [LoggerMessage(LogLevel.Warning, "The Twitch subscriptions ({Type}) are compared again later: {Reason}")]
    private partial void PutOff(string type, string reason);
}
