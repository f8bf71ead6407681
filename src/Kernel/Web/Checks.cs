using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rookery.Kernel.Web;

/// <summary>Collects what is wrong with a request, so that the caller hears all of it at once.</summary>
public sealed class Checks
{
    private readonly List<FieldError> _errors = [];

    public bool Ok => _errors.Count == 0;

    public IReadOnlyList<FieldError> Errors => _errors;

    public Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Problem() => Problems.Invalid(_errors);

    public Checks Fail(string field, string message)
    {
        _errors.Add(new FieldError(field, message));
        return this;
    }

    public Checks That(bool holds, string field, string message) => holds ? this : Fail(field, message);

    /// <summary>A text that must be there, fit and be storable.</summary>
    public Checks Text(string field, string? value, int max, int min = 1)
    {
        if (value is null || value.Length < min)
        {
            return Fail(
                field,
                value is null ? "is required." : $"must have at least {min.ToString(CultureInfo.InvariantCulture)} characters.");
        }

        return Optional(field, value, max);
    }

    /// <summary>A text that may be missing, but must fit and be storable.</summary>
    public Checks Optional(string field, string? value, int max)
    {
        if (value is null)
        {
            return this;
        }

        if (value.Length > max)
        {
            return Fail(
                field,
                $"has {value.Length.ToString(CultureInfo.InvariantCulture)} characters; at most {max.ToString(CultureInfo.InvariantCulture)} are allowed.");
        }

        return Storable(value)
            ? this
            : Fail(field, "contains U+0000 or half of a surrogate pair, which cannot be stored; remove it.");
    }

    /// <summary>A JSON object that may be missing, but must fit and be storable.</summary>
    /// <param name="max">Bytes as UTF-8.</param>
    public Checks Json(string field, JsonElement? value, int max)
    {
        if (value is not { } json)
        {
            return this;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return Fail(field, "must be a JSON object.");
        }

        var bytes = Encoding.UTF8.GetByteCount(json.GetRawText());
        return bytes > max
            ? Fail(
                field,
                $"has {bytes.ToString(CultureInfo.InvariantCulture)} bytes; at most {max.ToString(CultureInfo.InvariantCulture)} are allowed.")
            : That(
                Storable(json),
                field,
                "holds U+0000, half of a surrogate pair or a number of more than 100 digits, which cannot be stored; remove it.");
    }

    /// <summary>
    /// True when PostgreSQL can keep the JSON: see <see cref="Storable(ReadOnlySpan{char})"/>; numbers must be of a
    /// sane size.
    /// </summary>
    public static bool Storable(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => Storable(json.GetString()),
                JsonValueKind.Number => json.GetRawText().Length <= 100 && double.IsFinite(json.GetDouble()),
                JsonValueKind.Array => json.EnumerateArray().All(Storable),
                JsonValueKind.Object => json.EnumerateObject().All(p => Storable(p.Name) && Storable(p.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as \uD800: it has no text.
            return false;
        }
    }

    /// <summary>True when PostgreSQL can keep the text unchanged: no U+0000, no lone surrogate.</summary>
    public static bool Storable(ReadOnlySpan<char> text)
    {
        if (text.IndexOf('\0') >= 0)
        {
            return false;
        }

        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
