using Rookery.Kernel.Chat;

namespace Rookery.Kernel.SignIn;

/// <summary>Where the platform is to send the browser back, with what, and proven how.</summary>
/// <param name="State">Comes back as it is.</param>
/// <param name="Challenge">SHA-256 of the verifier, base64url. Source: RFC 7636, S256.</param>
/// <param name="Redirect">Ours, and registered with the platform.</param>
public sealed record Authorization(string State, string Challenge, Uri Redirect);

/// <summary>What the browser brought back.</summary>
/// <param name="Code">Worth one exchange, and with the verifier only.</param>
public sealed record Exchange(string Code, string Verifier, Uri Redirect)
{
    public override string ToString() => nameof(Exchange);
}

/// <summary>Who signed in.</summary>
/// <param name="Guilds">Ids of the servers they say they are in: where to look for rights, which they do not prove.</param>
public sealed record Proof(Identity Identity, IReadOnlyList<string> Guilds);

/// <summary>A platform people can sign in with: the authorization code grant of OAuth 2.0 with PKCE.</summary>
public interface ISignInProvider
{
    Platform Platform { get; }

    /// <summary>Null: it is on. Else names the settings that are missing.</summary>
    string? OffBecause { get; }

    /// <returns>Where to send the browser; null when the platform cannot be reached now.</returns>
    ValueTask<Uri?> AuthorizeAsync(Authorization authorization, CancellationToken ct);

    /// <summary>Finds out whose code it is. The platform's tokens are given back before this returns.</summary>
    /// <returns>The proof, or why there is none, for the person and without secrets.</returns>
    Task<(Proof? Proof, string? Problem)> ProveAsync(Exchange exchange, CancellationToken ct);
}
