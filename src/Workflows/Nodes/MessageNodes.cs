using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Expressions;

namespace Rookery.Workflows.Nodes;

[Description("Says something in a channel, or to one person.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChatMessageNode : StoredNode
{
    public const string CurrentChannel = "current_channel";
    public const string SpecifiedChannel = "specified_channel";
    public const string UserPm = "user_pm";

    private const int MaxUserId = 250;

    private Field<Template> _message;
    private Field<Template> _channel;
    private Field<Template> _user;

    [Description("What is said; {{ … }} is filled in.")]
    public string? MessageTemplate { get; set; }

    [Description("current_channel: where the run began. specified_channel: the one in channel_id. user_pm: a direct message to the person in user_id.")]
    public string Destination { get; set; } = CurrentChannel;

    [Description("A channel of this community, as platform:server:channel.")]
    public string? ChannelId { get; set; }

    [Description("The platform's id of the person, as {{ user_id }}: somebody on the platform of the channel where the run began.")]
    public string? UserId { get; set; }

    [Description("Whether it answers the message that started the run.")]
    public bool ReplyToMessage { get; set; }

    public override void Bind(Binder binder)
    {
        binder.OneOf("destination", Destination, [CurrentChannel, SpecifiedChannel, UserPm]);
        _message = binder.Template("message_template", MessageTemplate, isRequired: true);
        _channel = binder.Template("channel_id", ChannelId, isRequired: Destination == SpecifiedChannel);
        _user = binder.Template("user_id", UserId, isRequired: Destination == UserPm);
    }

    public override NodeResult Run(NodeContext context, StoredEffects effects)
    {
        var (text, channel) = (context.Text(_message), Destination == SpecifiedChannel ? context.Text(_channel) : null);
        if (string.IsNullOrWhiteSpace(text))
        {
            return NodeResult.Fail("empty_message", "message_template: nothing is left to be said.");
        }

        var response = new ModuleResponse("workflows", true, "chat", ChatMessage: text);
        if (Destination == UserPm)
        {
            return Whisper(context.Text(_user).Trim(), response, effects);
        }

        var replyTo = ReplyToMessage && channel is null ? context.Run.ReplyTo : null;
        effects.Send(channel, entity => new SendMessage(entity.Channel, response, ReplyTo: replyTo));
        return NodeResult.Leave(Nodes.Ports.Success) with { Inputs = Value.Object(("message", text), ("channel", channel ?? context.Run.Entity.EntityId)) };
    }

    private static NodeResult Whisper(string user, ModuleResponse response, StoredEffects effects)
    {
        if (user.Length is 0 or > MaxUserId)
        {
            return NodeResult.Fail("no_user", "user_id: names nobody; where no person starts the run, write the id of one.");
        }

        effects.Send(null, entity => SendDirectMessage.From(entity.Channel, user, response));
        return NodeResult.Leave(Nodes.Ports.Success) with { Inputs = Value.Object(("message", response.ChatMessage!), ("user_id", user)) };
    }
}

[Description("Shows something on the overlay: a ticker, a media or a card.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BrowserSourceNode : StoredNode
{
    private Field<Template> _content;

    [Description("ticker: a text runs across. media: a picture, video or music by its address. general: a card.")]
    public string SourceType { get; set; } = "ticker";

    [Description("display, update or clear.")]
    public string Action { get; set; } = "display";

    [Description("The text, the address, or the card; {{ … }} is filled in.")]
    public string? ContentTemplate { get; set; }

    [Description("Seconds it is shown.")]
    [Range(1, 3600)]
    public int Duration { get; set; } = 10;

    [Description("Of several that wait, the highest is shown first.")]
    [Range(-1000, 1000)]
    public int Priority { get; set; }

    public override void Bind(Binder binder)
    {
        binder.OneOf("source_type", SourceType, ["ticker", "media", "general"]).OneOf("action", Action, ["display", "update", "clear"]);
        _content = binder.Template("content_template", ContentTemplate, isRequired: Action != "clear");
    }

    public override NodeResult Run(NodeContext context, StoredEffects effects)
    {
        var content = context.Text(_content);
        var data = JsonSerializer.SerializeToElement(
            new OverlayData(SourceType, Action, content, Duration, Priority), WorkflowsJson.Default.OverlayData);
        var response = SourceType switch
        {
            "ticker" => new ModuleResponse("workflows", true, "ticker", TickerText: content, TickerDuration: Duration, ResponseData: data),
            "media" => new ModuleResponse("workflows", true, "media", MediaType: MediaTypeOf(content), MediaUrl: content, ResponseData: data),
            _ => new ModuleResponse("workflows", true, "general", ChatMessage: content, ResponseData: data),
        };
        effects.Send(null, entity => new SendMessage(entity.Channel, response));
        return NodeResult.Leave(Nodes.Ports.Success) with { Inputs = Value.Object(("content", content)) };
    }

    private static string MediaTypeOf(string url) => Path.GetExtension(url.Split('?', 2)[0]).ToLowerInvariant() switch
    {
        ".mp4" or ".webm" or ".mov" => "video",
        ".mp3" or ".ogg" or ".wav" or ".m4a" => "music",
        _ => "image",
    };
}

/// <param name="Duration">Seconds.</param>
internal sealed record OverlayData(string SourceType, string Action, string Content, int Duration, int Priority);
