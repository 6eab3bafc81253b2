/** What a training stage knows of its place in the pipeline, and how it speaks and checks. */
import type { TrainingPlace } from '../checkpoint/manifest.ts';
import type { ModelIdentity } from '../checkpoint/model-identity.ts';
import { requireSameRows } from '../checkpoint/same-model.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { RunEventBody } from '../contracts/events.ts';
import type { PluginReference, StageServices } from '../contracts/services.ts';
import { modelOfWeights } from '../train/weights/model-of-weights.ts';
import type { TrainingIdentity } from '../train/session/training-identity.ts';

/** Events of a training, which say whose they are. */
const OF_TRAINING: readonly RunEventBody['type'][] = [
  'training-started',
  'training-planned',
  'step-finished',
  'checkpoint-saved',
  'monitor-updated',
  'resumed',
  'engine-died',
];

/** Place among the trainings of the pipeline; a label where there are several. */
export function placeOf(
  services: Pick<StageServices, 'name' | 'stages'>,
): TrainingPlace & { readonly label: string | undefined } {
  const { name } = services;
  const all = services.stages();
  const own = all.find((stage) => stage.name === name)?.reference.use;
  const trainings = all.filter(({ reference }) => reference.use === own);
  const index = trainings.findIndex((stage) => stage.name === name);
  return { stage: name, index, label: trainings.length > 1 ? name : undefined };
}

export function stageNotifier({ bus, name }: Pick<StageServices, 'bus' | 'name'>) {
  return (level: 'info' | 'warning', text: string) =>
    bus.emit({ type: 'message', level, text, stage: name });
}

/** The services as plain functions: a spread of an object with a prototype would lose its methods. */
export function boundServices(services: StageServices) {
  const { bus, name, runFolder } = services;
  const { label } = placeOf(services);
  const whose = { stage: name, ...(label === undefined ? {} : { label }) };
  return {
    name,
    bus: {
      events$: bus.events$,
      emit: (event: RunEventBody) =>
        bus.emit(OF_TRAINING.includes(event.type) ? { ...event, ...whose } : event),
      recorded: () => bus.recorded(),
    },
    runFolder,
    engine: () => services.engine(),
    restartEngine: () => services.restartEngine(),
  };
}

/** The checks of weights that a training starts or goes on from. */
export function modelChecks(
  options: { readonly model: PluginReference; readonly allowOtherModel: boolean },
  stage: StageServices,
  dataset: DatasetArtifact,
): Pick<TrainingIdentity, 'requireOwnModel' | 'requireOwnRows'> & {
  requireModel(weights: Weights): Promise<unknown>;
  /** Says a thing once in a session. */
  readonly say: (level: 'info' | 'warning', text: string) => void;
} {
  const allowed = options.allowOtherModel || stage.allowOtherModel === true;
  const override = `\`--allow-other-model\` (in the pipeline allowOtherModel: true of stage ${stage.name})`;
  // A run that restarts its engine opens its own checkpoint again: it says a thing once.
  const said = new Set<string>();
  const sayOnce = (level: 'info' | 'warning', text: string) => {
    if (said.has(text)) return;
    said.add(text);
    stageNotifier(stage)(level, text);
  };
  const common = { allowed, override, say: sayOnce };
  const requireModel = (weights: Weights, isResume: boolean) =>
    modelOfWeights({
      ...common,
      weights,
      isResume,
      candidates: [options.model],
      dataset: dataset.metadata,
      parts: stage.parts,
    });
  return {
    say: sayOnce,
    requireModel: (weights) => requireModel(weights, false),
    requireOwnModel: (weights) => requireModel(weights, true),
    requireOwnRows: async ({ path, identifiers }) =>
      requireSameRows({
        ...common,
        path,
        expected: await dataset.identifiers(),
        received: identifiers,
      }),
  };
}

interface Weights {
  readonly path: string;
  readonly model: ModelIdentity | undefined;
}
