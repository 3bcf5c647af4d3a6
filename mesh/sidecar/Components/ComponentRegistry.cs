using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Middleware;
using Tarasol.Sidecar.Scheduling;
using Tarasol.Sidecar.Secrets;
using Tarasol.Sidecar.State;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Components;

/// <summary>Makes the components of the resources folders and hands each app those that it may see.</summary>
internal sealed class ComponentRegistry(
    ResourceCatalogue catalogue, AppDirectory apps, IServiceProvider services, SidecarMetrics metrics, ILogger<ComponentRegistry> log) : IAsyncDisposable
{
    // Configuration is read from --config; such a file may lie beside the resources.
    private static readonly string[] OtherKinds = ["Subscription", "Resiliency", "Configuration", "HTTPEndpoint"];

    private readonly Dictionary<string, ComponentType> types = ComponentTypes.All.ToDictionary(type => type.Type);
    private readonly List<object> instances = [];

    /// <summary>Makes every component that an app of this host may see. Throws <see cref="ConfigurationException"/> or <see cref="ComponentException"/> on the first that cannot be used.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        foreach (var link in catalogue.DeadLinks)
            log.LogWarning("{Link} is a link that leads nowhere, it is left out", link);
        foreach (var unknown in catalogue.All.Where(document => document.Kind != "Component" && !OtherKinds.Contains(document.Kind)))
            log.LogWarning("{Source}: resources of kind {Kind} are not served, it is left out", unknown.Source, unknown.Kind);
        var drafts = catalogue.OfKind("Component").Select(ComponentDraft.Read).ToList();
        RefuseDuplicates(drafts);
        var byApp = apps.Apps.ToDictionary(app => app.AppId, _ => new Dictionary<string, (ComponentSpec Spec, object Instance)>());
        foreach (var draft in InLoadOrder(drafts))
            await LoadAsync(draft, byApp, cancel);
        foreach (var app in apps.Apps)
        {
            var visible = byApp[app.AppId];
            app.Components = new AppComponents(visible);
            app.ActorStateStore = ActorStore(visible);
            app.HttpEndpoints = await EndpointsAsync(app, byApp, cancel);
            app.Pipeline = Pipeline.Build(app.Configuration.HttpPipeline, app);
            if (app.Channel is { } channel && Pipeline.Build(app.Configuration.AppHttpPipeline, app) is { } toApp)
                channel.Pipeline = toApp;
        }
    }

    private async Task<Dictionary<string, HttpEndpoint>> EndpointsAsync(
        AppRuntime app, Dictionary<string, Dictionary<string, (ComponentSpec Spec, object Instance)>> byApp, CancellationToken cancel)
    {
        var endpoints = new Dictionary<string, HttpEndpoint>(StringComparer.Ordinal);
        foreach (var document in catalogue.OfKind("HTTPEndpoint").Where(document => document.AppliesTo(app.AppId)))
        {
            var endpoint = HttpEndpoint.Create(await ResolveAsync(HttpEndpoint.Read(document), app, byApp, cancel), document);
            instances.Add(endpoint);
            if (!endpoints.TryAdd(endpoint.Name, endpoint))
                throw document.Wrong(document.Root, $"a second HTTPEndpoint named {endpoint.Name} for {app.AppId}");
        }
        return endpoints;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Enumerable.Reverse(instances))
        {
            switch (instance)
            {
                case IAsyncDisposable asynchronous: await asynchronous.DisposeAsync(); break;
                case IDisposable disposable: disposable.Dispose(); break;
                default: break;
            }
        }
        instances.Clear();
    }

    private async Task LoadAsync(ComponentDraft draft, Dictionary<string, Dictionary<string, (ComponentSpec Spec, object Instance)>> byApp, CancellationToken cancel)
    {
        var users = apps.Apps.Where(app => draft.Document.AppliesTo(app.AppId)).ToList();
        if (users.Count == 0)
            return;
        if (!types.TryGetValue(draft.Type, out var type) || !type.Versions.Contains(draft.Version is "" or "v0" ? "v1" : draft.Version))
        {
            var problem = $"the component type {draft.Type}/{(draft.Version.Length == 0 ? "v1" : draft.Version)} is not served by this host";
            Ignore(draft, draft.Document.Wrong(draft.TypeNode, problem));
            return;
        }
        var denied = users.Where(app => app.Configuration.Denies(draft.Type, draft.Version.Length == 0 ? "v1" : draft.Version)).ToList();
        if (denied.Count > 0)
        {
            log.LogWarning("component {Name}: its type {Type} is denied by the configuration, it is left out for {Apps}", draft.Name, draft.Type, string.Join(", ", denied.Select(app => app.AppId)));
            users.RemoveAll(denied.Contains);
            if (users.Count == 0)
                return;
        }
        // One instance for all apps, unless a template makes its metadata differ between them.
        (ComponentSpec Spec, object Instance)? shared = null;
        foreach (var app in users)
        {
            try
            {
                if (draft.PerApp || shared is null)
                    shared = await CreateAsync(draft, type, app, byApp, cancel);
                byApp[app.AppId].Add(draft.Name, shared.Value);
                metrics.ComponentLoaded(app.AppId, draft.Type);
            }
            catch (Exception failure) when (failure is ConfigurationException or ComponentException)
            {
                metrics.ComponentFailed(app.AppId, draft.Type, draft.Name);
                Ignore(draft, failure);
                return;
            }
        }
        log.LogInformation("component {Name} ({Type}) is loaded for {Apps}", draft.Name, draft.Type, string.Join(", ", users.Select(app => app.AppId)));
    }

    private async Task<(ComponentSpec Spec, object Instance)> CreateAsync(
        ComponentDraft draft, ComponentType type, AppRuntime app, Dictionary<string, Dictionary<string, (ComponentSpec Spec, object Instance)>> byApp, CancellationToken cancel)
    {
        var spec = await ResolveAsync(draft, app, byApp, cancel);
        foreach (var unknown in spec.Metadata.Keys.Where(key => !type.Keys.Contains(key, StringComparer.OrdinalIgnoreCase)))
            log.LogWarning("component {Name} in {Source}: {Type} knows no metadata key {Key}, it has no effect", draft.Name, draft.Document.Source, draft.Type, unknown);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(draft.InitTimeout);
        try
        {
            // On another thread: opening a file or a socket may block before there is anything to wait for.
            var instance = await Task.Run(() => type.Create(spec, services, limit.Token), CancellationToken.None).WaitAsync(limit.Token);
            instances.Add(instance);
            return (spec, instance);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ComponentException(spec, $"not ready within its initTimeout of {GoDuration.Format(draft.InitTimeout)}");
        }
        catch (Exception failure) when (failure is not ComponentException and not ConfigurationException and not OperationCanceledException)
        {
            throw new ComponentException(spec, failure.Message);
        }
    }

    private static async Task<ComponentSpec> ResolveAsync(
        ComponentDraft draft, AppRuntime app, Dictionary<string, Dictionary<string, (ComponentSpec Spec, object Instance)>> byApp, CancellationToken cancel)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in draft.Metadata)
        {
            var value = entry.Secret is { } secret ? await SecretAsync(draft, entry, secret, byApp[app.AppId], cancel) : entry.Value;
            metadata[entry.Name] = draft.IsFilledInLater(entry) ? value : ComponentDraft.Fill(value, app);
        }
        var spec = new ComponentSpec(draft.Name, draft.Type, draft.Version.Length == 0 ? "v1" : draft.Version, metadata, draft.Document.Scopes, draft.Document.Source);
        return draft.Type.StartsWith("state.", StringComparison.Ordinal)
            ? spec with { Encryption = StateEncryption.Of(spec, key => draft.Metadata.First(entry => entry.Name.Equals(key, StringComparison.OrdinalIgnoreCase)).Secret?.Name) }
            : spec;
    }

    private static async Task<string> SecretAsync(
        ComponentDraft draft, MetadataEntry entry, (string Name, string Key) secret, Dictionary<string, (ComponentSpec Spec, object Instance)> visible, CancellationToken cancel)
    {
        if (draft.SecretStore.Length == 0)
            throw draft.Document.Wrong(entry.Node, $"component {draft.Name}: {entry.Name} refers to a secret, but auth.secretStore names no store");
        if (!visible.TryGetValue(draft.SecretStore, out var found) || found.Instance is not ISecretStore store)
            throw draft.Document.Wrong(entry.Node, $"component {draft.Name}: there is no secret store {draft.SecretStore} for its {entry.Name}");
        var values = await store.GetAsync(secret.Name, new Dictionary<string, string>(), cancel)
            ?? throw draft.Document.Wrong(entry.Node, $"component {draft.Name}: the secret {secret.Name} of its {entry.Name} is not in {draft.SecretStore}");
        return values.GetValueOrDefault(secret.Key)
            ?? throw draft.Document.Wrong(entry.Node, $"component {draft.Name}: the secret {secret.Name} of its {entry.Name} has no key {secret.Key}");
    }

    private void Ignore(ComponentDraft draft, Exception failure)
    {
        if (!draft.IgnoreErrors)
            throw failure;
        log.LogError("component {Name} is left out (ignoreErrors): {Problem}", draft.Name, failure.Message);
    }

    /// <summary>Two of one name are an error where one app would see both.</summary>
    private void RefuseDuplicates(List<ComponentDraft> drafts)
    {
        foreach (var same in drafts.GroupBy(draft => draft.Name).Where(group => group.Count() > 1))
        {
            foreach (var app in apps.Apps)
            {
                if (same.Where(draft => draft.Document.AppliesTo(app.AppId)).Take(2).ToList() is [var first, var second])
                    throw second.Document.Wrong(second.Document.Root, $"a second component named {same.Key} for {app.AppId}; the first is in {first.Document.Source}");
            }
        }
    }

    /// <summary>Secret stores first, each after the one that its own secrets are in. Throws <see cref="ConfigurationException"/> when they need each other.</summary>
    private static List<ComponentDraft> InLoadOrder(List<ComponentDraft> drafts)
    {
        var stores = drafts.Where(draft => draft.IsSecretStore).ToLookup(draft => draft.Name);
        var ordered = new List<ComponentDraft>();
        foreach (var store in stores.SelectMany(same => same))
            Add(store, []);
        return [.. ordered, .. drafts.Where(draft => !draft.IsSecretStore)];

        void Add(ComponentDraft store, IReadOnlyList<ComponentDraft> users)
        {
            if (ordered.Contains(store))
                return;
            if (users.Contains(store))
                throw store.Document.Wrong(store.Document.Root, $"secret stores need each other's secrets: {string.Join(" -> ", users.SkipWhile(user => user != store).Append(store).Select(one => one.Name))}");
            foreach (var needed in store.NeedsSecrets ? stores[store.SecretStore] : [])
                Add(needed, [.. users, store]);
            ordered.Add(store);
        }
    }

    private static IStateStore? ActorStore(Dictionary<string, (ComponentSpec Spec, object Instance)> visible)
    {
        var stores = visible.Values.Where(component => component.Instance is IStateStore && Truth.Parse(component.Spec.Metadata.GetValueOrDefault("actorStateStore"))).ToList();
        if (stores.Count > 1)
            throw new ComponentException(stores[1].Spec, $"a second actorStateStore; {stores[0].Spec.Name} is one already");
        return stores.Count == 0 ? null : (IStateStore)stores[0].Instance;
    }
}

