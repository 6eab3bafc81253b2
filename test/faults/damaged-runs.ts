/** A finished run, another one of the same pipeline, and what each command gives of it: for tests that damage its files. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { dirname, join, resolve } from 'node:path';

import type { randomStream } from '@eddy/core';
import { sharedFolder } from '@eddy/core/testing';
import { afterAll, beforeAll, expect } from 'vitest';

import { startTestUi } from '../../packages/ui/src/testing/test-ui.ts';
import { ownCache } from './own-cache.ts';

const COMMANDS = join(import.meta.dirname, 'commands-in-one-process.js');
const CONFIG = resolve(import.meta.dirname, 'tiny.yml');
const PUZZLE = '1...............';

/** What a command gives. */
export interface Outcome {
  readonly code: number;
  /** What was printed. */
  readonly text: string;
  /** The file that it was to write. */
  readonly made?: string;
}

type Random = ReturnType<typeof randomStream>;

/** Damages a file. @param other  the file of that name of another run */
export type Damage = (file: string, random: Random, other: string) => void;

export const DAMAGES: Readonly<Record<string, Damage>> = {
  'one bit flipped': (file, random) => {
    const bytes = readFileSync(file);
    if (bytes.length > 0) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8);
    writeFileSync(file, bytes);
  },
  'cut short': (file, random) => truncateSync(file, random.integer(readFileSync(file).length)),
  emptied: (file) => truncateSync(file, 0),
  removed: (file) => rmSync(file),
  'a folder in its place': (file) => {
    rmSync(file);
    mkdirSync(file);
  },
  'that of another run': (file, _random, other) => cpSync(other, file),
};

