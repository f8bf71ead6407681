using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Delivery;

namespace Rookery.Platforms.Slack;

/// <summary>Slack: events by socket or webhook, slash commands, interactivity; answers over the Web API.</summary>
public sealed class SlackPlatform : IModule
{
    public string Name => "slack";

    public void Add(ModuleBuilder module) => module
        .Options<SlackOptions>("Platforms:Slack")
        .Service<SlackHttp>()
        .Service<RateLimits>()
        .Service<SlackApi>()
        .Service<TokenStore>()
        .Service<Tokens>()
        .Service<WorkspaceCalls>()
        .Service<People>()
        .Service<SlackDecoder>()
        .Service<ChannelOrder>()
        .Service<SlackIntake>()
        .Service<SlackEvents>()
        .Service<IIntakeHandler>(p => p.GetRequiredService<SlackEvents>())
        .Service<ResponseUrls>()
        .Service<MessagePoster>()
        .Service<Installer>()
        .Sender<SlackSender>()
        .Hosted<SlackGateway>()
        .Job<RotateTokens>()
        .MapRoot(SlackWebhooks.Map)
        .MapRoot(SlackInstall.Map);
}
