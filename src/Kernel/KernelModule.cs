namespace Rookery.Kernel;

/// <summary>What the kernel itself adds the way modules do: its routes, its personal data, its retention.</summary>
public sealed class KernelModule : IModule
{
    public string Name => "kernel";

    public void Add(ModuleBuilder module)
    {
    }
}
