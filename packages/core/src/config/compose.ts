/**
 * From files and overrides to one tree.
 *
 * - `extends: ./base.yml` (or a list) in any map: the files' maps lie under this one.
 * - `defaults:` at the root, as in Hydra: `- train/model: trm-mlp` reads `train/model/trm-mlp.yml`
 *   beside the file into `train.model`; `_self_` places the file itself (last when absent).
 * - Overrides come last; `train/model=trm-att` chooses another option of a group.
 */
import { dirname, join } from 'node:path';

import {
  formatPath,
  type ConfigNode,
  type MapNode,
  type Origin,
  type Path,
  withNode,
} from './config-node.ts';
import { merge } from './merge.ts';
import { applyOverrides, type ReadOverride } from './apply-overrides.ts';
import { parseOverride } from './override-grammar.ts';
import { OverrideSyntaxError } from './override-value.ts';
import { ConfigInvalid, type Problem } from './problem.ts';
import { resolveInProject } from './project-paths.ts';
import { readYamlMap } from './read-yaml.ts';

const YAML_ENDINGS = ['.yml', '.yaml'] as const;

/** @throws CONFIG_INVALID */
export async function compose(
  file: string,
  overrideTexts: readonly string[],
  projectRoot: string,
): Promise<MapNode> {
  const overrides = readOverrides(file, overrideTexts);
  const composer = new Composer(file, projectRoot);
  const primary = await readYamlMap(file);
  const groups = composer.chooseGroups(primary, overrides);
  const tree = await composer.expand(primary, file, [file], groups.defaults);
  composer.throwIfAny();
  return applyOverrides(file, tree, groups.values);
}

