using System.Text.Json.Serialization;
using Rookery.Platforms.Twitch.Auth;
using Rookery.Platforms.Twitch.EventSub;
using Rookery.Platforms.Twitch.SignIn;

namespace Rookery.Platforms.Twitch;

/// <summary>Unknown fields are passed over; a known one that is missing or null where it may not be is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EventSubFrame))]
[JsonSerializable(typeof(SessionPayload))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(ChatEvent))]
[JsonSerializable(typeof(PersonEvent))]
[JsonSerializable(typeof(FollowEvent))]
[JsonSerializable(typeof(SubscribeEvent))]
[JsonSerializable(typeof(GiftEvent))]
[JsonSerializable(typeof(ResubEvent))]
[JsonSerializable(typeof(CheerEvent))]
[JsonSerializable(typeof(RaidEvent))]
[JsonSerializable(typeof(OnlineEvent))]
[JsonSerializable(typeof(OfflineEvent))]
[JsonSerializable(typeof(UpdateEvent))]
[JsonSerializable(typeof(RedemptionEvent))]
[JsonSerializable(typeof(HypeTrainEvent))]
[JsonSerializable(typeof(BanEvent))]
[JsonSerializable(typeof(UnbanEvent))]
[JsonSerializable(typeof(SubscriptionPage))]
[JsonSerializable(typeof(NewSubscription))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(NewWhisper))]
[JsonSerializable(typeof(SentMessages))]
[JsonSerializable(typeof(NewBan))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(ModeratorPage))]
[JsonSerializable(typeof(StreamPage))]
[JsonSerializable(typeof(VideoPage))]
[JsonSerializable(typeof(StreamNote))]
[JsonSerializable(typeof(GrantedToken))]
[JsonSerializable(typeof(Validation))]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(ChannelRequest))]
[JsonSerializable(typeof(ChannelView))]
[JsonSerializable(typeof(Rookery.Kernel.Web.Page<ChannelView>))]
internal sealed partial class TwitchJson : JsonSerializerContext;
