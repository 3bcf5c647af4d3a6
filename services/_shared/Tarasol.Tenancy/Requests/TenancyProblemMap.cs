using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy.Databases;

namespace Tarasol.Tenancy;

/// <summary>Problems of tenants and databases.</summary>
internal sealed class TenancyProblemMap : IProblemMap
{
    private static readonly Text Another = new("that this one needs", "التي تحتاجها هذه الخدمة");

    public ProblemDetails? Map(Exception exception) => exception switch
    {
        UnknownTenantException { Status: null } => TenancyProblems.Unknown.Details(),
        UnknownTenantException => TenancyProblems.NotActive.Details(),
        DbUpdateConcurrencyException => CommonProblems.Changed.Details(),
        DatabasesBusyException => DatabasesBusyException.Problem.Details(),
        ServiceAwayException away => CommonProblems.Unavailable.Details(away.AppId),
        // Another service, just starting, refused or failed a call of ours; it is in the log. The caller may try again.
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError } => CommonProblems.Unavailable.Details(Another),
        _ => null,
    };
}
