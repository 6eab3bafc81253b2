import { existsSync } from 'node:fs';

import { readYamlFile, toPlain } from '@eddy/core';
import {
  fromReferenceCommands,
  fromReferenceDump,
  type ReferenceValue,
  type Translation,
} from '@eddy/interop';

import { writeNewFile } from '../project/new-file.ts';

export async function fromReferenceCommand(
  words: readonly string[],
  { output }: { readonly output?: string },
): Promise<void> {
  const { yaml, notes } = await translate(words);
  for (const { what, why } of notes) process.stderr.write(`not carried over: ${what}: ${why}\n`);
  if (output === undefined) process.stdout.write(yaml);
  else await writeNewFile(output, yaml);
}

async function translate(words: readonly string[]): Promise<Translation> {
  const [only] = words;
  if (words.length === 1 && /\.ya?ml$/.test(only!) && existsSync(only!)) {
    const dump = toPlain(await readYamlFile(only!)) as Record<string, ReferenceValue>;
    return fromReferenceDump(dump);
  }
  // One text is what stands in a README; several are words that the shell has cut.
  const text = words.length === 1 ? only! : words.map(asWord).join('\n');
  return fromReferenceCommands(words.every(isWord) ? words.map(asWord).join(' ') : text);
}

/** `a=b`, not `python pretrain.py …`. */
function isWord(text: string): boolean {
  return /^[+~]*[\w.@/]+(?:=|$)/.test(text) && !/^\S+=\S*\s+\S+=/.test(text);
}

/** Quotes a word again that had blanks, unless it is a whole command line. */
function asWord(text: string): string {
  return isWord(text) && /[\s'"\\#;&]/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : text;
}
