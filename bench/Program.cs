using System.CommandLine;
using Rookery.Bench;

var root = new RootCommand("Measures Rookery. Each verb prints JSON lines; figures are compared within one run, because machines are noisy.")
{
    RouterBench.Make(),
    ChaosBench.Make(),
};
return await root.Parse(args).InvokeAsync();
