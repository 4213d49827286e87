namespace Footfall.Server.Capture.Doctor.Csp;

/// <summary>The value of a directive that says what may be loaded or reached.</summary>
/// <param name="Directive">Its name.</param>
/// <param name="Expressions">What it lists, as written.</param>
public sealed record SourceList(string Directive, IReadOnlyList<string> Expressions)
{
    /// <summary>Addresses in it don't count for tags of a page: only nonces and hashes do.</summary>
    public bool IsStrictDynamic => Expressions.Any(expression => expression.Equals("'strict-dynamic'", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it has a nonce, by which the site marks its own tags.</summary>
    public bool HasNonce => Expressions.Any(expression => Quoted(expression, "nonce-") is not null);

    /// <summary>Whether an address matches (CSP3, <c>match-url-to-source-list</c>); an empty list is <c>'none'</c>.</summary>
    public bool Matches(Uri url, Uri self, bool isRedirected) =>
        Expressions.Any(expression => SourceExpression.Matches(expression, url, self, isRedirected));

    /// <summary>Whether a tag with these may load a script from the addresses, redirects first (CSP3, <c>script-pre-request</c>).</summary>
    /// <param name="nonce">Of the tag; null: none.</param>
    /// <param name="integrity">Of the tag.</param>
    /// <param name="asked">The script's address, and where redirects led.</param>
    /// <param name="self">The page's address.</param>
    public bool AllowsScript(string? nonce, IReadOnlyList<Integrity> integrity, IReadOnlyList<Uri> asked, Uri self) =>
        MatchesNonce(nonce) || CoversAll(integrity)
        || (!IsStrictDynamic && asked.Index().All(step => Matches(step.Item, self, step.Index > 0)));

    /// <summary>As in the policy.</summary>
    public override string ToString() => Expressions.Count == 0 ? $"{Directive} lists nothing" : $"{Directive} {string.Join(' ', Expressions)}";

    private static string? Quoted(string expression, string prefix) =>
        expression.StartsWith("'" + prefix, StringComparison.OrdinalIgnoreCase) && expression.EndsWith('\'') && expression.Length > prefix.Length + 2
            ? expression[(prefix.Length + 1)..^1] : null;

    // A nonce is compared as it is written.
    private bool MatchesNonce(string? nonce) =>
        !string.IsNullOrEmpty(nonce) && Expressions.Any(expression => Quoted(expression, "nonce-") == nonce);

    private bool CoversAll(IReadOnlyList<Integrity> integrity) => integrity.Count > 0 && integrity.All(hash =>
        Expressions.Any(expression => Quoted(expression, hash.Algorithm + "-") is { } value && Integrity.Standard(value) == Integrity.Standard(hash.Value)));
}
