/** Errors of finding and fetching engine plugins. Alphabetical by code. */
import { EddyError } from '@eddy/tensor/errors';

export function compilerMissing(facts: { engine: string; compiler: string }): EddyError {
  return new EddyError({
    code: 'COMPILER_MISSING',
    message: `engine ${facts.engine} is compiled here, and ${facts.compiler} was not found`,
    expected: `${facts.compiler} on the PATH`,
    fix: 'apt install g++ (Debian, Ubuntu), dnf install gcc-c++ (Fedora, RHEL)',
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
    fix: 'g++ 9 or newer is needed; if yours is, report it with these lines',
  });
}

export function engineChecksum(facts: {
  file: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'ENGINE_CHECKSUM',
    message: 'the downloaded package is not the one that Eddy was tested with',
    at: facts.file,
    expected: `sha256 ${facts.expected}`,
    received: `sha256 ${facts.received}; the file has been deleted`,
    fix: 'check the package index or registry in use (`python3 -m pip config list`, `npm config get registry`) and try again',
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
    fix: 'run the command yourself to see why; without a network, `engine: wasm` needs nothing',
  });
}

export function engineNotInstalled(facts: { engine: string; folder: string }): EddyError {
  return new EddyError({
    code: 'ENGINE_NOT_INSTALLED',
    message: `engine ${facts.engine} is not installed, and downloads are off`,
    expected: `a plugin in ${facts.folder}`,
    fix: `pipeline engines install ${facts.engine}`,
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
  return new EddyError({
    code: 'ENGINE_UNKNOWN',
    message: `there is no installable engine "${name}"`,
    expected: `one of ${known.join(', ')}`,
    received: name,
    fix: 'see `pipeline engines` for all engines; those not named here need no installation',
    exitCode: 2,
  });
}

export function npmMissing(engine: string): EddyError {
  return new EddyError({
    code: 'NPM_MISSING',
    message: `a part of engine ${engine} comes from npm's registry, and npm was not found`,
    expected: '`npm` on the PATH',
    fix: 'install it (it comes with Node; Debian, Ubuntu: `apt install npm`)',
  });
}

export function pipMissing(engine: string): EddyError {
  return new EddyError({
    code: 'PIP_MISSING',
    message: `engine ${engine} comes from the Python package index, and Python's pip was not found`,
    expected: '`python3 -m pip`, `pip3` or `pip`',
    fix: 'install it (Debian, Ubuntu: `apt install python3-pip`), or use `engine: wasm`',
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
    fix: 'name the library itself: `engine: { use: pjrt, plugin: /path/to/library.so }`',
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
    fix: 'give the path of a library that exports GetPjrtApi, or `python3 -m pip install` the package that holds it',
    exitCode: 2,
  });
}

export function wheelUnsafe(facts: { file: string; entry: string; reason: string }): EddyError {
  return new EddyError({
    code: 'WHEEL_UNSAFE',
    message: 'the downloaded package was not unpacked',
    at: facts.file,
    received: `${facts.entry}: ${facts.reason}`,
    fix: 'check the package index that pip uses (`python3 -m pip config list`)',
  });
}
