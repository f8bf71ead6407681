using System.Text.Json.Serialization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Api;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Invites;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PostTemplate))]
[JsonSerializable(typeof(Page<Guild>))]
[JsonSerializable(typeof(GuildConfig))]
[JsonSerializable(typeof(ConfigRequest))]
[JsonSerializable(typeof(ServerPlaces))]
[JsonSerializable(typeof(AddStreamer))]
[JsonSerializable(typeof(StreamerSettings))]
[JsonSerializable(typeof(Page<Streamer>))]
[JsonSerializable(typeof(Page<Notification>))]
[JsonSerializable(typeof(InstallLink))]
[JsonSerializable(typeof(Sample))]
[JsonSerializable(typeof(OwnText))]
[JsonSerializable(typeof(InviteRequest))]
[JsonSerializable(typeof(Page<Invite>))]
[JsonSerializable(typeof(InviteCard))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(Page<Preference>))]
[JsonSerializable(typeof(PreferenceRequest))]
[JsonSerializable(typeof(PreferenceAnswer))]
internal sealed partial class LiveJson : JsonSerializerContext;
