using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Rookery.Simulators.Twitch;

namespace Rookery.LivePosts.Tests;

/// <summary>Edits of posts that fail.</summary>
public sealed class EditTests(LiveHost live) : IClassFixture<LiveHost>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await live.ChannelAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task An_edit_that_failed_is_made_again_later()
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "Short", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        live.Discord.Rest.FailNext(1, 403, text: "was live for");

        await live.Twitch.Streams.EndAsync(user.Id);

        await RowIsAsync(user, "it is to be made again, not at once", r => r.IsToBeMadeAgain);
        live.Edits(user).ShouldNotContain(t => t.Contains("was live for", StringComparison.Ordinal));
        await live.Db.Write.ExecuteAsync(
            $"update live.notification_log set edit_after = now() where streamer_id = {await live.IdAsync(user)}", LiveHost.Ct);
        await TestHost.EventuallyAsync(
            () => Task.FromResult(live.Edits(user).Any(t => t.Contains("was live for", StringComparison.Ordinal))), "the end is shown");
    }

    [Fact]
    public async Task A_deletion_that_failed_is_made_again_later()
    {
        var user = await live.FollowAsync(new JsonObject { ["on_end"] = "delete", ["reannounce_minutes"] = 0 });
        await live.Twitch.Streams.BeginAsync(user.Id, "Short", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        await live.Twitch.Streams.EndAsync(user.Id);
        await live.PostedAsync(user, times: 0);
        var streamer = await live.IdAsync(user);
        await TestHost.EventuallyAsync(
            async () => await live.Db.Write.ExecuteAsync(
                $"""
                update kernel.outbox o set status = 'failed', last_error = 'Discord answered 502.', finished_at = now()
                from live.notification_log l
                where l.streamer_id = {streamer} and l.edit_key like 'live:delete:%' and o.idempotency_key = l.edit_key and o.status = 'sent'
                """,
                LiveHost.Ct) == 1,
            "it is as if the deletion had failed");

        await RowIsAsync(user, "it is to be made again, not at once", r => r is { IsToBeMadeAgain: true, IsOver: false });
        await live.Db.Write.ExecuteAsync($"update live.notification_log set edit_after = now() where streamer_id = {streamer}", LiveHost.Ct);

        await TestHost.EventuallyAsync(
            async () => await live.CountAsync(
                $"""
                select count(*) from kernel.outbox o join live.notification_log l on o.idempotency_key like 'live:delete:' || replace(l.id::text, '-', '') || '%'
                where l.streamer_id = {streamer} and l.is_over and o.status = 'sent'
                """) == 1,
            "it is made again");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_would_go_on_in_a_post_that_somebody_deleted_is_posted_anew(bool beforeTheEnd)
    {
        var user = await live.FollowAsync();
        await live.Twitch.Streams.BeginAsync(user.Id, "First", "Chess", 1);
        await live.LoggedAsync(user, "sent");
        if (beforeTheEnd)
        {
            await DeleteAsync(user);
        }

        await live.Twitch.Streams.EndAsync(user.Id);
        if (beforeTheEnd)
        {
            await RowIsAsync(user, "nothing is left to edit", r => r.IsOver);
        }
        else
        {
            await TestHost.EventuallyAsync(
                () => Task.FromResult(live.Edits(user).Any(t => t.Contains("was live for", StringComparison.Ordinal))), "the end is shown");
            await DeleteAsync(user);
        }

        var began = (await live.StreamsAsync(user)).ShouldHaveSingleItem().StartedAt;
        await TestHost.EventuallyAsync(
            () => Task.FromResult(TimeProvider.System.GetUtcNow() > began.AddSeconds(1)), "the next one is told as another one");
        await live.Twitch.Streams.BeginAsync(user.Id, "Second", "Chess", 5);

        await live.PostedAsync(user);
        await live.LoggedAsync(user, "sent", "sent");
    }

    private Task RowIsAsync(TwitchUser user, string what, Func<(bool IsToBeMadeAgain, bool IsOver), bool> condition) => TestHost.EventuallyAsync(
        async () => (await live.Db.Write.ListAsync(
            $"""
            select coalesce(l.edit_after > now() + interval '4 minutes', false), l.is_over
            from live.notification_log l join live.streamers s on s.id = l.streamer_id where s.twitch_broadcaster_id = {user.Id}
            """,
            r => (r.GetBoolean(0), r.GetBoolean(1)),
            LiveHost.Ct)) is [var row] && condition(row),
        what);

    private async Task DeleteAsync(TwitchUser user)
    {
        var message = live.Discord.Ledger.All.Last(e => e.Kind == "said" && e.Text.Contains(user.Login, StringComparison.Ordinal)).MessageId;
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bot", live.Discord.Token);
        using var answer = await http.DeleteAsync(
            new Uri(live.Discord.Address, $"api/v10/channels/{LiveHost.Channel}/messages/{message}"), LiveHost.Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }
}
