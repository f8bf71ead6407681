using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Tests.Twitch;

/// <summary>Events without an id of their own, told by two subscriptions.</summary>
public sealed class ContentKeyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonElement Cheer = JsonElement.Parse("""{"user_id":"2","bits":100,"message":"go"}""");

    [Theory]
    [InlineData("channel.cheer", 2000, 6000)]
    [InlineData("channel.raid", 5000, 15000)]
    public void Keys_meet_within_half_a_slice_wherever_its_border_is_and_not_beyond_a_slice_and_a_half(string type, int near, int far)
    {
        var moments = Gen.Choose(0, 100_000).Zip(Gen.Choose(0, 20_000)).ToArbitrary();

        Check.QuickThrowOnFailure(Prop.ForAll(moments, m =>
        {
            var (one, other) = (Of(type, m.Item1), Of(type, m.Item1 + m.Item2));
            var meet = one.Id == other.Id || one.Id == other.Near;
            return m.Item2 <= near ? meet : m.Item2 < far || !meet;
        }));
    }

    [Fact]
    public void Two_true_cheers_of_one_person_in_one_minute_are_two()
    {
        var (first, second) = (Of("channel.cheer", 0), Of("channel.cheer", 10_000));

        second.Id.ShouldNotBe(first.Id);
        second.Near.ShouldNotBe(first.Id);
        ContentKey.Of("channel.cheer", JsonElement.Parse("""{"user_id":"2","bits":101,"message":"go"}"""), Noon)!.Id.ShouldNotBe(first.Id);
    }

    [Fact]
    public void The_order_and_the_look_of_the_fields_make_no_difference() =>
        ContentKey.Of("channel.cheer", JsonElement.Parse("""{ "message": "go", "bits": 100, "user_id": "2" }"""), Noon)!.Id
            .ShouldBe(Of("channel.cheer", 0).Id);

    [Theory]
    [InlineData("channel.chat.message")]
    [InlineData("channel.follow")]
    [InlineData("channel.ban")]
    [InlineData("stream.online")]
    public void What_has_an_id_of_its_own_is_known_by_that(string type) => ContentKey.Of(type, Cheer, Noon).ShouldBeNull();

    private static ContentKey Of(string type, int ms) => ContentKey.Of(type, Cheer, Noon.AddMilliseconds(ms))!;
}
