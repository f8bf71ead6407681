using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Host;

/// <summary>What <c>/openapi/v1.json</c> says beyond what the routes say by themselves.</summary>
internal static class OpenApi
{
    private const string KeyHeader = "api_key";
    private const string Bearer = "bearer";

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

        var scope = metadata.OfType<RequiredScope>().LastOrDefault()?.Scope ?? Scopes.Admin;
        operation.Description = $"{operation.Description} Needs the scope {scope}.".Trim();
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyHeader, context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
        ];
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No key, or one that does not work." });
        operation.Responses.TryAdd("403", new OpenApiResponse { Description = $"The key lacks the scope {scope}." });
    }
}
