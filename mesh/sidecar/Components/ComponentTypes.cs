namespace Tarasol.Sidecar.Components;

/// <summary>The component types that this host serves.</summary>
internal static class ComponentTypes
{
    public static readonly IReadOnlyList<ComponentType> All =
    [
        InMemoryStateStore.ComponentType,
        SqliteStateStore.ComponentType,
        .. PostgresStateStore.ComponentTypes,
        RedisStateStore.ComponentType,
        RedisConfigurationStore.ComponentType,
        LocalFileConfigurationStore.ComponentType,
        RedisLock.ComponentType,
        SqliteLock.ComponentType,
        LocalFileSecretStore.ComponentType,
        LocalEnvSecretStore.ComponentType,
        LocalStorageBinding.ComponentType,
        CronBinding.ComponentType,
        HttpBinding.ComponentType,
        SmtpBinding.ComponentType,
        RouteAliasMiddleware.ComponentType,
        RateLimitMiddleware.ComponentType,
        RouterCheckerMiddleware.ComponentType,
        BearerMiddleware.ComponentType,
        OAuth2ClientCredentialsMiddleware.ComponentType,
        PubSubInMemory.Type,
        PubSubSqlite.Type,
        PubSubRabbitMq.Type,
        PubSubJetStream.Type,
        PubSubMqtt3.Type,
        PubSubRedis.Type,
    ];
}
