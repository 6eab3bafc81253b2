import { existsSync } from 'node:fs';

import { readYamlFile, toPlain } from '@eddy/core/config';
import {
  fromReferenceCommands,
  fromReferenceDump,
  lookUpFolder,
  type ReferenceValue,
  type Translation,
} from '@eddy/interop';
import { readInputText } from '@eddy/core/files';
import { shellWord } from '@eddy/tensor/errors';

import { writeNewFile } from '../project/new-file.ts';

/** Scripts and READMEs are far smaller. */
const SCRIPT_LIMIT = { what: 'a script or a README', maxBytes: 4 << 20 };

export interface FromReferenceOptions {
  readonly output?: string;
  readonly training?: number;
}

export async function fromReferenceCommand(
  words: readonly string[],
  { output, training }: FromReferenceOptions,
): Promise<void> {
  const { yaml, notes } = await translate(words, training);
  for (const { what, why } of notes) process.stderr.write(`not carried over: ${what}: ${why}\n`);
  if (output === undefined) process.stdout.write(yaml);
  else await writeNewFile(output, yaml);
}

async function translate(
  words: readonly string[],
  training: number | undefined,
): Promise<Translation> {
  const options = { training, lookUp: lookUpFolder };
  const [only] = words as [string];
  const isFile = words.length === 1 && existsSync(only);
  if (isFile && /\.ya?ml$/.test(only)) {
    const dump = toPlain(await readYamlFile(only)) as Record<string, ReferenceValue>;
    return fromReferenceDump(dump, options);
  }
  if (isFile) return fromReferenceCommands(await readInputText(only, SCRIPT_LIMIT), options);
  // Texts as they stand in a README, or the words that this shell made of one.
  const text = words.some(isText) ? words.join('\n') : words.map(shellWord).join(' ');
  return fromReferenceCommands(text, options);
}

/** A command line or several overrides, where a word is one override with its blanks. */
function isText(argument: string): boolean {
  return (
    /\n/.test(argument.trim()) ||
    /(?:\.py|-m\s+[\w.]+)\s/.test(`${argument} `.replace(/^\S+\s$/, '')) ||
    /^\s*[~+]{0,2}[\w.]+=\S*\s+[~+]{0,2}[\w.]+=/.test(argument)
  );
}
