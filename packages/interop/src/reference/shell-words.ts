/** The little of a shell that commands in a README need: quotes, line ends, variables set before. */

export interface Statement {
  /** `NAME=value` before the command. */
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const MAX_CHARACTERS = 1 << 20;

/**
 * Splits a text into commands, at line ends, `;`, `&` and `&&`.
 *
 * `$name` is replaced where an earlier line sets it; `${arch.hidden_size}` is Hydra's and stays.
 *
 * @throws Error for a quote without end
 */
export function shellStatements(text: string): Statement[] {
  if (text.length > MAX_CHARACTERS) throw new Error(`longer than ${MAX_CHARACTERS} characters`);
  const variables: Record<string, string> = Object.create(null) as Record<string, string>;
  const lines = splitWords(text.replaceAll('\r\n', '\n'), variables);
  const commands = lines.some(isCommand);
  const statements: Statement[] = [];
  for (const words of lines) {
    const first = words.findIndex((word) => !ASSIGNMENT.test(word));
    const isAssignment = commands && (first < 0 || isCommand(words.slice(first)));
    const count = isAssignment ? (first < 0 ? words.length : first) : 0;
    const environment = Object.fromEntries(words.slice(0, count).map(assignment));
    if (count < words.length) statements.push({ environment, words: words.slice(count) });
  }
  return statements;
}

/** Words that start a program and not a Hydra override. */
function isCommand(words: readonly string[]): boolean {
  const first = words.find((word) => !ASSIGNMENT.test(word));
  return first !== undefined && !first.includes('=') && !first.startsWith('~');
}

function assignment(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function splitWords(text: string, variables: Record<string, string>): string[][] {
  const lines: string[][] = [];
  let words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endLine = () => {
    endWord();
    if (words.length > 0) lines.push(words);
    // A line of nothing but assignments sets variables for the lines after it.
    if (words.every((item) => ASSIGNMENT.test(item))) {
      for (const [name, value] of words.map(assignment)) variables[name] = value;
    }
    words = [];
  };
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\') {
      if (text[at + 1] !== '\n') word = (word ?? '') + (text[at + 1] ?? '');
      at += 2;
    } else if (char === "'" || char === '"') {
      const end = quoteEnd(text, at);
      const inner = text.slice(at + 1, end);
      word =
        (word ?? '') +
        (char === "'" ? inner : substituted(inner.replace(/\\(["\\$])/g, '$1'), variables));
      at = end + 1;
    } else if (char === '\n' || char === ';' || char === '&') {
      endLine();
      at++;
    } else if (char === '#' && word === undefined) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (/\s/.test(char)) {
      endWord();
      at++;
    } else {
      const plain = /^[^\\'"\n;&\s]+/.exec(text.slice(at, at + 4096))![0];
      word = (word ?? '') + substituted(plain, variables);
      at += plain.length;
    }
  }
  endLine();
  return lines;
}

function quoteEnd(text: string, start: number): number {
  const quote = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  throw new Error(`the quote ${quote} has no end`);
}

function substituted(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    return variables[(braced ?? bare)!] ?? whole;
  });
}
