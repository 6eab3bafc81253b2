/** Checkpoints and locks under kills, damage and a full disk. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { acquireRunLock } from '@eddy/core/files';
import {
  latestCheckpoint,
  listCheckpoints,
  saveCheckpoint,
  stateHash,
} from '@eddy/core/checkpoint';
import { randomStream } from '@eddy/core';
import { type EddyError, type HostTree } from '@eddy/tensor';
import { freshFolder } from '@eddy/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

// Chosen by what the system has; it has no other public face.
import { lockByFile } from '../../packages/core/src/run/lock-file.ts';
import { count } from '../counts.ts';
import { start, type Talker } from './processes.ts';
import { onSmallDisk } from './small-disk.ts';

const KILLS = count(30, 500);
const FLIPS = count(300, 1000);
const TRUNCATIONS = count(60, 200);
const SWAPS = count(8, 50);
const BLOCKED_MS = count(2000, 60_000);
const RACES = count(10, 100);
const script = (name: string) => join(import.meta.dirname, name);
const random = randomStream(2026).stream('faults', 'writer');
const unexpected = (text: string) => expect.unreachable(text);

const folder = freshFolder();

function stateOf(step: number, elements = 500): HostTree {
  const data = Float32Array.from({ length: elements }, (_, i) => step + i / 7);
  return {
    'parameters/w': { shape: [elements], dtype: 'float32', data },
    'carry/halted': { shape: [3], dtype: 'bool', data: Uint8Array.of(1, 0, 1) },
  };
}
const save = (into: string, step: number, elements?: number) =>
  saveCheckpoint(into, { step, epoch: 0, state: stateOf(step, elements), metadata: { step } });

describe('SIGKILL while checkpoints are saved', () => {
  it(`leaves a whole checkpoint, never older than the last one reported, ${KILLS} times`, async () => {
    const checkpoints = join(folder.path, 'checkpoints');
    let reported = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = start(script('save-forever.js'), [folder.path]);
      expect(await writer.until(/saved/), writer.output()).not.toBeNull();
      await delay(200 * random.uniform());
      expect(await writer.kill()).toBe('SIGKILL');
      const steps = [...writer.output().matchAll(/saved (\d+)\n/g)].map(([, step]) => Number(step));
      reported = Math.max(reported, ...steps);

      const latest = await latestCheckpoint(checkpoints, unexpected);
      const step = latest!.manifest.step;
      expect(step).toBeGreaterThanOrEqual(reported);
      for (const { data } of Object.values(latest!.state)) {
        expect(data.every((value) => value === step)).toBe(true);
      }
      expect((await listCheckpoints(checkpoints)).length).toBeLessThanOrEqual(3);
    }
  });
});

describe('damage', () => {
  let good: string;
  beforeEach(async () => {
    good = join(folder.path, 'good');
    await save(good, 10);
    await save(good, 20);
  });

  /** Damages the newer checkpoint; the older one must be taken and the file named. */
  async function expectFallback(damage: (checkpoint: string) => string): Promise<void> {
    const copy = join(folder.path, 'copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(good, copy, { recursive: true });
    const file = damage(join(copy, 'step-00000020'));
    const warnings: string[] = [];
    const latest = await latestCheckpoint(copy, (text) => warnings.push(text));
    expect(stateHash(latest!.state)).toBe(stateHash(stateOf(10)));
    expect(warnings[0]).toContain(file);
  }
  const anyFile = (checkpoint: string) => {
    const names = readdirSync(checkpoint);
    return join(checkpoint, names[random.integer(names.length)]!);
  };

  it(`of one bit is noticed, ${FLIPS} times`, async () => {
    for (let trial = 0; trial < FLIPS; trial++) {
      await expectFallback((checkpoint) => {
        const file = anyFile(checkpoint);
        const bytes = readFileSync(file);
        const at = random.integer(bytes.length);
        bytes[at] = bytes[at]! ^ (1 << random.integer(8));
        writeFileSync(file, bytes);
        return file;
      });
    }
  });

  it(`by truncation is noticed, ${TRUNCATIONS} times`, async () => {
    for (let trial = 0; trial < TRUNCATIONS; trial++) {
      await expectFallback((checkpoint) => {
        const file = anyFile(checkpoint);
        truncateSync(file, random.integer(readFileSync(file).length));
        return file;
      });
    }
  });

  it(`by a file of another checkpoint is noticed, ${SWAPS} times`, async () => {
    const others = join(folder.path, 'others');
    // Of another step, of the same step of another run, and of a state of another size.
    await save(others, 30);
    await saveCheckpoint(others, { step: 20, epoch: 0, state: stateOf(21), metadata: {} });
    await save(others, 40, 600);
    const sources = [join(good, 'step-00000010')].concat(
      ['step-00000030', 'step-00000020', 'step-00000040'].map((name) => join(others, name)),
    );
    const names = ['state.safetensors', 'manifest.json'];
    for (let trial = 0; trial < SWAPS; trial++) {
      const name = names[trial % 2]!;
      const source = sources[Math.floor(trial / 2) % sources.length]!;
      await expectFallback((checkpoint) => {
        cpSync(join(source, name), join(checkpoint, name));
        // A manifest of another checkpoint fits neither its folder nor the state.
        return join(checkpoint, 'state.safetensors');
      });
    }
  });

  it("by its two files in each other's place is noticed", () =>
    expectFallback((checkpoint) => {
      const [state, manifest] = ['state.safetensors', 'manifest.json'].map((name) =>
        join(checkpoint, name),
      );
      renameSync(state!, `${state!}-`);
      renameSync(manifest!, state!);
      renameSync(`${state!}-`, manifest!);
      return checkpoint;
    }));
});

