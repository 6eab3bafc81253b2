/** Damages a valid file in ways that files get damaged, and in ways that attackers would. */
import type { RandomStream } from '@eddy/core';

/** Texts that have broken parsers before. */
const NASTY = [
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  ',',
  ':',
  '\n',
  '\r\n',
  '\0',
  '\t',
  '-',
  '&a',
  '*a',
  '<<: ',
  '!!',
  '__proto__',
  'null',
  'true',
  'NaN',
  '1e999',
  '-1',
  '0',
  '18446744073709551615',
  '9007199254740993',
  '../../..',
  '${',
  '\u{1F600}',
  '\ud800',
  '\ufeff',
  '[[[[[[[[[[[[[[[[',
  '{"a":',
  'extends: .',
];

/** One to four random edits. A pure function of file and stream. */
export function mutate(valid: Buffer, random: RandomStream): Buffer {
  let bytes = valid;
  for (let edits = 1 + random.integer(4); edits > 0; edits--) bytes = edit(bytes, random);
  return bytes;
}

function edit(bytes: Buffer, random: RandomStream): Buffer {
  const at = random.integer(bytes.length + 1);
  const length = 1 + random.integer(random.integer(4) === 0 ? 64 : 4);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.integer(8)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 3:
      return Buffer.concat([before, Buffer.from(NASTY[random.integer(NASTY.length)]!), after]);
    case 4: {
      // A number by a very different one.
      const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)];
      if (numbers.length === 0) return before;
      const { index, 0: number } = numbers[random.integer(numbers.length)]!;
      const other = ['0', '-1', `${number}0`, '4294967296', '1e308', '999999999999'][
        random.integer(6)
      ]!;
      const rest = bytes.subarray(index + number.length);
      return Buffer.concat([bytes.subarray(0, index), Buffer.from(other), rest]);
    }
    case 5: {
      // A part from elsewhere in the file.
      const from = random.integer(bytes.length + 1);
      return Buffer.concat([before, bytes.subarray(from, from + length), after.subarray(length)]);
    }
    default: {
      const copy = Buffer.from(bytes);
      for (let i = 0; i < length && at + i < copy.length; i++) copy[at + i] = random.integer(256);
      return copy;
    }
  }
}
