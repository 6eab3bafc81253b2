/** Weights on disk: checkpoints, safetensors, state dicts. For whatever reads or writes them without a run. */
export { BEST_FILE, readBest } from './checkpoint/best.ts';
export { fromStateDict, toStateDict } from './model/state-dict.ts';
export {
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
  type Checkpoint,
  type CheckpointContents,
  type RetentionPolicy,
  type SavedCheckpoint,
} from './checkpoint/checkpoint.ts';
export type { CheckpointManifest, JsonValue } from './checkpoint/manifest.ts';
export {
  readHostTree,
  readSafetensors,
  toHostTensor,
  writeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
  type WrittenFile,
} from './checkpoint/safetensors.ts';
export { SAFETENSORS_BYTES, type SafetensorsDType } from './checkpoint/safetensors-header.ts';
export { SafetensorsRows } from './checkpoint/safetensors-rows.ts';
export { CHECKPOINTS_FOLDER, findCheckpoint, listTrainings } from './checkpoint/find-checkpoint.ts';
export { stateHash } from './checkpoint/state-hash.ts';
export { readHostFile } from './checkpoint/safetensors.ts';
export {
  IDENTITY_METADATA,
  modelInMetadata,
  type ModelIdentity,
} from './checkpoint/model-identity.ts';
