using System.Text.Json;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Tests.Discord;

public sealed class SessionStateTests
{
    private readonly SessionState _session = new("s1", new Uri("wss://resume.example"));

    [Fact]
    public void With_nothing_under_way_all_that_was_taken_is_settled()
    {
        Take(7);

        _session.Settle().ShouldBe(7);
    }

    [Fact]
    public void What_is_under_way_holds_the_sequence_back()
    {
        Take(1);
        _session.Settle().ShouldBe(1);
        var slow = _session.Begin();
        Take(2);
        Take(3);

        _session.Settle().ShouldBeLessThan(2);
        _session.Settle().ShouldBeLessThan(2);
        _session.End(slow);

        _session.Settle().ShouldBe(3);
    }

    [Fact]
    public void Never_is_something_settled_that_has_not_ended()
    {
        var random = new Random(7);
        var open = new List<(long Sequence, int Half)>();
        for (var sequence = 1; sequence < 5000; sequence++)
        {
            open.Add((sequence, _session.Begin()));
            _session.Sequence = sequence;
            while (open.Count > random.Next(6))
            {
                var ended = random.Next(open.Count);
                _session.End(open[ended].Half);
                open.RemoveAt(ended);
            }

            if (random.Next(3) == 0)
            {
                _session.Settle().ShouldBeLessThan(open.Select(o => o.Sequence).Append(sequence + 1).Min());
            }
        }
    }

    [Fact]
    public void A_note_reads_back()
    {
        Take(5);
        var read = SessionState.Read(JsonElement.Parse(_session.ToNote(_session.Settle())));

        read.ShouldNotBeNull();
        (read.Id, read.ResumeUrl, read.Sequence, read.Settle()).ShouldBe(("s1", new Uri("wss://resume.example"), 5, 5));
        SessionState.Read(JsonElement.Parse("""{"session": null}""")).ShouldBeNull();
        SessionState.Read(JsonElement.Parse("{}")).ShouldBeNull();
    }

    private void Take(long sequence) => _session.Sequence = sequence;
}
