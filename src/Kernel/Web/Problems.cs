using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Rookery.Kernel.Web;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Field">Which field, as the caller wrote it.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record FieldError(string Field, string Message);

/// <summary>Refusals as RFC 9457 problems.</summary>
public static class Problems
{
    public static ProblemHttpResult Invalid(params IReadOnlyList<FieldError> errors) => TypedResults.Problem(
        errors.Count == 1 ? $"{errors[0].Field}: {errors[0].Message}" : "Several fields are wrong; see errors.",
        statusCode: StatusCodes.Status400BadRequest,
        extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["errors"] = errors });

    public static ProblemHttpResult Invalid(string field, string message) => Invalid(new FieldError(field, message));

    /// <param name="what">For example "No command with id 7."</param>
    public static ProblemHttpResult NotFound(string what) =>
        TypedResults.Problem(what, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Forbidden(string why) =>
        TypedResults.Problem(why, statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult Conflict(string why) =>
        TypedResults.Problem(why, statusCode: StatusCodes.Status409Conflict);
}
