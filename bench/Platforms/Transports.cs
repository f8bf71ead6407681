using System.Globalization;

namespace Rookery.Bench.Platforms;

/// <summary>How the platforms bring what people say.</summary>
internal enum Transports
{
    /// <summary>Discord's gateway, Twitch's EventSub over sockets, Slack's Socket Mode.</summary>
    Sockets,

    /// <summary>Twitch and Slack call; Discord's interactions come over HTTP, the rest of Discord by its gateway.</summary>
    Webhooks,

    /// <summary>As <see cref="Webhooks"/>, but Twitch's talk comes over IRC.</summary>
    Irc,
}

internal static class TransportsExtensions
{
    /// <summary>Whether whoever brings Twitch's talk brings it again until it is taken.</summary>
    public static bool RepeatsTalk(this Transports transports) => transports == Transports.Webhooks;

    /// <summary>Which rows of <c>{platform}_events</c>, named e, only the holder of a claim may have written; SQL.</summary>
    public static string IsFenced(this Transports transports, string platform) => (transports, platform) switch
    {
        (Transports.Sockets, _) => "true",
        (_, "discord") => "e.event_type <> 'INTERACTION_CREATE'",
        (Transports.Irc, "twitch") => "e.event_type like 'irc.%'",
        _ => "false",
    };

    /// <param name="address">Of the one door of all nodes.</param>
    public static IReadOnlyDictionary<string, string> Settings(this Transports transports, Stage stage, Uri address)
    {
        var settings = stage.Settings(address);
        if (transports != Transports.Sockets)
        {
            settings["Platforms:Twitch:Transport"] = "webhook";
            settings["Platforms:Twitch:WebhookSecret"] = "a secret of some length";
            settings["Platforms:Slack:Transport"] = "events";
            settings["Platforms:Slack:SigningSecret"] = stage.Slack.SigningSecret;
            settings["Platforms:Discord:PublicKey"] = stage.Discord.Interactions.Key.PublicKey;
            stage.Slack.RequestUrl = new Uri(address, "platforms/slack/");
            stage.Discord.Interactions.Endpoint = new Uri(address, "platforms/discord/interactions");
        }

        settings["Platforms:Twitch:ChatTransport"] = transports == Transports.Irc ? "irc" : "eventsub";
        return settings;
    }

    /// <summary>Whether everything that people say would be heard now.</summary>
    public static bool Stands(this Transports transports, Stage stage)
    {
        var channels = stage.Channels["twitch"];
        var isHeard = transports == Transports.Irc
            ? channels.All(c => stage.Twitch.Irc.In(c) > 0)
            : Subscribed(stage, "channel.chat.message") >= channels.Length;
        return isHeard && Subscribed(stage, "channel.follow") >= channels.Length
            && (transports != Transports.Sockets || stage.Slack.Sockets == Stage.SlackSockets);
    }

    public static string Name(this Transports transports) => transports.ToString().ToLower(CultureInfo.InvariantCulture);

    private static int Subscribed(Stage stage, string type) => stage.Twitch.Events.Enabled.Count(s => s.Type == type);
}
