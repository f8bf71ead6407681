using Rookery.Host.Cli;

return await CommandLineInterface.RunAsync(args);
