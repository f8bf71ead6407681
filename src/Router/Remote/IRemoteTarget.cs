using Rookery.Kernel.Web;
using Rookery.Router.Registry;

namespace Rookery.Router.Remote;

/// <summary>Knows how one kind of remote command is called.</summary>
internal interface IRemoteTarget
{
    /// <summary>As in <c>router.commands.type</c>.</summary>
    string Type { get; }

    /// <summary>
    /// Makes the request for one try, with the command's whole timeout; each try is dated and signed anew.
    /// </summary>
    Prepared Prepare(RemoteCall call);

    /// <summary>What the target says went wrong although the status is a success; null when nothing did.</summary>
    string? Fault(GuardedResponse answer) => null;
}

/// <param name="Json">The payload as it is sent and stored.</param>
internal sealed record RemoteCall(
    Command Command, Guid ExecutionId, RemotePayload Payload, string Json, string? Secret);

/// <summary>A request ready to go, or why none can be made.</summary>
/// <param name="Circuit">What a circuit breaker takes as one target.</param>
/// <param name="Error">For the operator: what about the command is to be mended.</param>
internal sealed record Prepared(GuardedRequest? Request, string Circuit, string? Error)
{
    public static Prepared Call(GuardedRequest request, string circuit) => new(request, circuit, null);

    public static Prepared Wrong(string error) => new(null, "", error);
}
