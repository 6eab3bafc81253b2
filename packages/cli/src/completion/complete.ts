/** What TAB offers for the last word of a command line. */
import type { Command } from 'commander';

import { placeOf, type Candidate, type Slot } from './command-line.ts';
import { isPlace, placesFor } from './places-on-disk.ts';

/** Options whose value is a stage of the pipeline file. */
const STAGES = new Set(['stage', 'from', 'until', 'force']);

export async function complete(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const current = words.at(-1) ?? '';
  const { candidates, slot } = placeOf(program, words);
  const all = [...candidates, ...(slot === undefined ? [] : await slotCandidates(slot, current))];
  const seen = new Set<string>();
  return all.filter(({ text }) => {
    if (!text.startsWith(current) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

async function slotCandidates(
  { name, choices, before }: Slot,
  current: string,
): Promise<Candidate[]> {
  if (choices !== undefined) return choices.map((text) => ({ text }));
  const [first] = before;
  if (name === 'overrides') return overridesOf(before, current);
  if (name === 'recipe')
    return placesFor('file', '').filter(({ description }) => description === 'recipe');
  if (STAGES.has(name) && first !== undefined) {
    const { readPipelineFile } = await import('./pipeline-file.ts');
    const file = await readPipelineFile(first);
    return (file?.stages ?? []).map((text) => ({ text, description: 'stage' }));
  }
  if (name === 'filter') return pluginNames();
  return isPlace(name) ? placesFor(name, current) : [];
}

async function overridesOf(before: readonly string[], current: string): Promise<Candidate[]> {
  const [first, ...others] = before;
  if (first === undefined) return [];
  const { readPipelineFile } = await import('./pipeline-file.ts');
  const file = await readPipelineFile(first);
  if (file === undefined) return [];
  const { overrideCandidates } = await import('./override-keys.ts');
  return overrideCandidates(current, { schema: file.schema, file: file.content, others });
}

/** Kinds and names, as `pipeline plugins` takes them. */
async function pluginNames(): Promise<Candidate[]> {
  const { readSchema } = await import('./pipeline-file.ts');
  const kinds = Object.entries(readSchema()?.definitions ?? {});
  return kinds.flatMap(([kind, { anyOf = [] }]) => [
    { text: kind, description: 'kind' },
    ...anyOf.flatMap(({ const: name, description = '' }) =>
      typeof name === 'string' ? [{ text: name, description }] : [],
    ),
  ]);
}
