/** The rules that a program can check. Each returns what is wrong, a line each. */
import { countWords, MOST_WORDS, sentencesOf } from './sentences.js';

const FRAGMENT =
  /^(?:Of|That|What|Whether|Where|Which|Who|How|For|From|By|As|So|With|To|In|On|At)\b/u;
/** "In training, x is y" and "For each row, returns y" are sentences: a comma, then more. */
const INTRODUCED = /^(?:For|From|By|As|In|On|At|With|To)\b[^,.;:]*, /u;

/** Compressed idioms, and the plain words for them. @type {readonly [RegExp, string][]} */
const PHRASES = [
  [/\bturn(?:ing|s)? (?:their|its) own answers? over\b/iu, 'refine its own answer'],
  [/\bha(?:ve|s) not in common\b/iu, 'how they differ'],
  [/\bwhat mends it\b/iu, 'how to fix it'],
  [/\b(?:downloaded|fetched|skipped|dropped) unsaid\b/iu, 'without a message'],
  [/\bon behind the step\b/iu, 'skip the step'],
  [/\b[Oo]f so many\b/u, 'the number of'],
  [/\bso little over\b/iu, 'up to 10 % over'],
  [/\btells? of (?:it|them)sel(?:f|ves)\b/iu, 'describes'],
  [/\bcomput(?:e|es|ed|ing) (?:it |them )?again\b/iu, 'recompute'],
  [/\bmakes? no sense\b/iu, 'is invalid'],
  [/\bdo(?:es)? not take each other for\b/iu, 'the handshake failed'],
  [/\bsomething of that name already\b/iu, 'already exists'],
  [/\bresults anew\b/iu, 're-run'],
  [/\b(?:rank|size|name|id) that is none\b/iu, 'invalid'],
  [/\bthere is no engine after that\b/iu, 'no engine can be started afterwards'],
  [/\bthrough the deaths? of\b/iu, 'survives crashes of'],
  [/\bGPUs? that (?:is|are) not here\b/u, 'not present'],
];

/**
 * True if a docstring begins with a fragment such as "Of the rows" or "What a stage needs".
 *
 * @param {string} text
 */
export function isFragment(text) {
  const [first = ''] = sentencesOf(text);
  return FRAGMENT.test(first) && !INTRODUCED.test(first) && !first.endsWith('?');
}

/** Sentences that are too long, as messages. @param {string} text @returns {string[]} */
export function longSentences(text) {
  return sentencesOf(text)
    .map((sentence) => ({ sentence, words: countWords(sentence) }))
    .filter(({ words }) => words > MOST_WORDS)
    .map(({ sentence, words }) => `a sentence of ${words} words: ${sentence.slice(0, 60)}…`);
}

/** Idioms, as messages with the plain words. @param {string} text @returns {string[]} */
export function idioms(text) {
  return PHRASES.flatMap(([pattern, plain]) => {
    const found = pattern.exec(text.replace(/\s+/gu, ' '))?.[0];
    return found === undefined ? [] : [`“${found}”: write “${plain}”`];
  });
}
