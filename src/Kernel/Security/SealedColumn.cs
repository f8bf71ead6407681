using Rookery.Kernel.Data;

namespace Rookery.Kernel.Security;

/// <summary>
/// A column that holds sealed texts (see <see cref="SealedText"/>), as its comment in the database says: there, and not
/// in a list of ours, so that nobody who adds one can forget it.
/// </summary>
internal sealed record SealedColumn(string Table, string Key, string Column)
{
#pragma warning disable CA1857 // Names out of the catalog, quoted there; no input reaches them.
    private SqlFragment TableName => Sql.Fragment(Table);

    private SqlFragment KeyName => Sql.Fragment(Key);

    private SqlFragment ColumnName => Sql.Fragment(Column);
#pragma warning restore CA1857

    public static Task<IReadOnlyList<SealedColumn>> ListAsync(Session session, CancellationToken ct) => session.ListAsync(
        $"""
        select format('%I.%I', n.nspname, c.relname), quote_ident(k.attname), quote_ident(a.attname)
        from pg_description d
        join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
        join pg_index i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
        where d.objsubid > 0 and d.description like 'sealed by the secret box%'
        order by 1, 3
        """,
        r => new SealedColumn(r.GetString(0), r.GetString(1), r.GetString(2)),
        ct);

    public Task<IReadOnlyList<string>> KeysAsync(Session session, CancellationToken ct) => session.ListAsync(
        $"select distinct split_part({ColumnName}, ':', 1) from {TableName} where {ColumnName} is not null",
        r => r.GetString(0),
        ct);

    /// <returns>How many were sealed anew.</returns>
    public async Task<int> RotateAsync(Database db, SecretBox box, string currentKeyId, CancellationToken ct)
    {
        var old = await db.Write.ListAsync(
            $"select {KeyName}::text from {TableName} where split_part({ColumnName}, ':', 1) <> {currentKeyId}", r => r.GetString(0), ct);
        foreach (var row in old)
        {
            await db.TransactionAsync(transaction => SealAnewAsync(transaction, box, new SecretPlace(Table, row, Column), ct), ct);
        }

        return old.Count;
    }

    private async Task SealAnewAsync(Transaction transaction, SecretBox box, SecretPlace place, CancellationToken ct)
    {
        var text = await transaction.FindAsync(
            $"select {ColumnName} from {TableName} where {KeyName}::text = {place.RowKey} and {ColumnName} is not null for update",
            r => r.GetString(0),
            ct);
        if (text is not null)
        {
            await transaction.ExecuteAsync(
                $"update {TableName} set {ColumnName} = {box.SealText(place, box.OpenText(place, text))} where {KeyName}::text = {place.RowKey}",
                ct);
        }
    }
}
