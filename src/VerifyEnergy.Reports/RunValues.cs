using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VerifyEnergy.Reports;

/// <summary>What a claim's verdict speaks of: all sizes, or the listed dimensions. In JSON <c>"all"</c> or a list of objects.</summary>
[JsonConverter(typeof(ScopeConverter))]
public sealed class Scope
{
    private Scope(IReadOnlyList<OrderedDictionary<string, int>>? dimensions) => Dimensions = dimensions;

    /// <summary>Every size ≥ 1 that the claim's own conditions allow.</summary>
    public static Scope All { get; } = new(null);

    /// <summary>Null for all sizes.</summary>
    public IReadOnlyList<OrderedDictionary<string, int>>? Dimensions { get; }

    public bool IsAll => Dimensions is null;

    public static Scope Of(IEnumerable<OrderedDictionary<string, int>> dimensions) => new([.. dimensions]);
}

/// <summary>An exact value: one string for a scalar, rows of strings for everything with a shape.</summary>
[JsonConverter(typeof(WitnessValueConverter))]
public sealed class WitnessValue
{
    private WitnessValue(IReadOnlyList<IReadOnlyList<string>> rows, bool isScalar) => (Rows, IsScalar) = (rows, isScalar);

    /// <summary>Never ragged; a scalar is 1×1.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; }

    public bool IsScalar { get; }

    public static WitnessValue Scalar(string value) => new([[value]], true);

    /// <exception cref="ArgumentException">The rows differ in length.</exception>
    public static WitnessValue Matrix(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Any(row => row.Count != rows[0].Count))
        {
            throw new ArgumentException("rows of one length are wanted, given " + string.Join(", ", rows.Select(row => row.Count)), nameof(rows));
        }

        return new(rows, false);
    }

    /// <summary>On one line, as the claim language writes it: <c>3/7</c>, <c>[1, 2; 3, 4]</c>.</summary>
    public override string ToString() =>
        IsScalar ? Rows[0][0] : "[" + string.Join("; ", Rows.Select(row => string.Join(", ", row))) + "]";
}

internal sealed class ScopeConverter : JsonConverter<Scope>
{
    private const string AllName = "all";

    public override Scope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() == AllName ? Scope.All : throw new JsonException("scope is \"all\" or a list of dimensions");
        }

        var dimensions = new List<OrderedDictionary<string, int>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var one = new OrderedDictionary<string, int>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                one[name] = reader.GetInt32();
            }

            dimensions.Add(one);
        }

        return Scope.Of(dimensions);
    }

    public override void Write(Utf8JsonWriter writer, Scope value, JsonSerializerOptions options)
    {
        if (value.Dimensions is null)
        {
            writer.WriteStringValue(AllName);
            return;
        }

        writer.WriteStartArray();
        foreach (OrderedDictionary<string, int> one in value.Dimensions)
        {
            writer.WriteStartObject();
            foreach (KeyValuePair<string, int> size in one)
            {
                writer.WriteNumber(size.Key, size.Value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

internal sealed class WitnessValueConverter : JsonConverter<WitnessValue>
{
    public override WitnessValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return WitnessValue.Scalar(reader.GetString()!);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("a value is a string or rows of strings");
        }

        var rows = new List<IReadOnlyList<string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            var row = new List<string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                row.Add(reader.GetString()!);
            }

            rows.Add(row);
        }

        if (reader.TokenType != JsonTokenType.EndArray || rows.Any(row => row.Count != rows[0].Count))
        {
            throw new JsonException("a value is a string or rows of strings, all of one length");
        }

        return WitnessValue.Matrix(rows);
    }

    public override void Write(Utf8JsonWriter writer, WitnessValue value, JsonSerializerOptions options)
    {
        if (value.IsScalar)
        {
            writer.WriteStringValue(value.Rows[0][0]);
            return;
        }

        writer.WriteStartArray();
        foreach (IReadOnlyList<string> row in value.Rows)
        {
            writer.WriteStartArray();
            foreach (string entry in row)
            {
                writer.WriteStringValue(entry);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
