using System.Text.Json;
using Rookery.Kernel.Chat;

namespace Rookery.Kernel.Communities;

/// <summary>
/// A place where the bot listens. <paramref name="Id"/> joins tables, <paramref name="EntityId"/> is its name outside.
/// </summary>
public sealed record Entity(
    long Id,
    string EntityId,
    ChannelId Channel,
    long CommunityId,
    string? Owner,
    bool IsActive,
    JsonElement Config);
