using Microsoft.AspNetCore.Builder;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.SignIn;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Commands;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Invites;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Roles;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts;

/// <summary>Tells servers when the streamers they follow go live.</summary>
public sealed class LivePostsModule : IModule
{
    public string Name => "live_posts";

    public void Add(ModuleBuilder module) => module
        .Options<LiveOptions>()
        .Service<GuildStore>()
        .Service<PlaceChecks>()
        .Service<StreamerStore>()
        .Service<StreamerLinks>()
        .Service<BroadcastStore>()
        .Service<FanOut>()
        .Service<Samples>()
        .Service<StreamWatch>()
        .Service<IStreamWatch>(p => (StreamWatch)p.GetService(typeof(StreamWatch))!)
        .Service<NotificationStore>()
        .Service<PostAgain>()
        .Service<Resend>()
        .Service<Access>()
        .Service<TextRights>()
        .Service<ISignInHook>(p => new NoteUsers((TimeProvider)p.GetService(typeof(TimeProvider))!))
        .Service<InviteStore>()
        .Service<TakeInvite>()
        .Service<PreferenceStore>()
        .Service<ChangeResults>()
        .Service<Wishes>()
        .Service<WishRights>()
        .Service<DirectPosts>()
        .Service<StreamerRoles>()
        .Service<FollowAnswers>()
        .Command<LiveCommand>(LiveCommand.Spec)
        .Reaction<NoteServer>(NoteServer.Spec)
        .Reaction<BellButton>(BellButton.Spec)
        .Reaction<FollowMembers>(FollowMembers.Spec)
        .Job<PostBroadcasts>()
        .Job<NoteOutcomes>()
        .Job<NoteEdits>()
        .Job<UpdatePosts>()
        .Job<LookAtStreams>()
        .Job<KeepGuilds>()
        .Job<KeepStreamers>()
        .Job<FollowPreferences>()
        .Job<KeepRoles>()
        .Job<TellAdmins>()
        .Job<ArchiveGuilds>()
        .PersonalData<LivePersonalData>()
        .Aged("live.notification_log", "sent_at", 30, "status <> 'pending'")
        .Aged("live.broadcasts", "ended_at", 30, "state = 'closed'")
        .Aged("live.invite_links", "expires_at", 30)
        .Json(LiveJson.Default)
        .MapGlobal(group =>
        {
            var live = group.MapGroup("/live");
            GuildEndpoints.Map(live);
            StreamerEndpoints.Map(live);
            NotificationEndpoints.Map(live);
            MessageEndpoints.Map(live);
            InviteEndpoints.Map(live);
            RoleEndpoints.Map(live);
            PreferenceEndpoints.Map(live);
        });
}
