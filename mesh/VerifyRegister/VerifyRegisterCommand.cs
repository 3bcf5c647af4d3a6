using System.CommandLine;
using System.Globalization;
using Tarasol.Mesh.Tye;
using Tarasol.Mesh.Up;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>
/// `mesh verify-register`: checks an export of a tenant's register, from a file or from the gateway, with nothing but the export. Exit code 0 only if everything is right.
/// </summary>
internal static class VerifyRegisterCommand
{
    private const int MostShown = 50;

    public static Command Create()
    {
        var file = new Option<string?>("--file") { Description = "The export (GET /api/numbering/register/export); without it the gateway is asked" };
        var earlier = new Option<string?>("--earlier") { Description = "An earlier export that was kept elsewhere: this one must be its continuation" };
        var tenant = new Option<string?>("--tenant") { Description = "Whose register the gateway is asked for" };
        var user = new Option<string?>("--user") { Description = "Who asks: someone with the permission numbering.register.read and clearance 3" };
        var password = new Option<string?>("--password-file") { Description = "File that holds the password (else the variable TARASOL_PASSWORD)" };
        var save = new Option<string?>("--save") { Description = "Keep what the gateway gives in this file" };
        var command = new Command("verify-register", "Check that a register of numbers is gap-free, duplicate-free and unchanged") { MeshOptions.Port, MeshOptions.Data, file, earlier, tenant, user, password, save };
        command.SetAction(async (arguments, cancellation) =>
        {
            var path = arguments.GetValue(file);
            if (path is null)
            {
                path = arguments.GetValue(save) ?? Path.GetTempFileName();
                var download = new RegisterDownload(Gateway(arguments), arguments.GetValue(tenant) ?? throw new MeshException("verify-register needs --file, or --tenant and --user to ask the gateway"),
                    arguments.GetValue(user) ?? throw new MeshException("--tenant needs --user: who asks for the register"), RegisterDownload.Password(arguments.GetValue(password)));
                await download.SaveAsync(path, cancellation);
            }
            try
            {
                return Show(RegisterCheck.Check(Lines(path), arguments.GetValue(earlier) is { } before ? Lines(before) : null));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException)
            {
                throw new MeshException($"{path} cannot be checked: {unreadable.Message}", unreadable);
            }
            finally
            {
                if (arguments.GetValue(file) is null && arguments.GetValue(save) is null)
                    File.Delete(path);
            }
        });
        return command;
    }

    private static IEnumerable<string> Lines(string path) => File.ReadLines(path).Where(line => line.Length > 0);

    private static Uri Gateway(ParseResult arguments) => new(arguments.GetValue(MeshOptions.Port) is { } port
        ? $"http://localhost:{port}"
        : MeshRecord.Load(MeshOptions.DataFolder(arguments, TyeApplication.Find()))?.Url ?? $"http://localhost:{MeshOptions.DefaultPort}");

    private static int Show(RegisterReport report)
    {
        foreach (var (series, chain) in report.Chains)
        {
            Screen.Say(string.Create(CultureInfo.InvariantCulture, $"series {series}: {chain.Position} entries, head {chain.Hash}"));
            foreach (var (period, last, voided, waiting) in chain.Periods)
                Screen.Say(string.Create(CultureInfo.InvariantCulture, $"  {period}: numbers 1 to {last}, {voided} of them void, {waiting} in blocks not taken yet"));
        }
        foreach (var finding in report.Findings.Take(MostShown))
            Screen.Error(finding.ToString());
        if (report.Findings.Count > MostShown)
            Screen.Error($"and {report.Findings.Count - MostShown} more");
        Screen.Say(report.Findings.Count == 0
            ? $"The register of {report.Tenant} is right: no gap, no duplicate, nothing changed."
            : $"The register of {report.Tenant} is NOT right: {report.Findings.Count} findings.");
        return report.Findings.Count == 0 ? 0 : 1;
    }
}
