using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rookery.Kernel.Expressions;

/// <summary>How values are read from JSON and written as JSON and text.</summary>
[JsonConverter(typeof(ValueConverter))]
public readonly partial struct Value
{
    /// <summary>How deep JSON from outside may be.</summary>
    public const int MaxJsonDepth = 64;

    private const int MaxNumberLength = 32;

    /// <summary>Scratch space larger than this is not kept.</summary>
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static Scratch? _scratch;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads JSON. A number that decimal cannot hold becomes a text with the same digits; digits beyond the 28th are
    /// rounded.
    /// </summary>
    /// <exception cref="JsonException">
    /// It is no JSON, is deeper than <paramref name="maxDepth"/>, or has a text that is no Unicode.
    /// </exception>
    public static Value Parse(ReadOnlySpan<byte> utf8, int maxDepth = MaxJsonDepth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        var value = Parse(ref reader);
        reader.Read();
        return value;
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, int)"/>
    public static Value Parse(JsonElement json, int maxDepth = MaxJsonDepth) => json.ValueKind == JsonValueKind.Undefined
        ? default
        : Parse(JsonMarshal.GetRawUtf8Value(json), maxDepth);

    /// <summary>Reads the value that the reader stands at and leaves the reader at its last token.</summary>
    /// <exception cref="JsonException">It is no JSON, is too deep, or has a text that is no Unicode.</exception>
    public static Value Parse(ref Utf8JsonReader reader)
    {
        try
        {
            return Bounded(Read(ref reader));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new JsonException("A text in the JSON is no Unicode, or the JSON is too deep.", e);
        }
    }

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte}, int)"/>; false where that throws.</summary>
    public static bool TryParse(string json, out Value value)
    {
        try
        {
            value = Parse(Encoding.UTF8.GetBytes(json));
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    /// <summary>Half of a surrogate pair is written as U+FFFD.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case ValueKind.Number:
                Span<char> digits = stackalloc char[MaxNumberLength];
                writer.WriteRawValue(digits[..Format(_number, digits)], skipInputValidation: true);
                break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (ref readonly var item in Items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (ref readonly var member in Members)
                {
                    writer.WritePropertyName(member.Key);
                    member.Value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            case ValueKind.Text:
                writer.WriteStringValue((string)_reference!);
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(_number != 0);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>
    /// The value as it appears in a text: nothing for null, a number without needless zeros and with a point whatever
    /// the language, a list or an object as compact JSON.
    /// </summary>
    public string ToText()
    {
        if (Kind == ValueKind.Number)
        {
            Span<char> digits = stackalloc char[MaxNumberLength];
            return new string(digits[..Format(_number, digits)]);
        }

        return Kind switch
        {
            ValueKind.Null => "",
            ValueKind.Boolean => _number != 0 ? "true" : "false",
            ValueKind.Text => (string)_reference!,
            _ => ToJson(),
        };
    }

    /// <summary>The value as compact JSON.</summary>
    public string ToJson()
    {
        if (Kind is ValueKind.Object or ValueKind.List && Members.Length + Items.Length == 0)
        {
            return Kind == ValueKind.Object ? "{}" : "[]";
        }

        // Taken out while it is used, for what writes may ask for JSON itself.
        var scratch = _scratch ?? new Scratch();
        _scratch = null;
        WriteTo(scratch.Writer);
        scratch.Writer.Flush();
        var json = Encoding.UTF8.GetString(scratch.Buffer.WrittenSpan);
        if (scratch.Buffer.Capacity <= MostKept)
        {
            scratch.Buffer.ResetWrittenCount();
            scratch.Writer.Reset();
            _scratch = scratch;
        }

        return json;
    }

    /// <summary>What JSON is written to, kept for the next one.</summary>
    private sealed class Scratch
    {
        public ArrayBufferWriter<byte> Buffer { get; } = new(1024);

        public Utf8JsonWriter Writer => field ??= new Utf8JsonWriter(Buffer, Compact);
    }

    private static Value Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => True,
        JsonTokenType.False => False,
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => reader.TryGetDecimal(out var number)
            ? number
            : Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.StartArray => ReadItems(ref reader),
        JsonTokenType.StartObject => ReadMembers(ref reader),
        _ => default,
    };

    private static Value ReadItems(ref Utf8JsonReader reader)
    {
        var items = new List<Value>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Read(ref reader));
        }

        return Own(items.ToArray());
    }

    private static Value ReadMembers(ref Utf8JsonReader reader)
    {
        var members = new ObjectBuilder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            members.Set(name, Read(ref reader));
        }

        return members.Made();
    }

    /// <summary>Writes a number without needless zeros.</summary>
    /// <returns>How many characters it has.</returns>
    private static int Format(decimal number, Span<char> digits)
    {
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        var text = digits[..length];
        text = text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
        if (text is "-0")
        {
            text[0] = '0';
            return 1;
        }

        return text.Length;
    }
}

/// <summary>Lets contracts of the API have values for members.</summary>
internal sealed class ValueConverter : JsonConverter<Value>
{
    public override bool HandleNull => true;

    public override Value Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Value.Parse(ref reader);

    public override void Write(Utf8JsonWriter writer, Value value, JsonSerializerOptions options) =>
        value.WriteTo(writer);
}
