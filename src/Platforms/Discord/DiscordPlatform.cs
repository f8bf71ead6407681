using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Delivery;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Discord, through a bot of the operator's. Off until it has a token.</summary>
public sealed class DiscordPlatform : IModule
{
    public string Name => "discord";

    public void Add(ModuleBuilder module) => module
        .Options<DiscordOptions>("Platforms:Discord")
        .Service<RateLimits>()
        .Service<DiscordRest>()
        .Service<Guilds>()
        .Service<GuildRows>()
        .Service<GuildChanges>()
        .Service<DiscordDecoder>()
        .Service<InteractionDecoder>()
        .Service<InteractionCalls>()
        .Service<OpenInteractions>()
        .Service<InteractionReplies>()
        .Service<InteractionEnds>()
        .Service<InteractionIntake>()
        .Service<DiscordDispatches>()
        .Service<IdentifyTurns>()
        .Service<GuildPictures>()
        .Service<IIntakeHandler>(p => ActivatorUtilities.CreateInstance<DiscordEvents>(p))
        .Sender<DiscordSender>()
        .Hosted<DiscordGateway>()
        .Hosted<VoiceMinutes>()
        .Job<RegisterCommands>()
        .MapRoot(InteractionEndpoint.Map);
}
