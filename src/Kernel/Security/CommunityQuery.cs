using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Security;

/// <summary>
/// Which community a request is about, from <c>?community_id</c>. A key that is bound to one means that one and may
/// name no other.
/// </summary>
/// <param name="Community">Null: the key is bound to none and the request names none.</param>
public sealed record CommunityQuery(long? Community) : IEndpointParameterMetadataProvider
{
    /// <exception cref="BadHttpRequestException">400: not a number. 404: not the caller's.</exception>
    public static ValueTask<CommunityQuery> BindAsync(HttpContext context)
    {
        var caller = Caller.Of(context);
        var text = context.Request.Query["community_id"].ToString();
        if (text.Length == 0)
        {
            return new(new CommunityQuery(caller.Community));
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var community))
        {
            throw new BadHttpRequestException("community_id: must be a whole number.");
        }

        return caller.MayAct(community)
            ? new(new CommunityQuery(community))
            : throw new BadHttpRequestException($"No community with id {text}.", StatusCodes.Status404NotFound);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(
            new QueryParameter("community_id", "integer", "Which community; a key that is bound to one may leave it out."));
}
