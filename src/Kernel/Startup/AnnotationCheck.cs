using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Rookery.Kernel.Startup;

/// <summary>Checks options by their annotations and names what is wrong as the operator wrote it: section and key.</summary>
internal sealed class AnnotationCheck<T>(string section) : IValidateOptions<T>
    where T : class
{
    /// <summary>The annotations are the type's, and a range converts its bounds when it is first asked, which two may not do at once.</summary>
    private static readonly Lock Turn = new();

    public ValidateOptionsResult Validate(string? name, T options)
    {
        var wrong = new List<ValidationResult>();
        lock (Turn)
        {
            return Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(wrong.Select(Tell));
        }
    }

    private string Tell(ValidationResult result)
    {
        var said = result.ErrorMessage ?? "is not allowed.";
        if (said.Contains($"{section}:", StringComparison.Ordinal) || result.MemberNames.FirstOrDefault() is not { } member)
        {
            return said;
        }

        var key = $"{section}:{member}";
        var told = said.Replace($"The field {member} ", $"{key} ", StringComparison.Ordinal)
            .Replace($"The {member} field ", $"{key} ", StringComparison.Ordinal);
        return told == said ? $"{key}: {said}" : told;
    }
}