/// <summary>A metadata entry as written. Exactly one of value and secret counts.</summary>
internal sealed record MetadataEntry(string Name, string Value, (string Name, string Key)? Secret, YamlNode Node);

/// <summary>A component document as written: secrets and templates not yet resolved.</summary>
internal sealed record ComponentDraft(
    ResourceDocument Document, string Name, string Type, YamlNode TypeNode, string Version, IReadOnlyList<MetadataEntry> Metadata, string SecretStore, bool IgnoreErrors, TimeSpan InitTimeout)
{
    public bool IsSecretStore => Type.StartsWith("secretstores.", StringComparison.Ordinal);

    public bool NeedsSecrets => Metadata.Any(entry => entry.Secret is not null);

    /// <summary>A template makes one instance per app.</summary>
    public bool PerApp => Metadata.Where(entry => !IsFilledInLater(entry)).Any(entry => entry.Value.Contains("{appID}", StringComparison.Ordinal) || entry.Value.Contains("{namespace}", StringComparison.Ordinal) || entry.Value.Contains("{uuid}", StringComparison.Ordinal));

    public static ComponentDraft Read(ResourceDocument document)
    {
        if (document.Name.Length == 0)
            throw document.Wrong(document.Root, "the component has no metadata.name");
        if (document.Root.Child("spec") is not YamlMappingNode spec)
            throw document.Wrong(document.Root, $"component {document.Name} has no spec");
        if (spec.Child("type") is not YamlScalarNode { Value.Length: > 0 } type)
            throw document.Wrong(spec, $"component {document.Name} has no spec.type");
        var timeout = spec.Text("initTimeout") is { Length: > 0 } written
            ? ComponentDuration.TryParse(written, out var given) ? given : throw document.Wrong(spec.Child("initTimeout")!, $"component {document.Name}: initTimeout {written} is no duration")
            : TimeSpan.FromSeconds(5);
        return new ComponentDraft(
            document, document.Name, type.Value!, type, spec.Text("version") ?? "", ReadMetadata(document, spec), document.Root.Child("auth").Text("secretStore") ?? "",
            Truth.Parse(spec.Text("ignoreErrors")), timeout);
    }

    /// <summary>The consumer id of a pub/sub component belongs to each subscription: it must not make a bus of its own for every app.</summary>
    public bool IsFilledInLater(MetadataEntry entry) => Type.StartsWith("pubsub.", StringComparison.Ordinal) && entry.Name.Equals("consumerID", StringComparison.OrdinalIgnoreCase);

    public static string Fill(string value, AppRuntime app) => value.Contains('{', StringComparison.Ordinal)
        ? value.Replace("{uuid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
            .Replace("{podName}", Environment.GetEnvironmentVariable("POD_NAME") ?? "", StringComparison.Ordinal)
            .Replace("{namespace}", $"{app.Namespace}.{app.AppId}", StringComparison.Ordinal)
            .Replace("{appID}", app.AppId, StringComparison.Ordinal)
        : value;

    private static List<MetadataEntry> ReadMetadata(ResourceDocument document, YamlMappingNode spec)
    {
        var entries = new List<MetadataEntry>();
        var metadata = spec.Child("metadata");
        if (metadata is null or YamlScalarNode { Value: null or "" })
            return entries;
        if (metadata is not YamlSequenceNode list)
            throw document.Wrong(metadata, $"component {document.Name}: spec.metadata must be a list of name and value");
        foreach (var item in list.Children)
        {
            var name = item.Text("name") is { Length: > 0 } given ? given : throw document.Wrong(item, $"component {document.Name}: a metadata item has no name");
            if (entries.Any(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw document.Wrong(item, $"component {document.Name}: the metadata key {name} is there twice");
            entries.Add(ReadEntry(document, item, name));
        }
        return entries;
    }

    public static MetadataEntry ReadEntry(ResourceDocument document, YamlNode item, string name)
    {
        if (item.Child("secretKeyRef") is { } reference)
        {
            var secret = reference.Text("name") ?? throw document.Wrong(reference, $"component {document.Name}: the secretKeyRef of {name} has no name");
            return new MetadataEntry(name, "", (secret, reference.Text("key") is { Length: > 0 } key ? key : secret), item);
        }
        if (item.Text("envRef") is { Length: > 0 } variable)
        {
            if (variable is "APP_API_TOKEN" || variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase) || variable.Contains(' ', StringComparison.Ordinal))
                throw document.Wrong(item, $"component {document.Name}: {name} may not read the environment variable {variable}");
            return new MetadataEntry(name, Environment.GetEnvironmentVariable(variable) ?? "", null, item);
        }
        return item.Child("value") switch
        {
            null => new MetadataEntry(name, "", null, item),
            YamlScalarNode scalar => new MetadataEntry(name, scalar.Value ?? "", null, item),
            { } structured => new MetadataEntry(name, YamlJson.Convert(structured)!.ToJsonString(), null, item),
        };
    }
}

/// <summary>Dapr's truths: true, 1, yes, on, t, y in any case; everything else is false.</summary>
internal static class Truth
{
    public static bool Parse(string? text) => text?.Trim().ToUpperInvariant() is "TRUE" or "1" or "YES" or "ON" or "T" or "Y";
}
