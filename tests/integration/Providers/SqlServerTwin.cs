using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.Internal;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>
/// What EF Core would say to SQL Server for all that a service does: every query and every change of the real context is given to a twin of it on the SQL Server provider,
/// whose commands are kept and not executed.
/// </summary>
internal static class SqlServerTwin
{
    /// <summary>Adds the recorder to a service; its context is found by its own container.</summary>
    public static void Record(IServiceCollection services, Commands commands)
    {
        foreach (var context in services.Select(service => service.ServiceType).Where(type => type.IsAssignableTo(typeof(DbContext)) && type != typeof(DbContext)).ToList())
            ((IRecorder)Activator.CreateInstance(typeof(Recorder<>).MakeGenericType(context))!).Add(services, commands);
    }

    private interface IRecorder
    {
        void Add(IServiceCollection services, Commands commands);
    }

    private sealed class Recorder<TContext> : IRecorder where TContext : DbContext
    {
        public void Add(IServiceCollection services, Commands commands)
        {
            var options = new DbContextOptionsBuilder<TContext>()
                .UseSqlServer("Server=nowhere", server => server.UseCompatibilityLevel(160))
                .AddInterceptors(new Suppress(commands), new SuppressConnection()).Options;
            var twins = new Twins(() =>
            {
                var twin = (TContext)Activator.CreateInstance(typeof(TContext), options)!;
                twin.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
                return twin;
            }, commands);
            services.ConfigureDbContext<TContext>(builder =>
            {
#pragma warning disable EF1001 // The one place where a query can be seen with its values.
                builder.ReplaceService<IQueryCompiler, RecordingCompiler>();
#pragma warning restore EF1001
                builder.AddInterceptors(new RecordChanges(twins));
                ((IDbContextOptionsBuilderInfrastructure)builder).AddOrUpdateExtension(new TwinsExtension(twins));
            });
        }
    }

    /// <summary>The commands of all services, each text once, and what could not be given to the twin.</summary>
    public sealed class Commands
    {
        public ConcurrentDictionary<string, bool> Texts { get; } = new();

        public ConcurrentQueue<Exception> Failures { get; } = new();

        public static bool IsExpected(Exception exception) =>
            // The twin's answers are empty: no row for First, none changed for SaveChanges.
            exception is DbUpdateException or InvalidOperationException { Message: "Sequence contains no elements" or "Nullable object must have a value." };
    }

    public sealed class Twins(Func<DbContext> make, Commands commands)
    {
        public void Query(Expression query)
        {
            try
            {
                using var twin = make();
                var rows = query.Type.GetInterfaces().Append(query.Type).FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IQueryable<>));
                var result = rows is null ? query.Type : typeof(IEnumerable<>).MakeGenericType(rows.GenericTypeArguments);
                var execute = typeof(IQueryProvider).GetMethods().Single(method => method is { Name: nameof(IQueryProvider.Execute), IsGenericMethod: true });
                Enumerate(execute.MakeGenericMethod(result).Invoke(twin.GetService<IAsyncQueryProvider>(), BindingFlags.DoNotWrapExceptions, null, [new Roots(twin.Model).Visit(query)], null));
            }
            catch (Exception failed)
            {
                Note(failed);
            }
        }

        public void Save(DbContext original)
        {
            var twin = make();
            try
            {
                foreach (var entry in original.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
                {
                    // Of an object of its own: the twin would put a deleted child back into its parent's list, where the real context finds it again.
                    var copy = twin.Entry(entry.CurrentValues.ToObject());
                    copy.State = entry.State;
                    copy.OriginalValues.SetValues(Values(entry.OriginalValues));
                    copy.CurrentValues.SetValues(Values(entry.CurrentValues));
                    if (entry.State == EntityState.Modified)
                    {
                        foreach (var property in entry.Properties.Where(property => !property.Metadata.IsPrimaryKey()))
                            copy.Property(property.Metadata.Name).IsModified = property.IsModified;
                    }
                }
                twin.SaveChanges();
            }
            catch (Exception failed)
            {
                Note(failed);
            }
            finally
            {
                // Cleared, not disposed of with its entities in it.
                twin.ChangeTracker.Clear();
                twin.Dispose();
            }
        }

        private static Dictionary<string, object?> Values(PropertyValues values) => values.Properties.ToDictionary(property => property.Name, property => values[property]);

        private static void Enumerate(object? result)
        {
            if (result is System.Collections.IEnumerable rows and not string)
            {
                foreach (var row in rows)
                {
                    // Reading executes it.
                }
            }
        }

        private void Note(Exception failed)
        {
            if (!Commands.IsExpected(failed))
                commands.Failures.Enqueue(failed);
        }
    }

    // A query names the entity types of its own model.
    private sealed class Roots(IModel model) : ExpressionVisitor
    {
        protected override Expression VisitExtension(Expression node) => node is EntityQueryRootExpression root
            ? new EntityQueryRootExpression(model.FindEntityType(root.EntityType.Name)!)
            : base.VisitExtension(node);

        // A set that a condition names is one of the context that asks.
        protected override Expression VisitMember(MemberExpression node) => typeof(IQueryable).IsAssignableFrom(node.Type) && IsFixed(node)
            ? Visit(((IQueryable)Expression.Lambda(node).Compile().DynamicInvoke()!).Expression)
            : base.VisitMember(node);

        private static bool IsFixed(Expression? node) => node is ConstantExpression || node is MemberExpression { Expression: var owner } && IsFixed(owner);
    }

