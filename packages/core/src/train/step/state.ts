/**
 * The state of a training run as a value: names, specs and initial values.
 *
 *   parameters/<n>  buffers/<n>  tables/<n>  average/<n>  slots/<slot>/<n>
 *   carry/<n>, or carry.<i>/<n> per micro-batch
 *
 * That is what a checkpoint holds. The device tree has, with micro-batches, scratch beside it that is
 * zero between steps: gradients/<n>, sums, and per micro-batch rows.<i>/<table> and rowIds.<i>/<table>.
 */
import { initialise } from '../../model/initialise.ts';
import type { Model } from '../../contracts/model.ts';
import type { RandomStream } from '../../random/random-stream.ts';
import { zeros, type HostTree, type SpecTree, type TensorSpec } from '@eddy/tensor/spec';
import { rowOptimizerMissing } from './errors.ts';
import { requireTrained, trainedParameters, trainedTables } from './frozen.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { packedLength } from './metrics.ts';
import { mapTree, under } from '@eddy/tensor';
import { modelSpecs, parameterSpecs } from '../../model/model-specs.ts';

/** @throws ROW_OPTIMIZER_MISSING when a table is to be trained and nothing does; NOTHING_TO_TRAIN */
export function checkParts(parts: TrainingParts): void {
  requireTrained(parts);
  const tables = Object.keys(trainedTables(parts));
  if (tables.length > 0 && parts.rowOptimizer === undefined) throw rowOptimizerMissing(tables);
}

export function numMicroBatches(sizes: BatchSizes): number {
  return sizes.globalBatchSize / sizes.microBatchSize;
}

/** Folders of the carries in the device tree: `carry`, or `carry.0`, `carry.1` … */
export function carryFolders(sizes: BatchSizes): string[] {
  const count = numMicroBatches(sizes);
  return count === 1 ? ['carry'] : Array.from({ length: count }, (_, i) => `carry.${i}`);
}

/** What the model reads and training with one program writes: everything but the carry. */
export function weightSpecs(parts: TrainingParts): Record<string, TensorSpec> {
  const { model, averager } = parts;
  return {
    ...modelSpecs(model),
    ...(averager === undefined ? {} : under('average', parameterSpecs(model))),
    ...slotSpecs(parts),
  };
}

/** Specs of what a checkpoint holds. */
export function stateSpecs(parts: TrainingParts, sizes: BatchSizes): SpecTree {
  const carry = parts.model.carry(sizes.microBatchSize);
  const carries = carryFolders(sizes).map((folder) => under(folder, carry));
  return Object.assign(weightSpecs(parts), ...carries) as SpecTree;
}

/** Specs of what the device tree has beside the state: accumulators of the micro-batches. */
function scratchSpecs(parts: TrainingParts, sizes: BatchSizes): SpecTree {
  const count = numMicroBatches(sizes);
  if (count === 1) return {};
  const rows = Array.from({ length: count }, (_, i) => ({
    ...under(`rows.${i}`, rowSpecs(parts, sizes.microBatchSize)),
    ...under(`rowIds.${i}`, rowIdSpecs(parts, sizes.microBatchSize)),
  }));
  return Object.assign(accumulatorSpecs(parts), ...rows) as SpecTree;
}

/** Sums over the micro-batches of a step. */
export function accumulatorSpecs(parts: TrainingParts): Record<string, TensorSpec> {
  return {
    ...under('gradients', trainedParameterSpecs(parts)),
    sums: float32([packedLength(parts.model)]),
  };
}

/** Gradients of the gathered rows of a batch. */
export function rowSpecs(parts: TrainingParts, batchSize: number): Record<string, TensorSpec> {
  return mapTree(trainedTables(parts), ({ dim }) => float32([batchSize, dim]));
}

export function rowIdSpecs(parts: TrainingParts, batchSize: number): Record<string, TensorSpec> {
  return mapTree(trainedTables(parts), () => ({ shape: [batchSize], dtype: 'int32' as const }));
}

/** The state before the first step. */
export function initialState(
  parts: TrainingParts,
  sizes: BatchSizes,
  random: RandomStream,
): HostTree {
  return { ...initialWeights(parts, random), ...initialCarries(parts.model, sizes) };
}

/**
 * Of it what does not depend on the batch. Each tensor is drawn from a stream of its own name, so that
 * adding a parameter leaves the others as they were.
 */
export function initialWeights(parts: TrainingParts, random: RandomStream): HostTree {
  const { model, averager } = parts;
  const draw = (folder: string, specs: Model['parameters']) =>
    under(
      folder,
      mapTree(specs, (spec, name) => ({
        ...float32(spec.shape),
        data: initialise(spec, random.stream('initialise', folder, name)),
      })),
    );
  const parameters = draw('parameters', model.parameters);
  const tables = mapTree(model.tables, ({ rows, dim, init }) => ({ shape: [rows, dim], init }));
  return {
    ...parameters,
    ...draw('buffers', model.buffers),
    ...draw('tables', tables),
    ...(averager === undefined ? {} : averageOf(parameters)),
    ...mapTree(slotSpecs(parts), zeros),
  };
}

/** Zeros for the scratch of the micro-batches. */
export function initialScratch(parts: TrainingParts, sizes: BatchSizes): HostTree {
  return mapTree(scratchSpecs(parts, sizes), zeros);
}

export function initialCarries(model: Model, sizes: BatchSizes): HostTree {
  const carry = model.initialCarry(sizes.microBatchSize);
  const carries = carryFolders(sizes).map((folder) => under(folder, carry));
  return Object.assign({}, ...carries) as HostTree;
}

/** An average starts as the parameters. */
export function averageOf(parameters: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => [
      name.replace(/^parameters\//, 'average/'),
      tensor,
    ]),
  );
}

function trainedParameterSpecs(parts: TrainingParts): Record<string, TensorSpec> {
  return mapTree(trainedParameters(parts), ({ shape }) => float32(shape));
}

function slotSpecs(parts: TrainingParts): Record<string, TensorSpec> {
  const specs: Record<string, TensorSpec> = {};
  for (const [name, parameter] of Object.entries(trainedParameterSpecs(parts))) {
    for (const [slot, spec] of Object.entries(parts.optimizer.slots(parameter))) {
      specs[`slots/${slot}/${name}`] = spec;
    }
  }
  return specs;
}

function float32(shape: readonly number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}
