using Npgsql;
using NpgsqlTypes;

namespace Rookery.Kernel.Data;

/// <summary>Parameters of a statement over many rows, one array for each column: <c>unnest($1, $2)</c>.</summary>
public static class Rows
{
    public static NpgsqlParameter<T[]> Array<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return new NpgsqlParameter<T[]> { TypedValue = values };
    }

    /// <summary>Texts that are JSON, as <c>jsonb[]</c>.</summary>
    public static NpgsqlParameter<T[]> Json<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
        where T : class?
    {
        var parameter = Array(rows, value);
        parameter.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb;
        return parameter;
    }
}
