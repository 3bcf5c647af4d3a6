using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenants.Data;

namespace Tarasol.Tenants.Tenants;

/// <summary>
/// PATCH /api/tenant/tenants/{slug}: changes what the body names and leaves the rest. <c>limits</c> and <c>hostNames</c> are replaced as a whole; a limit that is left out or null
/// is no limit. With If-Match only if the tenant has not changed since.
/// </summary>
public static class ChangeTenant
{
    public static readonly Problem HostTaken = new("host-name-taken", 409, new("The host name {0} belongs to another tenant.", "اسم المضيف {0} يخص جهة أخرى."));
    private static readonly Text BadHost = new("must be a host name such as letters.example.org", "يجب أن يكون اسم مضيف مثل letters.example.org");
    private static readonly Text Twice = new("is given twice", "ورد مرتين");
    private static readonly Text Empty = new("must not be empty", "يجب ألا يكون فارغا");

    public sealed record Request(
        [MaxLength(200)] string? NameAr = null,
        [MaxLength(200)] string? NameEn = null,
        [MaxLength(20)] IReadOnlyList<string>? HostNames = null,
        Limits? Limits = null,
        TenantLanguage? DefaultLanguage = null,
        TenantCalendar? Calendar = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (NameAr is not null && string.IsNullOrWhiteSpace(NameAr))
                errors.Add("nameAr", Empty);
            if (NameEn is not null && string.IsNullOrWhiteSpace(NameEn))
                errors.Add("nameEn", Empty);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (index, host) in (HostNames ?? []).Index())
            {
                if (!IsHost(host))
                    errors.Add($"hostNames[{index}]", BadHost);
                else if (!seen.Add(host.ToLowerInvariant()))
                    errors.Add($"hostNames[{index}]", Twice);
            }
        }

        private static bool IsHost(string? host) => host is { Length: > 0 and <= 253 } && Uri.CheckHostName(host) == UriHostNameType.Dns && host.All(char.IsAscii) && host.Contains('.', StringComparison.Ordinal);
    }

    /// <param name="Users">Accounts at most.</param>
    /// <param name="StorageBytes">What its files may take at most. Recorded for now.</param>
    /// <param name="RequestsPerMinute">Requests of all its people together.</param>
    public sealed record Limits([Range(1, 10_000_000)] int? Users = null, [Range(0, 9e15)] long? StorageBytes = null, [Range(1, 10_000_000)] int? RequestsPerMinute = null);

    public static async Task<Results<Ok<TenantDetails>, ProblemHttpResult>> HandleAsync(
        string slug, Body<Request> body, HttpContext context, MultiTenancyDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await db.Tenants.FirstOrDefaultAsync(row => row.Slug == slug, cancel) is not { } tenant)
            return TenancyProblems.Unknown.Result();
        if (TenantTag.IsOutdated(context, tenant))
            return CommonProblems.Changed.Result();

        var now = time.GetUtcNow();
        tenant.NameAr = request.NameAr ?? tenant.NameAr;
        tenant.NameEn = request.NameEn ?? tenant.NameEn;
        tenant.DefaultLanguage = request.DefaultLanguage ?? tenant.DefaultLanguage;
        tenant.Calendar = request.Calendar ?? tenant.Calendar;
        if (request.Limits is { } limits)
            (tenant.MaxUsers, tenant.MaxStorageBytes, tenant.RequestsPerMinute) = (limits.Users, limits.StorageBytes, limits.RequestsPerMinute);
        if (request.HostNames is { } hosts && await SetHostsAsync(db, slug, [.. hosts.Select(host => host.ToLowerInvariant())], cancel) is { } taken)
            return HostTaken.Result(taken);
        tenant.ChangedAt = now;
        tenant.Version++;
        outbox.Add(new TenantChanged(slug, now));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException raced) when (raced is not DbUpdateConcurrencyException && request.HostNames is not null)
        {
            // Somebody else took one of the names at the same time.
            return HostTaken.Result(string.Join(", ", request.HostNames));
        }
        context.Response.Headers.ETag = TenantTag.Of(tenant).ToString();
        return TypedResults.Ok(await ReadTenant.DetailsAsync(db, tenant, cancel));
    }

    // Null, or the name that another tenant has.
    private static async Task<string?> SetHostsAsync(MultiTenancyDbContext db, string slug, IReadOnlyList<string> wanted, CancellationToken cancel)
    {
        var known = await db.Hosts.Where(host => host.Slug == slug || wanted.Contains(host.Host)).ToListAsync(cancel);
        if (known.Find(host => host.Slug != slug) is { } other)
            return other.Host;
        db.RemoveRange(known.Where(host => !wanted.Contains(host.Host)));
        db.AddRange(wanted.Except(known.Select(host => host.Host)).Select(host => new TenantHost { Host = host, Slug = slug }));
        return null;
    }
}
