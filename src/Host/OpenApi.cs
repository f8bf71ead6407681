using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rookery.Kernel.Security;
using Rookery.Kernel.SignIn;
using Rookery.Kernel.Web;

namespace Rookery.Host;

/// <summary>What <c>/openapi/v1.json</c> says beyond what the routes say by themselves.</summary>
internal static class OpenApi
{
    private const string KeyHeader = "api_key";
    private const string Bearer = "bearer";
    private const string Session = "session";

    public static void Configure(OpenApiOptions options)
    {
        options.CreateSchemaReferenceId = type =>
            OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id
                ? JsonNamingPolicy.SnakeCaseLower.ConvertName(id)
                : null;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, _, _) =>
        {
            Loosen(schema);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            AddQuery(operation, metadata.OfType<QueryParameter>());
            AddSecurity(operation, context, metadata);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// What may be null may be left out: nulls are not written, and a request's missing field is null.
    /// </summary>
    private static void Loosen(OpenApiSchema schema)
    {
        foreach (
            var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal))
        {
            if (IsNullable(property) || property.OneOf?.Any(IsNullable) == true)
            {
                schema.Required?.Remove(name);
            }
        }
    }

    private static bool IsNullable(IOpenApiSchema schema) => schema.Type?.HasFlag(JsonSchemaType.Null) == true;

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "Rookery";
        document.Info.Description =
            "Errors are problems as in RFC 9457. Listings are pages: pass next_cursor as cursor for the next one.";
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [KeyHeader] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-API-Key",
                Description =
                    "A key as POST /api/v1/keys or `./run keys create` makes it: rk_ and 64 hexadecimal digits.",
            },
            [Bearer] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The same key as Authorization: Bearer." },
            [Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = "rookery_session",
                Description =
                    "The cookie of a browser that is signed in (/account); over TLS its name begins with __Host-. "
                    + "A change also needs the header X-Rookery-Csrf with the csrf_token of GET /api/v1/auth/me.",
            },
        };
    }

    /// <summary>Parameters that a handler's parameter reads from the query by itself.</summary>
    private static void AddQuery(OpenApiOperation operation, IEnumerable<QueryParameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema =
                    new OpenApiSchema { Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
        }
    }

    private static void AddSecurity(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata)
    {
        if (metadata.OfType<OpenToAll>().Any())
        {
            return;
        }

        var people = metadata.OfType<TakesSession>().LastOrDefault();
        operation.Security = people is null ? [] : [Requirement(Session, context)];
        operation.Responses ??= [];
        if (people is { Alone: true })
        {
            operation.Description = $"{operation.Description} Needs somebody signed in.".Trim();
            operation.Responses.TryAdd("401", new OpenApiResponse { Description = "Nobody is signed in." });
            return;
        }

        var scope = metadata.OfType<RequiredScope>().LastOrDefault()?.Scope ?? Scopes.Admin;
        operation.Description = $"{operation.Description} Needs the scope {scope}.".Trim();
        operation.Security.Add(Requirement(KeyHeader, context));
        operation.Security.Add(Requirement(Bearer, context));
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No key, or one that does not work." });
        operation.Responses.TryAdd("403", new OpenApiResponse { Description = $"The key lacks the scope {scope}." });
    }

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiOperationTransformerContext context) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] };
}
