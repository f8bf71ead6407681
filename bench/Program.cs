using System.CommandLine;
using Rookery.Bench;

Environment.SetEnvironmentVariable(ServerProcess.InlineCompletions, "1");
var root = new RootCommand(
    "Measures Rookery. Each verb prints JSON lines; figures are compared within one run, because machines are noisy.")
{
    RouterBench.Make(),
    ChaosBench.Make(),
};
return await root.Parse(args).InvokeAsync();
