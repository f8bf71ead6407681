using Rookery.Kernel.Data;

namespace Rookery.Kernel.SignIn;

/// <summary>Is told of everybody who signs in, in the transaction in which their session begins.</summary>
public interface ISignInHook
{
    Task SignedInAsync(Session session, Identity who, CancellationToken ct);
}
