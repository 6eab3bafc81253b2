/** What a training writes into its checkpoints, and checks when it goes on from one. */
import type { TrainingPlace } from '../../checkpoint/manifest.ts';
import type { ModelIdentity } from '../../checkpoint/model-identity.ts';

export interface TrainingIdentity {
  readonly model: ModelIdentity;
  readonly place: TrainingPlace;
  /** Content key of the training: what it is made from, to the last option. Checkpoints record it. */
  readonly key: string;
  /** @throws MODEL_DIFFERS for weights of another model */
  requireOwnModel(weights: {
    readonly path: string;
    readonly model: ModelIdentity | undefined;
  }): Promise<unknown>;
  /** @throws IDENTIFIERS_DIFFER for a table whose rows belong to other identifiers */
  requireOwnRows(weights: {
    readonly path: string;
    readonly identifiers: readonly string[] | undefined;
  }): Promise<void>;
}
