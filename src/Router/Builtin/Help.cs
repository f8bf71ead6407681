using System.Text;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Router.Permissions;
using Rookery.Router.Registry;

namespace Rookery.Router.Builtin;

/// <summary>Lists what the member may use here, or explains one command.</summary>
internal sealed class Help(CommandTable commands, PermissionTable permissions) : ICommand
{
    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        if (call.Arguments is [var wanted, ..])
        {
            var name = wanted.TrimStart('!', '#');
            var command = commands.Find(wanted.StartsWith('#') ? '#' : '!', name, call.Entity);
            return command is null || !await MayUseAsync(command, call.Entity, call.Member, ct)
                ? Reply.Refuse($"There is no command {wanted} here. !help lists what there is.")
                : Reply.Text(Explain(command));
        }

        var lines = new StringBuilder("Commands here:");
        foreach (var command in commands.TypedIn(call.Entity).OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            if (await MayUseAsync(command, call.Entity, call.Member, ct))
            {
                lines.Append('\n').Append(command).Append(" – ").Append(command.Description);
            }
        }

        return Reply.Text(lines.Append("\nMore about one: !help <command>").ToString());
    }

    private async ValueTask<bool> MayUseAsync(Command command, Entity entity, Member member, CancellationToken ct)
    {
        var permission = await permissions.FindAsync(command, entity, ct);
        return PermissionTable.IsEnabled(command, permission) && PermissionTable.Allows(command, permission, member);
    }

    private static string Explain(Command command)
    {
        var text = new StringBuilder().Append(command).Append(" – ").Append(command.Description);
        foreach (var usage in command.Spec?.Usage ?? [])
        {
            text.Append('\n').Append(command).Append(' ').Append(usage);
        }

        if (command.Aliases.Count > 0)
        {
            text.Append("\nAlso: ").AppendJoin(", ", command.Aliases.Select(a => $"{command.Prefix}{a}"));
        }

        return text.ToString();
    }
}
