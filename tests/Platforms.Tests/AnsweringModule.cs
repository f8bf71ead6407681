using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Tests;

/// <summary>A module with commands of every kind of answer, and something that hears of buttons.</summary>
internal static class AnsweringModule
{
    public static void Add(IServiceCollection services)
    {
        Add(services, "quick", (call, _) => ValueTask.FromResult(Reply.Text($"You said {call.ArgumentText}.")));
        Add(services, "slow", async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5), ct);
            return Reply.Text("At last.");
        });
        Add(services, "slowno", async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5), ct);
            return Reply.Refuse("No, after all.");
        });
        Add(services, "no", (_, _) => ValueTask.FromResult(Reply.Refuse("Not you.")));
        Add(services, "hush", (_, _) => ValueTask.FromResult(Reply.None));
        Add(services, "many", (_, _) => ValueTask.FromResult(Reply.Many(Reply.Text("one"), Reply.Text("two"), Reply.Text("three"))));
        Add(services, "long", (_, _) => ValueTask.FromResult(Reply.Text(new string('x', 4500))));
        Add(services, "card", (_, _) => ValueTask.FromResult(Reply.Text("A card", Card)));
        Add(services, "bad", (_, _) => ValueTask.FromResult(Reply.Text("x", new RichContent([new Embed(new string('t', 257))]))));
        Add(services, "ask", (_, _) => ValueTask.FromResult<Reply>(new Reply.Form(JsonElement.Parse(Form))));
        Add(services, "notforslash".PadRight(40, 'x'), (_, _) => ValueTask.FromResult(Reply.None));
        services.AddSingleton(new RegisteredReaction(
            "tests", "1", new ReactionSpec("pressed", ["button_click", "select_menu", "modal_submit"]), new Pressed()));
    }

    public static RichContent Card { get; } = new(
        [new Embed("Tea", "At four", "https://example.org/tea", 0x00FF00, "Ada", "Bring a cup", "https://example.org/cup.png",
            Fields: [new EmbedField("Where", "Here", true)])],
        [
            [new Component("button", "tests:yes:1", "Yes", "primary"), new Component("button", Label: "More", Url: "https://example.org/")],
            [new Component("select", "tests:cake:1", Placeholder: "Cake?", Options: [new("Scone", "scone"), new("None", "none", "really")], MaxValues: 2)],
        ]);

    public const string Form =
        """
        {"form_title": "Who comes?", "form_description": "Tell us.", "form_submit_url": "https://example.org/form", "form_fields": [
            {"name": "name", "type": "text", "label": "Your name", "required": true, "placeholder": "Ada"},
            {"name": "why", "type": "textarea", "label": "A label that is much longer than Discord would ever show it", "value": "because"},
            {"name": "cake", "type": "multiselect", "label": "Cake", "options": ["scone", "tart"]},
            {"name": "key", "type": "hidden", "value": "1"}]}
        """;

    private static void Add(IServiceCollection services, string name, Func<CommandCall, CancellationToken, ValueTask<Reply>> run) =>
        services.AddSingleton(new RegisteredCommand(
            "tests", "1", new CommandSpec(name, $"Tests {name}.") { Usage = ["add <what>", "list", "remove <what> [why]"] }, new Made(run)));

    private sealed class Made(Func<CommandCall, CancellationToken, ValueTask<Reply>> run) : ICommand
    {
        public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) => run(call, ct);
    }

    private sealed class Pressed : IReaction
    {
        public ValueTask<Reply> RunAsync(ReactionCall call, CancellationToken ct) =>
            ValueTask.FromResult(call.Event.Fact is Interacted { CustomId: var id, Values: var values } && id.StartsWith("tests:", StringComparison.Ordinal)
                ? id == "tests:quiet:1" ? Reply.None : Reply.Text($"{call.Event.Type} {id} {string.Join('|', values)}".TrimEnd())
                : Reply.None);
    }
}
