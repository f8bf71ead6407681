using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.SignIn;
using Rookery.Platforms.Discord.Gateway;
using Rookery.Platforms.Discord.Interactions;
using Rookery.Platforms.Discord.Rest;
using Rookery.Platforms.Discord.SignIn;

namespace Rookery.Platforms.Discord;

/// <summary>Discord, through a bot of the operator's. Off until it has a token.</summary>
public sealed class DiscordPlatform : IModule
{
    public string Name => "discord";

    public void Add(ModuleBuilder module) => module
        .Platform<DiscordOptions>("Discord")
        .Service<RateLimits>()
        .Service<DiscordRest>()
        .Service<BotUser>()
        .Service<DirectChannels>()
        .Service<MemberRoles>()
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
        .Service<CallGuard>()
        .Service<DiscordDispatches>()
        .Service<IdentifyTurns>()
        .Service<GuildPictures>()
        .Service<IIntakeHandler>(p => ActivatorUtilities.CreateInstance<DiscordEvents>(p))
        .Service<RightChanges>()
        .Service<GuildAdmins>()
        .Service<IServerAdmins>(p => p.GetRequiredService<GuildAdmins>())
        .Service<DiscordSignIn>()
        .Service<ISignInProvider>(p => p.GetRequiredService<DiscordSignIn>())
        .Sender<DiscordSender>()
        .Service<IServerPlaces>(p => ActivatorUtilities.CreateInstance<DiscordPlaces>(p))
        .Service<IServerRoles>(p => ActivatorUtilities.CreateInstance<DiscordRoles>(p))
        .Service<IInstallPage>(p => ActivatorUtilities.CreateInstance<DiscordInstallPage>(p))
        .Hosted<DiscordGateway>()
        .Hosted<VoiceMinutes>()
        .Job<RegisterCommands>()
        .MapRoot(InteractionEndpoint.Map);
}
