using System.Security.Cryptography;
using Rookery.Kernel.Security;

namespace Rookery.Kernel.Tests.Security;

public sealed class SecretsTests(FreshDatabase database) : IClassFixture<FreshDatabase>, IDisposable
{
    private static readonly SecretPlace Place = new("twitch.twitch_tokens", "u1", "access_token");
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-secrets").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("token")]
    [InlineData("ünï\U0001F512")]
    public void What_was_sealed_opens_at_its_place(string secret)
    {
        var box = new SecretBox(Ring("a"));
        var (key, sealedSecret) = box.Seal(Place, secret);
        box.Open(Place, key, sealedSecret).ShouldBe(secret);
        box.Seal(Place, secret).Sealed.ShouldNotBe(sealedSecret);
    }

    [Fact]
    public void A_box_that_was_altered_anywhere_does_not_open()
    {
        var box = new SecretBox(Ring("a"));
        var (key, sealedSecret) = box.Seal(Place, "token");
        for (var i = 0; i < sealedSecret.Length; i++)
        {
            var altered = (byte[])sealedSecret.Clone();
            altered[i] ^= 1;
            Should.Throw<CryptographicException>(() => box.Open(Place, key, altered));
            Should.Throw<CryptographicException>(() => box.Open(Place, key, sealedSecret[..i]));
        }
    }

    [Fact]
    public void A_box_moved_to_another_row_or_column_does_not_open()
    {
        var box = new SecretBox(Ring("a"));
        var (key, sealedSecret) = box.Seal(Place, "token");
        Should.Throw<CryptographicException>(() => box.Open(Place with { RowKey = "u2" }, key, sealedSecret));
        Should.Throw<CryptographicException>(() => box.Open(Place with { Field = "refresh_token" }, key, sealedSecret));
        Should.Throw<CryptographicException>(
            () => box.Open(Place with { Owner = "slack.slack_tokens" }, key, sealedSecret));
    }

