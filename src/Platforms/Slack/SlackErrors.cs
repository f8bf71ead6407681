namespace Rookery.Platforms.Slack;

/// <summary>Slack's words for what is wrong, with what to do about it.</summary>
internal static class SlackErrors
{
    public static string Explain(string method, SlackAnswer answer)
    {
        var cure = answer.Error switch
        {
            "not_in_channel" => " Invite the bot into the channel.",
            "channel_not_found" => " The bot cannot see the channel; invite it there.",
            "missing_scope" => $" Add the scope {(answer.Body.Text("needed") ?? "it names")} to the app and install it again.",
            "invalid_auth" or "not_authed" or "token_revoked" or "account_inactive" => " Install the app in the workspace again.",
            "cant_delete_message" =>
                " Messages of others take the token of an admin: set Platforms:Slack:UserScopes=chat:write and have an admin install the app.",
            "user_not_found" or "user_not_visible" => " The workspace has no such person that the bot can see.",
            "user_disabled" => " The person's account is closed.",
            "cannot_dm_bot" => " A bot cannot message bots.",
            "is_archived" => " The channel is archived.",
            "restricted_action" or "restricted_action_read_only_channel" => " A rule of the workspace forbids the bot to post there.",
            _ => "",
        };
        return $"{method}: {answer.Error}.{cure}".Replace("..", ".", StringComparison.Ordinal);
    }
}
