namespace Tarasol.ServiceDefaults.Problems;

/// <summary>The errors that every service can give.</summary>
public static class CommonProblems
{
    /// <summary>400; the field errors are in <c>errors</c>.</summary>
    public static readonly Problem Invalid = new("invalid-request", 400, new("The request is not valid; see errors for each field.", "الطلب غير صالح؛ انظر الأخطاء لكل حقل."));

    /// <summary>400.</summary>
    public static readonly Problem MalformedJson = new("malformed-json", 400, new("The body is not JSON: line {0}, position {1}.", "نص الطلب ليس JSON سليما: السطر {0}، الموضع {1}."));

    /// <summary>401.</summary>
    public static readonly Problem Unauthenticated = new("unauthenticated", 401, new("A valid access token is needed.", "يلزم رمز دخول صالح."));

    /// <summary>403.</summary>
    public static readonly Problem Forbidden = new("forbidden", 403, new("You may not do this.", "لا تملك صلاحية هذا الإجراء."));

    /// <summary>404; also where the caller may not know that a thing exists.</summary>
    public static readonly Problem NotFound = new("not-found", 404, new("There is no such thing here.", "لا يوجد هنا ما طلبته."));

    /// <summary>405.</summary>
    public static readonly Problem MethodNotAllowed = new("method-not-allowed", 405, new("This address does not take that method.", "هذا العنوان لا يقبل هذه الطريقة."));

    /// <summary>409.</summary>
    public static readonly Problem Conflict = new("conflict", 409, new("This collides with what is already there.", "يتعارض هذا مع ما هو موجود."));

    /// <summary>412.</summary>
    public static readonly Problem Changed = new("changed-meanwhile", 412, new("Somebody changed this meanwhile; read it again.", "غيّر شخص آخر هذا السجل؛ أعد قراءته."));

    /// <summary>413.</summary>
    public static readonly Problem TooLarge = new("body-too-large", 413, new("The body is larger than {0} bytes.", "نص الطلب أكبر من {0} بايت."));

    /// <summary>415.</summary>
    public static readonly Problem NotJson = new("unsupported-media-type", 415, new("The body must be application/json.", "يجب أن يكون نص الطلب application/json."));

    /// <summary>429.</summary>
    public static readonly Problem TooMany = new("too-many-requests", 429, new("Too many requests; try again later.", "طلبات كثيرة؛ حاول لاحقا."));

    /// <summary>500; nothing of the inside is told.</summary>
    public static readonly Problem Unexpected = new("unexpected", 500, new("Something went wrong on our side. Give the trace id to your support.", "حدث خطأ لدينا. اذكر رقم التتبع للدعم."));

    /// <summary>503.</summary>
    public static readonly Problem Unavailable = new("service-unavailable", 503, new("The service {0} does not answer at the moment; try again shortly.", "الخدمة {0} لا تستجيب الآن؛ حاول بعد قليل."));
}
