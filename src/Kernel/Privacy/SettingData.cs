using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>Settings that name somebody, such as a list of members with a right.</summary>
internal sealed class SettingData : IPersonalData
{
    public string Name => "kernel.settings";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var named = Person.Pattern(platform, userId);
        return Person.RowsAsync(
            session,
            $"""
            select to_jsonb(s)::text from kernel.bot_settings s
            where value #>> array[]::text[] ~ {named}
            union all
            select to_jsonb(h)::text from kernel.settings_history h
            where old_value #>> array[]::text[] ~ {named}
               or new_value #>> array[]::text[] ~ {named}
            """,
            ct);
    }

    public async Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct)
    {
        var named = Person.Pattern(platform, userId);
        return await session.ExecuteAsync(
            $"""
            update kernel.bot_settings
            set value = to_jsonb(regexp_replace(value #>> array[]::text[], {named}, {Person.Erased}, 'g'))
            where jsonb_typeof(value) = 'string' and value #>> array[]::text[] ~ {named}
            """,
            ct) + await session.ExecuteAsync(
            $"""
            update kernel.settings_history
            set old_value = case when jsonb_typeof(old_value) = 'string'
                    then to_jsonb(regexp_replace(old_value #>> array[]::text[], {named}, {Person.Erased}, 'g')) else old_value end,
                new_value = case when jsonb_typeof(new_value) = 'string'
                    then to_jsonb(regexp_replace(new_value #>> array[]::text[], {named}, {Person.Erased}, 'g')) else new_value end
            where (jsonb_typeof(old_value) = 'string' and old_value #>> array[]::text[] ~ {named})
               or (jsonb_typeof(new_value) = 'string' and new_value #>> array[]::text[] ~ {named})
            """,
            ct);
    }
}
