using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenants;
using Tarasol.Tenants.Archive;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;
using Tarasol.Tenants.Tenants;

var builder = WebApplication.CreateBuilder(args);
builder.AddTarasolService("tenant");
builder.Services.AddPermissions(Permissions.All);
builder.AddCatalogue();
builder.AddTenantDatabase<MultiTenancyDbContext>();
builder.AddMessaging<MultiTenancyDbContext>();
builder.AddProvisioning();
builder.Services.AddArchive();

var app = builder.Build();
app.UseTarasolService();
app.UseTenancy();
app.UseMessaging<MultiTenancyDbContext>();
app.MapCatalogue();
app.MapTenants();
app.MapArchive();
await app.RunAsync();
