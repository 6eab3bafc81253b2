/** Stage `average`: the mean of the last checkpoints of a training, as one more checkpoint. */
import { join } from 'node:path';

import { concat, concatMap, defer, EMPTY, from, ignoreElements, of, type Observable } from 'rxjs';
import { z } from 'zod';

import { listCheckpoints, saveCheckpoint, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { identifiersFile } from '../checkpoint/identifiers.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { StageServices } from '../contracts/services.ts';
import { alphasFor, WeightedMean } from '../train/weights/average-weights.ts';
import {
  CHECKPOINT_ARTIFACT,
  type LiveCheckpoint,
  type ReusedTraining,
} from '../train/session/checkpoint-artifact.ts';
import { readWeights, type StoredWeights } from '../train/weights/stored-weights.ts';

const config = z
  .strictObject({
    last: z
      .int()
      .min(2)
      .default(3)
      .describe('number of checkpoints to average: those of the last evaluations'),
    weights: z
      .array(z.number())
      .optional()
      .describe('weight of each checkpoint, oldest first, with a sum of 1; equal by default'),
    of: z
      .enum(['average', 'parameters'])
      .default('average')
      .describe('averaged weights of each checkpoint, if there are any, or raw weights'),
  })
  .superRefine(({ last, weights }, context) => {
    if (weights !== undefined && weights.length !== last) {
      context.addIssue({
        code: 'custom',
        path: ['weights'],
        input: weights,
        message: `expected ${last} numbers, one for each of the last checkpoints`,
      });
    }
  });

type AverageConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'average',
  apiVersion: 1,
  summary: 'averages the weights of the last checkpoints of a training',
  config,
  needs: ['stage'],
  create: (options, { stage }): Stage => ({
    needs: [CHECKPOINT_ARTIFACT],
    provides: [CHECKPOINT_ARTIFACT],
    foresee: (inputs) => ({ artifacts: inputs.map((input) => ({ ...input, stage: stage.name })) }),
    // What comes in goes on: whoever measures checkpoints sees those of the training, and the average.
    run: (inputs$) => {
      let reused: ReusedTraining | undefined;
      const take = (input: Artifact): Observable<Artifact> => {
        // What another stage averaged is no checkpoint of the training.
        if (!isOfTraining(input, stage)) return of(input);
        reused = (input.value as LiveCheckpoint | undefined)?.reusedFrom;
        return concat(of(input), kept(input, options, stage));
      };
      const end = () => (stage.planOnly === true ? EMPTY : from(average(options, stage, reused)));
      return concat(inputs$.pipe(concatMap(take)), defer(end));
    },
  }),
});

function isOfTraining(input: Artifact, services: StageServices): boolean {
  const all = services.stages();
  const useOf = (stage: string) => all.find((view) => view.name === stage)?.reference.use;
  return useOf(input.stage) !== useOf(services.name);
}

/**
 * Training removes old checkpoints, and a resumed one does not show again those that it made before:
 * the weights of the last few are kept apart.
 */
function kept(
  input: Artifact,
  { last, of: kind }: AverageConfig,
  services: StageServices,
): Observable<never> {
  const save = async (): Promise<void> => {
    const weights = await readWeights(input.path, kind, { warn: warner(services) });
    const { step = 0, epoch, tree, model, training } = weights;
    const files = namesOf(weights);
    const contents = { step, epoch, state: tree, model, training, metadata: {}, files };
    await saveCheckpoint(snapshotsFolder(services), contents, { keepLast: last });
  };
  if (input.waitUntil === undefined) return from(save()).pipe(ignoreElements());
  // Training waits, and hears of failures.
  return from(input.waitUntil(save).catch(() => undefined)).pipe(ignoreElements());
}

async function* average(
  options: AverageConfig,
  services: StageServices,
  reused: ReusedTraining | undefined,
): AsyncGenerator<Artifact> {
  const chosen = (await listCheckpoints(snapshotsFolder(services))).slice(-options.last);
  if (chosen.length === 0) return;
  const alphas = alphasFor(chosen.length, options.weights);
  const mean = new WeightedMean();
  let newest!: StoredWeights;
  for (const [i, { path }] of chosen.entries()) {
    newest = await readWeights(path, 'parameters', { warn: warner(services) });
    mean.add(newest, alphas[i]!);
  }
  const { step = 0, epoch } = newest;
  const path = join(averagesFolder(services), `step-${String(step).padStart(8, '0')}`);
  const steps = chosen.map((checkpoint) => checkpoint.step);
  const { stateHash } = await writeCheckpoint(path, {
    step,
    epoch,
    state: mean.tree(),
    model: newest.model,
    training: newest.training,
    metadata: { averageOf: steps, weights: alphas },
    files: namesOf(newest),
  });
  const text = `average of the checkpoints of steps ${steps.join(', ')}: ${path}`;
  services.bus.emit({ type: 'message', level: 'info', text, stage: services.name });
  const gone = reused?.stepsWithoutCheckpoint ?? [];
  if (chosen.length < options.last && gone.length > 0) {
    warner(services)(
      `the average is over ${chosen.length} checkpoints, not of ${options.last}: those of steps ${gone.join(', ')} ` +
        `are missing from the reused training; --force trains again`,
    );
  }
  const key = services.artifactKey([stateHash]);
  yield { kind: CHECKPOINT_ARTIFACT, stage: services.name, key, path, label: services.name };
}

function snapshotsFolder(services: StageServices): string {
  return join(averagesFolder(services), 'snapshots');
}

/** `averages`, with the stage's name unless it is `average`. */
function averagesFolder({ runFolder, name }: StageServices): string {
  return join(runFolder, name === 'average' ? 'averages' : `averages-${name}`);
}

function namesOf({ identifiers }: StoredWeights): Record<string, Uint8Array> {
  return identifiers === undefined ? {} : identifiersFile(identifiers);
}

function warner({ bus, name }: StageServices): (text: string) => void {
  return (text) => bus.emit({ type: 'message', level: 'warning', text, stage: name });
}
