using Tarasol.Delegations;
using Tarasol.Delegations.Authority;
using Tarasol.Delegations.Calls;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

var builder = WebApplication.CreateBuilder(args);
builder.AddTarasolService("delegation");
builder.Services.AddPermissions(Permissions.All);
builder.AddTenantDatabase<DelegationDbContext>();
builder.AddMessaging<DelegationDbContext>();
builder.Services.AddCalls();
builder.Services.AddGranting();

var app = builder.Build();
app.UseTarasolService();
app.UseTenancy();
app.UseMessaging<DelegationDbContext>();
app.MapGranting();
app.MapAuthority();
app.MapPeople();
await app.RunAsync();
