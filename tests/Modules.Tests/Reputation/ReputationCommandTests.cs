using Rookery.Kernel.Chat;

namespace Rookery.Reputation.Tests;

public sealed class ReputationCommandTests(ReputationHost host) : IClassFixture<ReputationHost>
{
    private readonly string _channel = $"c{Guid.NewGuid():N}";

    [Fact]
    public async Task A_member_hears_points_and_rank()
    {
        await host.HappensAsync(_channel, "raid", "ada", new Raided(1));
        await host.HappensAsync(_channel, "sub", "nobody");
        await host.HappensAsync(_channel, "boost", "bob", new Boosted());

        (await host.AskAsync("!rep bob", _channel, "watcher")).ShouldBe("bob has 100 points here (rank 1).");
        (await host.AskAsync("!reputation @ada", _channel, "watcher")).ShouldBe("ada has 30 points here (rank 2).");
        (await host.AskAsync("!reputation sandbox:ada", _channel, "watcher")).ShouldBe("ada has 30 points here (rank 2).");
        (await host.AskAsync("!reputation <@ada>", _channel, "watcher")).ShouldBe("ada has 30 points here (rank 2).");
        (await host.AskAsync("!reputation @eve", _channel, "watcher")).ShouldBe("@eve has no points here.");
    }

    [Fact]
    public async Task A_name_that_several_have_names_nobody()
    {
        await host.HappensAsync(_channel, "follow", "id-1", name: "Ada");
        await host.HappensAsync(_channel, "follow", "id-2", name: "ada");

        (await host.AskAsync("!rep @ADA", _channel, "watcher")).ShouldContain("Several members are called @ADA");
        (await host.AskAsync("!rep sandbox:id-2", _channel, "watcher")).ShouldStartWith("ada has 10 points");
    }

    [Fact]
    public async Task The_leaderboard_shows_as_many_as_asked()
    {
        await host.HappensAsync(_channel, "boost", "ada", new Boosted());
        await host.HappensAsync(_channel, "raid", "bob", new Raided(1));

        (await host.AskAsync("!leaderboard 1", _channel, "watcher")).ShouldBe("1. ada – 100 points");
        (await host.AskAsync("!top 2", _channel, "watcher")).ShouldBe("1. ada – 100 points\n2. bob – 30 points");
        (await host.AskAsync("!leaderboard 26", _channel, "watcher")).ShouldContain("from 1 to 25");
        (await host.AskAsync("!leaderboard x", _channel, "watcher")).ShouldContain("from 1 to 25");
    }

    [Fact]
    public async Task A_name_that_cannot_be_is_refused()
    {
        (await host.AskAsync($"!rep {new string('x', 300)}", _channel)).ShouldContain("!reputation @user");
        (await host.AskAsync("!rep 日本 '; drop table", _channel)).ShouldContain("has no points here");
    }
}
