/** Errors of archives of runs. */
import { EddyError, shellWord } from '@eddy/tensor/errors';

/** Everything that an archive can be refused for; nothing of it was executed. */
export function archiveRefused(facts: {
  readonly archive: string;
  /** Name of the file in the archive, where it is one file's fault. */
  readonly entry?: string | undefined;
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'ARCHIVE_REFUSED',
    message: `not an archive that \`pipeline pack\` wrote, or changed since: ${facts.message}`,
    at: facts.entry === undefined ? facts.archive : `${facts.archive}, ${facts.entry}`,
    expected: facts.expected,
    received: facts.received,
    fix: 'copy the archive again from where it came from, and compare its sha256 with the one that `pipeline pack RUN` printed',
    cause: facts.cause,
  });
}

export function archiveTooLarge(path: string, bytes: number, limit: number): EddyError {
  return new EddyError({
    code: 'ARCHIVE_TOO_LARGE',
    message: 'the run does not fit into one archive',
    at: path,
    expected: `at most ${limit} bytes`,
    received: `${bytes} bytes`,
    fix: 'leave out --data, or copy the folder of the run, which works with every command',
  });
}

/**
 * @param folder  what the archive was unpacked to
 * @param code  files and packages that would be executed
 */
export function archiveCodeUntrusted(folder: string, code: readonly string[]): EddyError {
  return new EddyError({
    code: 'ARCHIVE_CODE_UNTRUSTED',
    message:
      'the archive brings code, which will run on this machine with all your rights: nothing of it has run yet',
    at: folder,
    expected: '--trust-plugins, once you have read the code or trust who sent it',
    received: code.join(', '),
    fix: `read it: the files are checked and lie in ${folder}; then let it run: \`pipeline replay ${shellWord(folder)} --trust-plugins\``,
    exitCode: 2,
  });
}

/** @param folder  the unpacked run */
export function replayNothingRecorded(archive: string, folder: string): EddyError {
  return new EddyError({
    code: 'REPLAY_NOTHING_RECORDED',
    message:
      'the archive has no evaluation of its checkpoints, so there is nothing to compare with',
    at: archive,
    expected: 'metrics of a stage `evaluate` for a checkpoint of the archive',
    received: 'none',
    fix: `measure it: \`pipeline evaluate ${shellWord(folder)}\``,
  });
}

/** @param folder  the unpacked run */
export function replayDiffers(
  archive: string,
  folder: string,
  names: readonly string[],
): EddyError {
  return new EddyError({
    code: 'REPLAY_DIFFERS',
    message: 'the replayed run does not have the metrics that were recorded',
    at: archive,
    expected: 'the same value for each metric',
    received: `other values of ${names.join(', ')}`,
    fix:
      `allow relative differences where engine, processor or versions above differ, which round otherwise: \`pipeline replay ${shellWord(folder)} --tolerance 1e-5\`; ` +
      'a larger difference means other weights, data or metrics',
  });
}
