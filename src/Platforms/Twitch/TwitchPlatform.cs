using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.SignIn;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;
using Rookery.Platforms.Twitch.Irc;
using Rookery.Platforms.Twitch.SignIn;

namespace Rookery.Platforms.Twitch;

/// <summary>Twitch: events by EventSub, over sockets or webhooks, talk also by IRC; speaking and moderating by its API.</summary>
public sealed class TwitchPlatform : IModule
{
    public string Name => "twitch";

    public void Add(ModuleBuilder module) => module
        .Platform<TwitchOptions>("Twitch")
        .Service<TwitchHttp>()
        .Service<OAuth>()
        .Service<TokenStore>()
        .Service<Tokens>()
        .Service<Logins>()
        .Service<Helix>()
        .Service<ChannelStore>()
        .Service<IServerAdmins>(p => ActivatorUtilities.CreateInstance<ChannelAdmins>(p))
        .Service<ISignInProvider>(p => ActivatorUtilities.CreateInstance<TwitchSignIn>(p))
        .Service<Changes>()
        .Service<RateLimits>()
        .Service<SendProgress>()
        .Service<ChatSender>()
        .Service<WhisperLimits>()
        .Service<WhisperSender>()
        .Service<Watches>()
        .Service<IStreamDirectory>(p => ActivatorUtilities.CreateInstance<StreamDirectory>(p))
        .Service<Subscriptions>()
        .Service<EventIntake>()
        .Service<IIntakeHandler>(p => p.GetRequiredService<EventIntake>())
        .Sender<TwitchSender>()
        .Job<ValidateTokens>()
        .Service<ReconcileWebhooks>()
        .Service<ChannelClaims>()
        .Service<IrcChannels>()
        .Service<JoinTurns>()
        .Service<IrcClient>()
        .GatewayJob<LivePolls>()
        .Hosted<TwitchGateway>()
        .Json(TwitchJson.Default)
        .MapRoot(WebhookEndpoint.Map)
        .MapRoot(LoginEndpoints.Map)
        .MapGlobal(ChannelEndpoints.Map);
}
