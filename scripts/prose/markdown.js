/** The prose of a Markdown page: paragraphs, list items, and each cell of a table. */

/**
 * Blocks of code, HTML comments, front matter and what belongs to a table's rule are left out; numbers are lines.
 *
 * @param {string} content
 * @returns {{ line: number, text: string }[]}
 */
export function markdownTexts(content) {
  /** @type {{ line: number, text: string }[]} */
  const texts = [];
  let fence = '';
  /** @type {{ line: number, text: string } | undefined} */
  let paragraph;
  const lines = content
    .replace(/<!--[\s\S]*?-->/gu, blank)
    .replace(/^---\n[\s\S]*?\n---\n/u, blank)
    .split('\n');
  for (const [index, line] of lines.entries()) {
    const mark = /^\s*(`{3,}|~{3,})/u.exec(line)?.[1] ?? '';
    if (fence !== '' || mark !== '') {
      paragraph = undefined;
      if (fence === '') fence = mark;
      else if (mark.startsWith(fence)) fence = '';
    } else if (/^\s*\|/u.test(line)) {
      paragraph = undefined;
      for (const cell of line.split(/(?<!\\)\|/u))
        texts.push({ line: index + 1, text: cell.trim() });
    } else if (line.trim() === '' || /^#+ /u.test(line)) {
      paragraph = undefined;
    } else if (paragraph && !/^\s*(?:[-*]|\d+\.) /u.test(line)) {
      paragraph.text += `\n${line.trim()}`;
    } else {
      paragraph = { line: index + 1, text: line.trim() };
      texts.push(paragraph);
    }
  }
  return texts;
}

/** As many empty lines as a text has, so that the numbers of the others stay. @param {string} text */
function blank(text) {
  return text.replace(/[^\n]/gu, '');
}
