using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Rookery.Kernel.SignIn;

/// <summary>
/// Lets a request with a session through. What changes something must come from our own pages: the browser says so, and
/// the page knows what only it was told.
/// </summary>
internal sealed class SessionGate(Sessions sessions, SessionCookie cookie, SignInAddress address, SignInLimits limits)
{
    public const string CsrfHeader = "X-Rookery-Csrf";

    /// <returns>Null when it may go on, and then <see cref="SignedIn"/> is among the request's features.</returns>
    public async ValueTask<ProblemHttpResult?> RefuseAsync(HttpContext http)
    {
        if (cookie.Of(http) is not { } token)
        {
            return TypedResults.Problem("Nobody is signed in here; sign in at /account.", statusCode: 401);
        }

        if (await sessions.FindAsync(token, http.RequestAborted) is not { } person)
        {
            return TypedResults.Problem("This session is over; sign in again at /account.", statusCode: 401);
        }

        if (limits.RefuseCall(person.Id) is { } wait)
        {
            http.Response.Headers.RetryAfter = wait;
            return TypedResults.Problem($"That is too much for one session; wait {wait} s.", statusCode: 429);
        }

        if (ChangesSomething(http) && !IsFromOurPage(http.Request, token))
        {
            SignInMetrics.Refused("csrf");
            return TypedResults.Problem(
                $"A change needs the header {CsrfHeader} with the csrf_token of /api/v1/auth/me, and must come from a page of this server.",
                statusCode: 403);
        }

        http.Features.Set(person);
        return null;
    }

    private static bool ChangesSomething(HttpContext http) =>
        http.WebSockets.IsWebSocketRequest
        || !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method));

    private bool IsFromOurPage(HttpRequest request, string token)
    {
        var isOurs = request.Headers["Sec-Fetch-Site"] is [{ Length: > 0 } site]
            ? site == "same-origin"
            : request.Headers.Origin is [{ } origin] && origin == address.Origin;
        return isOurs && request.Headers[CsrfHeader] is [{ } brought]
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(brought), Encoding.UTF8.GetBytes(SessionCookie.CsrfOf(token)));
    }
}
