/** From overrides that sweep, and a declared ablation, to the list of trials. */
import { overrideProblem } from '../config/compose.ts';
import { OverrideSyntaxError } from '../config/override-value.ts';
import type { Ablation } from '../schema/pipeline-schema.ts';
import { ConfigInvalid, type Problem } from '../config/problem.ts';
import { isSwept, parseSweep, type Interval, type SweptKey } from '../config/sweep-grammar.ts';
import { randomStream, type RandomStream } from '../random/random-stream.ts';
import { sweepEmpty, sweepTooBig, trialsMissing } from './errors.ts';
import { ARM, SEED, type Trial } from './trial.ts';

const MAX_TRIALS = 10_000;
/** A grid beyond it is drawn from like an interval: hitting a point twice is as good as impossible. */
const MAX_INDEXED = 2 ** 31;

/** Samples that many trials instead of running the whole grid. */
export interface RandomSearch {
  readonly trials: number;
  readonly seed: number;
}

/** One axis of the grid: a column, and what each of its values does. */
interface Dimension {
  readonly column: string;
  readonly prefix: string;
  readonly points: readonly Point[] | Interval;
}

interface Point {
  readonly text: string;
  readonly overrides: readonly string[];
}

/** Overrides that hold for all trials, and those that sweep. */
export interface SweepOverrides {
  readonly fixed: readonly string[];
  readonly swept: readonly SweptKey[];
}

/** @throws CONFIG_INVALID with every override that cannot be read */
export function splitOverrides(file: string, texts: readonly string[]): SweepOverrides {
  const fixed: string[] = [];
  const swept: SweptKey[] = [];
  const problems: Problem[] = [];
  for (const [i, text] of texts.entries()) {
    try {
      const override = parseSweep(text);
      if (isSwept(override)) swept.push(override);
      else fixed.push(text);
    } catch (error) {
      if (!(error instanceof OverrideSyntaxError)) throw error;
      problems.push(overrideProblem(i + 1, text, error));
    }
  }
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return { fixed, swept };
}

/**
 * All combinations in the order of the command line, the last key fastest, as Hydra does; an
 * ablation's seeds are the slowest, so that each arm has one result early. With a random search:
 * that many distinct points of the grid, or draws where there is an interval.
 *
 * @throws SWEEP_EMPTY, SWEEP_TOO_BIG, SWEEP_TRIALS_MISSING
 */
export function planTrials(
  { fixed, swept }: SweepOverrides,
  ablation: Ablation | undefined,
  search: RandomSearch | undefined,
): Trial[] {
  const own = swept.map(dimensionOf);
  const seedGiven =
    own.some(({ column }) => column === SEED) || fixed.some((text) => /^\+*seed=/.test(text));
  const dimensions = [...dimensionsOf(ablation, seedGiven), ...own];
  if (dimensions.length === 0) throw sweepEmpty();
  const points = search === undefined ? grid(dimensions) : sample(dimensions, search);
  const width = Math.max(3, String(points.length - 1).length);
  return points.map((point, i) => ({
    id: String(i).padStart(width, '0'),
    values: Object.fromEntries(point.map(({ text }, d) => [dimensions[d]!.column, text])),
    overrides: [...fixed, ...point.flatMap(({ overrides }) => overrides)],
  }));
}

/** @param seedGiven  the command line's seeds go before the file's */
function dimensionsOf(ablation: Ablation | undefined, seedGiven: boolean): Dimension[] {
  if (ablation === undefined) return [];
  const declared = seedGiven ? [] : (ablation.seeds ?? []);
  const seeds = declared.map((seed) => pointOf(SEED, String(seed)));
  const arms = Object.entries(ablation.arms).map(([text, overrides]) => ({ text, overrides }));
  return [
    ...(seeds.length === 0 ? [] : [{ column: SEED, prefix: SEED, points: seeds }]),
    { column: ARM, prefix: '', points: arms },
  ];
}

function dimensionOf({ prefix, sweep }: SweptKey): Dimension {
  const column = prefix.replace(/^\+*/, '');
  const points =
    sweep.kind === 'interval'
      ? sweep.interval
      : sweep.choices.map(({ text }) => pointOf(prefix, text));
  return { column, prefix, points };
}

function pointOf(prefix: string, text: string): Point {
  return { text, overrides: [`${prefix}=${text}`] };
}

function grid(dimensions: readonly Dimension[]): Point[][] {
  const size = sizeOf(dimensions);
  if (size === Infinity) {
    throw trialsMissing(dimensions.find(({ points }) => 'start' in points)!.column);
  }
  if (size > MAX_TRIALS) throw sweepTooBig(size, MAX_TRIALS);
  return Array.from({ length: size }, (_, i) => pointAt(dimensions, i));
}

function sample(dimensions: readonly Dimension[], { trials, seed }: RandomSearch): Point[][] {
  if (trials > MAX_TRIALS) throw sweepTooBig(trials, MAX_TRIALS);
  const random = randomStream(seed).stream('sweep');
  const size = sizeOf(dimensions);
  if (size > MAX_INDEXED) {
    return Array.from({ length: trials }, (_, i) => draw(dimensions, random.stream(i)));
  }
  if (trials >= size) return grid(dimensions);
  const chosen = new Set<number>();
  while (chosen.size < trials) chosen.add(random.integer(size));
  return [...chosen].map((i) => pointAt(dimensions, i));
}

function sizeOf(dimensions: readonly Dimension[]): number {
  return dimensions.reduce(
    (size, { points }) => size * ('start' in points ? Infinity : points.length),
    1,
  );
}

/** The i-th combination, the last dimension fastest. */
function pointAt(dimensions: readonly Dimension[], i: number): Point[] {
  let rest = i;
  const point: Point[] = [];
  for (const { points } of dimensions.toReversed()) {
    const choices = points as readonly Point[];
    point.unshift(choices[rest % choices.length]!);
    rest = Math.floor(rest / choices.length);
  }
  return point;
}

function draw(dimensions: readonly Dimension[], random: RandomStream): Point[] {
  return dimensions.map(({ column, prefix, points }) => {
    const own = random.stream(column);
    if (!('start' in points)) return points[own.integer(points.length)]!;
    return pointOf(prefix, String(drawNumber(points, own.uniform())));
  });
}

function drawNumber({ start, end, log, int }: Interval, uniform: number): number {
  const value = log ? start * (end / start) ** uniform : start + (end - start) * uniform;
  if (int) return Math.min(Math.floor(value), end - 1);
  // Six digits are as good, and can be read.
  const rounded = Number(value.toPrecision(6));
  return Math.max(start, rounded < end ? rounded : value);
}
