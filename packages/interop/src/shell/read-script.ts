/** The commands that a script would run, with its variables put in. Nothing is run. */
import {
  parse,
  type AndOr,
  type CommandNode,
  type PipelineNode,
  type Script,
  type Statement,
} from 'unbash';

import { isTest, matches, truthOf, evaluateClause } from './condition.ts';
import { expandValue, expandWord } from './expand.ts';
import { isProse, scriptText, type ScriptNote } from './script-text.ts';
import { fixFor, ScriptProblem } from './script-problem.ts';
import { isList, joined, wordOf, type ShellValue, type ShellWord } from './shell-word.ts';
import { Variables } from './variables.ts';

type Assignment = Extract<Extract<CommandNode, { type: 'Command' }>['prefix'][number], { type: 'Assignment' }>; // prettier-ignore
type Simple = Extract<CommandNode, { type: 'Command' }>;

/** A command as it would be started. */
export interface ShellCommand {
  /** Place of the command in the text, from 1. */
  readonly line: number;
  readonly words: readonly ShellWord[];
  /** Variables set for it, in front of it or exported before. */
  readonly environment: readonly [name: string, value: ShellWord][];
  /** Redirections and what its output goes into, as they stand in the text. */
  readonly redirections: readonly string[];
  /** What an input redirection reads: often a placeholder, `<PATH>`. */
  readonly inputs: readonly string[];
  /** Variables that were set before it. */
  readonly assigned: readonly Assigned[];
}

export interface Assigned {
  readonly name: string;
  readonly line: number;
}

export interface ReadScript {
  readonly commands: readonly ShellCommand[];
  readonly notes: readonly ScriptNote[];
  /** Variables that were set and never read. */
  readonly unread: readonly Assigned[];
}

export interface ReadScriptOptions {
  /** True for text that may hold commands which matter: what a `bash -c "…"` runs is read then. */
  readonly isOfInterest: (text: string) => boolean;
}

const MAX_CHARACTERS = 1 << 20;
const MAX_COMMANDS = 10_000;
const MAX_DEPTH = 24;
/** Builtins that set variables. */
const DECLARATIONS = ['export', 'declare', 'typeset', 'local', 'readonly'];
/** They print what they are given, or keep it. */
const PRINTERS = [
  'echo',
  'printf',
  'print',
  'grep',
  'sed',
  'awk',
  'git',
  'logger',
  'alias',
  'trap',
];

/**
 * Reads a pasted text as bash would run it.
 *
 * Variables, arrays, functions with arguments, loops over words and `case` are followed; of `if` and of
 * loops without end each branch is read once, and a variable that depends on one is not known afterwards.
 *
 * @throws ScriptProblem
 */
export function readScript(pasted: string, options: ReadScriptOptions): ReadScript {
  if (pasted.length > MAX_CHARACTERS) {
    const place = { line: 1, column: 1 };
    throw new ScriptProblem(`the text is longer than ${MAX_CHARACTERS} characters`, place, 'give the commands alone'); // prettier-ignore
  }
  const { text, notes } = scriptText(pasted);
  const reader = new ScriptReader(options, [...notes]);
  const variables = new Variables();
  reader.read(text, variables, 1);
  return {
    commands: reader.commands,
    notes: reader.notes,
    unread: reader.assigned.filter(({ name }) => !variables.read.has(name)),
  };
}

class ScriptReader {
  readonly commands: ShellCommand[] = [];
  readonly assigned: Assigned[] = [];
  readonly notes: ScriptNote[];
  readonly #options: ReadScriptOptions;
  #text = '';
  #firstLine = 1;
  #depth = 0;

  constructor(options: ReadScriptOptions, notes: ScriptNote[]) {
    this.#options = options;
    this.notes = notes;
  }