#pragma warning disable EF1001
    private sealed class RecordingCompiler(
        IQueryContextFactory contexts, ICompiledQueryCache cache, ICompiledQueryCacheKeyGenerator keys, IDatabase database,
        IDiagnosticsLogger<DbLoggerCategory.Query> logger, ICurrentDbContext current, IEvaluatableExpressionFilter filter, IModel model, IDbContextOptions options)
        : QueryCompiler(contexts, cache, keys, database, logger, current, filter, model)
    {
        public override TResult Execute<TResult>(Expression query)
        {
            options.FindExtension<TwinsExtension>()!.Twins.Query(query);
            return base.Execute<TResult>(query);
        }

        public override TResult ExecuteAsync<TResult>(Expression query, CancellationToken cancellationToken = default)
        {
            options.FindExtension<TwinsExtension>()!.Twins.Query(query);
            return base.ExecuteAsync<TResult>(query, cancellationToken);
        }

        private static Expression Synchronous(Expression query) => query;
    }
#pragma warning restore EF1001

    private sealed class TwinsExtension(Twins twins) : IDbContextOptionsExtension
    {
        public Twins Twins => twins;

        public DbContextOptionsExtensionInfo Info => new ExtensionInfo(this);

        public void ApplyServices(IServiceCollection services)
        {
        }

        public void Validate(IDbContextOptions options)
        {
        }

        private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
        {
            public override bool IsDatabaseProvider => false;

            public override string LogFragment => "";

            public override int GetServiceProviderHashCode() => 0;

            public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

            public override void PopulateDebugInfo(IDictionary<string, string> debugInfo)
            {
            }
        }
    }

    private sealed class RecordChanges(Twins twins) : SaveChangesInterceptor
    {
        public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
        {
            twins.Save(eventData.Context!);
            return result;
        }

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            twins.Save(eventData.Context!);
            return ValueTask.FromResult(result);
        }
    }

    private sealed class SuppressConnection : DbConnectionInterceptor
    {
        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();

        public override InterceptionResult ConnectionClosing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();
    }

    private sealed class Suppress(Commands commands) : DbCommandInterceptor
    {
        public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
        {
            commands.Texts.TryAdd(command.CommandText, true);
            return InterceptionResult<DbDataReader>.SuppressWithResult(new DataTable().CreateDataReader());
        }

        public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
        {
            commands.Texts.TryAdd(command.CommandText, true);
            return InterceptionResult<int>.SuppressWithResult(1);
        }

        public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
        {
            commands.Texts.TryAdd(command.CommandText, true);
            return InterceptionResult<object>.SuppressWithResult(0);
        }
    }
}
