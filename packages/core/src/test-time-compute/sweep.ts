/** What a sweep over test-time compute asks for, and the trajectories that answer it. */
import { z } from 'zod';
import type { ComputeSetting } from '../contracts/events.ts';

const MAX_STEPS = 4096;
const MAX_CANDIDATES = 4096;

/** `16` or `[1, 4, 16]`. */
function oneOrMany<T extends z.ZodType<number | boolean | string>>(value: T) {
  return z
    .union([value, z.array(value).min(1)])
    .transform((given) => (Array.isArray(given) ? [...new Set(given)] : [given]) as z.output<T>[]);
}

const count = (maximum: number) => z.int().min(1).max(maximum);

export const sweepEntry = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .describe('name of this curve; by default the settings that vary'),
  steps: oneOrMany(count(MAX_STEPS))
    .optional()
    .describe('number of supervision steps; by default as in training'),
  trajectories: oneOrMany(count(MAX_CANDIDATES))
    .prefault(1)
    .describe(
      'number of trajectories for each puzzle: the first without noise, each other with its own noise',
    ),
  noise: oneOrMany(z.number().min(0))
    .prefault(0.2)
    .describe('standard deviation of the noise that is added to the latents before every step'),
  views: oneOrMany(count(MAX_CANDIDATES))
    .prefault(1)
    .describe('number of augmented versions of each puzzle, the first being the puzzle itself'),
  halt: oneOrMany(z.boolean())
    .prefault(false)
    .describe('stop a trajectory as soon as q_halt is above 0'),
  choose: oneOrMany(z.enum(['best-q', 'mode']))
    .prefault('best-q')
    .describe('how the answer is chosen: the highest q_halt, or the most frequent answer'),
});

export type SweepEntry = z.output<typeof sweepEntry>;
/** Every combination of what the entries list. */
export function settingsOf(entries: readonly SweepEntry[], modelSteps: number): ComputeSetting[] {
  return entries.flatMap((entry) => {
    const { trajectories, noise, views, halt, choose } = entry;
    const steps = entry.steps ?? [modelSteps];
    const axes = { steps, trajectories, noise, views, halt, choose };
    return combinations(axes).map((values) => ({
      curve: entry.name ?? nameOf(axes, values),
      ...values,
    }));
  });
}

type Axes = {
  readonly [Name in keyof Omit<ComputeSetting, 'curve'>]: readonly ComputeSetting[Name][];
};
type Values = Omit<ComputeSetting, 'curve'>;

function combinations({ steps, trajectories, noise, views, halt, choose }: Axes): Values[] {
  const all: Values[] = [];
  for (const c of choose)
    for (const h of halt)
      for (const n of noise)
        for (const v of views)
          for (const t of trajectories)
            for (const s of steps)
              all.push({ steps: s, trajectories: t, noise: n, views: v, halt: h, choose: c });
  return all;
}

/**
 * A curve runs along one axis of amounts, the first that varies; the others name it:
 * `steps`, `trajectories, 16 steps`, `steps, halting`.
 */
function nameOf(axes: Axes, values: Values): string {
  const along = (['steps', 'trajectories', 'views'] as const).find((axis) => axes[axis].length > 1);
  const amounts = (['steps', 'trajectories', 'views'] as const).filter(
    (axis) => axis !== along && (axis === 'steps' || axes[axis].length > 1 || values[axis] > 1),
  );
  const noisy = axes.trajectories.some((n) => n > 1) && axes.noise.length > 1;
  return [
    ...(along === undefined ? [] : [along]),
    ...amounts.map((axis) => `${values[axis]} ${axis}`),
    ...(noisy ? [`noise ${values.noise}`] : []),
    ...(values.halt ? ['halting'] : []),
    ...(values.choose === 'mode' ? ['mode'] : []),
  ].join(', ');
}

/** A trajectory to run: everything that settings share of it is run once. */
export interface PlannedTrajectory {
  readonly view: number;
  /** 0 is the one without noise. */
  readonly index: number;
  readonly noise: number;
  /** Supervision steps after which its answer is asked for, ascending. */
  readonly steps: readonly number[];
  /** Some setting wants its answer where it halts. */
  readonly halts: boolean;
  /** Some setting wants its answer at a step, halted or not. */
  readonly runsOn: boolean;
}

/** The trajectories of all settings together. */
export function trajectoriesOf(settings: readonly ComputeSetting[]): PlannedTrajectory[] {
  const planned = new Map<string, PlannedTrajectory>();
  for (const setting of settings) {
    for (let view = 0; view < setting.views; view++) {
      for (let index = 0; index < setting.trajectories; index++) {
        const key = trajectoryKey(setting, view, index);
        const old = planned.get(key);
        planned.set(key, {
          view,
          index,
          noise: noiseOf(setting, index),
          steps: [...new Set([...(old?.steps ?? []), setting.steps])].sort((a, b) => a - b),
          halts: setting.halt || old?.halts === true,
          runsOn: !setting.halt || old?.runsOn === true,
        });
      }
    }
  }
  return [...planned.values()];
}

/** The keys of the trajectories whose answers a setting chooses among. */
export function candidatesOf(setting: ComputeSetting): string[] {
  const keys: string[] = [];
  for (let view = 0; view < setting.views; view++) {
    for (let index = 0; index < setting.trajectories; index++) {
      keys.push(trajectoryKey(setting, view, index));
    }
  }
  return keys;
}

export function keyOf({ view, index, noise }: PlannedTrajectory): string {
  return `${view}/${index}/${noise}`;
}

function trajectoryKey(setting: ComputeSetting, view: number, index: number): string {
  return `${view}/${index}/${noiseOf(setting, index)}`;
}

function noiseOf(setting: ComputeSetting, index: number): number {
  return index === 0 ? 0 : setting.noise;
}
