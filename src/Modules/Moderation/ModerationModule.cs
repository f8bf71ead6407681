using Rookery.Kernel;
using Rookery.Modules.Moderation.Matching;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Modules.Moderation;

public sealed class ModerationModule : IModule
{
    public string Name => "moderation";

    public void Add(ModuleBuilder module) => module
        .Setting(Exemption.Role)
        .Service<Exemption>()
        .Service<RuleStore>()
        .Service<RuleBooks>()
        .Screen<MessageScreen>()
        .Job<FoldMatches>()
        .Json(ModerationJson.Default)
        .MapGlobal(RuleEndpoints.Map)
        .MapGlobal(TestEndpoint.Map);
}