describe.each([
  ['kernel', acquireRunLock],
  ['file', lockByFile],
])('two writers and a lock by %s', (kind, acquire) => {
  const writer = (atMs = 0, blockedMs = 0) =>
    start(script('hold-lock.js'), [join(folder.path, 'lock'), kind, `${atMs}`, `${blockedMs}`]);

  async function expectLockedBy(holder: Talker): Promise<void> {
    const error = await acquire(join(folder.path, 'lock')).then(
      () => expect.unreachable('the lock was taken'),
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: 'RUN_LOCKED' });
    const { received } = (error as EddyError).facts;
    const [, pid, host, startedAt] = /^held by process (\d+) on (\S+) since (\S+)$/.exec(
      received!,
    )!;
    expect([Number(pid), host]).toEqual([holder.child.pid, hostname()]);
    // Since this file of tests has begun.
    expect(Date.parse(startedAt!)).toBeGreaterThan(performance.timeOrigin);
    expect(Date.parse(startedAt!)).toBeLessThan(performance.timeOrigin + performance.now() + 1000);
  }

  it(`race ${RACES} times: one wins, the others name it; its end frees the lock`, async () => {
    for (let race = 0; race < RACES; race++) {
      const atMs = performance.timeOrigin + performance.now() + 1500; // when all have started
      const processes = Array.from({ length: 4 }, () => writer(atMs));
      await Promise.all(processes.map((process) => process.until(/locked\n|RUN_LOCKED[^]*fix/)));
      const winners = processes.filter((process) => process.output() === 'locked\n');
      expect(winners.length, processes.map((process) => process.output()).join('')).toBe(1);
      await expectLockedBy(winners[0]!);
      await Promise.all(processes.map((process) => process.kill()));
    }
    (await acquire(join(folder.path, 'lock'))).release();
  });

  it(`is not taken from a holder whose event loop is blocked for ${BLOCKED_MS / 1000} s, and is free within a second after its death`, async () => {
    const holder = writer(0, BLOCKED_MS);
    await holder.until(/locked/);
    const endMs = performance.now() + BLOCKED_MS;
    while (performance.now() < endMs) {
      await expectLockedBy(holder);
      await delay(BLOCKED_MS / 20);
    }
    await holder.kill();
    const diedMs = performance.now();
    (await acquire(join(folder.path, 'lock'))).release();
    expect(performance.now() - diedMs).toBeLessThan(1000);
  });

  it('is not taken from a holder that is stopped', async () => {
    const holder = writer();
    await holder.until(/locked/);
    holder.child.kill('SIGSTOP');
    await delay(500);
    await expectLockedBy(holder);
    await holder.kill();
  });
});

