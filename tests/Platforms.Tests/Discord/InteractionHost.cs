namespace Rookery.Platforms.Tests.Discord;

/// <summary>A bot with commands of every kind of answer, and something that hears of buttons.</summary>
public sealed class InteractionHost : DiscordHost
{
    public InteractionHost() => Configure = AnsweringModule.Add;
}
