/** A pipeline in the making: values with the reference's words behind them, and what was left out. */
import type { OverrideValue } from '@eddy/core/config';

export type ReferenceValue = OverrideValue;

/** A value as one would write it on a command line. */
export function printValue(value: ReferenceValue | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Something that was asked for and is not in the pipeline. */
export interface Note {
  /** Key or option of the reference. */
  readonly what: string;
  readonly why: string;
}

export class Draft {
  readonly #root: Record<string, unknown> = {};
  readonly #comments = new Map<string, string>();
  readonly #notes: Note[] = [];

  /** @param path  keys joined by dots */
  set(path: string, value: unknown, comment: string): void {
    const keys = path.split('.');
    let at = this.#root;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[keys.at(-1)!] = value;
    this.#comments.set(path, comment);
  }

  /** Says it once, however often it was met. */
  note(what: string, why: string): void {
    if (this.#notes.some((note) => note.what === what && note.why === why)) return;
    this.#notes.push({ what, why });
  }

  get value(): Readonly<Record<string, unknown>> {
    return this.#root;
  }

  commentAt(path: string): string | undefined {
    return this.#comments.get(path);
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }
}
