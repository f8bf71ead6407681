using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

/// <summary>A host with a command and a route that fail with texts nobody outside should read.</summary>
public sealed class BrokenHost : TestHost
{
    public const string Inside = "select password from db.internal";

    public BrokenHost() => Configure = services => services
        .AddSingleton(new RegisteredCommand("test", "1.0.0", new CommandSpec("explode", "Fails."), new Explode()))
        .AddSingleton(new RegisteredRoutes("test", false, group => group
            .MapGet("/explode", IResult () => throw new InvalidOperationException(Inside)).Needs(Scopes.Admin)));

    private sealed class Explode : ICommand
    {
        public ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct) =>
            throw new InvalidOperationException(Inside);
    }
}

public sealed class BrokenInsideTests(BrokenHost host) : IClassFixture<BrokenHost>
{
    [Fact]
    public async Task What_breaks_in_a_route_is_not_told_outside()
    {
        var problem = await host.Http.CallAsync("GET", "/api/v1/explode", expect: 500);

        problem.ToJsonString().ShouldNotContain("internal");
        problem.Text("detail").ShouldContain("log");
    }

    [Fact]
    public async Task What_breaks_in_a_command_is_not_told_outside()
    {
        var answer = await host.SayAsync("!explode");

        answer.Text("outcome").ShouldBe("failed");
        answer.ToJsonString().ShouldNotContain("internal");
        (await host.Http.CallAsync("GET", $"/api/v1/executions/{answer.Text("execution_id")}"))
            .ToJsonString()
            .ShouldNotContain(BrokenHost.Inside);
    }
}
