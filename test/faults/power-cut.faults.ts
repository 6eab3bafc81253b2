/**
 * The power is cut at any moment of a commit, and what was not fsynced may be lost, whole or in part: what the product
 * reads afterwards is the state before or after, and never less than it had told.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { latestCheckpoint, listCheckpoints, stateHash } from '@eddy/core/checkpoint';
import { openDataset } from '@eddy/core/data';
import { randomStream } from '@eddy/core';
import { freshFolder } from '@eddy/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

// What reads these has no other public face.
import { readBest } from '../../packages/core/src/checkpoint/best.ts';
import { FileArtifactStore } from '../../packages/core/src/pipeline/artifact-store.ts';
import { Journal } from '../../packages/core/src/run/journal.ts';
import { openRunFolder } from '../../packages/core/src/run/run-folder.ts';
import { findSweeps, openSweepFolder } from '../../packages/core/src/sweep/sweep-folder.ts';
import { readEnded, SweepJournal } from '../../packages/core/src/sweep/sweep-journal.ts';
import { findInstalled } from '../../packages/installer/src/install-engine.ts';
import { platformKey, type EngineSources } from '../../packages/installer/src/sources.ts';
import { storedZip } from '../../packages/installer/src/testing/stored-zip.ts';
import { count } from '../counts.ts';
import { cutStates, orderProblems } from './power-cut/cuts.ts';
import { writeTree, type Recording } from './power-cut/disk.ts';
import { record, whyNoStrace } from './power-cut/record.ts';

const SAMPLES = count(3, 40);
const SCRIPT = join(import.meta.dirname, 'power-cut', 'commit.js');
const unexpected = (text: string) => expect.unreachable(text);

const folder = freshFolder();
const noStrace = whyNoStrace();
beforeEach((context) => {
  if (noStrace !== undefined) context.skip(noStrace);
});

async function commits(
  kind: string,
  number: number,
  options: { readonly sources?: EngineSources; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Recording> {
  const root = join(folder.path, 'recorded');
  mkdirSync(root);
  const { sources = {}, env } = options;
  const args = [SCRIPT, kind, root, String(number), JSON.stringify(sources)];
  const command = [process.execPath, ...args] as const;
  return record({ root, command, ...(env === undefined ? {} : { env }) });
}

/** Looks at every state after a cut; returns how many there were. */
async function atEveryCut(
  recording: Recording,
  look: (root: string, said: string) => Promise<void>,
  samples = SAMPLES,
): Promise<number> {
  const random = randomStream(2026).stream('faults', 'power-cut');
  const root = join(folder.path, 'found');
  let states = 0;
  for (const { tree, said, describe: where } of cutStates(recording, random, samples)) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    writeTree(tree, root);
    try {
      await look(root, said);
    } catch (error) {
      if (error instanceof Error) error.message = `${where}: ${error.message}`;
      throw error;
    }
    states++;
  }
  return states;
}

const numbers = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, number]) => Number(number));

