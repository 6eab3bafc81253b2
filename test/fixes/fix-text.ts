/** Reads what a fix tells its reader to type. */

export type Typed =
  /** Words of a shell, the program first. */
  | { readonly kind: 'command'; readonly words: readonly string[] }
  /** An option of the command that failed, with its value. */
  | { readonly kind: 'option'; readonly words: readonly string[] }
  /** An override of the command that failed. */
  | { readonly kind: 'override'; readonly words: readonly string[] }
  /** A variable of the environment. */
  | { readonly kind: 'variable'; readonly name: string; readonly value: string | undefined };

/** Reads the first thing in backticks: what to type is written between them, the best way first. */
export function typedIn(fix: string): Typed | undefined {
  for (const [, code] of fix.matchAll(/`([^`]+)`/g)) {
    const typed = typedBy(code!);
    if (typed !== undefined) return typed;
  }
  return undefined;
}

function typedBy(code: string): Typed | undefined {
  const words = shellWords(code);
  const [first = ''] = words;
  if (first === 'export' || first === 'unset') {
    const [name = '', value] = words[1]!.split('=');
    return { kind: 'variable', name, value };
  }
  if (/^(pipeline|npm|rm|mv|mkdir|chmod|sed)$/.test(first) && words.length > 1)
    return { kind: 'command', words };
  if (/^--[a-z]/.test(first)) return { kind: 'option', words };
  if (/^[+~]{0,2}[\w.-]+=\S/.test(first)) return { kind: 'override', words };
  if (/^~[\w.]+$/.test(first)) return { kind: 'override', words };
  return undefined;
}

/** Splits a line as a shell does, as far as our messages use it. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(
    ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ''), // prettier-ignore
  );
}

/** The parts of one error as a terminal shows it. */
export interface Shown {
  readonly code: string;
  readonly text: string;
  /** One for each problem. */
  readonly fixes: readonly string[];
}

/** Reads the last error in what a command wrote. */
export function shownError(output: string): Shown | undefined {
  const start = [...output.matchAll(/^[A-Z][A-Z0-9_]{3,} {2}\S/gm)].at(-1)?.index;
  if (start === undefined) return undefined;
  const text = output.slice(start);
  const fixes = [...text.matchAll(/^ {2}fix {7}(.*)$/gm)].map(([, fix]) => fix!);
  // Problems of a file that have a code of their own say it first.
  const code = /^ {2}([A-Z][A-Z0-9_]{3,}): /m.exec(text)?.[1] ?? /^[A-Z0-9_]+/.exec(text)![0];
  return { code, text, fixes };
}
