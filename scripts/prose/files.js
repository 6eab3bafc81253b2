/** Which files are checked, and by which rules. */
import { markdownTexts } from './markdown.js';
import { idioms, isFragment, longSentences } from './rules.js';
import { sourceTexts } from './source-texts.js';

/** @typedef {import('./baseline.js').Problem} Problem */

/** True for Markdown in English, and for sources that ship. @param {string} file */
export function isChecked(file) {
  if (/^docs\/ja\/|CHANGELOG\.md$|^\.changeset\/|^scripts\/prose\//u.test(file)) return false;
  if (file.endsWith('.md')) return true;
  return (
    /^(?:packages|scripts|bench)\/.*\.(?:ts|tsx|js)$/u.test(file) &&
    !/\.d\.ts$|\.generated\.|\.(?:test|engine-test|e2e)\.tsx?$|\/(?:dist|testing)\//u.test(file)
  );
}

/**
 * Returns what is wrong in a file.
 *
 * @param {string} file
 * @param {string} content
 * @returns {Problem[]}
 */
export function fileProblems(file, content) {
  const isMarkdown = file.endsWith('.md');
  const texts = isMarkdown
    ? markdownTexts(content).map((text) => ({
        ...text,
        kind: 'markdown',
        name: '',
        isExported: false,
      }))
    : sourceTexts(file, content);
  return texts.flatMap(({ kind, line, name, isExported, text }) => {
    const problem = (/** @type {string} */ rule) => (/** @type {string} */ message) => ({
      rule,
      file,
      line,
      message,
    });
    const problems = [
      ...longSentences(text).map(problem('long-sentence')),
      ...idioms(text).map(problem('idiom')),
    ];
    if (kind === 'docstring' && isExported && isFragment(text)) {
      problems.push(problem('fragment')(`${name}: ${text.slice(0, 60).replace(/\s+/gu, ' ')}`));
    }
    return problems;
  });
}
