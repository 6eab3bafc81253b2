/** The built command line in a folder and a home of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const bin = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');

export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'eddy-e2e-'));
  readonly #environment = {
    PATH: process.env['PATH'],
    HOME: join(this.folder, 'home'),
    EDDY_CACHE: join(this.folder, 'cache'),
    NO_COLOR: '1',
    CI: '1',
  };

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  eddy(...args: string[]) {
    return this.eddyWithInput('', ...args);
  }

  eddyWithInput(input: string, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd: this.folder,
      env: this.#environment,
      encoding: 'utf8',
      input,
    });
    return { status, stdout, stderr };
  }

  /** Lines of a shell in which `pipeline` is the built one. */
  sh(script: string) {
    const pipeline = `pipeline() { '${process.execPath}' '${bin}' "$@"; }`;
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', `${pipeline}\n${script}`], {
      cwd: this.folder,
      env: this.#environment,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  /** Does not wait for the end. */
  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [bin, ...args], { cwd: this.folder, env: this.#environment });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Events that `--json` printed. */
export function eventsOf(
  stdout: string,
): { readonly type: string; readonly [key: string]: unknown }[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string });
}

/** Trains in seconds, without anything installed. */
export const TINY = `
name: tiny
seed: 1
engine: wasm
build:
  dataset: { use: sudoku, source: { generator: { size: 4, train: 16, test: 8 } } }
augment:
  augmentation: { use: sudoku-shuffle, numVersions: 2, mode: materialised }
train:
  model:
    { use: trm, hiddenSize: 16, numHeads: 2, numLayers: 1, hCycles: 1, lCycles: 1, mlpT: true,
      positionEncoding: none, puzzleEmbeddingDim: 0, haltMaxSteps: 2 }
  optimizer: { use: adamw, warmupSteps: 1 }
  averager: ema
  globalBatchSize: 8
  epochs: 2
  evalInterval: 1
evaluate:
  evaluators: [exact-accuracy]
`;
