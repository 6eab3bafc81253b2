/**
 * Replaces `${…}` in texts: `${train.model.hiddenSize}` from the root, `${.hiddenSize}` from the same
 * map (`${..x}` one map up), `${env:NAME}` and `${env:NAME,default}`. `\${` is a plain `${`.
 *
 * A value that is one interpolation takes the type of what it names; environment values read as YAML
 * scalars do. Inside a longer text they are joined as text, those of the environment as they stand there.
 */
import {
  child,
  countNodes,
  formatOrigin,
  formatPath,
  MAX_NODES,
  type ConfigNode,
  type MapNode,
  type Path,
  type Scalar,
  type ScalarNode,
} from './config-node.ts';
import { nearest } from './nearest.ts';
import { ConfigInvalid, shown, type Problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CONFIG_INVALID with every interpolation that leads nowhere. */
export function interpolate(file: string, root: MapNode, environment: Environment): MapNode {
  const interpolator = new Interpolator(root, environment);
  const result = interpolator.resolveTree(root, []);
  if (interpolator.problems.length > 0) throw new ConfigInvalid(file, interpolator.problems);
  return result as MapNode;
}

const MAX_TEXT = 64 * 1024;
const EXPRESSION = /\\\$\{|\$\{([^{}]*)\}|\$\{/g;
const NAME = /^(?:oc\.)?env:\s*([A-Za-z_]\w*)\s*(?:,([\s\S]*))?$/;
/** A reference: dots for the maps to go up, and keys. */
const REFERENCE = /^(\.*)((?:[\w$-]+|\[\d+\])(?:\.[\w$-]+|\[\d+\])*)$/;

/** The path that a reference at `path` names. */
function targetOf([, dots, names]: RegExpExecArray, path: Path): Path {
  const up = dots!.length;
  const keys = names!.split(/[.[\]]+/).filter(Boolean);
  return [...(up === 0 ? [] : path.slice(0, Math.max(0, path.length - up))), ...keys];
}

/** The path that a text names which is one reference and nothing else: `${vars.model}`. */
export function referenceOf(text: string, path: Path): Path | undefined {
  const expression = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
  const reference = expression === undefined ? null : REFERENCE.exec(expression);
  return reference === null ? undefined : targetOf(reference, path);
}

class Interpolator {
  readonly problems: Problem[] = [];
  readonly #root: ConfigNode;
  readonly #environment: Environment;
  readonly #open = new Set<ScalarNode>();
  readonly #resolved = new Map<string, ConfigNode>();
  readonly #reported = new Set<string>();
  #nodes = 0;

  constructor(root: ConfigNode, environment: Environment) {
    this.#root = root;
    this.#environment = environment;
  }

  resolveTree(node: ConfigNode, path: Path): ConfigNode {
    this.#nodes++;
    switch (node.kind) {
      case 'scalar':
        return this.#resolveScalar(node, path);
      case 'list':
        return {
          ...node,
          items: node.items.map((item, i) => this.resolveTree(item, [...path, i])),
        };
      case 'map': {
        const entries = new Map(node.entries);
        for (const [key, entry] of entries) {
          entries.set(key, { ...entry, node: this.resolveTree(entry.node, [...path, key]) });
        }
        return { ...node, entries };
      }
    }
  }

  #resolveScalar(node: ScalarNode, path: Path): ConfigNode {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    if (this.#open.has(node)) {
      this.#report(node, path, 'the interpolations refer to one another in a cycle', {
        fix: 'give one of them a plain value',
      });
      return { ...node, value: null };
    }
    if (this.#nodes > MAX_NODES) {
      this.#report(node, path, `more than ${MAX_NODES} values after interpolation`, {
        fix: 'repeat less',
      });
      return { ...node, value: null };
    }
    // Without this, texts that name one another twice would take exponential time.
    const key = JSON.stringify(path.map(String)); // unlike `a.b`, tells the key a.b from b in a
    const known = this.#resolved.get(key);
    if (known !== undefined) {
      this.#nodes += countNodes(known);
      return known;
    }
    this.#open.add(node);
    const result = this.#replace(node, node.value, path);
    this.#open.delete(node);
    this.#resolved.set(key, result);
    return result;
  }

  #replace(node: ScalarNode, text: string, path: Path): ConfigNode {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1];
    if (whole !== undefined) {
      const value = this.#lookUp(node, whole, path) ?? { ...node, value: null };
      // Where it is used is where it is wrong, unless the command line gave it.
      const isOverride = value.origin.kind === 'override';
      return value.kind === 'scalar' && !isOverride ? { ...value, origin: node.origin } : value;
    }
    const replaced = text.replace(EXPRESSION, (match: string, expression: string | undefined) => {
      if (match.startsWith('\\')) return '${';
      if (expression === undefined) {
        this.#report(node, path, 'this interpolation is not closed, or contains another one', {
          fix: 'write ${path.to.value}; write \\${ for a plain ${',
        });
        return '';
      }
      // As it stands there: 1.10 in a name is not 1.1.
      if (NAME.test(expression)) return this.#environmentText(node, expression, path) ?? '';
      const value = this.#lookUp(node, expression, path);
      if (value !== undefined && value.kind !== 'scalar') {
        this.#report(
          node,
          path,
          `\${${expression}} is a ${value.kind}, which cannot be inserted into a text`,
          {
            fix: 'let the interpolation stand alone, or name a single value',
          },
        );
        return '';
      }
      return value === undefined || value.value === null ? '' : String(value.value);
    });
    if (replaced.length > MAX_TEXT) {
      this.#report(node, path, `the text is longer than ${MAX_TEXT} characters`, {
        fix: 'repeat less',
      });
      return { ...node, value: null };
    }
    return { ...node, value: replaced };
  }

  #lookUp(node: ScalarNode, expression: string, path: Path): ConfigNode | undefined {
    if (NAME.test(expression)) {
      const text = this.#environmentText(node, expression, path);
      return text === undefined ? undefined : { ...node, value: coreScalar(text) };
    }
    const reference = REFERENCE.exec(expression);
    if (reference === null) {
      this.#report(node, path, `\${${expression}} is not a known kind of interpolation`, {
        fix: 'write ${path.to.value}, ${.sibling}, ${env:NAME} or ${env:NAME,default}',
      });
      return undefined;
    }
    return this.#follow(node, targetOf(reference, path), path);
  }

  #environmentText(node: ScalarNode, expression: string, path: Path): string | undefined {
    const [, name, fallback] = NAME.exec(expression)!;
    const text = this.#environment[name!] ?? fallback?.trim();
    if (text === undefined) {
      this.#report(node, path, `the environment variable is not set: ${name}`, {
        fix: `export ${name}=…, or write \${env:${name},default}`,
      });
    }
    return text;
  }

  /** Walks key by key: a map on the way may itself be an interpolation. */
  #follow(from: ScalarNode, target: Path, path: Path): ConfigNode | undefined {
    let node = this.#root;
    let resolved = false;
    for (const [i, key] of target.entries()) {
      if (node.kind === 'scalar' && !resolved) {
        node = this.#resolveScalar(node, target.slice(0, i));
        resolved = true;
      }
      const next = child(node, key);
      if (next === undefined) {
        this.#reportMissing(from, path, target, i, node);
        return undefined;
      }
      node = next;
    }
    if (this.#nodes + countNodes(node) > MAX_NODES) {
      this.#nodes = MAX_NODES + 1;
      this.#report(from, path, `more than ${MAX_NODES} values after interpolation`, {
        fix: 'repeat less',
      });
      return undefined;
    }
    if (!resolved) return this.resolveTree(node, target);
    // Resolved where it stands: a `${` in it was a `\${`.
    this.#nodes += countNodes(node);
    return node;
  }

  /** `target[i]` is not in `parent`: a mistake of the text, or an override took it away. */
  #reportMissing(from: ScalarNode, path: Path, target: Path, i: number, parent: ConfigNode): void {
    const key = String(target[i]);
    const keys = parent.kind === 'map' ? [...parent.entries.keys()] : [];
    const written = `\${${formatPath(target)}}`;
    const at = formatPath(target.slice(0, i)) || 'the file';
    const expected = keys.length > 0 ? { expected: `one of ${keys.join(', ')}` } : {};
    const removedBy = parent.kind === 'map' ? parent.removed?.get(key) : undefined;
    const replacedBy = parent.origin.kind === 'override' ? parent.origin : undefined;
    const override = removedBy ?? replacedBy;
    if (override !== undefined && from.origin.kind !== 'override') {
      const place = `${formatPath(path)} (${formatOrigin(from.origin, shown)})`;
      const what =
        removedBy === undefined
          ? `leaves ${at} without ${key}`
          : `removes ${formatPath(target.slice(0, i + 1))}`;
      this.#report(
        { ...from, origin: override },
        path,
        `this override ${what}, and ${place} names it: ${written}`,
        {
          fix: `leave the override out, or override ${formatPath(path)} as well`,
        },
      );
      return;
    }
    const near = nearest(key, keys);
    this.#report(from, path, `${written}: ${at} has no ${key}`, {
      ...expected,
      fix:
        near === undefined
          ? 'name a value that the composed file has (defaults of plugins do not count)'
          : `did you mean ${near}?`,
    });
  }

  #report(
    node: ScalarNode,
    path: Path,
    message: string,
    facts: { readonly fix: string; readonly expected?: string },
  ): void {
    // Once for each text, however often it is so in it.
    const key = JSON.stringify([path.map(String), message]);
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    const received = JSON.stringify(node.value);
    this.problems.push({ origin: node.origin, path, message, received, ...facts });
  }
}

/**
 * A text as a plain YAML 1.2 core scalar, but that numbers are decimal: a hexadecimal text is a hash. A
 * number that JavaScript would round stays the text that it is, and an option that wants a number refuses it.
 */
function coreScalar(text: string): Scalar {
  if (/^(?:null|Null|NULL|~|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (!/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return text;
  const number = Number(text);
  const isExact = /^[-+]?\d+$/.test(text) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return isExact ? number : text;
}
