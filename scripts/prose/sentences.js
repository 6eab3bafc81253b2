/** Sentences of a text, without the code in it. */

export const MOST_WORDS = 40;

/**
 * Splits a text at full stops, question marks, exclamation marks, blank lines and the start of list items. A colon or a
 * semicolon ends no sentence.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function sentencesOf(text) {
  return text
    .replace(/```[\s\S]*?```/gu, '\n\n')
    .replace(/(`+)[^`]*?\1/gu, 'x')
    .replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .split(/(?<=[.!?][)"”’*_]*)\s+|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s+/u)
    .map((sentence) => sentence.trim().replace(/\s+/gu, ' '))
    .filter((sentence) => sentence !== '');
}

/** Counts words; a sign on its own is none. @param {string} sentence */
export function countWords(sentence) {
  return sentence.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
