using System.CommandLine;
using Rookery.Bench;
using Rookery.Bench.Live;
using Rookery.Bench.Platforms;

Environment.SetEnvironmentVariable(ServerProcess.InlineCompletions, "1");
var root = new RootCommand(
    "Measures Rookery. Each verb prints JSON lines; figures are compared within one run, because machines are noisy.")
{
    RouterBench.Make(),
    GatewayBench.Make(),
    ChaosBench.Make(),
    PlatformsBench.Make(),
    WorkflowBench.Make(),
    WorkflowChaosBench.Make(),
    LiveBench.Make(),
};
return await root.Parse(args).InvokeAsync();
