/**
 * Returns a text as Hydra's grammar quotes it: a backslash escapes only before a quote, or before those that do.
 */
export function quoted(text: string): string {
  const escaped = text.replace(/(\\*)('|$)/g, (_, slashes: string, quote: string) => {
    return slashes + slashes + (quote === '' ? '' : "\\'");
  });
  return `'${escaped}'`;
}
