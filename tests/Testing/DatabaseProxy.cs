using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Rookery.Testing;

/// <summary>Stands before a database and loses an answer when it is told to: what was asked is done, and nobody hears of it.</summary>
public sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _database;
    private readonly Task _accepting;
    private byte[]? _marker;

    public DatabaseProxy(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        _database = to.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{to.Host}/.s.PGSQL.{to.Port}")
            : new DnsEndPoint(to.Host, to.Port);
        _listener.Start();
        (to.Host, to.Port) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        ConnectionString = to.ConnectionString;
        _accepting = AcceptAsync();
    }

    /// <summary>Leads through here.</summary>
    public string ConnectionString { get; }

    public int Lost { get; private set; }

    /// <summary>The next question in which this stands gets no answer, and its connection ends.</summary>
    public void LoseAnswerTo(string text) => Volatile.Write(ref _marker, Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new Socket(_database.AddressFamily == AddressFamily.Unix ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Unspecified);
        await server.ConnectAsync(_database);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var (above, below) = (client.GetStream(), new NetworkStream(server));
        var loses = false;
        var asking = PumpAsync(above, below, asked => loses |= IsMarked(asked), end.Token);
        var answering = PumpAsync(below, above, _ => loses ? throw new IOException("This answer is lost.") : false, end.Token);
        await Task.WhenAny(asking, answering);
        await end.CancelAsync();
        await Task.WhenAll(asking, answering);
    }

    private bool IsMarked(ReadOnlyMemory<byte> asked)
    {
        var marker = Volatile.Read(ref _marker);
        if (marker is null || asked.Span.IndexOf(marker) < 0 || Interlocked.CompareExchange(ref _marker, null, marker) != marker)
        {
            return false;
        }

        Lost++;
        return true;
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, bool> look, CancellationToken ct)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, ct) is > 0 and var read)
            {
                look(buffer.AsMemory(0, read));
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; the other goes, too.
        }
    }
}
