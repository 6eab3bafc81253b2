/** A word of a command after a shell's expansions. */
export interface ShellWord {
  /** Parts that are not known are left out, as a shell leaves out an unset variable. */
  readonly text: string;
  /** Parts whose value the text does not say. */
  readonly missing: readonly MissingPart[];
}

export interface MissingPart {
  /** As it stands in the text: `${lr}`. */
  readonly source: string;
  /** A sentence without its subject: `is not set in this text`. */
  readonly why: string;
}

/** A variable: text, or a list of words. */
export type ShellValue = ShellWord | readonly ShellWord[];

export function isList(value: ShellValue): value is readonly ShellWord[] {
  return Array.isArray(value);
}

export function wordOf(text: string): ShellWord {
  return { text, missing: [] };
}

export function joined(words: readonly ShellWord[], between = ''): ShellWord {
  return {
    text: words.map(({ text }) => text).join(between),
    missing: words.flatMap(({ missing }) => missing),
  };
}
