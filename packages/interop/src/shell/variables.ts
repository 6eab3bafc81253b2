/** Variables and functions of a script, at one place of it. */
import type { Function as ShellFunction } from 'unbash';

import { isList, type ShellValue, type ShellWord } from './shell-word.ts';

export class Variables {
  readonly #values: Map<string, ShellValue>;
  readonly #functions: Map<string, ShellFunction>;
  readonly #exported: Set<string>;
  /** Names that were asked for, in this script and in its branches. */
  readonly read: Set<string>;
  /** `$1` and on; undefined for those of the script itself, which are not known. */
  positional: readonly ShellWord[] | undefined;

  constructor(parent?: Variables, positional?: readonly ShellWord[]) {
    this.#values = new Map(parent === undefined ? [] : parent.#values);
    this.#functions = parent?.functions ?? new Map<string, ShellFunction>();
    this.#exported = new Set(parent === undefined ? [] : parent.#exported);
    this.read = parent?.read ?? new Set();
    this.positional = positional ?? parent?.positional;
  }

  get functions(): Map<string, ShellFunction> {
    return this.#functions;
  }

  get(name: string): ShellValue | undefined {
    this.read.add(name);
    return this.#values.get(name);
  }

  set(name: string, value: ShellValue): void {
    this.#values.set(name, value);
  }

  unset(name: string): void {
    this.#values.delete(name);
  }

  /** A script's own arguments are not known, and those that were shifted away neither. */
  shift(count: number): void {
    this.positional = this.positional?.slice(count);
  }

  export(name: string): void {
    this.#exported.add(name);
  }

  /** Exported variables, for the commands that follow. */
  environment(): [name: string, value: ShellWord][] {
    return [...this.#exported].flatMap((name) => {
      const value = this.#values.get(name);
      return value === undefined || isList(value) ? [] : [[name, value] as [string, ShellWord]];
    });
  }

  /** A copy, for a branch or a shell within this one. */
  fork(): Variables {
    return new Variables(this);
  }

  /** The same variables in a function, with its own arguments. */
  call(positional: readonly ShellWord[]): Variables {
    return new Variables(this, positional);
  }

  /** Takes over what a function, which runs in this shell, set. */
  adopt(other: Variables): void {
    for (const [name, value] of other.#values) this.#values.set(name, value);
    for (const name of other.#exported) this.#exported.add(name);
  }

  /** After branches of which one runs: what they do not agree about is not known. */
  adoptOneOf(branches: readonly Variables[], line: number): void {
    const names = new Set(branches.flatMap((branch) => [...branch.#values.keys()]));
    for (const name of names) {
      const values = branches.map((branch) => JSON.stringify(branch.#values.get(name)));
      const [first] = branches as [Variables];
      if (values.every((value) => value === values[0])) this.set(name, first.#values.get(name)!);
      else {
        const why = `depends on a condition of the script (line ${line})`;
        this.set(name, { text: '', missing: [{ source: `$${name}`, why }] });
      }
    }
    for (const branch of branches) for (const name of branch.#exported) this.#exported.add(name);
  }
}
