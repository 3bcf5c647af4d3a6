using QRCoder;
using SkiaSharp;
using SkiaSharp.HarfBuzz;
using ZXing;
using ZXing.OneD;

namespace Tarasol.Numbering.Labels;

/// <summary>
/// Paints labels of 100 by 50 millimetres, as a picture or as a page, with one drawing for both. Skia and HarfBuzz, which shapes Arabic, are native libraries: they are loaded
/// when the first label is asked for, not before.
/// </summary>
internal sealed class LabelPainter(IConfiguration configuration)
{
    private const float Width = 100;
    private const float Height = 50;

    // 203 dots in an inch, as label printers have; twice that.
    private const float DotsInMillimetre = 16;
    private const float PointsInMillimetre = 72 / 25.4f;

    // Where systems keep a font that has Arabic and Latin letters.
    private static readonly string[] Places =
    [
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/dejavu/DejaVuSans.ttf",
        "/Library/Fonts/Arial Unicode.ttf", "/System/Library/Fonts/Supplemental/Arial Unicode.ttf", @"C:\Windows\Fonts\arial.ttf",
    ];

    private readonly Lazy<string?> fontFile = new(() => configuration["TARASOL_LABEL_FONT"] is { Length: > 0 } named ? named : Array.Find(Places, File.Exists));
    private readonly Lock gate = new();
    private SKTypeface? typeface;

    /// <summary>Null: there is none.</summary>
    public string? FontFile => fontFile.Value is { } file && File.Exists(file) ? file : null;

    public byte[] Png(LabelText label)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)(Width * DotsInMillimetre), (int)(Height * DotsInMillimetre), SKColorType.Gray8, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale(DotsInMillimetre);
        Paint(surface.Canvas, label);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    public byte[] Pdf(LabelText label)
    {
        using var bytes = new MemoryStream();
        using (var document = SKDocument.CreatePdf(bytes, new SKDocumentPdfMetadata { Title = label.Reference }))
        {
            using var page = document.BeginPage(Width * PointsInMillimetre, Height * PointsInMillimetre);
            page.Scale(PointsInMillimetre);
            Paint(page, label);
            document.EndPage();
            document.Close();
        }
        return bytes.ToArray();
    }

    private void Paint(SKCanvas canvas, LabelText label)
    {
        const float text = 34;
        using var shaper = new SKShaper(Typeface());
        Qr(canvas, label.QrCode, 3, 3, 28);
        Line(canvas, shaper, ["Reference", "رقم القيد"], text, 6.5f, 3.2f, SKColors.Black);
        Fit(canvas, shaper, label.Reference, text, 14.5f, Width - text - 3, 7);
        Line(canvas, shaper, ["Date", "التاريخ"], text, 20.5f, 3.2f, SKColors.Black);
        Line(canvas, shaper, [label.Gregorian, "م"], text, 26, 4.2f, SKColors.Black);
        Line(canvas, shaper, [label.Hijri, "هـ"], text, 31.5f, 4.2f, SKColors.Black);
        Bars(canvas, label.BarCode, 3, 34.5f, Width - 6, 10);
        using var font = Font(2.8f);
        using var paint = new SKPaint { IsAntialias = true };
        canvas.DrawShapedText(shaper, label.BarCode, Width / 2, 48, SKTextAlign.Center, font, paint);
    }

    // One text at the left edge, the other at the right.
    private void Line(SKCanvas canvas, SKShaper shaper, string[] ends, float x, float y, float size, SKColor color)
    {
        using var font = Font(size);
        using var paint = new SKPaint { IsAntialias = true, Color = color };
        canvas.DrawShapedText(shaper, ends[0], x, y, SKTextAlign.Left, font, paint);
        canvas.DrawShapedText(shaper, ends[1], Width - 3, y, SKTextAlign.Right, font, paint);
    }

    // As large as the width allows.
    private void Fit(SKCanvas canvas, SKShaper shaper, string text, float x, float y, float width, float size)
    {
        var runs = LabelText.Runs(text);
        using var measure = Font(size);
        var whole = runs.Sum(run => shaper.Shape(run, measure).Width);
        using var font = Font(whole > width ? size * width / whole : size);
        using var paint = new SKPaint { IsAntialias = true };
        foreach (var run in runs)
        {
            canvas.DrawShapedText(shaper, run, x, y, SKTextAlign.Left, font, paint);
            x += shaper.Shape(run, font).Width;
        }
    }

    private static void Qr(SKCanvas canvas, string content, float x, float y, float side)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(content, QRCodeGenerator.ECCLevel.M, eciMode: QRCodeGenerator.EciMode.Utf8);
        // With the white edge that readers need.
        var modules = code.ModuleMatrix;
        var size = side / modules.Count;
        using var paint = new SKPaint { IsAntialias = false };
        for (var row = 0; row < modules.Count; row++)
        {
            for (var column = 0; column < modules.Count; column++)
            {
                if (modules[row][column])
                    canvas.DrawRect(x + column * size, y + row * size, size, size, paint);
            }
        }
    }

    private static void Bars(SKCanvas canvas, string content, float x, float y, float width, float height)
    {
        var bars = new Code128Writer().encode(content, BarcodeFormat.CODE_128, 1, 1);
        // Bars of whole dots, in the middle.
        var size = MathF.Max(1, MathF.Floor(width * DotsInMillimetre / bars.Width)) / DotsInMillimetre;
        x += (width - size * bars.Width) / 2;
        using var paint = new SKPaint { IsAntialias = false };
        for (var at = 0; at < bars.Width; at++)
        {
            if (bars[at, 0])
                canvas.DrawRect(x + at * size, y, size, height, paint);
        }
    }

    private SKFont Font(float size) => new(Typeface(), size) { Subpixel = true, Hinting = SKFontHinting.None };

    private SKTypeface Typeface()
    {
        lock (gate)
            return typeface ??= SKTypeface.FromFile(FontFile) ?? throw new InvalidOperationException($"{FontFile} is not a font.");
    }
}