function readOverrides(file: string, texts: readonly string[]): ReadOverride[] {
  const problems: Problem[] = [];
  const overrides = texts.flatMap((text, i): ReadOverride[] => {
    const origin: Origin = { kind: 'override', index: i + 1, text };
    try {
      return [{ ...parseOverride(text), origin }];
    } catch (error) {
      if (!(error instanceof OverrideSyntaxError)) throw error;
      problems.push(overrideProblem(i + 1, text, error));
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return overrides;
}

/** What is wrong with the n-th override of the command line, from 1. */
export function overrideProblem(index: number, text: string, error: OverrideSyntaxError): Problem {
  return {
    origin: { kind: 'override', index, text },
    path: [],
    message: `${error.message} (character ${error.column})`,
    expected: 'an override in Hydra’s grammar: key=value, +key=value, ++key=value or ~key',
    received: text,
    fix: error.fix,
  };
}

/** One line of a `defaults` list. */
type DefaultsEntry =
  | { readonly kind: 'self' }
  | {
      readonly kind: 'file';
      /** Relative to the folder of the file, without ending. */
      readonly target: string;
      readonly group?: string;
      readonly package: Path;
      readonly origin: Origin;
    };

class Composer {
  readonly #problems: Problem[] = [];
  readonly #file: string;
  readonly #projectRoot: string;

  constructor(file: string, projectRoot: string) {
    this.#file = file;
    this.#projectRoot = projectRoot;
  }

  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigInvalid(this.#file, this.#problems);
  }

  /** The defaults list after group overrides, and the overrides that are left. */
  chooseGroups(
    primary: MapNode,
    overrides: readonly ReadOverride[],
  ): { readonly defaults: DefaultsEntry[]; readonly values: ReadOverride[] } {
    let defaults = this.#defaultsOf(primary);
    const values: ReadOverride[] = [];
    for (const override of overrides) {
      const { key, origin, action, value } = override;
      const packageText = override.package;
      const matches = (entry: DefaultsEntry): entry is DefaultsEntry & { kind: 'file' } =>
        entry.kind === 'file' &&
        entry.group === key &&
        (packageText === undefined || formatPath(entry.package) === packageText);
      const chosen = defaults.find(matches);
      const isGroup = key.includes('/') || packageText !== undefined || chosen !== undefined;
      if (!isGroup) {
        values.push(override);
        continue;
      }
      if (action === 'delete') {
        const kept = defaults.filter((entry) => !matches(entry));
        if (kept.length === defaults.length)
          this.#reportNoGroup(override, defaults, 'leave it out');
        defaults = kept;
      } else if (typeof value !== 'string' || value === '') {
        this.#report(origin, [], {
          message: `the group ${key} must be given the name of one of its files`,
          expected: `${key}=name, for the file ${key}/name.yml`,
          received: JSON.stringify(value),
          fix: 'write the name of a file without its extension',
        });
      } else if (chosen !== undefined) {
        const target = `${key}/${value}`;
        defaults = defaults.map((entry) =>
          entry === chosen ? { ...chosen, target, origin } : entry,
        );
      } else if (action === 'set') {
        this.#reportNoGroup(override, defaults, `write +${key}=${value} to add the group`);
      } else {
        defaults.push(groupEntry(key, packageText, value, origin));
      }
    }
    return { defaults, values };
  }

  #reportNoGroup({ key, origin }: ReadOverride, defaults: DefaultsEntry[], fix: string): void {
    const known = defaults.flatMap((entry) =>
      entry.kind === 'file' && entry.group !== undefined ? [entry.group] : [],
    );
    this.#report(origin, [], {
      message: `the defaults list has no group ${key}`,
      expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a group of `defaults:`',
      received: key,
      fix,
    });
  }

  /** Replaces `defaults` and `extends` by what they stand for. */
  async expand(
    node: MapNode,
    file: string,
    stack: readonly string[],
    defaults = this.#defaultsOf(node),
  ): Promise<MapNode> {
    const own = (await this.#expandExtends(without(node, 'defaults'), file, stack, [])) as MapNode;
    if (!defaults.some((entry) => entry.kind === 'file')) return own;
    let result: ConfigNode = { kind: 'map', entries: new Map(), origin: node.origin };
    const ordered: DefaultsEntry[] = defaults.some((entry) => entry.kind === 'self')
      ? defaults
      : [...defaults, { kind: 'self' }];
    for (const entry of ordered) {
      if (entry.kind === 'self') result = merge(result, own);
      else {
        const path: Path = ['defaults'];
        const part = await this.#readOther(entry.target, file, stack, entry.origin, path);
        if (part === undefined) continue;
        result = merge(result, withNode(undefined, entry.package, part, part.origin)!);
      }
    }
    return result as MapNode;
  }

  async #expandExtends(
    node: ConfigNode,
    file: string,
    stack: readonly string[],
    path: Path,
  ): Promise<ConfigNode> {
    if (node.kind === 'scalar') return node;
    if (node.kind === 'list') {
      const items: ConfigNode[] = [];
      for (const [i, item] of node.items.entries()) {
        items.push(await this.#expandExtends(item, file, stack, [...path, i]));
      }
      return { ...node, items };
    }
    const entries = new Map(node.entries);
    entries.delete('extends');
    for (const [key, entry] of entries) {
      // `vars` is data of the user; a key named extends means nothing there.
      const expanded =
        path.length === 0 && key === 'vars'
          ? entry.node
          : await this.#expandExtends(entry.node, file, stack, [...path, key]);
      entries.set(key, { ...entry, node: expanded });
    }
    const own: MapNode = { ...node, entries };
    const mention = node.entries.get('extends');
    if (mention === undefined) return own;
    let base: ConfigNode | undefined;
    const extendsPath = [...path, 'extends'];
    for (const item of mention.node.kind === 'list' ? mention.node.items : [mention.node]) {
      if (item.kind !== 'scalar' || typeof item.value !== 'string') {
        this.#report(item.origin, extendsPath, {
          message: 'extends must be a file or a list of files',
          expected: 'a relative path such as ./base.yml',
          received: item.kind === 'scalar' ? JSON.stringify(item.value) : `a ${item.kind}`,
          fix: 'write extends: ./base.yml or extends: [./a.yml, ./b.yml]',
        });
        continue;
      }
      const part = await this.#readOther(item.value, file, stack, item.origin, extendsPath);
      if (part !== undefined) base = merge(base, part);
    }
    return merge(base, own);
  }

  async #readOther(
    target: string,
    fromFile: string,
    stack: readonly string[],
    origin: Origin,
    path: Path,
  ): Promise<MapNode | undefined> {
    const found = resolveInProject({
      target,
      folder: dirname(fromFile),
      projectRoot: this.#projectRoot,
      endings: YAML_ENDINGS,
      origin,
      path,
    });
    if ('problem' in found) {
      this.#problems.push(found.problem);
      return undefined;
    }
    if (stack.includes(found.file)) {
      this.#report(origin, path, {
        message: 'the files extend one another in a cycle',
        expected: 'a chain of files that ends',
        received: [...stack, found.file].join(' → '),
        fix: 'remove one of the extends',
      });
      return undefined;
    }
    const node = await readYamlMap(found.file, origin);
    return this.expand(node, found.file, [...stack, found.file]);
  }

  #defaultsOf(node: MapNode): DefaultsEntry[] {
    const list = node.entries.get('defaults')?.node;
    if (list === undefined) return [];
    const items = list.kind === 'list' ? list.items : [list];
    return items.flatMap((item): DefaultsEntry[] => {
      if (item.kind === 'scalar' && item.value === '_self_') return [{ kind: 'self' }];
      if (item.kind === 'scalar' && typeof item.value === 'string') {
        return [{ kind: 'file', target: item.value, package: [], origin: item.origin }];
      }
      const pairs = item.kind === 'map' ? [...item.entries] : [];
      const [key, entry] = pairs[0] ?? [];
      const option = entry?.node.kind === 'scalar' ? entry.node.value : undefined;
      const groupKey = /^([A-Za-z_][\w-]*(?:\/[A-Za-z_][\w-]*)*)(?:@([\w.$-]+))?$/.exec(key ?? '');
      if (pairs.length === 1 && groupKey !== null && option === null) return [];
      if (pairs.length === 1 && groupKey !== null && typeof option === 'string') {
        return [groupEntry(groupKey[1]!, groupKey[2], option, entry!.node.origin)];
      }
      this.#report(item.origin, ['defaults'], {
        message: 'this is not an entry of a defaults list',
        expected: '`- group: option`, `- group@package: option`, `- file` or `- _self_`',
        fix: 'write for example `- train/model: trm-mlp` for the file train/model/trm-mlp.yml',
      });
      return [];
    });
  }

  #report(origin: Origin, path: Path, facts: Omit<Problem, 'origin' | 'path'>): void {
    this.#problems.push({ origin, path, ...facts });
  }
}

function groupEntry(
  group: string,
  packageText: string | undefined,
  option: string,
  origin: Origin,
): DefaultsEntry {
  const place = packageText ?? group.replaceAll('/', '.');
  return {
    kind: 'file',
    target: join(group, option),
    group,
    package: place === '_global_' ? [] : place.split('.'),
    origin,
  };
}

function without(node: MapNode, key: string): MapNode {
  const entries = new Map(node.entries);
  entries.delete(key);
  return { ...node, entries };
}
