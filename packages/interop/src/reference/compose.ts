/** The reference's configuration as Hydra would compose it: its defaults, then the overrides. */
import { parseOverride, type Override } from '@eddy/core';

import { archUnknown, dumpInvalid } from './errors.ts';
import { archOfClass, REFERENCE_ARCHS, ROOT_DEFAULTS } from './defaults.ts';
import { printValue, type ReferenceValue } from './draft.ts';

export interface ReferenceConfig {
  /** Name of the config group: `trm`, `hrm` … */
  readonly arch: string;
  /** By full key, `lr` or `arch.hidden_size`. */
  readonly values: ReadonlyMap<string, ReferenceValue>;
  /** Keys that somebody gave; the others are the reference's defaults. */
  readonly given: ReadonlySet<string>;
  /** Overrides without a meaning here: of Hydra itself, or deletions. */
  readonly left: readonly string[];
}

/** @throws OverrideSyntaxError, REFERENCE_ARCH_UNKNOWN */
export function composeOverrides(words: readonly string[]): ReferenceConfig {
  const overrides = words.map(parseOverride);
  const arch = printValue(overrides.findLast(({ key }) => key === 'arch')?.value ?? 'trm');
  const values = defaultsOf(arch);
  const given = new Set<string>();
  const left: string[] = [];
  overrides.forEach((override, i) => {
    if (override.key === 'arch') return;
    if (override.key.startsWith('hydra') || override.package !== undefined) left.push(words[i]!);
    else apply(override, values, given);
  });
  return { arch, values: resolveInterpolations(values), given, left };
}

/** A run's `all_config.yaml`: everything is in it. @throws REFERENCE_DUMP_INVALID, REFERENCE_ARCH_UNKNOWN */
export function composeDump(dump: Readonly<Record<string, ReferenceValue>>): ReferenceConfig {
  const { arch: block, ...root } = dump;
  const own = Object(block) as Record<string, ReferenceValue>;
  if (typeof own['name'] !== 'string') throw dumpInvalid(dump);
  const arch = archOfClass(own['name']) ?? own['name'];
  const values = defaultsOf(arch);
  const given = new Set<string>();
  for (const [key, value] of Object.entries(root)) {
    values.set(key, value);
    given.add(key);
  }
  for (const [key, value] of Object.entries(own)) {
    values.set(`arch.${key}`, value);
    given.add(`arch.${key}`);
  }
  return { arch, values: resolveInterpolations(values), given, left: [] };
}

function defaultsOf(arch: string): Map<string, ReferenceValue> {
  if (!Object.hasOwn(REFERENCE_ARCHS, arch)) throw archUnknown(arch, Object.keys(REFERENCE_ARCHS));
  const { name, defaults } = REFERENCE_ARCHS[arch]!;
  return new Map<string, ReferenceValue>([
    ...Object.entries(ROOT_DEFAULTS),
    ['arch.name', name],
    ...Object.entries(defaults).map(([key, value]) => [`arch.${key}`, value] as const),
  ]);
}

/** Keys below `arch.x` are part of its value: `arch.loss.loss_type`. */
function apply(
  { action, key, value }: Override,
  values: Map<string, ReferenceValue>,
  given: Set<string>,
): void {
  const parts = key.split('.');
  const depth = parts[0] === 'arch' ? 2 : 1;
  const at = parts.slice(0, depth).join('.');
  given.add(at);
  if (parts.length > depth) {
    const inside = parts.slice(depth).join('.');
    values.set(at, { ...(Object(values.get(at)) as object), [inside]: value ?? null });
  } else if (action === 'delete') values.delete(at);
  else values.set(at, value ?? null);
}

/** `${arch.x}` and `${.x}` where they are the whole value, as in the reference's own files. */
function resolveInterpolations(values: Map<string, ReferenceValue>): Map<string, ReferenceValue> {
  const resolved = new Map(values);
  for (const [key, value] of values) {
    const target = typeof value === 'string' ? /^\$\{(\.?)([\w.]+)\}$/.exec(value) : null;
    if (target === null) continue;
    const [, relative, name] = target;
    const parent = key.includes('.') ? `${key.split('.')[0]}.` : '';
    const found = values.get(relative === '.' ? parent + name! : name!);
    if (found !== undefined) resolved.set(key, found);
  }
  return resolved;
}
