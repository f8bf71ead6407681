using Rookery.Modules.Moderation.Text;

namespace Rookery.Moderation.Tests;

/// <summary>
/// PostgreSQL brings a normaliser of its own, made from the same standard by others: the tables must agree with it.
/// Left out are ranges to which every year's standard adds rare scripts.
/// </summary>
public sealed class UnicodeTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Fact]
    public async Task Decompositions_are_those_of_the_standard()
    {
        var wrong = (await ListAsync("""
            with points as (
                select generate_series(128, 44031) as cp union all select generate_series(57344, 65535)
                union all select generate_series(119808, 131071) union all select generate_series(194560, 195101))
            select chr(cp), normalize(chr(cp), nfkd) from points where normalize(chr(cp), nfkd) <> chr(cp)
            """))
            .Where(m => string.Concat((UnicodeTables.Decompose(Code(m.Text)) ?? []).Select(char.ConvertFromUtf32)) != m.Normal)
            .Select(m => $"U+{Code(m.Text):X}");

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Compositions_are_those_of_the_standard()
    {
        var wrong = (await ListAsync("""
            with points as (select generate_series(128, 55295) as cp union all select generate_series(57344, 65535))
            select chr(cp), normalize(chr(cp), nfd) from points
            where normalize(chr(cp), nfc) = chr(cp) and normalize(chr(cp), nfd) <> chr(cp)
            """))
            .Where(m => m.Normal.EnumerateRunes().Select(r => r.Value).Aggregate(UnicodeTables.Compose) != Code(m.Text))
            .Select(m => $"U+{Code(m.Text):X}");

        wrong.ShouldBeEmpty();
    }

    private static int Code(string text) => char.ConvertToUtf32(text, 0);

    private async Task<IReadOnlyList<(string Text, string Normal)>> ListAsync(string sql)
    {
#pragma warning disable CA2100 // The statements stand above.
        await using var command = database.Source.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<(string, string)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add((reader.GetString(0), reader.GetString(1)));
        }

        rows.Count.ShouldBeGreaterThan(900);
        return rows;
    }
}
