/** YAML text to nodes with places. The text is not trusted: limits come before parsing. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  type Alias,
  type Node,
  type Pair,
  type Scalar as YamlScalar,
  type YAMLMap,
} from './yaml.ts';
import { EddyError } from '@eddy/tensor/errors';

import { refuseGitLfsPointer } from '../files/git-lfs.ts';
import { PIPELINE_LIMIT, readInputFile } from '../files/input-file.ts';
import {
  MAX_NODES,
  REFUSED_KEYS,
  type ConfigNode,
  type MapEntry,
  type MapNode,
  type Origin,
  type Path,
  type Scalar,
} from './config-node.ts';
import { excerptOf } from './excerpt.ts';
import { ConfigInvalid, problemOf, shown, type Problem } from './problem.ts';
import { ODD_SPACE, oddSpaceFacts } from './source-lines.ts';
import { decodeText } from './text-encoding.ts';
import { explainNoMap, explainSyntax } from './yaml-syntax.ts';

type FileOrigin = Extract<Origin, { kind: 'file' }>;

/** Problems of one file that show their line. */
const MAX_EXCERPTS = 50;
const MAX_DEPTH = 64;
/** Punctuation and spaces included, so a multiple of MAX_NODES. */
const MAX_TOKENS = 8 * MAX_NODES;
/** Lexemes that stand for nothing in the text: document, flow error end, scalar. */
const CONTROL: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** Reads one file. @throws CONFIG_INVALID with every problem of the text. */
export async function readYamlFile(file: string, mentionedAt?: Origin): Promise<ConfigNode> {
  return parseYaml(await readText(file, mentionedAt), file);
}

/** Reads a file that holds keys and values. @throws CONFIG_INVALID with every problem of the text. */
export async function readYamlMap(file: string, mentionedAt?: Origin): Promise<MapNode> {
  const text = await readText(file, mentionedAt);
  const node = parseYaml(text, file);
  if (node.kind === 'map') return node;
  const reader = new NodeReader(file, text, new LineCounter());
  if (node.kind === 'list') {
    reader.report(node.origin as FileOrigin, [], {
      message: 'a pipeline file contains keys and values, not a list',
      expected: 'lines of key: value',
      fix: 'remove the dashes before the keys: name: …, and the stages as keys',
    });
  } else {
    const { offset, ...facts } = explainNoMap(text);
    const before = text.slice(0, offset).split('\n');
    const place = { line: before.length, column: before.at(-1)!.length + 1 };
    reader.report({ ...start(file), ...place }, [], facts);
  }
  throw new ConfigInvalid(file, reader.problems);
}

async function readText(file: string, mentionedAt: Origin = start(file)): Promise<string> {
  const bytes = await bytesOf(file, mentionedAt);
  refuseGitLfsPointer(bytes, file);
  const decoded = decodeText(bytes, shown(file));
  if ('text' in decoded) return decoded.text;
  const { line, column, ...facts } = decoded.problem;
  throw new ConfigInvalid(file, [{ origin: { ...start(file), line, column }, path: [], ...facts }]);
}

