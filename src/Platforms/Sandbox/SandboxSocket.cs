using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// One client: takes its frames, stores its lines and answers them, while a <see cref="Follower"/> tells it the news.
/// </summary>
internal sealed partial class SandboxSocket(
    Caller caller, SandboxHub hub, SandboxStore store, SandboxGateway gateway, TimeProvider clock, ILogger<SandboxSocket> log)
{
    private const int LinesAtOnce = 8;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _underWay = [];
    private FrameSocket _frames = null!;
    private Follower _follower = null!;
    private string? _channel;

    public Caller Caller => caller;

    /// <summary>Ends the connection from outside.</summary>
    public void Drop() => _dropped.TrySetResult();

    /// <summary>Talks with the client until it leaves, breaks a rule, stops reading, or the host stops.</summary>
    public async Task RunAsync(FrameSocket frames, CancellationToken ct)
    {
        _frames = frames;
        _follower = new Follower(frames, hub, store, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var follow = _follower.RunAsync(end.Token);
        var receive = ReceiveAsync(end.Token);
        await Task.WhenAny(follow, receive, _dropped.Task);
        await end.CancelAsync();
        try
        {
            await Task.WhenAll(follow, receive);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            Gone(caller.Name, e.Message);
        }
        finally
        {
            await Task.WhenAll(_underWay);
        }
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        while (await _frames.ReceiveAsync(ct) is { } bytes)
        {
            var frame = Read(bytes.Span);
            try
            {
                await (frame switch
                {
                    null or { Ref.Length: > ClientFrame.MaxRef } =>
                        RefuseAsync(
                            400, "A frame is a JSON object with a type; its ref has at most 100 characters.", null, ct),
                    { Type: "join" } => JoinAsync(frame, ct),
                    { Type: "say" } => SayAsync(frame, ct),
                    _ => RefuseAsync(400, "type must be join or say.", frame.Ref, ct),
                });
            }
            catch (StorageUnavailableException e)
            {
                await RefuseAsync(503, e.Message, frame?.Ref, ct, RetryAfter);
            }
        }
    }

    private static ClientFrame? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SandboxJson.Default.ClientFrame);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task JoinAsync(ClientFrame frame, CancellationToken ct)
    {
        if (frame.Channel is null || !await store.HasChannelAsync(frame.Channel, caller.Community, ct))
        {
            await RefuseAsync(404, $"There is no sandbox channel {frame.Channel}.", frame.Ref, ct);
            return;
        }

        _channel = frame.Channel;
        _follower.Join(frame);
    }

    /// <summary>Stores the line now, so that lines keep their order; its effect comes when it comes.</summary>
    private async Task SayAsync(ClientFrame frame, CancellationToken ct)
    {
        var checks = frame.Line.Check().That(_channel is not null, "type", "cannot be say before a channel is joined.");
        if (!checks.Ok)
        {
            var error = new ErrorFrame(400, "The line cannot be said; see errors.", frame.Ref, checks.Errors);
            await _frames.SendAsync(error, SandboxJson.Default.ErrorFrame, ct);
            return;
        }

        _underWay.RemoveAll(t => t.IsCompleted);
        if (_underWay.Count == LinesAtOnce)
        {
            await Task.WhenAny(_underWay).WaitAsync(ct);
        }

        if (await store.AddLineAsync(_channel!, frame.Line, ct) is { } line)
        {
            _underWay.Add(DeliverAsync(line, frame.Ref, ct));
        }
    }

    /// <summary>What a stored line causes runs to its end even when its client leaves.</summary>
    private async Task DeliverAsync(SandboxMessage line, string? reference, CancellationToken ct)
    {
        var answer = await AnswerAsync(line, reference, CancellationToken.None);
        try
        {
            await _frames.SendAsync(answer, ct);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            Gone(caller.Name, e.Message);
        }
    }

    private async Task<byte[]> AnswerAsync(SandboxMessage line, string? reference, CancellationToken ct)
    {
        ErrorFrame error;
        try
        {
            var routed = await gateway.DeliverAsync(line, ct);
            if (routed.Outcome != Outcome.Overloaded)
            {
                return JsonSerializer.SerializeToUtf8Bytes(
                    SaidFrame.Of(reference, line, routed), SandboxJson.Default.SaidFrame);
            }

            error = new ErrorFrame(
                503, SandboxGateway.Overloaded, reference, RetryAfter: routed.RetryAfter.TotalSeconds);
        }
        catch (Exception e)
        {
            LineFailed(e, line.Id);
            error = e is StorageUnavailableException
                ? new ErrorFrame(503, e.Message, reference, RetryAfter: RetryAfter.TotalSeconds)
                : new ErrorFrame(500, $"Something broke here. The log has it under line {line.Id}.", reference);
        }

        return JsonSerializer.SerializeToUtf8Bytes(error, SandboxJson.Default.ErrorFrame);
    }

    private Task RefuseAsync(int status, string why, string? reference, CancellationToken ct, TimeSpan? retryAfter = null) =>
        _frames.SendAsync(
            new ErrorFrame(status, why, reference, RetryAfter: retryAfter?.TotalSeconds),
            SandboxJson.Default.ErrorFrame,
            ct);

    [LoggerMessage(LogLevel.Debug, "A sandbox socket of key {Key} ended: {Reason}")]
    private partial void Gone(string key, string reason);

    [LoggerMessage(LogLevel.Error, "What line {Message} of the sandbox should have caused failed.")]
    private partial void LineFailed(Exception exception, long message);
}
