/** How two results differ in what they are made from. */
import { keyInputs, type KeyInputs } from './artifact-key.ts';

/** An input of two results, as JSON; absent on the side that does not have it. */
export interface InputChange {
  readonly path: string;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/** Returns one line for each input that differs; none where those of one side are not known. */
export function changedInputs(
  before: KeyInputs | undefined,
  after: KeyInputs | undefined,
): string[] {
  if (before === undefined || after === undefined) return [];
  return inputChanges(before, after).map(
    (change) => `${change.path}: ${change.before ?? 'absent'} → ${change.now ?? 'absent'}`,
  );
}

/**
 * Returns the options, the seed and the options of the engine that differ, with their key paths in the pipeline file.
 * Data, plugins and code are compared elsewhere.
 */
export function changedOptions(before: unknown, now: unknown): InputChange[] {
  const [old, own] = [keyInputs.safeParse(before), keyInputs.safeParse(now)];
  if (!old.success || !own.success) return [];
  const { stage } = own.data;
  const written = ({ also, config, ...inputs }: KeyInputs): KeyInputs => {
    const engine = also?.['engine'];
    return {
      ...inputs,
      config: { [stage]: config },
      plugins: {},
      inputs: [],
      ...(engine === undefined ? {} : { also: { engine } }),
    };
  };
  return inputChanges(written(old.data), written(own.data));
}

function inputChanges(before: KeyInputs, after: KeyInputs): InputChange[] {
  const old = flatten(before);
  const now = flatten(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path), now: now.get(path) }));
}

function flatten(inputs: KeyInputs): Map<string, string> {
  const flat = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) flat.set(path, JSON.stringify(value));
    else for (const [key, item] of Object.entries(value)) add(path ? `${path}.${key}` : key, item);
  };
  add('', inputs.config);
  add('plugin', inputs.plugins);
  add('', inputs.also ?? {});
  if (inputs.seed !== undefined) add('seed', inputs.seed);
  inputs.inputs.forEach((key, i) => add(`input ${i + 1}`, key));
  return flat;
}
