using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Tarasol.ServiceDefaults.Problems;

/// <summary>Names the route or query parameter that ASP.NET Core could not bind.</summary>
internal static partial class BindingProblem
{
    private static readonly Text NotReadable = new("cannot be read as what is expected here", "لا يمكن قراءته كما هو متوقع هنا");

    public static ProblemDetails For(BadHttpRequestException exception)
    {
        if (exception.StatusCode == 415)
            return CommonProblems.NotJson.Details();
        var parameter = Parameter().Match(exception.Message);
        return parameter.Success
            ? Errors.Of(parameter.Groups["name"].Value, NotReadable.ToString()).Details()
            : CommonProblems.Invalid.Details();
    }

    [GeneratedRegex("""parameter "[^"]*?(?<name>\w+)" """, RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
