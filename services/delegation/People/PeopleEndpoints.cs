using Tarasol.Contracts.Identity;
using Tarasol.Delegations.Data;
using Tarasol.Messaging;

namespace Tarasol.Delegations.People;

public static class PeopleEndpoints
{
    public static void MapPeople(this IEndpointRouteBuilder routes)
    {
        routes.MapEvent<UserCreated, PersonEvents, DelegationDbContext>();
        routes.MapEvent<UserUpdated, PersonEvents, DelegationDbContext>();
        routes.MapEvent<UserRemoved, PersonEvents, DelegationDbContext>();
    }
}
