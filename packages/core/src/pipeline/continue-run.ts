/** A new run that goes on from the state of another, with other values: `pipeline resume RUN train.epochs=40`. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';
import { checkpointPath, latestCheckpoint } from '../checkpoint/checkpoint.ts';
import { copyCheckpoint } from '../checkpoint/copy-checkpoint.ts';
import { listTrainings } from '../checkpoint/find-checkpoint.ts';
import { toPlain } from '../config/config-node.ts';
import { numberText } from '../config/number-text.ts';
import { readYamlFile } from '../config/read-yaml.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import type { MonitorState } from '../train/session/monitor.ts';

/** The trainings that a run has saved, by the step that each of them stands at. */
export interface Continued {
  readonly run: string;
  readonly step: number;
  /**
   * Copies the newest checkpoint of every training into the folder of a new run, and the best one, which the
   * newest one remembers; waits for the disk. They carry the id of the new run.
   */
  copyInto(runFolder: string, id: string): Promise<void>;
}

/**
 * What a new run takes over of another. A run that has saved nothing yet gives nothing: the new one begins from the
 * start.
 *
 * @throws CHECKPOINT_NONE_GOOD
 */
export async function continuedRun(
  run: RunFolder,
  warn: (text: string) => void,
): Promise<Continued> {
  const trainings = await listTrainings(run.checkpointsPath, warn);
  return {
    run: run.path,
    step: trainings.at(-1)?.step ?? 0,
    async copyInto(runFolder, id) {
      for (const training of trainings) {
        const { path, manifest } = (await latestCheckpoint(training.path, () => undefined))!;
        const copy = (place: string) =>
          copyCheckpoint(place, join(runFolder, relative(run.path, place)), id);
        await copy(path);
        const { monitor } = manifest.metadata as { readonly monitor?: MonitorState };
        const best = monitor?.best && checkpointPath(training.path, monitor.best.step);
        if (best === undefined || best === path || !existsSync(best)) continue;
        // The training goes on without it.
        await copy(best).catch((error: unknown) => {
          if (!(error instanceof EddyError)) throw error;
          warn(`the best checkpoint is damaged and not taken over: ${error.facts.at}`);
        });
      }
    },
  };
}

/** Values that decide a result, as `configHashOf` counts them. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'name',
  'description',
  'loggers',
  'ablate',
  'baseFolder',
]);
/** More than a person would paste. */
const MOST_OVERRIDES = 8;

/**
 * Returns the overrides that turn the config of a run into a pipeline's; none where the values are the same;
 * undefined where a few overrides cannot say it.
 */
export async function overridesFrom(
  run: RunFolder,
  { value }: Pick<ResolvedPipeline, 'value'>,
): Promise<readonly string[] | undefined> {
  const before = toPlain(await readYamlFile(run.configPath)) as Record<string, unknown>;
  const [old, now] = [leavesOf(before), leavesOf(value)];
  const removed = [...old.keys()].filter((path) => !now.has(path));
  const changed = [...now].filter(
    ([path, leaf]) => JSON.stringify(leaf) !== JSON.stringify(old.get(path)),
  );
  const isPlain = ([path, leaf]: readonly [string, unknown]) =>
    !/(^|\.)use$/.test(path) && /^(?:number|boolean|string)$/.test(typeof leaf);
  if (removed.length > 0 || changed.length > MOST_OVERRIDES || !changed.every(isPlain)) {
    return undefined;
  }
  return changed.map(([path, leaf]) => shellWord(`${path}=${written(leaf)}`));
}

function leavesOf(config: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const add = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      leaves.set(path, value);
      return;
    }
    for (const [key, item] of Object.entries(value))
      add(item, path === '' ? key : `${path}.${key}`);
  };
  add(Object.fromEntries(Object.entries(config).filter(([key]) => !UNCOUNTED.has(key))), '');
  return leaves;
}

function written(leaf: unknown): string {
  return typeof leaf === 'string' && !/^[A-Za-z][\w-]*$/.test(leaf)
    ? JSON.stringify(leaf)
    : typeof leaf === 'number'
      ? numberText(leaf)
      : String(leaf);
}
