using Rookery.Kernel.Delivery;

namespace Rookery.Kernel;

/// <summary>What the kernel itself adds the way modules do: its routes, its personal data, its retention.</summary>
public sealed class KernelModule : IModule
{
    public string Name => "kernel";

    public void Add(ModuleBuilder module)
    {
        module.Daily("kernel.inbox", 1 + Inbox.WindowDays);
        foreach (var platform in new[] { "discord", "twitch", "slack" })
        {
            module.Daily($"{platform}.{platform}_events", 30).Daily($"{platform}.{platform}_activities", 365);
        }
    }
}
