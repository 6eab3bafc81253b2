/** The reference's configuration as Hydra would compose it: its defaults, then the overrides. */
import { parseOverride, type Override } from '@eddy/core/config';

import { archUnknown, dumpInvalid, interpolationUnknown, valueInvalid } from './errors.ts';
import { checkedValue } from './checked-value.ts';
import {
  archOfClass,
  CLASS_DEFAULTS,
  DEFAULT_ARCH,
  KEYS_OF_ONE_REPOSITORY,
  REFERENCE_ARCHS,
  rootDefaultsOf,
  type Repository,
} from './defaults.ts';
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

/**
 * @param repository  whose defaults hold, where the overrides do not tell.
 * @throws OverrideSyntaxError, REFERENCE_ARCH_UNKNOWN, REFERENCE_VALUE_INVALID
 */
export function composeOverrides(
  words: readonly string[],
  repository: Repository = 'TRM',
): ReferenceConfig {
  const overrides = words.map(parseOverride).map(ofOneFolder);
  const folders = new Set(
    words
      .map(parseOverride)
      .map(({ key }) => key)
      .filter((key) => /^data_paths?$/.test(key)),
  );
  if (folders.size > 1) throw valueInvalid('data_path', 'data_path or data_paths', 'both');
  const from = repositoryOf(words) ?? repository;
  const asked = overrides.findLast(({ key }) => key === 'arch')?.value ?? DEFAULT_ARCH[from];
  const arch = printValue(asked);
  const values = defaultsOf(arch, from);
  const given = new Set<string>();
  const left: string[] = [];
  overrides.forEach((override, i) => {
    if (override.key === 'arch') return;
    if (/^hydra(?:[./]|$)/.test(override.key)) left.push(words[i]!);
    else apply(override, values, given);
  });
  return { arch, values: resolveInterpolations(values), given, left };
}

/** Which repository's command this is, by `arch` and by keys that the other one lacks. */
export function repositoryOf(words: readonly string[]): Repository | undefined {
  const overrides = words.map(parseOverride);
  const has = (repository: Repository) =>
    overrides.some(({ key }) => KEYS_OF_ONE_REPOSITORY[repository].includes(key));
  if (has('HRM')) return 'HRM';
  const arch = overrides.findLast(({ key }) => key === 'arch')?.value;
  if (arch !== undefined) return printValue(arch).startsWith('hrm_') ? 'HRM' : 'TRM';
  return has('TRM') ? 'TRM' : undefined;
}

/** HRM's `data_path=x` is `data_paths=[x]`. */
function ofOneFolder(override: Override): Override {
  if (override.key !== 'data_path' || override.action === 'delete') return override;
  return { ...override, key: 'data_paths', value: [override.value ?? null] };
}

/** A run's `all_config.yaml`: everything is in it. @throws REFERENCE_DUMP_INVALID, REFERENCE_ARCH_UNKNOWN */
export function composeDump(dump: Readonly<Record<string, ReferenceValue>>): ReferenceConfig {
  const { arch: block, ...root } = dump;
  const own = Object(block) as Record<string, ReferenceValue>;
  if (typeof own['name'] !== 'string') throw dumpInvalid(dump);
  const arch = archOfClass(own['name']) ?? own['name'];
  const values = defaultsOf(arch, 'data_path' in root ? 'HRM' : 'TRM');
  const given = new Set<string>();
  for (const [key, value] of Object.entries(root)) {
    apply(ofOneFolder({ action: 'set', key, value }), values, given);
  }
  for (const [key, value] of Object.entries(own)) {
    values.set(`arch.${key}`, value);
    given.add(`arch.${key}`);
  }
  return { arch, values: resolveInterpolations(values), given, left: [] };
}

function defaultsOf(arch: string, repository: Repository): Map<string, ReferenceValue> {
  if (!Object.hasOwn(REFERENCE_ARCHS, arch)) throw archUnknown(arch, Object.keys(REFERENCE_ARCHS));
  const { name, defaults } = REFERENCE_ARCHS[arch]!;
  return new Map<string, ReferenceValue>([
    ...Object.entries(rootDefaultsOf(repository)),
    ['arch.name', name],
    ...Object.entries(defaults).map(([key, value]) => [`arch.${key}`, value] as const),
  ]);
}

/** What holds where `~key` removes the YAML's value: the class's default, if it has one. */
function withoutYaml(key: string): ReferenceValue {
  if (Object.hasOwn(CLASS_DEFAULTS, key)) return CLASS_DEFAULTS[key]!;
  throw valueInvalid(key, 'a value: the reference needs one', `~${key}`);
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
  } else if (action === 'delete') values.set(at, withoutYaml(at));
  else values.set(at, checkedValue(at, value ?? null, values.get(at)));
}

/**
 * `${arch.x}` and `${.x}` where they are the whole value, as in the reference's own files.
 *
 * @throws REFERENCE_VARIABLE_UNSET for any other
 */
function resolveInterpolations(values: Map<string, ReferenceValue>): Map<string, ReferenceValue> {
  const resolved = new Map(values);
  for (const [key, value] of values) {
    if (!JSON.stringify(value).includes('${')) continue;
    const target = typeof value === 'string' ? /^\$\{(\.?)([\w.]+)\}$/.exec(value) : null;
    const [, relative, name] = target ?? [];
    const parent = key.includes('.') ? `${key.split('.')[0]}.` : '';
    const found = values.get(relative === '.' ? parent + name! : (name ?? ''));
    if (found === undefined) throw interpolationUnknown(key, value);
    resolved.set(key, found);
  }
  return resolved;
}
