using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.Calendars;

public static class CalendarsEndpoints
{
    public static void MapCalendars(this IEndpointRouteBuilder routes)
    {
        var calendars = routes.MapGroup("/api/admin/calendars").WithTags("calendars");
        calendars.MapPost("", CreateCalendar.HandleAsync).RequirePermission(Permissions.ManageSettings);
        calendars.MapGet("", ListCalendars.HandleAsync).RequirePermission(Permissions.ReadSettings);
        calendars.MapGet("{id:guid}", ReadCalendar.HandleAsync).RequirePermission(Permissions.ReadSettings);
        calendars.MapPut("{id:guid}/draft", ChangeCalendarDraft.HandleAsync).RequirePermission(Permissions.ManageSettings);
        calendars.MapDelete("{id:guid}/draft", ChangeCalendarDraft.DiscardAsync).RequirePermission(Permissions.ManageSettings);
        calendars.MapPost("{id:guid}/publication", PublishCalendar.HandleAsync).RequirePermission(Permissions.ManageSettings);
    }
}
