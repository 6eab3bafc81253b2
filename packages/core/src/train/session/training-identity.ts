/** What a training writes into its checkpoints, and checks when it goes on from one. */
import type { JsonValue, TrainingPlace } from '../../checkpoint/manifest.ts';
import type { ModelIdentity } from '../../checkpoint/model-identity.ts';

export interface TrainingIdentity {
  readonly model: ModelIdentity;
  readonly place: TrainingPlace;
  /** Content key of the training: what it is made from, to the last option. Checkpoints record it. */
  readonly key: string;
  /** What the key was made from, as checkpoints record it; none in tests. */
  readonly madeFrom?: JsonValue | undefined;
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
  /** @throws PLUGINS_DIFFER for a state that other versions of the training's plugins have made */
  requireOwnPlugins?(state: { readonly path: string; readonly madeFrom: unknown }): void;
  /** @throws OPTIONS_DIFFER for a state that other options of the training have made */
  requireOwnOptions?(state: { readonly path: string; readonly madeFrom: unknown }): void;
}
