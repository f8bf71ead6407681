namespace Rookery.Host;

/// <summary>What one process does of the whole. All of it unless told.</summary>
[Flags]
internal enum ServerRoles
{
    /// <summary>Holds the connections to the platforms.</summary>
    Gateway = 1,

    /// <summary>Runs lanes and handlers.</summary>
    Router = 2,

    /// <summary>Runs timers, the outbox and sweeps.</summary>
    Jobs = 4,

    /// <summary>Answers HTTP: the API and the pages.</summary>
    Web = 8,

    All = Gateway | Router | Jobs | Web,
}
