using System.ComponentModel.DataAnnotations;
using Tarasol.Administration.Settings;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.Classification;

/// <summary>The tree of classes by which letters are filed (Noark 5: classification system and class).</summary>
/// <param name="Classes">A class comes after the one above it.</param>
public sealed record ClassificationSystem([MaxLength(5000)] IReadOnlyList<ClassificationSystem.Class> Classes) : ISettingContent<ClassificationSystem>
{
    private static readonly Text Twice = new("is given twice", "ورد مرتين");
    private static readonly Text NoParent = new("must be the classId of a class before this one", "يجب أن يكون رمز تصنيف يسبقه في القائمة");

    public static SettingKind Kind => SettingKind.Classification;

    /// <param name="ClassId">Its code; letters hold it.</param>
    /// <param name="ParentId">Code of the class above it; null at the top.</param>
    /// <param name="Closed">Nothing new is classified by it.</param>
    public sealed record Class(
        [Required, MaxLength(40), RegularExpression("^[A-Za-z0-9\\u0600-\\u06FF][A-Za-z0-9\\u0600-\\u06FF./-]*$")] string ClassId,
        [Required, MaxLength(300)] string TitleAr,
        [Required, MaxLength(300)] string TitleEn,
        [MaxLength(40)] string? ParentId = null,
        bool Closed = false);

    public void Check(Errors errors, string prefix)
    {
        // A parent comes first, so that there can be no circle.
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, each) in Classes.Index())
        {
            if (each.ParentId is { } parent && !known.Contains(parent))
                errors.Add($"{prefix}classes[{index}].parentId", NoParent);
            if (!known.Add(each.ClassId))
                errors.Add($"{prefix}classes[{index}].classId", Twice);
        }
    }

    public void Announce(IOutbox outbox, Setting setting, DateTimeOffset at) => outbox.Add(new ClassificationPublished(
        setting.Id, setting.Published, [.. Classes.Select(each => new ClassificationClass(each.ClassId, each.TitleAr, each.TitleEn, each.ParentId, each.Closed))], at));
}
