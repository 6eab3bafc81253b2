import type { HostedEngine } from '../process/hosted-engine.ts';
import type { TensorflowEngineOptions } from '../tensorflow/tensorflow-engine.ts';

/** As the function of this name, but loads it, and TF.js with it, only when called. */
export async function createTensorflowEngine(
  options: TensorflowEngineOptions,
): Promise<HostedEngine> {
  const module = await import('../tensorflow/tensorflow-engine.ts');
  return module.createTensorflowEngine(options);
}