describe('a full disk', () => {
  const PAGE = 4096;
  /** A page of them is one offset at which the disk may be full. */
  const ELEMENTS = count(20_000, 98_000);

  it('leaves the earlier checkpoint whole, wherever it fills up', async (context) => {
    const disk = join(folder.path, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`no tmpfs can be mounted here: ${String(error)}`);
    }
    try {
      const checkpoints = join(disk, 'checkpoints');
      await save(checkpoints, 1, ELEMENTS);
      let failures = 0;
      const pagesOfState = Math.ceil((ELEMENTS * 4) / PAGE);
      for (let freePages = 0; freePages <= pagesOfState + 6; freePages++) {
        leaveFree(disk, freePages);
        const error = await save(checkpoints, 2, ELEMENTS).then(
          () => null,
          (e: unknown) => e,
        );
        if (error !== null) {
          failures++;
          expect(error).toMatchObject({
            code: 'CHECKPOINT_WRITE_FAILED',
            facts: {
              at: join(checkpoints, 'step-00000002'),
              expected: `${ELEMENTS * 4 + 3} bytes to write`,
              received: expect.stringMatching(/ENOSPC.*; \d+ bytes free/) as string,
            },
          });
        }
        const latest = await latestCheckpoint(checkpoints, unexpected);
        const step = error === null ? 2 : 1;
        expect(stateHash(latest!.state)).toBe(stateHash(stateOf(step, ELEMENTS)));
        rmSync(join(checkpoints, 'step-00000002'), { recursive: true, force: true });
      }
      expect(failures).toBeGreaterThanOrEqual(pagesOfState);
      expect(failures).toBeLessThan(pagesOfState + 6);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('that becomes read-only is an error that names it, and leaves the earlier checkpoint', (context) =>
    onSmallDisk(join(folder.path, 'disk'), '2m', context, async (disk) => {
      const checkpoints = join(disk, 'checkpoints');
      await save(checkpoints, 1, ELEMENTS);
      const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, disk]);
      remount('ro');
      await expect(save(checkpoints, 2, ELEMENTS)).rejects.toMatchObject({
        code: 'CHECKPOINT_WRITE_FAILED',
        facts: {
          at: join(checkpoints, 'step-00000002'),
          expected: `${ELEMENTS * 4 + 3} bytes to write`,
          received: expect.stringMatching(/EROFS.*; \d+ bytes free/) as string,
        },
      });
      expect((await latestCheckpoint(checkpoints, unexpected))!.manifest.step).toBe(1);
      remount('rw');
      await save(checkpoints, 2, ELEMENTS);
      expect((await latestCheckpoint(checkpoints, unexpected))!.manifest.step).toBe(2);
    }));

  it('whose quota is used up is an error that names it, and leaves the earlier checkpoint', async (context) => {
    // No file system with quotas can be mounted everywhere; strace answers a write as one would.
    try {
      execFileSync('strace', ['-V'], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`no strace here: ${String(error)}`);
    }
    const checkpoints = join(folder.path, 'checkpoints');
    const refused = join(checkpoints, '.tmp-step-00000003', 'state.safetensors');
    const inject = 'inject=write,writev,pwrite64,pwritev:error=EDQUOT';
    const strace = ['-f', '-qq', '-o', '/dev/null', '-P', refused, '-e', inject];
    const writer = spawnSync(
      'strace',
      [...strace, process.execPath, script('save-forever.js'), folder.path],
      { encoding: 'utf8' },
    );
    expect(writer.stdout).toBe('saved 1\nsaved 2\n');
    expect(writer.stderr).toContain('CHECKPOINT_WRITE_FAILED');
    expect(writer.stderr).toContain(join(checkpoints, 'step-00000003'));
    expect(writer.stderr).toMatch(/2400000 bytes to write[^]*EDQUOT[^]*; \d+ bytes free/);
    expect((await latestCheckpoint(checkpoints, unexpected))!.manifest.step).toBe(2);
  });

  /** Fills the disk up to so many free pages. */
  function leaveFree(disk: string, pages: number): void {
    const filler = join(disk, 'filler');
    rmSync(filler, { force: true });
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(filler, new Uint8Array(Math.max(0, bavail * bsize - pages * PAGE)));
  }
});

describe('a folder that cannot be written', () => {
  it('is an error that names it', async () => {
    await save(folder.path, 1);
    renameSync(folder.path, `${folder.path}-moved`);
    writeFileSync(folder.path, '');
    await expect(save(folder.path, 2)).rejects.toMatchObject({ code: 'CHECKPOINT_WRITE_FAILED' });
    rmSync(folder.path);
    renameSync(`${folder.path}-moved`, folder.path);
    expect((await latestCheckpoint(folder.path, unexpected))!.manifest.step).toBe(1);
  });
});
