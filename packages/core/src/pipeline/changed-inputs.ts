/** How two results differ in what they are made from. */
import { keyInputs, type KeyInputs } from './artifact-key.ts';

/** One line for each input that differs; none where those of one side are not known. */
export function changedInputs(
  before: KeyInputs | undefined,
  after: KeyInputs | undefined,
): string[] {
  if (before === undefined || after === undefined) return [];
  const old = flatten(before);
  const now = flatten(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path}: ${old.get(path) ?? 'absent'} → ${now.get(path) ?? 'absent'}`);
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

/** Options, seed and engine that differ: `seed: 5 → 0`. Data, plugins and code are compared elsewhere. */
export function changedOptions(before: unknown, now: unknown): string[] {
  const [old, own] = [keyInputs.safeParse(before), keyInputs.safeParse(now)];
  if (!old.success || !own.success) return [];
  const written = ({ also, ...inputs }: KeyInputs): KeyInputs => {
    const engine = also?.['engine'];
    return {
      ...inputs,
      plugins: {},
      inputs: [],
      ...(engine === undefined ? {} : { also: { engine } }),
    };
  };
  return changedInputs(written(old.data), written(own.data));
}
