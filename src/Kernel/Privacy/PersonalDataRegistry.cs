using System.Text.Json.Nodes;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>
/// Asks every owner of tables about a person. Each act is one transaction and audited without naming the person.
/// </summary>
internal sealed class PersonalDataRegistry(Database db, IEnumerable<IPersonalData> owners, AuditLog audit)
{
    private readonly IPersonalData[] _owners = [.. owners.OrderBy(o => o.Name, StringComparer.Ordinal)];

    /// <returns>What is held, by table; tables that hold nothing are there, empty.</returns>
    public Task<JsonObject> ExportAsync(
        Platform platform, string userId, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var data = new JsonObject();
            foreach (var owner in _owners)
            {
                data[owner.Name] = await owner.ExportAsync(transaction, platform, userId, ct);
            }

            await audit.WriteAsync(
                transaction, 0, by, "personal_data.exported", new JsonObject { ["platform"] = platform.Name() }, ct);
            return data;
        },
        ct);

    /// <returns>Rows touched, by table.</returns>
    public Task<IReadOnlyDictionary<string, int>> EraseAsync(
        Platform platform, string userId, string by, CancellationToken ct) => db.TransactionAsync(
        async transaction =>
        {
            var rows = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var owner in _owners)
            {
                rows[owner.Name] = await owner.EraseAsync(transaction, platform, userId, ct);
            }

            var details = new JsonObject { ["platform"] = platform.Name(), ["rows"] = rows.Values.Sum() };
            await audit.WriteAsync(transaction, 0, by, "personal_data.erased", details, ct);
            return (IReadOnlyDictionary<string, int>)rows;
        },
        ct);
}
