using Microsoft.AspNetCore.Builder;

namespace Rookery.Kernel.Security;

public static class ApiKeyMiddleware
{
    /// <summary>
    /// Refuses what comes without a key that may; goes after routing, because the route says which scope it needs.
    /// </summary>
    public static IApplicationBuilder UseApiKeys(this IApplicationBuilder app) => app.UseMiddleware<Authentication>();
}
