import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { importStateDict, readHostTree, toHostTensor } from '@eddy/core';
import type { HostTree } from '@eddy/tensor';
import { readTorchFile } from '@eddy/interop';

import { BUILTIN } from '../project/builtin.ts';
import { identifiersInvalid } from './errors.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

export interface ImportCommandOptions extends CommonOptions {
  readonly pipeline: string;
  readonly output: string;
  readonly step?: number;
  readonly identifiers?: string;
}

export async function importCommand(
  weights: string,
  overrides: readonly string[],
  options: ImportCommandOptions,
): Promise<void> {
  const { identifiers } = options;
  const { path, parameters, bytes } = await importStateDict({
    stateDict: await readStateDict(weights),
    step: options.step ?? stepOf(weights),
    output: options.output,
    pipeline: findPipeline(options.pipeline),
    overrides,
    ...(identifiers === undefined ? {} : { identifiers: await readNames(identifiers) }),
    builtin: BUILTIN,
    settings: await loadSettings(options),
  });
  process.stdout.write(`${path}\n`);
  process.stderr.write(`${parameters} parameters, ${bytes} bytes\n`);
}

async function readStateDict(file: string): Promise<HostTree> {
  if (file.endsWith('.safetensors')) return readHostTree(file);
  const { tensors } = await readTorchFile(file);
  return Object.fromEntries(
    [...tensors].map(([name, tensor]) => [name, toHostTensor(tensor, name, file)]),
  );
}

/** The reference calls its files `step_<N>`. */
function stepOf(file: string): number {
  return Number(/^step_(\d{1,9})(?:\D|$)/.exec(basename(file))?.[1] ?? 0);
}

async function readNames(file: string): Promise<readonly string[]> {
  const names = parsed(new TextDecoder().decode(await readFile(file)));
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw identifiersInvalid(file);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