describe('a power cut', () => {
  it('leaves the newest checkpoint that was reported, whole, and the best one', async () => {
    const recording = await commits('checkpoint', count(4, 8));
    const states = await atEveryCut(recording, async (root, said) => {
      const checkpoints = join(root, 'run', 'checkpoints');
      // What was being written or removed may lie there, but is passed over without a warning.
      const latest = await latestCheckpoint(checkpoints, unexpected);
      const reported = Math.max(0, ...numbers(said, /saved (\d+)/g));
      const step = latest?.manifest.step ?? 0;
      expect(step).toBeGreaterThanOrEqual(reported);
      if (latest !== null) {
        expect(latest.manifest.stateHash).toBe(stateHash(latest.state));
        expect([...latest.state['parameters/w']!.data]).toEqual(Array(300).fill(step));
      }
      const best = await readBest(checkpoints);
      expect(best?.step).toBe(said.includes('best 1') ? 1 : best?.step);
      const steps = (await listCheckpoints(checkpoints)).map((checkpoint) => checkpoint.step);
      if (best !== undefined) expect(steps).toContain(best.step);
    });
    expect(states).toBeGreaterThan(50);
  });

  it('leaves a journal with every step of the checkpoint', async () => {
    const recording = await commits('journal', 12);
    const states = await atEveryCut(recording, async (root, said) => {
      const reported = Math.max(0, ...numbers(said, /saved (\d+)/g));
      const [name] = existsSync(join(root, 'runs')) ? readdirSync(join(root, 'runs')) : [];
      if (!said.includes('created') && name === undefined) return;
      const run = await openRunFolder(join(root, 'runs', name!)).catch((error: unknown) => {
        // A folder without a manifest is no run.
        if (said.includes('created')) throw error;
        expect(error).toMatchObject({ code: 'RUN_NOT_FOUND' });
      });
      if (run === undefined) return;
      const latest = await latestCheckpoint(run.checkpointsPath, unexpected);
      const step = latest?.manifest.step ?? 0;
      expect(step).toBeGreaterThanOrEqual(reported);
      const journal = new Journal(run.journalPath, { resumeSteps: new Map([['', step]]) });
      journal.close();
      expect(journal.gaps).toEqual([]);
      const steps = numbers(readFileSync(run.journalPath, 'utf8'), /"step-finished","step":(\d+)/g);
      expect(steps).toEqual(Array.from({ length: step }, (_, i) => i + 1));
    });
    expect(states).toBeGreaterThan(50);
  });

  it('leaves results of stages whole or not at all', async () => {
    const recording = await commits('artifact', count(1, 3));
    const states = await atEveryCut(recording, async (root, said) => {
      for (const key of ['key-0', 'key-1', 'key-2']) {
        const store = new FileArtifactStore({
          root: join(root, 'stages'),
          isForced: () => false,
          inputsOf: () => undefined,
          onReuse: () => undefined,
        });
        // Made again with --force: for a moment there is none, and the next run makes it.
        const isForcedNow = said.split(`made ${key}`).length === 2;
        const isThere = existsSync(join(root, 'stages', 'build', key));
        if (said.includes(`made ${key}`) && !isForcedNow) expect(isThere).toBe(true);
        if (!isThere) continue;
        const make = () => Promise.reject(new Error('made again'));
        const { path } = await store.reuseOrMake('build', key, make, new AbortController().signal);
        const dataset = await openDataset(join(path, 'data'));
        for (const split of ['train', 'test']) {
          const { inputs } = await dataset.open(split);
          expect(inputs.length).toBe(160);
          expect(inputs[0]).toBe(Number(key.slice(4)));
        }
        expect(await dataset.identifiers()).toEqual(['<blank>', 'a']);
        expect(readFileSync(join(path, 'key.json'), 'utf8')).toContain(key);
      }
    });
    expect(states).toBeGreaterThan(50);
  });

  it('leaves a sweep that knows each end that was reported', async () => {
    const recording = await commits('sweep', count(3, 6));
    const states = await atEveryCut(recording, async (root, said) => {
      const [found] = await findSweeps(join(root, 'sweeps'), 'a', 'hash');
      if (said.includes('created')) expect(found).toBeDefined();
      if (found === undefined) return;
      const { journalPath, manifest } = await openSweepFolder(found.path);
      expect(manifest.trials.length).toBe(count(3, 6));
      const told = [...said.matchAll(/ended (\d+)/g)].map(([, id]) => id!);
      const ends = readEnded(journalPath);
      expect([...ends.keys()]).toEqual(expect.arrayContaining(told));
      const journal = new SweepJournal(journalPath);
      expect([...journal.ended.keys()]).toEqual([...ends.keys()]);
      expect(journal.ended.get('001')?.reason?.length ?? 2015).toBe(2015);
      journal.end('999', 'done');
      journal.close();
      expect(readEnded(journalPath).get('999')?.status).toBe('done');
    });
    expect(states).toBeGreaterThan(50);
  });

  it('leaves an engine that is whole, or none', async () => {
    const { sources, env } = fakeEngine();
    const recording = await commits('engine', 1, { sources, env });
    const states = await atEveryCut(recording, async (root, said) => {
      const installed = await findInstalled('fake', root, sources);
      if (said.includes('installed')) expect(installed).not.toBeNull();
      if (installed !== null) {
        expect(readFileSync(installed.pluginPath, 'utf8')).toBe('the library'.repeat(400));
      }
    });
    expect(states).toBeGreaterThan(50);
  });
});

describe('the order of a commit', () => {
  it(`is write, fsync, rename, fsync of the folder, in ${count(8, 100)} saves`, async () => {
    const saves = count(8, 100);
    const { renames, problems } = orderProblems(await commits('checkpoint', saves), (name) =>
      /^(?:step-\d+|best\.json)$/.test(name),
    );
    expect(problems).toEqual([]);
    expect(renames).toBeGreaterThanOrEqual(saves);
  });

  it.each(['journal', 'artifact', 'sweep'])('is the same for what %s commits', async (kind) => {
    const names = /^(?:step-\d+|config\.yml|manifest\.json|sweep\.json|key-\d+)$/;
    const recording = await commits(kind, 8);
    const { renames, problems } = orderProblems(recording, (name) => names.test(name));
    expect(problems).toEqual([]);
    expect(renames).toBeGreaterThan(0);
  });

  it('is the same for an engine', async () => {
    const { sources, env } = fakeEngine();
    const recording = await commits('engine', 1, { sources, env });
    const { renames, problems } = orderProblems(recording, (name) => name === 'fake-1.2');
    expect(problems).toEqual([]);
    expect(renames).toBe(1);
  });
});

/** An engine in a wheel, and a pip that "downloads" it. */
function fakeEngine(): { readonly sources: EngineSources; readonly env: NodeJS.ProcessEnv } {
  const library = 'plugins/plugin.so';
  const wheel = storedZip([
    { name: library, contents: 'the library'.repeat(400) },
    { name: 'fake-1.2.dist-info/METADATA', contents: 'Name: fake' },
  ]);
  const file = join(folder.path, 'fake-1.2-py3-none-any.whl');
  writeFileSync(file, wheel);
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = --dest ] && destination="$2"; shift; done
cp ${file} "$destination"
`;
  writeFileSync(join(bin, 'python3'), script, { mode: 0o755 });
  const sha256 = createHash('sha256').update(wheel).digest('hex');
  const about = { name: 'fake', version: '1.2', purpose: 'a plugin for tests', sizeBytes: 1 };
  const packages = { [platformKey()]: [{ from: 'pip', ...about, sha256 }] } as const;
  return {
    sources: { fake: { version: '1.2', library, packages } } as unknown as EngineSources,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
  };
}
