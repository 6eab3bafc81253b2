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
  formatPath,
  MAX_NODES,
  type ConfigNode,
  type MapNode,
  type Path,
  type Scalar,
  type ScalarNode,
} from './config-node.ts';
import { nearest } from './nearest.ts';
import { ConfigInvalid, type Problem } from './problem.ts';

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
const REFERENCE = /^(\.*)((?:[\w$-]+|\[\d+\])(?:\.[\w$-]+|\[\d+\])*)$/;

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
      this.#report(node, path, 'the interpolations refer to one another in a circle', {
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
      return value.kind === 'scalar' ? { ...value, origin: node.origin } : value;
    }
    const replaced = text.replace(EXPRESSION, (match: string, expression: string | undefined) => {
      if (match.startsWith('\\')) return '${';
      if (expression === undefined) {
        this.#report(node, path, 'this interpolation does not end, or holds another one', {
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
          `\${${expression}} is a ${value.kind}, which is no part of a text`,
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
      this.#report(node, path, `\${${expression}} is no interpolation that Eddy knows`, {
        fix: 'write ${path.to.value}, ${.sibling}, ${env:NAME} or ${env:NAME,default}',
      });
      return undefined;
    }
    const dots = reference[1]!.length;
    const keys = reference[2]!.split(/[.[\]]+/).filter(Boolean);
    const target = [...(dots === 0 ? [] : path.slice(0, Math.max(0, path.length - dots))), ...keys];
    return this.#follow(node, target, path);
  }

  #environmentText(node: ScalarNode, expression: string, path: Path): string | undefined {
    const [, name, fallback] = NAME.exec(expression)!;
    const text = this.#environment[name!] ?? fallback?.trim();
    if (text === undefined) {
      this.#report(node, path, `the environment has no ${name}`, {
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
        const keys = node.kind === 'map' ? [...node.entries.keys()] : [];
        const near = nearest(String(key), keys);
        const at = formatPath(target.slice(0, i)) || 'the file';
        this.#report(from, path, `\${${formatPath(target)}}: ${at} has no ${key}`, {
          ...(keys.length > 0 ? { expected: `one of ${keys.join(', ')}` } : {}),
          fix:
            near === undefined
              ? 'name a value that the composed file has (defaults of plugins do not count)'
              : `did you mean ${near}?`,
        });
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
