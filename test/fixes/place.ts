/** A folder to work in, as a user has one: commands run in it, in this process. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { main } from '@eddy/cli';

export interface Ended {
  readonly exitCode: number;
  /** What both streams got, in order. */
  readonly output: string;
  /** What the standard output got alone, as a pipe reads it. */
  readonly stdout: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export class Place {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(name = 'eddy-fixes'): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), `${name}-`)));
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.at(name));
  }

  read(name: string): Promise<string> {
    return readFile(this.at(name), 'utf8');
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.at(name)), { recursive: true });
    await writeFile(this.at(name), content);
  }

  /** Replaces text of a file, which must have it. */
  async edit(
    name: string,
    from: string | RegExp,
    to: string | ((...groups: string[]) => string),
  ): Promise<void> {
    const before = await this.read(name);
    const after = before.replace(from, to as string);
    if (after === before) throw new Error(`${name} has no ${String(from)}:\n${before}`);
    await this.write(name, after);
  }

  /** Runs `pipeline` with these words in the folder. */
  async pipeline(words: readonly string[], environment: Environment = {}): Promise<Ended> {
    const written: string[] = [];
    const toStdout: string[] = [];
    // Each command listens anew.
    for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);
    const restore = [
      captured(process.stdout, written, toStdout),
      captured(process.stderr, written),
      inFolder(this.folder),
      withEnvironment({
        HOME: this.at('home'),
        EDDY_CACHE: this.at('cache'),
        EDDY_OFFLINE: '1',
        CI: '1',
        NO_COLOR: '1',
        ...environment,
      }),
    ];
    try {
      const exitCode = await main(words);
      return { exitCode, output: written.join(''), stdout: toStdout.join('') };
    } finally {
      for (const undo of restore.reverse()) undo();
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function captured(stream: NodeJS.WriteStream, ...into: string[][]): () => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
    for (const list of into) list.push(text);
    const done = rest.find((one) => typeof one === 'function');
    if (done !== undefined) (done as () => void)();
    return true;
  };
  return () => void (stream.write = write);
}

function inFolder(folder: string): () => void {
  const before = process.cwd();
  process.chdir(folder);
  return () => process.chdir(before);
}

function withEnvironment(environment: Environment): () => void {
  const before = { ...process.env };
  for (const [name, value] of Object.entries(environment)) setVariable(name, value);
  return () => {
    for (const name of Object.keys(environment)) setVariable(name, before[name]);
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
