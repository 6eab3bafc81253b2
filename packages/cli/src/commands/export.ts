import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { IDENTITY_METADATA, toStateDict, writeSafetensors } from '@eddy/core/checkpoint';
import { openStoredModel, type StoredModel } from '@eddy/core/weights';
import { evaluationProgram } from '@eddy/core/training';
import { writeTorchFile } from '@eddy/interop';

import { BUILTIN } from '../project/builtin.ts';
import { outputExists } from '../project/errors.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

export interface ExportCommandOptions extends CommonOptions {
  readonly format: 'safetensors' | 'state-dict' | 'onnx' | 'web';
  readonly output: string;
  readonly names: 'ours' | 'reference';
  readonly weights: 'average' | 'parameters';
  readonly batchSize: number;
  readonly pipeline?: string;
  readonly stage?: string;
  readonly which?: 'last' | 'best';
  readonly allowOtherModel?: boolean;
}

type Write = (stored: StoredModel, options: ExportCommandOptions) => Promise<void>;

export async function exportCommand(
  checkpoint: string,
  overrides: readonly string[],
  options: ExportCommandOptions,
): Promise<void> {
  if (existsSync(options.output)) throw outputExists(options.output);
  const stored = await openStoredModel({
    from: checkpoint,
    weights: options.weights,
    overrides,
    stage: options.stage,
    which: options.which,
    allowOtherModel: options.allowOtherModel,
    ...(options.pipeline === undefined ? {} : { pipeline: findPipeline(options.pipeline) }),
    builtin: BUILTIN,
    settings: await loadSettings(options),
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  await mkdir(dirname(options.output), { recursive: true });
  await FORMATS[options.format](stored, options);
  process.stdout.write(`${options.output}\n`);
}

const FORMATS: Record<ExportCommandOptions['format'], Write> = {
  async safetensors(stored, { output, names }) {
    const { model, weights } = stored;
    const tree = names === 'ours' ? weights.tree : toStateDict(model, weights.tree);
    // `pt` is what Python's readers ask for before they make PyTorch tensors.
    await writeSafetensors(output, tree, { format: 'pt', names, ...factsOf(stored) });
  },

  async 'state-dict'({ model, weights }, { output }) {
    const buffers = Object.keys(model.buffers).map((name) => `buffers/${name}`);
    const rounded = new Set(buffers.map((name) => model.referenceTensors?.[name]?.name));
    await writeTorchFile(output, toStateDict(model, weights.tree), {
      // The reference keeps its start values in the dtype of its activations, and loads as they are.
      bfloat16: (name) => rounded.has(name),
    });
  },

  async onnx(stored, { output, batchSize }) {
    const { exportOnnx } = await import('@eddy/compiler/onnx');
    const { model, metadata, weights } = stored;
    const { seqLen } = metadata;
    const wanted = model.outputs;
    const bytes = exportOnnx(evaluationProgram(model, { batchSize, seqLen }, { outputs: wanted }), {
      weights: weights.tree,
      outputs: Object.fromEntries(wanted.map((name) => [`outputs/${name}`, name])),
      metadata: factsOf(stored),
    });
    await writeFile(output, bytes, { flag: 'wx' });
  },

  async web(stored, { output }) {
    const { writeWebPage } = await import('./export-web.ts');
    await writeWebPage(stored, output);
  },
};

function factsOf(stored: StoredModel): Record<string, string> {
  const { model, metadata, weights, pipeline, identity } = stored;
  const { vocabSize, seqLen, task } = metadata;
  return {
    producer: 'eddy',
    pipeline: pipeline.name,
    model: JSON.stringify({ use: identity.use, ...identity.options }),
    [IDENTITY_METADATA]: JSON.stringify(identity),
    dataset: JSON.stringify({ task, vocabSize, seqLen }),
    supervisionSteps: String(model.maxSteps),
    step: String(weights.step ?? 'unknown'),
    averaged: String(weights.averaged),
  };
}
