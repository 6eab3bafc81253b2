/**
 * Commits things of one kind, one after another, and says so after each. Usage: commit.js KIND FOLDER COUNT [SOURCES].
 *
 * Imports files of `dist`, not the packages: what loads more than it needs makes the recording longer.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';

const [kind, folder, count, sources] = process.argv.slice(2);
const dist = new URL('../../../packages/', import.meta.url).href;
const load = (path) => import(`${dist}${path}`);
const say = (text) => writeSync(1, `${text}\n`);

const kinds = { checkpoint, journal, artifact, sweep, engine };
await kinds[kind]();

/** Every step once, the last one twice, as a run that stops where it resumed saves it. The first is the best one. */
async function checkpoint() {
  const { saveCheckpoint } = await load('core/dist/checkpoint/checkpoint.js');
  const { writeBest } = await load('core/dist/checkpoint/best.js');
  const into = join(folder, 'run', 'checkpoints');
  const keeps = (step) => step === 1;
  for (const step of [...Array(Number(count)).keys(), Number(count) - 1].map((i) => i + 1)) {
    const data = new Float32Array(300).fill(step);
    const state = { 'parameters/w': { shape: [300], dtype: 'float32', data } };
    const files = { 'identifiers.json': Buffer.from(`["<blank>","puzzle of ${step}"]`) };
    const contents = { step, epoch: 0, state, files, metadata: { step } };
    await saveCheckpoint(into, contents, { keepLast: 2, keeps });
    say(`saved ${step}`);
    if (step > 2) continue;
    const found = { metric: 'm', split: 'test', mode: 'max', value: step, isMonitored: true };
    await writeBest(into, { step: 1, ...found });
    say(`best 1`);
  }
}

/** Steps in the order in which a training records and saves them. */
async function journal() {
  const { createRunFolder } = await load('core/dist/run/run-folder.js');
  const { Journal } = await load('core/dist/run/journal.js');
  const { createEventBus } = await load('core/dist/run/event-bus.js');
  const { saveCheckpoint } = await load('core/dist/checkpoint/checkpoint.js');
  const about = { configText: 'name: a\n', configHash: 'hash', versions: {} };
  const run = await createRunFolder({ root: join(folder, 'runs'), name: 'a', ...about });
  say('created');
  const written = new Journal(run.journalPath);
  const bus = createEventBus({ record: (event) => written.append(event), sync: () => written.sync() }); // prettier-ignore
  for (let step = 1; step <= Number(count); step++) {
    const metrics = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`m${i}`, step]));
    bus.emit({ type: 'step-finished', step, epoch: 0, metrics, durationMs: 1 });
    if (step % 4 > 0) continue;
    const data = new Float32Array(3).fill(step);
    const state = { 'parameters/w': { shape: [3], dtype: 'float32', data } };
    await bus.recorded();
    const contents = { step, epoch: 0, state, metadata: {} };
    const { path, bytes } = await saveCheckpoint(run.checkpointsPath, contents);
    bus.emit({ type: 'checkpoint-saved', step, path, bytes, durationMs: 1 });
    say(`saved ${step}`);
  }
  written.close();
}

/** Datasets in the cache, each made again once. */
async function artifact() {
  const { FileArtifactStore } = await load('core/dist/pipeline/artifact-store.js');
  const { writeDataset } = await load('core/dist/data/dataset-store.js');
  const grid = { vocabSize: 11, seqLen: 4, grid: { rows: 2, cols: 2 }, task: 'example' };
  const metadata = { ...grid, padId: 0, ignoreLabelId: 0, blankIdentifierId: 0 };
  for (const isForced of [false, true]) {
    const store = new FileArtifactStore({
      root: join(folder, 'stages'),
      isForced: () => isForced,
      inputsOf: (key) => ({ stage: 'build', config: key, plugins: {}, inputs: [] }),
      onReuse: () => undefined,
    });
    for (let index = 0; index < Number(count); index++) {
      const examples = Array.from({ length: 40 }, (_, i) => ({
        input: Uint8Array.of(index, i % 11, 1, 2),
        label: Uint8Array.of(0, i % 11, 3, 4),
      }));
      const groups = async function* () {
        yield { puzzles: [{ identifier: 1, examples }] };
      };
      const content = { metadata, splits: ['train', 'test'], groups, identifiers: () => ['<blank>', 'a'] }; // prettier-ignore
      const make = async (into) => void (await writeDataset(join(into, 'data'), content));
      await store.reuseOrMake('build', `key-${index}`, make, new AbortController().signal);
      say(`made key-${index}`);
    }
  }
}

async function sweep() {
  const { createSweepFolder } = await load('core/dist/sweep/sweep-folder.js');
  const { SweepJournal } = await load('core/dist/sweep/sweep-journal.js');
  const { mkdir } = await import('node:fs/promises');
  const ids = Array.from({ length: Number(count) }, (_, i) => String(i).padStart(3, '0'));
  const trials = ids.map((id) => ({ id, values: { seed: id }, overrides: [`seed=${id}`] }));
  const about = { name: 'a', trialsHash: 'hash', objective: { mode: 'max' }, trials };
  const made = await createSweepFolder({ root: join(folder, 'sweeps') }, about, async (path) => {
    for (const id of ids) await mkdir(join(path, 'trials', id));
  });
  say('created');
  const journal = new SweepJournal(made.journalPath);
  for (const id of ids) {
    journal.started(id);
    say(`started ${id}`);
    if (id === '001') journal.end(id, 'failed', `a long reason: ${'x'.repeat(2000)}`);
    else journal.end(id, 'done');
    say(`ended ${id}`);
  }
  journal.close();
}

async function engine() {
  const { installEngine } = await load('installer/dist/install-engine.js');
  const services = { cacheFolder: folder, offline: false, notify: () => undefined };
  await installEngine('fake', services, JSON.parse(sources));
  say('installed');
}
