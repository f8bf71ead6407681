using Rookery.Kernel.Chat;

namespace Rookery.Router.Builtin;

/// <summary>Answers, so that people see the bot is there.</summary>
internal sealed class Ping : ICommand
{
    private static readonly ValueTask<Reply> Pong = new(Reply.Text("Pong!"));

    public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => Pong;
}
