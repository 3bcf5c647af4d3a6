namespace Tarasol.Mesh.VerifyRegister;

/// <summary>One thing that is not as it must be.</summary>
/// <param name="Line">Line of the export; 0: something is missing from it.</param>
/// <param name="Series">The series.</param>
/// <param name="Position">Place in its chain.</param>
/// <param name="What">What is wrong.</param>
internal sealed record Finding(int Line, string Series, long Position, string What)
{
    public override string ToString() => $"{(Line > 0 ? $"line {Line}, " : "")}series {Series}, entry {Position}: {What}";
}

/// <summary>What a check found.</summary>
internal sealed record RegisterReport(string Tenant, IReadOnlyDictionary<string, ChainCheck> Chains, IReadOnlyList<Finding> Findings);

/// <summary>Checks a whole export: every chain intact and complete, every series without gap and duplicate, every sequence begun again at the right time.</summary>
internal static class RegisterCheck
{
    /// <summary>Throws <see cref="FormatException"/> when the lines are no export.</summary>
    /// <param name="lines">The export.</param>
    /// <param name="earlier">An earlier export of the same register, of which this one must be the continuation; null: none.</param>
    public static RegisterReport Check(IEnumerable<string> lines, IEnumerable<string>? earlier = null)
    {
        var file = ExportFile.Read(lines);
        var (chains, findings, numbers) = (new SortedDictionary<string, ChainCheck>(StringComparer.Ordinal), new List<Finding>(), new NumbersSeen());
        foreach (var line in file.Lines)
        {
            if (line.Entry is not { } entry)
            {
                findings.Add(new(line.Number, "?", 0, $"the line {line.Trouble}"));
                continue;
            }
            if (!chains.TryGetValue(entry.Series, out var chain))
                chain = chains[entry.Series] = new(numbers);
            findings.AddRange(chain.Add(entry).Select(what => new Finding(line.Number, entry.Series, entry.Position, what)));
        }
        findings.AddRange(Ends(file, chains));
        if (earlier is not null)
            findings.AddRange(Continues(ExportFile.Read(earlier), file, chains));
        return new(file.Tenant, chains, findings);
    }

    private static IEnumerable<Finding> Ends(ExportFile file, SortedDictionary<string, ChainCheck> chains)
    {
        foreach (var twice in file.Heads.GroupBy(head => head.Series).Where(group => group.Count() > 1))
            yield return new(1, twice.Key, 0, "the header names its end twice");
        foreach (var head in file.Heads)
        {
            if (chains.GetValueOrDefault(head.Series) is not { } chain)
                yield return new(0, head.Series, head.Position, "the whole series is missing");
            else if (chain.Position != head.Position)
                yield return new(0, head.Series, chain.Position, $"the chain ends here, but the header says that it ends at {head.Position}");
            else if (chain.Hash != head.Hash)
                yield return new(0, head.Series, head.Position, "the last entry does not have the hash that the header says");
        }
        foreach (var series in chains.Keys.Except(file.Heads.Select(head => head.Series)))
            yield return new(0, series, 0, "the header does not name the series");
    }

    // What an earlier export ended with must still be in its place: nobody has written a new chain.
    private static IEnumerable<Finding> Continues(ExportFile earlier, ExportFile file, SortedDictionary<string, ChainCheck> chains)
    {
        if (earlier.Tenant != file.Tenant)
            yield return new(1, "?", 0, $"this is the register of {file.Tenant}, the earlier export is of {earlier.Tenant}");
        foreach (var head in earlier.Heads)
        {
            if (chains.GetValueOrDefault(head.Series)?.Hashes.GetValueOrDefault(head.Position) != head.Hash)
                yield return new(0, head.Series, head.Position, "the earlier export ended with this entry, and it is not there any more: the chain was written anew");
        }
    }
}
