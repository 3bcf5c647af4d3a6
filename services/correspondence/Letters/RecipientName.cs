using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tarasol.Correspondence.Letters;

/// <summary>A recipient in a request: the name, or an object with nothing but the name, as the sender is given.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct RecipientName(string Name)
{
    private sealed class Converter : JsonConverter<RecipientName>
    {
        public override RecipientName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
                return new(reader.GetString()!);
            if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("name"))
                throw new JsonException();
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw new JsonException();
            var name = reader.GetString()!;
            return reader.Read() && reader.TokenType == JsonTokenType.EndObject ? new(name) : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, RecipientName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
    }
}
