using Tarasol.Contracts.Identity;
using Tarasol.Messaging;
using Tarasol.Tasks.Calls;
using Tarasol.Tasks.Data;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.People;

public static class PeopleEndpoints
{
    public static void AddPeople(this IServiceCollection services)
    {
        services.AddServiceClient<Accounts>("identity");
        services.AddServiceClient<Units>("directory");
        services.AddScoped<KnownPersons>();
    }

    public static void MapPeople(this IEndpointRouteBuilder routes)
    {
        routes.MapEvent<UserCreated, PersonChanges, TasksDbContext>();
        routes.MapEvent<UserUpdated, PersonChanges, TasksDbContext>();
        routes.MapEvent<UserRemoved, PersonChanges, TasksDbContext>();
    }
}
