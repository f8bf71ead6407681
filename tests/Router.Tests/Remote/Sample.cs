using System.Collections.Frozen;
using Rookery.Kernel.Chat;
using Rookery.Router.Registry;

namespace Rookery.Router.Tests.Remote;

internal static class Sample
{
    public static Command Command(string location, string type) => new()
    {
        Id = 1,
        Name = "f",
        Prefix = '!',
        Description = "",
        LocationUrl = location,
        Type = type,
        Method = "POST",
        Timeout = TimeSpan.FromSeconds(5),
        Headers = new Dictionary<string, string>(StringComparer.Ordinal),
        AuthRequired = false,
        RateLimit = 0,
        IsActive = true,
        ModuleType = "action",
        ModuleId = null,
        Version = "1.0.0",
        TriggerType = "command",
        EventTypes = FrozenSet<string>.Empty,
        Priority = 100,
        Parallel = false,
        Aliases = [],
        MinRole = Role.Member,
    };
}
