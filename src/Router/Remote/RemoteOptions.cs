using System.ComponentModel.DataAnnotations;

namespace Rookery.Router.Remote;

/// <summary>The section <c>Remote</c>: how remote commands are called.</summary>
internal sealed class RemoteOptions
{
    /// <summary>Tries in all, the first included.</summary>
    [Range(1, 10)]
    public int MaxTries { get; init; } = 3;

    /// <summary>Longest wait between two tries, unless the target asks for a longer one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Failures in a row after which a target is left alone.</summary>
    [Range(1, 1000)]
    public int BreakerFailures { get; init; } = 5;

    /// <summary>How long a failing target is left alone before one call tries it again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan BreakerOpenFor { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>The section <c>Aws</c>: for commands of the type lambda.</summary>
internal sealed class AwsOptions : IValidatableObject
{
    [Required, RegularExpression("^[a-z0-9-]+$")]
    public string Region { get; init; } = "us-east-1";

    /// <summary>Null: the region's own endpoint. Another one is for compatible servers.</summary>
    public Uri? LambdaEndpoint { get; init; }

    /// <summary>Used where a command has no secret of its own.</summary>
    public string? AccessKeyId { get; init; }

    public string? SecretAccessKey { get; init; }

    public string? SessionToken { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LambdaEndpoint is { } endpoint
            && endpoint is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "" })
        {
            yield return new ValidationResult(
                "Aws:LambdaEndpoint must be an absolute http or https URL without a query.");
        }

        if (AccessKeyId is null != SecretAccessKey is null)
        {
            yield return new ValidationResult(
                "Aws:AccessKeyId and Aws:SecretAccessKey go together; set both or neither.");
        }
    }
}