  /** @param line  of the first line of `text`. */
  read(text: string, variables: Variables, line: number): void {
    if (this.#depth >= MAX_DEPTH) return;
    const before = [this.#text, this.#firstLine] as const;
    this.#firstLine = line;
    this.#depth += 1;
    const script = this.#parsed(text);
    this.#statements(script.commands, variables);
    this.#depth -= 1;
    [this.#text, this.#firstLine] = before;
  }

  /** Lines of prose between commands are left out, with a note; anything else that is wrong is refused. */
  #parsed(text: string): Script {
    const lines = text.split('\n');
    for (;;) {
      this.#text = lines.join('\n');
      const script = parse(this.#text);
      const [error] = script.errors ?? [];
      if (error === undefined) return script;
      const row = this.#text.slice(0, error.pos).split('\n').length - 1;
      const line = lines[row]!;
      const goesOn = row > 0 && lines[row - 1]!.trimEnd().endsWith('\\');
      if (goesOn || !isProse(line) || this.#options.isOfInterest(line)) {
        const column = error.pos - this.#text.lastIndexOf('\n', error.pos - 1);
        throw new ScriptProblem(
          error.message,
          { line: this.#firstLine + row, column },
          fixFor(line),
        );
      }
      this.notes.push({ line: this.#firstLine + row, what: line.trim().slice(0, 80), why: 'not a command' }); // prettier-ignore
      lines[row] = '';
    }
  }

  #statements(statements: readonly Statement[], variables: Variables): void {
    for (const statement of statements) {
      // A job in the background has variables of its own, which no job here changes.
      this.#node(statement.command, variables, []);
    }
  }

  #node(
    node: Statement['command'] | PipelineNode,
    variables: Variables,
    redirections: readonly string[],
  ): void {
    switch (node.type) {
      case 'Command':
        this.#command(node, variables, redirections);
        return;
      case 'AndOr':
        this.#andOr(node, variables, redirections);
        return;
      case 'Pipeline': {
        const end = node.end;
        for (const inner of node.commands) {
          const rest = inner.end < end ? [this.#text.slice(inner.end, end).trim()] : [];
          this.#node(inner, node.commands.length > 1 ? variables.fork() : variables, rest);
        }
        return;
      }
      case 'Redirected':
        this.#node(node.command, variables, [
          ...node.redirects.map(({ pos, end }) => this.#text.slice(pos, end)),
          ...redirections,
        ]);
        return;
      case 'Subshell':
        this.#statements(node.body.commands, variables.fork());
        return;
      case 'BraceGroup':
        this.#statements(node.body.commands, variables);
        return;
      case 'Function':
        variables.functions.set(node.name.value, node);
        return;
      case 'If':
        this.#if(node, variables);
        return;
      case 'While':
        this.#statements(node.clause.commands, variables);
        this.#oneOf([node.body.commands, []], variables, node.pos);
        return;
      case 'For':
        this.#for(node, variables);
        return;
      case 'Case':
        this.#case(node, variables);
        return;
      default:
      // Tests and sums start nothing.
    }
  }

  /** `a && b`: b runs, as a script means it; behind `||` or a test it may or may not. */
  #andOr(node: AndOr, variables: Variables, redirections: readonly string[]): void {
    let truth: boolean | undefined = true;
    let isCondition = false;
    for (const [i, inner] of node.commands.entries()) {
      const needed = node.operators[i - 1] !== '||';
      if (truth !== undefined && truth !== needed) continue;
      const mayRun = truth === undefined && (!needed || isCondition);
      truth = truthOf(inner, variables);
      isCondition = isTest(inner);
      const branch = mayRun ? variables.fork() : variables;
      this.#node(inner, branch, redirections);
      if (mayRun) variables.adoptOneOf([branch, variables.fork()], this.#lineAt(inner.pos));
    }
  }

  /** Where the text says which branch is taken, that one; otherwise any of them may run. */
  #if(node: Extract<CommandNode, { type: 'If' }>, variables: Variables): void {
    const mayRun: (readonly Statement[])[] = [];
    let isCertain = false;
    for (const { clause, then } of [node, ...node.elif]) {
      this.#statements(clause.commands, variables);
      const truth = evaluateClause(clause, variables);
      if (truth !== false) mayRun.push(then.commands);
      isCertain = truth === true;
      if (isCertain) break;
    }
    if (!isCertain) mayRun.push(node.else?.commands ?? []);
    if (mayRun.length === 1) this.#statements(mayRun[0]!, variables);
    else this.#oneOf(mayRun, variables, node.pos);
  }

  #oneOf(bodies: readonly (readonly Statement[])[], variables: Variables, pos: number): void {
    const branches = bodies.map((body) => {
      const branch = variables.fork();
      this.#statements(body, branch);
      return branch;
    });
    variables.adoptOneOf(branches, this.#lineAt(pos));
  }

  #for(node: Extract<CommandNode, { type: 'For' }>, variables: Variables): void {
    const words = (node.wordlist ?? []).flatMap((word) => expandWord(word, variables));
    for (const word of words) {
      this.#refuseEndless(node.pos);
      variables.set(node.name.value, word);
      this.#statements(node.body.commands, variables);
    }
  }

  #case(node: Extract<CommandNode, { type: 'Case' }>, variables: Variables): void {
    const word = expandValue(node.word, variables);
    const matching = node.items.filter(({ pattern }) =>
      pattern.some((one) => matches(one.value, word.text) !== false),
    );
    const isKnown = word.missing.length === 0;
    const [first] = matching;
    const isCertain = isKnown && first?.pattern.some((one) => matches(one.value, word.text) === true); // prettier-ignore
    const taken = !isKnown ? node.items : isCertain ? [first!] : matching;
    const bodies = taken.map(({ body }) => body.commands);
    this.#oneOf(isCertain ? bodies : [...bodies, []], variables, node.pos);
  }

  #command(node: Simple, variables: Variables, redirections: readonly string[]): void {
    this.#refuseEndless(node.pos);
    const line = this.#lineAt(node.pos);
    const assignments = node.prefix.filter(({ type }) => type === 'Assignment') as Assignment[];
    if (node.name === undefined) {
      for (const assignment of assignments) this.#assign(assignment, variables);
      return;
    }
    const words: ShellWord[] = expandWord(node.name, variables);
    const [name] = words;
    const isDeclaration = name !== undefined && DECLARATIONS.includes(name.text);
    for (const argument of node.args) {
      if (argument.type === 'Word') words.push(...expandWord(argument, variables));
      else if (isDeclaration) {
        this.#assign(argument, variables);
        if (name.text === 'export') variables.export(argument.name);
      } else words.push(this.#argument(argument, variables));
    }
    if (name === undefined || isDeclaration) return;
    if (name.text === 'unset') for (const { text } of words.slice(1)) variables.unset(text);
    if (name.text === 'shift') variables.shift(Number(words[1]?.text ?? 1));
    if (name.text === 'set' && words[1]?.text === '--') variables.positional = words.slice(2);
    const called = variables.functions.get(name.text);
    if (called !== undefined) {
      this.#call(called, words.slice(1), variables);
      return;
    }
    const own = assignments.map(({ name: key, value }): [string, ShellWord] => [
      key,
      value.type === 'Word'
        ? expandValue(value, variables)
        : joined(this.#list(value, variables), ' '),
    ]);
    const redirects = node.redirects.map(({ pos, end }) => this.#text.slice(pos, end));
    this.commands.push({
      line,
      words,
      environment: [...variables.environment(), ...own],
      redirections: [...redirects, ...redirections],
      inputs: node.redirects
        .filter(({ type, operator }) => type === 'Redirect' && operator === '<')
        .map(({ pos }) => this.#text.slice(pos, node.end).split('\n')[0]!),
      assigned: [...this.assigned],
    });
    this.#inner(node, words, variables, line);
  }

  /** What another shell is given to run: `bash -c "…"`, `sbatch --wrap="…"`, a here-document. */
  #inner(node: Simple, words: readonly ShellWord[], variables: Variables, line: number): void {
    if (PRINTERS.includes(words[0]!.text)) return;
    if (words[0]!.text === 'eval') this.read(joined(words.slice(1), ' ').text, variables, line);
    else {
      for (const { text } of words.slice(1)) {
        const inner = text.replace(/^--?[\w-]+=/, '');
        if (/\s/.test(inner) && this.#options.isOfInterest(inner)) this.read(inner, variables.fork(), line); // prettier-ignore
      }
    }
    for (const redirect of node.redirects) {
      if (redirect.type !== 'HereDoc' || !this.#options.isOfInterest(redirect.body.text)) continue;
      const { body, delimiter } = redirect;
      const text =
        delimiter?.quoted === true || body.parts === undefined
          ? body.text
          : joined(expandWord({ type: 'Word', pos: body.pos, end: body.end, text: body.text, value: body.text, parts: [{ type: 'DoubleQuoted', pos: body.pos, end: body.end, text: body.text, parts: body.parts as never }] }, variables), ' ').text; // prettier-ignore
      this.read(text, variables.fork(), this.#lineAt(body.pos));
    }
  }

  #call(
    called: Extract<CommandNode, { type: 'Function' }>,
    words: readonly ShellWord[],
    variables: Variables,
  ): void {
    if (this.#depth >= MAX_DEPTH) return;
    this.#depth += 1;
    const inside = variables.call(words);
    const { body } = called;
    if (body.type === 'CompoundList') this.#statements(body.commands, inside);
    else this.#node(body, inside, []);
    variables.adopt(inside);
    this.#depth -= 1;
  }

  #assign(assignment: Assignment, variables: Variables): void {
    const { name, value, append, index, pos } = assignment;
    this.assigned.push({ name, line: this.#lineAt(pos) });
    const given: ShellValue =
      value.type === 'Word' ? expandValue(value, variables) : this.#list(value, variables);
    if (index !== undefined) {
      const why = 'is an array that is set by its index: write the value itself';
      variables.set(name, { text: '', missing: [{ source: `$${name}`, why }] });
      return;
    }
    const before = append === true ? variables.get(name) : undefined;
    if (before === undefined) variables.set(name, given);
    else if (isList(before) || isList(given)) {
      variables.set(name, [...(isList(before) ? before : [before]), ...(isList(given) ? given : [given])]); // prettier-ignore
    } else variables.set(name, joined([before, given]));
  }

  #list(
    value: Exclude<Assignment['value'], { type: 'Word' }>,
    variables: Variables,
  ): readonly ShellWord[] {
    return value.elements.flatMap((element) => expandWord(element, variables));
  }

  /** `lr=1e-4` behind a command is a word of it. */
  #argument({ name, value, text }: Assignment, variables: Variables): ShellWord {
    if (value.type !== 'Word') return wordOf(text);
    return joined([wordOf(`${name}=`), expandValue(value, variables)]);
  }

  #refuseEndless(pos: number): void {
    if (this.commands.length < MAX_COMMANDS) return;
    const place = { line: this.#lineAt(pos), column: 1 };
    throw new ScriptProblem(`the script runs more than ${MAX_COMMANDS} commands`, place, 'give the commands alone'); // prettier-ignore
  }

  #lineAt(pos: number): number {
    return this.#firstLine + this.#text.slice(0, pos).split('\n').length - 1;
  }
}
