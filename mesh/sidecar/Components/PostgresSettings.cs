using System.Globalization;
using Npgsql;

namespace Tarasol.Sidecar.Components;

/// <summary>The connection metadata of Dapr's PostgreSQL components, as Npgsql wants it.</summary>
internal static class PostgresSettings
{
    public static readonly IReadOnlyList<string> Keys =
    [
        "connectionString", "url", "host", "hostaddr", "port", "database", "user", "password", "sslRootCert", "connectionMaxIdleTime", "maxConns", "queryExecMode", "useAzureAD", "useAWSIAM",
    ];

    private const int Prepared = 50;

    /// <param name="apps">How many apps share the connections: Dapr's default is so many for each.</param>
    public static NpgsqlConnectionStringBuilder Read(ComponentSpec spec, int apps)
    {
        string? Given(string key) => spec.Metadata.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;
        foreach (var cloud in (string[])["useAzureAD", "useAWSIAM"])
        {
            if (Truth.Parse(Given(cloud)))
                throw new ComponentException(spec, $"{cloud} is not served by this host; use a user and a password");
        }
        var builder = new NpgsqlConnectionStringBuilder { MaxPoolSize = Math.Min(100, Math.Max(4, Environment.ProcessorCount) * Math.Max(1, apps)) };
        try
        {
            var written = Given("connectionString") ?? Given("url") ?? "";
            foreach (var (key, value) in written.Contains("://", StringComparison.Ordinal) ? FromUrl(written) : FromWords(written))
                Apply(builder, key, value);
            foreach (var key in (string[])["host", "hostaddr", "port", "database", "user", "password", "sslRootCert"])
            {
                if (Given(key) is { } value)
                    Apply(builder, key.ToLowerInvariant(), value);
            }
            if (string.IsNullOrEmpty(builder.Host))
                throw new FormatException(written.Length == 0 ? "connectionString is missing" : "the connection string names no host");
            if (Given("maxConns") is { } most && int.Parse(most, CultureInfo.InvariantCulture) is > 1 and var connections)
                builder.MaxPoolSize = connections;
            if (ComponentDuration.Parse(Given("connectionMaxIdleTime"), TimeSpan.Zero) is var idle && idle > TimeSpan.Zero)
                builder.ConnectionIdleLifetime = Math.Max(builder.ConnectionPruningInterval, (int)idle.TotalSeconds);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or OverflowException or UriFormatException)
        {
            throw new ComponentException(spec, $"failed to parse connection string: {wrong.Message}");
        }
        builder.MaxAutoPrepare = Given("queryExecMode") switch
        {
            null or "cache_statement" or "cache_describe" => Prepared,
            "describe_exec" or "exec" or "simple_protocol" => 0,
            var other => throw new ComponentException(spec, $"invalid queryExecMode metadata value: {other}"),
        };
        return builder;
    }

    /// <summary>Keys as libpq knows them; an unknown one is a setting of the session.</summary>
    private static void Apply(NpgsqlConnectionStringBuilder builder, string key, string value)
    {
        int Number() => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
        switch (key)
        {
            case "host" or "hostaddr": builder.Host = value; break;
            case "port": builder.Port = Number(); break;
            case "dbname" or "database": builder.Database = value; break;
            case "user": builder.Username = value; break;
            case "password": builder.Password = value; break;
            case "passfile": builder.Passfile = value; break;
            case "connect_timeout": builder.Timeout = Number(); break;
            case "application_name": builder.ApplicationName = value; break;
            case "search_path": builder.SearchPath = value; break;
            case "sslmode": builder.SslMode = Mode(value); break;
            case "sslcert": builder.SslCertificate = value; break;
            case "sslkey": builder.SslKey = value; break;
            case "sslpassword": builder.SslPassword = value; break;
            case "sslrootcert": builder.RootCertificate = value; break;
            case "target_session_attrs": builder.TargetSessionAttributes = value; break;
            case "options": builder.Options = $"{builder.Options} {value}".Trim(); break;
            case "pool_max_conns": builder.MaxPoolSize = Number(); break;
            case "pool_min_conns": builder.MinPoolSize = Number(); break;
            case "pool_max_conn_lifetime": builder.ConnectionLifetime = Seconds(value); break;
            case "pool_max_conn_idle_time": builder.ConnectionIdleLifetime = Math.Max(builder.ConnectionPruningInterval, Seconds(value)); break;
            case "pool_health_check_period" or "pool_max_conn_lifetime_jitter" or "default_query_exec_mode" or "statement_cache_capacity" or "description_cache_capacity" or "client_encoding": break;
            default: builder.Options = $"{builder.Options} -c {key}={value.Replace(" ", "\\ ", StringComparison.Ordinal)}".Trim(); break;
        }
    }

    private static int Seconds(string text) => (int)ComponentDuration.Parse(text, TimeSpan.Zero).TotalSeconds;

    private static SslMode Mode(string text) => text switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new FormatException($"sslmode {text} is invalid"),
    };

    private static IEnumerable<(string Key, string Value)> FromUrl(string text)
    {
        var url = new Uri(text);
        if (url.Scheme is not ("postgres" or "postgresql"))
            throw new FormatException($"a URL of PostgreSQL begins with postgres:// or postgresql://, not {url.Scheme}://");
        yield return ("host", url.IdnHost);
        if (url.Port > 0)
            yield return ("port", url.Port.ToString(CultureInfo.InvariantCulture));
        var login = url.UserInfo.Split(':', 2);
        if (login[0].Length > 0)
            yield return ("user", Uri.UnescapeDataString(login[0]));
        if (login.Length == 2)
            yield return ("password", Uri.UnescapeDataString(login[1]));
        if (url.AbsolutePath.Length > 1)
            yield return ("dbname", Uri.UnescapeDataString(url.AbsolutePath[1..]));
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            yield return (Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>key=value words; a value with spaces stands in single quotes.</summary>
    private static IEnumerable<(string Key, string Value)> FromWords(string text)
    {
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length)
                yield break;
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                throw new FormatException("each word must be key=value");
            var key = text[at..equals].Trim();
            var value = Value(text, equals + 1, out at);
            yield return (key, value);
        }
    }

    private static string Value(string text, int at, out int end)
    {
        var value = new System.Text.StringBuilder();
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        var quoted = at < text.Length && text[at] == '\'';
        for (at += quoted ? 1 : 0; at < text.Length && (quoted ? text[at] != '\'' : !char.IsWhiteSpace(text[at])); at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }
        if (quoted && at == text.Length)
            throw new FormatException("a quote is not closed");
        end = quoted ? at + 1 : at;
        return value.ToString();
    }
}
