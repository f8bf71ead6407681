using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Rookery.Kernel.Auditing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.SignIn;

/// <summary>The way to a platform and back, which is the same for all of them.</summary>
internal sealed partial class SignInFlow(
    IEnumerable<ISignInProvider> providers, SignInAddress address, LoginStates states, Sessions sessions, SessionCookie cookie,
    Database db, AuditLog audit)
{
    private const string Home = "/account/";
    private const string Purpose = "sign-in:";

    private readonly ISignInProvider[] _providers = [.. providers.OrderBy(p => p.Platform)];

    /// <summary>The platforms people can sign in with, and why not now; null: they can.</summary>
    public IEnumerable<(Platform Platform, string? OffBecause)> Platforms =>
        _providers.Select(p => (p.Platform, address.OffBecause ?? p.OffBecause));

    /// <summary>Sends the browser to the platform.</summary>
    public async Task<IResult> BeginAsync(HttpContext http, string platform, string? returnTo, CancellationToken ct)
    {
        if (Find(platform) is not { } on)
        {
            return Off(http, platform);
        }

        if (LocalPath.Of(returnTo is { Length: > 0 } ? returnTo : Home) is not { } back)
        {
            return SignInPage.Problem(
                http, 400, $"return_to: must be a path of this server, such as {Home}, of at most {LocalPath.Max} characters.");
        }

        var begun = states.Begin(http, on.Provider.Platform, Purpose + back, on.Redirect);
        return await on.Provider.AuthorizeAsync(new Authorization(begun.State, begun.Challenge, on.Redirect), ct) is { } there
            ? TypedResults.Redirect(there.AbsoluteUri)
            : SignInPage.Problem(http, 502, $"{on.Provider.Platform} cannot be reached; try again soon.");
    }

    /// <summary>Takes the browser back, signed in or with the reason why not.</summary>
    public async Task<IResult> FinishAsync(
        HttpContext http, string platform, string? code, string? state, string? error, CancellationToken ct)
    {
        if (Find(platform) is not { } on)
        {
            return Off(http, platform);
        }

        var name = on.Provider.Platform;
        var finished = await states.FinishAsync(http, name, state, ct);
        if (finished.Purpose?.StartsWith(Purpose, StringComparison.Ordinal) != true)
        {
            return await FailedAsync(http, name, "bad_state", 403, $"This sign-in {finished.Problem ?? "was not begun here"}; begin again.", ct);
        }

        if (code is not { Length: > 0 and < 1000 })
        {
            var reason = error is not null && Word().IsMatch(error) ? error : "no reason given";
            return await FailedAsync(http, name, "declined", 400, $"{name} did not sign you in ({reason}).", ct);
        }

        var (proof, problem) = await on.Provider.ProveAsync(new Exchange(code, finished.Verifier, on.Redirect), ct);
        if (proof is null)
        {
            return await FailedAsync(http, name, "failed", 502, problem ?? $"{name} does not say who you are.", ct);
        }

        var device = new Device(CallerAddress.Of(http), http.Request.Headers.UserAgent);
        cookie.Set(http, await sessions.BeginAsync(proof, cookie.Of(http), device, ct), Sessions.Life);
        SignInMetrics.SignIn(name, "succeeded");

        // With our origin before it no path can lead elsewhere.
        return TypedResults.Redirect(address.Origin + finished.Purpose[Purpose.Length..]);
    }

    private (ISignInProvider Provider, Uri Redirect)? Find(string platform) =>
        _providers.FirstOrDefault(p => p.Platform.Name() == platform) is { OffBecause: null } provider
        && address.Callback(provider.Platform) is { } redirect
            ? (provider, redirect)
            : null;

    private IResult Off(HttpContext http, string platform)
    {
        var known = _providers.FirstOrDefault(p => p.Platform.Name() == platform);
        return SignInPage.Problem(http, 404, known is null
            ? "Nobody can sign in with that platform."
            : $"Signing in with {known.Platform} is off: {address.OffBecause ?? known.OffBecause}.");
    }

    private async Task<IResult> FailedAsync(
        HttpContext http, Platform platform, string outcome, int status, string why, CancellationToken ct)
    {
        SignInMetrics.SignIn(platform, outcome);
        var details = new JsonObject
        {
            ["platform"] = platform.Name(),
            ["outcome"] = outcome,
            ["reason"] = why,
            ["ip"] = CallerAddress.Of(http)?.ToString(),
        };
        await audit.WriteAsync(db.Write, 0, "nobody", "sign_in.failed", details, ct);
        return SignInPage.Problem(http, status, why);
    }

    [GeneratedRegex("^[a-z_]{1,40}$", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
