using Rookery.Kernel.Communities;

namespace Rookery.Kernel.Chat;

/// <summary>Calls commands on behalf of a member who did not type them, such as whoever started a workflow.</summary>
public interface IModuleCalls
{
    /// <summary>
    /// Calls an active <c>!</c> command with the member's rights, the channel's permissions and the command's limits. Nothing is
    /// said; what the command answered is returned.
    /// </summary>
    Task<ModuleCallAnswer> CallAsync(ModuleCallRequest request, CancellationToken ct);
}

/// <param name="Command">Its name or an alias, without prefix.</param>
/// <param name="Arguments">As they would be typed after it.</param>
public sealed record ModuleCallRequest(Entity Entity, Member Member, string Command, string Arguments, TimeSpan Timeout);

/// <param name="Error">Null when the command ran.</param>
public sealed record ModuleCallAnswer(IReadOnlyList<ModuleResponse> Responses, ModuleCallError? Error = null);

/// <param name="Code">
/// unknown_command, forbidden, rate_limited or busy: it was not begun. timeout or failed: what it does may be done.
/// </param>
public sealed record ModuleCallError(string Code, string Message);
