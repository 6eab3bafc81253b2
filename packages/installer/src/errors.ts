/** Errors of finding and fetching engine plugins. Alphabetical by code. */
import { nearest } from '@eddy/core/config';
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function compilerMissing(facts: { engine: string; compiler: string }): EddyError {
  return new EddyError({
    code: 'COMPILER_MISSING',
    message: `engine ${facts.engine} is compiled here, and ${facts.compiler} was not found`,
    expected: `${facts.compiler} on the PATH`,
    fix: 'install it, `apt install g++` (Debian, Ubuntu) or `dnf install gcc-c++` (Fedora, RHEL), or use an engine that needs none: `engine=wasm`',
  });
}

export function engineBuildFailed(facts: {
  engine: string;
  command: string;
  output: string;
}): EddyError {
  return new EddyError({
    code: 'ENGINE_BUILD_FAILED',
    message: `engine ${facts.engine} could not be compiled`,
    at: facts.command,
    received: facts.output,
    fix: 'install g++ 9 or newer, or use an engine that needs none: `engine=wasm`; if your g++ is newer, report it with these lines',
  });
}

export function engineChecksum(facts: {
  file: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'ENGINE_CHECKSUM',
    message: 'the downloaded package differs from the one that Eddy was tested with',
    at: facts.file,
    expected: `sha256 ${facts.expected}`,
    received: `sha256 ${facts.received}; the file has been deleted`,
    fix: 'use the official package index or registry (`python3 -m pip config list` and `npm config get registry` say which is in use), and try again',
  });
}

export function engineDownloadFailed(facts: {
  engine: string;
  command: string;
  output: string;
}): EddyError {
  return new EddyError({
    code: 'ENGINE_DOWNLOAD_FAILED',
    message: `the package of engine ${facts.engine} could not be downloaded`,
    at: facts.command,
    received: facts.output,
    fix: 'connect to the network and try again (run the command above by itself to see why it fails), or use an engine that needs none: `engine=wasm`',
  });
}

export function engineNotInstalled(facts: { engine: string; folder: string }): EddyError {
  return new EddyError({
    code: 'ENGINE_NOT_INSTALLED',
    message: `engine ${facts.engine} is not installed, and downloads are off`,
    expected: `a plugin in ${facts.folder}`,
    fix: `install it where there is a network: \`pipeline engines install ${facts.engine}\`; or use an engine that needs none: \`engine=wasm\``,
    exitCode: 2,
  });
}

export function engineUnavailable(facts: {
  engine: string;
  expected: string;
  received: string;
  fix: string;
}): EddyError {
  return new EddyError({
    code: 'ENGINE_UNAVAILABLE',
    message: `engine ${facts.engine} does not run on this machine`,
    expected: facts.expected,
    received: facts.received,
    fix: facts.fix,
    exitCode: 2,
  });
}

export function engineUnknown(name: string, known: readonly string[]): EddyError {
  const near = nearest(name, known);
  return new EddyError({
    code: 'ENGINE_UNKNOWN',
    message: `there is no installable engine "${name}"`,
    expected: `one of ${known.join(', ')}`,
    received: name,
    fix:
      near === undefined
        ? `install one of these, such as \`pipeline engines install ${known[0]}\`; engines not named here need no installation`
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

export function npmMissing(engine: string): EddyError {
  return new EddyError({
    code: 'NPM_MISSING',
    message: `a part of engine ${engine} comes from npm's registry, and npm was not found`,
    expected: '`npm` on the PATH',
    fix: 'install it, `apt install npm` (Debian, Ubuntu; it comes with Node), or use an engine that needs none: `engine=wasm`',
  });
}

export function pipMissing(engine: string): EddyError {
  return new EddyError({
    code: 'PIP_MISSING',
    message: `engine ${engine} comes from the Python package index, and Python's pip was not found`,
    expected: '`python3 -m pip`, `pip3` or `pip`',
    fix: 'install it, `apt install python3-pip` (Debian, Ubuntu), or use an engine that needs none: `engine=wasm`',
  });
}

export function pjrtPluginAmbiguous(facts: {
  plugin: string;
  candidates: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'PJRT_PLUGIN_AMBIGUOUS',
    message: `the Python package ${facts.plugin} does not say which library is its PJRT plugin`,
    at: 'engine.plugin',
    expected: 'exactly one shared library whose name mentions PJRT or XLA',
    received: facts.candidates.length === 0 ? 'none' : facts.candidates.join(', '),
    fix: `name the library itself: \`${shellWord(`engine.plugin=${facts.candidates[0] ?? '/PATH/TO/LIBRARY.so'}`)}\``,
    exitCode: 2,
  });
}

export function pjrtPluginMissing(facts: { expected: string; received: string }): EddyError {
  return new EddyError({
    code: 'PJRT_PLUGIN_MISSING',
    message: 'the PJRT plugin was not found',
    at: 'engine.plugin',
    expected: facts.expected,
    received: facts.received,
    fix: 'name the path of a library that exports GetPjrtApi, `engine.plugin=/PATH/TO/LIBRARY.so`, or install the Python package that holds it (`python3 -m pip install PACKAGE`)',
    exitCode: 2,
  });
}

export function wheelUnsafe(facts: { file: string; entry: string; reason: string }): EddyError {
  return new EddyError({
    code: 'WHEEL_UNSAFE',
    message: 'the downloaded package could not be unpacked',
    at: facts.file,
    received: `${facts.entry}: ${facts.reason}`,
    fix: 'use the official package index (`python3 -m pip config list` says which is in use), and try again',
  });
}
