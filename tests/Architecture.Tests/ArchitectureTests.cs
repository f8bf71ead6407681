using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Rookery.Kernel;

namespace Rookery.Architecture.Tests;

/// <summary>The house rules a compiler cannot check. Each failure names the offender.</summary>
public sealed class ArchitectureTests
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    /// <summary>Async methods without a token, each with the reason why giving up half-way would be wrong.</summary>
    private static readonly Dictionary<string, string> WithoutToken = new(StringComparer.Ordinal)
    {
        ["Inbox.ClaimAsync"] = "the row is in a group commit with others",
        ["Recorder.WriteAsync"] = "the row is in a group commit with others",
        ["Intake.SettleAsync"] = "an event may be stored; it must be begun",
        ["Executor.CompleteAsync"] = "what has begun is finished, even if whoever handed the event in has hung up",
        ["BatchWriter.FlushAsync"] = "waits for its own queue",
        ["LaneTable.EnterAsync"] = "a turn is given in order, and the queue is bounded",
        ["Pages.ExplainAsync"] = "the signature is the web server's; the request carries the token",
        ["Intake.AcceptAsync"] = "the row is in a group commit with others",
        ["Intake.HandleAsync"] = "what was accepted is handled until the node stops, which it knows",
        ["Intake.GiveUpAsync"] = "the row is in a group commit with others",
        ["OutboxRows.EndAsync"] = "the action is done; what became of it must be written",
        ["PermissionTable.LoadAsync"] = "a load that all callers of the channel share",
        ["SettingsStore.LoadAsync"] = "a load that all callers of the community share",
        ["EntityDirectory.LoadRolesAsync"] = "a load that all callers of the community share",
        ["ChangeFeed.TellAsync"] = "listeners only forget what they keep",
        ["AgedTables.InBatchesAsync"] = "each batch has the token",
        ["CircuitBreakers.RunAsync"] = "the call has the token",
        ["CommandSecrets.FindAsync"] = "a load that all callers of the command share",
        ["EntityDirectory.WaitAsync"] = "what it waits for has the token",
        ["RuleBooks.WaitAsync"] = "what it waits for has the token",
        ["EntityDirectory.KeepAsync"] = "the load has none either",
        ["Starts.WriteAsync"] = "the row is in a group commit with others",
        ["Journal.WriteAsync"] = "the row is in a group commit with others",
        ["Driver.WriteAsync"] = "what has happened must be written",
        ["RuleBooks.LoadAsync"] = "a load that all callers of the community share",
        ["ScoringStore.LoadAsync"] = "a load that all callers of the community share",
        ["ChannelLine.JoinAsync"] = "what it lets in has the token, and the place is given up only then",
        ["ChannelLine.AfterAsync"] = "what it lets in has the token, and the place is given up only then",
        ["InteractionIntake.StoreAsync"] = "the row is in a group commit with others",
        ["SandboxHub.DropRefusedAsync"] = "a listener of the change feed",
        ["MissingRows.AnswerAsync"] = "an endpoint filter; the request has the token",
        ["GuildAdmins.AskGuildAsync"] = "a question that all who ask it share",
        ["GuildAdmins.AskMemberAsync"] = "a question that all who ask it share",
        ["ChannelAdmins.AskAsync"] = "a question that all who ask it share",
        ["SignInEndpoints.LimitAsync"] = "an endpoint filter; the request has the token",
        ["CommandLineInterface.RunAsync"] = "makes the token",
    };

    [Fact]
    public void Router_platforms_and_modules_know_only_the_kernel() =>
        Repository.Middle.SelectMany(p => RookeryReferences(p).Except(["Rookery.Kernel"], StringComparer.Ordinal).Select(r => $"{p} -> {r}")).ShouldBeEmpty();

    [Fact]
    public void The_kernel_knows_nobody() => RookeryReferences(Repository.Kernel).ShouldBeEmpty();

    [Fact]
    public void Only_the_host_knows_them_all() =>
        Repository.Middle.Select(p => p.Assembly.GetName().Name)
            .Except(RookeryReferences(Repository.Host), StringComparer.Ordinal)
            .ShouldBeEmpty();

    [Fact]
    public void A_part_shows_only_its_module_class() => Repository.Middle
        .SelectMany(p => p.Assembly.GetExportedTypes())
        .Where(t => !typeof(IModule).IsAssignableFrom(t))
        .ShouldBeEmpty();

    [Fact]
    public void Classes_without_heirs_are_sealed()
    {
        var all = Repository.All.SelectMany(p => p.Assembly.GetTypes()).ToList();
        all.Where(t => t is { IsClass: true, IsSealed: false, IsAbstract: false } && !Generated(t))
            .Except(all.Select(t => t.BaseType))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Async_methods_take_a_token() => Repository.All
        .SelectMany(p => p.Assembly.GetTypes())
        .Where(t => !Generated(t))
        .SelectMany(t => t.GetMethods(Declared))
        .Where(m => m.IsDefined(typeof(AsyncStateMachineAttribute)) && !m.Name.Contains('<', StringComparison.Ordinal) && !HasToken(m))
        .Select(m => $"{m.DeclaringType!.Name.Split('`')[0]}.{m.Name}")
        .Except(WithoutToken.Keys, StringComparer.Ordinal)
        .ShouldBeEmpty();

    [Fact]
    public void Names_agree()
    {
        var wrong = new List<string>();
        foreach (var part in Repository.Middle)
        {
            var module = part.Modules.Count == 1 ? part.Modules[0] : null;
            if (module is null)
            {
                wrong.Add($"{part} has {part.Modules.Count} modules in ModuleList; it should have one.");
                continue;
            }

            var expected = $"{part.Assembly.GetName().Name}.{part.Name}{(part.IsPlatform ? "Platform" : "Module")}";
            if (module.GetType().FullName != expected || !Same(module.Name, part.Name))
            {
                wrong.Add($"{part}: the class {module.GetType().FullName} and the name {module.Name} should be {expected} and {part.Name.ToLowerInvariant()}.");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Namespaces_follow_folders() => Repository.All
        .SelectMany(p => Repository.Files(p.Folder, ".cs").Select(f => (Part: p, File: f)))
        .Where(x => Regex.Match(File.ReadAllText(x.File), @"^namespace (?<name>[\w.]+);", RegexOptions.Multiline) is { Success: true } m
            && m.Groups["name"].Value != Expected(x.Part, x.File))
        .Select(x => $"{Repository.Relative(x.File)}: the namespace should be {Expected(x.Part, x.File)}")
        .ShouldBeEmpty();

    [Fact]
    public void A_part_names_only_its_own_tables_and_the_kernels()
    {
        var named = from part in Repository.Middle.Prepend(Repository.Kernel)
                    from file in part.Sources
                    from other in Repository.Middle
                    where other != part && !(part == Repository.Kernel && other.IsPlatform)
                    from schema in other.Schemas
                    from Match use in Regex.Matches(Code(file), $@"(?<![\w.""/]){schema}\.[a-z_]+\b(?!\()")
                    select $"{Repository.Relative(file)} -> {use.Value}";
        named.ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_kernel_writes_its_tables()
    {
        var writes = from part in Repository.Middle
                     from file in part.Sources
                     from Match use in Regex.Matches(
                         Code(file),
                         @"\b(insert into|update|delete from|merge into)\s+kernel\.\w+",
                         RegexOptions.ExplicitCapture)
                     select $"{Repository.Relative(file)}: {use.Value} (use the kernel's own class for it)";
        writes.ShouldBeEmpty();
    }

    /// <summary>A source without its comments, which may name what they like.</summary>
    private static string Code(string file) =>
        Regex.Replace(
            File.ReadAllText(file), @"^\s*(//|--).*$", "", RegexOptions.Multiline | RegexOptions.ExplicitCapture);

    private static IEnumerable<string> RookeryReferences(Part part) => part.Assembly.GetReferencedAssemblies()
        .Select(r => r.Name!)
        .Where(n => n.StartsWith("Rookery.", StringComparison.Ordinal));

    /// <summary>A request carries its token along.</summary>
    private static bool HasToken(MethodInfo method) =>
        method.Name == nameof(IAsyncDisposable.DisposeAsync)
        || method.GetParameters().Any(
            p => p.ParameterType == typeof(CancellationToken) || p.ParameterType == typeof(HttpContext));

    private static bool Generated(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute))
            || (type.DeclaringType is { } outer && Generated(outer))
            || type.Name == "Program"
        || type.Namespace?.StartsWith("Rookery", StringComparison.Ordinal) != true;

    private static bool Same(string name, string folder) =>
        !name.Any(char.IsUpper)
            && name.Replace("_", "", StringComparison.Ordinal).Equals(folder, StringComparison.OrdinalIgnoreCase);

    private static string Expected(Part part, string file)
    {
        var root = part == Repository.Host ? "Rookery.Host" : part.Assembly.GetName().Name!;
        var inside = Path.GetRelativePath(part.Folder, Path.GetDirectoryName(file)!);
        return inside == "." ? root : $"{root}.{inside.Replace(Path.DirectorySeparatorChar, '.')}";
    }
}
