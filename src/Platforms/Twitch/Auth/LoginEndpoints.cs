using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Platforms.Twitch.EventSub;

namespace Rookery.Platforms.Twitch.Auth;

/// <summary>Where people let the bot speak as its account, and let it read what happens in their channel.</summary>
internal static class LoginEndpoints
{
    private const string Begin = "/platforms/twitch/login";
    private const string Back = "/platforms/twitch/callback";

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet(Begin, Start).NeedsNoKey().WithTags("twitch")
            .WithSummary("Sends the browser to Twitch to log in: as=bot with the bot's account, else as a broadcaster.")
            .ProducesProblem(400).ProducesProblem(404);
        group.MapGet(Back, FinishAsync).NeedsNoKey().WithTags("twitch")
            .WithSummary("Where Twitch sends the browser back.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(502);
    }

    private static IResult Start(
        string? @as, HttpContext http, LoginStates states, PublicAddress address, IOptions<TwitchOptions> options)
    {
        var o = options.Value;
        if (Redirect(o, address) is not { } redirect)
        {
            return Off();
        }

        if (@as is not (null or "bot" or "channel"))
        {
            return Problems.Invalid("as", "must be bot or channel.");
        }

        var purpose = @as ?? "channel";
        var state = states.Begin(http, Platform.Twitch, purpose, redirect).State;
        var scopes = purpose == "bot" ? Catalog.BotScopes.Concat(Catalog.ChannelScopes) : Catalog.ChannelScopes;
        return TypedResults.Redirect(TwitchHttp.Join(o.AuthBaseUrl, "authorize").AbsoluteUri + QueryString.Create(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["client_id"] = o.ClientId,
                ["redirect_uri"] = redirect.AbsoluteUri,
                ["response_type"] = "code",
                ["scope"] = string.Join(' ', scopes),
                ["state"] = state,
                ["force_verify"] = "true",
            }));
    }

    private static async Task<IResult> FinishAsync(
        string? code,
        string? state,
        string? error,
        HttpContext http,
        LoginStates states,
        Logins logins,
        PublicAddress address,
        IOptions<TwitchOptions> options,
        CancellationToken ct)
    {
        if (Redirect(options.Value, address) is not { } redirect)
        {
            return Off();
        }

        var finished = await states.FinishAsync(http, Platform.Twitch, state, ct);
        if (finished.Purpose is not ("bot" or "channel"))
        {
            return Problems.Forbidden($"This login {finished.Problem ?? "was not begun here"}; begin again at {Begin}.");
        }

        return code is null
            ? Problems.Invalid(
                "code", $"Twitch did not log you in ({error ?? "no reason given"}); begin again at {Begin}.")
            : await logins.FinishAsync(finished.Purpose, code, redirect, ct);
    }

    private static Uri? Redirect(TwitchOptions options, PublicAddress address) => options.IsOn ? address.Of(Back) : null;

    private static IResult Off() => Problems.NotFound(
        "Logging in with Twitch is off: PublicBaseUrl and Platforms:Twitch:ClientId, ClientSecret and BotUserId are not all set.");
}
