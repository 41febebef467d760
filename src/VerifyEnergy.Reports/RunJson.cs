using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VerifyEnergy.Reports;

/// <summary>The document `verify-energy/1` as bytes: UTF-8, two spaces, line feeds, one at the end. Equal records give equal bytes.</summary>
public static class RunJson
{
    // Relaxed escaping keeps < ' & readable; what a terminal or an editor would obey is escaped in Text.
    internal static readonly JsonSerializerOptions Layout = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 300,
    };

    private static readonly DocumentShape Shape = new(Layout);

    public static string Write(RunRecord run) => Text(JsonSerializer.Serialize(run, Shape.RunRecord));

    public static string Write(RunFile file) => Text(JsonSerializer.Serialize(file, Shape.RunFile));

    public static string Write(ClaimRecord claim) => Text(JsonSerializer.Serialize(claim, Shape.ClaimRecord));

    public static string Write(InventoryRecord inventory) => Text(JsonSerializer.Serialize(inventory, Shape.InventoryRecord));

    public static string Write(EvidenceRecord evidence) => Text(JsonSerializer.Serialize(evidence, Shape.EvidenceRecord));

    /// <exception cref="JsonException">The text is no evidence of this schema.</exception>
    public static EvidenceRecord ReadEvidence(string text)
    {
        EvidenceRecord evidence = JsonSerializer.Deserialize(text, Shape.EvidenceRecord) ?? throw new JsonException("the evidence is null");
        return evidence.Schema == EvidenceRecord.SchemaName
            ? evidence
            : throw new JsonException($"schema is \"{evidence.Schema}\", wanted \"{EvidenceRecord.SchemaName}\"");
    }

    /// <exception cref="JsonException">The text is not such a document: other schema, a field missing, unknown or of the wrong kind.</exception>
    public static RunRecord Read(string text)
    {
        RunRecord run = JsonSerializer.Deserialize(text, Shape.RunRecord) ?? throw new JsonException("the document is null");
        return run.Schema == RunRecord.SchemaName
            ? run
            : throw new JsonException($"schema is \"{run.Schema}\", wanted \"{RunRecord.SchemaName}\"");
    }

    // Format characters (bidirectional overrides, zero widths) stand only inside strings, where an escape means the same.
    private static string Text(string json)
    {
        var text = new StringBuilder(json.Length + 1);
        foreach (char c in json)
        {
            _ = CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture))
                : text.Append(c);
        }

        return text.Append('\n').ToString();
    }

    /// <summary>The bytes that are written to a file or to standard output: no byte order mark.</summary>
    public static byte[] Bytes(string text) => new UTF8Encoding(false, true).GetBytes(text);
}

[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(RunFile))]
[JsonSerializable(typeof(EvidenceRecord))]
[JsonSerializable(typeof(InventoryRecord))]
internal sealed partial class DocumentShape : JsonSerializerContext;
