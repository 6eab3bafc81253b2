/** Which model stored weights are used in, checked against the one that they were trained in. */
import {
  compareModels,
  modelIdentity,
  type ModelDataset,
  type ModelDifference,
  type ModelIdentity,
} from '../../checkpoint/model-identity.ts';
import { requireSameModel, type SameModelRequest } from '../../checkpoint/same-model.ts';
import type { PartDescription, PartFactory, PluginReference } from '../../contracts/services.ts';

export interface ModelOfWeightsRequest extends Pick<
  SameModelRequest,
  'isResume' | 'allowed' | 'override' | 'say'
> {
  readonly weights: { readonly path: string; readonly model: ModelIdentity | undefined };
  /** Models that the pipeline names for them, in its order; the weights' own model by default. */
  readonly candidates: readonly PluginReference[];
  /** The data that they are used on. */
  readonly dataset: ModelDataset;
  readonly parts: Pick<PartFactory, 'describe'>;
}

export interface ModelOfWeights {
  readonly reference: PluginReference;
  readonly identity: ModelIdentity;
  /** Differences that the user has allowed. */
  readonly allowed: readonly ModelDifference[];
}

/**
 * Chooses the candidate that the weights were trained in. Without one it is the last, and the
 * difference is refused.
 *
 * @returns undefined where neither the pipeline nor the weights name a model
 * @throws MODEL_DIFFERS
 */
export async function modelOfWeights(
  request: ModelOfWeightsRequest,
): Promise<ModelOfWeights | undefined> {
  const { weights, candidates, dataset, parts } = request;
  const recorded = weights.model && (await withDefaultsOfToday(weights.model, parts));
  const references =
    candidates.length > 0 || recorded === undefined ? candidates : [referenceOf(recorded)];
  const known = await Promise.all(
    references.map(async (reference) => {
      const part = await parts.describe('model', reference);
      return { reference, part, identity: modelIdentity(part, dataset) };
    }),
  );
  const fitting = known.findLast(
    ({ identity, part }) =>
      recorded !== undefined &&
      compareModels(identity, recorded, { ...request, ...part }).refused.length === 0,
  );
  const chosen = fitting ?? known.at(-1);
  if (chosen === undefined) return undefined;
  const { reference, identity, part } = chosen;
  const allowed = requireSameModel({
    ...request,
    path: weights.path,
    expected: identity,
    adjustable: part.adjustable,
    received: recorded,
  });
  return { reference, identity, allowed };
}

/** The recorded model as a reference that makes it. */
function referenceOf({ use, options }: ModelIdentity): PluginReference {
  return { ...options, use };
}

/** An option that came with a later version has its default in weights of an earlier one. */
async function withDefaultsOfToday(
  recorded: ModelIdentity,
  parts: Pick<PartFactory, 'describe'>,
): Promise<ModelIdentity> {
  try {
    const today: PartDescription = await parts.describe('model', referenceOf(recorded));
    return modelIdentity({ ...recorded, options: today.options }, recorded.dataset);
  } catch {
    // The plugin is not here, or no longer takes these options: they are compared as they are.
    return recorded;
  }
}
