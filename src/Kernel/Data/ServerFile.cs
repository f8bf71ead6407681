using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// How the embedded server in a folder is reached; a file beside its cluster that only the owner reads.
/// </summary>
internal sealed record ServerFile(int Port, string Password, string SocketFolder)
{
    public const string User = "rookery";
    private const int LongestSocketFolder = 80;
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-");

    public static string PathIn(string folder) => Path.Combine(folder, "server.json");

    public static ServerFile New(string folder) =>
        new(0, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), SocketFolderOf(folder));

    /// <summary>
    /// Socket paths are limited to about 107 bytes and are written into an option, so a deep or strangely named data
    /// folder gets a short one elsewhere.
    /// </summary>
    public static string SocketFolderOf(string folder)
    {
        var inside = Path.Combine(folder, "run");
        return inside.Length <= LongestSocketFolder && !inside.AsSpan().ContainsAnyExcept(Plain)
            ? inside
            : Path.Combine(
                "/tmp", $"rookery-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12]}");
    }

    public static ServerFile? Read(string folder) =>
        File.Exists(PathIn(folder)) ? JsonSerializer.Deserialize<ServerFile>(File.ReadAllText(PathIn(folder))) : null;

    /// <summary>
    /// Replaces the file whole: without its password the cluster is lost, so no crash may leave half of it.
    /// </summary>
    public void Write(string folder)
    {
        var beside = PathIn(folder) + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, PathIn(folder), overwrite: true);
    }

    public string Connection(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder,
        Port = Port,
        Username = User,
        Password = Password,
        Database = database,
    }.ConnectionString;
}
