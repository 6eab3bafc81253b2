/** TensorFlow, op by op: programs become instructions here, which the engine process runs. */
import { createHash } from 'node:crypto';

import type { EngineInfo } from '@eddy/core';
import type { Program } from '@eddy/tensor';

import { flopsOf, optimise, trace } from '@eddy/compiler';
import { lowerTensorflow } from '@eddy/compiler/tensorflow';
import { EngineProcess, start } from '../process/engine-process.ts';
import { ForkedProcess } from '../process/forked-process.ts';
import { HostedEngine, type PreparedProgram } from '../process/hosted-engine.ts';
import { machine } from '@eddy/installer';
import type { Answers } from '../process/protocol.ts';

export interface TensorflowEngineOptions {
  /** The binding of `@tensorflow/tfjs-node`: `tfjs_binding.node`. */
  readonly pluginPath: string;
  /** What it came from: `tensorflow-cpu 2.21.0`. */
  readonly pluginVersion: string;
  /** sha256 that stands for the binding and its libraries; part of the fingerprint. */
  readonly pluginDigest: string;
  readonly hangTimeoutMs?: number;
}

const ENVIRONMENT = {
  // Else TensorFlow takes all of a GPU's memory at once, also from other programs.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
};

/**
 * Starts an engine process with TensorFlow.
 *
 * @throws PLUGIN_NOT_LOADED with the loader's words.
 */
export async function createTensorflowEngine(
  options: TensorflowEngineOptions,
): Promise<HostedEngine> {
  const child = new ForkedProcess({
    engine: 'tensorflow',
    host: '@eddy/engines/tensorflow-host',
    environment: ENVIRONMENT,
  });
  const process = new EngineProcess(child, {
    engine: 'tensorflow',
    ...(options.hangTimeoutMs !== undefined && { hangTimeoutMs: options.hangTimeoutMs }),
  });
  const started = await start(process, 'tensorflow', options.pluginPath);
  return new HostedEngine(process, describe(options, started), prepare);
}

function prepare(program: Program): PreparedProgram {
  const { graph, ...traced } = optimise(trace(program), { precision: 'float32' });
  const code = { kind: 'instructions', block: lowerTensorflow(graph) } as const;
  return { ...traced, code, flops: flopsOf(graph), cacheFile: null };
}

function describe(options: TensorflowEngineOptions, started: Answers['start']): EngineInfo {
  const { cores, model, features } = machine();
  const onCpu = started.platformName === 'cpu';
  const fingerprint = createHash('sha256').update(
    JSON.stringify({
      plugin: options.pluginDigest,
      version: started.apiVersion,
      device: started.deviceKind,
      cpu: onCpu ? { model, features, cores } : null,
    }),
  );
  const device = onCpu ? `CPU, ${cores} cores` : 'GPU';
  return {
    name: 'tensorflow',
    description: `TensorFlow ${started.apiVersion} (${options.pluginVersion}), op by op, ${device}`,
    precision: 'float32',
    devices: started.deviceCount,
    fingerprint: fingerprint.digest('hex'),
  };
}
