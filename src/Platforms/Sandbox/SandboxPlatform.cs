using Rookery.Kernel;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// The built-in platform: channels in the database, a web page and a terminal to talk in them, no account anywhere.
/// </summary>
public sealed class SandboxPlatform : IModule
{
    public string Name => "sandbox";

    public void Add(ModuleBuilder module) => module
        .Options<SandboxOptions>()
        .Service<SandboxStore>()
        .Service<SandboxGateway>()
        .Service<SandboxHub>()
        .Sender<SandboxSender>()
        .PersonalData<SandboxPersonalData>()
        .Retention<SandboxRetention>()
        .Json(SandboxJson.Default)
        .MapGlobal(SandboxEndpoints.Map)
        .MapGlobal(SocketEndpoint.Map);
}
