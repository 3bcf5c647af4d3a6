namespace Tarasol.Numbering.Masks;

/// <summary>The calendar with whose years a series begins again.</summary>
public enum YearCalendar
{
    Gregorian,

    /// <summary>Umm al-Qura.</summary>
    Hijri,
}
