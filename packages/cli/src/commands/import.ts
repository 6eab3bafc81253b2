import { basename } from 'node:path';

import { modelInMetadata, readHostFile, toHostTensor } from '@eddy/core/checkpoint';
import { importStateDict, type ImportOptions } from '@eddy/core/weights';
import type { HostTree } from '@eddy/tensor';
import { readTorchFile } from '@eddy/interop';
import { JSON_LIMIT, readInputFile } from '@eddy/core/files';

import { BUILTIN } from '../project/builtin.ts';
import { identifiersInvalid } from './errors.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

export interface ImportCommandOptions extends CommonOptions {
  readonly pipeline: string;
  readonly output: string;
  readonly step?: number;
  readonly identifiers?: string;
  readonly allowOtherModel?: boolean;
}

export async function importCommand(
  weights: string,
  overrides: readonly string[],
  options: ImportCommandOptions,
): Promise<void> {
  const { identifiers } = options;
  const { path, parameters, bytes } = await importStateDict({
    ...(await readStateDict(weights)),
    from: weights,
    allowOtherModel: options.allowOtherModel,
    warn: (text) => process.stderr.write(`${text}\n`),
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

async function readStateDict(file: string): Promise<Pick<ImportOptions, 'stateDict' | 'recorded'>> {
  if (file.endsWith('.safetensors')) {
    const { tree, metadata } = await readHostFile(file);
    return { stateDict: tree, recorded: modelInMetadata(metadata) };
  }
  const { tensors } = await readTorchFile(file);
  const stateDict: HostTree = Object.fromEntries(
    [...tensors].map(([name, tensor]) => [name, toHostTensor(tensor, name, file)]),
  );
  return { stateDict };
}

/** The reference calls its files `step_<N>`. */
function stepOf(file: string): number {
  return Number(/^step_(\d{1,9})(?:\D|$)/.exec(basename(file))?.[1] ?? 0);
}

async function readNames(file: string): Promise<readonly string[]> {
  const names = parsed(new TextDecoder().decode(await readInputFile(file, JSON_LIMIT)));
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
