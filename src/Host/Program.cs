using Rookery.Host.Cli;

return await CommandLineInterface.Root().Parse(args).InvokeAsync();
