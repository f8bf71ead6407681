using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Platforms.Sandbox;

internal sealed class SandboxRetention(Database db, IOptions<SandboxOptions> options, TimeProvider clock) : IRetention
{
    public string Name => "sandbox.messages";

    public Task<int> SweepAsync(CancellationToken ct) => db.Write.ExecuteAsync(
        $"delete from sandbox.messages where created_at < {clock.GetUtcNow().AddDays(-options.Value.KeepDays)}", ct);
}
