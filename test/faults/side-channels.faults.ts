/**
 * Whatever becomes of the console, the terminal or a hang-up, at whatever moment: the training goes on to its end,
 * or stops with its state saved, and the run says what was lost.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { latestCheckpoint } from '@eddy/core/checkpoint';
import { readSettings } from '@eddy/core/config';
import { readJournal } from '@eddy/core/report';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';

import { fill, onSmallDisk } from './small-disk.ts';

const PIPELINE = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');
const CONFIG = join(import.meta.dirname, 'tiny.yml');
const TERMINAL = join(import.meta.dirname, 'terminal.py');
const STEPS = 40;

/** A moment of a run: what its journal says then. */
const MOMENTS = {
  start: /"type":"run-started"/,
  training: /"type":"step-finished","step":7,/,
  evaluation: /"type":"evaluation-started"/,
  saving: /"type":"checkpoint-saved"/,
  end: /"type":"run-finished"/,
};
const moments = Object.entries(MOMENTS);

const folder = sharedFolder();
beforeAll(async () => {
  const { cacheFolder } = await readSettings();
  mkdirSync(join(folder.path, 'cache'));
  for (const shared of ['engines', 'compiled']) {
    mkdirSync(join(cacheFolder, shared), { recursive: true });
    symlinkSync(join(cacheFolder, shared), join(folder.path, 'cache', shared));
  }
});

const env = () => ({ ...process.env, EDDY_CACHE: join(folder.path, 'cache') });
const at = (name: string) => join(folder.path, name);
const argsOf = (run: string, overrides: readonly string[] = []) => [
  ...[PIPELINE, 'run', CONFIG, '--run-dir', at(run)],
  ...[
    `train.epochs=${STEPS / 4}`,
    'train.evalInterval=5',
    'train.checkpoint.every=8',
    ...overrides,
  ],
];

/** Starts through a shell, which can redirect and ignore signals. */
function shell(command: string, run: string, overrides?: readonly string[]) {
  const words = [process.execPath, ...argsOf(run, overrides)].map((word) => `'${word}'`).join(' ');
  return running(
    spawn('sh', ['-c', command.replace('RUN', words)], { env: env(), detached: true }),
  );
}

function running(child: ReturnType<typeof spawn>) {
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals | null>((resolveEnd) =>
    child.once('close', (code, signal) => resolveEnd(code ?? signal)),
  );
  return { child, ended, output: () => output, errors: () => errors };
}

async function reaches(run: string, moment: RegExp, ended: Promise<unknown>): Promise<void> {
  const path = join(at(run), 'journal.jsonl');
  for (let over = false; !over;) {
    if (existsSync(path) && moment.test(readFileSync(path, 'utf8'))) return;
    over = await Promise.race([ended.then(() => true), delay(5, false)]);
  }
}

/** Every step once, and the end. */
function expectDone(run: string): void {
  const journal = readJournal(join(at(run), 'journal.jsonl'));
  const steps = journal.flatMap((event) => (event.type === 'step-finished' ? [event.step] : []));
  expect(steps).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(journal.find((event) => event.type === 'run-finished')).toMatchObject({ status: 'done' });
}

function warningsOf(run: string): string[] {
  return readJournal(join(at(run), 'journal.jsonl')).flatMap((event) =>
    event.type === 'message' && event.level === 'warning' ? [event.text] : [],
  );
}

async function expectSaved(run: string): Promise<void> {
  const journal = readJournal(join(at(run), 'journal.jsonl'));
  const reached = journal.findLast((event) => event.type === 'step-finished')?.step ?? 0;
  const latest = await latestCheckpoint(join(at(run), 'checkpoints'), expect.unreachable);
  expect(latest?.manifest.step ?? 0).toBe(reached);
  expect(journal.at(-1)).toMatchObject({ type: 'run-finished', status: 'stopped' });
}

