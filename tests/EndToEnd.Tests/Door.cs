using System.Net;
using System.Net.Sockets;

namespace Rookery.EndToEnd.Tests;

/// <summary>A way to a server that can be shut, as a network that fails, and opened again.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly Uri _behind;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private CancellationTokenSource _shut = new();

    public Door(Uri behind)
    {
        _behind = behind;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public void Shut() => _shut.Cancel();

    public void Open() => _shut = new CancellationTokenSource();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _shut.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token), _shut.Token));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task CarryAsync(TcpClient client, CancellationToken shut)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(_behind.Host, _behind.Port, shut);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), shut),
                    server.GetStream().CopyToAsync(client.GetStream(), shut));
            }
            catch (OperationCanceledException)
            {
                // Shut: both ends are closed.
            }
        }
    }
}