/** Makes the two runs. `engine`: commands that start an engine; `reading`: those that do not. */
export function damagedRuns() {
  const folder = sharedFolder();
  const at = (name: string) => join(folder.path, name);
  const run = () => at('runs/tiny');
  let commands: ChildProcess;
  /** Rejected when the process of the commands ends: no answer comes then. */
  let ended: Promise<never>;

  async function pipeline(argv: readonly string[], output?: string): Promise<Outcome> {
    if (output !== undefined) rmSync(at(output), { force: true });
    commands.send([...argv, ...(output === undefined ? [] : ['--output', at(output)])]);
    const [outcome] = (await Promise.race([once(commands, 'message'), ended])) as [Outcome];
    if (output === undefined || outcome.code !== 0) return outcome;
    return { ...outcome, made: readFileSync(at(output), 'latin1') };
  }

  async function train(to: string, seed: number): Promise<void> {
    const { code, text } = await pipeline([
      ...['run', CONFIG, '--run-dir', at(to), `seed=${seed}`, 'train.epochs=10'],
      ...['train.evalInterval=5', 'train.checkpoint.every=8', 'train.model.hiddenSize=16'],
      ...['engine.devices=1', 'train.monitor={metric: exact_accuracy, split: test}'],
      'evaluate.evaluators=[exact-accuracy,predictions]',
      'loggers=[csv,tensorboard,report]',
    ]);
    expect(code, text).toBe(0);
  }

  beforeAll(async () => {
    const env = { ...process.env, NODE_OPTIONS: '', EDDY_CACHE: await ownCache(folder.path) };
    commands = fork(COMMANDS, { env, execArgv: [] });
    ended = once(commands, 'exit').then(([code]) => {
      throw new Error(`the process of the commands ended with ${String(code)}`);
    });
    ended.catch(() => undefined);
    await train('runs/tiny', 7);
    cpSync(run(), at('whole'), { recursive: true });
    rmSync(run(), { recursive: true });
    // It lay in the same place, so that nothing but its content tells it from the first one.
    await train('runs/tiny', 8);
    cpSync(run(), at('other'), { recursive: true });
  });
  afterAll(() => void commands.kill());

  /** Puts the whole run back. */
  function restore(): void {
    for (const name of ['evaluation', 'runs', 'replayed', 'packed.zip']) {
      rmSync(at(name), { recursive: true, force: true });
    }
    cpSync(at('whole'), run(), { recursive: true });
  }

  async function askUi(): Promise<Outcome> {
    const ui = await startTestUi((runs) => cpSync(at('runs'), runs, { recursive: true }));
    try {
      const list = await ui.get('/api/runs');
      const { rows } = JSON.parse(list.text) as {
        readonly rows: readonly { readonly id: string }[];
      };
      const texts = [list.text];
      for (const { id } of rows) {
        for (const page of ['', '/series?metric=lm_loss', '/config', '/reasoning']) {
          const { status, text } = await ui.get(`/api/runs/${id}${page}`);
          texts.push(`${status} ${text}`);
        }
      }
      const own = texts.join('\n').replaceAll(ui.folder, at(''));
      return { code: 0, text: own.replaceAll(/"(?:id|silentMs)":("[^"]*"|\d+),?/g, '') };
    } finally {
      await ui.end();
    }
  }

  const weights = (which: string) =>
    pipeline(['export', run(), '--format', 'safetensors', '--which', which], 'w.safetensors');

  return {
    restore,
    run,
    /** The files of the run but its lock, which holds nothing. */
    files: () =>
      readdirSync(at('whole'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'lock')
        .map((entry) => join(entry.parentPath, entry.name).slice(at('whole').length + 1))
        .sort(),
    damage: (file: string, damage: Damage, random: Random) =>
      // TensorBoard's file is named after its process.
      damage(join(run(), file), random, join(at('other'), otherName(at('other'), file))),
    reading: {
      runs: () => pipeline(['runs', at('runs'), '--json']),
      report: () => pipeline(['report', run()], 'report.html'),
      why: () => pipeline(['why', join(run(), 'config.yml')]),
      export: () => weights('last'),
      'export of the best': () => weights('best'),
      pack: () => pipeline(['pack', run()], 'packed.zip'),
      ui: askUi,
    },
    engine: {
      predict: () => pipeline(['predict', run(), PUZZLE]),
      evaluate: () => pipeline(['evaluate', run(), '--json', '--run-dir', at('evaluation')]),
      resume: () => pipeline(['resume', run(), '--json']),
      'pack and replay': async () => {
        const packed = await pipeline(['pack', run(), '--output', at('packed.zip')]);
        if (packed.code !== 0) return packed;
        const replayed = await pipeline(['replay', at('packed.zip'), '--output', at('replayed')]);
        // What was packed is compared elsewhere; its bytes tell of any file.
        return {
          ...replayed,
          text: replayed.text + packed.text.replaceAll(/^(?:size|sha256).*$/gm, ''),
        };
      },
    },
  };
}

function otherName(folder: string, file: string): string {
  if (!/events\.out/.test(file)) return file;
  return join(dirname(file), readdirSync(join(folder, dirname(file)))[0]!);
}

/** Without times and identifiers, which differ from call to call. */
function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replaceAll(/\d+(?:\.\d+)? ?(?:ms|s|min)\b/g, 'TIME')
    .replaceAll(/"(\w*(?:Ms|At|PerSecond|Bytes|InUse))":[^,}]*/g, '"$1":0');
}

/** Returns what is wrong with an outcome of a damaged run beside that of the whole one; undefined where nothing is. */
export function faultOf(file: string, outcome: Outcome, whole: Outcome): string | undefined {
  if (![0, 1, 2].includes(outcome.code) || /\n {4}at /.test(outcome.text)) return 'crashed';
  const before = new Set(steady(whole.text).split('\n'));
  const lines = steady(outcome.text).split('\n');
  const said = lines.filter((line) => !before.has(line)).join('\n');
  const isSame = outcome.code === whole.code && said === '' && lines.length >= before.size;
  if (isSame && steady(outcome.made ?? '') === steady(whole.made ?? '')) return undefined;
  return said.includes(file) ? undefined : 'silent';
}
