using Microsoft.AspNetCore.Http;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Modules.Memories.Reminders;

namespace Rookery.Modules.Memories;

public sealed class MemoriesModule : IModule
{
    private const string Unreferenced =
        "not is_active and not exists (select from memories.reminders r where r.memory_id = memories.id)";

    public string Name => "memories";

    public void Add(ModuleBuilder module) => module
        .Setting(Contributors.Setting)
        .Service<Contributors>()
        .Service<MemoryStore>()
        .Service<ReactionStore>()
        .Service<CategoryStore>()
        .Service<ReminderStore>()
        .Service<MemberZones>()
        .Service<MemoryCommands>()
        .Service<CategoryCommands>()
        .Service<ReminderCommands>()
        .Command<MemoriesCommand>(MemoriesCommand.Spec)
        .Command<RemindCommand>(new CommandSpec("remind", "Reminds you here of something.")
        {
            Usage = ["\"text\" in 10 minutes", "\"text\" every monday 18:00"],
            RateLimit = MemoriesCommand.CallsPerMinute,
        })
        .Command<QuoteCommand>(new CommandSpec("quote", "Says a quote of this community, or adds one.")
        {
            Usage = ["", "\"text\" [author]"],
            RateLimit = MemoriesCommand.CallsPerMinute,
        })
        .Timer<SendReminder>()
        .Aged("memories.reminders", "coalesce(cancelled_at, sent_at)", 90, "(is_sent or cancelled_at is not null)")
        .Aged("memories.memories", "updated_at", 30, Unreferenced)
        .PersonalData<MemoryPersonalData>()
        .PersonalData<CategoryPersonalData>()
        .PersonalData<ReactionPersonalData>()
        .PersonalData<ReminderPersonalData>()
        .PersonalData<ZonePersonalData>()
        .Json(MemoriesJson.Default)
        .Map(group =>
        {
            group.AddEndpointFilter(MissingRows.AnswerAsync);
            MemoryEndpoints.Map(group);
            CategoryEndpoints.Map(group);
            ReminderEndpoints.Map(group);
        });
}
