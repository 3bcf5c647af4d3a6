using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Sweeps;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Data;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tenants.Tenants;

/// <summary>POST /api/tenant/tenants: enters a tenant into the catalogue. Its databases and its first administrator are made afterwards.</summary>
public static class CreateTenant
{
    public static readonly Problem SlugTaken = new("tenant-slug-taken", 409, new("There is already a tenant {0}.", "توجد جهة بالاسم المختصر {0}."));

    private const int LongestKey = 200;
    private static readonly Text Reserved = new("is reserved", "محجوز");
    private static readonly Text NoServer = new("does not go with sqlite, which has no server", "لا يصلح مع sqlite إذ لا خادم لها");
    private static readonly Text ServerNeeded = new("is required: this platform has no {0} server of its own", "مطلوب: ليس لهذه المنصة خادم {0} خاص بها");
    private static readonly Text KeyTooLong = new("must have at most {0} characters", "يجب ألا يتجاوز {0} حرفا");

    public sealed record Request(
        [Required, RegularExpression(TenantSlug.Pattern)] string Slug,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        [Required, MaxLength(100)] string AdminUserName,
        [Required, MaxLength(200)] string AdminPassword,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Place? Database = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Slug == PlatformTenant.Slug)
                errors.Add("slug", Reserved);
            if (Database is { Provider: DatabaseProvider.Sqlite, ServerSecret: not null })
                errors.Add("database.serverSecret", NoServer);
        }
    }

    /// <param name="Provider">The database program of all the tenant's databases.</param>
    /// <param name="ServerSecret">Name of the secret with the server's connection string; may be left out where the platform's own server is meant.</param>
    public sealed record Place(DatabaseProvider Provider, [MaxLength(200), RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]*$")] string? ServerSecret = null);

    internal static async Task<Results<Accepted<TenantView>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, [FromHeader(Name = "Idempotency-Key")] string? key, MultiTenancyDbContext db, AdminSecrets secrets, AdminAccounts accounts,
        ServiceList services, DatabasePlaces standard, SweepSignal<StartProvisioning> signal, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (key?.Length > LongestKey)
            Errors.Of("Idempotency-Key", KeyTooLong.With(LongestKey)).ThrowIfAny();
        var print = await secrets.PrintAsync(JsonSerializer.SerializeToUtf8Bytes(request), cancel);
        if (await AnsweredBeforeAsync(db, request, key, print, cancel) is { } before)
            return before;

        var errors = new Errors();
        var places = PlacesOf(request.Database, standard, errors);
        await accounts.CheckAsync(request.AdminUserName, request.AdminPassword, errors, cancel);
        errors.ThrowIfAny();

        var now = time.GetUtcNow();
        var tenant = new Tenant
        {
            Id = Guid.CreateVersion7(now),
            Slug = request.Slug,
            NameAr = request.NameAr,
            NameEn = request.NameEn,
            Status = TenantStatus.Provisioning,
            CreatedAt = now,
            AdminUserName = request.AdminUserName,
            AdminPassword = await secrets.SealAsync(request.Slug, request.AdminPassword, cancel),
            IdempotencyKey = key,
            RequestPrint = print,
        };
        db.Add(tenant);
        db.AddRange(services.AppIds.Select(service => TenantDatabase.At(places, tenant.Slug, service)));
        db.AddRange(services.AppIds.Append(ProvisioningStep.FirstAdmin).Select(name => new ProvisioningStep { Slug = tenant.Slug, Name = name, NextAttemptAt = now }));
        outbox.Add(new TenantCreated(tenant.Slug, tenant.NameAr, tenant.NameEn, now));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (db.Tenants.AsNoTracking().Any(other => other.Slug == request.Slug))
        {
            return (await AnsweredBeforeAsync(db, request, key, print, cancel))!;
        }
        signal.Set(PlatformTenant.Slug);
        return Answer(tenant);
    }

    private static DatabasePlaces PlacesOf(Place? wanted, DatabasePlaces standard, Errors errors)
    {
        if (wanted is null)
            return standard;
        var secret = wanted.ServerSecret ?? (wanted.Provider == standard.Provider ? standard.ServerSecret : null);
        if (wanted.Provider != DatabaseProvider.Sqlite && secret is null)
            errors.Add("database.serverSecret", ServerNeeded.With(wanted.Provider.ToString().ToLowerInvariant()));
        return new(wanted.Provider, secret);
    }

    // Null when this is a new request.
    private static async Task<Results<Accepted<TenantView>, ProblemHttpResult>?> AnsweredBeforeAsync(
        MultiTenancyDbContext db, Request request, string? key, string print, CancellationToken cancel)
    {
        if (key is not null && await db.Tenants.AsNoTracking().FirstOrDefaultAsync(tenant => tenant.IdempotencyKey == key, cancel) is { } answered)
            return answered.RequestPrint == print ? Answer(answered) : IdempotencyKey.Reused.Result();
        if (await db.Tenants.AnyAsync(tenant => tenant.Slug == request.Slug, cancel))
            return SlugTaken.Result(request.Slug);
        return null;
    }

    // The same body at every repetition: what a tenant is when it is asked for.
    private static Accepted<TenantView> Answer(Tenant tenant) => TypedResults.Accepted(
        $"/api/tenant/tenants/{tenant.Slug}", new TenantView(tenant.Slug, tenant.NameAr, tenant.NameEn, TenantStatus.Provisioning));
}
