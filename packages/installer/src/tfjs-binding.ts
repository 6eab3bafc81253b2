import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { lastLines, runChild } from './child.ts';
import { engineBuildFailed } from './errors.ts';

/** Where the packages of npm are unpacked until the binding is built. */
const NPM = 'npm';
const HEADERS = 'tensorflow/include';

/**
 * Compiles the binding of `@tensorflow/tfjs-node` against TensorFlow's libraries in `tensorflow/`, and
 * removes its source and the headers. Libraries are found relative to the binding.
 *
 * @throws ENGINE_BUILD_FAILED
 */
export async function buildTfjsBinding(engine: string, folder: string): Promise<void> {
  const at = (...path: string[]) => join(folder, ...path);
  const source = (name: string) => at(NPM, '@tensorflow/tfjs-node', 'package/binding', name);
  const args = [
    ...['-O2', '-fPIC', '-shared', '-std=gnu++17', '-DNAPI_VERSION=8'],
    `-I${at(NPM, 'node-api-headers/package/include')}`,
    `-I${at(HEADERS)}`,
    ...[source('tfjs_backend.cc'), source('tfjs_binding.cc')],
    ...['-o', at('tfjs_binding.node')],
    `-L${at('tensorflow')}`,
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    '-Wl,-rpath,$ORIGIN/tensorflow',
  ];
  const result = await runChild('g++', args);
  if (result?.code !== 0) {
    const output = result === null ? 'g++ was not found' : lastLines(result.output);
    throw engineBuildFailed({ engine, command: ['g++', ...args].join(' '), output });
  }
  await rm(at(NPM), { recursive: true });
  await rm(at(HEADERS), { recursive: true });
}
