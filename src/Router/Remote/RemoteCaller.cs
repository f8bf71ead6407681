using Rookery.Router.Executions;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;

namespace Rookery.Router.Remote;

internal sealed class RemoteCaller
{
    public Task CallAsync(EventContext context, Command command, Permission? permission, Execution execution, CancellationToken ct) =>
        throw new NotSupportedException();
}
