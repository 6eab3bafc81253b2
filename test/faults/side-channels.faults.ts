/**
 * Whatever becomes of the console, the terminal or a hang-up, at whatever moment: the training goes on to its end,
 * or stops with its state saved, and the run says what was lost.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it, type TestContext } from 'vitest';

import { fill, onSmallDisk } from './small-disk.ts';
import { MOMENTS, moments, PIPELINE, running, STEPS, tinyRuns } from './tiny-runs.ts';

const TERMINAL = join(import.meta.dirname, 'terminal.py');
const { at, argsOf, env, shell, reaches, expectDone, warningsOf, expectSaved } = tinyRuns();

describe('a hang-up', () => {
  it.each(moments.filter(([name]) => name !== 'end'))(
    'in the phase %s saves and ends with 75, however often it comes',
    async (name, moment) => {
      const run = `hup-${name}`;
      const { child, ended, errors } = shell('exec RUN', run);
      await reaches(run, moment, ended);
      for (let i = 0; i < 3; i++) child.kill('SIGHUP');
      expect(await ended, errors()).toBe(75);
      expect(errors()).toContain('SIGHUP: stopping at the next safe point and saving\n');
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
      const lost = /logger console failed: \d+ lines could not be written: write EIO/;
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
    onSmallDisk(at('log-disk'), '64k', context, async (disk) => {
      const { ended, errors } = shell(`exec RUN > ${join(disk, 'log')}`, 'log-disk-run');
      await reaches('log-disk-run', MOMENTS.training, ended);
      fill(disk);
      expect(await ended, errors()).toBe(0);
      expectDone('log-disk-run');
      expect(errors()).toMatch(/logger console failed: \d+ lines could not be written: ENOSPC/);
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