    [Fact]
    public async Task A_stored_secret_is_found_replaced_and_removed()
    {
        var secrets = Secrets(Ring("a"));
        var place = Place with { RowKey = "stored" };
        (await secrets.FindAsync(place, Ct)).ShouldBeNull();
        await secrets.SetAsync(database.Db.Write, place, "one", Ct);
        await secrets.SetAsync(database.Db.Write, place, "two", Ct);
        (await secrets.FindAsync(place, Ct)).ShouldBe("two");
        (await database.Db.Write.ValueAsync<bool>($"select exists (select from kernel.secrets where position('two'::bytea in sealed) > 0)", Ct)).ShouldBeFalse();
        (await secrets.RemoveAsync(database.Db.Write, place.Owner, place.RowKey, Ct)).ShouldBe(1);
        (await secrets.FindAsync(place, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_row_copied_over_another_does_not_open_there()
    {
        var secrets = Secrets(Ring("a"));
        var (mine, yours) = (Place with { RowKey = "mine" }, Place with { RowKey = "yours" });
        await secrets.SetAsync(database.Db.Write, mine, "my token", Ct);
        await secrets.SetAsync(database.Db.Write, yours, "your token", Ct);
        await database.Db.Write.ExecuteAsync(
            $"update kernel.secrets set sealed = (select sealed from kernel.secrets where row_key = 'yours') where row_key = 'mine'", Ct);
        await Should.ThrowAsync<CryptographicException>(secrets.FindAsync(mine, Ct));
        await secrets.RemoveAsync(database.Db.Write, Place.Owner, "mine", Ct);
        await secrets.RemoveAsync(database.Db.Write, Place.Owner, "yours", Ct);
    }

    [Fact]
    public async Task Rotation_seals_everything_anew_and_the_old_key_is_needed_no_more()
    {
        await database.Db.Write.ExecuteAsync($"delete from kernel.secrets", Ct);
        var ring = Ring("a");
        var old = ring.Current.Id;
        var secrets = Secrets(ring);
        for (var i = 0; i < 5; i++)
        {
            await secrets.SetAsync(database.Db.Write, Place with { RowKey = $"r{i}" }, $"token {i}", Ct);
        }

        ring.Rotate();
        (await secrets.RotateAsync(ring.Current.Id, Ct)).ShouldBe(5);
        (await secrets.RotateAsync(ring.Current.Id, Ct)).ShouldBe(0);
        (await secrets.FindAsync(Place with { RowKey = "r3" }, Ct)).ShouldBe("token 3");
        (await database.Db.Write.ValueAsync<long>($"select count(*) from kernel.secrets where key_id = {old}", Ct)).ShouldBe(0);
        await secrets.RequireKeysAsync(ring, Ct);
    }

    [Fact]
    public async Task Tokens_in_columns_of_other_tables_rotate_too_and_a_start_without_their_key_is_refused()
    {
        await database.Db.Write.ExecuteAsync($"delete from kernel.secrets", Ct);
        var ring = Ring("c");
        var box = new SecretBox(ring);
        var secrets = new Secrets(database.Db, box, TimeProvider.System);
        var columns = await SealedColumn.ListAsync(database.Db.Write, Ct);
        columns.Select(c => $"{c.Table}.{c.Column}").ShouldBe(
            [
                "discord.discord_tokens.access_token", "discord.discord_tokens.refresh_token",
                "slack.slack_tokens.access_token", "slack.slack_tokens.refresh_token", "slack.slack_tokens.user_token",
                "twitch.twitch_tokens.access_token", "twitch.twitch_tokens.refresh_token",
                "workflows.workflow_secrets.secret", "workflows.workflow_webhooks.previous_secret", "workflows.workflow_webhooks.secret",
            ]);
        var place = new SecretPlace("twitch.twitch_tokens", "42", "access_token");
        await database.Db.Write.ExecuteAsync(
            $"insert into twitch.twitch_tokens (user_id, access_token) values ('42', {box.SealText(place, "token")})", Ct);
        var old = ring.Current.Id;
        (await Should.ThrowAsync<InvalidOperationException>(secrets.RequireKeysAsync(Ring("d"), Ct))).Message.ShouldContain(old);

        ring.Rotate();
        (await secrets.RotateAsync(ring.Current.Id, Ct)).ShouldBe(1);

        (await Kernel.Security.Secrets.KeysInUseAsync(database.Db.Write, Ct)).ShouldBe([ring.Current.Id]);
        var text = await database.Db.Write.ValueAsync<string>($"select access_token from twitch.twitch_tokens where user_id = '42'", Ct);
        box.OpenText(place, text).ShouldBe("token");
        await database.Db.Write.ExecuteAsync($"delete from twitch.twitch_tokens", Ct);
    }

    [Fact]
    public void A_ring_that_another_process_rotated_is_read_again_when_its_new_key_is_met()
    {
        var (running, rotating) = (Ring("e"), Ring("e"));
        rotating.Rotate();
        var (id, sealedSecret) = new SecretBox(rotating).Seal(Place, "token");

        new SecretBox(running).Open(Place, id, sealedSecret).ShouldBe("token");
        running.Current.Id.ShouldBe(id);
    }

    [Fact]
    public async Task A_start_without_the_key_of_a_secret_is_refused()
    {
        await database.Db.Write.ExecuteAsync($"delete from kernel.secrets", Ct);
        var (ring, other) = (Ring("a"), Ring("b"));
        var secrets = Secrets(ring);
        await secrets.RequireKeysAsync(other, Ct);
        await secrets.SetAsync(database.Db.Write, Place, "token", Ct);
        await secrets.RequireKeysAsync(ring, Ct);

        var error = await Should.ThrowAsync<InvalidOperationException>(secrets.RequireKeysAsync(other, Ct));
        error.Message.ShouldContain(ring.Current.Id);
        error.Message.ShouldContain(other.Path);
    }

    private KeyRing Ring(string name) => KeyRing.Open(Path.Combine(_folder, name));

    private Secrets Secrets(KeyRing ring) => new(database.Db, new SecretBox(ring), TimeProvider.System);
}
