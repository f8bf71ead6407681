using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Slack: events by socket or webhook, slash commands, interactivity; answers over the Web API.</summary>
public sealed class SlackPlatform : IModule
{
    public string Name => "slack";

    public void Add(ModuleBuilder module) => module
        .Platform<SlackOptions>("Slack")
        .Service<SlackHttp>()
        .Service<RateLimits>()
        .Service<SlackApi>()
        .Service<TokenStore>()
        .Service<Tokens>()
        .Service<TokenRenewal>()
        .Service<WorkspaceCalls>()
        .Service<People>()
        .Service<SlackDecoder>()
        .Service<ChannelOrder>()
        .Service<SlackIntake>()
        .Service<SlackEvents>()
        .Service<IIntakeHandler>(p => p.GetRequiredService<SlackEvents>())
        .Service<ResponseUrls>()
        .Service<MessagePoster>()
        .Service<DirectChannels>()
        .Service<FormOpener>()
        .Service<Installer>()
        .Sender<SlackSender>()
        .Service<IServerPlaces>(p => new SlackPlaces(p.GetRequiredService<WorkspaceCalls>()))
        .Hosted<SlackGateway>()
        .Job<RotateTokens>()
        .Check<TokenCheck>("slack_tokens")
        .MapRoot(SlackWebhooks.Map)
        .MapRoot(SlackInstall.Map);
}
