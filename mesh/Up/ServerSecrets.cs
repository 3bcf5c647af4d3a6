namespace Tarasol.Mesh.Up;

/// <summary>
/// Where the servers are that component files name by secrets (components/README.md), until somebody writes something else into the secrets file: on this
/// machine, as their packages set them up.
/// </summary>
internal static class ServerSecrets
{
    public static readonly IReadOnlyDictionary<string, string> FirstValues = new Dictionary<string, string>
    {
        ["redis-host"] = "localhost:6379",
        ["redis-password"] = "",
        ["rabbitmq-url"] = "amqp://guest:guest@localhost:5672/",
        ["nats-url"] = "nats://localhost:4222",
        ["mqtt-url"] = "mqtt://localhost:1883",
        ["smtp-host"] = "localhost",
        ["smtp-port"] = "25",
        ["smtp-user"] = "",
        ["smtp-password"] = "",
        ["smtp-from"] = "tarasol@localhost",
        ["sms-url"] = "http://localhost:8088/messages",
    };
}
