using Rookery.Kernel;
using Rookery.Router;

namespace Rookery.Host;

/// <summary>Everything that plugs in, in start order. A new module is one folder and one line here.</summary>
public static class ModuleList
{
    public static IReadOnlyList<IModule> All { get; } =
    [
        new KernelModule(),
        new RouterModule(),
    ];
}
