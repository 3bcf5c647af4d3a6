using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Administration.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.Settings;

/// <summary>Drafts of settings and their publication. The caller saves.</summary>
public sealed class Drafts(AdminDbContext db, IOutbox outbox, TimeProvider time)
{
    public static readonly Problem NothingDrafted = new("nothing-drafted", 409, new("There is no draft that could be published.", "لا توجد مسودة لنشرها."));

    /// <summary>A new setting, with nothing in it.</summary>
    public Setting Create<T>(string key) where T : class, ISettingContent<T>
    {
        var now = time.GetUtcNow();
        var setting = new Setting { Id = SortableId.Next(now), Kind = T.Kind, Key = key, ChangedAt = now, RowVersion = 0 };
        db.Add(setting);
        return setting;
    }

    /// <summary>The setting of a kind of which there is one; it is made when it is missing.</summary>
    public async Task<Setting> OnlyAsync<T>(CancellationToken cancel) where T : class, ISettingContent<T> => await FindAsync<T>("", cancel) ?? Create<T>("");

    /// <summary>Null: there is none.</summary>
    public Task<Setting?> FindAsync<T>(string key, CancellationToken cancel) where T : class, ISettingContent<T>
    {
        var kind = T.Kind;
        return db.Settings.FirstOrDefaultAsync(row => row.Kind == kind && row.Key == key, cancel);
    }

    /// <summary>Null: there is none of this kind.</summary>
    public Task<Setting?> FindAsync<T>(Guid id, CancellationToken cancel) where T : class, ISettingContent<T>
    {
        var kind = T.Kind;
        return db.Settings.FirstOrDefaultAsync(row => row.Kind == kind && row.Id == id, cancel);
    }

    /// <summary>The newest published version; null before the first.</summary>
    public async Task<T?> PublishedAsync<T>(Setting setting, CancellationToken cancel) where T : class, ISettingContent<T> =>
        await db.Versions.AsNoTracking().Where(row => row.SettingId == setting.Id && row.Number == setting.Published).Select(row => row.Content).FirstOrDefaultAsync(cancel) is { } content
            ? Read<T>(content)
            : null;

    /// <summary>The draft; null when there is none.</summary>
    public static T? Drafted<T>(Setting setting) where T : class, ISettingContent<T> => setting.Draft is { } draft ? Read<T>(draft) : null;

    /// <summary>Takes the place of the draft. One that says what is published already is no draft. Returns whether anything changes.</summary>
    public async Task<bool> WriteAsync<T>(Setting setting, T? content, CancellationToken cancel) where T : class, ISettingContent<T>
    {
        var written = content is null ? null : Write(content);
        if (written is not null && await PublishedAsync<T>(setting, cancel) is { } published && Write(published) == written)
            written = null;
        if (setting.Draft == written)
            return false;
        setting.Draft = written;
        Touch(setting);
        return true;
    }

    /// <summary>Makes the draft the next version. False: there is no draft.</summary>
    public bool Publish<T>(Setting setting, string by) where T : class, ISettingContent<T>
    {
        if (setting.Draft is not { } draft)
            return false;
        setting.Draft = null;
        setting.Published++;
        Touch(setting);
        db.Add(new SettingVersion { SettingId = setting.Id, Number = setting.Published, Content = draft, PublishedBy = by, PublishedAt = setting.ChangedAt });
        Read<T>(draft).Announce(outbox, setting, setting.ChangedAt);
        return true;
    }

    public static T Read<T>(string content) where T : class => JsonSerializer.Deserialize<T>(content, EventJson.Options)!;

    private static string Write<T>(T content) => JsonSerializer.Serialize(content, EventJson.Options);

    private void Touch(Setting setting)
    {
        setting.ChangedAt = time.GetUtcNow();
        setting.RowVersion++;
    }
}
