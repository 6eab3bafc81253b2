/** The values that somebody gave to `pipeline resume RUN KEY=VALUE`: a new run may differ in these from its checkpoint. */
import { isDeepStrictEqual } from 'node:util';

import { parseHead } from '../config/override-grammar.ts';

/** A key path and the value below it that was asked for; no value where the override removed it. */
export interface AskedValue {
  readonly path: string;
  readonly value?: unknown;
}

type Config = Readonly<Record<string, unknown>>;

/**
 * Returns what the manifest of a new run records: the values of its overrides, and those of the run that it goes on
 * from, whose checkpoint may be of a run before that.
 */
export function askedValues(
  overrides: readonly string[],
  config: Config,
  inherited: readonly AskedValue[] = [],
): readonly AskedValue[] {
  const own = overrides.map((text) => parseHead(text).key.replaceAll('/', '.'));
  const values = new Map(inherited.map((asked) => [asked.path, asked]));
  for (const path of own) {
    for (const other of [path, ...values.keys()]) {
      if (isBelow(other, path) || isBelow(path, other)) values.set(other, recorded(other, config));
    }
  }
  return [...values.values()];
}

/** Tells whether the value at a key path is one that was asked for. A config that was edited since then is another one. */
export function isAskedFor(path: string, config: Config, asked: readonly AskedValue[]): boolean {
  return asked.some(
    (one) =>
      isBelow(path, partOf(one.path)) &&
      isDeepStrictEqual(recorded(one.path, config).value, one.value),
  );
}

/** Another plugin has other options: who chooses one has chosen those, too. */
function partOf(path: string): string {
  return path.replace(/\.use$/, '');
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}.`);
}

/** As JSON keeps it. */
function recorded(path: string, config: Config): AskedValue {
  let value: unknown = config;
  for (const key of path.split('.')) value = (value as Config | null | undefined)?.[key];
  return value === undefined
    ? { path }
    : { path, value: JSON.parse(JSON.stringify(value)) as unknown };
}
