/** The rules of commit titles: imperative, at most 72 characters, a capital first, no full stop. */
import { IMPERATIVES } from './imperatives.js';

const MOST_CHARACTERS = 72;

/**
 * Returns what is wrong with a commit title.
 *
 * @param {string} title
 * @returns {string[]}
 */
export function titleProblems(title) {
  const first = /^[\p{L}-]+/u.exec(title)?.[0] ?? '';
  const problems = [];
  if (/^wip\b/iu.test(title)) problems.push('says "wip": squash it, or say what it does');
  else if (!/^\p{Lu}/u.test(title)) problems.push('does not begin with a capital');
  else if (
    !/^(?: |$)/u.test(title.slice(first.length)) ||
    !IMPERATIVES.has(first.toLowerCase().replace(/^re-/u, ''))
  ) {
    problems.push(
      `does not begin with an imperative; if "${first}" is one, add it to scripts/prose/imperatives.js`,
    );
  }
  if ([...title].length > MOST_CHARACTERS) {
    problems.push(`has ${[...title].length} characters, more than ${MOST_CHARACTERS}`);
  }
  if (title.endsWith('.')) problems.push('ends with a full stop');
  return problems;
}
