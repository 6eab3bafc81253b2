/** Back to the last checkpoint, and on behind the step that is not finite. */
import type { DeviceTree } from '../../contracts/engine.ts';
import type { StepPosition, StoredState } from './checkpoints.ts';
import { initialCarries, initialScratch, weightSpecs } from '../step/state.ts';
import type { StepRunner } from '../step/step-runner.ts';

/** Ends the steps under way: the run is to go back to its last checkpoint. */
export class RollbackDue extends Error {
  /** Of the step that is not finite. */
  readonly position: StepPosition;
  readonly tensor: string;

  constructor(position: StepPosition, tensor: string) {
    super(`${tensor} is not finite in step ${position.step}`);
    this.position = position;
    this.tensor = tensor;
  }
}

export function rolledBackText(due: RollbackDue, to: { readonly step: number }): string {
  const first = to.step + 1;
  const { step } = due.position;
  const steps = first === step ? `step ${step} is` : `steps ${first} to ${step} are`;
  return `${due.message}: restored the weights of step ${to.step}; ${steps} skipped`;
}

/** Brings the weights of `stored` back to the device. Rows in work are dropped: one of them may be what is wrong. */
export async function restoreWeights(
  state: DeviceTree,
  stored: StoredState,
  { parts, sizes }: StepRunner,
): Promise<void> {
  const names = Object.keys(weightSpecs(parts));
  await state.write({
    ...Object.fromEntries(names.map((name) => [name, stored.state[name]!])),
    ...initialCarries(parts.model, sizes),
    ...initialScratch(parts, sizes),
  });
}
