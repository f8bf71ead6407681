using Microsoft.AspNetCore.Http;
using Npgsql;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>
/// Answers for what only the database knows: a request named a row that its community does not have, or a name that is
/// taken.
/// </summary>
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
            return Problems.NotFound(e.ConstraintName switch
            {
                "memories_category" => "category_id: the community has no such category.",
                _ => $"No community with id {context.HttpContext.Request.RouteValues["community_id"]}.",
            });
        }
        catch (PostgresException e) when (
            e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "memory_categories_name" })
        {
            return CategoryEndpoints.NameTaken;
        }
    }
}
