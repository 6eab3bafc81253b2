import type { Command } from 'commander';

import { complete } from '../completion/complete.ts';

/** Descriptions are cut: a list of choices shows a line each. */
const MAX_DESCRIPTION = 80;

export async function completeCommand(program: Command, words: readonly string[]): Promise<void> {
  const candidates = await complete(program, words);
  const lines = candidates.map(({ text, description = '' }) => {
    const short = description.replaceAll(/\s+/g, ' ').slice(0, MAX_DESCRIPTION);
    return short === '' ? text : `${text}\t${short}`;
  });
  // No space follows where more is typed behind what can be.
  if (candidates.some(({ isOpen }) => isOpen === true)) lines.push(':open');
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
