using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Rookery.Kernel.Data;

/// <summary>
/// A statement written as an interpolated string: every hole becomes a typed parameter ($1, $2, …),
/// never text, so a value cannot change the statement.
/// </summary>
[InterpolatedStringHandler]
public readonly struct Sql(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (3 * formattedCount));
    private readonly List<NpgsqlParameter> _parameters = new(formattedCount);

    public void AppendLiteral(string text) => _text.Append(text);

    /// <summary>
    /// Text of a statement that several statements share, such as a list of columns. Only a constant can become one.
    /// </summary>
    public static SqlFragment Fragment([ConstantExpected] string text) => new(text);

    public void AppendFormatted(SqlFragment fragment) => _text.Append(fragment.Text);

    public void AppendFormatted<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        _text.Append('$').Append(_parameters.Count);
    }

    internal NpgsqlCommand On(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
#pragma warning disable CA2100 // The text holds only literals: see AppendFormatted.
        var command = new NpgsqlCommand(_text.ToString(), connection, transaction);
#pragma warning restore CA2100
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <summary>A constant piece of a statement; see <see cref="Sql.Fragment"/>.</summary>
public readonly struct SqlFragment
{
    internal SqlFragment(string text) => Text = text;

    internal string Text { get; }
}
