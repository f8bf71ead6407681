using System.Diagnostics;

namespace Rookery.Kernel.Data;

/// <summary>
/// Runs programs as the user PostgreSQL may run as: ourselves, or, since PostgreSQL refuses root, <c>postgres</c> or
/// <c>nobody</c>. Where that user cannot reach a root-only folder, it gets the one capability to look into it.
/// </summary>
internal sealed class UnprivilegedUser
{
    private readonly string _folder;
    private readonly string[] _prefix;

    private UnprivilegedUser(string folder, string? name, string[] prefix)
    {
        _folder = folder;
        Name = name;
        _prefix = prefix;
    }

    /// <summary>Null when we are not root.</summary>
    public string? Name { get; }

    /// <param name="program">A program the user must be able to run.</param>
    /// <param name="folder">The folder programs run in, which the user must be able to enter.</param>
    /// <exception cref="InvalidOperationException">
    /// We are root and cannot become anybody else; says what to do.
    /// </exception>
    public static async Task<UnprivilegedUser> ChooseAsync(string program, string folder, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new UnprivilegedUser(folder, null, []);
        }

        var name = (await RunAsync(folder, ["id", "-u", "postgres"], ct)).ExitCode == 0 ? "postgres" : "nobody";
        var group = (await RunAsync(folder, ["id", "-g", name], ct)).Output.Trim();
        string[] plain = ["setpriv", $"--reuid={name}", $"--regid={group}", "--clear-groups"];
        string[] reaching = [.. plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
        foreach (var prefix in new[] { plain, reaching })
        {
            var user = new UnprivilegedUser(folder, name, prefix);
            if ((await user.RunAsync(ct, "sh", "-c", "\"$0\" --version && cd \"$1\"", program, folder)).ExitCode == 0)
            {
                return user;
            }
        }

        throw new InvalidOperationException(
            $"PostgreSQL does not run as root, and the user {name} cannot run {program} or enter {folder}. " +
            "Start Rookery as an ordinary user, move it to a folder everybody may enter, or install util-linux (setpriv).");
    }

    public Task<Result> RunAsync(CancellationToken ct, params string[] command) =>
        RunAsync(_folder, [.. _prefix, .. command], ct);

    /// <summary>
    /// Makes a folder that nobody else may enter; it may lie in <c>/tmp</c>, where others could have put something
    /// first.
    /// </summary>
    public async Task MakePrivateAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new InvalidOperationException($"{folder} is a link somebody made; remove it.");
        }

        if (!OperatingSystem.IsWindows())
        {
            // Fails unless the folder is ours.
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await OwnAsync(folder, ct);
    }

    private async Task OwnAsync(string folder, CancellationToken ct)
    {
        if (Name is not null
            && await RunAsync(_folder, ["chown", "-hR", Name, folder], ct) is { ExitCode: not 0 } failed)
        {
            throw new InvalidOperationException($"{folder} could not be given to {Name}: {failed.Output}");
        }
    }

    private static async Task<Result> RunAsync(string folder, string[] command, CancellationToken ct)
    {
        // pg_ctl leaves the server behind holding its output; so output goes to files, which need no reader to close.
        var output = Path.GetTempFileName();
        try
        {
            var quoted = string.Join(
                ' ', command.Select(c => $"'{c.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec {quoted} >'{output}' 2>&1 </dev/null"]) { WorkingDirectory = folder })!;
            try
            {
                await process.WaitForExitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            return new Result(process.ExitCode, await File.ReadAllTextAsync(output, ct));
        }
        finally
        {
            File.Delete(output);
        }
    }

    internal sealed record Result(int ExitCode, string Output);
}