/** The bytes of a file. What the system refuses is a problem of the place that names the file. */
async function bytesOf(file: string, origin: Origin): Promise<Uint8Array> {
  try {
    return await readInputFile(file, PIPELINE_LIMIT);
  } catch (error) {
    if (error instanceof EddyError && error.facts.code === 'INPUT_TOO_LARGE') {
      throw new ConfigInvalid(file, [{ origin: start(file), path: [], ...problemOf(error) }]);
    }
    const problem =
      error instanceof EddyError
        ? problemOf(error)
        : {
            message: isMissing(error) ? 'the file does not exist' : 'the file cannot be read',
            expected: 'a pipeline file in YAML',
            received: isMissing(error) ? file : (error as Error).message,
            fix: 'check the path; a relative one starts at the folder of the file that names it',
          };
    throw new ConfigInvalid(file, [{ origin, path: [], ...problem }]);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Parses a text. @throws CONFIG_INVALID with every problem of the text. */
export function parseYaml(text: string, file: string): ConfigNode {
  const bytes = Buffer.byteLength(text);
  if (bytes > PIPELINE_LIMIT.maxBytes) throw new ConfigInvalid(file, [tooBig(start(file), bytes)]);
  const lines = new LineCounter();
  refuseDeepText(text, file);
  const document = parseDocument(text, {
    lineCounter: lines,
    // Ours below is linear and gives both places; theirs is quadratic in the number of keys.
    uniqueKeys: false,
    prettyErrors: false,
    schema: 'core',
    version: '1.2',
  });
  const reader = new NodeReader(file, text, lines);
  const faults = explainSyntax(text, [...document.errors, ...document.warnings]);
  for (const { offset, ...facts } of faults) reader.report(reader.origin(offset), [], facts);
  if (faults.length > 0) throw new ConfigInvalid(file, reader.problems);
  const node = document.contents === null ? reader.emptyMap() : reader.read(document.contents, []);
  if (reader.problems.length > 0) throw new ConfigInvalid(file, reader.problems);
  return node;
}

/** Stops at the first token that is too deep: the parser proper recurses and could exhaust the stack. */
function refuseDeepText(text: string, file: string): void {
  const parser = new Parser();
  let tokens = 0;
  let offset = 0;
  const refuse = (message: string, expected: string, fix: string) => {
    const before = text.slice(0, offset).split('\n');
    const [line, column] = [before.length, before.at(-1)!.length + 1];
    const origin: Origin = { kind: 'file', file, line, column };
    throw new ConfigInvalid(file, [{ origin, path: [], message, expected, fix }]);
  };
  for (const lexeme of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) {
      refuse(
        `more than ${MAX_TOKENS} tokens`,
        `at most ${MAX_NODES} values`,
        'split or shorten the file',
      );
    }
    for (const token of parser.next(lexeme)) void token;
    if (parser.stack.length > MAX_DEPTH) {
      refuse(
        `nested deeper than ${MAX_DEPTH} levels`,
        `at most ${MAX_DEPTH} levels`,
        'flatten this part of the file',
      );
    }
    if (!CONTROL.has(lexeme)) offset += lexeme.length;
  }
}

class NodeReader {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Node>();
  readonly #openAliases = new Set<Node>();
  #nodes = 0;

  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  origin(offset: number): FileOrigin {
    const { line, col } = this.#lines.linePos(offset);
    return { kind: 'file', file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  emptyMap(): ConfigNode {
    return { kind: 'map', entries: new Map(), origin: start(this.#file) };
  }

  read(node: Node | null, path: Path): ConfigNode {
    const origin = this.#originOf(node);
    if (++this.#nodes > MAX_NODES) {
      // Once is enough: every later node would say the same.
      if (this.#nodes === MAX_NODES + 1) {
        this.report(origin, path, {
          message: `more than ${MAX_NODES} values after aliases are expanded`,
          expected: `at most ${MAX_NODES} values`,
          fix: 'shorten the file, or repeat less with anchors',
        });
      }
      return { kind: 'scalar', value: null, origin };
    }
    if (isAlias(node)) return this.#readAlias(node, path);
    if (node?.anchor !== undefined && this.#openAliases.size === 0) {
      this.#anchors.set(node.anchor, node);
    }
    if (isScalar(node)) return { kind: 'scalar', value: this.#scalar(node, path, origin), origin };
    if (isSeq(node)) {
      const items = node.items.map((item, i) => {
        this.#refuseSwallowedItem(item as Node, [...path, i]);
        return this.read(item as Node, [...path, i]);
      });
      return { kind: 'list', items, origin };
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node, path), origin };
    return { kind: 'scalar', value: null, origin };
  }

  /** An item that is indented deeper than the one above becomes part of its text, without an error of YAML. */
  #refuseSwallowedItem(item: Node | null, path: Path): void {
    if (!isScalar(item) || item.type !== 'PLAIN') return;
    const [begin, end] = item.range ?? [0, 0];
    const found = /\n\s*(?=- )/.exec(this.#text.slice(begin, end));
    if (found === null) return;
    this.report(this.origin(begin + found.index + found[0].length), path, {
      message:
        'this list item is indented deeper than the one above, so YAML reads it as part of that item’s text',
      expected: 'aligned dashes',
      fix: 'indent its dash as that of the item above',
    });
  }

  #readAlias(alias: Alias, path: Path): ConfigNode {
    const origin = this.#originOf(alias);
    const target = this.#anchors.get(alias.source);
    if (target === undefined || this.#openAliases.has(target) || contains(target, alias)) {
      this.report(origin, path, {
        message:
          target === undefined
            ? `no anchor &${alias.source} before this alias`
            : `the alias *${alias.source} stands inside its own anchor`,
        expected: 'an alias of an anchor that is complete',
        fix: 'name an anchor that ends before this place',
      });
      return { kind: 'scalar', value: null, origin };
    }
    this.#openAliases.add(target);
    const node = this.read(target, path);
    this.#openAliases.delete(target);
    return node;
  }

  #entries(map: YAMLMap, path: Path): Map<string, MapEntry> {
    const entries = new Map<string, MapEntry>();
    const merged: ConfigNode[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const keyOrigin = this.#originOf(pair.key);
      const key = this.#key(pair.key, path);
      if (key === undefined) continue;
      const node = this.read(pair.value, [...path, key]);
      if (key === '<<') {
        merged.push(...(node.kind === 'list' ? node.items : [node]));
        continue;
      }
      const earlier = entries.get(key);
      if (earlier !== undefined) {
        const first = earlier.keyOrigin as Extract<Origin, { kind: 'file' }>;
        this.report(keyOrigin, [...path, key], {
          message: `the key ${quoted(key)} appears twice in one map`,
          expected: `each key once (the first is on line ${first.line})`,
          fix: 'remove one of the two',
        });
        continue;
      }
      entries.set(key, { keyOrigin, node });
    }
    // Merge keys give way to what the map says itself, and earlier ones win over later ones.
    for (const node of merged) {
      if (node.kind !== 'map') {
        this.report(node.origin as FileOrigin, [...path, '<<'], {
          message: 'a merge key (<<) needs a map or a list of maps',
          expected: 'an alias of a map',
          fix: 'name an anchor that is on a map',
        });
        continue;
      }
      for (const [key, entry] of node.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return entries;
  }

  #key(node: Node | null, path: Path): string | undefined {
    const origin = this.#originOf(node);
    const value = isScalar(node) ? node.value : undefined;
    const key =
      typeof value === 'string'
        ? value
        : typeof value === 'number' || typeof value === 'boolean'
          ? String(isScalar(node) ? (node.source ?? value) : value)
          : undefined;
    if (key === undefined || key === '') {
      this.report(origin, path, {
        message: 'a key must be a plain name',
        expected: 'a string as key',
        fix: 'write the key as a word',
      });
      return undefined;
    }
    const odd = ODD_SPACE.exec(key);
    if (odd !== null) {
      const at = (node?.range?.[0] ?? 0) + odd.index;
      this.report(this.origin(at), path, oddSpaceFacts(odd[0]));
      return undefined;
    }
    if (REFUSED_KEYS.has(key)) {
      this.report(origin, [...path, key], {
        message: `the key ${quoted(key)} is not allowed`,
        expected: 'a key that does not reach JavaScript prototypes',
        fix: 'rename the key',
      });
      return undefined;
    }
    return key;
  }

  #scalar({ value, source = '' }: YamlScalar, path: Path, origin: FileOrigin): Scalar {
    // 1e38 says that it is no exact count; a row of digits may be one.
    const isCount = typeof value === 'number' && /^[-+]?(?:\d+|0[ox][\da-fA-F]+)$/.test(source);
    if (isCount && !Number.isSafeInteger(value)) {
      this.report(origin, path, {
        message: 'this whole number cannot be represented exactly',
        expected: `a number within ±${Number.MAX_SAFE_INTEGER}`,
        received: String(value),
        fix: 'write a smaller number, or quote it where text is meant',
      });
    }
    return value === undefined ? null : (value as Scalar);
  }

  #originOf(node: Node | null): FileOrigin {
    return this.origin(node?.range?.[0] ?? 0);
  }

  report(origin: FileOrigin, path: Path, facts: Omit<Problem, 'origin' | 'path'>): void {
    // A text may have thousands of them; nobody reads the excerpts of all.
    const isShown = this.problems.length < MAX_EXCERPTS;
    const excerpt = isShown ? excerptOf(this.#text, origin.line, origin.column) : undefined;
    this.problems.push({ origin, path, ...facts, ...(excerpt === undefined ? {} : { excerpt }) });
  }
}

function contains(target: Node, alias: Alias): boolean {
  const [begin, , end] = target.range ?? [0, 0, 0];
  const at = alias.range?.[0] ?? 0;
  return begin <= at && at < end;
}

function start(file: string): FileOrigin {
  return { kind: 'file', file, line: 1, column: 1 };
}

function tooBig(origin: Origin, bytes: number): Problem {
  return {
    origin,
    path: [],
    message: 'the file is too large for a pipeline',
    expected: `at most ${PIPELINE_LIMIT.maxBytes} bytes`,
    received: `${bytes} bytes`,
    fix: 'check that this is a pipeline file; data belongs in files of its own',
  };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
