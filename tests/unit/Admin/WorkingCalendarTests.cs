using Tarasol.Administration.Calendars;
using Tarasol.Administration.Classification;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tests.Unit.Admin;

public sealed class WorkingCalendarTests
{
    [Theory]
    [InlineData(CalendarSystem.Gregorian, null, 2, 29, true)]
    [InlineData(CalendarSystem.Gregorian, 2025, 2, 29, false)]
    [InlineData(CalendarSystem.Gregorian, 2024, 2, 29, true)]
    [InlineData(CalendarSystem.Gregorian, null, 4, 31, false)]
    [InlineData(CalendarSystem.Hijri, null, 12, 30, true)]
    [InlineData(CalendarSystem.Hijri, null, 1, 31, false)]
    [InlineData(CalendarSystem.Hijri, 1447, 9, 30, true)]
    [InlineData(CalendarSystem.Hijri, 1447, 10, 30, false)]
    [InlineData(CalendarSystem.Hijri, 1501, 1, 1, false)]
    public void A_holiday_is_a_day_of_its_calendar(CalendarSystem system, int? year, int month, int day, bool isRight)
    {
        var errors = new Errors();
        new WorkingCalendar([], [new(system, month, day, 1, "عيد", "Feast", year)]).Check(errors, "");
        Assert.Equal(isRight, !errors.Any);
    }

    [Fact]
    public void A_class_stands_below_one_that_came_before_it()
    {
        var errors = new Errors();
        new ClassificationSystem([new("1", "ا", "a"), new("1.1", "ب", "b", "1"), new("2.1", "ج", "c", "2"), new("2", "د", "d"), new("3", "ه", "e", "3")]).Check(errors, "");
        Assert.Equal(["classes[2].parentId", "classes[4].parentId"], ((Dictionary<string, string[]>)errors.Details().Extensions["errors"]!).Keys.Order(StringComparer.Ordinal));
    }
}
