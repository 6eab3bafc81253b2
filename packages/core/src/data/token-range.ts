/** Looking for tokens outside the vocabulary, four at a time. */

const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080;
/** A number in each byte of a word. */
const IN_EACH_BYTE = 0x01010101;
/** Words between two looks at what was found. */
const WORDS_A_PIECE = 1 << 14;

/**
 * Where the first token stands that is not below `vocabSize`; −1 when there is none.
 *
 * A byte reaches 128 once 128 − vocabSize is added to it exactly when it is not below vocabSize; of a
 * vocabulary above 128, exactly when it has its high bit and 256 − vocabSize added to the others
 * reaches 128 too. Neither sum leaves its byte.
 */
export function indexBeyond(tokens: Uint8Array, vocabSize: number): number {
  if (vocabSize > 255) return -1;
  const isSmall = vocabSize <= 128;
  const added = ((isSmall ? 128 : 256) - vocabSize) * IN_EACH_BYTE;
  const words = wordsOf(tokens);
  for (let start = 0; start < words.length; start += WORDS_A_PIECE) {
    const end = Math.min(start + WORDS_A_PIECE, words.length);
    let found = 0;
    for (let i = start; i < end; i++) {
      const word = words[i]!;
      const sum = (word & LOW_BITS) + added;
      found |= isSmall ? word | sum : word & sum;
    }
    if ((found & HIGH_BITS) !== 0) return bytewise(tokens, vocabSize, 4 * start);
  }
  return bytewise(tokens, vocabSize, 4 * words.length);
}

function bytewise(tokens: Uint8Array, vocabSize: number, from: number): number {
  for (let i = from; i < tokens.length; i++) if (tokens[i]! >= vocabSize) return i;
  return -1;
}

/** The whole words of an array; none where it does not begin at one. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  return byteOffset % 4 === 0
    ? new Int32Array(buffer, byteOffset, length >> 2)
    : new Int32Array(0);
}
