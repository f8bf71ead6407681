using Rookery.Kernel;
using Rookery.Modules.LivePosts;
using Rookery.Modules.Memories;
using Rookery.Modules.Moderation;
using Rookery.Modules.Reputation;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Sandbox;
using Rookery.Platforms.Slack;
using Rookery.Platforms.Twitch;
using Rookery.Router;
using Rookery.Workflows;

namespace Rookery.Host;

/// <summary>Everything that plugs in, in start order. A new module is one folder and one line here.</summary>
public static class ModuleList
{
    public static IReadOnlyList<IModule> All { get; } =
    [
        new KernelModule(),
        new RouterModule(),
        new ModerationModule(),
        new MemoriesModule(),
        new ReputationModule(),
        new LivePostsModule(),
        new WorkflowsModule(),
        new SandboxPlatform(),
        new DiscordPlatform(),
        new SlackPlatform(),
        new TwitchPlatform(),
    ];
}
