/**
 * Returns the anchor of a heading as GitHub makes it, so that one link works on both.
 *
 * Letters, digits, `_` and `-` stay, spaces become `-`, everything else goes.
 */
export function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
