/** Tells what a run needs as soon as its first steps have shown how long one takes. */
import type { TrainingPlan } from '../../contracts/events.ts';
import { planOf, type PlannedRun } from './plan.ts';

/** The first step of an engine faults in memory; one that takes longer than this is judged by it all the same. */
const LONG_STEP_MS = 2000;

export class FirstSteps {
  readonly #tell: (plan: TrainingPlan) => void;
  #planned: PlannedRun | undefined;
  #finished = 0;
  #told = false;

  constructor(tell: (plan: TrainingPlan) => void) {
    this.#tell = tell;
  }

  /** Called when an engine is ready to train. */
  begin(planned: PlannedRun): void {
    this.#planned = planned;
    this.#finished = 0;
  }

  /** Called with each step that has ended. */
  async finish(stepMs: number, isLast: boolean): Promise<void> {
    const planned = this.#planned;
    if (this.#told || planned === undefined) return;
    this.#finished += 1;
    if (this.#finished === 1 && stepMs < LONG_STEP_MS && !isLast) return;
    this.#told = true;
    const idle = { bytesInUse: planned.fitted.budget.bytesInUse };
    this.#tell(planOf(planned, { stepMs, idle, busy: await planned.engine.memory() }));
  }
}
