using Tarasol.Messaging;
using Tarasol.Profiles;
using Tarasol.Profiles.Calls;
using Tarasol.Profiles.Data;
using Tarasol.Profiles.Own;
using Tarasol.Profiles.Signatures;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

var builder = WebApplication.CreateBuilder(args);
builder.AddTarasolService("profile");
builder.Services.AddPermissions(Permissions.All);
builder.AddTenantDatabase<ProfileDbContext>();
builder.AddMessaging<ProfileDbContext>();
builder.Services.AddServiceClient<TenantDefaults>("tenant");
builder.Services.AddOwnProfile();
builder.Services.AddSignatures();

var app = builder.Build();
app.UseTarasolService();
app.UseTenancy();
app.UseMessaging<ProfileDbContext>();
app.MapOwnProfile();
app.MapSignatures();
await app.RunAsync();
