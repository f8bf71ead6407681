using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Memories.Tests;

public sealed class PersonalDataTests(MemoriesHost host) : IClassFixture<MemoriesHost>
{
    private static readonly string[] Tables =
        [
            "memories.member_zones",
            "memories.memories",
            "memories.memory_categories",
            "memories.memory_reactions",
            "memories.reminders"
        ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_about_a_person_is_exported_and_erased_and_nothing_about_others()
    {
        var kept = await FillAsync("ada");
        await FillAsync("bob");
        (await ExportAsync("ada")).ShouldBe(Tables.Select(t => (t, 1)));

        foreach (var owner in Owners)
        {
            (await host.Get<Database>().TransactionAsync(t => owner.EraseAsync(t, Platform.Sandbox, "ada", Ct), Ct)).ShouldBe(1, owner.Name);
        }

        (await ExportAsync("ada")).ShouldBe(Tables.Select(t => (t, 0)));
        (await ExportAsync("bob")).ShouldBe(Tables.Select(t => (t, 1)));
        (await host.AskAsync($"!memories get {kept}", channel: "home of ada")).ShouldContain("Added by somebody");
        host.Clock!.Advance(TimeSpan.FromHours(1));
        await host.Sandbox.TextsAsync("home of bob", 1);
        host.Sandbox.In("home of ada").ShouldBeEmpty();
    }

    private IEnumerable<IPersonalData> Owners => host.Services.GetServices<IPersonalData>()
        .Where(o => o.Name.StartsWith("memories.", StringComparison.Ordinal)).OrderBy(
            o => o.Name, StringComparer.Ordinal);

    private async Task<long> FillAsync(string user)
    {
        var channel = $"home of {user}";
        var id = MemoriesHost.IdIn(await host.AskAsync("!quote \"Mine\"", user, channel, "moderator"));
        await host.AskAsync("!memories categories add Mine", user, channel, "moderator");
        await host.AskAsync($"!memories react {id} like", user, channel);
        await host.AskAsync("!memories timezone Europe/Paris", user, channel);
        await host.AskAsync("!remind tea in 1 hour", user, channel);
        return id;
    }

    private async Task<IReadOnlyList<(string Table, int Rows)>> ExportAsync(string user)
    {
        var rows = new List<(string, int)>();
        foreach (var owner in Owners)
        {
            rows.Add(
                (owner.Name, (await owner.ExportAsync(host.Get<Database>().Write, Platform.Sandbox, user, Ct)).Count));
        }

        return rows;
    }
}
