using Microsoft.AspNetCore.Http;
using Npgsql;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

/// <summary>Answers for what only the database knows: that a request names no community.</summary>
internal static class MissingRows
{
    public static async ValueTask<object?> AnswerAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return Problems.NotFound($"No community with id {context.HttpContext.Request.RouteValues["community_id"]}.");
        }
    }
}
