using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// What changed in the database, told to every node by the writing transaction itself (triggers call
/// <c>kernel.notify_change</c>), so that caches never wait for a time-out.
/// </summary>
public sealed partial class ChangeFeed(NpgsqlDataSource source, Node node, TimeProvider clock, ILogger<ChangeFeed> log) : BackgroundService
{
    private const string Channel = "rookery";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ImmutableList<Func<string, ValueTask>>> _topics = new(
        StringComparer.Ordinal);
    private readonly Queue<string> _arrived = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first connection listens.</summary>
    public Task Listening => _listening.Task;

    /// <summary>False while the connection is lost: caches may be out of date until it is back.</summary>
    public bool IsListening { get; private set; }

    /// <summary>
    /// Calls back with the key of every changed row of a topic, and with "" when anything may have changed (after a
    /// lost connection).
    /// </summary>
    public void On(string topic, Func<string, ValueTask> changed) =>
        _topics.AddOrUpdate(topic, [changed], (_, others) => others.Add(changed));

    /// <inheritdoc cref="On(string, Func{string, ValueTask})"/>
    public void On(string topic, Action<string> changed) => On(topic, key =>
    {
        changed(key);
        return default;
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var first = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stoppingToken);
                _arrived.Clear();
                connection.Notification += (_, change) => _arrived.Enqueue(change.Payload);
                await SignInAsync(connection, stoppingToken);
                IsListening = true;
                _listening.TrySetResult();
                if (!first)
                {
                    Reconnected();
                }

                // What changed while nobody listened is unknown: at the start, too, caches may have been filled before.
                first = false;
                foreach (var topic in _topics.Keys)
                {
                    await TellAsync(topic, "");
                }

                while (true)
                {
                    while (_arrived.TryDequeue(out var payload))
                    {
                        var colon = payload.IndexOf(':', StringComparison.Ordinal);
                        await (
                            colon < 0 ? TellAsync(payload, "") : TellAsync(payload[..colon], payload[(colon + 1)..]));
                    }

                    await connection.WaitAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                IsListening = false;
                Lost(e.Message);
                await Task.Delay(RetryAfter, clock, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SignInAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        var now = clock.GetUtcNow();
        Sql sign = $"""
            with locked as materialized (select pg_advisory_lock({node.LockKey}))
            insert into kernel.nodes (node_id, lock_key, host, roles, started_at, last_seen)
            select {node.Id}, {node.LockKey}, {Environment.MachineName}, {node.Roles.ToArray()}, {now}, {now}
                from locked
            on conflict (node_id) do update set last_seen = excluded.last_seen
            """;
        await using var command = sign.On(connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private async ValueTask TellAsync(string topic, string key)
    {
        foreach (var changed in _topics.GetValueOrDefault(topic) ?? [])
        {
            try
            {
                await changed(key);
            }
            catch (Exception e)
            {
                CallbackFailed(e, topic);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The change feed lost its connection ({Reason}); it connects again.")]
    private partial void Lost(string reason);

    [LoggerMessage(LogLevel.Information, "The change feed listens again; caches start afresh.")]
    private partial void Reconnected();

    [LoggerMessage(LogLevel.Error, "A listener of {Topic} failed.")]
    private partial void CallbackFailed(Exception exception, string topic);
}
