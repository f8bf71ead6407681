using Microsoft.Extensions.Logging.Abstractions;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;

namespace Rookery.Kernel.Tests.Security;

public sealed class LoginStatesTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-ring-").FullName;
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private Inbox? _inbox;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_is_good_once_in_the_browser_that_began_and_not_when_altered()
    {
        var states = States();
        var (state, browser) = states.Make(Platform.Twitch, "bot");

        (await states.UseAsync(Platform.Twitch, state, "another browser", Ct)).ShouldBe((null, "was begun in another browser"));
        (await states.UseAsync(Platform.Twitch, state, null, Ct)).ShouldBe((null, "was begun in another browser"));
        (await states.UseAsync(Platform.Twitch, state[..^4] + "AAAA", browser, Ct)).ShouldBe((null, "was not begun here"));
        (await states.UseAsync(Platform.Twitch, "nonsense", browser, Ct)).ShouldBe((null, "was not begun here"));
        (await states.UseAsync(Platform.Slack, state, browser, Ct)).ShouldBe((null, "was not begun here"));
        (await states.UseAsync(Platform.Twitch, state, browser, Ct)).ShouldBe(("bot", null));
        (await states.UseAsync(Platform.Twitch, state, browser, Ct)).ShouldBe((null, "was finished before"));
    }

    [Fact]
    public async Task A_state_is_good_for_ten_minutes()
    {
        var states = States();
        var (state, browser) = states.Make(Platform.Slack, "install");

        _clock.Advance(LoginStates.Life);

        (await states.UseAsync(Platform.Slack, state, browser, Ct)).ShouldBe((null, "took longer than ten minutes"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_inbox is not null)
        {
            await _inbox.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private LoginStates States()
    {
        _inbox = new Inbox(database.Db, NullLogger<Inbox>.Instance);
        return new LoginStates(new SecretBox(KeyRing.Open(Path.Combine(_folder, "keys.json"))), _inbox, _clock);
    }
}
