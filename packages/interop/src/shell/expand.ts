/** Expansion of words, as bash does it, with what the text itself says. */
import type {
  DoubleQuotedChild,
  ParameterExpansionPart,
  SimpleExpansionPart,
  Word,
  WordPart,
} from 'unbash';

import { computed } from './arithmetic.ts';
import { isList, joined, wordOf, type ShellValue, type ShellWord } from './shell-word.ts';
import type { Variables } from './variables.ts';

/** `${arch.hidden_size}` and `${.hidden_size}` are Hydra's; no variable of a shell has a dot. */
const HYDRA = /^\$\{\.?[A-Za-z_]\w*(?:\.\w+)*\}$/;

/** The words that stand where this one does: none, one or several. */
export function expandWord(word: Word, variables: Variables): ShellWord[] {
  if (word.parts === undefined) return [wordOf(word.value)];
  const fields = new Fields();
  for (const part of word.parts) addPart(part, fields, variables);
  return fields.words();
}

/** One word, not split: the value of an assignment. */
export function expandValue(word: Word, variables: Variables): ShellWord {
  if (word.parts === undefined) return wordOf(word.value);
  const fields = new Fields();
  for (const part of word.parts) addPart(part, fields, variables, true);
  return joined(fields.words(), ' ');
}

/** Words in the making: an unquoted variable may end one and begin another. */
class Fields {
  readonly #done: ShellWord[] = [];
  #open: ShellWord | undefined;

  add(word: ShellWord): void {
    this.#open = this.#open === undefined ? word : joined([this.#open, word]);
  }

  /** Of an unquoted expansion: blanks divide it. */
  addSplit(word: ShellWord): void {
    const pieces = word.text.split(/[ \t\n]+/);
    if (word.text === '' && word.missing.length === 0) return;
    for (const [i, text] of pieces.entries()) {
      if (i > 0) this.#close();
      // What is missing could stand anywhere in it.
      if (text !== '' || word.missing.length > 0) this.add({ text, missing: word.missing });
    }
  }

  /** Of `"$@"`: each a word, the first and the last joined to what stands beside them. */
  addList(words: readonly ShellWord[]): void {
    for (const [i, word] of words.entries()) {
      if (i > 0) this.#close();
      this.add(word);
    }
  }

  words(): ShellWord[] {
    this.#close();
    return this.#done;
  }

  #close(): void {
    if (this.#open !== undefined) this.#done.push(this.#open);
    this.#open = undefined;
  }
}

function addPart(part: WordPart, fields: Fields, variables: Variables, whole = false): void {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      fields.add(wordOf(part.value));
      return;
    case 'DoubleQuoted':
    case 'LocaleString':
      if (part.parts.length === 0) fields.add(wordOf(''));
      for (const child of part.parts) addQuoted(child, fields, variables);
      return;
    case 'SimpleExpansion':
    case 'ParameterExpansion': {
      const value = valueOf(part, variables);
      const word = isList(value) ? joined(value, ' ') : value;
      if (whole || isHydra(part)) fields.add(word);
      else fields.addSplit(word);
      return;
    }
    case 'Glob':
    case 'BraceExpansion':
    case 'ExtendedGlob':
      // `data_paths=[$x]`: no file has such a name, so a shell leaves it as it stands.
      addNested(part, fields, variables, whole);
      return;
    default:
      fields.add(unknownPart(part, variables));
  }
}

/** The parts inside brackets, with the text between them. */
function addNested(
  part: WordPart & { readonly parts?: readonly WordPart[] | undefined },
  fields: Fields,
  variables: Variables,
  whole: boolean,
): void {
  let at = part.pos;
  for (const inner of part.parts ?? []) {
    fields.add(wordOf(part.text.slice(at - part.pos, inner.pos - part.pos)));
    addPart(inner, fields, variables, whole);
    at = inner.end;
  }
  fields.add(wordOf(part.text.slice(at - part.pos)));
}

function addQuoted(part: DoubleQuotedChild, fields: Fields, variables: Variables): void {
  if (part.type === 'Literal') fields.add(wordOf(part.value));
  else if (part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion') {
    const value = valueOf(part, variables);
    // `"$*"` is one word, `"$@"` is as many as there are.
    if (!isList(value)) fields.add(value);
    else if (/^\$(?:\*|\{(?:\*|\w+\[\*\])\})/.test(part.text)) fields.add(joined(value, ' '));
    else fields.addList(value);
  } else fields.add(unknownPart(part, variables));
}

/** What a shell would have to run something for; sums it need not. */
function unknownPart(part: WordPart, variables: Variables): ShellWord {
  if (part.type === 'ArithmeticExpansion') {
    const value = computed(part.expression, variables);
    if (value !== undefined) return wordOf(String(value));
  }
  return missingPart(part.text, 'would have to be run, and nothing of the text is');
}

function missingPart(source: string, why: string): ShellWord {
  return { text: '', missing: [{ source, why }] };
}

function isHydra(part: { readonly text: string }): boolean {
  return HYDRA.test(part.text) && part.text.includes('.');
}

function valueOf(
  part: SimpleExpansionPart | ParameterExpansionPart,
  variables: Variables,
): ShellValue {
  if (part.type === 'SimpleExpansion') return looked(part.text.slice(1), part.text, variables);
  if (isHydra(part)) return wordOf(part.text);
  const { parameter, operation, index, prefix } = part;
  const own = prefix === undefined ? indexed(parameter, index?.value, part.text, variables) : undefined; // prettier-ignore
  if (own === undefined || (operation !== undefined && operation.type !== 'Default')) {
    return missingPart(part.text, 'is more than this command reads of a shell: write its value');
  }
  if (operation === undefined) return own;
  const { operator, operand } = operation;
  const isSet = isList(own) ? own.length > 0 : !isUnset(own, part.text);
  const isUsed = isSet && (!operator.startsWith(':') || isList(own) || hasText(own));
  const otherwise = () => expandValue(operand, variables);
  if (operator.endsWith('+')) return isUsed ? otherwise() : wordOf('');
  if (isUsed) return own;
  if (operator.endsWith('?')) return missingPart(part.text, NOT_SET);
  const value = otherwise();
  if (operator.endsWith('=')) variables.set(parameter, value);
  return value;
}

const NOT_SET = 'is not set in this text';

function isUnset({ missing }: ShellWord, source: string): boolean {
  return missing.length === 1 && missing[0]!.source === source && missing[0]!.why === NOT_SET;
}

function hasText({ text, missing }: ShellWord): boolean {
  return text !== '' || missing.length > 0;
}

function indexed(
  parameter: string,
  index: string | undefined,
  source: string,
  variables: Variables,
): ShellValue | undefined {
  const value = looked(parameter, source, variables);
  if (index === undefined) return isList(value) && !isAll(parameter) ? (value[0] ?? wordOf('')) : value; // prettier-ignore
  if (isAll(index)) return value;
  if (!/^\d{1,6}$/.test(index)) return undefined;
  return isList(value) ? (value[Number(index)] ?? wordOf('')) : value;
}

const isAll = (name: string) => name === '@' || name === '*';

function looked(name: string, source: string, variables: Variables): ShellValue {
  const { positional } = variables;
  // A script that is pasted was called without arguments.
  if (isAll(name)) return positional ?? [];
  if (/^[1-9]\d?$/.test(name)) {
    return positional?.[Number(name) - 1] ?? missingPart(source, NOT_SET);
  }
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return missingPart(source, 'is known to a running shell alone');
  }
  return variables.get(name) ?? missingPart(source, NOT_SET);
}
