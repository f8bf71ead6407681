namespace Rookery.Host.Cli.Doctor;

internal enum Health
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One line of the doctor.</summary>
/// <param name="Cure">What to do about it; null when nothing is to be done.</param>
internal sealed record Finding(string What, Health Health, string Said, string? Cure = null)
{
    public static Finding Ok(string what, string said) => new(what, Health.Ok, said);

    public static Finding Warn(string what, string said, string cure) => new(what, Health.Warn, said, cure);

    public static Finding Fail(string what, string said, string cure) => new(what, Health.Fail, said, cure);
}
