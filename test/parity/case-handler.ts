/** What a file in `cases/` exports to run a family of parity cases. */
import type { Fixture } from './fixture.ts';

/**
 * `oracle`: TF.js on its cpu backend, op by op. `xla`: compiled by the XLA CPU engine in float32;
 * `xla-bf16`: the same with bfloat16 products. `tensorflow`: the traced graph, op by op.
 */
export type ParityEngine = 'oracle' | 'xla' | 'xla-bf16' | 'tensorflow';

export const FLOAT32_ENGINES: readonly ParityEngine[] = ['oracle', 'xla', 'tensorflow'];

export interface CaseHandler {
  /** By the name of the case, usually its prefix. */
  matches(name: string): boolean;
  /** Engines to run on, one test each. Absent for cases that compute no tensors. */
  readonly engines?: readonly ParityEngine[];
  /**
   * Compares everything the fixture states; throws at the first difference.
   *
   * @throws NotYet for a case that Eddy does not build yet.
   */
  run(fixture: Fixture, engine: ParityEngine): void | Promise<void>;
}

/** Counts a case as `not yet`, apart from the passed and the failed. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}
