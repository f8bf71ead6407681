using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Npgsql;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;

namespace Rookery.Host;

/// <summary>
/// How failures leave the process: as problems that say what the caller can do. What went wrong inside is for the log.
/// </summary>
internal static class Failures
{
    /// <summary>
    /// True for what is not worth a line in the log: the caller's mistakes and outages that are logged where they
    /// begin.
    /// </summary>
    public static bool IsExpected(Exception e) =>
        e is BadHttpRequestException or StorageUnavailableException || IsUnstorable(e);

    /// <summary>Says what to do about answers that the web server makes by itself.</summary>
    public static void Explain(ProblemDetailsContext context)
    {
        var (problem, http) = (context.ProblemDetails, context.HttpContext);
        problem.Extensions.Remove("exception");
        problem.Detail ??= problem.Status switch
        {
            400 => WrongParameter(http),
            404 =>
                $"There is nothing at {http.Request.Method} {http.Request.Path}; /openapi/v1.json lists what there is.",
            405 => $"{http.Request.Path} does not take {http.Request.Method}, only {http.Response.Headers.Allow}.",
            413 => "The body is larger than 1 MiB; send less at once.",
            415 => "Send Content-Type: application/json.",
            _ => null,
        };
    }

    public static async Task AnswerAsync(HttpContext http)
    {
        var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        switch (error)
        {
            case StorageUnavailableException unavailable:
                http.Response.Headers.RetryAfter = "1";
                await TypedResults.Problem(unavailable.Message, statusCode: 503).ExecuteAsync(http);
                break;
            case BadHttpRequestException { StatusCode: 413 }:
                await TypedResults.Problem(statusCode: 413).ExecuteAsync(http);
                break;
            case BadHttpRequestException { InnerException: JsonException json }:
                await Problems.Invalid(json.Path ?? "$", "is not what this address expects; see /openapi/v1.json.").ExecuteAsync(http);
                break;
            case BadHttpRequestException { Message: var message } when message.Contains("no body was provided", StringComparison.Ordinal):
                await TypedResults.Problem("The request has no body; send JSON, {} if there is nothing to say.", statusCode: 400).ExecuteAsync(http);
                break;
            case BadHttpRequestException bad:
                await TypedResults.Problem(bad.Message, statusCode: bad.StatusCode).ExecuteAsync(http);
                break;
            case not null when IsUnstorable(error):
                await TypedResults.Problem("Something in the request cannot be stored as text, such as U+0000; remove it.", statusCode: 400).ExecuteAsync(http);
                break;
            default:
                await TypedResults.Problem($"Something broke here. The log has it under {http.TraceIdentifier}.", statusCode: 500).ExecuteAsync(http);
                break;
        }
    }

    /// <summary>The code that is generated for routes refuses a parameter that does not fit without saying which it was.</summary>
    private static string? WrongParameter(HttpContext http)
    {
        var wrong = http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().FirstOrDefault(p =>
            p.HasTryParse && http.Request.Query[p.Name] is [{ Length: > 0 } given, ..]
            && !TypeDescriptor.GetConverter(p.ParameterInfo.ParameterType).IsValid(given));
        if (wrong is null)
        {
            return null;
        }

        var type = Nullable.GetUnderlyingType(wrong.ParameterInfo.ParameterType) ?? wrong.ParameterInfo.ParameterType;
        var kind = type == typeof(bool) ? "true or false" : type == typeof(Guid) ? "an id (a UUID)" : "a whole number";
        return $"{wrong.Name} must be {kind}; it is {http.Request.Query[wrong.Name]}.";
    }

    /// <summary>A text the database has no characters for.</summary>
    private static bool IsUnstorable(Exception e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter };
}
