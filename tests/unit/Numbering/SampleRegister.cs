using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Messaging;
using Tarasol.Numbering;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Register;

namespace Tarasol.Tests.Unit.Numbering;

/// <summary>A register with some of everything, as the service would write it; what happens is drawn from a seed.</summary>
internal sealed class SampleRegister
{
    private readonly Random random;
    private readonly List<List<RegisterEntry>> chains = [];
    private DateTimeOffset now = new(2026, 6, 14, 8, 0, 0, TimeSpan.Zero);

    public SampleRegister(int seed)
    {
        random = new(seed);
        Write("incoming", "IN/{unit}/{year}/{seq:5}", YearCalendar.Gregorian, random.Next(8, 40));
        Write("hijri", "صادر/{hijri}/{seq:3}", YearCalendar.Hijri, random.Next(8, 40));
    }

    /// <summary>The export's lines.</summary>
    public List<JsonObject> Lines => [Header(), .. chains.SelectMany(chain => chain).Select(Json)];

    /// <summary>The text of lines.</summary>
    public static IEnumerable<string> Text(IEnumerable<JsonObject> lines) => lines.Select(line => line.ToJsonString());

    /// <summary>Computes all hashes and ends anew, as a forger would who holds the whole database.</summary>
    public static void Forge(List<JsonObject> lines)
    {
        var ends = new Dictionary<string, (long Position, string Hash)>();
        for (var at = 1; at < lines.Count; at++)
        {
            var entry = lines[at].Deserialize<EntryView>(EventJson.Options)!;
            var (position, previous) = ends.GetValueOrDefault(entry.Series, (0, EntryHash.Genesis));
            var linked = Entry(entry with { Position = position + 1, PreviousHash = previous });
            var hash = EntryHash.Of(linked);
            lines[at] = Json(linked);
            lines[at]["hash"] = hash;
            ends[entry.Series] = (position + 1, hash);
        }
        foreach (var head in lines[0]["heads"]!.AsArray())
            (head!["position"], head["hash"]) = (ends[head["series"]!.GetValue<string>()].Position, ends[head["series"]!.GetValue<string>()].Hash);
    }

    private void Write(string key, string mask, YearCalendar reset, int acts)
    {
        var chain = new List<RegisterEntry>();
        chains.Add(chain);
        var direction = key == "incoming" ? Direction.Incoming : Direction.Outgoing;
        var definition = $$"""{"direction":"{{(direction == Direction.Incoming ? "incoming" : "outgoing")}}","unit":"","subtree":false,"type":"","reset":"{{(reset == YearCalendar.Hijri ? "hijri" : "gregorian")}}","mask":"{{mask}}"}""";
        Append(new() { Series = key, Kind = EntryKind.Opened, Text = definition, Actor = "numbering" });
        var last = new Dictionary<string, long>();
        var block = (Id: Guid.Empty, Next: 0L, Last: 0L, Day: now, Period: "");
        for (var act = 0; act < acts; act++)
        {
            now = now.AddDays(random.Next(0, 30)).AddSeconds(1);
            var (day, period) = (now, Period(now));
            switch (random.Next(8))
            {
                case 0 when block.Id == Guid.Empty:
                    block = (Guid.CreateVersion7(), Last(period) + 1, Last(period) + random.Next(1, 6), day, period);
                    last[period] = block.Last;
                    Append(Numbered(EntryKind.Reserved, block.Next, block.Last, day, "paper", block: block.Id));
                    break;
                case 1 or 2 when block.Id != Guid.Empty && block.Next <= block.Last:
                    Append(Numbered(EntryKind.Taken, block.Next, block.Next, block.Day, "on paper", random.Next(2) == 0 ? Guid.CreateVersion7() : null, block.Id));
                    block.Next++;
                    break;
                case 3 when block.Id != Guid.Empty && block.Next <= block.Last:
                    Append(Numbered(EntryKind.Released, block.Next, block.Last, block.Day, "not used", block: block.Id));
                    block = default;
                    break;
                case 4 when chain.FirstOrDefault(entry => entry.Kind == EntryKind.Allocated && !chain.Any(other => other.Kind == EntryKind.Voided && other.ReferenceNumber == entry.ReferenceNumber)) is { } given:
                    Append(new()
                    {
                        Series = key, Kind = EntryKind.Voided, Period = given.Period, First = given.First, Last = given.Last, ReferenceNumber = given.ReferenceNumber, LetterId = given.LetterId,
                        Text = "registered twice", Actor = "salma",
                    });
                    break;
                default:
                    last[period] = Last(period) + 1;
                    Append(Numbered(EntryKind.Allocated, last[period], last[period], day, "", Guid.CreateVersion7()));
                    break;
            }
        }

        long Last(string period) => last.GetValueOrDefault(period);

        string Period(DateTimeOffset at) => NumberMask.YearOf(DateOnly.FromDateTime(at.UtcDateTime), reset);

        RegisterEntry Numbered(EntryKind kind, long first, long lastNumber, DateTimeOffset day, string text, Guid? letter = null, Guid? block = null) => new()
        {
            Series = key, Kind = kind, Period = Period(day), First = first, Last = lastNumber, LetterId = letter, BlockId = block, Unit = "FIN", Day = RegisterChain.Day(DateOnly.FromDateTime(day.UtcDateTime)), Text = text,
            ReferenceNumber = NumberMask.Parse(mask, reset).Format("FIN", direction, DateOnly.FromDateTime(day.UtcDateTime), first), Actor = "salma",
        };

        void Append(RegisterEntry entry)
        {
            var previous = chain.LastOrDefault();
            var linked = Entry(EntryView.Of(entry) with { Position = chain.Count + 1, At = EntryHash.Canonical(now), PreviousHash = previous?.Hash ?? EntryHash.Genesis });
            chain.Add(Entry(EntryView.Of(linked) with { Hash = EntryHash.Of(linked) }));
        }
    }

    private JsonObject Header() => new()
    {
        ["format"] = ExportRegister.Format,
        ["tenant"] = "acme",
        ["exportedAt"] = "2026-11-29T08:00:00+00:00",
        ["heads"] = new JsonArray([.. chains.Select(chain => new JsonObject { ["series"] = chain[^1].Series, ["position"] = chain[^1].Position, ["hash"] = chain[^1].Hash })]),
    };

    private static JsonObject Json(RegisterEntry entry) => JsonSerializer.SerializeToNode(EntryView.Of(entry), EventJson.Options)!.AsObject();

    private static RegisterEntry Entry(EntryView view) => new()
    {
        Series = view.Series, Position = view.Position, Kind = view.Kind, Period = view.Period, First = view.First, Last = view.Last, ReferenceNumber = view.ReferenceNumber,
        LetterId = view.LetterId, BlockId = view.BlockId, Unit = view.Unit, Day = view.Day, Text = view.Text, Actor = view.Actor,
        At = view.At.Length > 0 ? DateTimeOffset.Parse(view.At, System.Globalization.CultureInfo.InvariantCulture) : default, PreviousHash = view.PreviousHash, Hash = view.Hash,
    };
}