describe('a hang-up', () => {
  it.each(moments.filter(([name]) => name !== 'end'))(
    'in the phase %s saves and ends with 75, however often it comes',
    async (name, moment) => {
      const run = `hup-${name}`;
      const { child, ended, errors } = shell('exec RUN', run);
      await reaches(run, moment, ended);
      for (let i = 0; i < 3; i++) child.kill('SIGHUP');
      expect(await ended, errors()).toBe(75);
      expect(errors()).toContain('SIGHUP: stopping at the next clean point and saving\n');
      await expectSaved(run);
    },
  );

  it.each([
    ['by a shell', "trap '' HUP; exec RUN", []],
    ['by nohup', 'exec nohup RUN', []],
    ['by nohup in front of another Node', `exec nohup '${process.execPath}' -e "$LAUNCH" RUN`, []],
  ])('that is ignored %s stays ignored', async (name, command) => {
    const run = `nohup-${name.replaceAll(' ', '-')}`;
    // What npm does: another process of the same group, which hands signals on to nobody.
    const launch = `require('child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' }).on('exit', (code) => process.exitCode = code)`;
    const withLaunch = command.replace('"$LAUNCH"', `'${launch.replaceAll("'", '"')}'`);
    const { child, ended, errors } = shell(
      command === withLaunch ? command : `_=/usr/bin/nohup; export _; ${withLaunch}`,
      run,
    );
    for (const [, moment] of moments) {
      await reaches(run, moment, ended);
      if (child.exitCode !== null) break;
      if (command === withLaunch) child.kill('SIGHUP');
      else process.kill(Number(lockHolder(run)), 'SIGHUP');
    }
    expect(await ended, errors()).toBe(0);
    expectDone(run);
  });

  it('does not make a following SIGTERM the second of its kind', async () => {
    const { child, ended, errors } = shell('exec RUN', 'hup-term');
    await reaches('hup-term', MOMENTS.training, ended);
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    expect(await ended, errors()).toBe(75);
    await expectSaved('hup-term');
  });
});

function lockHolder(run: string): number {
  return (JSON.parse(readFileSync(join(at(run), 'lock'), 'utf8')) as { pid: number }).pid;
}

describe('a terminal', () => {
  const onTerminal = (how: 'read' | 'stalled', run: string, context: TestContext) => {
    try {
      execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    } catch {
      context.skip('terminals are made with python3, which is not here');
    }
    // Without SIGHUP, so that it is the writing that fails.
    const script = `trap '' HUP; exec "$@"`;
    const args = [TERMINAL, how, 'sh', '-c', script, 'sh', process.execPath, ...argsOf(run, LIVE)];
    return running(spawn('python3', args, { env: { ...env(), TERM: 'xterm', CI: 'false' } }));
  };
  const LIVE = ['loggers=[console,csv]'];

  it.for(moments)('that is gone from the phase %s on', async ([name, moment], context) => {
    const run = `gone-${name}`;
    const terminal = onTerminal('read', run, context);
    await reaches(run, moment, terminal.ended);
    terminal.child.stdin!.write('close\n');
    await terminal.ended;
    expect(terminal.output().trim(), terminal.errors()).toBe('0');
    expectDone(run);
    if (name !== 'end') {
      const lost = /logger console failed: \d+ lines did not arrive: write EIO/;
      expect(warningsOf(run).join()).toMatch(lost);
    }
    const rows = readFileSync(join(at(run), 'metrics.csv'), 'utf8')
      .trim()
      .split('\n');
    expect(rows.length).toBeGreaterThan(STEPS);
  });

  it('that nobody reads does not stop the training', async (context) => {
    const terminal = onTerminal('stalled', 'stalled', context);
    await reaches('stalled', MOMENTS.end, terminal.ended);
    expectDone('stalled');
    terminal.child.stdin!.write('read\n');
    await terminal.ended;
    expect(terminal.output().trim(), terminal.errors()).toBe('0');
  });
});

describe('a pipe', () => {
  it.each(moments)('that is closed from the phase %s on', async (name, moment) => {
    const run = `pipe-${name}`;
    const { child, ended, errors } = shell('exec RUN', run);
    await reaches(run, moment, ended);
    child.stdout!.destroy();
    child.stdin!.destroy();
    expect(await ended, errors()).toBe(0);
    expectDone(run);
  });

  it.each(['exec RUN <&- >&- 2>&-', 'exec RUN > /dev/full 2> /dev/full'])('%s', async (command) => {
    const run = `std-${command.includes('full') ? 'full' : 'closed'}`;
    const { ended } = shell(command, run);
    expect(await ended).toBe(0);
    expectDone(run);
  });
});

describe('the disk of the console log', () => {
  it('that is full from the middle of the training on', (context) =>
    onSmallDisk(join(folder.path, 'log-disk'), '64k', context, async (disk) => {
      const { ended, errors } = shell(`exec RUN > ${join(disk, 'log')}`, 'log-disk-run');
      await reaches('log-disk-run', MOMENTS.training, ended);
      fill(disk);
      expect(await ended, errors()).toBe(0);
      expectDone('log-disk-run');
      expect(errors()).toMatch(/logger console failed: \d+ lines did not arrive: ENOSPC/);
      expect(warningsOf('log-disk-run').join()).toContain('ENOSPC');
    }));

  it('ends a command whose answer is lost with an error', async () => {
    const { ended, errors } = running(
      spawn('sh', ['-c', `exec '${process.execPath}' '${PIPELINE}' plugins > /dev/full`]),
    );
    expect(await ended).toBe(1);
    expect(errors()).toContain('OUTPUT_LOST');
  });
});
