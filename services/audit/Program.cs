using Tarasol.Audit;
using Tarasol.Audit.Data;
using Tarasol.Audit.Trail;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

var builder = WebApplication.CreateBuilder(args);
builder.AddTarasolService("audit");
builder.Services.AddPermissions(Permissions.All);
builder.AddTenantDatabase<AuditDbContext>();
builder.AddMessaging<AuditDbContext>();
builder.AddTrail();

var app = builder.Build();
app.UseTarasolService();
app.UseTenancy();
app.UseMessaging<AuditDbContext>();
app.MapTrail();
await app.RunAsync();
