using System.Text.Json;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Data;
using Rookery.Kernel.Settings;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Settings;

public sealed class SettingsStoreTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncLifetime
{
    private static readonly IntSetting Limit = new("memories", "limit", 50, 1, 1000, "How many.");
    private static readonly BoolSetting Loud = new("memories", "loud", false, "Whether.");
    private static readonly TextSetting Mood = new("memories", "mood", "calm", "Which.", ["calm", "merry"]);
    private static readonly Setting[] All = [Limit, Loud, Mood];

    private readonly ManualClock _clock = new();
    private ChangeFeed _feed = null!;
    private SettingsStore _store = null!;
    private long _community;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _feed = await database.ListenAsync();
        _store = Store(_feed);
        _community = await database.Db.Write.ValueAsync<long>(
            $"insert into kernel.communities (name) values ({Guid.NewGuid().ToString()}) returning id", Ct);
    }

    public async ValueTask DisposeAsync() => await _feed.StopAsync(CancellationToken.None);

    [Fact]
    public async Task Until_it_is_set_a_setting_has_its_default()
    {
        (await _store.GetAsync(Limit, _community, Ct)).ShouldBe(50);
        (await _store.ViewAsync(Limit, _community, Ct)).IsDefault.ShouldBeTrue();
    }

    [Theory]
    [InlineData("\" 7 \"", 7)]
    [InlineData("7", 7)]
    [InlineData("\"7\"", 7)]
    public async Task What_is_typed_is_brought_into_form(string json, int stored)
    {
        (await SetAsync(Limit, json)).ShouldBeNull();
        (await _store.GetAsync(Limit, _community, Ct)).ShouldBe(stored);
        (await StoredAsync("limit")).ShouldBe("7");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("\"many\"")]
    [InlineData("1.5")]
    [InlineData("[]")]
    [InlineData("99999999999999999999")]
    public async Task A_value_that_is_not_allowed_changes_nothing_and_names_what_is(string json)
    {
        (await SetAsync(Limit, json)).ShouldBe("must be a whole number from 1 to 1000.");
        (await StoredAsync("limit")).ShouldBeNull();
        (await HistoryAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"Yes\"", true)]
    [InlineData("\"on\"", true)]
    [InlineData("1", true)]
    [InlineData("\"off\"", false)]
    [InlineData("0", false)]
    public async Task Yes_and_no_have_many_names(string json, bool stored)
    {
        (await SetAsync(Loud, json)).ShouldBeNull();
        (await _store.GetAsync(Loud, _community, Ct)).ShouldBe(stored);
    }

    [Fact]
    public async Task Choices_and_zones_are_checked()
    {
        (await SetAsync(Mood, "\"angry\"")).ShouldBe("must be one of calm, merry.");
        (await SetAsync(Mood, "\"merry\"")).ShouldBeNull();
        (await SetAsync(SystemSettings.TimeZone, "\"Mars/Base\"")).ShouldNotBeNull();
        (await SetAsync(SystemSettings.TimeZone, "\"Europe/Paris\"")).ShouldBeNull();
        (await _store.GetAsync(SystemSettings.TimeZone, _community, Ct)).ShouldBe("Europe/Paris");
    }

    [Fact]
    public async Task Every_change_is_in_the_history_and_in_the_audit_log()
    {
        await SetAsync(Limit, "10");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await SetAsync(Limit, "20");
        await SetAsync(Limit, "null");
        await SetAsync(Limit, "null");

        var history = await HistoryAsync();
        history.Select(h => (h.ChangeType, h.OldValue?.GetRawText(), h.NewValue.GetRawText())).ShouldBe(
            [("deleted", "20", "null"), ("updated", "10", "20"), ("created", null, "10")]);
        history.ShouldAllBe(h => h.ChangedBy == "key:ada");
        (await _store.GetAsync(Limit, _community, Ct)).ShouldBe(50);
        (await new AuditLog(database.Db, _clock).ListAsync(_community, "setting.", null, new PageQuery(50, null), Ct))
            .Select(a => a.Action).ShouldBe(["setting.deleted", "setting.updated", "setting.created"]);
    }

    [Fact]
    public async Task A_rollback_puts_the_old_value_back_as_a_change_of_its_own()
    {
        await SetAsync(Limit, "10");
        await SetAsync(Limit, "20");
        var change = (await HistoryAsync())[0];
        (await _store.RollBackAsync(change, "key:bob", Ct)).ShouldBeNull();
        (await _store.GetAsync(Limit, _community, Ct)).ShouldBe(10);
        var last = (await HistoryAsync())[0];
        (last.ChangeType, last.ChangedBy, last.OldValue!.Value.GetInt32(), last.NewValue.GetInt32()).ShouldBe(
            ("rollback", "key:bob", 20, 10));

        // Rolling back the first change goes back to the default.
        (await _store.RollBackAsync((await HistoryAsync())[^1], "key:bob", Ct)).ShouldBeNull();
        (await _store.ViewAsync(Limit, _community, Ct)).IsDefault.ShouldBeTrue();
    }

    [Fact]
    public async Task A_rollback_to_what_is_no_longer_allowed_is_refused()
    {
        var change = new SettingChange(
            0,
            _community,
            "memories",
            "limit",
            JsonElement.Parse("5000"),
            JsonElement.Parse("1"),
            "int",
            "x",
            _clock.GetUtcNow(),
            "updated");
        (await _store.RollBackAsync(change, "key:bob", Ct))!.ShouldContain("no longer allowed");
        (await _store.RollBackAsync(change with { Key = "gone" }, "key:bob", Ct))!.ShouldContain("does not exist");
        (await HistoryAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_on_one_node_is_seen_on_another()
    {
        var otherFeed = await database.ListenAsync();
        var other = Store(otherFeed);
        (await other.GetAsync(Limit, _community, Ct)).ShouldBe(50);
        await SetAsync(Limit, "99");
        await TestHost.EventuallyAsync(
            async () => await other.GetAsync(Limit, _community, Ct) == 99, "the other node sees it");
        await otherFeed.StopAsync(Ct);
    }

    [Fact]
    public async Task Changes_at_once_leave_a_history_without_gaps()
    {
        await Task.WhenAll(Enumerable.Range(1, 30).Select(i => SetAsync(Limit, $"{i}")));
        var history = (await HistoryAsync()).Reverse().ToList();
        history.Count.ShouldBe(30);
        history.Zip(history.Skip(1)).ShouldAllBe(
            p => p.First.NewValue.GetInt32() == p.Second.OldValue!.Value.GetInt32());
        (await _store.GetAsync(Limit, _community, Ct)).ShouldBe(history[^1].NewValue.GetInt32());
    }

    private SettingsStore Store(ChangeFeed feed) =>
        new(database.Db, new AuditLog(database.Db, _clock), feed, All, _clock);

    private Task<string?> SetAsync(Setting setting, string json) =>
        _store.SetAsync(setting, _community, JsonElement.Parse(json), "key:ada", Ct);

    private Task<IReadOnlyList<SettingChange>> HistoryAsync() =>
        _store.HistoryAsync(_community, null, null, new PageQuery(100, null), Ct);

    private async Task<string?> StoredAsync(string key) => await database.Db.Write.FindAsync(
        $"select value::text from kernel.bot_settings where guild_id = {_community} and key = {key}", r => r.GetString(0), Ct);
}
