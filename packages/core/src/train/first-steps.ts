/** Tells what a run needs as soon as its first steps have shown how long one takes. */
import type { MemoryStats } from '../engine/engine.ts';
import type { TrainingPlan } from '../run/events.ts';
import { planOf, type PlannedRun } from './plan.ts';

/** The first step of an engine faults in memory; one that takes longer than this is judged by it all the same. */
const LONG_STEP_MS = 2000;

export class FirstSteps {
  readonly #tell: (plan: TrainingPlan) => void;
  #run: { readonly planned: PlannedRun; readonly idle: MemoryStats } | undefined;
  #finished = 0;
  #told = false;

  constructor(tell: (plan: TrainingPlan) => void) {
    this.#tell = tell;
  }

  /** Called when an engine is ready to train, before it holds any state. */
  async begin(planned: PlannedRun): Promise<void> {
    this.#run = { planned, idle: await planned.engine.memory() };
    this.#finished = 0;
  }

  /** Called with each step that has ended. */
  async finish(stepMs: number, isLast: boolean): Promise<void> {
    if (this.#told || this.#run === undefined) return;
    this.#finished += 1;
    if (this.#finished === 1 && stepMs < LONG_STEP_MS && !isLast) return;
    this.#told = true;
    const { planned, idle } = this.#run;
    this.#tell(planOf(planned, { stepMs, idle, busy: await planned.engine.memory() }));
  }
}
