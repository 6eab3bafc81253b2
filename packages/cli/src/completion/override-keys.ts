/** Keys and values of overrides, from the JSON Schema of pipeline files and the file that is named. */
import type { Candidate } from './command-line.ts';

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** Keys that are no options. */
const HIDDEN = new Set(['extends', 'defaults', 'baseFolder', 'ablate', 'vars']);

/**
 * What an override that is being typed may go on with: keys below the last dot, or values behind `=`.
 *
 * @param typed  `train.opt`, `+train.optimizer.use=ad`
 * @param others  the other overrides of the command line: a plugin that they choose has other options
 * @param file  the content of the pipeline file
 */
export function overrideCandidates(
  typed: string,
  {
    schema,
    file,
    others,
  }: { readonly schema: JsonSchema; readonly file: unknown; readonly others: readonly string[] },
): Candidate[] {
  const [, prefix = '', path = '', assigned] = /^(\+\+|\+|~|)([^=]*)(=.*)?$/s.exec(typed) ?? [];
  const tree = withOverrides(file, others);
  const segments = path.split('.');
  const walk = new SchemaWalk(schema, tree);
  if (assigned !== undefined) {
    const node = walk.at(segments);
    return valuesOf(node, walk).map(({ text, description }) => ({
      text: `${prefix}${path}=${text}`,
      ...(description === undefined ? {} : { description }),
    }));
  }
  const parent = segments.slice(0, -1);
  const start = parent.length === 0 ? '' : `${parent.join('.')}.`;
  return [...walk.keysAt(parent)].map(([key, node]) => {
    const isMap = walk.keysBelow(node, [...parent, key]).size > 0;
    const end = prefix === '~' ? '' : isMap ? '.' : '=';
    return {
      text: `${prefix}${start}${key}${end}`,
      isOpen: end !== '',
      ...(node.description === undefined ? {} : { description: node.description }),
    };
  });
}

class SchemaWalk {
  readonly #schema: JsonSchema;
  readonly #tree: unknown;

  constructor(schema: JsonSchema, tree: unknown) {
    this.#schema = schema;
    this.#tree = tree;
  }

  at(path: readonly string[]): JsonSchema | undefined {
    let node: JsonSchema | undefined = this.#schema;
    for (const [i, key] of path.entries()) {
      node = this.keysBelow(node, path.slice(0, i)).get(key);
      if (node === undefined) return undefined;
    }
    return node;
  }

  keysAt(path: readonly string[]): ReadonlyMap<string, JsonSchema> {
    const node = this.at(path);
    return node === undefined ? new Map<string, JsonSchema>() : this.keysBelow(node, path);
  }

  /** Keys of the map that a node stands for, and of the file where the schema leaves them open. */
  keysBelow(node: JsonSchema, path: readonly string[]): ReadonlyMap<string, JsonSchema> {
    const keys = new Map<string, JsonSchema>();
    for (const branch of this.branches(node, valueAt(this.#tree, path))) {
      for (const [key, child] of Object.entries(branch.properties ?? {})) {
        if (!HIDDEN.has(key) && !keys.has(key)) keys.set(key, child);
      }
      const open = branch.additionalProperties;
      if (typeof open !== 'object') continue;
      for (const key of Object.keys(Object(valueAt(this.#tree, path)) as object)) {
        if (!HIDDEN.has(key) && !keys.has(key)) keys.set(key, open);
      }
    }
    return keys;
  }

  /** The alternatives of a node; of a plugin the one that `use` chooses, where it is known. */
  branches(node: JsonSchema, value: unknown): JsonSchema[] {
    const all = this.#flatten(node);
    const plugins = all.filter(({ properties }) => properties?.['use']?.const !== undefined);
    const use = useOf(value) ?? useOf(node.default);
    const chosen = plugins.filter(({ properties }) => properties!['use']!.const === use);
    if (chosen.length > 0) return [withUses(chosen[0]!, plugins)];
    // Which plugin is not known: only the choice of one can be typed.
    return plugins.length > 1 ? [{ properties: { use: usesOf(plugins) } }] : all;
  }

  names(node: JsonSchema): Candidate[] {
    return this.#flatten(node).flatMap(({ const: name, description }) =>
      typeof name === 'string'
        ? [{ text: name, ...(description === undefined ? {} : { description }) }]
        : [],
    );
  }

  flat(node: JsonSchema): JsonSchema[] {
    return this.#flatten(node);
  }

  #flatten(node: JsonSchema): JsonSchema[] {
    const parts = [
      ...(node.$ref === undefined ? [] : [this.#definition(node.$ref)]),
      ...(node.allOf ?? []),
      ...(node.anyOf ?? []),
    ];
    return parts.length === 0 ? [node] : [node, ...parts.flatMap((part) => this.#flatten(part))];
  }

  #definition(reference: string): JsonSchema {
    return this.#schema.definitions?.[reference.split('/').at(-1)!] ?? {};
  }
}

function usesOf(plugins: readonly JsonSchema[]): JsonSchema {
  return { anyOf: plugins.map(({ properties }) => properties!['use']!), description: 'the plugin' };
}

function withUses(plugin: JsonSchema, plugins: readonly JsonSchema[]): JsonSchema {
  return { ...plugin, properties: { ...plugin.properties, use: usesOf(plugins) } };
}

function valuesOf(node: JsonSchema | undefined, walk: SchemaWalk): Candidate[] {
  if (node === undefined) return [];
  const found = new Map<string, Candidate>();
  const add = (value: unknown, description?: string) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text === undefined || /[\s{[]/.test(text) || found.has(text)) return;
    found.set(text, { text, ...(description === undefined ? {} : { description }) });
  };
  for (const branch of walk.flat(node)) {
    for (const value of branch.enum ?? []) add(value);
    if (branch.const !== undefined) add(branch.const, branch.description);
    if (branch.type === 'boolean') for (const value of [true, false]) add(value);
  }
  if (node.default !== undefined) add(node.default, 'the default');
  return [...found.values()];
}

function useOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { use } = Object(value) as { use?: unknown };
  return typeof use === 'string' ? use : undefined;
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  let value = tree;
  for (const key of path) value = (Object(value) as Record<string, unknown>)[key];
  return value;
}

/** The file with the plugins that other overrides choose: `train.optimizer.use=adamw`, `train.model=hrm`. */
function withOverrides(file: unknown, others: readonly string[]): unknown {
  let tree = file;
  for (const text of others) {
    const [, path, value] = /^\+{0,2}([\w.-]+)=([\w-]+)$/.exec(text) ?? [];
    if (path !== undefined) tree = withValue(tree, path.split('.'), value!);
  }
  return tree;
}

function withValue(tree: unknown, [key, ...rest]: readonly string[], value: string): unknown {
  const map = Object.assign({}, typeof tree === 'object' ? tree : { use: tree }) as Record<
    string,
    unknown
  >;
  map[key!] = rest.length === 0 ? value : withValue(map[key!], rest, value);
  return map;
}
