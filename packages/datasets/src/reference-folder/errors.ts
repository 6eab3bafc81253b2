/** Errors of folders of the reference. */
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function referenceFolderInvalid(facts: {
  readonly at: string;
  readonly expected: string;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'REFERENCE_FOLDER_INVALID',
    message: 'the folder is not a dataset of the Python reference',
    fix: 'name a folder with identifiers.json, train/ and test/, each with dataset.json and <set>__*.npy',
    ...facts,
  });
}

export function exportTargetExists(folder: string): EddyError {
  return new EddyError({
    code: 'EXPORT_TARGET_EXISTS',
    message: 'the folder to write to is not empty, or is a file',
    at: folder,
    fix: `name another folder: \`--output ${shellWord(`${folder}-2`)}\`; or delete this one; nothing was written`,
    exitCode: 2,
  });
}
