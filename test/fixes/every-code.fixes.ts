/** Each error code has a case whose fix is followed, or a reason here why it has none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, it } from 'vitest';

const ENGINE_PROCESS = 'needs an engine in a process of its own, which the engine lane starts';
const LARGE = 'needs weights or files of more than 2 to 4 GiB';

const WITHOUT_CASE: Readonly<Record<string, string>> = {
  ARCHIVE_TOO_LARGE: LARGE,
  AUGMENTATION_NOT_INVERTIBLE: 'every augmentation of ours has an inverse; only a plugin lacks one',
  CHECKPOINT_WRITE_FAILED:
    'needs a full disk; test/faults/run-disk.faults.ts fills one and frees it',
  DATASET_TOO_LARGE: 'depends on the disk; dataset-store.test.ts gives it a small one',
  DEVICES_MISSING: ENGINE_PROCESS,
  DEVICE_ABSENT: 'needs the compiler of a GPU; engine-holder.test.ts has its engine made up',
  ENGINE_DIED: ENGINE_PROCESS,
  ENGINE_DISPOSED: ENGINE_PROCESS,
  HOSTS_DIFFER: 'needs two ranks with XLA; test/cluster/refused.cluster.ts starts them',
  INTERNAL: 'a defect of Eddy: the fix is to report it',
  JOURNAL_WRITE_FAILED: 'needs a full disk; test/faults/run-disk.faults.ts fills one and frees it',
  MEMORY_TOO_SMALL:
    'needs a compiler that says what memory a step takes; fit-memory.test.ts follows each of its options',
  MONITOR_SPLIT_MISSING:
    'validation says it first; only behind a stage of one’s own that tells nothing of its splits is it left to the run',
  ONNX_TOO_LARGE: LARGE,
  OUTPUT_LOST: 'needs a standard output that is full; test/faults/side-channels.faults.ts has one',
  OUT_OF_MEMORY: ENGINE_PROCESS,
  PACK_DATA_MISSING: 'no case yet',
  PLUGIN_FAILED: ENGINE_PROCESS,
  PLUGIN_NOT_LOADED: ENGINE_PROCESS,
  PLUGIN_OPTIONS_INVALID:
    'validation says it first; it is left to programs that make parts by hand',
  PUZZLE_TOO_LONG: 'reads standard input, which tests in one process share',
  RESUME_UNVERIFIABLE: 'starts and kills processes; test/e2e/verify-resume.e2e.ts does',
  RUN_LOCK_LOST: 'needs a disk without locks and half a minute; lock-file.test.ts moves the clock',
  TENSORFLOW_UNSUPPORTED_OP: 'needs engine tensorflow, whose op suite meets each of its gaps',
  TOO_MANY_FILES: 'needs a limit of the process; test/faults/run-disk.faults.ts sets and raises it',
  TORCH_FILE_TOO_LARGE: LARGE,
  VOTES_DAMAGED:
    'needs a run that was stopped between two evaluations; arc.test.ts of the evaluators damages the file',
  WEB_UNSUPPORTED_OP: 'needs a model that a browser cannot run and a training of it',
};

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.fixes.ts'));
const followed = new Set(
  names.flatMap((name) => {
    const source = readFileSync(join(import.meta.dirname, name), 'utf8');
    return [...source.matchAll(/^ *code: '([A-Z0-9_]+)',$/gm)].map(([, code]) => code!);
  }),
);

it('has a case for each code of docs/errors.md, or a reason', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const codes = [...page.matchAll(/^## ([A-Z0-9_]+)$/gm)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(200);
  const missing = codes.filter((code) => !followed.has(code) && !(code in WITHOUT_CASE));
  expect(missing).toEqual([]);
  // A reason outlives neither its code nor the lack of a case.
  const stale = Object.keys(WITHOUT_CASE).filter(
    (code) => followed.has(code) || !codes.includes(code),
  );
  expect(stale).toEqual([]);
  expect(Object.keys(WITHOUT_CASE).length).toBeLessThan(30);
});
