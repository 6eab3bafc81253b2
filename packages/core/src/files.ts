/** The process and its files: digests, reads and writes of any size, files of others, locks, hang-ups, projects. Loads nothing else of core. */
export {
  makeFolderDurably,
  replaceDurably,
  syncFile,
  syncFolder,
  syncTree,
} from './files/durable.ts';
export { sha256OfFile } from './files/digest.ts';
export { piecesOf, readFully } from './files/pieces.ts';
export { withTemporaryFolder } from './files/temporary-folder.ts';
export {
  JSON_LIMIT,
  PIPELINE_LIMIT,
  SOURCE_LIMIT,
  nonFileKind,
  openInputFile,
  openInputFileSync,
  readInputFile,
  readInputSync,
  readInputText,
  readInputTextSync,
  type InputLimit,
} from './files/input-file.ts';
export { refuseGitLfsPointer, refuseGitLfsPointerFile } from './files/git-lfs.ts';
export { acquireRunLock, refuseLockedRun } from './run/lock.ts';
export type { RunLock } from './run/lock-file.ts';
export { isHangupIgnored, keepHangupIgnored } from './run/hangup.ts';
export { projectRootOf } from './config/project-paths.ts';
