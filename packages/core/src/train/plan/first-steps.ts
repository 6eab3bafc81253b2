/** Tells what a run needs as soon as its first steps have shown how long one takes. */
import type { TrainingPlan } from '../../contracts/events.ts';
import { planOf, type PlannedRun } from './plan.ts';

/** Steps after the first that are looked at, unless they take long. */
const STEPS = 5;
/** A step that takes longer than this is judged by itself, the first one too. */
const LONG_MS = 2000;

/**
 * Judges by the median of a few steps. A single one says nothing: several are under way at once, and where the
 * process was busy with something else, their answers are read one right after the other. The first step of an
 * engine faults in memory, so that it counts only where there is no other.
 */
export class FirstSteps {
  readonly #tell: (plan: TrainingPlan) => void;
  #planned: PlannedRun | undefined;
  #durations: number[] = [];
  #told = false;

  constructor(tell: (plan: TrainingPlan) => void) {
    this.#tell = tell;
  }

  /** True from the first `begin` on: an engine that died is replaced without a word about the plan. */
  get hasBegun(): boolean {
    return this.#planned !== undefined;
  }

  /** Called when an engine is ready to train. */
  begin(planned: PlannedRun): void {
    this.#planned = planned;
    this.#durations = [];
  }

  /** Called with each step that has ended. */
  async finish(stepMs: number, isLast: boolean): Promise<void> {
    const planned = this.#planned;
    if (this.#told || planned === undefined) return;
    this.#durations.push(stepMs);
    const counted = this.#durations.length === 1 ? this.#durations : this.#durations.slice(1);
    const isEnough = stepMs >= LONG_MS || this.#durations.length > STEPS;
    if (!isEnough && !isLast) return;
    this.#told = true;
    const idle = { bytesInUse: planned.fitted.budget.bytesInUse };
    const judged = stepMs >= LONG_MS ? stepMs : median(counted);
    this.#tell(planOf(planned, { stepMs: judged, idle, busy: await planned.engine.memory() }));
  }
}

/** The upper one of the two in the middle: what went wrong made a step look short. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
