using System.Data.Common;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tasks.Data;
using Tarasol.Tasks.Inbox;
using Tarasol.Tasks.People;

namespace Tarasol.Tests.Load.Letters;

/// <summary>A page that a service answers with: its own use case can be run here on the tenant's database, and the statements that it sends can be taken down.</summary>
/// <param name="What">Of the table.</param>
/// <param name="AppId">The service.</param>
/// <param name="Path">What clients ask for.</param>
/// <param name="AskAsync">Runs the use case; the interceptor sees its statements.</param>
internal sealed record ServicePage(string What, string AppId, string Path, Func<IInterceptor?, Task<object>> AskAsync)
{
    private static readonly LetterFilter All = new(null, null, null, null, null, null, null, null, null, null, null);

    public static ServicePage Inbox(TenantDatabase databases, string what, string query, CancellationToken cancel) => new(what, "task", $"api/task/inbox{query}", async interceptor =>
    {
        await using var db = new TasksDbContext(Options<TasksDbContext>(databases, "task", interceptor));
        // Its accounts are asked only about people who never had a task.
        var persons = new KnownPersons(db, null!, TimeProvider.System);
        var http = new DefaultHttpContext { Request = { QueryString = new(query.StartsWith('?') ? query : "") } };
        IValueHttpResult answer = query switch
        {
            "/counts" => await CountInbox.HandleAsync(Person(LetterOffice.Head), persons, db, TimeProvider.System, cancel),
            _ => await ListInbox.HandleAsync(http.Request.Query["view"], null, null, null, http.Request.Query["cursor"], null, http, Person(LetterOffice.Head), persons, db, TimeProvider.System, cancel),
        };
        return answer.Value!;
    });

    public static ServicePage Letters(TenantDatabase databases, string what, string query, LetterFilter? filter, Guid? after, CancellationToken cancel) => new(what, "correspondence", $"api/correspondence/letters{query}", async interceptor =>
    {
        await using var db = new CorrespondenceDbContext(Options<CorrespondenceDbContext>(databases, "correspondence", interceptor));
        // Units are asked only about those who may read the letters of some of them.
        var visible = new VisibleLetters(db, null!, TimeProvider.System);
        IValueHttpResult answer = query.StartsWith("/counts", StringComparison.Ordinal)
            ? await CountLetters.HandleAsync(filter ?? All, Person(LetterOffice.Clerk), visible, cancel)
            : await ListLetters.HandleAsync(filter ?? All, new Paging(after, 50), Person(LetterOffice.Clerk), visible, cancel);
        return answer.Value!;
    });

    /// <summary>The statements of the use case as commands of a connection.</summary>
    public async Task<IReadOnlyList<DbCommand>> StatementsAsync(DbConnection connection)
    {
        var seen = new Statements(connection);
        await AskAsync(seen);
        return seen.All;
    }

    private static DbContextOptions<TContext> Options<TContext>(TenantDatabase databases, string appId, IInterceptor? interceptor) where TContext : DbContext
    {
        var options = new DbContextOptionsBuilder<TContext>();
        _ = databases.Server is null ? options.UseSqlite(databases.ConnectionString(appId)) : options.UseNpgsql(databases.ConnectionString(appId));
        if (interceptor is not null)
            options.AddInterceptors(interceptor);
        return options.Options;
    }

    private static ClaimsPrincipal Person(string userName) => new(new ClaimsIdentity(
    [
        new(TokenRules.UserNameClaim, userName), new(TokenRules.ClearanceClaim, "3"), new(TokenRules.PermissionClaim, Tarasol.Correspondence.Permissions.ReadLetters),
    ]));

    private sealed class Statements(DbConnection connection) : DbCommandInterceptor
    {
        public List<DbCommand> All { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            var copy = connection.CreateCommand();
            copy.CommandText = command.CommandText;
            foreach (DbParameter parameter in command.Parameters)
            {
                if (parameter is NpgsqlParameter known)
                {
                    copy.Parameters.Add(known.Clone());
                    continue;
                }
                var same = copy.CreateParameter();
                (same.ParameterName, same.Value) = (parameter.ParameterName, parameter.Value);
                copy.Parameters.Add(same);
            }
            All.Add(copy);
            return ValueTask.FromResult(result);
        }
    }
}
