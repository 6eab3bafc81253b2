/** Public names of @eddy/interop, listed one by one. */
export { readTorchFile, type TorchFile } from './torch/read-torch-file.ts';
export { writeTorchFile, type TorchWriteOptions } from './torch/write-torch-file.ts';
export {
  MAX_ZIP_BYTES,
  MAX_ZIP_ENTRIES,
  writeZip,
  zipSizeOf,
  type ZipEntry,
} from './zip/write-zip.ts';
export {
  ArchiveRefused,
  openZipRecords,
  piecesOfZipRecord,
  readZipRecord,
  type ZipRecord,
} from './zip/zip-records.ts';
export {
  fromReferenceCommands,
  fromReferenceDump,
  type Translation,
  type TranslationOptions,
} from './reference/translate.ts';
export { lookUpFolder } from './reference/data-folder.ts';
export type { Note, ReferenceValue } from './reference/draft.ts';
export { BUILDERS, type Builder } from './reference/builders.ts';
export { REFERENCE_ARCHS, ROOT_DEFAULTS } from './reference/defaults.ts';
export { ARCH_KEYS } from './reference/arch-keys.ts';
export type { ReferenceKey } from './reference/reference-key.ts';
export { ROOT_KEYS } from './reference/root-keys.ts';
