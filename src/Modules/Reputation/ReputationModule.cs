using Microsoft.AspNetCore.Http;
using Rookery.Kernel;

namespace Rookery.Modules.Reputation;

public sealed class ReputationModule : IModule
{
    private const int KeepEventsDays = 90;

    public string Name => "reputation";

    public void Add(ModuleBuilder module) => module
        .Options<ReputationOptions>()
        .Setting(ReputationSettings.Enabled)
        .Setting(ReputationSettings.TalkEvery)
        .Setting(ReputationSettings.LeaderboardSize)
        .Service<ScoringStore>()
        .Service<ScoreBook>()
        .Service<ScoreStore>()
        .Hook<ScoreActivities>()
        .Command<ReputationCommand>(ReputationCommand.Spec)
        .Command<LeaderboardCommand>(LeaderboardCommand.Spec)
        .Daily("reputation.reputation_events", KeepEventsDays)
        .PersonalData<ReputationPersonalData>()
        .Json(ReputationJson.Default)
        .Map(group =>
        {
            group.AddEndpointFilter(MissingRows.AnswerAsync);
            ReputationEndpoints.Map(group);
            ScoringEndpoints.Map(group);
        });
}
