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
    message: `the file is not an archive written by \`pipeline pack\`, or it was changed since: ${facts.message}`,
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
    fix: 'pack without --data, or copy the run’s folder: every command accepts a folder',
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
      'the archive contains code, which would run with all your permissions; none of it has run yet',
    at: folder,
    expected: '--trust-plugins, once you have read the code or if you trust its sender',
    received: code.join(', '),
    fix: `read the code in ${folder} (the files match their checksums), then run it: \`pipeline replay ${shellWord(folder)} --trust-plugins\``,
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
    expected: 'metrics that a stage `evaluate` recorded for a checkpoint in the archive',
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
    message: 'the metrics of the replayed run differ from the recorded ones',
    at: archive,
    expected: 'the same value for each metric',
    received: `different values of ${names.join(', ')}`,
    fix:
      `if the engine, processor or versions above differ, results are rounded differently; allow a relative difference: \`pipeline replay ${shellWord(folder)} --tolerance 1e-5\`; ` +
      'a larger difference means other weights, data or metrics',
  });
}
