using System.Text;
using Microsoft.Extensions.Configuration;
using SkiaSharp;
using Tarasol.Numbering.Labels;
using Tarasol.Numbering.Numbers;
using ZXing;
using ZXing.Common;

namespace Tarasol.Tests.Unit.Numbering;

/// <summary>Labels as a reader of codes sees them.</summary>
public class LabelPainterTests
{
    private static readonly Guid Letter = new("01890000-0000-7000-8000-000000000001");

    [Theory]
    [InlineData("IN/FIN/2026/00042", "IN/FIN/2026/00042")]
    [InlineData("صادر/FIN/1448/042", "incoming/2026/42")]
    [InlineData("A-VERY-LONG-DEPARTMENT/INCOMING/2026/0000042", "incoming/2026/42")]
    public void The_codes_on_the_picture_say_number_day_and_letter(string number, string bars)
    {
        var png = Painter().Png(LabelText.Of(Given(number), "2026-11-29"));
        Assert.Equal($"{number}\n2026-11-29\nurn:uuid:{Letter}", Read(png, BarcodeFormat.QR_CODE));
        Assert.Equal(bars, Read(png, BarcodeFormat.CODE_128));
    }

    [Fact]
    public void The_page_holds_its_font_and_the_number_as_its_title()
    {
        var pdf = Encoding.Latin1.GetString(Painter().Pdf(LabelText.Of(Given("IN/FIN/2026/00042"), "2026-11-29")));
        Assert.StartsWith("%PDF-1.", pdf, StringComparison.Ordinal);
        Assert.Contains("/FontFile2", pdf, StringComparison.Ordinal);
        Assert.Contains("IN/FIN/2026/00042", pdf, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_dates_are_on_a_label() =>
        Assert.Equal(("2026-11-29", "1448-06-19"), (LabelText.Of(Given("x"), "2026-11-29").Gregorian, LabelText.Of(Given("x"), "2026-11-29").Hijri));

    [Theory]
    [InlineData("IN/FIN/2026/1", "IN/FIN/2026/1")]
    [InlineData("صادر/1448/001", "1448/001|/|صادر")]
    [InlineData("صادر/FIN/1448/1", "FIN/1448/1|/|صادر")]
    [InlineData("F/مالية/2026/1", "F|/|مالية|/|2026/1")]
    [InlineData("صادر/عام/1", "1|/|صادر/عام")]
    public void Mixed_numbers_stand_in_the_order_of_their_script(string number, string runs) => Assert.Equal(runs, string.Join('|', LabelText.Runs(number)));

    // Arabic letters join: the shaped word is another picture than its letters one by one.
    [Fact]
    public void Arabic_letters_are_joined()
    {
        using var typeface = SKTypeface.FromFile(Painter().FontFile);
        using var shaper = new SkiaSharp.HarfBuzz.SKShaper(typeface);
        using var font = new SKFont(typeface, 20);
        Assert.NotEqual("صادر".Select(each => shaper.Shape(each.ToString(), font).Codepoints.Single()).Order(), shaper.Shape("صادر", font).Codepoints.Order());
    }

    [Fact]
    public void A_font_that_is_not_there_is_told() =>
        Assert.Null(new LabelPainter(new ConfigurationBuilder().AddInMemoryCollection([new("TARASOL_LABEL_FONT", "/no/such/font.ttf")]).Build()).FontFile);

    private static Allocation Given(string number) => new() { LetterId = Letter, Series = "incoming", Period = "2026", Sequence = 42, ReferenceNumber = number };

    private static LabelPainter Painter()
    {
        var painter = new LabelPainter(new ConfigurationBuilder().Build());
        Assert.SkipWhen(painter.FontFile is null, "no font with Arabic letters is installed");
        return painter;
    }

    private static string Read(byte[] png, BarcodeFormat format)
    {
        using var bitmap = SKBitmap.Decode(png);
        using var gray = bitmap.Copy(SKColorType.Gray8);
        var source = new RGBLuminanceSource(gray.GetPixelSpan().ToArray(), gray.Width, gray.Height, RGBLuminanceSource.BitmapFormat.Gray8);
        var found = new MultiFormatReader().decode(new BinaryBitmap(new HybridBinarizer(source)), new Dictionary<DecodeHintType, object>
        {
            [DecodeHintType.POSSIBLE_FORMATS] = new List<BarcodeFormat> { format }, [DecodeHintType.TRY_HARDER] = true,
        });
        Assert.NotNull(found);
        return found.Text;
    }
}
