using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>Who acts, by the account on a platform.</summary>
internal sealed record Actor(Platform Platform, string UserId, string UserName)
{
    public static Actor Of(Member member) => new(member.Platform, member.UserId, member.Name);
}

/// <summary>Reads who acts from a request. A key is trusted to name the account it acts for.</summary>
internal static class ActingUser
{
    private const int MaxId = 255;

    public static Checks Check(Checks checks, string? platform, string? userId, string? userName, out Actor actor)
    {
        checks.That(
            Platforms.TryParse(platform, out var known),
            "platform",
            $"must be one of {string.Join(", ", Platforms.All)}.")
            .Text("user_id", userId, MaxId)
            .Optional("user_name", userName, MaxId)
            .That(userName is not "", "user_name", "must not be empty; leave it out to show the user_id.");
        actor = new Actor(known, userId ?? "", userName ?? userId ?? "");
        return checks;
    }
}
