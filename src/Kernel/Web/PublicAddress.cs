using Microsoft.Extensions.Configuration;

namespace Rookery.Kernel.Web;

/// <summary>Under which address the world reaches this server: the setting <c>PublicBaseUrl</c>.</summary>
public sealed class PublicAddress(IConfiguration configuration)
{
    /// <returns>Null when it is not set, or no http or https address.</returns>
    public Uri? Of(string path) =>
        Uri.TryCreate(configuration["PublicBaseUrl"], UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new Uri($"{address.AbsoluteUri.TrimEnd('/')}/{path.TrimStart('/')}")
            : null;
}
