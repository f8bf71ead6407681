using System.Text.Json;
using Microsoft.Extensions.Hosting;

namespace Rookery.Workflows.Templates;

/// <summary>Puts the templates of this build into the table when the server starts.</summary>
internal sealed class ShippedTemplates(TemplateStore store) : IHostedService
{
    private const string Folder = "Rookery.Workflows.Templates.";

    public static IReadOnlyList<ShippedTemplate> All()
    {
        var assembly = typeof(ShippedTemplates).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal) && n.EndsWith(".json", StringComparison.Ordinal))
                .Select(n =>
                {
                    using var file = assembly.GetManifestResourceStream(n)!;
                    return JsonSerializer.Deserialize(file, WorkflowsJson.Default.ShippedTemplate)!;
                })
                .OrderBy(t => t.TemplateId),
        ];
    }

    public Task StartAsync(CancellationToken cancellationToken) => store.PutAsync(All(), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
