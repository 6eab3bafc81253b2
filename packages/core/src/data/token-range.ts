/** Looking for tokens outside the vocabulary, four at a time. */

const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080;
/** A number in each byte of a word. */
const IN_EACH_BYTE = 0x01010101;
/** The most that can be looked at four at a time. */
const SMALL_VOCABULARY = 128;
/** Words between two looks at what was found. */
const WORDS_A_PIECE = 1 << 12;

/**
 * Where the first token stands that is not below `vocabSize`; −1 when there is none.
 *
 * A token of less than 128 reaches 128 when 128 − vocabSize is added to it exactly when it is not below
 * vocabSize, and stays in its byte.
 */
export function indexBeyond(tokens: Uint8Array, vocabSize: number): number {
  const words = vocabSize > SMALL_VOCABULARY ? NO_WORDS : wordsOf(tokens);
  const added = (SMALL_VOCABULARY - vocabSize) * IN_EACH_BYTE;
  for (let start = 0; start < words.length; start += WORDS_A_PIECE) {
    const end = Math.min(start + WORDS_A_PIECE, words.length);
    let found = 0;
    for (let i = start; i < end; i++) {
      const word = words[i]!;
      found |= word | ((word & LOW_BITS) + added);
    }
    if ((found & HIGH_BITS) !== 0) return oneByOne(tokens, vocabSize, 4 * start);
  }
  return oneByOne(tokens, vocabSize, 4 * words.length);
}

function oneByOne(tokens: Uint8Array, vocabSize: number, from: number): number {
  for (let i = from; i < tokens.length; i++) if (tokens[i]! >= vocabSize) return i;
  return -1;
}

const NO_WORDS = new Int32Array(0);

/** The whole words of an array; none where it does not begin at one. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  return byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : NO_WORDS;
}
