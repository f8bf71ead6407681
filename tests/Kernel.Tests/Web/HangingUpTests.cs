using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Web;

public sealed class HangingUpTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_target_that_hangs_up_at_once_is_an_answer_and_no_exception()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = new CancellationTokenSource();
        var hangingUp = HangUpAsync(listener, end.Token);
        using var http = new GuardedHttp(Options.Create(new GuardedHttpOptions { AllowedPrivateHosts = ["127.0.0.1"] }), TimeProvider.System);

        for (var i = 0; i < 500; i++)
        {
            var answer = await http.SendAsync(new GuardedRequest(HttpMethod.Get, new Uri($"http://{listener.LocalEndpoint}/"), TimeSpan.FromSeconds(10)), Ct);
            answer.Ok.ShouldBeFalse();
        }

        await end.CancelAsync();
        await hangingUp;

        static async Task HangUpAsync(TcpListener listener, CancellationToken ct)
        {
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    using var socket = await listener.AcceptSocketAsync(ct);
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
