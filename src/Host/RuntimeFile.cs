using System.Text.Json;

namespace Rookery.Host;

/// <summary>What a running server tells the commands of the same machine, which do not see its environment.</summary>
internal sealed record RuntimeFile(Uri Address, int Pid, IReadOnlyList<PlatformState> Platforms)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Task WriteAsync(string path, RuntimeFile content, CancellationToken ct) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(content, Json), ct);

    /// <exception cref="IOException">There is none.</exception>
    public static RuntimeFile Read(string path) =>
        JsonSerializer.Deserialize<RuntimeFile>(File.ReadAllText(path), Json)!;
}
