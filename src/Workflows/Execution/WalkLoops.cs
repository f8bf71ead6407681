using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Execution;

/// <content>How loops go round.</content>
internal sealed partial class Walk
{
    private void FollowLoop(Loop loop, NodeResult result)
    {
        if (result.Port == Ports.Done)
        {
            EnterAll(loop.Node, Ports.Done, loop.Frame);
            return;
        }

        var round = loop.Frame.Round(loop, loop.State.Index, result.Outputs);
        loop.State = new LoopState(loop.State.Index + 1, result.Data.TryGet("items", out var items) ? items : loop.State.Items);
        loop.Frame.Live++;
        round.Live++;
        EnterAll(loop.Node, Ports.Body, round);
        Leave(round);
    }

    private static void Break(Frame frame)
    {
        for (var f = frame; f is not null; f = f.Parent)
        {
            if (f.Loop is { } loop)
            {
                loop.IsBroken = true;
                return;
            }
        }
    }

    private void NextRound(Loop loop)
    {
        if (loop.IsBroken)
        {
            EnterAll(loop.Node, Ports.Done, loop.Frame);
        }
        else
        {
            Open(loop.Node, loop.Frame, loop);
        }
    }
}
