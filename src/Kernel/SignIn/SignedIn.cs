using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Rookery.Kernel.Chat;

namespace Rookery.Kernel.SignIn;

/// <summary>An account of a platform that somebody has proven to be theirs.</summary>
/// <param name="Avatar">The address of a picture; null: none.</param>
public sealed record Identity(Platform Platform, string UserId, string Username, string? Avatar = null)
{
    /// <summary>For <c>created_by</c>-like columns and the audit log.</summary>
    [JsonIgnore]
    public string Actor => Privacy.Person.Key(Platform, UserId);
}

/// <summary>The person behind a request that came with a session.</summary>
/// <param name="Id">Of the session.</param>
/// <param name="Identities">At most one of each platform.</param>
public sealed record SignedIn(
    Guid Id, IReadOnlyList<Identity> Identities, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <returns>Null when the person has not signed in with that platform.</returns>
    public Identity? On(Platform platform) => Identities.FirstOrDefault(i => i.Platform == platform);

    public static SignedIn Of(HttpContext context) =>
        context.Features.Get<SignedIn>() ?? throw new InvalidOperationException("The route takes no session.");

    /// <summary>Lets minimal APIs take the person as a parameter.</summary>
    public static ValueTask<SignedIn> BindAsync(HttpContext context) => new(Of(context));
}
