import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { isLockedByFile, lockByFile, type RunLock } from './lock-file.ts';

const folder = freshFolder();
const PACE = { heartbeatMs: 20, staleMs: 400 };
const ELSEWHERE = { place: 'elsewhere', host: 'other', startedAt: '2026-01-01', token: 'theirs' };

const path = () => join(folder.path, 'lock');
const files = () => readdirSync(folder.path).sort();
const sign = (number: number, holder: object) =>
  writeFileSync(`${path()}.${number}`, `${JSON.stringify({ ...ELSEWHERE, ...holder })}\n`);

/** Another machine's holder, whose clock goes backwards. */
function beat(number: number): () => void {
  let seconds = 1e9;
  const touch = () => utimesSync(`${path()}.${number}`, seconds, --seconds);
  const timer = setInterval(touch, PACE.heartbeatMs);
  return () => clearInterval(timer);
}

const held: RunLock[] = [];
const take = async () => {
  const lock = await lockByFile(path(), PACE);
  held.push(lock);
  return lock;
};
afterEach(() => held.splice(0).forEach((lock) => lock.release()));

const lockedBy = (pid: number) => ({
  code: 'RUN_LOCKED',
  facts: { received: expect.stringContaining(`held by process ${pid} on `) as string },
});

describe('a lock by file', () => {
  it('lets one in and names it to the second; the next one gets the next number', async () => {
    const lock = await take();
    expect(lock.kind).toBe('file');
    expect(isLockedByFile(path())).toBe(true);
    await expect(take()).rejects.toMatchObject(lockedBy(process.pid));
    lock.release();
    expect(isLockedByFile(path())).toBe(false);
    expect(readFileSync(`${path()}.1`, 'utf8')).toBe('released\n');
    await take();
    expect(files()).toEqual(['lock.2']);
    lock.release(); // once more: it is not its own any more
    expect(isLockedByFile(path())).toBe(true);
  });

  it('goes to one of those that find its holder dead', async () => {
    const { pid } = spawnSync('true');
    const first = await take();
    const signed = JSON.parse(readFileSync(`${path()}.1`, 'utf8')) as { place: string };
    first.release();
    sign(1, { pid, place: signed.place });
    const taken = await Promise.allSettled(Array.from({ length: 8 }, take));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(files()).toEqual(['lock.2']);
  });

  it('of another machine is held while the holder shows itself, whatever its clock says', async () => {
    sign(1, { pid: 7 });
    const stop = beat(1);
    await expect(take()).rejects.toMatchObject(lockedBy(7));
    stop();
  });

  it('of another machine goes to one of those that watched it in vain', async () => {
    sign(1, { pid: 7 });
    expect(isLockedByFile(path(), PACE)).toBe(true);
    const taken = await Promise.allSettled(Array.from({ length: 8 }, take));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(taken.filter(({ status }) => status === 'rejected')).toHaveLength(7);
    expect(files()).toEqual(['lock.2']);
  });

  it('that its holder had no time to sign is not for ever', async () => {
    writeFileSync(`${path()}.4`, '');
    await take();
    expect(files()).toEqual(['lock.5']);
  });

  it('is not taken under a number that others have used meanwhile', async () => {
    sign(1, { pid: 7 });
    const slow = take(); // watches number 1
    sign(3, { pid: process.pid, place: 'elsewhere too' });
    rmSync(`${path()}.1`);
    const stop = beat(3);
    await expect(slow).rejects.toMatchObject(lockedBy(process.pid));
    stop();
    expect(files()).toEqual(['lock.3']);
  });

  it('is lost once another has followed, and is left alone then', async () => {
    const lock = await take();
    lock.requireHeld();
    sign(2, { pid: 7 });
    await vi.waitFor(() =>
      expect(() => lock.requireHeld()).toThrow(expect.objectContaining({ code: 'RUN_LOCK_LOST' })),
    );
    lock.release();
    expect(readFileSync(`${path()}.2`, 'utf8')).toContain('theirs');
  });

  it('is held by a process whose event loop is busy', async () => {
    await take();
    const touchedAt = () => statSync(`${path()}.1`).mtimeMs;
    const signedAt = touchedAt();
    await vi.waitUntil(() => touchedAt() > signedAt); // the thread has started
    const before = touchedAt();
    for (const endMs = performance.now() + 500; performance.now() < endMs;);
    expect(touchedAt()).toBeGreaterThan(before + 200);
  });
});
