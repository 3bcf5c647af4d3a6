using Tarasol.Directories;
using Tarasol.Directories.Calls;
using Tarasol.Directories.Data;
using Tarasol.Directories.Parties;
using Tarasol.Directories.Positions;
using Tarasol.Directories.Units;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

var builder = WebApplication.CreateBuilder(args);
builder.AddTarasolService("directory");
builder.Services.AddPermissions(Permissions.All);
builder.AddTenantDatabase<DirectoryDbContext>();
builder.AddMessaging<DirectoryDbContext>();
builder.Services.AddServiceClient<PeopleOfTenant>("identity");
builder.Services.AddUnits();
builder.Services.AddPositions();
builder.Services.AddParties();

var app = builder.Build();
app.UseTarasolService();
app.UseTenancy();
app.UseMessaging<DirectoryDbContext>();
app.MapUnits();
app.MapPositions();
app.MapParties();
await app.RunAsync();
