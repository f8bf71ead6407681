using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Tests;

public sealed class SandboxSenderTests(TestHost host) : IClassFixture<TestHost>
{
    private ISender Sender => host.Services.GetServices<ISender>().Single(s => s.Name == "sandbox");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_makes_one_message_however_often_it_is_sent()
    {
        var channel = await host.NewChannelAsync();

        var sent = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Sender.SendAsync(Say(channel, "tea"), $"key:{channel}", Ct).AsTask()));

        sent.ShouldAllBe(s => s.Ok);
        sent.Select(s => s.PlatformMessageId).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        (await host.Http.SandboxAsync($"channels/{channel}/messages")).Bodies().ShouldBe(["tea"]);
    }

    [Fact]
    public async Task What_the_outbox_holds_is_said_and_deleted()
    {
        var channel = await host.NewChannelAsync();
        var id = (await host.SayInAsync(channel, "buy now"))["message"]!["id"]!.GetValue<long>();
        var (outbox, db) = (host.Get<Outbox>(), host.Get<Database>());

        await outbox.AddAsync(
            db.Write, $"say:{channel}", "sandbox", null, $"sandbox:{channel}", Say(channel, "Time for tea."), Ct);
        await outbox.AddAsync(
            db.Write, $"del:{channel}", "sandbox", null, $"sandbox:{channel}", new DeleteMessage(new ChannelId(Platform.Sandbox, null, channel), $"line-{id}", "Rule 7"), Ct);

        await TestHost.EventuallyAsync(
            async () =>
            {
                var items = (await host.Http.SandboxAsync($"channels/{channel}/messages"))["items"]!.AsArray();
                return items.Count == 2
                    && items[1]!["deleted_reason"]?.GetValue<string>() == "Rule 7"
                    && items[0]!["body"]!.GetValue<string>() == "Time for tea.";
            },
            "the outbox is empty");
    }

    [Theory]
    [InlineData("new one")]
    [InlineData("a:b%c%3A")]
    [InlineData("#general")]
    public async Task A_channel_the_bot_speaks_in_first_is_made(string name)
    {
        var channel = new ChannelId(Platform.Sandbox, null, name + Guid.NewGuid());
        var entity = await host.Get<EntityDirectory>().ResolveAsync(channel, Ct);

        (await Sender.SendAsync(Say(channel.Channel, "hello"), $"first:{channel}", Ct)).Ok.ShouldBeTrue();

        (await host.Get<Database>().Write.ValueAsync<string>($"select entity_id from sandbox.channels where name = {channel.Channel}", Ct))
            .ShouldBe(entity.EntityId);
        (await host.Http.SandboxAsync($"channels/{Uri.EscapeDataString(channel.Channel)}/messages"))
            .Bodies()
            .ShouldBe(["hello"]);
    }

    [Fact]
    public async Task Every_kind_of_answer_has_a_line()
    {
        var channel = await host.NewChannelAsync();
        ModuleResponse[] answers =
        [
            new("music", true, "media", MediaType: "music", MediaUrl: "https://example.org/song"),
            new("news", true, "ticker", TickerText: "Breaking", TickerDuration: 5),
            new("polls", true, "form", ResponseData: JsonElement.Parse("""{"title":"Lunch?"}""")),
            new("guard", false, "chat", ChatMessage: "No."),
        ];
        foreach (var answer in answers)
        {
            (await Sender.SendAsync(new SendMessage(new ChannelId(Platform.Sandbox, null, channel), answer), $"{answer.ModuleName}:{channel}", Ct)).Ok.ShouldBeTrue();
        }

        var items = (await host.Http.SandboxAsync($"channels/{channel}/messages"))["items"]!.AsArray()
            .Reverse()
            .ToList();
        items.Select(m => m!["body"]!.GetValue<string>()).ShouldBe(["https://example.org/song", "Breaking", "", "No."]);
        items.Select(m => m!["action"]!.GetValue<string>()).ShouldBe(["media", "ticker", "form", "chat"]);
        items[2]!["response"]!["response_data"]!["title"]!.GetValue<string>().ShouldBe("Lunch?");
        items[3]!["response"]!["success"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task What_cannot_be_done_is_told_and_not_tried_again()
    {
        var lobby = new ChannelId(Platform.Sandbox, null, "lobby");
        OutboundAction[] impossible =
        [
            new DeleteMessage(lobby, "not-a-number", "why"),
            new DeleteMessage(lobby, "999999999", "why"),
            new SendMessage(
                new ChannelId(Platform.Sandbox, "a-server", "lobby"), new("m", true, "chat", ChatMessage: "hi")),
            Say("lobby", "zero\0byte"),
            new SendDirectMessage(Platform.Sandbox, null, "", new("m", true, "chat", ChatMessage: "hi")),
            new SendDirectMessage(Platform.Sandbox, "a-server", "ada", new("m", true, "chat", ChatMessage: "hi")),
            new SendDirectMessage(Platform.Sandbox, null, "a\0b", new("m", true, "chat", ChatMessage: "hi")),
            new CallWebhook(
                new Uri("https://example.org"), "{}", new Dictionary<string, string>(StringComparer.Ordinal)),
        ];
        foreach (var action in impossible)
        {
            var sent = await Sender.SendAsync(action, Guid.NewGuid().ToString(), Ct);
            sent.Ok.ShouldBeFalse();
            sent.RetryAfter.ShouldBeNull();
        }
    }

    [Fact]
    public async Task What_is_for_one_person_stands_in_a_channel_of_their_own()
    {
        var user = $"ada-{Guid.NewGuid()}";
        var message = new SendDirectMessage(Platform.Sandbox, null, user, new("m", true, "chat", ChatMessage: "psst"));

        (await Sender.SendAsync(message, $"dm:{user}", Ct)).Ok.ShouldBeTrue();
        (await Sender.SendAsync(message, $"dm:{user}", Ct)).Ok.ShouldBeTrue();

        var items = (await host.Http.SandboxAsync($"channels/%40{user}/messages"))["items"]!.AsArray();
        items.ShouldHaveSingleItem()!["mention"]!.GetValue<string>().ShouldBe(user);
        items[0]!["body"]!.GetValue<string>().ShouldBe("psst");
    }

    [Fact]
    public async Task What_is_for_one_person_and_not_sent_yet_goes_with_their_data()
    {
        var (db, user) = (host.Get<Database>(), $"eve-{Guid.NewGuid()}");
        foreach (var platform in new[] { Platform.Twitch, Platform.Sandbox })
        {
            var message = new SendDirectMessage(platform, null, user, new("m", true, "chat", ChatMessage: "psst"));
            await host.Get<Outbox>().AddAsync(db.Write, $"dm:{platform}:{user}", "nobody", null, null, message, Ct);
        }

        using var exported = await host.Http.PostAsync($"/api/v1/personal-data/twitch/{user}/export", null, Ct);
        (await exported.Content.ReadAsStringAsync(Ct)).ShouldContain("psst");
        using var erased = await host.Http.PostAsync($"/api/v1/personal-data/twitch/{user}/erase", null, Ct);

        erased.IsSuccessStatusCode.ShouldBeTrue();
        (await db.Write.ListAsync(
            $"select idempotency_key from kernel.outbox where action ->> 'user_id' = {user}", r => r.GetString(0), Ct)).ShouldBe([$"dm:Sandbox:{user}"]);
    }

    [Fact]
    public async Task A_deletion_again_keeps_the_first_reason()
    {
        var channel = await host.NewChannelAsync();
        var id = (await host.SayInAsync(channel, "spam"))["message"]!["id"]!.GetValue<long>();
        foreach (var reason in new[] { "first", "second" })
        {
            (await Sender.SendAsync(new DeleteMessage(new ChannelId(Platform.Sandbox, null, channel), $"line-{id}", reason), reason, Ct)).Ok.ShouldBeTrue();
        }

        (await host.Http.SandboxAsync($"channels/{channel}/messages"))["items"]![0]!["deleted_reason"]!.GetValue<string>().ShouldBe("first");
    }

    private static SendMessage Say(string channel, string text) =>
        new(new ChannelId(Platform.Sandbox, null, channel), new("test", true, "chat", ChatMessage: text), "ada", "Ada");
}
